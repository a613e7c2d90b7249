"""Sends a deployment's transactions, and waits until each has succeeded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from app.chain.deployment.questions import NO_CODE
from app.chain.deployment.record import DeploymentError
from app.chain.evm.contracts import Contracts
from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.signers import Signer
from app.chain.evm.transactions import Transaction

_RECEIPT_SECONDS = 120.0
_STUCK_SECONDS = 1.0
_STILL_SECONDS = 30.0  # without any new block; above the block times of the chains in use
_BATCH = 16


class DeploymentFailed(DeploymentError):
    """A transaction failed; the earlier ones are done, and the next run continues after them."""


class Step(msgspec.Struct, frozen=True):
    """One transaction: a call, or the creation of a contract (`to` is `NO_CODE`)."""

    name: str
    to: str
    data: bytes


class Sending:
    """Sends from one account, which nothing else uses meanwhile."""

    def __init__(self, rpc: JsonRpc, sender: Signer) -> None:
        self.rpc = rpc
        self.sender = sender

    async def nonce(self, block: str = "latest") -> int:
        """The sender's next nonce at a block."""
        count = await self.rpc.call("eth_getTransactionCount", self.sender.address, block)
        return int(count, 16)

    async def quiet(self) -> None:
        """Waits until no transaction of the sender is pending.

        Raises:
            DeploymentFailed.
        """
        end = asyncio.get_running_loop().time() + _RECEIPT_SECONDS
        while await self.nonce("pending") > await self.nonce():
            if asyncio.get_running_loop().time() > end:
                raise DeploymentFailed(f"transactions of {self.sender.address} stay pending")
            await asyncio.sleep(0.2)

    async def send(self, steps: Sequence[Step], *, contracts: Contracts) -> None:
        """Sends all steps, many at a time, and waits until each has succeeded.

        Raises:
            DeploymentFailed, NodeUnreachable, RpcError.
        """
        nonce = await self.nonce()
        chain_id = await self.rpc.chain_id()
        price = max(1, int(await self.rpc.call("eth_gasPrice"), 16) * 3 // 2)
        for start in range(0, len(steps), _BATCH):
            part = steps[start : start + _BATCH]
            transactions = [
                Transaction(
                    nonce=nonce + start + place,
                    gas_price=price,
                    gas_limit=_gas_for(step),
                    to=step.to,
                    data=step.data,
                    chain_id=chain_id,
                )
                for place, step in enumerate(part)
            ]
            signed = [transaction.sign(self.sender) for transaction in transactions]
            sent = await self.rpc.batch([("eth_sendRawTransaction", [raw]) for raw, _ in signed])
            for answer, step in zip(sent, part, strict=True):
                # A node that already knows the transaction needs nothing more.
                if isinstance(answer, RpcError) and "already" not in str(answer).lower():
                    raise DeploymentFailed(f"{step.name}: {answer}")
            failed = await self._failed(transactions, [[hash_] for _, hash_ in signed])
            if failed is not None:
                step = part[failed]
                raise DeploymentFailed(f"{step.name}: {await self._reason(step, contracts)}")

    async def _failed(self, transactions: list[Transaction], hashes: list[list[str]]) -> int | None:
        """Waits for all transaction receipts; returns the place of the first failure, or None.

        Args:
            hashes: hashes of each transaction: as first sent, and as sent again.
        """
        now = asyncio.get_running_loop().time
        end, look = now() + _RECEIPT_SECONDS, now() + _STUCK_SECONDS
        head, moved = None, now()
        while True:
            places = [place for place, known in enumerate(hashes) for _ in known]
            receipts = await self.rpc.batch(
                [("eth_getTransactionReceipt", [hash_]) for known in hashes for hash_ in known]
            )
            arrived = set()
            for place, receipt in zip(places, receipts, strict=True):
                if isinstance(receipt, RpcError):
                    raise receipt
                if receipt is not None:
                    arrived.add(place)
                    if receipt["status"] != "0x1":
                        return place
            if len(arrived) == len(transactions):
                return None
            if now() > end:
                missing = next(hashes[place] for place in places if place not in arrived)
                raise DeploymentFailed(
                    f"no transaction receipt after {_RECEIPT_SECONDS:.0f} s: {missing[0]} …"
                )
            if now() > look:
                newest = await self.rpc.call("eth_blockNumber")
                still = newest == head and now() - moved > _STILL_SECONDS
                if newest != head or still:
                    head, moved = newest, now()
                await self._send_stuck(transactions, hashes, still=still)
                look = now() + _STUCK_SECONDS
            await asyncio.sleep(0.01)

    async def _send_stuck(
        self, transactions: list[Transaction], hashes: list[list[str]], *, still: bool
    ) -> None:
        """Sends the next transaction again, at a higher price, if the node has lost it.

        A node that mines each transaction at once may accept one while it mines the one before,
        and then never mine it. Either the node does not count it as pending, or it keeps it and
        stands still until another comes.

        Args:
            still: the chain has had no block for long.
        """
        following, waiting = await self.nonce(), await self.nonce("pending")
        place = following - transactions[0].nonce
        is_lost = waiting == following or still
        if not is_lost or not 0 <= place < len(transactions):
            return
        price = transactions[place].gas_price * 2 ** len(hashes[place])
        replacement = msgspec.structs.replace(transactions[place], gas_price=price)
        raw, hash_ = replacement.sign(self.sender)
        answer = (await self.rpc.batch([("eth_sendRawTransaction", [raw])]))[0]
        if not isinstance(answer, RpcError):
            hashes[place].append(hash_)

    async def _reason(self, step: Step, contracts: Contracts) -> str:
        """The contract's error, if the call still fails."""
        call = {"from": self.sender.address, "data": "0x" + step.data.hex()}
        if step.to != NO_CODE:
            call["to"] = step.to
        try:
            await self.rpc.call("eth_call", call, "latest")
        except RpcError as error:
            return str(contracts.decode_error(error.data)) if error.data else str(error)
        return "its transaction failed"


def _gas_for(step: Step) -> int:
    """A sufficient gas limit: intrinsic gas, storage of code, and room for execution."""
    intrinsic = 21_000 + 16 * len(step.data)
    if step.to == NO_CODE:
        return intrinsic + 32_000 + 202 * len(step.data) + 600_000
    return intrinsic + 700_000
