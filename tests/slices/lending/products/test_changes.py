"""Breakers of products through the API: two operators change one, one operator closes a product."""

from __future__ import annotations

import pytest

from tests.support.lending import agreed_facility, drawn, lent, product
from tests.support.world import World, cny, refused

CODE = "receivables-finance"
OTHERS = (
    *("supplier", "buyer", "bank", "rater", "first-appraiser", "warehouse", "auditor"),
    *("regulator", "registrar", "cash-issuer"),
)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("command", ["breaker", "closure", "opening"])
def test_only_an_operator_changes_a_product(world: World, name: str, command: str) -> None:
    path = f"/v1/products/{product(world, CODE)['id']}/{command}"
    problem = refused(world[name], path, {"breaker": 1} if command == "breaker" else None)
    assert (problem["status"], problem["type"][-12:]) == (403, "role-missing")


@pytest.mark.parametrize("breaker", [-1, 1_000_001, "a tenth", None])
def test_breaker_out_of_bounds_is_refused(world: World, breaker: object) -> None:
    path = f"/v1/products/{product(world, CODE)['id']}/breaker"
    problem = refused(world["operator"], path, {"breaker": breaker})
    assert (problem["status"], problem["field"]) == (422, "breaker")
    assert refused(world["operator"], "/v1/products/999/breaker", {"breaker": 1})["status"] == 404


def test_two_operators_change_a_breaker_for_facilities_agreed_from_then_on(
    own_world: World,
) -> None:
    world = own_world
    facility, _, _ = lent(world)
    before = product(world, CODE)
    path, body = f"/v1/products/{before['id']}/breaker", {"breaker": before["breaker"] + 1}
    same = refused(world["operator"], path, {"breaker": before["breaker"]})
    assert same["type"].endswith("breaker-unchanged")

    done = world["operator"].command(path, body).body
    assert (done["kind"], product(world, CODE)) == ("propose-product", before)
    alone = refused(world["operator"], path, body)
    assert (alone["status"], alone["type"][-14:]) == (409, "another-person")
    assert world["second-operator"].command(path, body).body["kind"] == "approve-product"
    after = product(world, CODE)
    assert after == before | {"version": before["version"] + 1, "breaker": body["breaker"]}

    agreed = world["bank"].get(f"/v1/facilities/{facility}").body
    assert agreed["version"] == before["version"]
    newer = world["bank"].get(f"/v1/facilities/{agreed_facility(world)}").body
    assert newer["version"] == after["version"]


def test_another_proposal_replaces_the_one_that_waits(own_world: World) -> None:
    world = own_world
    path = f"/v1/products/{product(world, CODE)['id']}/breaker"
    world["operator"].command(path, {"breaker": 11})
    done = world["second-operator"].command(path, {"breaker": 12}).body
    assert done["kind"] == "propose-product"
    assert world["operator"].command(path, {"breaker": 12}).body["kind"] == "approve-product"
    assert product(world, CODE)["breaker"] == 12


def test_one_operator_closes_a_product_and_two_open_it(own_world: World) -> None:
    world = own_world
    facility, _, _ = lent(world)
    before = product(world, CODE)
    operator, second = world["operator"], world["second-operator"]
    path = f"/v1/products/{before['id']}"
    assert refused(operator, f"{path}/opening")["type"].endswith("product-open")
    operator.command(f"{path}/closure")
    assert product(world, CODE) == before | {"open": False}
    _, claim = world.confirmed(amount="1000.00", days=200)
    draw = {"amount": cny("1.00"), "tenor": 30, "collateralId": claim}
    stopped = refused(world["supplier"], f"/v1/facilities/{facility}/draws", draw)
    assert "ProductClosed" in str(stopped)
    assert refused(operator, f"{path}/closure")["type"].endswith("product-closed")
    changed = refused(operator, f"{path}/breaker", {"breaker": 7})
    assert changed["type"].endswith("product-closed")

    operator.command(f"{path}/opening")
    assert refused(operator, f"{path}/opening")["type"].endswith("another-person")
    second.command(f"{path}/opening")
    assert product(world, CODE) == before
    drawn(world, facility, claim, "1.00")
