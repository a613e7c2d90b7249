"""Losses through the API: reserve, sharers, insurer and lender agree, pay and see their parts."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.support.bank_entries import came_in, days_after, loan_of, name_of, taken_back
from tests.support.bank_files import notification, uploaded
from tests.support.bodies import Json
from tests.support.lending import FAR, agreed_facility, drawn, product
from tests.support.world import World, caught_up, cny, refused


def sharing(world: World, by: str = "operator", **change: Any) -> Json:
    """A sharing with castor, drafted."""
    number = product(world, "receivables-finance")["id"]
    body = {
        "sharerPartyId": world.parties["castor"],
        "part": 300_000,
        "cap": cny("100.00"),
        "lastDate": FAR,
    }
    return dict(world[by].post(f"/v1/products/{number}/sharings", body | change).body)


def insured(world: World, facility: int) -> Json:
    """Insurance of a facility by the platform, requested by the bank."""
    body = {
        "insurerPartyId": world.parties["platform"],
        "insuredAmount": cny("200.00"),
        "lastDate": FAR,
    }
    return dict(world["bank"].post(f"/v1/facilities/{facility}/insurances", body).body)


def test_loss_is_borne_in_order_and_every_amount_is_shown(own_world: World) -> None:
    world = own_world
    number = product(world, "receivables-finance")["id"]
    facility = agreed_facility(world)
    draft = sharing(world)
    assert draft["missing"] == ["sharer"]
    agreement = f"/v1/agreements/{draft['id']}"
    assert world["castor"].post(f"{agreement}/signature").body["state"] == "signed"
    assert refused(world["castor"], f"{agreement}/execution")["status"] == 403
    world["operator"].command(f"{agreement}/execution")
    collateral = insured(world, facility)
    world["platform"].command(f"/v1/agreements/{collateral['id']}/signature")

    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, facility, claim, "800.00", tenor=30)
    world["bank"].command(
        f"/v1/reserves/{number}/top-ups",
        {"amount": cny("96.00"), "lenderPartyId": world.parties["bank"]},
    )
    reserve = world["auditor"].get(f"/v1/reserves/{number}").body
    assert reserve["balance"] == cny("100.00"), "4.00 of the draw, and the top-up"
    assert reserve["pool"] == cny("0.00"), "each lender's own"
    assert [lender["balance"] for lender in reserve["lenders"]] == [cny("100.00")]
    assert [entry["kind"] for entry in reserve["entries"]][:2] == ["ReserveFed", "ReserveFed"]
    assert refused_get(world, "bank", f"/v1/loans/{loan}/loss") == 404

    world.later(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/overdue")
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    path = f"/v1/loans/{loan}/loss"
    body = world["castor"].get(path).body
    # 800 - 100 of the reserve; castor's 30% of 700 end at its cap of 100, which it has not; 200
    # of the rest are the insurer's to pay.
    assert body["loss"] == cny("800.00")
    assert body["fromReserve"] == cny("100.00")
    assert body["fromSharers"] == cny("0.00")
    assert [share["amount"] for share in body["openShares"]] == [cny("100.00")]
    assert body["openInsurance"]["amount"] == cny("200.00")
    assert body["borne"] == cny("700.00")

    before = float(world.balance("bank"))
    world.cash("castor", "100.00")
    world.cash("platform", "200.00")
    too_much = refused(world["castor"], f"{path}/shares/0/payments", {"amount": cny("100.01")})
    assert "AmountOutOfRange" in str(too_much)
    world["castor"].command(f"{path}/shares/0/payments", {"amount": cny("100.00")})
    world["platform"].command(f"{path}/insurance/payments", {"amount": cny("200.00")})
    body = world["bank"].get(path).body
    assert body["fromSharers"] == cny("100.00")
    assert body["fromInsurer"] == cny("200.00")
    assert body["borne"] == cny("400.00")
    assert float(world.balance("bank")) == pytest.approx(before + 300)

    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("1500.00")})
    world["supplier"].command(f"/v1/claims/{claim}/collection")
    body = world["auditor"].get(path).body
    assert body["recovered"] == cny("800.00")
    back = [
        (entry["source"], entry["amount"]["amount"])
        for entry in reversed(body["entries"])
        if entry["kind"] == "LossRecovered"
    ]
    assert back == [
        *(("lender", "400.00"), ("insurer", "200.00")),
        *(("sharer", "100.00"), ("reserve", "100.00")),
    ]


def lost(world: World) -> tuple[int, int, int]:
    """A loan of 800.00 that is lost: the reserve bore 4.00, castor 100.00, the bank the rest.

    Returns:
        The loan, and its collateral: a receivable and the claim on it.
    """
    agreement = f"/v1/agreements/{sharing(world)['id']}"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=30)
    world.later(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    world.cash("castor", "100.00")
    world["castor"].command(f"/v1/loans/{loan}/loss/shares/0/payments", {"amount": cny("100.00")})
    return loan, receivable, claim


def test_payment_after_a_loss_is_recorded_late_and_reversed_by_the_bank(own_world: World) -> None:
    world = own_world
    loan, receivable, claim = lost(world)
    path = f"/v1/loans/{loan}/loss"
    assert world["bank"].get(path).body["borne"] == cny("696.00")
    world.later(10 * 86_400)
    before = {name: Decimal(world.balance(name)) for name in ("bank", "castor")}

    def gained() -> dict[str, Decimal]:
        return {name: Decimal(world.balance(name)) - before[name] for name in before}

    # It came in on day 50: 4.80 of interest, and 4.80 of penalty for twenty days.
    day = days_after(loan_of(world, loan)["startDate"], 50)
    entry, mark = came_in(world, loan, "750.00", day)
    world["bank"].command(f"{entry}/repayment")
    body = world["castor"].get(path).body
    assert (body["recovered"], body["outlay"]) == (cny("740.40"), cny("0.00"))
    assert gained() == {"bank": Decimal("-44.40"), "castor": Decimal("44.40")}
    assert loan_of(world, loan)["outstanding"] == cny("59.60")
    lines = world["bank"].get(f"/v1/loans/{loan}/statement").body["lines"]
    (line,) = [line for line in lines if line["kind"] == "recorded"]
    assert (line["date"], line["paid"]["principal"]) == (day, "740.40")

    # The bank takes it back: nobody pays, and later recoveries are the bank's first.
    taken = notification(taken_back("750.00", mark)).replace(b"M1", b"M9")
    (identifier,) = uploaded(world, taken)["reversalOperationIds"]
    done = world["bank"].get(f"/v1/operations/{identifier}", wait=50).body
    assert done["state"] in ("included", "final"), done
    body = world["castor"].get(path).body
    assert (body["recovered"], body["outlay"]) == (cny("0.00"), cny("44.40"))
    assert gained() == {"bank": Decimal("-44.40"), "castor": Decimal("44.40")}
    assert loan_of(world, loan)["outstanding"] == cny("800.00")
    again = refused(world["bank"], f"{entry}/reversal", {"reason": "again"})
    assert name_of(again) == "payment-not-recorded"

    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("1500.00")})
    world["supplier"].command(f"/v1/claims/{claim}/collection")
    body = world["auditor"].get(path).body
    assert (body["recovered"], body["outlay"]) == (cny("800.00"), cny("0.00"))
    back = [
        (entry["source"], entry["amount"]["amount"])
        for entry in reversed(body["entries"])
        if entry["kind"] == "LossRecovered"
    ]
    assert back == [
        *(("lender", "696.00"), ("sharer", "44.40")),
        *(("lender", "696.00"), ("outlay", "44.40"), ("sharer", "55.60"), ("reserve", "4.00")),
    ]
    assert gained()["castor"] == Decimal("100.00"), "whole, and no more"


def test_what_others_got_is_the_most_that_was_ever_theirs(own_world: World) -> None:
    """Payments and reversals in any order.

    The model: the bank is first with the 696.00 that it bore; the others keep the most that was
    ever recovered beyond that, and what they have too much of it is the bank's outlay.
    """
    world, randomness = own_world, random.Random(50)
    loan, _, _ = lost(world)
    world.later(6 * 86_400)
    first = loan_of(world, loan)["startDate"]
    before, most = Decimal(world.balance("castor")), Decimal(0)
    recorded: list[str] = []
    for _ in range(9):
        if recorded and randomness.random() < 0.4:
            entry = recorded.pop(randomness.randrange(len(recorded)))
            world["bank"].command(f"{entry}/reversal", {"reason": "returned"})
        elif loan_of(world, loan)["status"] == "repaid":
            continue
        elif randomness.random() < 0.2:
            payment = {"amount": cny(f"{randomness.randint(1, 90)}.00")}
            world["supplier"].command(f"/v1/loans/{loan}/repayments", payment)
        else:
            day = days_after(first, randomness.randint(48, 53))
            entry, _ = came_in(world, loan, f"{randomness.randint(100, 790)}.37", day)
            world["bank"].command(f"{entry}/repayment")
            recorded.append(entry)
        loss = world["bank"].get(f"/v1/loans/{loan}/loss").body
        recovered = Decimal("800.00") - Decimal(loan_of(world, loan)["outstanding"]["amount"])
        beyond = max(Decimal(0), recovered - Decimal("696.00"))
        most = max(most, beyond)
        assert Decimal(loss["recovered"]["amount"]) == recovered
        assert Decimal(loss["outlay"]["amount"]) == most - beyond
        assert Decimal(world.balance("castor")) - before == min(most, Decimal("100.00"))
    assert most > 0, "others got something"


def test_payment_of_before_a_loss_is_not_reversed_but_counts_for_others(own_world: World) -> None:
    world = own_world
    agreement = f"/v1/agreements/{sharing(world)['id']}"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=30)
    first = loan_of(world, loan)["startDate"]
    entry, _ = came_in(world, loan, "100.00", first)
    world["bank"].command(f"{entry}/repayment")
    world.later(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    caught_up(world)
    problem = refused(world["bank"], f"{entry}/reversal", {"reason": "returned by the bank"})
    assert "LossShared" in str(problem), problem
    # The bank finds another payment of before the loss.
    late, _ = came_in(world, loan, "200.00", days_after(first, 40))
    world["bank"].command(f"{late}/repayment")
    loss = world["bank"].get(f"/v1/loans/{loan}/loss").body
    owed = Decimal(loan_of(world, loan)["outstanding"]["amount"])
    assert owed + Decimal(loss["recovered"]["amount"]) == Decimal(loss["loss"]["amount"])
    assert Decimal("190.00") < Decimal(loss["recovered"]["amount"]) < Decimal("200.00")


def refused_get(world: World, name: str, path: str) -> int:
    """The status of a reading that must not be answered."""
    return world.http.get(path, headers=world[name].headers).status_code


def test_reserves_sharings_and_insurance_change_only_by_their_roles(world: World) -> None:
    number = product(world, "order-finance")["id"]
    facility = agreed_facility(world)
    amount = {"amount": cny("1.00")}
    for name in ("bank", "supplier", "auditor", "rater"):
        assert refused(world[name], f"/v1/reserves/{number}/cap", amount)["status"] == 403
    for name in ("operator", "auditor", "rater"):
        assert refused(world[name], f"/v1/reserves/{number}/top-ups", amount)["status"] == 403
    for name in ("supplier", "buyer", "rater"):
        assert refused_get(world, name, f"/v1/reserves/{number}") == 403
    collateral = {
        "insurerPartyId": world.parties["platform"],
        "insuredAmount": cny("1.00"),
        "lastDate": FAR,
    }
    path = f"/v1/facilities/{facility}/insurances"
    assert refused(world["castor"], path, collateral)["status"] == 404
    assert refused(world["supplier"], path, collateral)["status"] == 403
    own = collateral | {"insurerPartyId": world.parties["bank"]}
    assert refused(world["bank"], path, own)["field"] == "insurerPartyId"
    assert (
        refused(world["bank"], path, collateral | {"lastDate": "2020-01-01"})["field"] == "lastDate"
    )
    world["operator"].command(f"/v1/reserves/{number}/cap", {"amount": cny("7.00")})
    path, more = f"/v1/reserves/{number}/top-ups", {"amount": cny("7.01")}
    full = refused(world["bank"], path, more | {"lenderPartyId": world.parties["bank"]})
    assert "ReserveFull" in str(full)
    assert "NotPooled" in str(refused(world["bank"], path, more)), "each lender's own"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sharerPartyId": "nobody"}, "sharerPartyId"),
        ({"part": 0}, "part"),
        ({"part": 1_000_001}, "part"),
        ({"cap": cny("0.00")}, "cap.amount"),
        ({"cap": {"amount": "1.00", "currency": "EUR"}}, "cap.currency"),
        ({"lastDate": "2020-01-01"}, "lastDate"),
    ],
)
def test_invalid_sharing_names_its_field(world: World, change: Json, field: str) -> None:
    number = product(world, "receivables-finance")["id"]
    body = {
        "sharerPartyId": world.parties["castor"],
        "part": 300_000,
        "cap": cny("100.00"),
        "lastDate": FAR,
    }
    path = f"/v1/products/{number}/sharings"
    problem = refused(world["operator"], path, body | change)
    assert (problem["status"], problem["field"]) == (422, field), problem
    assert refused(world["bank"], path, body)["status"] == 403


def test_sharer_sees_each_of_its_shares(own_world: World) -> None:
    world = own_world
    for part in (300_000, 100_000):
        agreement = f"/v1/agreements/{sharing(world, part=part)['id']}"
        world["castor"].post(f"{agreement}/signature")
        world["operator"].command(f"{agreement}/execution")
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=30)
    world.later(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    loss_view = world["castor"].get(f"/v1/loans/{loan}/loss").body
    assert [share["place"] for share in loss_view["openShares"]] == [0, 1]


def test_a_sharing_ends_by_the_operator_with_the_sharers_signature(own_world: World) -> None:
    world = own_world
    number = product(world, "receivables-finance")["id"]
    path = f"/v1/products/{number}/sharings/0/end"
    assert refused(world["operator"], path)["status"] == 404, "there is none"
    agreement = f"/v1/agreements/{sharing(world)['id']}"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    assert refused(world["bank"], path)["status"] == 403
    draft = world["operator"].post(path).body
    assert (draft["kind"], draft["missing"]) == ("sharing-end", ["sharer"])
    agreement = f"/v1/agreements/{draft['id']}"
    assert refused(world["operator"], f"{agreement}/execution")["status"] == 409, "not signed yet"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    assert refused(world["operator"], path)["status"] == 409, "it has ended"

    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=30)
    world.later(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    loss_view = world["bank"].get(f"/v1/loans/{loan}/loss").body
    assert loss_view["openShares"] == [], "nobody shares it any more"


def test_a_sharer_or_an_insurer_bears_nothing_of_a_loan_drawn_before(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, facility, claim, "800.00", tenor=30)
    agreement = f"/v1/agreements/{sharing(world)['id']}"
    world["castor"].post(f"{agreement}/signature")
    world["operator"].command(f"{agreement}/execution")
    collateral = insured(world, facility)
    world["platform"].command(f"/v1/agreements/{collateral['id']}/signature")
    world.later(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    loss_view = world["bank"].get(f"/v1/loans/{loan}/loss").body
    assert (loss_view["openShares"], loss_view["openInsurance"]) == ([], None)
    assert loss_view["borne"] == cny("796.00"), "all but the 4.00 that the draw fed"


def test_no_loss_counts_in_the_first_days_of_a_loan(own_world: World) -> None:
    world = own_world
    receivable, claim = world.confirmed(amount="1000.00", days=2)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=1)
    world.later(12 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/default")
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    assert "TooEarly" in str(refused(world["bank"], f"/v1/loans/{loan}/loss"))
    world.later(19 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/loss")
