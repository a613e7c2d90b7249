"""Credit notes: signed by the seller, then by the debtor, then applied."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.typed_data import typed_data, typed_data_digest
from app.chain.outbox.operation import Operation, new_id
from app.domain.money import minor_units
from app.errors import BadInput, NotFound
from app.gateway.approvals import cash_approval, missing
from app.gateway.commands import Answer, Command
from app.gateway.execution import Act, act, claim_once, enqueue_approval, in_custody
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import deadline
from app.trade.documents import service as documents
from app.trade.receivables import repository
from app.trade.receivables.reading import receivable
from app.trade.receivables.repository import DraftRow
from app.trade.receivables.schemas import NewCreditNote
from app.trade.receivables.service import CONTRACT, domain, require_debtor, require_seller, sign


async def draft_credit_note(
    command: Command, receivable_id: int, wanted: NewCreditNote
) -> Response:
    """The seller signs a credit note; the debtor's signature makes it count.

    Raises:
        BadInput, NotFound, Forbidden.
    """
    gateway, caller = command.gateway, command.caller
    row = await receivable(gateway, caller, receivable_id)
    require_seller(command, row)
    paper = await documents.own_document(gateway, caller, wanted.documentId)
    if paper.kind != "credit-note":
        raise BadInput("the document is no credit note", field="documentId")
    currency = gateway.currency_at(row.currency)
    credit = await documents.reading(gateway, paper)
    if credit["currency"] != currency:
        raise BadInput(
            f"the credit note is in {credit['currency']}, the debt in {currency}",
            name="currency-mismatch",
            field="documentId",
        )
    claim = wanted.claimId
    if wanted.signature is not None:
        _require_signed_fields(wanted)
    if claim is None:
        claim = await gateway.storage.read(
            lambda connection: repository.largest_claim(
                connection, receivable_id=receivable_id, account=row.seller, free_only=True
            )
        )
    amount = minor_units(credit["payableAmount"], currency=currency)
    note = {
        "receivableId": receivable_id,
        "claimId": claim or 0,
        "amount": amount,
        "fingerprint": paper.fingerprint,
        "documentRoot": paper.root,
        "deadline": wanted.deadline or await deadline(gateway),
    }
    digest = typed_data_digest(domain(gateway), "CreditNote", note)
    signature = wanted.signature or await sign(gateway, caller, digest)
    # What the seller's claim does not bear, the ledger takes from the seller when it is applied.
    approval = cash_approval(
        gateway,
        currency=currency,
        owner=row.seller,
        spender=CONTRACT,
        amount=amount,
        standing=True,
    )
    lacking = await missing(gateway, [approval]) if await in_custody(gateway, caller) else []
    made = DraftRow(new_id(), receivable_id, note, signature, None)

    def write(connection: Connection) -> Answer:
        for one in lacking:
            enqueue_approval(connection, command, one, signer=row.seller)
        repository.add_draft(connection, made)
        return Answer(draft_view(gateway, made, currency=currency), 201)

    return await command.carry_out(write)


def _require_signed_fields(wanted: NewCreditNote) -> None:
    if wanted.claimId is None:
        raise BadInput(
            "the signature covers the claim that bears the note",
            field="claimId",
            fix="name the claim that you signed, 0 for none",
        )
    if wanted.deadline is None:
        raise BadInput(
            "the signature covers the time until which it counts",
            field="deadline",
            fix="name the deadline that you signed, in seconds of UTC",
        )


async def apply_credit_note(
    command: Command, receivable_id: int, identifier: str, signature: str | None
) -> Response:
    """The debtor signs too: the note is applied.

    Raises:
        NotFound, Forbidden, Conflict, BadInput.
    """
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    require_debtor(command, row)
    found = await gateway.storage.read(lambda connection: repository.draft(connection, identifier))
    if found is None or found.receivable_id != receivable_id:
        raise NotFound(f"there is no credit note {identifier}", name="credit-note-unknown")
    note = found.note
    digest = typed_data_digest(domain(gateway), "CreditNote", note)
    debtor_signature = signature or await sign(gateway, command.caller, digest)

    def also(connection: Connection, operation: Operation) -> None:
        claim_once(
            connection,
            "credit_note_drafts",
            identifier=identifier,
            operation_id=operation.id,
            what="the credit note",
        )

    subject = {"receivableId": receivable_id, "creditNoteId": identifier}
    arguments = [note, found.seller_signature, debtor_signature]
    wanted = Act("apply-credit-note", CONTRACT, "applyCreditNote", arguments, subject)
    return await act(command, wanted, also=also)


# By the state of the operation that applies it; else it waits for the debtor.
_DRAFT_STATES = {
    "accepted": "under-way",
    "submitted": "under-way",
    "included": "applied",
    "final": "applied",
}


def draft_view(gateway: Gateway, draft: DraftRow, *, currency: str) -> dict[str, Any]:
    """A credit note that waits for the debtor, is under way, or was applied."""
    return {
        "id": draft.id,
        "receivableId": draft.receivable_id,
        "amount": money_view(draft.note["amount"], currency=currency),
        "claimId": draft.note["claimId"] or None,
        "state": _DRAFT_STATES.get(draft.operation_state or "", "waiting"),
        "operationId": draft.operation_id,
        "typedData": typed_data(domain(gateway), "CreditNote", draft.note),
    }
