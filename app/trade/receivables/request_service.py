"""Files a receivable from an invoice: which part, under which terms, and against whom."""

from __future__ import annotations

import datetime

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import Operation
from app.domain.calendar import day_of
from app.domain.money import minor_units
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import with_token
from app.parties.registry import repository as party_repository
from app.parties.registry import service as parties
from app.trade.documents import filing
from app.trade.documents import service as documents
from app.trade.documents.assignment import assignment_in
from app.trade.documents.fingerprint import fingerprints_of, instalment_fingerprint
from app.trade.documents.repository import DocumentRow
from app.trade.documents.views import Invoice
from app.trade.receivables.schemas import NewReceivable
from app.trade.receivables.service import CONTRACT, ReceivableTerms


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
    currency = with_token(gateway, invoice["currency"], field="documentId")
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
            say("the invoice is due in {instalments} instalments", instalments=len(instalments)),
            name="instalment-unknown",
            field="instalment",
            fix=say("file each by its number, 1 to {instalments}", instalments=len(instalments)),
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
            say(
                "the invoice says that it is assigned to {value} ({basis}): its debt does not "
                "belong to the seller",
                value=assignment.get("payee", "another"),
                basis=", ".join(assignment["basis"]),
            ),
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


def _due_date(stated: str | None, new_receivable: NewReceivable) -> datetime.date:
    if stated is not None:
        if new_receivable.dueDate is not None and new_receivable.dueDate.isoformat() != stated:
            raise BadInput(
                say("the invoice is due on {stated}", stated=stated),
                field="dueDate",
                fix="leave dueDate out",
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
                say(
                    "the buyer's identifiers match {candidates}",
                    candidates=" and ".join(row.name for row in candidates),
                ),
                name="debtor-ambiguous",
                field="debtorPartyId",
                fix="name the right party",
            )
        if not candidates:
            raise BadInput(
                say(
                    "the buyer {name} ({id}) is not a registered party",
                    name=buyer["name"],
                    id=buyer["id"],
                ),
                name="debtor-unknown",
                field="debtorPartyId",
                fix="have it registered, or name the right party",
            )
        return candidates[0]
    named = await parties.party_in(gateway, new_receivable.debtorPartyId, field="debtorPartyId")
    if not filing.names(gateway, buyer, named):
        raise BadInput(
            say(
                "the invoice's buyer is {name} ({id}), not {name_2}",
                name=buyer["name"],
                id=buyer["id"],
                name_2=named.name,
            ),
            name="debtor-mismatch",
            field="debtorPartyId",
            fix="leave it out, or use an invoice of that buyer",
        )
    return named
