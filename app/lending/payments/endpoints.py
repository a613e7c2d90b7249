"""/v1/pay-outs, /v1/bank-notifications, /v1/bank-entries"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import Response

from app.gateway.callers import Caller, allow
from app.gateway.downloads import XLSX, download, file_name, spoken
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.languages import SPEAKS
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.uploads import SingleParts, content_of
from app.gateway.views import json_response
from app.lending import access
from app.lending.payments import corrections, orders, refunds, service
from app.lending.payments.references import references_for
from app.lending.payments.schemas import (
    ACCOUNT,
    BankEntry,
    BankEntryPage,
    EntryMove,
    EntryRepayment,
    EntryReversal,
    NewPayOuts,
    NewRefund,
    Notification,
    PaymentReferences,
    RecordedEntry,
)

router = APIRouter(prefix="/v1", tags=["payments"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("financier")]
Payer = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.post("/pay-outs", response_class=Response, responses=contents("application/xml"))
async def order_pay_outs(body: NewPayOuts, gateway: GatewayOf, caller: Lender) -> Response:
    """Returns a pain.001.001.09 that pays out loans through the lender's bank, each loan once."""
    content = await orders.pay_outs(gateway, caller, body)
    first, *others = [pay_out.loanId for pay_out in body.payOuts]
    more = f"and {len(others)} more" if others else ""
    name = file_name("pay-outs", "loan", first, more, day=body.executionDate, ending="xml")
    return download(content, kind="application/xml", name=name)


@router.post(
    "/bank-notifications",
    status_code=201,
    response_model=Notification,
    dependencies=[SingleParts],
)
async def upload_notification(
    _: Lender,
    gateway: GatewayOf,
    request: Idempotent,
    file: Annotated[UploadFile, File(description="camt.054 or camt.053, version 02 to 14.")],
    account: Annotated[
        str | None,
        Form(
            pattern=ACCOUNT,
            description="The account that must be credited. Entries on another account have "
            "`accountExpected: false`.",
        ),
    ] = None,
) -> Response:
    """Stores the payments that a bank reports; each bank reference is stored once."""
    data = await content_of(file, limit=gateway.settings.document_limit)
    await request.require_new(data if account is None else data + b" " + account.encode())
    return await request.carry_out(service.notify, data, expected=account)


@router.get(
    "/bank-entries",
    response_model=BankEntryPage,
    responses=contents(XLSX),
    dependencies=[SPEAKS],
)
async def list_bank_entries(
    gateway: GatewayOf,
    caller: Lender,
    cursor: Cursor = None,
    limit: Limit = 50,
    format: Literal["json", "xlsx"] = "json",
) -> Response:
    """Entries of the caller's notifications, newest first, with what goes back to payers."""
    if format == "xlsx":
        content, name = await service.entries_file(gateway, caller, before=cursor, limit=limit)
        return spoken(content, kind=XLSX, name=name)
    return json_response(await service.entries(gateway, caller, before=cursor, limit=limit))


@router.get("/bank-entries/{entry_id}", response_model=BankEntry)
async def get_bank_entry(entry_id: str, gateway: GatewayOf, caller: Lender) -> Response:
    """One entry of the caller's notifications."""
    return json_response(await service.entry(gateway, caller, entry_id))


@router.get("/loans/{loan_id}/payment-references", response_model=PaymentReferences)
async def show_payment_references(loan_id: Number, gateway: GatewayOf, caller: Payer) -> Response:
    """The references by which a payment can name this loan."""
    await access.loan(gateway, caller, loan_id)
    name, creditor_reference, qr_reference = references_for(loan_id)
    body: PaymentReferences = {
        "endToEndId": name,
        "creditorReference": creditor_reference,
        "qrReference": qr_reference,
    }
    return json_response(body)


@router.post("/bank-entries/{entry_id}/repayment", status_code=202, response_model=RecordedEntry)
async def record_repayment(
    entry_id: str, _: Lender, request: Idempotent, body: EntryRepayment | None = None
) -> Response:
    """The lender records, once, a repayment that came in outside the ledger.

    It counts from its value date.
    """
    entry = body or EntryRepayment(anyAccount=False, valueDate=None)
    return await request.carry_out(
        service.record,
        entry_id,
        entry.loanId,
        any_account=entry.anyAccount,
        value_date=entry.valueDate,
    )


@router.post("/bank-entries/{entry_id}/reversal", status_code=202, response_model=CommandAnswer)
async def reverse_repayment(
    entry_id: str, body: EntryReversal, _: Lender, request: Idempotent
) -> Response:
    """The lender reverses a recorded repayment: the loan is as if it had never come."""
    return await request.carry_out(corrections.reverse, entry_id, body.reason)


@router.post("/bank-entries/{entry_id}/move", status_code=202, response_model=CommandAnswer)
async def move_repayment(
    entry_id: str, body: EntryMove, _: Lender, request: Idempotent
) -> Response:
    """The lender moves a recorded repayment to another loan, or to another value date."""
    return await request.carry_out(corrections.move, entry_id, body)


@router.post("/loans/{loan_id}/refunds", status_code=202, response_model=CommandAnswer)
async def refund_overpayment(
    loan_id: Number, body: NewRefund, _: Lender, request: Idempotent
) -> Response:
    """The lender pays back to the borrower what was posted on a loan and is not owed."""
    return await request.carry_out(refunds.refund, loan_id, body.amount, body.bankReference)
