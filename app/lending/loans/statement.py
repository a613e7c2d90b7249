"""Loan statements: their lines, and their form in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import msgspec

from app.domain.calendar import date_of
from app.domain.catalogue import AFTER_PREPAYMENT, STYLES
from app.domain.effective_rate import rate_of_terms
from app.domain.figures import Factor, Figure, Unit
from app.domain.loan import LoanTerms, Parts
from app.domain.money import decimal_text, digits_of
from app.domain.postings import Posting
from app.domain.relief import Relief
from app.domain.statement import Event, Line, Statement, statement
from app.domain.texts import mark
from app.gateway.read_as_of import AsOf
from app.lending.classes.schemas import RiskClass
from app.lending.loans.schemas import (
    FloatingRateView,
    LoanStatement,
    LoanTermsView,
    PaidText,
    StatementFigure,
    StatementLine,
    StatementShare,
)
from app.lending.rows import EntryRow, LoanRow

# These put a payment in its place, or take it out.
CORRECTION_ENTRIES = frozenset(("recorded", "reversed", "moved", "restated"))
# A change of collateral changes no amount, so it has no line.
COLLATERAL_ENTRIES = frozenset(("collateral-added", "collateral-reduced", "collateral-released"))
RULE = mark(
    "Interest = sum of (principal x days) of the period's runs x rate / (day count x 1,000,000), "
    "rounded half up once, less what was paid of it before. Months have 30 days of a year of 360. "
    "A reset of a floating rate rounds what ran until then, and later runs count at the new rate."
)


EXACT_DIGITS = 8  # digits of an exact amount after those of its currency


class LoanAccount(msgspec.Struct, frozen=True):
    """A loan's statement as of a day; all days are days of the calendar.

    Attributes:
        drawn_terms: the terms as drawn; `statement.loan` has those of the day.
        overdue_since: due day from which something due has been unpaid; None: nothing is due.
        days_past_due: days since then that count.
        effective_rate: of the terms as drawn, in parts per million; None: there is none. A floating
            rate counts as if it stayed as it was.
        floating: how the rate follows a reference; None: it is fixed.
    """

    currency: str
    day: int
    drawn_terms: LoanTerms
    statement: Statement
    overdue_since: int | None
    days_past_due: int
    effective_rate: int | None
    floating: FloatingRateView | None = None


def account_of(
    row: LoanRow, entries: list[EntryRow], *, currency: str, day: int, today: int
) -> LoanAccount:
    """A loan's statement as of a day, computed in the loan's own days and dated by the calendar.

    Args:
        entries: what happened to the loan up to the day.
        day: the day of the statement; nothing more is paid until a day after `today`.
        today: the ledger's day.
    """
    events: list[tuple[Event, Posting | None]] = []
    terms = None
    corrected = any(entry.kind == "restated" for entry in entries)
    for entry in entries:
        if entry.kind in COLLATERAL_ENTRIES:
            continue
        details = json.loads(entry.details_json)
        changed = details.get("terms")
        changed_terms = None if changed is None else msgspec.convert(changed, LoanTerms)
        terms = terms or changed_terms
        if entry.kind in CORRECTION_ENTRIES:
            _correct(events, entry.kind, details)
            continue
        if entry.kind == "renounced":
            # The lender may record one anew that is alike, and reverse that.
            events = [(earlier, None) for earlier, _ in events]
        event = Event(
            entry.kind,
            entry.day,
            parts=_parts_of(entry, details, corrected=corrected),
            amount=_amount_of(entry, details),
            terms=changed_terms,
            firm=details.get("liquidation", False),
            relief=_relief_of(entry.kind, details),
            rate=details.get("annualRate", 0),
        )
        if entry.kind == "rate-reset":
            _reset(events, event)
        else:
            events.append((event, None))
    assert terms is not None
    own_day = row.own_day(day)
    account = statement(
        terms, principal=row.drawn, events=[event for event, _ in events], today=own_day
    )
    for line in account.lines:
        line.day = row.calendar_day(line.day, today)
        line.first_day = row.calendar_day(line.first_day, today) if line.first_day else 0
    since = account.overdue_since
    figures = [
        replace(figure, day=row.calendar_day(figure.day, today)) for figure in account.figures
    ]
    return LoanAccount(
        currency=currency,
        day=day,
        drawn_terms=terms,
        statement=Statement(account.lines, figures, account.loan, since),
        overdue_since=row.calendar_day(since, today) if since else None,
        days_past_due=max(own_day - since, 0) if since else 0,
        effective_rate=rate_of_terms(terms, principal=row.drawn),
        floating=floating_view(row, today=day),
    )


def _amount_of(entry: EntryRow, details: Mapping[str, Any]) -> int:
    """The money of an entry: of a payment, of costs, or of waived service fees."""
    if entry.kind == "repaid":
        return entry.parts.total
    return int(details.get("waivedFees", details.get("amount", 0)))


def _parts_of(entry: EntryRow, details: Mapping[str, Any], *, corrected: bool) -> Parts | None:
    """The parts of a repayment that no correction changed, or of renounced payments."""
    if entry.kind == "renounced":
        principal = int(details["renouncedPrincipal"])
        return Parts(costs=int(details["amount"]) - principal, principal=principal)
    return entry.parts if entry.kind == "repaid" and not corrected else None


def _relief_of(kind: str, details: Mapping[str, Any]) -> Relief | None:
    """What a waiver or a restructuring gave up."""
    if kind == "waived":
        return Relief(penalty=details["waivedPenalty"], interest=details["waivedInterest"])
    return msgspec.convert(details["relief"], Relief) if kind == "restructured" else None


def _reset(events: list[tuple[Event, Posting | None]], reset: Event) -> None:
    """Inserts a new rate by its day, before all that happened on it but a change of terms."""
    place = len(events)
    while place > 1 and events[place - 1][0].day >= reset.day:
        if events[place - 1][0].kind in ("extended", "instalments"):
            break
        place -= 1
    events.insert(place, (reset, None))


def _correct(
    events: list[tuple[Event, Posting | None]], kind: str, details: Mapping[str, Any]
) -> None:
    """Inserts a recorded payment by its value day, and leaves out one that was corrected."""
    posting = details.get("posting")
    if posting is None:
        return
    if kind in ("reversed", "moved"):
        removed = msgspec.convert(posting, Posting)
        place = next(place for place, (_, other) in enumerate(events) if other == removed)
        del events[place]
        posting = details.get("newPosting")
    if posting is None:
        return
    added = msgspec.convert(posting, Posting)
    place = len(events)
    while place and events[place - 1][0].day > added.value_day:
        place -= 1
    events.insert(place, (Event("recorded", added.value_day, amount=added.amount), added))


def floating_view(row: LoanRow, *, today: int) -> FloatingRateView | None:
    """How a loan's rate follows a reference; None: it is fixed."""
    terms, reset_day = row.floating(), row.next_reset_day
    if terms is None or reset_day is None:
        return None
    return {
        "reference": terms.reference,
        "referenceRate": terms.reference_rate,
        "spread": terms.spread,
        "floor": terms.floor,
        "cap": terms.cap,
        "nextResetDate": date_of(row.calendar_day(reset_day, today)).isoformat(),
        "rateDue": row.reset_due(today),
    }


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
        "flatFee": str(terms.flat_fee),
        "drawFee": terms.draw_fee,
        "periodicFee": terms.periodic_fee,
        "sameDayInterest": terms.same_day_interest,
        "monthsPerPeriod": terms.months_per_period,
        "principalGrace": terms.principal_grace,
        "interestGrace": terms.interest_grace,
        "afterPrepayment": AFTER_PREPAYMENT[terms.after_prepayment],
        "dueDates": [
            date_of(terms.due_day_of(number)).isoformat() for number in range(1, terms.periods + 1)
        ],
    }


