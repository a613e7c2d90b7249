"""New terms, waivers, partial write-offs, costs of a court, and classes by risk, over HTTP."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from app.demo.client import GatewayRefused
from tests.support.bodies import Json
from tests.support.lending import lent
from tests.support.world import World, caught_up, cny, refused

DAY = 86_400
ORDER_HASH = "0x" + "ce" * 32


def loan_of(world: World, loan: int, *, by: str = "bank") -> Json:
    """A loan as a party sees it."""
    return dict(world[by].get(f"/v1/loans/{loan}").body)


def after(world: World, loan: int, days: int) -> str:
    """The date so many days after the loan's draw."""
    first = datetime.date.fromisoformat(loan_of(world, loan)["startDate"])
    return (first + datetime.timedelta(days=days)).isoformat()


def pass_days(world: World, days: int) -> None:
    """Moves the next block this many days later."""
    world.later(days * DAY)
    world.cash("bank", "1.00")
    caught_up(world)


def in_default(world: World) -> int:
    """A loan of 500.00 at 7.2 % for 30 days that is in default on the 40th."""
    _, loan, _ = lent(world)
    pass_days(world, 40)
    world["bank"].command(f"/v1/loans/{loan}/default")
    return loan


def terms(world: World, loan: int, **change: Any) -> Json:
    body: Json = {
        "style": "bullet",
        "dueDate": after(world, loan, 100),
        "annualRate": 60_000,
        "forgivenPenalty": cny("1000.00"),
    }
    return body | change


def restructured(world: World, loan: int, **change: Any) -> None:
    """Both sides sign new terms."""
    path = f"/v1/loans/{loan}/restructurings"
    draft = world["supplier"].post(path, terms(world, loan, **change)).body
    assert (draft["kind"], draft["missing"]) == ("restructuring", ["lender"])
    assert draft["typedData"]["primaryType"] == "Restructuring"
    world["bank"].command(f"/v1/agreements/{draft['id']}/signature")


def statement(world: World, loan: int, **asked: str) -> Json:
    return dict(world["bank"].get(f"/v1/loans/{loan}/statement", **asked).body)


