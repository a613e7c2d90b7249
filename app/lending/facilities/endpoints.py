"""/v1/facility-proposals, /v1/facilities"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from app.domain.calendar import date_of
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.commands import CommandOf
from app.gateway.downloads import PDF, XLSX, download
from app.gateway.gateway import GatewayOf
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit, moment
from app.gateway.views import json_response, party_view
from app.lending import access, repository
from app.lending.access import shown_account
from app.lending.collateral import views as collateral
from app.lending.facilities import proposals, service, views
from app.lending.facilities import repository as stored
from app.lending.facilities import statement as account
from app.lending.facilities import statement_files as account_files
from app.lending.facilities.schemas import (
    AcceptedDebtor,
    AccountStatement,
    Facility,
    FacilityPage,
    NewProposal,
    Proposal,
    ProposalPage,
    ProposalSignature,
)
from app.lending.loans.schemas import (
    Repayment,
)
from app.parties.registry import repository as parties

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("financier")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.post("/facility-proposals", status_code=201, response_model=Proposal)
async def propose_facility(body: NewProposal, _: Lender, command: CommandOf) -> Response:
    """A lender proposes a facility under a product; borrower and entruster sign the same terms."""
    return await proposals.propose(command, body)


@router.get("/facility-proposals", response_model=ProposalPage)
async def list_proposals(
    gateway: GatewayOf, caller: CallerOf, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Proposals that wait for signatures or were agreed, newest first."""

    def find(connection: Connection) -> dict[str, Any]:
        rows = stored.proposals(
            connection, account=shown_account(caller), before=cursor, limit=limit
        )
        accounts = {account for row in rows for account in row.signers().values()}
        names = parties.names(connection, accounts)
        items = [views.proposal(gateway, row, names) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return json_response(await gateway.storage.read(find))


@router.get("/facility-proposals/{proposal_id}", response_model=Proposal)
async def get_proposal(proposal_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One proposal, with the typed data to sign."""
    row = await proposals.proposal(gateway, caller, proposal_id)
    names = await gateway.storage.read(
        lambda connection: parties.names(connection, set(row.signers().values()))
    )
    return json_response(views.proposal(gateway, row, names))


@router.post("/facility-proposals/{proposal_id}/signature", response_model=Proposal)
async def sign_proposal(
    proposal_id: str, _: Party, command: CommandOf, body: ProposalSignature | None = None
) -> Response:
    """Signs a proposal; the last signature agrees the facility on the ledger."""
    return await proposals.sign(command, proposal_id, None if body is None else body.signature)


@router.post(
    "/facility-proposals/{proposal_id}/withdrawal", status_code=202, response_model=CommandAnswer
)
async def withdraw_proposal_signature(proposal_id: str, _: Party, command: CommandOf) -> Response:
    """Withdraws the caller's signature on the ledger for good; the facility cannot use it."""
    return await proposals.withdraw(command, proposal_id)


@router.get("/facilities", response_model=FacilityPage)
async def list_facilities(
    gateway: GatewayOf, caller: CallerOf, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """The caller's facilities, newest first."""

    def find(connection: Connection) -> dict[str, Any]:
        _, as_of = moment(connection)
        rows = repository.facilities(
            connection, account=shown_account(caller), before=cursor, limit=limit
        )
        accounts = {row.lender for row in rows} | {row.borrower for row in rows}
        names = parties.names(connection, accounts | {row.entruster or "" for row in rows})
        items = [views.facility(gateway, row, names) for row in rows]
        following = rows[-1].facility_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return json_response(await gateway.storage.read(find))


def _debtors(connection: Connection, facility_id: int) -> list[dict[str, Any]]:
    accounts = stored.debtors(connection, facility_id)
    names = parties.names(connection, set(accounts))
    return [party_view(account, names) for account in accounts]


@router.get("/facilities/{facility_id}", response_model=Facility)
async def get_facility(facility_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One facility."""
    row = await access.facility(gateway, caller, facility_id)
    accounts = {row.lender, row.borrower, row.entruster or ""}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    currency = gateway.currency_at(row.currency)
    buy_back = await collateral.buy_back_view(gateway, facility_id, currency=currency)
    accepted = await gateway.storage.read(lambda connection: _debtors(connection, facility_id))
    body = views.facility(gateway, row, names)
    return json_response(body | {"buyBack": buy_back, "acceptedDebtors": accepted})


@router.get(
    "/facilities/{facility_id}/statement",
    response_model=AccountStatement,
    responses=contents(XLSX, PDF),
)
async def get_account(
    facility_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    format: Literal["json", "xlsx", "pdf"] = "json",
) -> Response:
    """The statement of a facility: its limit, its bills, and each movement of money."""
    row = await access.facility(gateway, caller, facility_id)
    today = await access.today_of(gateway)
    statement = await account.statement(gateway, row, today=today)
    if format == "json":
        return json_response(statement)
    write = account_files.as_xlsx if format == "xlsx" else account_files.as_pdf
    content = await gateway.documents.run(write, statement, date_of(today))
    name = account_files.name_of(statement, date_of(today), format)
    return download(content, kind=XLSX if format == "xlsx" else PDF, name=name)


@router.post("/facilities/{facility_id}/debtors", status_code=202, response_model=CommandAnswer)
async def accept_debtor(
    facility_id: Number, body: AcceptedDebtor, _: Party, command: CommandOf
) -> Response:
    """The lender accepts a debtor; its debts may then secure the facility's loans."""
    return await service.accept_debtor(command, facility_id, body)


@router.post("/facilities/{facility_id}/deposits", status_code=202, response_model=CommandAnswer)
async def pay_deposit(
    facility_id: Number, body: Repayment, _: Party, command: CommandOf
) -> Response:
    """Pays the deposit that a facility asks for."""
    return await service.pay_deposit(command, facility_id, body.amount)


@router.delete("/facilities/{facility_id}", status_code=202, response_model=CommandAnswer)
async def close_facility(facility_id: Number, _: Party, command: CommandOf) -> Response:
    """Closes a facility on which nothing is owed; its deposit goes back to the borrower."""
    return await service.close(command, facility_id)
