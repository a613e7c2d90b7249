"""A chain: blocks with hashes and receipts, forks, a pool of transactions, fees.

The chain itself makes no mistakes and answers nobody; what nodes say of it is in `nodes.py`.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field

import msgspec
import rlp

from app.chain.evm.hashing import keccak
from app.chain.index.blocks import TransactionReceipt, receipts_root
from tests.simulation.rules import (
    CHAIN_ID,
    FORWARDER,
    ZERO,
    Execution,
    Log,
    Reverted,
    Rules,
    State,
    signed_by,
)
from tests.support.bodies import Json

GWEI = 10**9
BLOCK_GAS = 30_000_000
TIP = GWEI // 10
NO_BLOOM = "0x" + "00" * 256


class Refused(Exception):
    """The pool refuses a transaction; the message is what a node would say."""


@dataclass(frozen=True)
class Sent:
    """A transaction as it was sent."""

    raw: str
    hash: str
    sender: str
    nonce: int
    price: int
    gas_limit: int
    to: str
    data: bytes

    @classmethod
    def read(cls, raw: str) -> Sent:
        """Decodes a legacy transaction (EIP-155) and finds its sender."""
        whole = bytes.fromhex(raw[2:])
        nonce, price, limit, to, value, data, v, r, s = rlp.decode(whole)
        parity = int.from_bytes(v, "big") - 35 - 2 * CHAIN_ID
        if parity not in (0, 1):
            raise Refused("invalid sender")
        bare = rlp.encode([nonce, price, limit, to, value, data, _bytes(CHAIN_ID), b"", b""])
        signature = r.rjust(32, b"\0") + s.rjust(32, b"\0") + bytes((27 + parity,))
        return cls(
            raw=raw,
            hash="0x" + keccak(whole).hex(),
            sender=signed_by(keccak(bare), signature),
            nonce=int.from_bytes(nonce, "big"),
            price=int.from_bytes(price, "big"),
            gas_limit=int.from_bytes(limit, "big"),
            to="0x" + to.hex(),
            data=data,
        )


def _bytes(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


@dataclass
class Block:
    """A block, and the state of contracts and accounts after it."""

    number: int
    hash: str
    parent: Block | None
    timestamp: int
    base_fee: int
    state: State
    nonces: dict[str, int]  # of accounts, after the block
    transactions: list[Sent] = field(default_factory=list)
    receipts: list[Json] = field(default_factory=list)
    executions: list[tuple[str, Execution]] = field(default_factory=list)
    root: str = ""

    def ancestor(self, number: int) -> Block | None:
        """The block with this number on the branch that leads to this one."""
        if number > self.number or number < 0:
            return None
        at: Block = self
        while at.number > number:
            assert at.parent is not None
            at = at.parent
        return at

    def header(self) -> Json:
        """The header, as nodes answer it."""
        return {
            "number": hex(self.number),
            "hash": self.hash,
            "parentHash": "0x" + "00" * 32 if self.parent is None else self.parent.hash,
            "timestamp": hex(self.timestamp),
            "receiptsRoot": self.root,
            "gasLimit": hex(BLOCK_GAS),
            "baseFeePerGas": hex(self.base_fee),
            "transactions": [transaction.hash for transaction in self.transactions],
        }


class Chain:
    """The chain as it really is, all its forks included."""

    def __init__(
        self, *, rules: Rules, issuer: str, now: int, final_depth: int, source: random.Random
    ) -> None:
        self.rules, self.issuer = rules, issuer
        self.final_depth = final_depth
        self.base_fee = GWEI
        self.pool: dict[tuple[str, int], Sent] = {}
        self.empty: set[str] = set()  # accounts without ether
        self.blocks: dict[str, Block] = {}
        self.includers: dict[str, list[Block]] = {}  # by hash of a transaction, on any fork
        self._source = source
        self.head = self._make(None, now, [], State(rules, issuer), {})
        for step in range(1, 4):
            self.mine(now + step)

    # -- reading

    @property
    def final_number(self) -> int:
        """The newest block that can never be undone."""
        return max(self.head.number - self.final_depth, 0)

    def on_main(self, block: Block) -> bool:
        """Whether a block is on the chain as it is now."""
        return self.head.ancestor(block.number) is block

    def main(self) -> list[Block]:
        """All blocks of the chain as it is now, oldest first."""
        blocks, at = [], self.head
        while at is not None:
            blocks.append(at)
            at = at.parent  # type: ignore[assignment]
        return blocks[::-1]

    def fork(self, number: int, source: random.Random) -> Chain:
        """Another chain that has this one's blocks up to `number`, and goes its own way from there.

        Transactions that this chain has run since then wait in the other chain's pool.
        """
        other = copy.copy(self)
        other._source = source
        at = self.head.ancestor(number)
        assert at is not None
        other.head, other.empty, other.base_fee = at, set(), GWEI
        other.blocks = {hash_: item for hash_, item in self.blocks.items() if item.number <= number}
        other.includers = {}
        for block in other.blocks.values():
            for sent in block.transactions:
                other.includers.setdefault(sent.hash, []).append(block)
        undone = [
            sent for item in self.main() if item.number > number for sent in item.transactions
        ]
        other.pool = {(sent.sender, sent.nonce): sent for sent in undone}
        return other

    # -- the pool

    def send(self, raw: str) -> str:
        """Takes a transaction into the pool.

        Raises:
            Refused.
        """
        sent = Sent.read(raw)
        following = self.head.nonces.get(sent.sender, 0)
        if sent.nonce < following:
            raise Refused("nonce too low")
        if sent.sender in self.empty:
            raise Refused("insufficient funds for gas * price + value")
        known = self.pool.get((sent.sender, sent.nonce))
        if known is not None:
            if known.hash == sent.hash:
                raise Refused("already known")
            if sent.price < known.price * 11 // 10:
                raise Refused("replacement transaction underpriced")
        self.pool[sent.sender, sent.nonce] = sent
        return sent.hash

    # -- mining

    def mine(self, now: int, *, patience: float = 1.0) -> Block:
        """Makes the next block. `patience`: how likely each transaction is to get into it."""
        self.head = self._next(self.head, now, self._choose(self.head, patience))
        return self.head

    def reorganise(self, depth: int, now: int, *, lost: float, longer: int) -> bool:
        """Replaces the newest `depth` blocks by other ones, of which there are `longer` more.

        Transactions of undone blocks go back into the pool, or are `lost` with this probability.
        Nothing at or below the final block is undone.
        """
        depth = min(depth, self.final_depth, self.head.number - 3)
        if depth < 1:
            return False
        undone, at = [], self.head
        for _ in range(depth):
            undone.append(at)
            assert at.parent is not None
            at = at.parent
        for block in reversed(undone):
            for sent in block.transactions:
                if self._source.random() >= lost:
                    self.pool.setdefault((sent.sender, sent.nonce), sent)
        for _ in range(depth + longer):
            at = self._next(at, max(now, at.timestamp + 1), self._choose(at, 0.6))
        self.head = at
        return True

    def _choose(self, parent: Block, patience: float) -> list[Sent]:
        chosen: list[Sent] = []
        following: dict[str, int] = {}
        for key in sorted(self.pool):
            sent = self.pool[key]
            if sent.nonce < parent.nonces.get(sent.sender, 0):
                continue  # done on this fork
            expected = following.get(sent.sender, parent.nonces.get(sent.sender, 0))
            if sent.nonce != expected or sent.price < self.base_fee or sent.sender in self.empty:
                continue
            if self._source.random() >= patience:
                continue
            chosen.append(sent)
            following[sent.sender] = expected + 1
        order = sorted(chosen, key=lambda sent: (sent.sender, sent.nonce))
        return order

    def _next(self, parent: Block, now: int, chosen: list[Sent]) -> Block:
        block = self._make(parent, max(now, parent.timestamp + 1), chosen, parent.state, None)
        for sent in chosen:
            known = self.pool.get((sent.sender, sent.nonce))
            if known is not None:
                del self.pool[sent.sender, sent.nonce]
        return block

    def _make(
        self,
        parent: Block | None,
        timestamp: int,
        chosen: list[Sent],
        before: State,
        nonces: dict[str, int] | None,
    ) -> Block:
        number = 0 if parent is None else parent.number + 1
        if nonces is None:
            assert parent is not None
            nonces = dict(parent.nonces) if chosen else parent.nonces
        state = before.copy() if chosen else before
        salt = self._source.randbytes(32)
        block = Block(number, "", parent, timestamp, self.base_fee, state, nonces, chosen)
        results = []
        for sent in chosen:
            nonces[sent.sender] = sent.nonce + 1
            results.append(self._run(block, sent))
        above = b"" if parent is None else bytes.fromhex(parent.hash[2:])
        block.hash = "0x" + keccak(above + salt + number.to_bytes(8, "big")).hex()
        index, total = 0, 0
        for place, (sent, (logs, succeeded, gas)) in enumerate(zip(chosen, results, strict=True)):
            total += gas
            receipt = _receipt(
                block,
                sent,
                place=place,
                first_log=index,
                logs=logs,
                succeeded=succeeded,
                gas=gas,
                total=total,
            )
            block.receipts.append(receipt)
            index += len(logs)
            self.includers.setdefault(sent.hash, []).append(block)
        block.root = receipts_root(msgspec.convert(block.receipts, list[TransactionReceipt]))
        self.blocks[block.hash] = block
        return block

    def _run(self, block: Block, sent: Sent) -> tuple[list[Log], bool, int]:
        if sent.to != FORWARDER:
            return [], True, 21_000
        trial = block.state.copy()
        try:
            logs, executions = trial.forward(
                sent.data, gas_limit=sent.gas_limit, timestamp=block.timestamp
            )
        except Reverted:
            return [], False, sent.gas_limit // 2
        block.state.balances, block.state.allowances = trial.balances, trial.allowances
        block.state.counters, block.state.used = trial.counters, trial.used
        block.executions += [(sent.hash, execution) for execution in executions]
        return logs, True, 30_000 + 60_000 * len(executions)


def _receipt(
    block: Block,
    sent: Sent,
    *,
    place: int,
    first_log: int,
    logs: list[Log],
    succeeded: bool,
    gas: int,
    total: int,
) -> Json:
    where = {
        "blockNumber": hex(block.number),
        "blockHash": block.hash,
        "transactionHash": sent.hash,
        "transactionIndex": hex(place),
    }
    return {
        **where,
        "from": sent.sender,
        "to": sent.to,
        "cumulativeGasUsed": hex(total),
        "gasUsed": hex(gas),
        "logsBloom": NO_BLOOM,
        "type": "0x0",
        "status": hex(int(succeeded)),
        "contractAddress": None if sent.to != ZERO else ZERO,
        "logs": [
            {
                **where,
                "address": log.address,
                "topics": list(log.topics),
                "data": log.data,
                "logIndex": hex(first_log + offset),
            }
            for offset, log in enumerate(logs)
        ],
    }
