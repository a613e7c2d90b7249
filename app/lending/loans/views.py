"""Loans as callers see them."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec

from app.domain.calendar import date_of, day_at
from app.domain.catalogue import STYLES
from app.domain.loan import Loan, LoanTerms, Parts, Style
from app.domain.quantity import quantity_text
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.naming import state_name
from app.gateway.views import Names, party_view, time_view
from app.lending.loans.statement import terms_view
from app.lending.rows import PARTS, LoanRow

AGES = ("not due", "1 to 30 days", "31 to 60 days", "61 to 90 days", "over 90 days", "defaulted")

MATURITIES = (
    *("past", "within 7 days", "8 to 30 days", "31 to 90 days", "91 to 180 days"),
    "over 180 days",
)


def loan(gateway: Gateway, row: LoanRow, names: Names, *, today: int) -> dict[str, Any]:
    """A loan as of a day: what is due, and what would end it."""
    currency = gateway.currency_at(row.currency)
    state = row.state()
    day = row.own_day(today)
    state.roll(day)

    def money(amount: int) -> dict[str, Any]:
        return money_view(amount, currency=currency)

    def parts(found: Parts) -> dict[str, Any]:
        return {name: money(getattr(found, name)) for name in (*PARTS, "total")}

    late = max(0, day - row.oldest_unpaid_day) if row.status != "Repaid" else 0
    return {
        "id": row.loan_id,
        "facilityId": row.facility_id,
        "productId": row.product_id,
        "lender": party_view(row.lender, names),
        "borrower": party_view(row.borrower, names),
        "status": state_name(row.status),
        "style": STYLES[state.terms.style],
        "annualRate": state.terms.annual_rate,
        "drawn": money(row.drawn),
        "outstanding": money(state.outstanding),
        "due": parts(state.amount_due),
        "payoff": parts(state.payoff),
        "startDate": date_of(row.start_day).isoformat(),
        "lastDueDate": date_of(row.calendar_day(row.last_due_day, today)).isoformat(),
        "daysPastDue": late,
        "daysLost": row.days_lost(today),
        "markedOverdue": bool(row.marked_overdue),
        "cover": {"kind": row.cover, "id": row.cover_id},
        "loss": money(row.loss),
        "lossCovered": money(row.loss_covered),
    }


def schedule(gateway: Gateway, row: LoanRow, *, today: int) -> list[dict[str, Any]]:
    """What falls due from today on, if everything due before is paid in time."""
    currency = gateway.currency_at(row.currency)
    state: Loan = copy.deepcopy(row.state())
    state.roll(row.own_day(today))
    state.pay(state.amount_due.total)
    found = []
    for number in range(state.period + 1, state.terms.periods + 1):
        day = state.terms.due_day_of(number)
        state.roll(day)
        billed = state.terms.style is Style.BILLING_CYCLE
        due = state.payoff if billed else state.amount_due
        state.pay(due.total)
        found.append(
            {
                "number": number,
                "date": date_of(row.calendar_day(day, today)).isoformat(),
                "interest": money_view(due.interest, currency=currency),
                "principal": money_view(due.principal, currency=currency),
                "total": money_view(due.total, currency=currency),
                "outstanding": money_view(state.outstanding, currency=currency),
            }
        )
    return found


_MONEY = frozenset(("debt", "lendable", "price", "taken", "toOwner", "credit", "value"))

_TIMES = {"auctionStart": "startsAt", "auctionEnd": "endsAt", "asOf": "asOf"}


def _details(details: dict[str, Any], *, currency: str) -> dict[str, Any]:
    """What an entry says beside its amounts, in the API's words."""
    found: dict[str, Any] = {}
    for name, value in details.items():
        if name in _MONEY:
            found[name] = money_view(int(value), currency=currency)
        elif name == "quantity":
            found[name] = quantity_text(int(value))
        elif name == "terms":
            found[name] = terms_view(msgspec.convert(value, LoanTerms))
        elif name == "lastDay":
            found["lastDate"] = date_of(int(value)).isoformat()
        elif name in _TIMES:
            found[_TIMES[name]] = time_view(int(value))
        else:
            found[name] = value
    return found


def entry(gateway: Gateway, row: LoanRow, told: dict[str, Any], names: Names) -> dict[str, Any]:
    """Something that happened to a loan."""
    currency = gateway.currency_at(row.currency)
    payer = told["payer"]
    return {
        "kind": told["kind"],
        "date": date_of(day_at(told["timestamp"], zone_offset=gateway.zone_offset)).isoformat(),
        "payer": None if payer is None else party_view(payer, names),
        **{name: money_view(told[name], currency=currency) for name in PARTS},
        "outstanding": money_view(told["outstanding"], currency=currency),
        "details": _details(json.loads(told["details_json"]), currency=currency),
        "transactionHash": told["transaction_hash"],
        "at": time_view(told["timestamp"]),
    }


def classes(
    gateway: Gateway, rows: list[tuple[Any, ...]], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    """A report's lines: currency, class, number, principal."""
    found = []
    for address, place, count, outstanding in rows:
        currency = gateway.currency_at(address)
        found.append(
            {
                "currency": currency,
                "class": names[place],
                "loans": count,
                "outstanding": money_view(outstanding, currency=currency),
            }
        )
    return found