def exact_text(exact: Fraction, *, currency: str) -> str:
    """An exact amount in whole units of its currency, cut after `EXACT_DIGITS` more digits."""
    digits = digits_of(currency) + EXACT_DIGITS
    scaled = exact.numerator * 10**EXACT_DIGITS // exact.denominator
    text = str(scaled).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}"


def factor_unit(factor: Factor, *, currency: str) -> str:
    """In what a factor's value is counted."""
    return currency if factor.unit is Unit.MONEY else factor.unit.value


def as_json(
    account: LoanAccount,
    *,
    as_of: AsOf,
    classification: RiskClass | None,
    shares: list[StatementShare],
) -> LoanStatement:
    """The statement in JSON."""
    currency, loan, since = account.currency, account.statement.loan, account.overdue_since
    return {
        "currency": currency,
        "date": date_of(account.day).isoformat(),
        "terms": terms_view(account.drawn_terms),
        "effectiveAnnualRate": account.effective_rate,
        "floating": account.floating,
        "rule": RULE,
        "lines": [_line(line, currency) for line in account.statement.lines],
        "participations": shares,
        "due": _paid(loan.amount_due, currency),
        "payoff": _paid(loan.payoff, currency),
        "overdueSince": None if since is None else date_of(since).isoformat(),
        "daysPastDue": account.days_past_due,
        "classification": classification,
        "figures": [_figure(figure, currency) for figure in account.statement.figures],
        "asOf": as_of,
    }


def _paid(parts: Parts, currency: str) -> PaidText:
    def text(amount: int) -> str:
        return decimal_text(amount, currency=currency)

    return {
        "costs": text(parts.costs),
        "penalty": text(parts.penalty),
        "interest": text(parts.interest),
        "principal": text(parts.principal),
        "fee": text(parts.fee),
        "service": text(parts.service),
        "total": text(parts.total),
    }


def _line(line: Line, currency: str) -> StatementLine:
    def text(amount: int) -> str:
        return decimal_text(amount, currency=currency)

    return {
        "kind": line.kind,
        "date": date_of(line.day).isoformat(),
        "from": date_of(line.first_day).isoformat() if line.first_day else None,
        "number": line.number or None,
        "principal": text(line.principal),
        "days": line.days,
        "sumOfDays": str(line.sum_of_days),
        "interest": text(line.interest),
        "fees": text(line.fees),
        "annualRate": line.annual_rate or None,
        "interestPaidBefore": text(line.interest_paid_before),
        "penaltySumOfDays": str(line.penalty_days),
        "paid": None if line.parts is None else _paid(line.parts, currency),
        "forgiven": None if line.forgiven is None else _paid(line.forgiven, currency),
        "capitalised": text(line.capitalised),
        "outstanding": text(line.outstanding),
        "due": _paid(line.owed, currency),
    }


def _figure(figure: Figure, currency: str) -> StatementFigure:
    def text(amount: int) -> str:
        return decimal_text(amount, currency=currency)

    return {
        "name": figure.name,
        "date": date_of(figure.day).isoformat(),
        "rule": figure.rule,
        "factors": [
            {
                "name": factor.name,
                "value": text(factor.value) if factor.unit is Unit.MONEY else str(factor.value),
                "unit": factor_unit(factor, currency=currency),
            }
            for factor in figure.factors
        ],
        "exact": exact_text(figure.exact, currency=currency),
        "rounded": text(figure.rounded),
        "less": text(figure.less),
        "amount": text(figure.amount),
    }
