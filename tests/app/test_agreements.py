"""What several sides sign: extensions, set-offs, costs, and several loans repaid at once."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tests.app.lending import drawn, line
from tests.app.world import World, cny, refused


def day(days: int) -> str:
    """A date so many days from today."""
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


def lent(world: World, amount: str = "500.00") -> tuple[int, int, int]:
    """A loan on a claim of 1,000.00: its line, its id, the claim."""
    facility = line(world)
    _, claim = world.confirmed(amount="1000.00", days=200)
    return facility, drawn(world, facility, claim, amount), claim


def proposed(world: World, by: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A draft."""
    return dict(world[by].post(path, body).body)


def test_a_loan_is_extended_once_both_have_signed(world: World) -> None:
    _, loan, _ = lent(world)
    made = proposed(world, "supplier", f"/v1/loans/{loan}/extensions", {"dueDate": day(90)})
    assert (made["state"], made["missing"]) == ("waiting", ["lender"])
    assert made["typedData"]["primaryType"] == "Extension"
    path = f"/v1/agreements/{made['id']}"
    assert refused(world["supplier"], f"{path}/execution")["status"] == 409
    waiting = world["bank"].get("/v1/agreements").body["items"]
    assert waiting[0]["id"] == made["id"]
    done = world["bank"].command(f"{path}/signature").body
    assert done["state"] in ("included", "final")
    assert world["bank"].get(path).body["state"] == "agreed"
    seen = world["supplier"].get(f"/v1/loans/{loan}").body
    assert seen["schedule"][0]["date"] == day(90)
    assert [one["kind"] for one in seen["entries"]] == ["drawn", "extended"]
    assert refused(world["bank"], f"{path}/execution")["status"] == 409


def test_an_earlier_day_is_refused_by_the_ledger_and_can_be_drafted_anew(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/extensions"
    made = proposed(world, "bank", path, {"dueDate": day(5)})
    problem = refused(world["supplier"], f"/v1/agreements/{made['id']}/signature")
    assert problem["status"] == 422, problem
    made = proposed(world, "bank", path, {"dueDate": day(60)})
    world["supplier"].command(f"/v1/agreements/{made['id']}/signature")


def test_a_claim_is_handed_over_for_debt_at_a_signed_value(world: World) -> None:
    _, loan, _ = lent(world)
    _, other = world.confirmed(amount="300.00")
    body = {"claimId": other, "claimValue": cny("300.00"), "credit": cny("290.00")}
    made = proposed(world, "supplier", f"/v1/loans/{loan}/set-offs", body)
    world["bank"].command(f"/v1/agreements/{made['id']}/signature")
    seen = world["supplier"].get(f"/v1/loans/{loan}").body
    assert seen["outstanding"] == cny("210.00")
    assert world["bank"].get(f"/v1/claims/{other}").body["lienholder"] is None
    assert [one["id"] for one in world["bank"].get("/v1/claims").body["items"]].count(other) == 1


def test_costs_are_charged_by_the_lender_with_the_borrowers_signature(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/costs"
    body = {"amount": cny("35.00"), "papers": "the bailiff's bill of today"}
    assert refused(world["supplier"], path, body)["status"] == 403
    made = proposed(world, "bank", path, body)
    agreement = f"/v1/agreements/{made['id']}"
    early = refused(world["bank"], f"{agreement}/execution")
    assert (early["status"], early["type"][-17:]) == (409, "signature-missing")
    signed = world["supplier"].post(f"{agreement}/signature").body
    assert signed["state"] == "signed"
    assert refused(world["supplier"], f"{agreement}/execution")["status"] == 403
    world["bank"].command(f"{agreement}/execution")
    seen = world["supplier"].get(f"/v1/loans/{loan}").body
    assert seen["payoff"]["costs"] == cny("35.00")


def test_nobody_else_sees_signs_or_carries_out_an_agreement(world: World) -> None:
    _, loan, _ = lent(world)
    made = proposed(world, "bank", f"/v1/loans/{loan}/extensions", {"dueDate": day(90)})
    path = f"/v1/agreements/{made['id']}"
    for name in ("castor", "buyer", "rater"):
        found = world.http.get(path, headers=world[name].headers)
        assert found.status_code == 404, name
    for name, suffix, status in (
        *(("castor", "signature", 404), ("castor", "execution", 404)),
        *(("rater", "signature", 403), ("operator", "execution", 403)),
    ):
        assert refused(world[name], f"{path}/{suffix}")["status"] == status, name
    assert world["auditor"].get(path).body["id"] == made["id"]
    for suffix, body in (
        ("extensions", {"dueDate": day(90)}),
        ("set-offs", {"claimId": 1, "claimValue": cny("1.00"), "credit": cny("1.00")}),
        ("costs", {"amount": cny("1.00"), "papers": "x"}),
    ):
        assert refused(world["castor"], f"/v1/loans/{loan}/{suffix}", body)["status"] == 404
    wrong = {"signature": "0x" + "11" * 64 + "1b"}
    assert refused(world["supplier"], f"{path}/signature", wrong)["status"] in (409, 422)
    assert world["bank"].get(path).body["missing"] == ["borrower"]


@pytest.mark.parametrize(
    ("suffix", "body", "field"),
    [
        ("extensions", {}, "dueDate"),
        ("extensions", {"months": 3}, "dueDate"),
        ("extensions", {"dueDate": "soon"}, "dueDate"),
        ("set-offs", {"claimId": 0, "claimValue": cny("1.00"), "credit": cny("1.00")}, "claimId"),
        (
            "set-offs",
            {
                "claimId": 1,
                "claimValue": cny("1.00"),
                "credit": {"amount": "1.00", "currency": "EUR"},
            },
            "credit.currency",
        ),
        ("costs", {"amount": cny("0.00"), "papers": "x"}, "amount.amount"),
        ("costs", {"amount": cny("1.00"), "papers": ""}, "papers"),
    ],
)
def test_a_draft_that_does_not_hold_names_its_field(
    world: World, suffix: str, body: dict[str, Any], field: str
) -> None:
    _, loan, _ = lent(world)
    problem = refused(world["bank"], f"/v1/loans/{loan}/{suffix}", body)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_several_loans_are_repaid_at_once_the_first_one_first(world: World) -> None:
    facility, first, _ = lent(world, "100.00")
    _, claim = world.confirmed(amount="1000.00")
    second = drawn(world, facility, claim, "200.00")
    body = {"loanIds": [first, second], "amount": cny("150.00")}
    world["supplier"].command("/v1/repayments", body)
    assert world["supplier"].get(f"/v1/loans/{first}").body["status"] == "Repaid"
    assert world["supplier"].get(f"/v1/loans/{second}").body["outstanding"] == cny("150.00")
    assert refused(world["castor"], "/v1/repayments", body)["status"] == 404
    twice = refused(world["supplier"], "/v1/repayments", body | {"loanIds": [second, second]})
    assert (twice["status"], twice["field"]) == (422, "loanIds")


def test_a_day_before_the_ledgers_first_is_refused(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/extensions"
    assert refused(world["supplier"], path, {"dueDate": "0001-01-01"})["status"] == 422
