"""/v1/receivables"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.chain.evm.typed_data import TypedData
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import MAX, Day, Number, Written
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.sorted_pages import (
    AmountFilter,
    CountItems,
    CurrencyFilter,
    NumberFilter,
    PageCursor,
    SortOf,
    page_of,
)
from app.gateway.views import json_response
from app.trade.receivables import credit_notes, due_calendar, reading, request_service, service
from app.trade.receivables.filters import DebtQuery, Status, debts_of
from app.trade.receivables.schemas import (
    ByClaim,
    CreditNoteDraft,
    CreditNoteToSign,
    DebtorSignature,
    DisputeStatement,
    DueCalendar,
    NewCreditNote,
    NewReceivable,
    Payment,
    Reason,
    ReceivableDetails,
    ReceivablePage,
)

router = APIRouter(prefix="/v1/receivables", tags=["receivables"], responses=PROBLEMS)
Supplier = Annotated[Caller, allow("supplier")]
Buyer = Annotated[Caller, allow("buyer")]
Payer = Annotated[Caller, allow("buyer", "supplier", "financier")]
Holder = Annotated[Caller, allow("supplier", "financier")]


@router.post("", status_code=202, response_model=CommandAnswer)
async def request_receivable(body: NewReceivable, _: Supplier, request: Idempotent) -> Response:
    """Files a debt from an uploaded invoice, and asks the buyer to confirm it."""
    return await request.carry_out(request_service.request, body)


@router.get("", response_model=ReceivablePage)
async def list_receivables(
    gateway: GatewayOf,
    caller: CallerOf,
    status: Status | None = None,
    sellerPartyId: str | None = None,
    debtorPartyId: str | None = None,
    dueFrom: Day | None = None,
    dueTo: Annotated[Day | None, Query(description="Inclusive.")] = None,
    currency: CurrencyFilter = None,
    amountFrom: AmountFilter = None,
    amountTo: AmountFilter = None,
    text: NumberFilter = None,
    unpaid: Annotated[
        bool, Query(description="Only debts of which principal is still owed.")
    ] = False,
    creditNoteWaits: Annotated[
        bool, Query(description="Only debts with a credit note that waits for the debtor.")
    ] = False,
    sort: SortOf = "newest",
    total: CountItems = False,
    cursor: PageCursor = None,
    limit: Limit = 50,
) -> Response:
    """Receivables that the caller may see, newest first or in another order."""
    filters = await debts_of(
        gateway,
        DebtQuery(
            status=status,
            seller_party_id=sellerPartyId,
            debtor_party_id=debtorPartyId,
            due_from=dueFrom,
            due_to=dueTo,
            currency=currency,
            amount_from=amountFrom,
            amount_to=amountTo,
            text=text,
            unpaid=unpaid,
            credit_note_waits=creditNoteWaits,
        ),
    )
    part = page_of(
        sort,
        cursor,
        number="receivable_id",
        keys={"due": "due_day", "amount": "face_amount"},
        currency=currency,
        limit=limit,
        count=total,
    )
    return json_response(await reading.page(gateway, caller, filters, part))


@router.get("/due-calendar", response_model=DueCalendar)
async def get_due_calendar(
    gateway: GatewayOf,
    caller: CallerOf,
    partyId: Annotated[
        str | None, Query(description="A party's id; only for those who see all.")
    ] = None,
    since: Annotated[
        Day | None, Query(alias="from", description="The first day; default: today.")
    ] = None,
    until: Annotated[
        Day | None, Query(alias="to", description="The last day; default: 90 days later.")
    ] = None,
) -> Response:
    """What the caller must pay by day and currency, against the cash that it holds."""
    body = await due_calendar.calendar(gateway, caller, party_id=partyId, first=since, last=until)
    return json_response(body)


@router.get("/{receivable_id}", response_model=ReceivableDetails)
async def get_receivable(receivable_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One receivable with its payments, credit notes and disputes."""
    return json_response(await reading.details(gateway, caller, receivable_id))


@router.get("/{receivable_id}/confirmation")
async def get_confirmation(
    receivable_id: Number, gateway: GatewayOf, caller: CallerOf
) -> TypedData:
    """The typed data that the debtor signs (eth_signTypedData_v4)."""
    row = await reading.receivable(gateway, caller, receivable_id)
    return service.confirmation_terms(gateway, row).typed_data()


@router.post("/{receivable_id}/confirmation", status_code=202, response_model=CommandAnswer)
async def confirm_receivable(
    receivable_id: Number, _: Buyer, request: Idempotent, body: DebtorSignature | None = None
) -> Response:
    """The buyer confirms the debt by signing its terms; the ledger mints one claim."""
    signature = None if body is None else body.signature
    return await request.carry_out(service.confirm, receivable_id, signature)


@router.post("/{receivable_id}/rejection", status_code=202, response_model=CommandAnswer)
async def reject_receivable(
    receivable_id: Number, body: Reason, _: Buyer, request: Idempotent
) -> Response:
    """The buyer rejects a requested receivable."""
    return await request.carry_out(
        service.step,
        receivable_id,
        kind="reject-receivable",
        function="reject",
        side="debtor",
        text=body.reason,
    )


