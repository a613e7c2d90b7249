"""Transactions of accounts whose keys the gateway under test does not have, such as officials."""

from __future__ import annotations

import time
from typing import Any

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import OPERATOR_PLACES, REGISTRAR_PLACE
from tests.support.bodies import Json
from tests.support.world import World, caught_up

MINED_SECONDS = 30
PLACES = {"registrar": REGISTRAR_PLACE, "operator": OPERATOR_PLACES[0]}


def sent_by(world: World, sender: str, to: str | None, data: bytes) -> Json:
    """A transaction of an account whose key the test need not have; its transaction receipt."""
    node = world.server.node
    node.ask("anvil_impersonateAccount", sender)
    fields = {"from": sender, "data": "0x" + data.hex(), "gas": hex(8_000_000), "gasPrice": "0x0"}
    sent = node.ask("eth_sendTransaction", fields | ({} if to is None else {"to": to}))
    transaction_receipt = mined(world, sent)
    assert transaction_receipt["status"] == "0x1"
    return transaction_receipt


def mined(world: World, transaction_hash: str) -> Json:
    """The receipt of a transaction, once a busy node has put it into a block."""
    end = time.monotonic() + MINED_SECONDS
    while time.monotonic() < end:
        receipt: Json | None = world.server.node.ask("eth_getTransactionReceipt", transaction_hash)
        if receipt is not None:
            return receipt
        time.sleep(0.05)
    raise AssertionError(f"{transaction_hash} is in no block after {MINED_SECONDS} s")


def official_sends(
    world: World, official: str, contract: str, function: str, arguments: list[Any]
) -> None:
    """A call of an official, which the gateway's index has seen."""
    contracts = world.server.gateway.contracts
    data = contracts.encode(contract, function, arguments)
    sender = development_key(PLACES[official]).address
    sent_by(world, sender, contracts.address(contract), data)
    caught_up(world)
