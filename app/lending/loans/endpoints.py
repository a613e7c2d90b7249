"""/v1/facilities/{id}/draws, /v1/loans, /v1/repayments, /v1/portfolio"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from app.domain.calendar import day_at
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.commands import CommandOf
from app.gateway.downloads import PDF, XLSX, download
from app.gateway.gateway import GatewayOf
from app.gateway.naming import stored_state
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, QueryNumber
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Limit, moment
from app.gateway.views import json_response
from app.lending import access, commands, repository
from app.lending.access import shown_account
from app.lending.collateral import views as collateral
from app.lending.loans import draws, service, statement_files, views
from app.lending.loans import statement as statements
from app.lending.loans.schemas import (
    Instalments,
    Loan,
    LoanPage,
    LoanStatus,
    NewDraw,
    Portfolio,
    Repayment,
    RepaymentOfMany,
)
from app.parties.registry import repository as parties

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("financier")]
Borrower = Annotated[Caller, allow("supplier", "buyer")]
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.post("/facilities/{facility_id}/draws", status_code=202, response_model=CommandAnswer)
async def draw_loan(
    facility_id: Number, body: NewDraw, _: Borrower, command: CommandOf
) -> Response:
    """Draws on a facility: one transaction pays the borrower and places the lien."""
    return await draws.draw(command, facility_id, body)


@router.get("/loans", response_model=LoanPage)
async def list_loans(
    gateway: GatewayOf,
    caller: CallerOf,
    facilityId: QueryNumber = None,
    status: LoanStatus | None = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """The caller's loans, newest first, as of the day of the newest block."""

    def find(connection: Connection) -> dict[str, Any]:
        now, as_of = moment(connection)
        today = day_at(now, zone_offset=gateway.zone_offset)
        rows = repository.loans(
            connection,
            account=shown_account(caller),
            facility_id=facilityId,
            status=status and stored_state(status),
            before=cursor,
            limit=limit,
        )
        names = parties.names(
            connection, {row.lender for row in rows} | {row.borrower for row in rows}
        )
        items = [views.loan(gateway, row, names, today=today) for row in rows]
        following = rows[-1].loan_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return json_response(await gateway.storage.read(find))


@router.get("/loans/{loan_id}", response_model=Loan)
async def get_loan(loan_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One loan: what is due today, the payoff, the schedule, and what happened."""
    row = await access.loan(gateway, caller, loan_id)
    secured_by = await collateral.collateral_view(gateway, loan_id)

    def find(connection: Connection) -> dict[str, Any]:
        now, as_of = moment(connection)
        today = day_at(now, zone_offset=gateway.zone_offset)
        entries = repository.entries(connection, loan_id)
        accounts = {row.lender, row.borrower} | {entry["payer"] or "" for entry in entries}
        names = parties.names(connection, accounts)
        body = views.loan(gateway, row, names, today=today)
        return body | {
            "collateral": secured_by or body["collateral"],
            "schedule": views.schedule(gateway, row, today=today),
            "entries": [views.entry(gateway, row, entry, names) for entry in entries],
            "asOf": as_of,
        }

    return json_response(await gateway.storage.read(find))


@router.get(
    "/loans/{loan_id}/statement",
    responses=contents("application/json", XLSX, PDF),
)
async def get_statement(
    loan_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    format: Literal["json", "xlsx", "pdf"] = "json",
) -> Response:
    """The loan's statement: each amount with the exact sum it is computed from."""
    row = await access.loan(gateway, caller, loan_id)

    def find(connection: Connection) -> tuple[int, list[dict[str, Any]], Any, dict[str, Any]]:
        now, as_of = moment(connection)
        names = parties.names(connection, {row.lender, row.borrower, row.entruster or ""})
        return now, repository.entries(connection, loan_id), names, as_of

    now, entries, names, as_of = await gateway.storage.read(find)
    today = day_at(now, zone_offset=gateway.zone_offset)
    terms, lines = statements.lines_of(row, entries, today=today)
    currency = gateway.currency_at(row.currency)
    if format == "json":
        return json_response(statements.as_json(lines, terms, currency=currency) | {"asOf": as_of})
    statement = statement_files.of_loan(
        row, lines, names, currency=currency, today=today, block=as_of["blockNumber"]
    )
    write = statement_files.as_xlsx if format == "xlsx" else statement_files.as_pdf
    content = await gateway.documents.run(write, statement)
    kind = XLSX if format == "xlsx" else PDF
    return download(content, kind=kind, name=statement.file_name(format))


@router.post("/loans/{loan_id}/repayments", status_code=202, response_model=CommandAnswer)
async def repay_loan(loan_id: Number, body: Repayment, _: Party, command: CommandOf) -> Response:
    """Pays costs, penalty, interest, then principal, oldest first; takes at most what is owed."""
    return await service.repay(command, loan_id, body.amount)


@router.post("/repayments", status_code=202, response_model=CommandAnswer)
async def repay_loans(body: RepaymentOfMany, _: Party, command: CommandOf) -> Response:
    """Repays several loans in one transaction, such as all purchases of a bill."""
    return await service.repay_many(command, body.loanIds, body.amount)


@router.post("/loans/{loan_id}/instalments", status_code=202, response_model=CommandAnswer)
async def pay_in_instalments(
    loan_id: Number, body: Instalments, _: Borrower, command: CommandOf
) -> Response:
    """Turns a purchase on a bill into instalments, before the bill is due."""
    return await service.in_instalments(command, loan_id, body.months)


@router.post("/loans/{loan_id}/overdue", status_code=202, response_model=CommandAnswer)
async def mark_overdue(loan_id: Number, _: Party, command: CommandOf) -> Response:
    """Marks a loan that is unpaid after its grace days; its facility then lends no new money."""
    return await commands.step(
        command, loan_id, kind="mark-overdue", function="markOverdue", side="any"
    )


@router.post("/loans/{loan_id}/default", status_code=202, response_model=CommandAnswer)
async def declare_loan_default(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """The lender declares an overdue loan in default; the whole debt falls due."""
    return await commands.step(
        command, loan_id, kind="default-loan", function="declareDefault", side="lender"
    )


@router.post("/loans/{loan_id}/loss", status_code=202, response_model=CommandAnswer)
async def record_loss(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """Records the loss once the collateral is exhausted.

    These bear it, in this order: deposit, reserve, sharers, insurer, lender.
    """
    return await commands.step(
        command, loan_id, kind="record-loss", function="recordLoss", side="lender"
    )


@router.post("/loans/{loan_id}/write-off", status_code=202, response_model=CommandAnswer)
async def write_off_loan(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """Writes off a defaulted loan after the write-off days; the borrower still owes it."""
    return await commands.step(
        command, loan_id, kind="write-off-loan", function="writeOff", side="lender"
    )


@router.get("/portfolio", response_model=Portfolio)
async def get_portfolio(gateway: GatewayOf, caller: Viewer) -> Response:
    """What is lent: by days past due, by days to maturity, and collateral over debt."""
    return json_response(await service.portfolio(gateway, caller))
