"""Trying intents before they are sent: what is proved to fail is refused and uses up no nonce.

An intent is called straight at its target, from the forwarder and with the signer behind the
calldata, which is how the target will see it. Gas limits are learned: the first call of a function
is estimated, later ones are tried with the limit known, and estimated anew when that falls short.

What a node says once may be said by a replica that lags, or not be the chain's word at all. A
refusal is proved only where the call also reverts at the block where the index stands, in one
request with that block's header, whose hash must be the index's. Everything else is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.chain.evm.contracts import FORWARDER, ContractError, Contracts
from app.chain.evm.rpc import JsonRpc, NodeUnreachable, RpcError
from app.chain.index.blocks import Header
from app.chain.relay.batch import HEADROOM, RelayerSettings, most_gas
from app.storage.checkpoint import Checkpoint

_ROOM = 1.3
_EXTRA = 20_000
_LEAST_GAS = 21_000  # of any transaction
_INNER = "FailedCall"  # what a contract says that called another one, which ran out of gas, perhaps
# How nodes word a failure of the call itself that carries no data.
_BARE = ("revert", "out of gas", "exceeds allowance", "invalid opcode", "invalid jump")
OUT_OF_GAS, GAS_ABOVE_LIMIT = "OutOfGas", "GasAboveLimit"


class Trial(msgspec.Struct):
    """One intent to try.

    Attributes:
        gas: found here, unless it is `fixed`: a wallet has signed it.
        error: why the call fails, as the node says; a refusal once it is proved.
        bare: the node gave no revert data with it.
        trouble: the node gave no answer that says anything of the call.
    """

    signer: str
    contract: str
    function: str
    data: bytes
    gas: int | None = None
    fixed: bool = False
    error: ContractError | None = None
    bare: bool = False
    trouble: str | None = None


class Simulator:
    """Tries many intents in one request, and proves those that fail."""

    def __init__(
        self, *, rpc: JsonRpc, contracts: Contracts, gas_cap: int = RelayerSettings().gas_cap
    ) -> None:
        self.rpc = rpc
        self.gas_cap = gas_cap
        self.contracts = contracts
        self._forwarder = contracts.address(FORWARDER)
        self._limits: dict[tuple[str, str, int], int] = {}

    async def run(self, trials: Sequence[Trial]) -> Header:
        """Fills in `gas`, `error` and `trouble` of each trial; returns the head.

        Raises:
            NodeUnreachable, RpcError.
        """
        tries = [self._call(trial) for trial in trials]
        head, *answers = await self.rpc.batch([("eth_getBlockByNumber", ["latest", False]), *tries])
        if isinstance(head, RpcError):
            raise head
        try:
            header = msgspec.convert(head, Header)
        except msgspec.ValidationError as error:
            raise NodeUnreachable(f"the head is no header: {error}") from error
        again = [
            trial
            for trial, call, answer in zip(trials, tries, answers, strict=True)
            if not self._take(trial, answer, estimated=call[0] == "eth_estimateGas")
        ]
        if again:
            estimates = await self.rpc.batch([self._estimate(trial) for trial in again])
            for trial, answer in zip(again, estimates, strict=True):
                self._take_estimate(trial, answer)
        limit = self._limit(header.gas_limit)
        for trial in trials:
            if trial.error is None and trial.gas is not None and trial.gas > limit:
                said = {"gas": trial.gas, "limit": limit}
                trial.error = ContractError("", GAS_ABOVE_LIMIT, said)
        return header

    def _limit(self, block_gas_limit: str) -> int:
        """Most gas of one intent."""
        return most_gas(block_gas_limit, self.gas_cap) - HEADROOM

    async def prove(self, trial: Trial, at: Checkpoint) -> bool:
        """Whether the trial's error holds at the block where the index stands, too.

        One request for each: where a node mixes up its answers, the header is not the index's.

        Raises:
            NodeUnreachable.
        """
        assert trial.error is not None
        number, name = hex(at.block_number), trial.error.name
        by_gas = name in (OUT_OF_GAS, GAS_ABOVE_LIMIT)
        call = self._intent(trial)
        if trial.fixed and not by_gas:
            call["gas"] = hex(trial.gas or 0)
        header, answer = await self.rpc.batch(
            [
                ("eth_getBlockByNumber", [number, False]),
                ("eth_estimateGas" if by_gas else "eth_call", [call, number]),
            ]
        )
        if not isinstance(header, dict) or header.get("hash") != at.block_hash:
            return False
        if name == OUT_OF_GAS:
            return _estimate_in(answer) > (trial.gas or 0)
        if name == GAS_ABOVE_LIMIT:
            gas = trial.gas if trial.fixed else _with_room(_estimate_in(answer))
            return (gas or 0) > self._limit(str(header.get("gasLimit")))
        if isinstance(answer, RpcError):
            return answer.is_revert or _is_bare(answer)
        # Sound with all the gas that there is: what was learned of the function may be too little.
        self._limits.pop(self._key(trial), None)
        return False

    def _intent(self, trial: Trial) -> dict[str, Any]:
        return {
            "from": self._forwarder,
            "to": self.contracts.address(trial.contract),
            "data": "0x" + trial.data.hex() + trial.signer[2:],
        }

    def _call(self, trial: Trial) -> tuple[str, list[Any]]:
        limit = trial.gas or self._limits.get(self._key(trial))
        if limit is None:
            return self._estimate(trial)
        return "eth_call", [{**self._intent(trial), "gas": hex(limit)}, "latest"]

    def _estimate(self, trial: Trial) -> tuple[str, list[Any]]:
        return "eth_estimateGas", [self._intent(trial)]

    @staticmethod
    def _key(trial: Trial) -> tuple[str, str, int]:
        return trial.contract, trial.function, len(trial.data)

    def _take(self, trial: Trial, answer: Any, *, estimated: bool) -> bool:
        """Whether the answer settles the trial; False asks for an estimate: out of gas, perhaps."""
        key = self._key(trial)
        if isinstance(answer, RpcError):
            if answer.data in (None, "0x") or not answer.is_revert:
                return False
            error = self.contracts.decode_error(answer.data, called=trial.contract)
            if not estimated and not trial.fixed and error.name == _INNER:
                return (
                    False  # of other calls of this function; the contract that it calls needs more
                )
            trial.error = error
        elif not estimated:
            trial.gas = trial.gas or self._limits[key]
        elif _estimate_in(answer) == 0:
            trial.trouble = f"no estimate: {answer!r}"
        else:
            limit = _with_room(_estimate_in(answer))
            self._limits[key] = trial.gas = max(limit, self._limits.get(key, 0))
        return True

    def _take_estimate(self, trial: Trial, answer: Any) -> None:
        """The answer to the second question; what is no contract's word is the node's trouble."""
        if isinstance(answer, RpcError):
            if answer.is_revert or _is_bare(answer):
                trial.bare = not answer.is_revert or answer.data is None
                trial.error = (
                    self.contracts.decode_error(answer.data, called=trial.contract)
                    if answer.data not in (None, "0x")
                    else ContractError("", "Reverted", {"message": str(answer)})
                )
            else:
                trial.trouble = str(answer)
        elif not trial.fixed:
            self._take(trial, answer, estimated=True)
        elif _estimate_in(answer) > (trial.gas or 0):
            trial.error = ContractError("", OUT_OF_GAS, {"gas": trial.gas})
        else:
            trial.trouble = "a call failed that an estimate finds sound"


def _estimate_in(answer: Any) -> int:
    """The gas in an answer, 0 where it cannot be an estimate."""
    try:
        gas = int(answer, 16)
    except (TypeError, ValueError):
        return 0
    return gas if gas >= _LEAST_GAS else 0


def _with_room(estimate: int) -> int:
    return int(estimate * _ROOM) + _EXTRA


def _is_bare(answer: RpcError) -> bool:
    if answer.is_rate_limit:
        return False
    return any(words in answer.message.lower() for words in _BARE)
