"""Operations on receivables; `reading.py` reads them."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.hashing import text_hash
from app.chain.outbox.operation import Operation
from app.domain.calendar import day_of
from app.domain.money import minor_units
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.approvals import cash_approval
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import Money, minor
from app.gateway.signing import Terms, caller_signature, terms_for
from app.parties.registry import repository as party_repository
from app.parties.registry import service as parties
from app.trade.documents import filing
from app.trade.documents import service as documents
from app.trade.documents.assignment import assignment_in
from app.trade.documents.fingerprint import fingerprints_of, instalment_fingerprint
from app.trade.documents.repository import DocumentRow
from app.trade.documents.views import Invoice
from app.trade.receivables import evidence, repository
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.reading import receivable
from app.trade.receivables.schemas import NewReceivable

CONTRACT = "Receivables"


class ReceivableTerms(TypedDict):
    """What the debtor signs: the struct ReceivableTerms of Receivables."""

    seller: str
    debtor: str
    currency: str
    faceAmount: int
    dueDay: int
    graceDays: int
    lateRate: int
    disputeDays: int
    maxDepth: int
    fingerprint: str
    documentRoot: str
    legalTextHash: str


# ------------------------------------------------------------------ request


async def request(command: Command, new_receivable: NewReceivable) -> Change:
    """Files a receivable from an invoice.

    Raises:
        BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    seller = caller.acting()
    document = await documents.own_document(gateway, caller, new_receivable.documentId)
    invoice = await documents.reading(gateway, document)
    if document.kind != "invoice":
        raise BadInput(
            "the document is a credit note, not an invoice",
            field="documentId",
            fix="apply it to its receivable: POST /v1/receivables/{id}/credit-notes",
        )
    _require_unassigned(invoice)
    currency = _currency(gateway, invoice["currency"])
    part = _filed_part(invoice, document.fingerprint, new_receivable)
    debtor = await _debtor(gateway, invoice, new_receivable)
    seller_party = await parties.party(gateway, str(caller.party_id))
    _require_own_fingerprint(gateway, document, invoice, seller=seller_party, debtor=debtor)
    originals = filing.originals_of(gateway, invoice, seller=seller_party, buyer=debtor)
    terms: ReceivableTerms = {
        "seller": seller,
        "debtor": debtor.account,
        "currency": gateway.contracts.address(CASH_PREFIX + currency),
        "faceAmount": minor_units(part.amount, currency=currency),
        "dueDay": day_of(part.due),
        "graceDays": new_receivable.graceDays,
        "lateRate": new_receivable.lateRate,
        "disputeDays": new_receivable.disputeDays,
        "maxDepth": new_receivable.maxDepth,
        "fingerprint": part.fingerprint,
        "documentRoot": document.root,
        "legalTextHash": gateway.legal_text_hash,
    }
    subject = {"documentId": document.id, "debtor": debtor.id}
    if new_receivable.instalment is not None:
        subject["instalment"] = str(new_receivable.instalment)

    def check_unfiled(connection: Connection, operation: Operation) -> None:
        filing.require_alone(connection, document, originals, besides=operation.id)
        filing.require_unfiled(connection, invoice, part.excluded, field="documentId")

    new_operation = NewOperation("request-receivable", CONTRACT, "request", [terms], subject)
    return await change_for(command, new_operation, side_writes=check_unfiled)


class _FiledPart(msgspec.Struct, frozen=True):
    """The filed part of an invoice.

    Attributes:
        amount: decimal text.
        due: due day.
        fingerprint: the ledger itself refuses the same one twice.
        excluded: other fingerprints; nothing may be filed under them.
    """

    amount: str
    due: datetime.date
    fingerprint: str
    excluded: list[str]


def _filed_part(invoice: Invoice, fingerprint: str, new_receivable: NewReceivable) -> _FiledPart:
    """The whole invoice, or the instalment that the request names.

    Raises:
        BadInput.
    """
    instalments = invoice.get("instalments") or []
    number = new_receivable.instalment
    if not instalments:
        if number is not None:
            raise BadInput(
                "the invoice is due as a whole", field="instalment", fix="leave instalment out"
            )
        due = _due_date(invoice["dueDate"], new_receivable)
        return _FiledPart(
            invoice["payableAmount"], due, fingerprint, fingerprints_of(fingerprint)[1:]
        )
    if number is None or number > len(instalments):
        raise BadInput(
            f"the invoice is due in {len(instalments)} instalments",
            name="instalment-unknown",
            field="instalment",
            fix=f"file each by its number, 1 to {len(instalments)}",
        )
    instalment = instalments[number - 1]
    own_fingerprint = instalment_fingerprint(fingerprint, number)
    return _FiledPart(
        instalment["amount"],
        _due_date(instalment["dueDate"], new_receivable),
        own_fingerprint,
        [fingerprint],
    )