@router.post("/{receivable_id}/withdrawal", status_code=202, response_model=CommandAnswer)
async def withdraw_receivable(receivable_id: Number, _: Supplier, request: Idempotent) -> Response:
    """The supplier withdraws a request that is not confirmed yet."""
    return await request.carry_out(
        service.step,
        receivable_id,
        kind="withdraw-receivable",
        function="withdraw",
        side="seller",
        text=None,
    )


@router.post("/{receivable_id}/dispute", status_code=202, response_model=CommandAnswer)
async def dispute_receivable(
    receivable_id: Number, body: DisputeStatement, _: Buyer, request: Idempotent
) -> Response:
    """The buyer disputes the debt within its days: sales and liens stop, payment goes on."""
    return await request.carry_out(
        service.step,
        receivable_id,
        kind="dispute-receivable",
        function="dispute",
        side="debtor",
        text=body.statement,
    )


@router.post("/{receivable_id}/dispute-end", status_code=202, response_model=CommandAnswer)
async def end_dispute(
    receivable_id: Number, body: DisputeStatement, _: Buyer, request: Idempotent
) -> Response:
    """The buyer ends its dispute."""
    return await request.carry_out(
        service.step,
        receivable_id,
        kind="end-dispute",
        function="endDispute",
        side="debtor",
        text=body.statement,
    )


@router.post("/{receivable_id}/payments", status_code=202, response_model=CommandAnswer)
async def pay_receivable(
    receivable_id: Number, body: Payment, _: Payer, request: Idempotent
) -> Response:
    """Pays on the debt: late charge first, then principal; the ledger takes at most what is due."""
    return await request.carry_out(service.pay, receivable_id, body.amount)


@router.post("/{receivable_id}/default", status_code=202, response_model=CommandAnswer)
async def declare_default(
    receivable_id: Number, _: Holder, request: Idempotent, body: ByClaim | None = None
) -> Response:
    """A holder or lienholder declares the default after the days of grace."""
    return await request.carry_out(
        service.by_holder,
        receivable_id,
        kind="declare-default",
        function="declareDefault",
        claim_id=None if body is None else body.claimId,
    )


@router.post("/{receivable_id}/write-off", status_code=202, response_model=CommandAnswer)
async def write_off(
    receivable_id: Number, _: Holder, request: Idempotent, body: ByClaim | None = None
) -> Response:
    """A holder or lienholder writes a defaulted debt off; the debt stays owed."""
    return await request.carry_out(
        service.by_holder,
        receivable_id,
        kind="write-off",
        function="writeOff",
        claim_id=None if body is None else body.claimId,
    )


@router.post("/{receivable_id}/credit-notes", status_code=201, response_model=CreditNoteDraft)
async def draft_credit_note(
    receivable_id: Number, body: NewCreditNote, _: Supplier, request: Idempotent
) -> Response:
    """The supplier signs an uploaded credit note; it waits for the buyer."""
    return await request.carry_out(credit_notes.draft_credit_note, receivable_id, body)


@router.get("/{receivable_id}/credit-notes", response_model=list[CreditNoteDraft])
async def list_credit_notes(
    receivable_id: Number, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """Credit notes that wait for the buyer, or are signed by both."""
    return json_response(await credit_notes.listed(gateway, caller, receivable_id))


@router.get("/{receivable_id}/credit-notes/terms", response_model=CreditNoteToSign)
async def get_credit_note_terms(
    receivable_id: Number,
    gateway: GatewayOf,
    caller: Supplier,
    documentId: Annotated[str, Query(description="The uploaded credit note.")],
    claimId: Annotated[
        Written | None,
        Query(
            ge=0,
            le=MAX,
            description="The seller's claim that is burned first, 0 for none; default: its "
            "largest free one.",
        ),
    ] = None,
    deadline: Annotated[
        Written | None,
        Query(
            ge=1,
            lt=2**40,
            description="Until when the signatures are valid (seconds of UTC); default: the "
            "ledger's usual time from now.",
        ),
    ] = None,
) -> Response:
    """What the supplier's own wallet signs before it sends an uploaded credit note.

    `POST` to the list of credit notes takes the signature, with `documentId`, `claimId` and
    `deadline` as they are here.
    """
    new_note = NewCreditNote(
        documentId=documentId, claimId=claimId, deadline=deadline, signature=None
    )
    return json_response(await credit_notes.terms_to_sign(gateway, caller, receivable_id, new_note))


@router.post(
    "/{receivable_id}/credit-notes/{credit_note_id}/confirmation",
    status_code=202,
    response_model=CommandAnswer,
)
async def apply_credit_note(
    receivable_id: Number,
    credit_note_id: str,
    request: Idempotent,
    _: Buyer,
    body: DebtorSignature | None = None,
) -> Response:
    """The buyer signs the credit note too: it reduces the debt at the seller's expense."""
    signature = None if body is None else body.signature
    return await request.carry_out(
        credit_notes.apply_credit_note, receivable_id, credit_note_id, signature
    )
