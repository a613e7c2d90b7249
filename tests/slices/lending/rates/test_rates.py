"""Reference rates and floating loans through the API: two appraisers, resets, late rates."""

from __future__ import annotations

import datetime

from tests.support.bodies import Json
from tests.support.goods_on_loan import later
from tests.support.lending import FAR, product
from tests.support.rates import (
    LPR,
    RATES,
    at_rate,
    confirmation,
    lent,
    listed,
    proposal_of,
    published,
)
from tests.support.world import World, cny, refused

DAY = 86_400


def loan_of(world: World, loan: int) -> Json:
    return dict(world["bank"].get(f"/v1/loans/{loan}").body)


def test_rate_needs_two_appraisers_and_follows_the_last_one_without_a_gap(
    own_world: World,
) -> None:
    world = own_world
    unknown = refused(world["first-appraiser"], f"{RATES}/rates", {"rate": 1, "lastDate": FAR})
    assert unknown["type"].endswith("reference-unknown")
    listed(world)
    (item,) = world["bank"].get("/v1/reference-rates").body["items"]
    assert (item["code"], item["newest"], item["isLate"]) == (LPR, None, True)
    first = world.today()
    last = first + datetime.timedelta(days=9)
    too_long = {"rate": 30_000, "lastDate": (first + datetime.timedelta(days=45)).isoformat()}
    problem = refused(world["first-appraiser"], f"{RATES}/rates", too_long)
    assert problem["field"] == "lastDate"
    body = {"rate": 30_000, "lastDate": last.isoformat()}
    world["first-appraiser"].command(f"{RATES}/rates", body)
    (row,) = world["auditor"].get(f"{RATES}/rates").body["items"]
    assert (row["inForce"], row["confirmer"], row["fromDate"]) == (False, None, first.isoformat())
    same = refused(world["first-appraiser"], f"{RATES}/confirmations", confirmation(world))
    assert "SecondAppraiserNeeded" in str(same)
    short = confirmation(world)
    del short["lastDate"]
    lacking = refused(world["second-appraiser"], f"{RATES}/confirmations", short)
    assert (lacking["status"], lacking["field"]) == (422, "lastDate")
    for differs in (
        {"rate": 30_001},
        {"lastDate": first.isoformat()},
        {"fromDate": last.isoformat()},
        {"evidence": "0x" + "1" * 64},
    ):
        unseen = confirmation(world, **differs)
        other = refused(world["second-appraiser"], f"{RATES}/confirmations", unseen)
        assert (other["status"], other["type"][-16:]) == (409, "nothing-proposed"), differs
    world["second-appraiser"].command(f"{RATES}/confirmations", confirmation(world))
    (item,) = world["bank"].get("/v1/reference-rates").body["items"]
    assert (item["newest"]["rate"], item["isLate"]) == (30_000, False)
    early = refused(world["first-appraiser"], f"{RATES}/rates", too_long)
    assert (early["field"], early["type"].rpartition(":")[2]) == ("fromDate", "rate-out-of-turn")
    later(world, 10 * DAY)
    again = body | {"fromDate": first.isoformat()}
    assert refused(world["first-appraiser"], f"{RATES}/rates", again)["field"] == "fromDate"
    step = {"rate": 35_001, "lastDate": (last + datetime.timedelta(days=5)).isoformat()}
    assert "RateSteps" in str(refused(world["first-appraiser"], f"{RATES}/rates", step))
    world["first-appraiser"].command(f"{RATES}/rates", step | {"rate": 35_000})
    world["first-appraiser"].command(f"{RATES}/withdrawals")
    gone = refused(world["second-appraiser"], f"{RATES}/confirmations", confirmation(world))
    assert "NoRateProposed" in str(gone)


