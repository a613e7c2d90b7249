"""The relayer pays no fee above the ceiling, not even for a replacement."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any, cast

from app.chain.evm.signers import LocalSigner
from app.chain.evm.transactions import Transaction
from app.chain.relay.accounts import Upkeep
from app.chain.relay.batch import RelayerSettings
from app.chain.relay.slots import Slot

GWEI = 10**9
CEILING = 50 * GWEI


class Node:
    """A node that asks this price for a unit of gas."""

    def __init__(self, gas_price: int) -> None:
        self.gas_price = gas_price
        self.sent: list[str] = []

    async def call(self, method: str, *params: str) -> str:
        if method == "eth_gasPrice":
            return hex(self.gas_price)
        assert method == "eth_sendRawTransaction"
        self.sent.append(params[0])
        return "0x"


class Store:
    """Counts what is written."""

    def __init__(self) -> None:
        self.written: list[Slot] = []

    async def write(self, function: partial[None]) -> None:
        self.written.append(function.keywords["slot"])


def upkeep(node: Node, store: Store, signer: LocalSigner) -> Upkeep:
    return Upkeep(
        storage=cast(Any, store),
        rpc=cast(Any, node),
        accounts={signer.address: signer},
        chain_id=1,
        me="test",
        settings=RelayerSettings(fee_ceiling=CEILING),
        on_sent=lambda: None,
    )


def sent_at(price: int, signer: LocalSigner) -> Slot:
    transaction = Transaction(
        nonce=0, gas_price=price, gas_limit=21_000, to=signer.address, data=b"", chain_id=1
    )
    raw, hash_ = transaction.sign(signer)
    return Slot(signer.address, 0, 0, hash_, raw, price, time.time())


def test_relayer_offers_no_more_than_the_ceiling_when_the_node_asks_for_more() -> None:
    signer = LocalSigner.generate()
    for node_price, offered in ((4 * GWEI, 5 * GWEI), (1_000_000 * GWEI, CEILING)):
        work = upkeep(Node(node_price), Store(), signer)
        assert asyncio.run(work.gas_price()) == offered


def test_relayer_replaces_no_transaction_past_the_ceiling() -> None:
    signer = LocalSigner.generate()
    for first_price, at, replaced in (
        (10 * GWEI, 40 * GWEI, True),
        (10 * GWEI, 45 * GWEI, False),  # an eighth more would be past it
        (1_000_000 * GWEI, 40 * GWEI, True),
        (1_000_000 * GWEI, CEILING, False),
    ):
        node, store = Node(first_price), Store()
        asyncio.run(upkeep(node, store, signer)._bump(sent_at(at, signer)))
        assert bool(node.sent) == bool(store.written) == replaced, (first_price, at)
        assert all(slot.gas_price <= CEILING for slot in store.written)
