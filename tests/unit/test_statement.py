"""Each line of a statement follows from the numbers in it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import figures
from app.domain.loan import SCHEDULES, AfterPrepayment, Loan, LoanTerms, Parts, Style
from app.domain.statement import Event, Line, Statement, interest_of, statement

START = 20_500


def half_up(value: Fraction) -> int:
    """Calculated here independently."""
    return (value + Fraction(1, 2)).__floor__()


def terms_of(style: Style, *, months: int = 1, days: int = 30, **more: Any) -> LoanTerms:
    """A loan at 8.4 per cent."""
    values: dict[str, Any] = {
        "style": style,
        "start_day": START,
        "annual_rate": 84_000,
        "periods": months if style in SCHEDULES else 1,
        "due_day": 0 if style in SCHEDULES else START + days,
        "grace_days": 3,
    }
    return LoanTerms(**(values | more))


def checked(lines: list[Line], terms: LoanTerms) -> None:
    """Runs sum to what falls due, and due interest follows from the sum and the rate."""
    ran = 0
    for line in lines:
        if line.kind == "run":
            assert line.sum_of_days == line.principal * line.days
            ran += line.sum_of_days
        elif line.kind == "due":
            exact = Fraction(line.sum_of_days * terms.annual_rate, 360 * 1_000_000)
            assert line.interest == half_up(exact) - line.interest_paid_before
            assert interest_of(line, terms) == line.interest
            if line.number <= terms.interest_grace and line.number < terms.periods:
                assert line.sum_of_days == line.interest == 0
                continue
            extra = line.sum_of_days - ran
            assert extra in (0, lines[0].principal), "runs, and the first day where it counts"
            ran = 0


def checked_figures(account: Statement) -> None:
    """Each figure follows from its factors, and the figures are the amounts of the lines."""
    for figure in account.figures:
        factors = {factor.name: factor.value for factor in figure.factors}
        fixed = ""
        until_reset = "until the last reset of the rate, plus "
        if until_reset in figure.rule:
            fixed, _, _ = figure.rule.partition(until_reset)
        exact, less = recomputed(figure.rule.removeprefix(f"{fixed}{until_reset}"), factors)
        exact += factors[f"{fixed}until the last reset of the rate"] if fixed else 0
        assert (figure.exact, figure.less) == (exact, less)
        up = figure.rule == figures.FEE
        assert figure.rounded == (exact.__ceil__() if up else half_up(exact))
        if figure.rule not in (figures.EQUAL_INSTALMENT, figures.EQUAL_PRINCIPAL):
            assert figure.amount == figure.rounded - less
    amounts = {figure.name: figure.amount for figure in account.figures}
    for line in account.lines:
        if line.kind == "due":
            assert amounts.get(f"interest of instalment {line.number}", 0) == line.interest
            assert amounts[f"principal of instalment {line.number}"] == line.principal
    last = {
        figure.name: figure for figure in account.figures if figure.day == account.loan.as_of_day
    }
    payoff, due = account.loan.payoff, account.loan.amount_due
    assert ("penalty" in last) or not payoff.penalty
    if "penalty" in last:
        assert last["penalty"].amount == payoff.penalty
    if payoff.interest != due.interest:
        assert last["interest so far"].amount == payoff.interest - due.interest
    if payoff.fee:
        assert last["fee for repaying all today"].amount == payoff.fee


def recomputed(rule: str, factors: dict[str, int]) -> tuple[Fraction, int]:
    """The rule's exact result and what is subtracted, calculated here from the factors alone."""
    million, rate = 1_000_000, factors.get("annual rate", 0)
    if rule == figures.INTEREST:
        exact = Fraction(factors["sum of days"] * rate, factors["days of a year"] * million)
        return exact, factors["interest paid before"]
    if rule == figures.PENALTY:
        overdue = factors["sum of overdue days"] * rate * factors["penalty multiple"]
        exact = Fraction(overdue, factors["days of a year"] * million * million)
        return exact, factors["penalty paid before"]
    if rule == figures.EQUAL_PRINCIPAL:
        exact = Fraction(factors["principal"], factors["instalments"])
        return exact, factors["principal repaid ahead"]
    if rule == figures.EQUAL_INSTALMENT:
        period = Fraction(rate * factors["months of a period"], 12 * million)
        present = sum(1 / (1 + period) ** n for n in range(1, factors["instalments"] + 1))
        less = factors["interest of the whole period"] + factors["principal repaid ahead"]
        return factors["principal"] / Fraction(present), less
    if rule == figures.WITHOUT_PRINCIPAL:
        assert factors["instalments without principal"] > 0
        return Fraction(0), 0
    if rule == figures.LAST:
        return Fraction(factors["principal not due yet"]), 0
    fee = Fraction(million + factors["fee"], million)
    if rule == figures.EARLY:
        less = factors["principal repaid early before"] - factors["principal due soon"]
        return factors["money repaid early"] / fee, less
    less = factors["money repaid early before"] + factors["principal not due yet"]
    less -= factors["principal due soon"]
    return (factors["principal repaid early"] - Fraction(1, 2)) * fee, less


