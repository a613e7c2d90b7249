"""A currency that stands still for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.world import World

# A token that refuses every transfer, and answers every question with the largest number.
STANDS = (
    "0x60003560e01c8063a9059cbb14604457806323b872dd1460445750"
    "7f" + "ff" * 32 + "60005260206000f35b60006000fd"
)


@contextmanager
def stopped(world: World) -> Iterator[None]:
    """Pauses the world's currency."""
    node = world.server.node
    token = world.server.gateway.contracts.address("SettlementToken:CNY")
    code = node.ask("eth_getCode", token, "latest")
    node.ask("anvil_setCode", token, STANDS)
    try:
        yield
    finally:
        node.ask("anvil_setCode", token, code)
