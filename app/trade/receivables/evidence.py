"""Whether the gateway holds the document behind a receivable, and whether the two agree."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.money import minor_units
from app.gateway.gateway import Gateway
from app.parties.registry import repository as parties
from app.parties.registry.repository import PartyRow
from app.trade.documents import filing
from app.trade.documents import repository as documents
from app.trade.documents.assignment import assignment_in
from app.trade.documents.fingerprint import fingerprints_of
from app.trade.documents.repository import DocumentRow
from app.trade.documents.service import reading
from app.trade.documents.views import Invoice, StatedAssignment
from app.trade.receivables import repository
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.schemas import ReceivableDocument


class StoredEvidence(msgspec.Struct):
    """What the store has about the document behind a receivable.

    Attributes:
        document: None if no document with this seller, root and fingerprint is stored.
        debtor: None if the debtor is no party of this gateway.
        alike: other receivables between the same two parties over the same amount, without those
            that were rejected or withdrawn.
        same_root: other receivables that name the same root, by number: seller and fingerprint.
    """

    document: DocumentRow | None
    debtor: PartyRow | None
    alike: list[int]
    same_root: dict[int, tuple[str, str]]


class EvidenceCheck(msgspec.Struct):
    """The result of comparing a receivable with the document behind it.

    Attributes:
        document_id: None if no document with this seller, root and fingerprint is stored.
        differs: terms in which receivable and document differ, by the names of the receivable.
        alike: as in `StoredEvidence`.
        same_root: other receivables with the same root; instalments of one invoice do not count.
        instalment: which of the document's instalments the receivable is, from 1.
        assignment: what the document says about an assignment to another party.
    """

    document_id: str | None
    differs: list[str]
    alike: list[int]
    same_root: list[int]
    instalment: int | None = None
    assignment: StatedAssignment | None = None

    @property
    def holds(self) -> bool:
        """Whether the document is stored and agrees with the receivable."""
        return self.document_id is not None and not self.differs

    def view(self) -> ReceivableDocument:
        """The result in JSON."""
        return {
            "documentId": self.document_id,
            "differs": self.differs,
            "alike": self.alike,
            "instalment": self.instalment,
            "assignment": self.assignment,
        }


def find(connection: Connection, row: ReceivableRow) -> StoredEvidence:
    """What the store has about the document behind a receivable."""
    return StoredEvidence(
        document=documents.behind(connection, row.receivable_id),
        debtor=parties.by_account(connection, row.debtor),
        alike=repository.alike(connection, row),
        same_root=repository.with_same_root(connection, row),
    )


async def check(gateway: Gateway, row: ReceivableRow, stored: StoredEvidence) -> EvidenceCheck:
    """Compares the receivable's terms with the parsed document."""
    if stored.document is None:
        return EvidenceCheck(
            document_id=None, differs=[], alike=stored.alike, same_root=list(stored.same_root)
        )
    invoice = await reading(gateway, stored.document)
    fingerprints = fingerprints_of(stored.document.fingerprint)
    place = fingerprints.index(row.fingerprint)
    amount, due = _filed_part(invoice, place)
    currency = gateway.currency_at(row.currency)
    equal_terms = {
        "currency": invoice["currency"] == currency,
        "faceAmount": amount is not None
        and invoice["currency"] == currency
        and minor_units(amount, currency=currency) == row.face_amount,
        "dueDate": due in (None, date_of(row.due_day).isoformat()),
        "debtor": stored.debtor is not None
        and filing.names(gateway, invoice["buyer"], stored.debtor),
        "legalTextHash": row.legal_text_hash == gateway.legal_text_hash,
    }
    differs = [name for name, equal in equal_terms.items() if not equal]
    return EvidenceCheck(
        document_id=stored.document.id,
        differs=differs,
        alike=stored.alike,
        same_root=_unrelated(row, stored, fingerprints),
        instalment=place or None,
        assignment=assignment_in(invoice),
    )


def _filed_part(invoice: Invoice, number: int) -> tuple[str | None, str | None]:
    """Amount and due date of the whole (number 0) or an instalment; None: no such amount."""
    instalments = invoice.get("instalments") or []
    if number == 0:
        return (None if instalments else invoice["payableAmount"]), invoice["dueDate"]
    if number > len(instalments):
        return None, None
    return instalments[number - 1]["amount"], instalments[number - 1]["dueDate"]


def _unrelated(row: ReceivableRow, stored: StoredEvidence, fingerprints: list[str]) -> list[int]:
    """Receivables with the same root that are not another instalment of the same invoice."""
    siblings = (
        set(fingerprints[1:]) - {row.fingerprint} if row.fingerprint in fingerprints[1:] else set()
    )
    return [
        number
        for number, (seller, fingerprint) in stored.same_root.items()
        if seller != row.seller or fingerprint not in siblings
    ]
