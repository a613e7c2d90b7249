"""Whether the paper behind a receivable is kept here and says what the receivable says."""

from __future__ import annotations

from typing import Any

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
from app.trade.documents.fingerprint import marks_of
from app.trade.documents.repository import DocumentRow
from app.trade.documents.service import reading
from app.trade.receivables import repository
from app.trade.receivables.projection import ReceivableRow


class Found(msgspec.Struct):
    """What the store has about the paper behind a receivable.

    Attributes:
        alike: other receivables between the same two, over the same amount, that are not refused.
        same_root: other receivables that name the same root, by number: seller and fingerprint.
    """

    document: DocumentRow | None
    debtor: PartyRow | None
    alike: list[int]
    same_root: dict[int, tuple[str, str]]


class Papers(msgspec.Struct):
    """The verdict on the paper behind a receivable.

    Attributes:
        document_id: None when no paper with this seller, root and fingerprint is kept here.
        differs: terms in which receivable and paper differ, by the names of the receivable.
        same_root: other receivables on the same root; instalments of one invoice are none.
        instalment: which of the paper's instalments the receivable is, from 1.
        assignment: what the paper says of an assignment to another.
    """

    document_id: str | None
    differs: list[str]
    alike: list[int]
    same_root: list[int]
    instalment: int | None = None
    assignment: dict[str, Any] | None = None

    @property
    def hold(self) -> bool:
        """The paper is here and says the same."""
        return self.document_id is not None and not self.differs

    def view(self) -> dict[str, Any]:
        """In JSON."""
        return {
            "documentId": self.document_id,
            "differs": self.differs,
            "alike": self.alike,
            "instalment": self.instalment,
            "assignment": self.assignment,
        }


def find(connection: Connection, row: ReceivableRow) -> Found:
    """What the store has."""
    return Found(
        documents.behind(connection, row.receivable_id),
        parties.by_account(connection, row.debtor),
        repository.alike(connection, row),
        repository.with_same_root(connection, row),
    )


async def judge(gateway: Gateway, row: ReceivableRow, found: Found) -> Papers:
    """Compares the receivable's terms with what was read of its paper."""
    if found.document is None:
        return Papers(None, [], found.alike, list(found.same_root))
    invoice = await reading(gateway, found.document)
    marks = marks_of(found.document.fingerprint)
    place = marks.index(row.fingerprint)
    amount, due = _part(invoice, place)
    currency = gateway.currency_at(row.currency)
    same = {
        "currency": invoice["currency"] == currency,
        "faceAmount": amount is not None
        and invoice["currency"] == currency
        and minor_units(amount, currency=currency) == row.face_amount,
        "dueDate": due in (None, date_of(row.due_day).isoformat()),
        "debtor": found.debtor is not None
        and filing.names(gateway, invoice["buyer"], found.debtor),
        "legalTextHash": row.legal_text_hash == gateway.legal_text_hash,
    }
    differs = [name for name, equal in same.items() if not equal]
    return Papers(
        found.document.id,
        differs,
        found.alike,
        _others(row, found, marks),
        instalment=place or None,
        assignment=assignment_in(invoice),
    )


def _part(invoice: dict[str, Any], place: int) -> tuple[str | None, str | None]:
    """Amount and due date of the whole (place 0) or of an instalment; None for no such amount."""
    instalments = invoice.get("instalments") or []
    if place == 0:
        return (None if instalments else invoice["payableAmount"]), invoice["dueDate"]
    if place > len(instalments):
        return None, None
    return instalments[place - 1]["amount"], instalments[place - 1]["dueDate"]


def _others(row: ReceivableRow, found: Found, marks: list[str]) -> list[int]:
    """Receivables on the same root that are no other instalment of the same invoice."""
    siblings = set(marks[1:]) - {row.fingerprint} if row.fingerprint in marks[1:] else set()
    return [
        number
        for number, (seller, fingerprint) in found.same_root.items()
        if seller != row.seller or fingerprint not in siblings
    ]
