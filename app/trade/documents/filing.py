"""What decides whether a document's debt may be filed: whose it is, and what was filed before.

One debt is filed once: as a whole or by instalments, under its own number or under that of the
invoice that it corrects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.domain.numbering import normalised_number
from app.errors import BadInput, Conflict
from app.gateway.gateway import Gateway
from app.parties.registry import repository as parties
from app.parties.registry.repository import PartyRow
from app.parties.registry.service import legal_id_of
from app.trade.documents import repository
from app.trade.documents.fingerprint import fingerprint, marks_of
from app.trade.documents.kinds import CORRECTIVE
from app.trade.documents.parties import identifiers_in, is_named, registered_as
from app.trade.documents.repository import DocumentRow


def require_seller(gateway: Gateway, invoice: Mapping[str, Any], party: PartyRow) -> None:
    """The party is the one whom the document names as seller, by any of its identifiers.

    Raises:
        BadInput.
    """
    seller = invoice["seller"]
    if not names(gateway, seller, party):
        raise BadInput(
            f"the document's seller is {seller['name']} ({seller['id']}), not this party",
            name="seller-mismatch",
            field="seller.id",
            fix=f"upload documents whose seller has the {party.legal_id_scheme} of this party",
        )


def names(gateway: Gateway, party: Mapping[str, Any], row: PartyRow) -> bool:
    """Whether a party in a document's view is this registered one."""
    return is_named(party, scheme=row.legal_id_scheme, value=legal_id_of(gateway, row))


def registered(
    gateway: Gateway, connection: Connection, party: Mapping[str, Any]
) -> list[PartyRow]:
    """The registered parties that a party in a document's view can be; more than one where its
    identifiers disagree.
    """
    found = {}
    for one in identifiers_in(party):
        for scheme, value in registered_as(one):
            identity = gateway.ledger_key.identity(scheme=scheme, value=value)
            row = parties.by_identity(connection, identity)
            if row is not None:
                found[row.id] = row
    return list(found.values())


def mark(
    gateway: Gateway,
    invoice: Mapping[str, Any],
    *,
    seller: PartyRow,
    buyer: PartyRow | None,
    number: str | None = None,
) -> str:
    """The fingerprint of a document, by the parties' registered legal ids.

    Args:
        buyer: None where it is not registered; then the paper's best identifier stands for it.
        number: of another paper between the two; default, the document's own.
    """
    named = invoice["buyer"]
    found = fingerprint(
        key=gateway.ledger_key.key("fingerprint"),
        kind=invoice["kind"] if number is None else "invoice",
        seller_id=legal_id_of(gateway, seller),
        debtor_id=(named["id"] or named["name"]) if buyer is None else legal_id_of(gateway, buyer),
        number=number or invoice["number"],
    )
    return "0x" + found.hex()


def require_unfiled(
    connection: Connection, invoice: Mapping[str, Any], marks: list[str], *, field: str
) -> None:
    """No debt was filed under any of these fingerprints.

    Raises:
        Conflict.
    """
    used = repository.receivable_with_fingerprint(connection, marks)
    if used is not None:
        raise Conflict(
            f"{invoice['kind']} {invoice['number']} is registered already, as receivable {used}",
            name="document-already-registered",
            field=field,
            fix="an invoice can be registered once, ever",
            receivableId=used,
        )


def originals_of(
    gateway: Gateway, invoice: Mapping[str, Any], *, seller: PartyRow, buyer: PartyRow | None
) -> list[str]:
    """Fingerprints of the invoices that a corrective invoice takes the place of; none for others.

    Raises:
        BadInput: it is corrective and names no invoice.
    """
    if invoice.get("typeCode") not in CORRECTIVE or invoice["kind"] != "invoice":
        return []
    numbers = [one["number"] for one in invoice["references"] if one["kind"] == "invoice"]
    numbers = [one for one in numbers if normalised_number(one)]
    if not numbers:
        raise BadInput(
            "a corrective invoice names the invoice that it corrects; this one names none",
            name="original-missing",
            field="references",
            fix="send one that refers to the invoice it corrects (BG-3), or an invoice of type 380",
        )
    return [mark(gateway, invoice, seller=seller, buyer=buyer, number=one) for one in numbers]


def require_alone(
    connection: Connection, paper: DocumentRow, originals: Sequence[str], *, besides: str
) -> None:
    """Neither does a debt stand on an invoice that this one corrects, nor on one that corrects it;
    nor is one on its way to the ledger.

    Args:
        besides: id of the operation that files this one.

    Raises:
        Conflict.
    """
    marks = [one for original in originals for one in marks_of(original)]
    standing = repository.standing_on(connection, marks, owner=paper.owner, besides=besides)
    if standing is None:
        standing = repository.standing_correction(connection, paper, besides=besides)
    if standing is not None:
        raise Conflict(
            f"{standing} stands on an invoice that corrects, or is corrected by, this one",
            name="original-registered",
            field="documentId",
            fix="take that one back first; or reduce it by a credit note: "
            "POST /v1/receivables/{id}/credit-notes",
        )
