"""Proposals and facilities that a caller may see, and the statement of a facility."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import moment, today_of
from app.gateway.views import party_view
from app.lending import access, repository
from app.lending.collateral import views as collateral
from app.lending.evidence import trade
from app.lending.facilities import limits, proposals, statement_files, views
from app.lending.facilities import repository as stored
from app.lending.facilities import statement as statements
from app.lending.facilities.schemas import (
    AccountStatement,
    FacilityDetails,
    FacilityPage,
    Proposal,
    ProposalPage,
)
from app.parties.registry import repository as parties


async def proposal_page(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> ProposalPage:
    """Proposals that name the caller, or all for those who see all; newest first."""

    def find(connection: Connection) -> ProposalPage:
        rows = stored.proposals(
            connection, account=access.shown_account(caller), before=before, limit=limit
        )
        accounts = {account for row in rows for account in row.signers().values()}
        names = parties.names(connection, accounts)
        terms = views.product_terms(connection, rows)
        items = [views.proposal(gateway, row, terms.get(row.product_key), names) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return await gateway.storage.read(find)


async def proposal_details(gateway: Gateway, caller: Caller, identifier: str) -> Proposal:
    """One proposal, with the typed data to sign.

    Raises:
        NotFound.
    """
    row = await proposals.proposal(gateway, caller, identifier)
    return await gateway.storage.read(lambda connection: proposals.view(gateway, connection, row))


async def page(gateway: Gateway, caller: Caller, *, before: int | None, limit: int) -> FacilityPage:
    """The caller's facilities, newest first."""

    def find(connection: Connection) -> FacilityPage:
        _, as_of = moment(connection)
        rows = repository.facilities(
            connection, account=access.shown_account(caller), before=before, limit=limit
        )
        accounts = {row.lender for row in rows} | {row.borrower for row in rows}
        names = parties.names(connection, accounts | {row.entruster or "" for row in rows})
        terms = views.product_terms(connection, rows)
        items = [views.facility(gateway, row, terms[row.product_key], names) for row in rows]
        following = rows[-1].facility_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def details(gateway: Gateway, caller: Caller, facility_id: int) -> FacilityDetails:
    """One facility, with its limits, its buy-back undertaking and the accepted debtors.

    Raises:
        NotFound.
    """
    row = await access.facility(gateway, caller, facility_id)
    currency = gateway.currency_at(row.currency)
    buy_back = await collateral.buy_back_view(gateway, facility_id, currency=currency)
    today = await today_of(gateway)

    def find(connection: Connection) -> FacilityDetails:
        debtors = stored.debtors(connection, facility_id)
        sides = {row.lender, row.borrower, row.entruster or ""}
        names = parties.names(connection, sides.union(debtors))
        terms = views.product_terms(connection, [row])
        return {
            **views.facility(gateway, row, terms[row.product_key], names),
            "buyBack": buy_back,
            "acceptedDebtors": [party_view(account, names) for account in debtors],
            "limits": [
                views.debt_limit(limit, currency=currency)
                for limit in limits.limits(connection, row, currency=currency, today=today)
            ],
            "trade": trade.view(connection, row, currency=currency, today=today),
            "borrowerInDefault": limits.in_default(connection, row),
        }

    return await gateway.storage.read(find)


async def statement(gateway: Gateway, caller: Caller, facility_id: int) -> AccountStatement:
    """The statement of a facility in JSON.

    Raises:
        NotFound.
    """
    row = await access.facility(gateway, caller, facility_id)
    today = await today_of(gateway)
    return await statements.statement(gateway, row, today=today)


async def statement_file(
    gateway: Gateway, caller: Caller, facility_id: int, *, ending: Literal["xlsx", "pdf"]
) -> tuple[bytes, str]:
    """The statement of a facility as a spreadsheet or a page to print, and the file's name.

    Raises:
        NotFound.
    """
    row = await access.facility(gateway, caller, facility_id)
    today = await today_of(gateway)
    content = await statements.statement(gateway, row, today=today)
    write = statement_files.as_xlsx if ending == "xlsx" else statement_files.as_pdf
    file = await gateway.documents.run(write, content, date_of(today))
    return file, statement_files.name_of(content, date_of(today), ending)
