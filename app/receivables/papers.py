"""Whether the paper behind a receivable is kept here and says what the receivable says."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.core.calendar import date_of
from app.core.money import minor_units
from app.documents import repository as documents
from app.documents.repository import DocumentRow
from app.documents.service import reading
from app.http.gateway import Gateway
from app.parties import repository as parties
from app.parties.repository import PartyRow
from app.receivables import repository
from app.receivables.projection import ReceivableRow


class Found(msgspec.Struct):
    """What the store has about the paper behind a receivable.

    Attributes:
        alike: other receivables between the same two, over the same amount, that are not refused.
        same_root: other receivables that name the same root.
    """

    document: DocumentRow | None
    debtor: PartyRow | None
    alike: list[int]
    same_root: list[int]


class Papers(msgspec.Struct):
    """The verdict on the paper behind a receivable.

    Attributes:
        document_id: None when no paper with this seller, root and fingerprint is kept here.
        differs: terms in which receivable and paper differ, by the names of the receivable.
    """

    document_id: str | None
    differs: list[str]
    alike: list[int]
    same_root: list[int]

    @property
    def hold(self) -> bool:
        """The paper is here and says the same."""
        return self.document_id is not None and not self.differs

    def view(self) -> dict[str, Any]:
        """In JSON."""
        return {"documentId": self.document_id, "differs": self.differs, "alike": self.alike}


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
        return Papers(None, [], found.alike, found.same_root)
    invoice = await reading(gateway, found.document)
    currency = gateway.currency_at(row.currency)
    same = {
        "currency": invoice["currency"] == currency,
        "faceAmount": invoice["currency"] == currency
        and minor_units(invoice["payableAmount"], currency=currency) == row.face_amount,
        "dueDate": invoice["dueDate"] in (None, date_of(row.due_day).isoformat()),
        "debtor": found.debtor is not None
        and (invoice["buyer"]["id"] or "").upper() == _legal_id(gateway, found.debtor),
        "legalTextHash": row.legal_text_hash == gateway.legal_text_hash,
    }
    differs = [name for name, equal in same.items() if not equal]
    return Papers(found.document.id, differs, found.alike, found.same_root)


def _legal_id(gateway: Gateway, party: PartyRow) -> str:
    return gateway.sealer.open(party.legal_id_encrypted, about=party.id).decode()