def _require_unassigned(invoice: Invoice) -> None:
    """Refuses a document that says that its debt belongs to another party.

    Raises:
        BadInput.
    """
    assignment = assignment_in(invoice)
    if assignment is not None:
        raise BadInput(
            f"the invoice says that it is assigned to {assignment.get('payee', 'another')} "
            f"({', '.join(assignment['basis'])}): its debt does not belong to the seller",
            name="document-assigned",
            field="documentId",
            fix="file an invoice that is payable to its seller alone, without an assignment clause",
            assignment=assignment,
        )


def _require_own_fingerprint(
    gateway: Gateway,
    document: DocumentRow,
    invoice: Invoice,
    *,
    seller: party_repository.PartyRow,
    debtor: party_repository.PartyRow,
) -> None:
    """Refuses a document with another fingerprint than these two parties give.

    So a second upload of an invoice cannot have a second fingerprint.

    Raises:
        BadInput.
    """
    fingerprint = filing.fingerprint_of(gateway, invoice, seller=seller, buyer=debtor)
    if fingerprint != document.fingerprint:
        raise BadInput(
            "the document was uploaded before its buyer was registered, or before an upgrade",
            name="fingerprint-outdated",
            field="documentId",
            fix="upload it again and file the new document",
        )


def _currency(gateway: Gateway, code: str) -> str:
    if code not in gateway.currencies():
        raise BadInput(
            f"there is no settlement token for {code}",
            name="currency-unknown",
            field="documentId",
            fix=f"use one of {', '.join(gateway.currencies())}",
        )
    return code


def _due_date(stated: str | None, new_receivable: NewReceivable) -> datetime.date:
    if stated is not None:
        if new_receivable.dueDate is not None and new_receivable.dueDate.isoformat() != stated:
            raise BadInput(
                f"the invoice is due on {stated}", field="dueDate", fix="leave dueDate out"
            )
        return datetime.date.fromisoformat(stated)
    if new_receivable.dueDate is None:
        raise BadInput("the invoice states no due date", field="dueDate", fix="give dueDate")
    return new_receivable.dueDate


async def _debtor(
    gateway: Gateway, invoice: Invoice, new_receivable: NewReceivable
) -> party_repository.PartyRow:
    """The party that is the buyer in the invoice; a party named in the request must be the same."""
    buyer = invoice["buyer"]
    candidates = await gateway.storage.read(
        lambda connection: filing.registered(gateway, connection, buyer)
    )
    if new_receivable.debtorPartyId is None:
        if len(candidates) > 1:
            raise BadInput(
                f"the buyer's identifiers match {' and '.join(row.name for row in candidates)}",
                name="debtor-ambiguous",
                field="debtorPartyId",
                fix="name the right party",
            )
        if not candidates:
            raise BadInput(
                f"the buyer {buyer['name']} ({buyer['id']}) is not a registered party",
                name="debtor-unknown",
                field="debtorPartyId",
                fix="have it registered, or name the right party",
            )
        return candidates[0]
    named = await parties.party_in(gateway, new_receivable.debtorPartyId, field="debtorPartyId")
    if not filing.names(gateway, buyer, named):
        raise BadInput(
            f"the invoice's buyer is {buyer['name']} ({buyer['id']}), not {named.name}",
            name="debtor-mismatch",
            field="debtorPartyId",
            fix="leave it out, or use an invoice of that buyer",
        )
    return named


# ------------------------------------------------------------------ the debtor's signature


def confirmation_terms(gateway: Gateway, row: ReceivableRow) -> Terms:
    """What the debtor signs."""
    return terms_for(gateway, CONTRACT, "ReceivableTerms", terms_of(row))


def terms_of(row: ReceivableRow) -> ReceivableTerms:
    """The terms of a receivable, as filed."""
    return {
        "seller": row.seller,
        "debtor": row.debtor,
        "currency": row.currency,
        "faceAmount": row.face_amount,
        "dueDay": row.due_day,
        "graceDays": row.grace_days,
        "lateRate": row.late_rate,
        "disputeDays": row.dispute_days,
        "maxDepth": row.max_depth,
        "fingerprint": row.fingerprint,
        "documentRoot": row.document_root,
        "legalTextHash": row.legal_text_hash,
    }


