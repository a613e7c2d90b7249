"""Loans that a caller may see: pages of them, one with its schedule, and its statement."""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlalchemy import Connection

from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.naming import stored_state
from app.gateway.read_as_of import AsOf, business_day, moment
from app.gateway.views import Names
from app.lending import access, repository
from app.lending.collateral import views as collateral
from app.lending.loans import statement as statements
from app.lending.loans import statement_files, views
from app.lending.loans.schemas import LoanDetails, LoanPage, LoanStatement
from app.lending.rows import EntryRow, LoanRow
from app.parties.registry import repository as parties


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    facility_id: int | None,
    status: str | None,
    before: int | None,
    limit: int,
) -> LoanPage:
    """The caller's loans, newest first, as of the day of the newest block."""

    def find(connection: Connection) -> LoanPage:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        rows = repository.loans(
            connection,
            account=access.shown_account(caller),
            facility_id=facility_id,
            status=status and stored_state(status),
            before=before,
            limit=limit,
        )
        names = parties.names(
            connection, {row.lender for row in rows} | {row.borrower for row in rows}
        )
        items = [views.loan(gateway, row, names, today=today) for row in rows]
        following = rows[-1].loan_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def details(gateway: Gateway, caller: Caller, loan_id: int) -> LoanDetails:
    """One loan: what is due today, the payoff, the schedule, and what happened.

    Raises:
        NotFound.
    """
    row = await access.loan(gateway, caller, loan_id)
    secured_by = await collateral.collateral_view(gateway, loan_id)

    def find(connection: Connection) -> LoanDetails:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        entries = repository.entries(connection, loan_id)
        accounts = {row.lender, row.borrower} | {entry.payer or "" for entry in entries}
        names = parties.names(connection, accounts)
        body = views.loan(gateway, row, names, today=today)
        return {
            **body,
            "collateral": secured_by or body["collateral"],
            "schedule": views.schedule(gateway, row, today=today),
            "entries": [views.entry(gateway, row, entry, names) for entry in entries],
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


async def statement(gateway: Gateway, caller: Caller, loan_id: int) -> LoanStatement:
    """A loan's statement in JSON.

    Raises:
        NotFound.
    """
    row = await access.loan(gateway, caller, loan_id)
    history = await _history(gateway, row)
    terms, lines = statements.lines_of(row, history.entries, today=history.today)
    currency = gateway.currency_at(row.currency)
    return statements.as_json(lines, terms, currency=currency, as_of=history.as_of)


async def statement_file(
    gateway: Gateway, caller: Caller, loan_id: int, *, ending: Literal["xlsx", "pdf"]
) -> tuple[bytes, str]:
    """A loan's statement as a spreadsheet or a page to print, and the file's name.

    Raises:
        NotFound.
    """
    row = await access.loan(gateway, caller, loan_id)
    history = await _history(gateway, row)
    _, lines = statements.lines_of(row, history.entries, today=history.today)
    content = statement_files.of_loan(
        row,
        lines,
        history.names,
        currency=gateway.currency_at(row.currency),
        today=history.today,
        block=history.as_of["blockNumber"],
    )
    write = statement_files.as_xlsx if ending == "xlsx" else statement_files.as_pdf
    return await gateway.documents.run(write, content), content.file_name(ending)


class _History(msgspec.Struct):
    """What happened to a loan, the names of its sides, and the ledger's day at a block."""

    entries: list[EntryRow]
    names: Names
    today: int
    as_of: AsOf


async def _history(gateway: Gateway, row: LoanRow) -> _History:
    def find(connection: Connection) -> _History:
        now, as_of = moment(connection)
        return _History(
            entries=repository.entries(connection, row.loan_id),
            names=parties.names(connection, {row.lender, row.borrower, row.entruster or ""}),
            today=business_day(gateway, now),
            as_of=as_of,
        )

    return await gateway.storage.read(find)
