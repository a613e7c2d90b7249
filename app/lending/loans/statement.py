"""Loan statements: their lines, and their form in JSON."""

from __future__ import annotations

import json

import msgspec

from app.domain.calendar import date_of
from app.domain.catalogue import AFTER_PREPAYMENT, STYLES
from app.domain.loan import LoanTerms, Parts
from app.domain.money import decimal_text
from app.domain.statement import Event, Line, statement
from app.gateway.read_as_of import AsOf
from app.lending.loans.schemas import LoanStatement, LoanTermsView, PaidText
from app.lending.rows import EntryRow, LoanRow

# A change of collateral changes no amount, so it has no line.
COLLATERAL_ENTRIES = frozenset(("collateral-added", "collateral-reduced", "collateral-released"))
RULE = (
    "Interest = sum of (principal x days) of the period's runs x rate / (day count x 1,000,000), "
    "rounded half up once, less what was paid of it before. Months have 30 days of a year of 360."
)


def lines_of(row: LoanRow, entries: list[EntryRow], *, today: int) -> tuple[LoanTerms, list[Line]]:
    """The terms as drawn, and the statement's lines.

    The lines are computed in the loan's own days and dated by the calendar.
    """
    events, terms = [], None
    for entry in entries:
        if entry.kind in COLLATERAL_ENTRIES:
            continue
        details = json.loads(entry.details_json)
        changed = details.get("terms")
        changed_terms = None if changed is None else msgspec.convert(changed, LoanTerms)
        terms = terms or changed_terms
        events.append(
            Event(
                entry.kind,
                entry.day,
                parts=entry.parts if entry.kind == "repaid" else None,
                amount=details.get("amount", 0),
                terms=changed_terms,
            )
        )
    assert terms is not None
    lines = statement(terms, principal=row.drawn, events=events, today=row.own_day(today))
    for line in lines:
        line.day = row.calendar_day(line.day, today)
        line.first_day = row.calendar_day(line.first_day, today) if line.first_day else 0
    return terms, lines


def terms_view(terms: LoanTerms) -> LoanTermsView:
    """Terms of a loan in JSON."""
    return {
        "style": STYLES[terms.style],
        "startDate": date_of(terms.start_day).isoformat(),
        "dueDate": None
        if terms.scheduled
        else date_of(terms.due_day_of(terms.periods)).isoformat(),
        "periods": terms.periods,
        "annualRate": terms.annual_rate,
        "dayCount": terms.day_count,
        "penaltyMultiple": terms.penalty_multiple,
        "penaltyOnInterest": terms.penalty_on_interest,
        "graceDays": terms.grace_days,
        "earlyFee": terms.early_fee,
        "sameDayInterest": terms.same_day_interest,
        "monthsPerPeriod": terms.months_per_period,
        "principalGrace": terms.principal_grace,
        "interestGrace": terms.interest_grace,
        "afterPrepayment": AFTER_PREPAYMENT[terms.after_prepayment],
        "dueDates": [
            date_of(terms.due_day_of(number)).isoformat() for number in range(1, terms.periods + 1)
        ],
    }


def as_json(lines: list[Line], terms: LoanTerms, *, currency: str, as_of: AsOf) -> LoanStatement:
    """The statement in JSON."""

    def text(amount: int) -> str:
        return decimal_text(amount, currency=currency)

    def paid(parts: Parts) -> PaidText:
        return {
            "costs": text(parts.costs),
            "penalty": text(parts.penalty),
            "interest": text(parts.interest),
            "principal": text(parts.principal),
            "fee": text(parts.fee),
            "total": text(parts.total),
        }

    return {
        "currency": currency,
        "terms": terms_view(terms),
        "rule": RULE,
        "lines": [
            {
                "kind": line.kind,
                "date": date_of(line.day).isoformat(),
                "from": date_of(line.first_day).isoformat() if line.first_day else None,
                "number": line.number or None,
                "principal": text(line.principal),
                "days": line.days,
                "sumOfDays": str(line.sum_of_days),
                "interest": text(line.interest),
                "interestPaidBefore": text(line.interest_paid_before),
                "penaltySumOfDays": str(line.penalty_days),
                "paid": None if line.parts is None else paid(line.parts),
                "outstanding": text(line.outstanding),
            }
            for line in lines
        ],
        "asOf": as_of,
    }