def test_statement_of_an_overdue_loan_shows_the_days_of_its_penalty() -> None:
    terms = terms_of(Style.BULLET, days=30, penalty_on_interest=True)
    account = statement(terms, principal=100_000_00, events=[], today=START + 50)
    assert [line.kind for line in account.lines] == ["drawn", "run", "due", "penalty-run"]
    run = account.lines[-1]
    assert (run.first_day, run.day, run.days) == (START + 30, START + 50, 20)
    assert run.principal == 100_000_00 + 700_00, "30 days at 8.4 per cent, and the principal"
    assert account.overdue_since == START + 30
    (penalty,) = [figure for figure in account.figures if figure.name == "penalty"]
    assert penalty.exact == Fraction(100_700_00 * 20 * 126, 360 * 1000), "12.6 per cent"
    assert penalty.amount == 704_90
    assert account.loan.amount_due == Parts(penalty=704_90, interest=700_00, principal=100_000_00)


def test_days_of_grace_leave_no_penalty_until_they_are_over() -> None:
    terms = terms_of(Style.BULLET, days=30)
    within = statement(terms, principal=100_000_00, events=[], today=START + 33)
    assert [line.kind for line in within.lines] == ["drawn", "run", "due"]
    assert within.overdue_since == START + 30
    after = statement(terms, principal=100_000_00, events=[], today=START + 34)
    assert (after.lines[-1].kind, after.lines[-1].days) == ("penalty-run", 4)


def test_statement_of_a_bullet_loan_shows_days_and_interest() -> None:
    terms = terms_of(Style.BULLET, days=37, annual_rate=72_000)
    lines = statement(terms, principal=1_000_000_00, events=[], today=START + 37).lines
    assert [line.kind for line in lines] == ["drawn", "run", "due"]
    assert (lines[1].days, lines[1].principal) == (37, 1_000_000_00)
    assert lines[2].interest == 7_400_00
    checked(lines, terms)


def test_payment_splits_the_days_of_interest() -> None:
    terms = terms_of(Style.BULLET, days=30)
    loan = Loan.opened(terms, principal=100_000_00)
    loan.roll(START + 10)
    parts, _ = loan.pay(20_000_00)
    events = [Event("repaid", START + 10, parts=parts)]
    lines = statement(terms, principal=100_000_00, events=events, today=START + 30).lines
    assert [line.kind for line in lines] == ["drawn", "run", "repaid", "run", "due"]
    assert lines[3].days == 20
    checked(lines, terms)


