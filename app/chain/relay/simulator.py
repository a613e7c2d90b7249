"""Simulates intents before they are sent. A proved failure is refused and uses up no nonce.

The simulator calls the target directly, from the forwarder's address and with the signer's address
at the end of the calldata, as the target will see the call. It learns gas limits: the first call of
a function is estimated; later calls are tried with the known limit, and estimated again if that is
too low.

A single answer may come from a replica that lags, or may not describe the chain at all. So a
failure is proved only if the call also reverts at the index's block. One request asks for that call
and for the block's header, whose hash must be the index's. Everything else is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.chain.evm.contracts import FORWARDER, ContractError, Contracts
from app.chain.evm.rpc import JsonRpc, NodeUnreachable, RpcError
from app.chain.index.blocks import Header
from app.chain.relay.batch import HEADROOM, RelayerSettings, max_gas
from app.storage.checkpoint import Checkpoint

_ROOM = 1.3
_EXTRA = 20_000
_MIN_GAS = 21_000  # of any transaction
_INNER = "FailedCall"  # from a contract whose inner call failed; perhaps that ran out of gas
# Words in a node's message when the call itself fails without revert data.
_BARE = ("revert", "out of gas", "exceeds allowance", "invalid opcode", "invalid jump")
OUT_OF_GAS, GAS_ABOVE_LIMIT = "OutOfGas", "GasAboveLimit"


class Trial(msgspec.Struct):
    """One intent to simulate.

    Attributes:
        gas: the simulator sets it, unless it is `fixed`: a wallet has signed it.
        error: why the call fails, as the node says; a refusal once it is proved.
        bare: the node gave the error without revert data.
        trouble: why the node's answer says nothing about the call.
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
    """Simulates many intents in one request, and proves failures."""

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
                arguments = {"gas": trial.gas, "limit": limit}
                trial.error = ContractError("", GAS_ABOVE_LIMIT, arguments)
        return header

    def _limit(self, block_gas_limit: str) -> int:
        """Maximum gas of one intent."""
        return max_gas(block_gas_limit, self.gas_cap) - HEADROOM

    async def prove(self, trial: Trial, at: Checkpoint) -> bool:
        """Whether the trial fails at the index's block `at` too.

        Each trial gets its own request, with the header: if a node mixes up answers, the header is
        not the index's.

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
        # The call succeeds without a gas limit, so the learned limit may be too low.
        self._limits.pop(self._key(trial), None)
        return False

    def _intent(self, trial: Trial) -> dict[str, str]:
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
        """Whether the answer settles the trial; if not, estimate it: it may be out of gas."""
        key = self._key(trial)
        if isinstance(answer, RpcError):
            if answer.data in (None, "0x") or not answer.is_revert:
                return False
            error = self.contracts.decode_error(answer.data, called=trial.contract, call=trial.data)
            if not estimated and not trial.fixed and error.name == _INNER:
                return False  # the learned limit may be too low for the inner call
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
        """Takes the answer to the second request: the contract's error, or trouble at the node."""
        if isinstance(answer, RpcError):
            if answer.is_revert or _is_bare(answer):
                trial.bare = not answer.is_revert or answer.data is None
                trial.error = (
                    self.contracts.decode_error(answer.data, called=trial.contract, call=trial.data)
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
            trial.trouble = "the call failed, and its estimate succeeded"


def _estimate_in(answer: Any) -> int:
    """The gas in an answer, or 0 if it cannot be an estimate."""
    try:
        gas = int(answer, 16)
    except (TypeError, ValueError):
        return 0
    return gas if gas >= _MIN_GAS else 0


def _with_room(estimate: int) -> int:
    return int(estimate * _ROOM) + _EXTRA


def _is_bare(answer: RpcError) -> bool:
    if answer.is_rate_limit:
        return False
    return any(words in answer.message.lower() for words in _BARE)
