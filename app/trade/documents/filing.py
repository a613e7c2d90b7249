"""Whether a document's debt may be filed: who its parties are, and what was filed before.

One debt is filed once: as a whole or by instalments, under its own number or under the number of
the invoice that it corrects.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from app.domain.numbering import normalised_number
from app.domain.texts import say
from app.errors import BadInput, Conflict
from app.gateway.gateway import Gateway
from app.parties.registry import repository as parties
from app.parties.registry.repository import PartyRow
from app.parties.registry.service import legal_id_of
from app.trade.documents import repository
from app.trade.documents.fingerprint import fingerprint, fingerprints_of
from app.trade.documents.kinds import CORRECTIVE
from app.trade.documents.parties import identifiers_in, is_named, registered_as
from app.trade.documents.repository import DocumentRow
from app.trade.documents.views import Invoice, InvoiceParty


def require_seller(gateway: Gateway, invoice: Invoice, party: PartyRow) -> None:
    """The document names this party as its seller, by any of its identifiers.

    Raises:
        BadInput.
    """
    seller = invoice["seller"]
    if not names(gateway, seller, party):
        raise BadInput(
            say(
                "the document's seller is {name} ({id}), not this party",
                name=seller["name"],
                id=seller["id"],
            ),
            name="seller-mismatch",
            field="seller.id",
            fix=say(
                "upload a document whose seller has the {legal_id_scheme} of this party",
                legal_id_scheme=party.legal_id_scheme,
            ),
        )


def names(gateway: Gateway, party: InvoiceParty, row: PartyRow) -> bool:
    """Whether a party in a document's view is this registered party."""
    return is_named(party, scheme=row.legal_id_scheme, value=legal_id_of(gateway, row))


def registered(gateway: Gateway, connection: Connection, party: InvoiceParty) -> list[PartyRow]:
    """The registered parties that a party in a document's view can be.

    There are several if its identifiers disagree.
    """
    rows_by_id = {}
    for candidate in identifiers_in(party):
        for scheme, value in registered_as(candidate):
            identity = gateway.ledger_key.identity(scheme=scheme, value=value)
            row = parties.by_identity(connection, identity)
            if row is not None:
                rows_by_id[row.id] = row
    return list(rows_by_id.values())


def fingerprint_of(
    gateway: Gateway,
    invoice: Invoice,
    *,
    seller: PartyRow,
    buyer: PartyRow | None,
    number: str | None = None,
) -> str:
    """The fingerprint of a document, by the parties' registered legal ids.

    Args:
        gateway: holds the ledger's key.
        invoice: the document's view.
        seller: the registered seller.
        buyer: None if it is not registered; then the document's best identifier of it counts.
        number: of another invoice between the two parties; default: the document's own.
    """
    buyer_fields = invoice["buyer"]
    digest = fingerprint(
        key=gateway.ledger_key.key("fingerprint"),
        kind=invoice["kind"] if number is None else "invoice",
        seller_id=legal_id_of(gateway, seller),
        debtor_id=(buyer_fields["id"] or buyer_fields["name"])
        if buyer is None
        else legal_id_of(gateway, buyer),
        number=number or invoice["number"],
    )
    return "0x" + digest.hex()


def require_unfiled(
    connection: Connection, invoice: Invoice, fingerprints: list[str], *, field: str
) -> None:
    """No debt is filed under any of these fingerprints.

    Raises:
        Conflict.
    """
    receivable_id = repository.receivable_with_fingerprint(connection, fingerprints)
    if receivable_id is not None:
        raise Conflict(
            say(
                "{kind:words} {number} is registered already, as receivable {receivable_id}",
                kind=invoice["kind"],
                number=invoice["number"],
                receivable_id=receivable_id,
            ),
            name="document-already-registered",
            field=field,
            fix="do not file it again; an invoice can be registered only once",
            receivableId=receivable_id,
        )


def originals_of(
    gateway: Gateway, invoice: Invoice, *, seller: PartyRow, buyer: PartyRow | None
) -> list[str]:
    """Fingerprints of the invoices that a corrective invoice replaces; empty for other documents.

    Raises:
        BadInput: the invoice is corrective and names no other invoice.
    """
    if invoice.get("typeCode") not in CORRECTIVE or invoice["kind"] != "invoice":
        return []
    numbers = [
        reference["number"]
        for reference in invoice["references"]
        if reference["kind"] == "invoice" and normalised_number(reference["number"])
    ]
    if not numbers:
        raise BadInput(
            "the invoice is corrective and does not name the invoice that it corrects",
            name="original-missing",
            field="references",
            fix="send one that names the invoice it corrects (BG-3), or an invoice of type 380",
        )
    return [
        fingerprint_of(gateway, invoice, seller=seller, buyer=buyer, number=number)
        for number in numbers
    ]


def require_alone(
    connection: Connection, document: DocumentRow, originals: Sequence[str], *, besides: str
) -> None:
    """No debt is filed, or about to be, for an invoice that this one corrects or is corrected by.

    Args:
        connection: of the store.
        document: the one to file.
        originals: fingerprints of the invoices that it corrects.
        besides: id of the operation that files this document; it does not count.

    Raises:
        Conflict.
    """
    fingerprints = [item for original in originals for item in fingerprints_of(original)]
    filed = repository.filed_under(connection, fingerprints, owner=document.owner, besides=besides)
    if filed is None:
        filed = repository.filed_correction(connection, document, besides=besides)
    if filed is not None:
        raise Conflict(
            say(
                "{filed} is based on an invoice that corrects, or is corrected by, this one",
                filed=filed,
            ),
            name="original-registered",
            field="documentId",
            fix="withdraw that one first, or reduce it by a credit note: "
            "POST /v1/receivables/{id}/credit-notes",
        )
