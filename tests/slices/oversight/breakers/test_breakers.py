"""The breakers beside what they measure, stops of new liens, and who changed them."""

from __future__ import annotations

import pytest

from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn, lent, product
from tests.support.world import World, cny, refused

CODE = "receivables-finance"
DAY = 86_400


def breaker(world: World, code: str = CODE) -> Json:
    """The breaker of one product, as the bank reads it."""
    items = world["bank"].get("/v1/breakers").body["products"]
    return next(item for item in items if item["code"] == code)


@pytest.mark.parametrize("path", ["/v1/breakers", "/v1/breakers/history"])
def test_every_role_reads_breakers_and_nobody_without_a_key(world: World, path: str) -> None:
    for name in world.callers:
        assert world[name].get(path).status == 200, name
    assert world.http.get(path).status_code == 401


def test_breaker_trips_when_more_is_overdue_and_the_history_says_who_changed_it(
    own_world: World,
) -> None:
    world = own_world
    _, loan, _ = lent(world)
    old_facility = agreed_facility(world)
    first = breaker(world)
    assert (first["outstanding"], first["overdue"]) == (cny("500.00"), cny("0.00"))
    assert (first["overdueShare"], first["proposal"], first["open"]) == (0, None, True)
    version = first["versions"][0]
    assert version == {
        "version": 1,
        "breaker": product(world, CODE)["breaker"],
        "tripped": False,
    }
    assert version["breaker"] > 0

    path, body = f"/v1/products/{first['productId']}/breaker", {"breaker": 1_000_000}
    world["operator"].command(path, body)
    proposal = breaker(world)["proposal"]
    operator = world["operator"].get("/v1/caller").body["account"]
    assert (proposal["breaker"], proposal["proposedBy"]["account"]) == (1_000_000, operator)
    world["second-operator"].command(path, body)

    world.later(60 * DAY)
    world["bank"].command(f"/v1/loans/{loan}/overdue")
    tripped = breaker(world)
    assert (tripped["overdue"], tripped["overdueShare"]) == (cny("500.00"), 1_000_000)
    assert [(row["version"], row["breaker"], row["tripped"]) for row in tripped["versions"]] == [
        (2, 1_000_000, False),
        (1, version["breaker"], True),
    ]
    _, claim = world.confirmed(amount="1000.00", days=200)
    draw = {"amount": cny("1.00"), "tenor": 30, "collateralId": claim}
    assert "BreakerTripped" in str(
        refused(world["supplier"], f"/v1/facilities/{old_facility}/draws", draw)
    )

    drawn(world, agreed_facility(world), claim, "1.00")

    world["regulator"].command("/v1/new-risk/stops", {"reason": "a fault"})
    items = world["bank"].get("/v1/breakers/history", limit=3).body["items"]
    assert [item["kind"] for item in items] == [
        "new-risk-stopped",
        "product-changed",
        "product-change-proposed",
    ]
    changed = items[1]
    assert (changed["code"], changed["version"], changed["breaker"]) == (CODE, 2, 1_000_000)
    second = world["second-operator"].get("/v1/caller").body["account"]
    assert changed["official"]["account"] == second
    assert changed["proposer"]["account"] == operator
    assert items[2]["official"]["account"] == operator and items[2]["proposer"] is None


def test_stop_of_new_liens_is_listed_until_it_ends(own_world: World) -> None:
    world = own_world
    path = f"/v1/warehouses/{world.parties['warehouse']}/lien-stop"
    world["operator"].command(path, {"stopped": True, "reason": "no count"})
    (stop,) = world["auditor"].get("/v1/breakers").body["lienStops"]
    assert stop["warehouse"]["partyId"] == world.parties["warehouse"]
    world["operator"].command(path, {"stopped": False, "reason": "counted"})
    assert world["auditor"].get("/v1/breakers").body["lienStops"] == []
    items = world["auditor"].get("/v1/breakers/history", limit=2).body["items"]
    assert [item["kind"] for item in items] == ["liens-allowed", "liens-stopped"]
    assert items[0]["warehouse"] == stop["warehouse"]


def test_history_has_every_change_once_whatever_the_page(world: World) -> None:
    whole = world["bank"].get("/v1/breakers/history", limit=200).body["items"]
    assert {"product-added"} <= {item["kind"] for item in whole}
    pages: list[Json] = []
    cursor = None
    while True:
        query = {"limit": 3} | ({} if cursor is None else {"cursor": cursor})
        answer = world["bank"].get("/v1/breakers/history", **query).body
        pages += answer["items"]
        cursor = answer["nextCursor"]
        if cursor is None:
            break
    assert pages == whole
