"""Trying intents before they are signed: what would fail is refused and burns no nonce.

An intent is called straight at its target, from the forwarder and with the signer behind the
calldata, which is how the target will see it. Gas limits are learned: the first call of a function
is estimated, later ones are tried with the limit known, and estimated anew when that falls short.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.chain.blocks import Header
from app.chain.contracts import FORWARDER, ContractError, Contracts
from app.chain.rpc import JsonRpc, RpcError

_ROOM = 1.3
_EXTRA = 20_000
_INNER = "FailedCall"  # what a contract says that called another one, which ran out of gas, perhaps


class Trial(msgspec.Struct):
    """One intent to try. `gas` is fixed for an intent that is signed already, else found here."""

    signer: str
    contract: str
    function: str
    data: bytes
    gas: int | None = None
    error: ContractError | None = None


class Simulator:
    """Tries many intents in one request, with the little else that a batch needs to know."""

    def __init__(self, *, rpc: JsonRpc, contracts: Contracts) -> None:
        self.rpc = rpc
        self.contracts = contracts
        self._forwarder = contracts.address(FORWARDER)
        self._limits: dict[tuple[str, str, int], int] = {}

    async def run(
        self, trials: Sequence[Trial], *, nonces_of: Sequence[str]
    ) -> tuple[Header, dict[str, int]]:
        """Fills in `gas` and `error` of each trial; returns the head and the signers' nonces.

        Raises:
            NodeUnreachable, RpcError.
        """
        calls: list[tuple[str, list[Any]]] = [("eth_getBlockByNumber", ["latest", False])]
        for signer in nonces_of:
            data = self.contracts.encode(FORWARDER, "nonces", [signer])
            calls.append(
                ("eth_call", [{"to": self._forwarder, "data": "0x" + data.hex()}, "latest"])
            )
        tries = [self._call(trial) for trial in trials]
        answers = await self.rpc.batch(calls + tries)
        known = answers[: len(calls)]
        for answer in known:
            if isinstance(answer, RpcError):
                raise answer
        again = [
            trial
            for trial, call, answer in zip(trials, tries, answers[len(calls) :], strict=True)
            if not self._take(trial, answer, estimated=call[0] == "eth_estimateGas")
        ]
        if again:
            estimates = await self.rpc.batch([self._estimate(trial) for trial in again])
            for trial, answer in zip(again, estimates, strict=True):
                if trial.gas is not None and not isinstance(answer, RpcError):
                    trial.error = ContractError("", "OutOfGas", {"gas": trial.gas})
                elif not self._take(trial, answer, estimated=True):
                    trial.error = ContractError("", "Reverted", {"message": str(answer)})
        head = msgspec.convert(known[0], Header)
        nonces = (int(answer, 16) for answer in known[1:])
        return head, dict(zip(nonces_of, nonces, strict=True))

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
            if answer.data is None or answer.data == "0x":
                return False
            error = self.contracts.decode_error(answer.data)
            if not estimated and trial.gas is None and error.name == _INNER:
                return (
                    False  # of other calls of this function; the contract that it calls needs more
                )
            trial.error = error
        elif not estimated:
            trial.gas = trial.gas or self._limits[key]
        else:
            limit = int(int(answer, 16) * _ROOM) + _EXTRA
            self._limits[key] = trial.gas = max(limit, self._limits.get(key, 0))
        return True
