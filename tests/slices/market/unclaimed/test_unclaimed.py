"""Unclaimed money, stopped currencies, and debtors that a lender accepts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.lending.rows import LoanRow
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.lending import agreed_facility, drawn, lent
from tests.support.stops import stopped
from tests.support.world import World, cny, refused

DAY = 86_400
ORDER = "0x" + "ab" * 32


def ordered_by_court(world: World, body: Json) -> None:
    """An order of the court, issued, waited for and carried out."""
    issued = world["regulator"].command("/v1/orders-of-court", body | {"orderHash": ORDER})
    number = issued.body["result"]["orderId"]
    world.later(DAY)
    world["second-regulator"].command(f"/v1/orders-of-court/{number}/execution")


def waiting(world: World, name: str) -> list[Json]:
    """The caller's unclaimed money."""
    return list(world[name].get("/v1/unclaimed").body["items"])


def test_money_of_a_frozen_lender_stays_unclaimed_and_is_withdrawn_once(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent(world)
    frozen = {"partyId": world.parties["bank"]}
    ordered_by_court(world, frozen | {"kind": "freeze"})
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    (held,) = waiting(world, "bank")
    assert (held["contract"], held["amount"]) == ("Facilities", cny("100.00"))
    assert waiting(world, "auditor") == [held]
    assert waiting(world, "supplier") == waiting(world, "buyer") == []
    path, body = "/v1/unclaimed/withdrawals", {"contract": "Facilities", "currency": "CNY"}
    assert refused(world["supplier"], path, body)["type"].endswith("nothing-unclaimed")
    assert "PartyNotValid" in str(refused(world["bank"], path, body))
    ordered_by_court(world, frozen | {"kind": "unfreeze"})
    before = Decimal(world.balance("bank"))
    other = {"contract": "RiskReserve", "currency": "CNY"}
    assert refused(world["bank"], path, other)["status"] == 404
    world["bank"].command(path, body)
    assert Decimal(world.balance("bank")) - before == 100
    assert waiting(world, "bank") == []
    assert refused(world["bank"], path, body)["status"] == 404


def test_repayment_in_a_paused_currency_takes_nothing_and_makes_nobody_late(
    own_world: World,
) -> None:
    world = own_world
    _, loan, _ = lent(world, "600.00")
    path = f"/v1/loans/{loan}"
    world.cash("supplier", "100.00")
    world["supplier"].command(f"{path}/repayments", {"amount": cny("100.00")})
    due = world["bank"].get(path).body["lastDueDate"]
    world.later(29 * DAY)
    with stopped(world):
        answer = refused(world["supplier"], f"{path}/repayments", {"amount": cny("600.00")})
        assert "CurrencyStopped" in str(answer)
        world.later(10 * DAY)
        body = world["bank"].get(path).body
        assert (body["daysLost"], body["daysPastDue"]) == (10, 0)
        assert body["due"]["total"] == cny("0.00")
        assert body["payoff"]["interest"] == cny("2.90"), "29 days of 500.00 at 7.2 %"
    (aged,) = world["bank"].get("/v1/portfolio").body["ageing"]
    assert aged["class"] == "not due"
    # The payment that goes through ends the stop; it counts on the loan's own 29th day.
    done = world["supplier"].command(f"{path}/repayments", {"amount": cny("100.00")}).body
    names = [event["name"] for event in done["result"]["events"]]
    assert names.index("CurrencyMoves") < names.index("LoanRepaid")
    body = world["bank"].get(path).body
    assert (body["daysLost"], body["daysPastDue"]) == (10, 0)
    assert body["lastDueDate"] > due
    assert body["schedule"][0]["date"] == body["lastDueDate"]
    body = world["bank"].get(f"{path}/statement").body["lines"]
    assert sum(item["days"] for item in body if item["kind"] == "run") == 29
    world.later(5 * DAY)
    body = world["bank"].get(path).body
    assert body["daysPastDue"] == 4, "days run again"
    world["supplier"].command(f"{path}/repayments", {"amount": cny("600.00")})
    assert world["bank"].get(path).body["status"] == "repaid", "the twin agrees"


def row(**changes: Any) -> LoanRow:
    """A loan drawn on day 100."""
    values: dict[str, Any] = dict.fromkeys(LoanRow.__struct_fields__, 0)
    return LoanRow(**values | {"start_day": 100, "stopped_day": None, "stops_json": "[]"} | changes)


def test_loan_days_convert_to_calendar_days_and_back() -> None:
    loan = row()
    loan.stop(110)
    assert (loan.own_day(115), loan.days_lost(115)) == (110, 5)
    assert loan.calendar_day(110, 115) == 110, "the day on which it stopped"
    assert loan.calendar_day(120, 115) == 125, "later by the days lost so far"
    loan.move_on(7)
    assert loan.own_day(117) == 110
    assert loan.own_day(127) == 120
    loan.stop(130)
    loan.move_on(3)
    assert (loan.own_day(140), loan.days_lost(140)) == (130, 10)
    assert [loan.calendar_day(day, 140) for day in (105, 110, 111, 123, 124)] == [
        *(105, 110, 118, 130, 134)
    ]


# ------------------------------------------------------------------ debtors and signatures


def test_draw_takes_only_debtors_that_the_lender_accepted(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00", days=200)
    path = f"/v1/facilities/{facility}/debtors"
    vega = {"debtorPartyId": world.parties["vega"]}
    assert refused(world["supplier"], path, vega)["type"].endswith("not-lender")
    assert refused(world["buyer"], path, vega)["status"] == 404
    world["bank"].command(path, vega)
    facility_view = world["supplier"].get(f"/v1/facilities/{facility}").body["acceptedDebtors"]
    assert [item["partyId"] for item in facility_view] == [world.parties["vega"]]
    body = {"amount": cny("100.00"), "tenor": 30, "collateralId": claim}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", body)
    assert "DebtorNotAccepted" in str(problem)
    world["bank"].command(path, {"debtorPartyId": world.parties["buyer"]})
    drawn(world, facility, claim, "100.00")
    world["bank"].command(path, vega | {"accepted": False})
    facility_view = world["bank"].get(f"/v1/facilities/{facility}").body["acceptedDebtors"]
    assert [item["partyId"] for item in facility_view] == [world.parties["buyer"]]


def test_withdrawn_signature_executes_nothing(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/extensions"
    draft = world["supplier"].post(path, {"dueDate": day(90)}).body
    assert int(draft["typedData"]["message"]["deadline"]) > 0
    agreement = f"/v1/agreements/{draft['id']}"
    assert refused(world["buyer"], f"{agreement}/withdrawal")["status"] == 404
    world["supplier"].command(f"{agreement}/withdrawal")
    assert world["bank"].get(agreement).body["state"] == "withdrawn"
    problem = refused(world["bank"], f"{agreement}/signature")
    assert problem["type"].endswith("signature-withdrawn")
    draft = world["supplier"].post(path, {"dueDate": day(90)}).body
    world["bank"].command(f"/v1/agreements/{draft['id']}/signature")
    # Of terms that were used too: it changes nothing.
    world["supplier"].command(f"/v1/agreements/{draft['id']}/withdrawal")
    assert world["bank"].get(f"/v1/agreements/{draft['id']}").body["state"] == "agreed"
    assert world["bank"].get(f"/v1/loans/{loan}").body["schedule"][0]["date"] == day(90)


def test_lender_withdraws_its_signature_of_a_facility(world: World) -> None:
    items = world["bank"].get("/v1/products").body["items"]
    product = next(item["id"] for item in items if item["code"] == "receivables-finance")
    body = {
        "productId": product,
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("1000.00"),
        "lastDate": day(300),
    }
    proposal = world["bank"].post("/v1/facility-proposals", body).body
    path = f"/v1/facility-proposals/{proposal['id']}"
    assert refused(world["buyer"], f"{path}/withdrawal")["status"] == 404
    world["bank"].command(f"{path}/withdrawal")
    problem = refused(world["supplier"], f"{path}/signature")
    assert "SignatureCancelled" in str(problem)