async def confirm(command: Command, receivable_id: int, signature: str | None) -> Change:
    """Puts the debtor's signature over the terms on the ledger.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    _, debtor_signature = await debtors_word(command, receivable_id, signature)
    subject = {"receivableId": receivable_id}
    new_operation = NewOperation(
        "confirm-receivable", CONTRACT, "confirm", [receivable_id, debtor_signature], subject
    )
    return await change_for(command, new_operation)


async def debtors_word(
    command: Command, receivable_id: int, signature: str | None
) -> tuple[ReceivableRow, str]:
    """The debt, and the debtor's signature over its terms.

    The signature is the given one, or the gateway signs with a key in custody.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    require_debtor(command, row)
    if signature is None:
        await _require_evidence(gateway, row)
        terms = confirmation_terms(gateway, row)
        signature = await caller_signature(gateway, command.caller, terms)
    return row, signature


async def _require_evidence(gateway: Gateway, row: ReceivableRow) -> None:
    """The gateway signs for a debtor only what the seller's stored document says.

    Raises:
        Conflict.
    """
    stored_evidence = await gateway.storage.read(lambda connection: evidence.find(connection, row))
    evidence_check = await evidence.check(gateway, row, stored_evidence)
    if evidence_check.assignment is not None:
        raise Conflict(
            f"the document behind receivable {row.receivable_id} says that it is assigned to "
            "another party: the gateway does not sign",
            name="document-assigned",
            fix="reject it, or sign with the party's own wallet",
            assignment=evidence_check.assignment,
        )
    if not evidence_check.holds:
        differs = evidence_check.differs
        problem = f"differs in {', '.join(differs)}" if differs else "is not stored here"
        raise Conflict(
            f"the document behind receivable {row.receivable_id} {problem}: "
            "the gateway does not sign",
            name="documents-unknown" if evidence_check.document_id is None else "documents-differ",
            fix="reject it, or sign with the party's own wallet",
            differs=differs,
        )


def require_debtor(command: Command, row: ReceivableRow) -> None:
    """Raises Forbidden for anybody but the debtor."""
    if command.caller.acting() != row.debtor:
        raise Forbidden("only the debtor may do this", name="not-debtor")


def require_seller(command: Command, row: ReceivableRow) -> None:
    """Raises Forbidden for anybody but the seller."""
    if command.caller.acting() != row.seller:
        raise Forbidden("only the seller may do this", name="not-seller")


async def step(
    command: Command, receivable_id: int, *, kind: str, function: str, side: str, text: str | None
) -> Change:
    """Rejection, withdrawal, dispute and its end: by the debtor or the seller."""
    row = await receivable(command.gateway, command.caller, receivable_id)
    (require_debtor if side == "debtor" else require_seller)(command, row)
    arguments: list[Any] = [receivable_id]
    if text is not None:
        arguments.append(text_hash(text))
    subject = {"receivableId": receivable_id}
    return await change_for(command, NewOperation(kind, CONTRACT, function, arguments, subject))


# ------------------------------------------------------------------ money


async def pay(command: Command, receivable_id: int, money: Money) -> Change:
    """Pays on a debt from the caller's account; the ledger takes at most what is due."""
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    payer = command.caller.acting()
    approval = cash_approval(
        gateway, currency=currency, owner=payer, spender=CONTRACT, amount=amount
    )
    subject = {"receivableId": receivable_id}
    new_operation = NewOperation(
        "pay", CONTRACT, "pay", [receivable_id, amount], subject, (approval,)
    )
    return await change_for(command, new_operation)


async def by_holder(
    command: Command, receivable_id: int, *, kind: str, function: str, claim_id: int | None
) -> Change:
    """Default or write-off, declared by a holder or lienholder of a claim."""
    gateway = command.gateway
    await receivable(gateway, command.caller, receivable_id)
    claim = await _own_claim(command, receivable_id, claim_id, account=command.caller.acting())
    subject = {"receivableId": receivable_id, "claimId": claim}
    return await change_for(
        command, NewOperation(kind, CONTRACT, function, [receivable_id, claim], subject)
    )


async def _own_claim(
    command: Command, receivable_id: int, claim_id: int | None, *, account: str
) -> int:
    if claim_id is not None:
        return claim_id
    largest_claim_id = await command.gateway.storage.read(
        lambda connection: repository.largest_claim(
            connection, receivable_id=receivable_id, account=account
        )
    )
    if largest_claim_id is None:
        raise Conflict("the caller holds no claim on this receivable", name="not-holder")
    return largest_claim_id
