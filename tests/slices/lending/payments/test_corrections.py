"""Value dates and corrections of repayments outside the ledger, over HTTP on a real chain."""

from __future__ import annotations

import random
import uuid

import pytest

from tests.support.bank_entries import came_in, days_after, kinds, loan_of, name_of, taken_back
from tests.support.bank_files import notification, uploaded
from tests.support.goods_on_loan import later
from tests.support.history_parts import entrusted
from tests.support.lending import FAR, agreed_facility, drawn, lent, product
from tests.support.stops import stopped
from tests.support.world import World, caught_up, cny, refused

DAY = 86_400


def test_repayment_of_the_29th_that_is_recorded_on_the_39th_counts_from_the_29th(
    own_world: World,
) -> None:
    world = own_world
    _, loan, claim = lent(world)
    first = loan_of(world, loan)["startDate"]
    later(world, 39 * DAY)
    caught_up(world)
    path, _ = came_in(world, loan, "502.90", days_after(first, 29))
    assert float(loan_of(world, loan)["payoff"]["total"]["amount"]) > 502.90
    before = world.balance("bank"), world.balance("supplier")
    world["bank"].command(f"{path}/repayment")
    after = loan_of(world, loan)
    assert (after["status"], after["payoff"]["total"]) == ("repaid", cny("0.00"))
    assert (world.balance("bank"), world.balance("supplier")) == before
    assert world["supplier"].get(f"/v1/claims/{claim}").body["lienholder"] is None
    lines = world["supplier"].get(f"/v1/loans/{loan}/statement").body["lines"]
    (line,) = [line for line in lines if line["kind"] == "recorded"]
    assert line["date"] == days_after(first, 29)
    assert (line["paid"]["interest"], line["paid"]["principal"]) == ("2.90", "500.00")
    # It comes back: the loan is owed again, and says that nothing secures it.
    world["bank"].command(f"{path}/reversal", {"reason": "returned by the bank"})
    again = loan_of(world, loan)
    assert (again["status"], again["outstanding"]) == ("running", cny("500.00"))
    assert again["collateral"] == {"kind": "none", "id": None}
    assert kinds(world, loan)[-2:] == ["reversed", "restated"]
    assert again["entries"][-1]["details"]["unsecured"] is True
    assert name_of(refused(world["bank"], f"{path}/reversal", {"reason": "again"})) == (
        "payment-not-recorded"
    )
    assert world["supplier"].get(f"/v1/claims/{claim}").body["lienholder"] is None


def test_days_that_the_currency_lost_count_for_a_repaid_loan_that_is_owed_again(
    own_world: World,
) -> None:
    world = own_world
    facility, loan, _ = lent(world)
    _, claim = world.confirmed(amount="1000.00", days=60)
    other = drawn(world, facility, claim, "100.00")
    first = loan_of(world, loan)["startDate"]
    later(world, 5 * DAY)
    caught_up(world)
    path, _ = came_in(world, loan, "500.50", days_after(first, 5))
    world["bank"].command(f"{path}/repayment")
    assert loan_of(world, loan)["status"] == "repaid"
    payment = {"amount": cny("10.00")}
    world["supplier"].command(f"/v1/loans/{other}/repayments", payment)
    with stopped(world):
        refused(world["supplier"], f"/v1/loans/{other}/repayments", payment)
        world.later(3 * DAY)
    world["supplier"].command(f"/v1/loans/{other}/repayments", payment)
    world["bank"].command(f"{path}/reversal", {"reason": "returned by the bank"})
    body = loan_of(world, loan)
    assert (body["status"], body["daysLost"]) == ("running", 3)
    assert body["payoff"]["interest"] == cny("0.50"), "five days of 500.00 at 7.2 %"
    world["supplier"].command(f"/v1/loans/{loan}/repayments", payment)
    assert loan_of(world, loan)["outstanding"] == cny("490.50"), "the twin agrees"


