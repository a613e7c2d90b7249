"""Credit notes: the seller signs, then the debtor signs, then the ledger applies the note."""

from __future__ import annotations

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.money import minor_units
from app.domain.texts import say
from app.errors import BadInput, NotFound
from app.gateway.approvals import Approval, cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import (
    NewOperation,
    change_after_approvals,
    change_for,
    in_custody,
)
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import deadline
from app.gateway.signing import Drafts, Terms, caller_signature, draft_state, draft_view, terms_for
from app.trade.documents import service as documents
from app.trade.receivables import repository
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.reading import receivable
from app.trade.receivables.repository import CreditNoteTerms, DraftRow
from app.trade.receivables.schemas import CreditNoteDraft, CreditNoteToSign, NewCreditNote
from app.trade.receivables.service import CONTRACT, require_debtor, require_seller

CREDIT_NOTES = Drafts("credit_note_drafts", "the credit note")
_SIGN_TERMS = (
    "sign the typed data of GET /v1/receivables/{id}/credit-notes/terms with the party's own "
    "wallet; send its claimId and deadline with the signature"
)


async def draft_credit_note(
    command: Command, receivable_id: int, new_note: NewCreditNote
) -> Change:
    """The seller signs a credit note; it takes effect when the debtor signs too.

    Raises:
        BadInput, NotFound, Forbidden.
        SignatureMismatch, SignatureInvalid: the seller's wallet has not signed these terms.
    """
    gateway, caller = command.gateway, command.caller
    row = await receivable(gateway, caller, receivable_id)
    require_seller(caller, row)
    if new_note.signature is not None:
        _require_signed_fields(new_note)
    note = await _note(gateway, caller, row, new_note)
    terms = _terms(gateway, note)
    terms.digest()  # refuses a value that does not fit, whoever signs
    signature = await caller_signature(
        gateway, caller, terms, wallet_signature=new_note.signature, fix=_SIGN_TERMS
    )
    approval = _sellers_approval(gateway, row, note["amount"])
    draft = DraftRow(
        id=new_id(),
        receivable_id=receivable_id,
        note=note,
        seller_signature=signature,
        document_id=new_note.documentId,
        operation_id=None,
    )

    def write(connection: Connection) -> Answer:
        repository.add_draft(connection, draft)
        return Answer(view(gateway, draft, currency=gateway.currency_at(row.currency)), 201)

    approvals = [approval] if await in_custody(gateway, caller) else []
    return await change_after_approvals(command, approvals, write)


async def terms_to_sign(
    gateway: Gateway, caller: Caller, receivable_id: int, new_note: NewCreditNote
) -> CreditNoteToSign:
    """What the seller's wallet signs before it sends a credit note.

    Raises:
        BadInput, NotFound, Forbidden.
    """
    row = await receivable(gateway, caller, receivable_id)
    require_seller(caller, row)
    note = await _note(gateway, caller, row, new_note)
    terms = _terms(gateway, note)
    terms.digest()  # refuses a value that does not fit
    return {
        "receivableId": receivable_id,
        "documentId": new_note.documentId,
        "amount": money_view(note["amount"], currency=gateway.currency_at(row.currency)),
        "claimId": note["claimId"],
        "deadline": note["deadline"],
        "typedData": terms.typed_data(),
    }