def test_floating_loan_is_reset_on_its_day_and_a_late_rate_counts_from_that_day(
    own_world: World,
) -> None:
    world = own_world
    listed(world)
    first = world.today()
    row = product(world, "floating-rate")
    assert row["floating"] == {
        "reference": LPR,
        "minSpread": -5_000,
        "maxSpread": 60_000,
        "resetMonths": 1,
    }
    problem = refused(world["bank"], "/v1/facility-proposals", proposal_of(world, spread=60_001))
    assert (problem["field"], " %" in problem["detail"]) == ("spread", True)
    fixed = proposal_of(world, productId=product(world, "order-finance")["id"])
    assert refused(world["bank"], "/v1/facility-proposals", fixed)["field"] == "spread"
    published(world, 30_000, first + datetime.timedelta(days=27))
    loan = lent(world)
    body = loan_of(world, loan)
    assert (body["annualRate"], body["floating"]["rateDue"]) == (70_000, False)
    floating = body["floating"]
    assert (floating["referenceRate"], floating["spread"]) == (30_000, 40_000)
    assert (floating["floor"], floating["cap"]) == (20_000, 110_000)
    reset = datetime.date.fromisoformat(floating["nextResetDate"])
    early = refused(world["supplier"], f"/v1/loans/{loan}/rate-reset")
    assert "RateNotDue" in str(early)

    days = (reset - first).days
    later(world, (days + 3) * DAY)
    assert loan_of(world, loan)["floating"]["rateDue"] is True
    late = refused(world["supplier"], f"/v1/loans/{loan}/rate-reset")
    assert "RateMissing" in str(late)
    assert "on " + reset.isoformat() in late["detail"]
    text = world["bank"].get(f"/v1/loans/{loan}/statement").body
    assert text["floating"]["rateDue"] is True
    # Nothing holds back who pays.
    path = f"/v1/loans/{loan}/repayments"
    world["supplier"].command(path, {"amount": cny("1000.00")})
    published(world, 34_000, first + datetime.timedelta(days=28 + 44))
    body = at_rate(world, loan, 74_000)
    fixed_interest = round(1_000_000 * days * 70_000 / 360 / 1_000_000)
    since = round(1_000_000 * 3 * 74_000 / 360 / 1_000_000)
    assert body["outstanding"] == cny(f"{(1_000_000 - 100_000 + fixed_interest + since) / 100:.2f}")
    kinds = [entry["kind"] for entry in body["entries"]]
    assert kinds == ["drawn", "repaid", "rate-reset", "restated"]
    assert body["entries"][2]["details"] == {
        "annualRate": 74_000,
        "referenceRate": 34_000,
        "resetDate": reset.isoformat(),
    }
    statement = world["bank"].get(f"/v1/loans/{loan}/statement").body
    assert statement["payoff"]["total"] == body["payoff"]["total"]["amount"]
    (line,) = [line for line in statement["lines"] if line["kind"] == "rate-reset"]
    assert (line["annualRate"], line["date"]) == (74_000, reset.isoformat())
    assert line["interest"] == f"{fixed_interest / 100:.2f}"
    for ending in ("xlsx", "pdf"):
        answer = world["bank"].http.get(
            f"/v1/loans/{loan}/statement?format={ending}",
            headers={"X-API-Key": world["bank"].api_key},
        )
        assert answer.status_code == 200, answer.text
    assert "RateNotDue" in str(refused(world["supplier"], f"/v1/loans/{loan}/rate-reset"))
    world["supplier"].command(path, {"amount": cny("20000.00")})
    assert loan_of(world, loan)["status"] == "repaid"
    assert "StateForbids" in str(refused(world["supplier"], f"/v1/loans/{loan}/rate-reset"))


def test_stranger_sees_and_resets_no_loan_of_others(own_world: World) -> None:
    world = own_world
    listed(world)
    published(world, 30_000, world.today() + datetime.timedelta(days=40))
    loan = lent(world)
    problem = refused(world["castor"], f"/v1/loans/{loan}/rate-reset")
    assert problem["status"] == 404