def test_banks_own_reversal_reverses_what_was_recorded(world: World) -> None:
    facility, loan, _ = lent(world)
    first = loan_of(world, loan)["startDate"]
    path, mark = came_in(world, loan, "120.00", first)
    other, other_mark = came_in(world, loan, "30.00", first)
    world["bank"].command(f"{path}/repayment")
    world["bank"].command(f"{other}/repayment")
    assert loan_of(world, loan)["outstanding"] == cny("350.00")
    debits = [taken_back("120.00", mark), taken_back("30.00", other_mark)]
    body = uploaded(world, notification(*debits).replace(b"M1", b"M9"))
    assert [item["entryId"] is None for item in body["reversals"]] == [False, False]
    for identifier in body["reversalOperationIds"]:
        done = world["bank"].get(f"/v1/operations/{identifier}", wait=50).body
        assert done["state"] in ("included", "final"), done
    assert loan_of(world, loan)["outstanding"] == cny("500.00")
    assert world["bank"].get(f"/v1/facilities/{facility}").body["outstanding"] == cny("500.00")
    # The same message again acts once.
    again = uploaded(world, notification(*debits).replace(b"M1", b"M8"))
    assert again["reversalOperationIds"] == []


def test_money_on_the_wrong_loan_moves_to_the_right_one(world: World) -> None:
    facility = agreed_facility(world)
    wrong, right = (
        drawn(world, facility, world.confirmed(amount="1000.00", days=200)[1], "500.00")
        for _ in range(2)
    )
    first = loan_of(world, wrong)["startDate"]
    path, _ = came_in(world, wrong, "120.00", first)
    world["bank"].command(f"{path}/repayment")
    world["bank"].command(f"{path}/move", {"loanId": right, "reason": "the payer's mistake"})
    assert loan_of(world, wrong)["outstanding"] == cny("500.00")
    assert loan_of(world, right)["outstanding"] == cny("380.00")
    assert kinds(world, wrong)[-2:] == ["moved", "restated"]
    for loan, lines_expected in ((wrong, 0), (right, 1)):
        lines = world["supplier"].get(f"/v1/loans/{loan}/statement").body["lines"]
        assert len([line for line in lines if line["kind"] == "recorded"]) == lines_expected
    # It is found on the loan on which it is now.
    world["bank"].command(f"{path}/reversal", {"reason": "returned"})
    assert loan_of(world, right)["outstanding"] == cny("500.00")
    same = refused(world["bank"], f"{path}/move", {"loanId": wrong, "reason": "no"})
    assert name_of(same) == "payment-not-recorded"


def test_what_was_paid_too_much_waits_and_is_paid_back(world: World) -> None:
    _, loan, _ = lent(world)
    first = loan_of(world, loan)["startDate"]
    path, _ = came_in(world, loan, "510.00", first)
    world["bank"].command(f"{path}/repayment")
    assert loan_of(world, loan)["overpaid"] == cny("10.00")
    before = float(world.balance("supplier"))
    refunds = f"/v1/loans/{loan}/refunds"
    world["bank"].command(refunds, {"amount": cny("4.00")})
    world["bank"].command(refunds, {"amount": cny("1.00"), "bankReference": "OUT-1"})
    assert float(world.balance("supplier")) == pytest.approx(before + 4)
    assert loan_of(world, loan)["overpaid"] == cny("5.00")
    too_much = refused(world["bank"], refunds, {"amount": cny("5.01")})
    assert name_of(too_much) == "refund-too-big"
    # Money that went back would be owed.
    problem = refused(world["bank"], f"{path}/reversal", {"reason": "returned"})
    assert "RefundUncovered" in str(problem), problem


@pytest.mark.parametrize("days", [-1, 1])
def test_value_date_before_the_draw_or_in_the_future_is_refused(world: World, days: int) -> None:
    _, loan, _ = lent(world)
    first = loan_of(world, loan)["startDate"]
    path, _ = came_in(world, loan, "1.00", days_after(first, days))
    problem = refused(world["bank"], f"{path}/repayment")
    assert (name_of(problem), problem["field"]) == ("value-date-out-of-range", "valueDate")


