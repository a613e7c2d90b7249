"""/v1/facilities/{id}/draws, /v1/loans, /v1/repayments, /v1/portfolio"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.downloads import PDF, XLSX, spoken
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.languages import SPEAKS
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Day, Number, NumberCursor, QueryNumber, Written
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Limit
from app.gateway.views import json_response
from app.lending import commands
from app.lending.loans import draws, instalment_quotes, reading, repayment_quotes, service
from app.lending.loans.schemas import (
    InstalmentQuote,
    Instalments,
    LoanDetails,
    LoanPage,
    LoanStatement,
    LoanStatus,
    NewDraw,
    Portfolio,
    Repayment,
    RepaymentOfMany,
    RepaymentQuote,
)

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("financier")]
Borrower = Annotated[Caller, allow("supplier", "buyer")]
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.post("/facilities/{facility_id}/draws", status_code=202, response_model=CommandAnswer)
async def draw_loan(
    facility_id: Number, body: NewDraw, _: Borrower, request: Idempotent
) -> Response:
    """Draws on a facility: one transaction pays the borrower and places the lien."""
    return await request.carry_out(draws.draw, facility_id, body)


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
    return json_response(
        await reading.page(
            gateway, caller, facility_id=facilityId, status=status, before=cursor, limit=limit
        )
    )


@router.get("/loans/{loan_id}", response_model=LoanDetails)
async def get_loan(loan_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One loan: what is due today, the payoff, the schedule, and what happened."""
    return json_response(await reading.details(gateway, caller, loan_id))


@router.get(
    "/loans/{loan_id}/statement",
    response_model=LoanStatement,
    responses=contents(XLSX, PDF),
    dependencies=[SPEAKS],
)
async def get_statement(
    loan_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    format: Literal["json", "xlsx", "pdf"] = "json",
    date: Annotated[
        Day | None,
        Query(
            description="The day of the statement, from the draw on; by default today, in the "
            "ledger's zone. Until a later day nothing more is paid."
        ),
    ] = None,
) -> Response:
    """The loan's statement as of a day: each amount, and how it is computed."""
    if format == "json":
        return json_response(await reading.statement(gateway, caller, loan_id, date=date))
    content, name = await reading.statement_file(gateway, caller, loan_id, date=date, ending=format)
    return spoken(content, kind=XLSX if format == "xlsx" else PDF, name=name)


@router.post("/loans/{loan_id}/repayments", status_code=202, response_model=CommandAnswer)
async def repay_loan(loan_id: Number, body: Repayment, _: Party, request: Idempotent) -> Response:
    """Pays costs, penalty, interest, then principal, oldest first; takes at most what is owed."""
    return await request.carry_out(service.repay, loan_id, body.amount)


@router.get("/loans/{loan_id}/repayments", response_model=RepaymentQuote)
async def quote_repayment(
    loan_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    amount: Annotated[
        str, Query(max_length=40, description="Decimal text in the loan's currency.")
    ],
    date: Annotated[
        Day | None,
        Query(description="The day of the payment, in the ledger's zone; by default today."),
    ] = None,
) -> Response:
    """What a payment on a day would pay, leave and save, to the cent; nothing is stored."""
    body = await repayment_quotes.quote(gateway, caller, loan_id, amount=amount, date=date)
    return json_response(body)


@router.post("/repayments", status_code=202, response_model=CommandAnswer)
async def repay_loans(body: RepaymentOfMany, _: Party, request: Idempotent) -> Response:
    """Repays several loans in one transaction, such as all purchases of a bill."""
    return await request.carry_out(service.repay_many, body.loanIds, body.amount)


@router.get("/loans/{loan_id}/instalments", response_model=InstalmentQuote)
async def quote_instalments(
    loan_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    months: Annotated[Written, Query(ge=1, le=60)],
) -> Response:
    """What a purchase on a bill would cost in instalments, to the cent."""
    return json_response(await instalment_quotes.quote(gateway, caller, loan_id, months=months))


@router.post("/loans/{loan_id}/instalments", status_code=202, response_model=CommandAnswer)
async def pay_in_instalments(
    loan_id: Number, body: Instalments, _: Borrower, request: Idempotent
) -> Response:
    """Turns a purchase on a bill into instalments, before the bill is due."""
    return await request.carry_out(service.in_instalments, loan_id, body)


@router.post("/loans/{loan_id}/overdue", status_code=202, response_model=CommandAnswer)
async def mark_overdue(loan_id: Number, _: Party, request: Idempotent) -> Response:
    """Marks a loan that is unpaid after its grace days; its facility then lends no new money."""
    return await request.carry_out(
        commands.step, loan_id, kind="mark-overdue", function="markOverdue", side="any"
    )


@router.post("/loans/{loan_id}/default", status_code=202, response_model=CommandAnswer)
async def declare_loan_default(loan_id: Number, _: Lender, request: Idempotent) -> Response:
    """The lender declares an overdue loan in default; the whole debt falls due."""
    return await request.carry_out(
        commands.step, loan_id, kind="default-loan", function="declareDefault", side="lender"
    )


@router.post("/loans/{loan_id}/loss", status_code=202, response_model=CommandAnswer)
async def record_loss(loan_id: Number, _: Lender, request: Idempotent) -> Response:
    """Records the loss once the collateral is exhausted.

    These bear it, in this order: deposit, reserve, sharers, insurer, lender.
    """
    return await request.carry_out(
        commands.step, loan_id, kind="record-loss", function="recordLoss", side="lender"
    )


@router.post("/loans/{loan_id}/write-off", status_code=202, response_model=CommandAnswer)
async def write_off_loan(loan_id: Number, _: Lender, request: Idempotent) -> Response:
    """Writes off a defaulted loan after the write-off days; the borrower still owes it."""
    return await request.carry_out(
        commands.step, loan_id, kind="write-off-loan", function="writeOff", side="lender"
    )


@router.get("/portfolio", response_model=Portfolio)
async def get_portfolio(gateway: GatewayOf, caller: Viewer) -> Response:
    """What is lent: by days past due, by days to maturity, and collateral over debt."""
    return json_response(await service.portfolio(gateway, caller))
