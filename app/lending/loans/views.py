"""Loans as callers see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain import schedule as schedules
from app.domain.calendar import date_of
from app.domain.catalogue import STYLES
from app.domain.effective_rate import rate_of_terms
from app.domain.loan import LoanTerms
from app.domain.quantity import quantity_text
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import business_day
from app.gateway.views import Names, party_view, time_view
from app.lending.classes import views as classes
from app.lending.loans.repository import ClassSum
from app.lending.loans.schemas import Instalment, Loan, LoanEntry, PortfolioClass
from app.lending.loans.statement import floating_view, terms_view
from app.lending.rows import EntryRow, LoanRow
from app.lending.views import parts_view

AGES = ("not due", "1 to 30 days", "31 to 60 days", "61 to 90 days", "over 90 days", "defaulted")

MATURITIES = (
    *("past", "within 7 days", "8 to 30 days", "31 to 90 days", "91 to 180 days"),
    "over 180 days",
)


def loan(
    gateway: Gateway, row: LoanRow, names: Names, *, today: int, standing: classes.Known
) -> Loan:
    """A loan as of a day: what is due, and the payoff."""
    currency = gateway.currency_at(row.currency)
    state = row.state()
    day = row.own_day(today)
    state.roll(day)

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    late = max(0, day - row.oldest_unpaid_day) if row.status != "Repaid" else 0
    last = row.restructured()
    written_off = state.outstanding if row.status == "WrittenOff" else row.written_off
    return {
        "id": row.loan_id,
        "facilityId": row.facility_id,
        "productId": row.product_id,
        "lender": party_view(row.lender, names),
        "borrower": party_view(row.borrower, names),
        "status": state_name(row.status),
        "style": STYLES[state.terms.style],
        "annualRate": state.terms.annual_rate,
        "floating": floating_view(row, today=today),
        "drawn": money(row.drawn),
        "outstanding": money(state.outstanding),
        "due": parts_view(state.amount_due, currency=currency),
        "payoff": parts_view(state.payoff, currency=currency),
        "startDate": date_of(row.start_day).isoformat(),
        "lastDueDate": date_of(row.calendar_day(row.last_due_day, today)).isoformat(),
        "daysPastDue": late,
        "daysLost": row.days_lost(today),
        "markedOverdue": bool(row.marked_overdue),
        "classification": classes.of_today(row, standing, today=today, days_past_due=late),
        "restructured": 0 if last is None else last.count,
        "writtenOff": money(min(written_off, state.outstanding)),
        "collateral": {"kind": row.collateral, "id": row.collateral_id},
        "overpaid": money(row.history().overpaid),
        "loss": money(row.loss),
        "lossAbsorbed": money(row.loss_absorbed),
    }


def schedule(gateway: Gateway, row: LoanRow, *, today: int) -> list[Instalment]:
    """What falls due from today on, if the borrower pays everything due by now."""
    state = row.state()
    state.roll(row.own_day(today))
    return [
        instalment(
            due, row.calendar_day(due.day, today), currency=gateway.currency_at(row.currency)
        )
        for due in schedules.schedule(state)
    ]


def instalment(due: schedules.Due, day: int, *, currency: str) -> Instalment:
    """What falls due on a day of the calendar."""
    return {
        "number": due.number,
        "date": date_of(day).isoformat(),
        "interest": money_view(due.parts.interest, currency=currency),
        "principal": money_view(due.parts.principal, currency=currency),
        "service": money_view(due.parts.service, currency=currency),
        "total": money_view(due.parts.total, currency=currency),
        "outstanding": money_view(due.outstanding, currency=currency),
    }


def effective_rate(entries: list[EntryRow]) -> int | None:
    """The effective annual rate of a loan as its terms were last signed.

    Args:
        entries: what happened to the loan, oldest first.
    """
    began = [entry for entry in entries if entry.kind in ("drawn", "instalments", "restructured")][
        -1
    ]
    terms = msgspec.convert(json.loads(began.details_json)["terms"], LoanTerms)
    return rate_of_terms(terms, principal=began.outstanding)


_MONEY = frozenset(
    (
        *("debt", "lendable", "price", "taken", "toOwner", "credit", "value", "overpaid"),
        *(
            "interestLeft",
            "waivedPenalty",
            "waivedInterest",
            "waivedFees",
            "renouncedPrincipal",
            "writtenOff",
            "writtenOffInAll",
        ),
    )
)

_DAYS = {"lastDay": "lastDate", "resetDay": "resetDate"}
_TIMES = {"auctionStart": "startsAt", "auctionEnd": "endsAt", "asOf": "asOf"}


def _details(details: Mapping[str, Any], *, currency: str) -> Mapping[str, Any]:
    """An entry's details other than its amounts, as the API names them."""
    fields: dict[str, object] = {}
    for name, value in details.items():
        if name in _MONEY:
            fields[name] = money_view(int(value), currency=currency)
        elif name == "quantity":
            fields[name] = quantity_text(int(value))
        elif name == "terms":
            fields[name] = terms_view(msgspec.convert(value, LoanTerms))
        elif name == "relief":
            fields[name] = {
                part: money_view(amount, currency=currency) for part, amount in value.items()
            }
        elif name in _DAYS:
            fields[_DAYS[name]] = date_of(int(value)).isoformat()
        elif name in _TIMES:
            fields[_TIMES[name]] = time_view(int(value))
        else:
            fields[name] = value
    return fields


def entry(gateway: Gateway, row: LoanRow, entry_row: EntryRow, names: Names) -> LoanEntry:
    """Something that happened to a loan."""
    currency = gateway.currency_at(row.currency)
    payer = entry_row.payer

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    fields = dict(json.loads(entry_row.details_json))
    if fields.pop("posting", None) is not None or entry_row.kind in ("refunded", "renounced"):
        # The postings are the twin's; callers see the value date and the amount.
        fields["amount"] = money(fields["amount"])
    fields.pop("newPosting", None)
    if entry_row.kind == "recorded":
        fields["valueDate"] = date_of(row.calendar_day(entry_row.day, entry_row.day)).isoformat()
    return {
        "kind": entry_row.kind,
        "date": date_of(business_day(gateway, entry_row.timestamp)).isoformat(),
        "payer": None if payer is None else party_view(payer, names),
        "costs": money(entry_row.costs),
        "penalty": money(entry_row.penalty),
        "interest": money(entry_row.interest),
        "principal": money(entry_row.principal),
        "fee": money(entry_row.fee),
        "service": money(entry_row.service),
        "outstanding": money(entry_row.outstanding),
        "details": _details(fields, currency=currency),
        "transactionHash": entry_row.transaction_hash,
        "at": time_view(entry_row.timestamp),
    }


def sums(gateway: Gateway, rows: list[ClassSum], names: tuple[str, ...]) -> list[PortfolioClass]:
    """The rows of a report; `names` are its classes, in order."""
    items: list[PortfolioClass] = []
    for row in rows:
        currency = gateway.currency_at(row.currency)
        items.append(
            {
                "currency": currency,
                "class": names[row.place],
                "loans": row.loans,
                "outstanding": money_view(row.outstanding, currency=currency),
            }
        )
    return items
