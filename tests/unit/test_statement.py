"""Each line of a statement follows from the numbers in it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.loan import SCHEDULES, AfterPrepayment, Loan, LoanTerms, Parts, Style
from app.domain.statement import Event, Line, interest_of, statement

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


def test_statement_of_a_bullet_loan_shows_days_and_interest() -> None:
    terms = terms_of(Style.BULLET, days=37, annual_rate=72_000)
    lines = statement(terms, principal=1_000_000_00, events=[], today=START + 37)
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
    lines = statement(terms, principal=100_000_00, events=events, today=START + 30)
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
        months=data.draw(st.integers(1, 6)),
        days=data.draw(st.integers(1, 90)),
        same_day_interest=data.draw(st.booleans()),
        penalty_on_interest=data.draw(st.booleans()),
        early_fee=data.draw(st.sampled_from([0, 10_000])),
        months_per_period=data.draw(st.sampled_from([1, 3])),
        interest_grace=data.draw(st.integers(0, 3)),
        principal_grace=0,
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
    lines = statement(terms, principal=principal, events=events, today=today)
    checked(lines, terms)
    loan.roll(today)
    assert lines[-1].outstanding == loan.outstanding
    told = [line.parts for line in lines if line.kind == "repaid"]
    assert told == [event.parts for event in events if event.kind == "repaid"]
