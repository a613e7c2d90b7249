"""An order is not exchanged for a debt that its buyer did not pay in time."""

from __future__ import annotations

from tests.support.goods_on_loan import lent_on_order
from tests.support.world import World, caught_up, cny, refused


def test_buyer_cannot_convert_an_order_into_a_claim_past_its_due_day(own_world: World) -> None:
    """The loan would be on a bad debt, and the order free for another loan."""
    world, node = own_world, own_world.server.node
    world.cash("bank", "10000.00")
    _, loan = lent_on_order(world)
    unpaid, _ = world.confirmed(amount="10000.00", days=1)
    node.ask("evm_increaseTime", 3 * 86_400)
    node.ask("evm_mine")
    caught_up(world)
    problem = refused(world["buyer"], f"/v1/loans/{loan}/conversion", {"receivableId": unpaid})
    assert problem["contractError"]["name"] == "NotLender", problem
    assert world["bank"].get(f"/v1/loans/{loan}").body["collateral"]["kind"] == "order"
    assert world["bank"].get(f"/v1/loans/{loan}").body["outstanding"] == cny("5000.00")
