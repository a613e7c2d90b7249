"""A seller may accept an offer as soon as it has it."""

from __future__ import annotations

import time
import uuid

from tests.support.bodies import Json
from tests.support.world import World, cny


def offered(world: World, claim: int, *, by: str) -> str:
    body = {"claimId": claim, "value": cny("100.00"), "price": cny("97.00")}
    return str(world[by].post("/v1/offers", body).body["id"])


def test_an_acceptance_waits_for_the_funders_approval(own_world: World) -> None:
    """The funder's first offer gives it, and no block has it yet."""
    world, node = own_world, own_world.server.node
    world.cash("platform", "1000.00")
    _, claim = world.confirmed()
    # The seller gives its own approval with its first acceptance.
    world["supplier"].command(f"/v1/offers/{offered(world, claim, by='platform')}/acceptance")

    node.ask("evm_setAutomine", False)
    offer = offered(world, claim, by="bank")
    headers = world["supplier"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    answer = world.http.post(f"/v1/offers/{offer}/acceptance", json={}, headers=headers)
    assert answer.status_code == 202, answer.text
    path = f"/v1/operations/{answer.json()['operation']['id']}"

    def operation(**query: int) -> Json:
        return world["supplier"].get(path, **query).body

    time.sleep(1)  # the relayer simulates what it can send within milliseconds
    assert operation()["state"] == "accepted", operation()
    node.ask("evm_setAutomine", True)
    node.ask("evm_mine")
    assert operation(wait=50)["state"] in ("included", "final")
    assert world["bank"].get(f"/v1/offers/{offer}").body["state"] == "accepted"