def test_value_date_may_be_later_than_the_banks_but_not_by_choice(world: World) -> None:
    _, loan, _ = lent(world)
    first = loan_of(world, loan)["startDate"]
    before, _ = came_in(world, loan, "1.00", days_after(first, -3))
    for days in (-4, 1):  # before the bank's value date, and after the first day that can count
        problem = refused(
            world["bank"], f"{before}/repayment", {"valueDate": days_after(first, days)}
        )
        assert (name_of(problem), problem["field"]) == ("value-date-out-of-range", "valueDate")
    world["bank"].command(f"{before}/repayment", {"valueDate": first})
    lines = world["supplier"].get(f"/v1/loans/{loan}/statement").body["lines"]
    assert [line["date"] for line in lines if line["kind"] == "recorded"] == [first]


def test_second_payment_waits_until_the_first_is_on_the_ledger(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent(world)
    first = loan_of(world, loan)["startDate"]
    later(world, 5 * DAY)
    caught_up(world)
    paths = [came_in(world, loan, amount, days_after(first, 2))[0] for amount in ("10.00", "20.00")]
    node = world.server.node
    node.ask("evm_setAutomine", False)
    headers = world["bank"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    answer = world.http.post(f"{paths[0]}/repayment", json={}, headers=headers)
    assert answer.status_code == 202, answer.text
    begun = answer.json()["operation"]
    problem = refused(world["bank"], f"{paths[1]}/repayment", {})
    assert (problem["status"], name_of(problem)) == (409, "correction-under-way")
    node.ask("evm_setAutomine", True)
    node.ask("evm_mine")
    done = world["bank"].get(f"/v1/operations/{begun['id']}", wait=50).body
    assert done["state"] in ("included", "final"), done
    world["bank"].command(f"{paths[1]}/repayment", {})
    world["bank"].command(f"{paths[0]}/move", {"valueDate": days_after(first, 1), "reason": "x"})


def test_payment_on_an_extended_bullet_is_recorded_and_reversed(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent(world)
    first = loan_of(world, loan)["startDate"]
    later(world, 4 * DAY)
    caught_up(world)
    path, _ = came_in(world, loan, "100.00", days_after(first, 3))
    world["bank"].command(f"{path}/repayment")
    body = {"dueDate": days_after(first, 90)}
    draft = world["supplier"].post(f"/v1/loans/{loan}/extensions", body).body
    world["bank"].command(f"/v1/agreements/{draft['id']}/signature")
    extended = loan_of(world, loan)
    later(world, 6 * DAY)
    caught_up(world)
    path, _ = came_in(world, loan, "50.00", days_after(first, 6))
    world["bank"].command(f"{path}/repayment")
    world["bank"].command(f"{path}/move", {"valueDate": days_after(first, 5), "reason": "x"})
    world["bank"].command(f"{path}/reversal", {"reason": "returned"})
    assert loan_of(world, loan)["outstanding"] == extended["outstanding"]


def test_only_the_lender_corrects_its_own_entries(world: World) -> None:
    _, loan, _ = lent(world)
    first = loan_of(world, loan)["startDate"]
    path, _ = came_in(world, loan, "20.00", first)
    world["bank"].command(f"{path}/repayment")
    calls = [
        (f"{path}/reversal", {"reason": "x"}),
        (f"{path}/move", {"valueDate": first, "reason": "x"}),
        (f"/v1/loans/{loan}/refunds", {"amount": cny("1.00")}),
    ]
    for name, status in (
        *(("platform", 404), ("castor", 403), ("supplier", 403), ("buyer", 403)),
        *(("operator", 403), ("auditor", 403), ("regulator", 403), ("registrar", 403)),
    ):
        for called, body in calls:
            assert refused(world[name], called, body)["status"] == status, (name, called)


def test_correction_of_an_entrusted_loan_pays_the_administering_banks_fee(own_world: World) -> None:
    world = own_world
    loan, first = entrusted(world)
    later(world, 8 * DAY)
    caught_up(world)
    path, _ = came_in(world, loan, "200.00", days_after(first, 2), by="platform")
    world["platform"].command(f"{path}/repayment")
    banks = float(world.balance("bank"))
    # Four days more of 50,000.00 at 7.2 % are 40.00 of interest; the bank's tenth is 4.00.
    moved = {"valueDate": days_after(first, 6), "reason": "the bank's own correction"}
    world["platform"].command(f"{path}/move", moved)
    assert float(world.balance("bank")) == pytest.approx(banks + 4)
    assert loan_of(world, loan)["outstanding"] == cny("49860.00")


def test_any_order_of_recordings_gives_the_loan_of_the_right_order(own_world: World) -> None:
    """One loan is paid on its days; of the other the same payments are recorded at the end."""
    world, chance = own_world, random.Random(37)
    facility = agreed_facility(world)
    punctual, delayed = (
        drawn(world, facility, world.confirmed(amount="1000.00", days=200)[1], "500.00")
        for _ in range(2)
    )
    first = loan_of(world, punctual)["startDate"]
    payments, passed = [], 0
    for days in sorted(chance.sample(range(1, 45), 5)):
        later(world, (days - passed) * DAY)
        caught_up(world)
        passed = days
        amount = f"{chance.randrange(1, 80)}.{chance.randrange(100):02}"
        payments.append((amount, days_after(first, days)))
        path, _ = came_in(world, punctual, *payments[-1])
        world["bank"].command(f"{path}/repayment")
    later(world, 5 * DAY)
    caught_up(world)
    wrong, _ = came_in(world, delayed, "33.33", days_after(first, 20))
    chance.shuffle(payments)
    for number, (amount, day) in enumerate(payments):
        if number == 2:
            world["bank"].command(f"{wrong}/repayment")
        path, _ = came_in(world, delayed, amount, day)
        world["bank"].command(f"{path}/repayment")
    world["bank"].command(f"{wrong}/reversal", {"reason": "never came"})
    names = ("status", "outstanding", "due", "payoff", "overpaid", "daysPastDue")
    one, other = (
        {name: loan_of(world, loan)[name] for name in names} for loan in (punctual, delayed)
    )
    assert one == other
    statements = [
        world["supplier"].get(f"/v1/loans/{loan}/statement").body["lines"]
        for loan in (punctual, delayed)
    ]
    assert statements[0] == statements[1]


def test_borrower_signs_a_correction_after_the_facilitys_days(own_world: World) -> None:
    world = own_world
    terms = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("100.00"),
        "lastDate": FAR,
        "correctionDays": 31,
    }
    problem = refused(world["bank"], "/v1/facility-proposals", terms)
    assert problem["field"] == "correctionDays", problem
    facility = agreed_facility(world, correctionDays=0)
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["correctionDays"] == 0
    loan = drawn(world, facility, world.confirmed(amount="1000.00", days=200)[1], "500.00")
    first = loan_of(world, loan)["startDate"]
    path, _ = came_in(world, loan, "120.00", first)
    world["bank"].command(f"{path}/repayment")
    later(world, DAY)
    caught_up(world)
    problem = refused(world["bank"], f"{path}/reversal", {"reason": "returned"})
    assert "CorrectionLate" in str(problem), problem
    request = {"reverse": True, "reason": "returned"}
    proposal = world["bank"].post(f"{path}/correction-agreement", request).body
    assert (proposal["kind"], proposal["missing"]) == ("correction", ["borrower"])
    agreement = f"/v1/agreements/{proposal['id']}"
    assert refused(world["bank"], f"{agreement}/execution")["status"] == 409
    world["supplier"].post(f"{agreement}/signature", {})
    world["bank"].command(f"{agreement}/execution")
    assert loan_of(world, loan)["outstanding"] == cny("500.00")
    assert loan_of(world, loan)["entries"][-2]["details"]["signed"] is True
