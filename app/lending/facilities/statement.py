"""The account of a line: its limit, its bills, and everything that happened on it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.domain.calendar import date_of, day_at
from app.domain.loan import Parts, Style
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import moment
from app.gateway.views import Names, party_view
from app.lending import repository
from app.lending.facilities import views
from app.lending.loans.statement import COVER_ENTRIES
from app.lending.rows import PARTS, FacilityRow, LoanRow
from app.parties.registry import repository as parties

MOST_LOANS = 1_000


async def statement(gateway: Gateway, row: FacilityRow, *, today: int) -> dict[str, Any]:
    """The statement of a line as of a block: its newest loans up to 1,000, oldest entry first.

    Purchases of one bill stand together: all that fall due on one day.
    """

    def find(connection: Connection) -> dict[str, Any]:
        _, as_of = moment(connection)
        loans = repository.loans(
            connection, account=None, facility_id=row.facility_id, limit=MOST_LOANS
        )
        told = repository.entries_of_line(connection, row.facility_id)
        accounts = {row.lender, row.borrower, row.entruster or ""}
        names = parties.names(connection, accounts | {one["payer"] or "" for one in told})
        return {
            "facility": views.facility(gateway, row, names),
            "bills": _bills(gateway, row, loans, today=today),
            "entries": _entries(gateway, row, told, names),
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


def _bills(
    gateway: Gateway, row: FacilityRow, loans: list[LoanRow], *, today: int
) -> list[dict[str, Any]]:
    """Bills, the one that falls due last first."""
    currency = gateway.currency_at(row.currency)
    found: dict[int, dict[str, Any]] = {}
    for loan in loans:
        state = loan.state()
        if state.terms.style is not Style.BILLING_CYCLE:
            continue
        state.roll(loan.own_day(today))
        due_day = loan.calendar_day(loan.last_due_day, today)
        bill = found.setdefault(due_day, {"purchases": [], "billed": 0, "owed": 0})
        bill["purchases"].append(loan.loan_id)
        bill["billed"] += loan.drawn
        bill["owed"] += state.payoff.total
    return [
        {
            "dueDate": date_of(day).isoformat(),
            "loanIds": sorted(bill["purchases"]),
            "billed": money_view(bill["billed"], currency=currency),
            "owed": money_view(bill["owed"], currency=currency),
        }
        for day, bill in sorted(found.items(), reverse=True)
    ]


def _entries(
    gateway: Gateway, row: FacilityRow, told: list[dict[str, Any]], names: Names
) -> list[dict[str, Any]]:
    """Each with what the line owes in principal after it."""
    currency = gateway.currency_at(row.currency)
    owed: dict[int, int] = {}
    total = 0
    found = []
    for one in told:
        total += one["outstanding"] - owed.get(one["loan_id"], 0)
        owed[one["loan_id"]] = one["outstanding"]
        if one["kind"] in COVER_ENTRIES:
            continue
        parts = Parts(**{name: one[name] for name in PARTS})
        found.append(
            {
                "date": date_of(
                    day_at(one["timestamp"], zone_offset=gateway.zone_offset)
                ).isoformat(),
                "loanId": one["loan_id"],
                "kind": one["kind"],
                "payer": None if one["payer"] is None else party_view(one["payer"], names),
                "paid": {
                    name: money_view(getattr(parts, name), currency=currency)
                    for name in (*PARTS, "total")
                },
                "outstandingOfLoan": money_view(one["outstanding"], currency=currency),
                "outstanding": money_view(total, currency=currency),
                "transactionHash": one["transaction_hash"],
            }
        )
    return found
