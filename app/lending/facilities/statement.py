"""The statement of a facility: its limit, its bills, and each movement of money."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.loan import Style
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import business_day, moment
from app.gateway.views import Names, party_view
from app.lending import repository
from app.lending.facilities import views
from app.lending.facilities.schemas import AccountEntry, AccountStatement, Bill
from app.lending.loans.statement import COLLATERAL_ENTRIES
from app.lending.rows import EntryRow, FacilityRow, LoanRow
from app.lending.views import parts_view
from app.parties.registry import repository as parties

MAX_LOANS = 1_000


class _Purchases(msgspec.Struct):
    """Purchases that fall due on one day; amounts in minor units."""

    loan_ids: list[int] = []
    billed: int = 0
    owed: int = 0


async def statement(gateway: Gateway, row: FacilityRow, *, today: int) -> AccountStatement:
    """The statement of a facility as of a block: its newest 1,000 loans, oldest entry first.

    A bill holds all purchases that fall due on one day.
    """

    def find(connection: Connection) -> AccountStatement:
        _, as_of = moment(connection)
        loans = repository.loans(
            connection, account=None, facility_id=row.facility_id, limit=MAX_LOANS
        )
        entry_rows = repository.entries_of_facility(connection, row.facility_id)
        accounts = {row.lender, row.borrower, row.entruster or ""}
        names = parties.names(connection, accounts | {entry.payer or "" for entry in entry_rows})
        terms = views.product_terms(connection, [row])
        return {
            "facility": views.facility(gateway, row, terms[row.product_key], names),
            "bills": _bills(gateway, row, loans, today=today),
            "entries": _entries(gateway, row, entry_rows, names),
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


def _bills(gateway: Gateway, row: FacilityRow, loans: list[LoanRow], *, today: int) -> list[Bill]:
    """Bills, latest due day first."""
    currency = gateway.currency_at(row.currency)
    bills: dict[int, _Purchases] = {}
    for loan in loans:
        state = loan.state()
        if state.terms.style is not Style.BILLING_CYCLE:
            continue
        state.roll(loan.own_day(today))
        due_day = loan.calendar_day(loan.last_due_day, today)
        bill = bills.setdefault(due_day, _Purchases())
        bill.loan_ids.append(loan.loan_id)
        bill.billed += loan.drawn
        bill.owed += state.payoff.total
    return [
        {
            "dueDate": date_of(day).isoformat(),
            "loanIds": sorted(bill.loan_ids),
            "billed": money_view(bill.billed, currency=currency),
            "owed": money_view(bill.owed, currency=currency),
        }
        for day, bill in sorted(bills.items(), reverse=True)
    ]


def _entries(
    gateway: Gateway, row: FacilityRow, entry_rows: list[EntryRow], names: Names
) -> list[AccountEntry]:
    """Each entry with the facility's outstanding principal after it."""
    currency = gateway.currency_at(row.currency)
    owed: dict[int, int] = {}
    total = 0
    entries: list[AccountEntry] = []
    for entry in entry_rows:
        # A loan that was sold is owed to another lender.
        outstanding = 0 if entry.from_facility_id == row.facility_id else entry.outstanding
        total += outstanding - owed.get(entry.loan_id, 0)
        owed[entry.loan_id] = outstanding
        if entry.kind in COLLATERAL_ENTRIES:
            continue
        entries.append(
            {
                "date": date_of(business_day(gateway, entry.timestamp)).isoformat(),
                "loanId": entry.loan_id,
                "kind": entry.kind,
                "payer": None if entry.payer is None else party_view(entry.payer, names),
                "paid": parts_view(entry.parts, currency=currency),
                "outstandingOfLoan": money_view(outstanding, currency=currency),
                "outstanding": money_view(total, currency=currency),
                "transactionHash": entry.transaction_hash,
            }
        )
    return entries