def test_statement_fails_when_a_payment_contradicts_the_arithmetic() -> None:
    terms = terms_of(Style.BULLET)
    wrong = Event("repaid", START + 10, parts=Parts(principal=5))
    with pytest.raises(ValueError, match="is not"):
        statement(terms, principal=100_000_00, events=[wrong], today=START + 10)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_statement_lines_add_up_for_any_loan(data: st.DataObject) -> None:
    style = data.draw(st.sampled_from(list(Style)))
    terms = terms_of(
        style,
        months=data.draw(st.integers(4, 6)),
        days=data.draw(st.integers(1, 90)),
        same_day_interest=data.draw(st.booleans()),
        penalty_on_interest=data.draw(st.booleans()),
        early_fee=data.draw(st.sampled_from([0, 10_000])),
        months_per_period=data.draw(st.sampled_from([1, 3])),
        interest_grace=data.draw(st.integers(0, 3)),
        principal_grace=data.draw(st.integers(0, 3)) if style is not Style.INTEREST_ONLY else 0,
        after_prepayment=data.draw(st.sampled_from(list(AfterPrepayment))),
    )
    principal = data.draw(st.integers(100, 500_000_00))
    loan, day, events = Loan.opened(terms, principal=principal), START, []
    for _ in range(data.draw(st.integers(0, 6))):
        day += data.draw(st.integers(0, 45))
        loan.roll(day)
        if data.draw(st.integers(0, 9)) == 0 and (loan.past_principal or loan.past_interest):
            loan.accelerate(day)
            events.append(Event("defaulted", day))
            continue
        parts, _ = loan.pay(data.draw(st.integers(1, principal)))
        if parts.total:
            events.append(Event("repaid", day, parts=parts))
        if loan.paid:
            break
    today = day + data.draw(st.integers(0, 60))
    account = statement(terms, principal=principal, events=events, today=today)
    lines = account.lines
    checked(lines, terms)
    loan.roll(today)
    assert lines[-1].outstanding == loan.outstanding
    assert (account.loan.amount_due, account.loan.payoff) == (loan.amount_due, loan.payoff)
    penalty_runs = [line for line in lines if line.kind == "penalty-run"]
    assert all(line.sum_of_days == line.principal * line.days for line in penalty_runs)
    assert sum(line.sum_of_days for line in penalty_runs) == loan.penalty_days
    assert bool(account.overdue_since) == bool(loan.amount_due.interest + loan.amount_due.principal)
    checked_figures(account)
    told = [line.parts for line in lines if line.kind == "repaid"]
    assert told == [event.parts for event in events if event.kind == "repaid"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_statement_of_a_floating_rate_adds_up(data: st.DataObject) -> None:
    style = data.draw(
        st.sampled_from([style for style in Style if style is not Style.BILLING_CYCLE])
    )
    terms = terms_of(
        style,
        months=data.draw(st.integers(4, 6)),
        days=data.draw(st.integers(1, 90)),
        same_day_interest=data.draw(st.booleans()),
        early_fee=data.draw(st.sampled_from([0, 10_000])),
        after_prepayment=data.draw(st.sampled_from(list(AfterPrepayment))),
    )
    principal = data.draw(st.integers(100, 500_000_00))
    loan, day, events = Loan.opened(terms, principal=principal), START, []
    for _ in range(data.draw(st.integers(1, 7))):
        day += data.draw(st.integers(1, 45))
        loan.roll(day)
        if data.draw(st.booleans()):
            rate = data.draw(st.integers(0, 240_000))
            fixed = loan.payoff
            loan.reset_rate(rate)
            # Principal that is due soon bears no fee, and it changes with the rate.
            fixed.fee = loan.payoff.fee
            assert loan.payoff == fixed, "a reset changes nothing else that is owed on its day"
            events.append(Event("rate-reset", day, rate=rate))
            continue
        parts, _ = loan.pay(data.draw(st.integers(1, principal)))
        if parts.total:
            events.append(Event("repaid", day, parts=parts))
        if loan.paid:
            break
    today = day + data.draw(st.integers(0, 60))
    account = statement(terms, principal=principal, events=events, today=today)
    loan.roll(today)
    assert (account.loan.amount_due, account.loan.payoff) == (loan.amount_due, loan.payoff)
    assert account.loan.terms.annual_rate == loan.terms.annual_rate
    checked_figures(account)
    resets = [line for line in account.lines if line.kind == "rate-reset"]
    assert [line.annual_rate for line in resets] == [
        event.rate for event in events if event.kind == "rate-reset"
    ]
