"""Loans that a caller may see: pages of them, one with its schedule, and its statement."""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of, day_of, start_of
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.naming import stored_state
from app.gateway.read_as_of import AsOf, business_day, moment
from app.gateway.views import Names
from app.lending import access, repository
from app.lending.classes import views as classes
from app.lending.classes.schemas import RiskClass
from app.lending.collateral import views as collateral
from app.lending.loans import legal, share_files, statement_files, views
from app.lending.loans import statement as statements
from app.lending.loans.schemas import LoanDetails, LoanPage, LoanStatement
from app.lending.rows import LoanRow
from app.lending.shares import Shares, shares_of
from app.parties.registry import repository as parties

MAX_DAYS_AHEAD = 3660  # from the ledger's day to that of a statement


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
        standing = classes.known(connection, rows, at=now)
        items = [views.loan(gateway, row, names, today=today, standing=standing) for row in rows]
        following = rows[-1].loan_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def details(gateway: Gateway, caller: Caller, loan_id: int) -> LoanDetails:
    """One loan: what is due today, the payoff, the schedule, and what happened.

    Raises:
        NotFound.
    """
    row = await access.readable_loan(gateway, caller, loan_id)
    secured_by = await collateral.collateral_view(gateway, loan_id)

    def find(connection: Connection) -> LoanDetails:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        entries = repository.entries(connection, loan_id)
        accounts = {row.lender, row.borrower} | {entry.payer or "" for entry in entries}
        names = parties.names(connection, accounts)
        standing = classes.known(connection, [row], at=now)
        body = views.loan(gateway, row, names, today=today, standing=standing)
        return {
            **body,
            "collateral": secured_by or body["collateral"],
            "effectiveAnnualRate": views.effective_rate(entries),
            "schedule": views.schedule(gateway, row, today=today),
            "entries": [views.entry(gateway, row, entry, names) for entry in entries],
            **legal.of_loan(gateway, connection, row, today=today),
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


async def statement(
    gateway: Gateway, caller: Caller, loan_id: int, *, date: datetime.date | None
) -> LoanStatement:
    """A loan's statement in JSON as of a day, by default the ledger's day.

    Raises:
        NotFound, BadInput.
    """
    row = await access.readable_loan(gateway, caller, loan_id)
    history = await _history(gateway, caller, row, date)
    return statements.as_json(
        history.account,
        as_of=history.as_of,
        classification=history.classification,
        shares=share_files.share_views(
            *(history.shares, history.names),
            currency=history.account.currency,
            zone_offset=gateway.zone_offset,
        ),
    )


async def statement_file(
    gateway: Gateway,
    caller: Caller,
    loan_id: int,
    *,
    date: datetime.date | None,
    ending: Literal["xlsx", "pdf"],
) -> tuple[bytes, str]:
    """A loan's statement as a spreadsheet or a page to print, and the file's name.

    Raises:
        NotFound, BadInput.
    """
    row = await access.readable_loan(gateway, caller, loan_id)
    history = await _history(gateway, caller, row, date)
    content = statement_files.of_loan(
        row,
        history.account,
        history.names,
        classification=history.classification,
        shares=share_files.shares_sheet(
            *(history.shares, history.names),
            currency=history.account.currency,
            zone_offset=gateway.zone_offset,
        ),
        today=history.today,
        block=history.as_of["blockNumber"],
    )
    write = statement_files.as_xlsx if ending == "xlsx" else statement_files.as_pdf
    return await gateway.documents.run(write, content), content.file_name(ending)


class _History(msgspec.Struct):
    """A loan's statement, the names of its sides, and the ledger's day at a block.

    Attributes:
        shares: the participations that the reader may see; None: it may see none.
    """

    account: statements.LoanAccount
    shares: Shares | None
    classification: RiskClass | None
    names: Names
    today: int
    as_of: AsOf


async def _history(
    gateway: Gateway, caller: Caller, row: LoanRow, date: datetime.date | None
) -> _History:
    def find(connection: Connection) -> _History:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        day = day_from(date, first=row.start_day, today=today)
        entries = [
            entry
            for entry in repository.entries(connection, row.loan_id)
            if business_day(gateway, entry.timestamp) <= day
        ]
        currency = gateway.currency_at(row.currency)
        account = statements.account_of(row, entries, currency=currency, day=day, today=today)
        end = min(now, start_of(day + 1, zone_offset=gateway.zone_offset) - 1)
        shares = shares_of(connection, row, caller, until=end)
        accounts = {row.lender, row.borrower, row.entruster or ""}
        accounts |= {share.participant for share in ([] if shares is None else shares.rows)}
        return _History(
            account=account,
            shares=shares,
            classification=None
            if account.statement.loan.paid
            else classes.of_day(
                row,
                entries,
                classes.known(connection, [row], at=end),
                day=day,
                today=today,
                days_past_due=account.days_past_due,
            ),
            names=parties.names(connection, accounts),
            today=today,
            as_of=as_of,
        )

    return await gateway.storage.read(find)


def day_from(date: datetime.date | None, *, first: int, today: int) -> int:
    """The day of a question about a loan: `first` or later; `today` by default.

    Raises:
        BadInput.
    """
    if date is None:
        return today
    day = day_of(date)
    if not first <= day <= today + MAX_DAYS_AHEAD:
        raise BadInput(
            say(
                "date is {date:day}; it must be from {first:day} to {last:day}",
                date=date,
                first=date_of(first),
                last=date_of(today + MAX_DAYS_AHEAD),
            ),
            name="date-out-of-range",
            field="date",
            fix="give a day in that range, or leave date out for today",
        )
    return day