def test_default_is_cured_by_terms_that_both_sign(own_world: World) -> None:
    world = own_world
    loan = in_default(world)
    before = loan_of(world, loan)
    # 3.00 of interest; 500.00 for 10 days at 10.8 %: 1.50 of penalty.
    assert (before["payoff"]["interest"], before["payoff"]["penalty"]) == (cny("3.00"), cny("1.50"))
    assert before["classification"]["class"] == "substandard"
    restructured(world, loan, forgivenInterest=cny("1.00"), capitalisedInterest=cny("0.50"))
    for name in ("bank", "supplier", "auditor"):
        view = loan_of(world, loan, by=name)
        assert (view["status"], view["restructured"], view["annualRate"]) == ("running", 1, 60_000)
        assert view["outstanding"] == cny("500.50")
        assert view["due"]["total"] == cny("1.50")
        assert (view["markedOverdue"], view["daysPastDue"]) == (False, 0)
        reasons = [reason["reason"] for reason in view["classification"]["reasons"]]
        assert reasons == ["restructured-in-default", "restructured"]
        assert view["classification"]["observedUntil"] == after(world, loan, 465)
    entry = view["entries"][-1]
    assert entry["kind"] == "restructured"
    assert entry["details"]["relief"] == {
        "costs": cny("0.00"),
        "penalty": cny("1.50"),
        "interest": cny("1.00"),
        "principal": cny("0.00"),
        "capitalised": cny("0.50"),
    }
    assert entry["details"]["interestLeft"] == cny("1.50")
    account = statement(world, loan)
    (line,) = [line for line in account["lines"] if line["kind"] == "restructured"]
    assert line["forgiven"]["penalty"] == "1.50"
    assert line["forgiven"]["interest"] == "1.00"
    assert (line["capitalised"], line["outstanding"]) == ("0.50", "500.50")
    assert account["payoff"]["total"] == view["payoff"]["total"]["amount"]
    world.cash("supplier", "1000.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    assert loan_of(world, loan)["classification"] is None


def test_a_later_start_of_interest_does_not_make_the_tenor_shorter(world: World) -> None:
    _, loan, _ = lent(world)
    names = [item["name"] for item in loan_of(world, loan)["warnings"]]
    assert "tenor-long" not in names
    late = {"dueDate": after(world, loan, 300), "interestFromDate": after(world, loan, 290)}
    restructured(world, loan, **late)
    (warning,) = [
        item for item in loan_of(world, loan)["warnings"] if item["name"].startswith("tenor")
    ]
    assert warning["name"] == "tenor-long"
    assert warning["words"].startswith("300 days")


def test_class_is_recomputed_for_any_day(own_world: World) -> None:
    world = own_world
    loan = in_default(world)
    restructured(world, loan, forgivenInterest=cny("10.00"))
    pass_days(world, 65)
    classes = {
        day: statement(world, loan, date=after(world, loan, day))["classification"]["class"]
        for day in (10, 30, 31, 39, 41, 99, 104)
    }
    assert classes == {
        10: "normal",
        30: "normal",
        31: "special-mention",
        39: "special-mention",
        41: "substandard",
        99: "substandard",
        104: "substandard",
    }
    today = statement(world, loan)
    listed = world["auditor"].get("/v1/loans").body["items"]
    shown = next(item for item in listed if item["id"] == loan)["classification"]
    assert today["classification"]["class"] == shown["class"]
    assert shown["reasons"][0]["source"]


def test_second_restructuring_does_not_wash_off_the_default_before_the_first(
    own_world: World,
) -> None:
    world = own_world
    loan = in_default(world)
    restructured(world, loan)
    restructured(world, loan)
    view = loan_of(world, loan)
    assert (view["restructured"], view["classification"]["class"]) == (2, "substandard")
    reasons = [reason["reason"] for reason in view["classification"]["reasons"]]
    assert reasons == ["restructured-in-default", "restructured"]
    assert statement(world, loan)["classification"]["class"] == "substandard"


def test_terms_that_were_signed_before_another_restructuring_count_no_more(
    own_world: World,
) -> None:
    world = own_world
    loan = in_default(world)
    path = f"/v1/loans/{loan}/restructurings"
    body = terms(world, loan, forgivenPrincipal=cny("100.00"))
    left = world["supplier"].post(path, body).body
    restructured(world, loan)
    problem = refused(world["bank"], f"/v1/agreements/{left['id']}/signature")
    assert problem["contractError"]["name"] == "TermOutOfRange"
    assert problem["contractError"]["arguments"]["term"] == "restructurings"
    assert loan_of(world, loan)["outstanding"] == cny("500.00")
    restructured(world, loan)
    assert loan_of(world, loan)["restructured"] == 2


def test_frozen_borrower_is_special_mention_from_that_day(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent(world)
    pass_days(world, 2)
    body = {"partyId": world.parties["supplier"], "orderHash": ORDER_HASH}
    world["regulator"].command("/v1/holds", body)
    risk = loan_of(world, loan)["classification"]
    assert (risk["class"], risk["reasons"][0]["reason"]) == ("special-mention", "borrower-frozen")
    day_before = statement(world, loan, date=after(world, loan, 1))
    assert day_before["classification"]["class"] == "normal"


def test_waiver_takes_at_most_what_is_owed(own_world: World) -> None:
    world = own_world
    loan = in_default(world)
    world["bank"].command(f"/v1/loans/{loan}/waivers", {"penalty": cny("0.50")})
    assert loan_of(world, loan)["payoff"]["penalty"] == cny("1.00")
    body = {"penalty": cny("99.00"), "interest": cny("1.25")}
    world["bank"].command(f"/v1/loans/{loan}/waivers", body)
    view = loan_of(world, loan)
    assert (view["payoff"]["penalty"], view["payoff"]["interest"]) == (cny("0.00"), cny("1.75"))
    entries = [entry["details"] for entry in view["entries"] if entry["kind"] == "waived"]
    assert entries == [
        {"waivedPenalty": cny("0.50"), "waivedInterest": cny("0.00")},
        {"waivedPenalty": cny("1.00"), "waivedInterest": cny("1.25")},
    ]
    lines = [line for line in statement(world, loan)["lines"] if line["kind"] == "waived"]
    assert [line["forgiven"]["total"] for line in lines] == ["0.50", "2.25"]
    for ending in ("xlsx", "pdf"):
        answer = world.http.get(
            f"/v1/loans/{loan}/statement", params={"format": ending}, headers=world["bank"].headers
        )
        assert answer.status_code == 200 and len(answer.content) > 1000


def test_partial_write_off_is_shown_and_changes_no_debt(own_world: World) -> None:
    world = own_world
    loan = in_default(world)
    path = f"/v1/loans/{loan}/partial-write-offs"
    before = loan_of(world, loan)["payoff"]
    world["bank"].command(path, {"amount": cny("200.00")})
    view = loan_of(world, loan)
    assert (view["writtenOff"], view["payoff"]) == (cny("200.00"), before)
    assert view["classification"]["class"] == "doubtful"
    problem = refused(world["bank"], path, {"amount": cny("300.01")})
    assert problem["contractError"]["name"] == "TermOutOfRange"
    world["bank"].command(path, {"amount": cny("300.00")})
    assert loan_of(world, loan)["writtenOff"] == cny("500.00")


def test_court_orders_costs_without_the_borrower(own_world: World) -> None:
    world = own_world
    loan = in_default(world)
    order = {"kind": "costs", "orderHash": ORDER_HASH, "loanId": loan, "value": cny("35.00")}
    for name in ("bank", "operator", "auditor", "supplier"):
        assert refused(world[name], "/v1/orders-of-court", order)["status"] == 403, name
    done = world["regulator"].command("/v1/orders-of-court", order).body
    number = done["result"]["events"][0]["arguments"]["orderId"]
    pass_days(world, 4)
    world["second-regulator"].command(f"/v1/orders-of-court/{number}/execution")
    view = loan_of(world, loan)
    assert view["due"]["costs"] == cny("35.00")
    assert view["entries"][-1]["kind"] == "costs"


@pytest.mark.parametrize(
    ("change", "status", "name"),
    [
        ({"loanId": None}, 422, "loanId"),
        ({"value": None}, 422, "value"),
        ({"loanId": 999_999}, 404, "loan-unknown"),
        ({"value": {"amount": "1.00", "currency": "EUR"}}, 422, "value.currency"),
    ],
)
def test_invalid_order_of_costs_is_refused(
    world: World, change: Json, status: int, name: str
) -> None:
    _, loan, _ = lent(world)
    order = {"kind": "costs", "orderHash": ORDER_HASH, "loanId": loan, "value": cny("35.00")}
    problem = refused(world["regulator"], "/v1/orders-of-court", order | change)
    assert problem["status"] == status
    assert name in (problem.get("field"), problem["type"].rpartition(":")[2]), problem


def test_each_role_may_do_what_is_its_own(world: World) -> None:
    _, loan, _ = lent(world)
    waiver, write_off = {"interest": cny("1.00")}, {"amount": cny("1.00")}
    asked = {
        "restructurings": terms(world, loan),
        "waivers": waiver,
        "partial-write-offs": write_off,
    }
    strangers = {"castor": 404, "buyer": 404, "platform": 403}
    officials = ("operator", "auditor", "regulator", "rater", "registrar", "cash-issuer")
    for suffix, body in asked.items():
        path = f"/v1/loans/{loan}/{suffix}"
        for name in officials:
            assert refused(world[name], path, body)["status"] == 403, (name, suffix)
        for name in strangers:
            assert refused(world[name], path, body)["status"] in (403, 404), (name, suffix)
    for suffix in ("waivers", "partial-write-offs"):
        problem = refused(world["supplier"], f"/v1/loans/{loan}/{suffix}", asked[suffix])
        assert problem["status"] == 403, suffix
    problem = refused(world["bank"], f"/v1/loans/{loan}/partial-write-offs", write_off)
    assert problem["contractError"]["name"] == "StateForbids"


@pytest.mark.parametrize(
    ("suffix", "body", "field"),
    [
        ("restructurings", {"style": "billing-cycle"}, "style"),
        ("restructurings", {"dueDate": "2020-01-01"}, "dueDate"),
        ("restructurings", {"annualRate": -1}, "annualRate"),
        ("restructurings", {"annualRate": 1_000_001}, "annualRate"),
        ("restructurings", {"periods": 3}, "periods"),
        ("restructurings", {"interestGrace": 1}, "interestGrace"),
        ("restructurings", {"style": "interest-only", "principalGrace": 1}, "principalGrace"),
        ("restructurings", {"interestFromDate": "2020-01-01"}, "interestFromDate"),
        ("restructurings", {"forgivenPrincipal": cny("500.00")}, "forgivenPrincipal.amount"),
        (
            "restructurings",
            {"forgivenPenalty": {"amount": "1.00", "currency": "EUR"}},
            "forgivenPenalty.currency",
        ),
        ("restructurings", {"capitalisedPenalty": cny("1.00")}, "capitalisedPenalty"),
        ("waivers", {}, "penalty"),
        ("waivers", {"penalty": cny("0.00")}, "penalty.amount"),
        ("waivers", {"principal": cny("1.00")}, "principal"),
        ("partial-write-offs", {"amount": cny("0.00")}, "amount.amount"),
    ],
)
def test_invalid_body_names_its_field(world: World, suffix: str, body: Json, field: str) -> None:
    _, loan, _ = lent(world)
    whole = terms(world, loan) | body if suffix == "restructurings" else body
    problem = refused(world["bank"], f"/v1/loans/{loan}/{suffix}", whole)
    assert (problem["status"], problem["field"]) == (422, field)


def test_terms_beyond_the_product_are_refused_by_the_ledger_and_change_nothing(
    world: World,
) -> None:
    _, loan, _ = lent(world)
    before = loan_of(world, loan)
    body = terms(world, loan, annualRate=900_000)
    draft = world["bank"].post(f"/v1/loans/{loan}/restructurings", body).body
    with pytest.raises(GatewayRefused) as refusal:
        world["supplier"].command(f"/v1/agreements/{draft['id']}/signature")
    assert refusal.value.problem["contractError"]["name"] == "TermOutOfRange"
    assert loan_of(world, loan)["annualRate"] == before["annualRate"]


def test_new_terms_are_carried_out_once(world: World) -> None:
    _, loan, _ = lent(world)
    draft = world["bank"].post(f"/v1/loans/{loan}/restructurings", terms(world, loan)).body
    path = f"/v1/agreements/{draft['id']}"
    world["supplier"].command(f"{path}/signature")
    assert refused(world["supplier"], f"{path}/execution")["status"] == 409
    assert loan_of(world, loan)["restructured"] == 1


def test_repaid_loan_gets_no_new_terms(world: World) -> None:
    _, loan, _ = lent(world)
    world.cash("supplier", "1000.00")
    body = terms(world, loan)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    problem = refused(world["bank"], f"/v1/loans/{loan}/restructurings", body)
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (
        409,
        "loan-not-restructurable",
    )