async def _note(
    gateway: Gateway, caller: Caller, row: ReceivableRow, new_note: NewCreditNote
) -> CreditNoteTerms:
    """The terms of an uploaded credit note, with the claim and the deadline that it leaves out.

    Raises:
        BadInput, NotFound.
    """
    document = await documents.own_document(gateway, caller, new_note.documentId)
    if document.kind != "credit-note":
        raise BadInput(
            "the document is not a credit note",
            field="documentId",
            fix="upload the credit note first: POST /v1/documents",
        )
    currency = gateway.currency_at(row.currency)
    credit = await documents.reading(gateway, document)
    if credit["currency"] != currency:
        raise BadInput(
            say(
                "the credit note is in {currency}, the debt in {currency_2}",
                currency=credit["currency"],
                currency_2=currency,
            ),
            name="currency-mismatch",
            field="documentId",
            fix=say("upload a credit note in {currency}", currency=currency),
        )
    claim = new_note.claimId
    if claim is None:
        claim = await gateway.storage.read(
            lambda connection: repository.largest_claim(
                connection, receivable_id=row.receivable_id, account=row.seller, free_only=True
            )
        )
    return {
        "receivableId": row.receivable_id,
        "claimId": claim or 0,
        "amount": minor_units(credit["payableAmount"], currency=currency),
        "fingerprint": document.fingerprint,
        "documentRoot": document.root,
        "deadline": new_note.deadline or await deadline(gateway),
    }


def _sellers_approval(gateway: Gateway, row: ReceivableRow, amount: int) -> Approval:
    """When the note is applied, the ledger takes from the seller what its claim does not bear."""
    return cash_approval(
        gateway,
        currency=gateway.currency_at(row.currency),
        owner=row.seller,
        spender=CONTRACT,
        amount=amount,
        standing=True,
    )


def _require_signed_fields(new_note: NewCreditNote) -> None:
    if new_note.claimId is None:
        raise BadInput(
            "the signature covers the claim that bears the note",
            field="claimId",
            fix="give the claim that you signed, 0 for none",
        )
    if new_note.deadline is None:
        raise BadInput(
            "the signature covers its deadline",
            field="deadline",
            fix="give the deadline that you signed, in seconds of UTC",
        )


async def apply_credit_note(
    command: Command, receivable_id: int, identifier: str, signature: str | None
) -> Change:
    """The debtor signs too, and the ledger applies the note.

    Raises:
        NotFound, Forbidden, Conflict, BadInput.
    """
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    require_debtor(command.caller, row)
    draft = await gateway.storage.read(lambda connection: repository.draft(connection, identifier))
    if draft is None or draft.receivable_id != receivable_id:
        raise NotFound(
            say("there is no credit note {identifier}", identifier=identifier),
            name="credit-note-unknown",
        )
    terms = _terms(gateway, draft.note)
    debtor_signature = signature or await caller_signature(gateway, command.caller, terms)
    subject = {"receivableId": receivable_id, "creditNoteId": identifier}
    arguments = [draft.note, draft.seller_signature, debtor_signature]
    sellers = _sellers_approval(gateway, row, draft.note["amount"])
    new_operation = NewOperation(
        *("apply-credit-note", CONTRACT, "applyCreditNote", arguments, subject),
        promised=[(row.seller, sellers)],
    )
    return await change_for(command, new_operation, side_writes=CREDIT_NOTES.claim(identifier))


async def listed(gateway: Gateway, caller: Caller, receivable_id: int) -> list[CreditNoteDraft]:
    """Credit notes of a receivable that wait for the debtor, or are signed by both.

    Raises:
        NotFound.
    """
    row = await receivable(gateway, caller, receivable_id)
    drafts = await gateway.storage.read(
        lambda connection: repository.drafts(connection, receivable_id)
    )
    currency = gateway.currency_at(row.currency)
    shows = caller.sees_all or caller.account in (row.seller, row.debtor)
    return [view(gateway, draft, currency=currency, shows_document=shows) for draft in drafts]


def view(
    gateway: Gateway, draft: DraftRow, *, currency: str, shows_document: bool = True
) -> CreditNoteDraft:
    """A credit note in JSON: waiting for the debtor, under way, or applied."""
    state = draft_state(draft.operation_state, done="applied")
    return {
        **draft_view(draft, _terms(gateway, draft.note), state=state),
        "receivableId": draft.receivable_id,
        "amount": money_view(draft.note["amount"], currency=currency),
        "claimId": draft.note["claimId"] or None,
        "documentId": draft.document_id if shows_document else None,
    }


def _terms(gateway: Gateway, note: CreditNoteTerms) -> Terms:
    return terms_for(gateway, CONTRACT, "CreditNote", note)
