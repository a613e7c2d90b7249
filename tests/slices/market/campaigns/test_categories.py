"""Campaigns by category through the API: the filter, the counts, the sums and the success rate."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest

from app.demo.cast import CAST
from app.market.campaigns.reading import success_rate_down
from app.market.campaigns.schemas import CATEGORIES
from tests.support.bodies import Json
from tests.support.campaigns import body, contribute, opened
from tests.support.world import World, caught_up, cny, refused

PATH = "/v1/campaign-categories"
STATUSES = ("funding", "met", "missed", "failed", "completed", "cancelled")
NONE_OVER: Json = dict.fromkeys(STATUSES, 0) | {"successRate": None, "sums": []}


def figures(world: World, *, by: str = "buyer") -> dict[str, Json]:
    """The figures by category; those of all categories as "total"."""
    answer = world[by].get(PATH).body
    items = {item.pop("category"): item for item in answer["items"]}
    assert tuple(items) == CATEGORIES
    return items | {"total": answer["total"]}


def expected(*, rate: int | None, goals: str, contributed: str, **statuses: int) -> Json:
    """Figures with these counts and sums in yuan."""
    sums = [{"goals": cny(goals), "contributed": cny(contributed)}]
    return NONE_OVER | statuses | {"successRate": rate, "sums": sums}


def later(world: World, days: int) -> None:
    """Lets days pass; a payment makes the block."""
    world.later(days * 86_400)
    world.cash("vega", "1.00")


def cancelled(world: World, campaign: int) -> None:
    """The creator gives up."""
    headers = world["supplier"].headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    assert world.http.delete(f"/v1/campaigns/{campaign}", headers=headers).status_code == 200


def test_success_rate_is_of_the_campaigns_that_are_over(own_world: World) -> None:
    world = own_world
    assert set(map(str, figures(world).values())) == {str(NONE_OVER)}, "no campaign at all"
    met, missed = opened(world), opened(world)
    failed = opened(world, category="design", goal=cny("200.00"))
    contribute(world, met, 10)
    contribute(world, missed, 3)
    contribute(world, failed, 2)
    cancelled(world, opened(world, category="food"))
    early = figures(world)
    assert early["technology"] == expected(
        rate=None, goals="2000.00", contributed="1300.00", funding=2
    )
    assert early["food"] == expected(rate=0, goals="1000.00", contributed="0.00", cancelled=1)
    assert early["culture"] == NONE_OVER

    later(world, 31)
    start = datetime.datetime.now(datetime.UTC)
    opened(
        world,
        endsAt=(start + datetime.timedelta(days=80)).isoformat(),
        milestones=[
            {
                "part": 1_000_000,
                "lastDate": (start + datetime.timedelta(days=120)).date().isoformat(),
                "description": "all of it",
            }
        ],
    )
    caught_up(world)
    over = figures(world)
    assert over["technology"] == expected(
        rate=500_000, goals="3000.00", contributed="1300.00", funding=1, met=1, missed=1
    )
    assert over["design"] == expected(rate=1_000_000, goals="200.00", contributed="200.00", met=1)
    assert over["total"] == expected(
        rate=500_000,
        goals="4200.00",
        contributed="1500.00",
        funding=1,
        met=2,
        missed=1,
        cancelled=1,
    )

    for place in range(2):
        reviewed = {"milestone": place, "statement": "accepted"}
        world["bank"].command(f"/v1/campaigns/{met}/releases", reviewed)
    later(world, 31)
    caught_up(world)
    ended = figures(world)
    assert ended["technology"] == over["technology"] | {"met": 0, "completed": 1}
    assert ended["design"] == over["design"] | {"met": 0, "failed": 1, "successRate": 0}
    changed = {"met": 0, "completed": 1, "failed": 1, "successRate": 250_000}
    assert ended["total"] == over["total"] | changed
    head = world.server.node.ask("eth_getBlockByNumber", "latest", False)
    as_of = {"blockNumber": int(head["number"], 16), "blockHash": head["hash"]}
    assert world["buyer"].get(PATH).body["asOf"] == as_of


def test_every_caller_reads_the_categories_and_only_suppliers_open_in_one(world: World) -> None:
    opened(world, category="charity")
    caught_up(world)
    for name in world.callers:
        assert figures(world, by=name)["charity"]["funding"] >= 1, name
        items = world[name].get("/v1/campaigns", category="charity").body["items"]
        assert items[0]["category"] == "charity", name
    assert world.http.get(PATH).status_code == 401
    # Callers of the cast alone: other tests may have added suppliers of their own.
    suppliers = {member.name for member in CAST if "supplier" in member.api_roles}
    for name in (set(world.server.keys) | {member.name for member in CAST}) - suppliers:
        problem = refused(world[name], "/v1/campaigns", body(world, category="charity"))
        assert problem["status"] == 403, name


@pytest.mark.parametrize("change", [{"category": "gardening"}, {"category": None}, {"category": 6}])
def test_unknown_category_of_a_new_campaign_names_field_and_list(
    world: World, change: dict[str, Any]
) -> None:
    problem = refused(world["supplier"], "/v1/campaigns", body(world, **change))
    assert (problem["status"], problem["field"]) == (422, "category"), problem
    assert all(f"'{category}'" in problem["detail"] for category in CATEGORIES), problem


def test_new_campaign_without_a_category_is_refused(world: World) -> None:
    new = body(world)
    del new["category"]
    problem = refused(world["supplier"], "/v1/campaigns", new)
    assert (problem["status"], problem["field"]) == (422, "category"), problem


def test_unknown_category_of_the_list_names_field_and_list(world: World) -> None:
    headers = world["buyer"].headers
    answer = world.http.get("/v1/campaigns", params={"category": "gardening"}, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["field"]) == (422, "category"), problem
    assert all(f"'{category}'" in problem["detail"] for category in CATEGORIES), problem


def test_list_by_category_pages_through_that_category_alone(world: World) -> None:
    first = opened(world, category="household")
    opened(world, category="culture")
    second = opened(world, category="household")
    page = world["buyer"].get("/v1/campaigns", category="household", limit=1).body
    assert [item["id"] for item in page["items"]] == [second]
    cursor = page["nextCursor"]
    page = world["buyer"].get("/v1/campaigns", category="household", limit=1, cursor=cursor).body
    assert [item["id"] for item in page["items"]] == [first]
    assert page["items"][0]["category"] == "household"
    everything = world["buyer"].get("/v1/campaigns").body["items"]
    assert {"household", "culture"} <= {item["category"] for item in everything}
    assert world["buyer"].get(f"/v1/campaigns/{second}").body["category"] == "household"


def test_history_names_the_category_in_words(world: World) -> None:
    campaign = opened(world, category="food")
    text = world["auditor"].text("/v1/history", campaign=campaign, format="csv")
    assert "category: food" in text


@pytest.mark.parametrize(
    ("statuses", "rate"),
    [
        ({}, None),
        ({"funding": 3}, None),
        ({"funding": 3, "met": 1}, 1_000_000),
        ({"completed": 1, "met": 1, "missed": 1}, 666_666),
        ({"completed": 1, "failed": 1, "cancelled": 1}, 333_333),
    ],
)
def test_success_rate_is_rounded_down_and_null_while_none_is_over(
    statuses: dict[str, int], rate: int | None
) -> None:
    assert success_rate_down(statuses) == rate
