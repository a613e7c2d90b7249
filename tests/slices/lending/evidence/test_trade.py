"""Reports of trade and the limit that follows them, through the API on a real chain."""

from __future__ import annotations

import pytest

from tests.support.bodies import Json
from tests.support.lending import agreed_facility, attested
from tests.support.proofs import limit_on_chain, months_before, traded
from tests.support.world import World, cny, refused

DAY = 86_400


def merchant_facility(world: World) -> int:
    """A merchant's facility of the platform, which lends its own funds."""
    attested(world)
    world.cash("platform", "2000000.00")
    return agreed_facility(world, "merchant-credit", by="platform", annualRate=84_000)


def draw(amount: str) -> Json:
    """A draw on merchant credit."""
    return {"amount": cny(amount), "tenor": 30, "style": "bullet"}


def test_merchant_credit_follows_the_reported_trade(own_world: World) -> None:
    world = own_world
    facility = merchant_facility(world)
    path = f"/v1/facilities/{facility}"
    assert "tradeLimit" in str(refused(world["supplier"], f"{path}/draws", draw("0.01")))
    traded(world, "6100.00", returned=cny("100.00"))
    trade = world["supplier"].get(path).body["trade"]
    # 6,000.00 over six months, of which five are missing, times three.
    assert (trade["traded"], trade["limit"]) == (cny("6000.00"), cny("3000.00"))
    assert (trade["basis"], trade["measure"], trade["share"]) == ("reports", "mean", 3_000_000)
    assert [month["month"] for month in trade["months"]] == months_before(world, 6)[::-1]
    assert "tradeLimit" in str(refused(world["supplier"], f"{path}/draws", draw("3000.01")))
    world["supplier"].command(f"{path}/draws", draw("3000.00"))
    on_chain = limit_on_chain(world, facility)
    assert (on_chain["traded"], on_chain["limit"]) == (6_000_00, 3_000_00)


def test_a_correction_replaces_the_report_and_both_are_shown(own_world: World) -> None:
    world = own_world
    facility = merchant_facility(world)
    traded(world, "6100.00")
    traded(world, "4000.00", returned=cny("400.00"))
    trade = world["platform"].get(f"/v1/facilities/{facility}").body["trade"]
    assert trade["traded"] == cny("3600.00")
    items = world["supplier"].get("/v1/trade-reports").body["items"]
    assert [(item["revision"], item["amount"]["amount"]) for item in items] == [
        *((2, "4000.00"), (1, "6100.00")),
    ]
    assert items[0]["platform"]["partyId"] == world.parties["platform"]
    assert items[0]["merchant"]["partyId"] == world.parties["supplier"]
    assert world["castor"].get("/v1/trade-reports").body["items"] == []
    assert len(world["auditor"].get("/v1/trade-reports").body["items"]) == 2
    first = world["auditor"].get("/v1/trade-reports", limit=1).body
    rest = world["auditor"].get("/v1/trade-reports", cursor=first["nextCursor"]).body
    assert [item["revision"] for item in first["items"] + rest["items"]] == [2, 1]


def test_late_months_and_corrections_do_not_raise_the_limit(own_world: World) -> None:
    world = own_world
    facility = merchant_facility(world)
    report = traded(world, "6000.00")
    late = report | {"month": months_before(world, 3)[2]}
    assert "ReportNotInTime" in str(refused(world["platform"], "/v1/trade-reports", late))
    world.later(40 * DAY)
    world.cash("supplier", "1.00")
    raised = report | {"amount": cny("6000.01")}
    assert "ReportNotInTime" in str(refused(world["platform"], "/v1/trade-reports", raised))
    world["platform"].command("/v1/trade-reports", report | {"amount": cny("5999.99")})
    trade = world["platform"].get(f"/v1/facilities/{facility}").body["trade"]
    assert trade["traded"] == cny("5999.99")


def test_only_platforms_report_and_not_their_own_trade(world: World) -> None:
    report: Json = {
        "merchantPartyId": world.parties["supplier"],
        "month": months_before(world, 1)[0],
        "amount": cny("1.00"),
        "returned": cny("0.00"),
    }
    assert "RoleMissing" in str(refused(world["bank"], "/v1/trade-reports", report))
    for name in ("supplier", "buyer", "auditor", "operator", "rater", "warehouse", "registrar"):
        assert refused(world[name], "/v1/trade-reports", report)["status"] == 403, name
    own = report | {"merchantPartyId": world.parties["platform"]}
    assert "SamePartyBothSides" in str(refused(world["platform"], "/v1/trade-reports", own))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"month": "2099-01"}, "month"),
        ({"merchantPartyId": "nobody"}, "merchantPartyId"),
        ({"amount": cny("-1.00")}, "amount.amount"),
        ({"returned": {"amount": "1.00", "currency": "USD"}}, "returned.currency"),
        ({"amount": {"amount": "1.00", "currency": "XXX"}}, "amount.currency"),
    ],
)
def test_a_wrong_report_names_its_field(world: World, change: Json, field: str) -> None:
    report: Json = {
        "merchantPartyId": world.parties["supplier"],
        "month": months_before(world, 1)[0],
        "amount": cny("1.00"),
        "returned": cny("0.00"),
    }
    problem = refused(world["platform"], "/v1/trade-reports", report | change)
    assert (problem["status"], problem["field"]) == (422, field), problem
