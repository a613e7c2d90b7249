"""Whether a document says that its debt belongs, or is payable, to another party than its seller.

Such a document can be read, but never becomes a receivable of its seller.
"""

from __future__ import annotations

from app.domain.numbering import letters_and_digits
from app.trade.documents.views import (
    Invoice,
    InvoiceNote,
    InvoiceParty,
    StatedAssignment,
    identifier_pairs,
)

# UNTDID 1001: factored invoice and credit note; corrective, self-billed, and both.
FACTORED = frozenset(("393", "396", "472", "473", "501", "502"))
# UNTDID 4451: factor assignment clause.
CLAUSE = "ACC"


def assignment_in(invoice: Invoice) -> StatedAssignment | None:
    """What a document's view says about an assignment; None if no basis applies."""
    payee = invoice.get("payee")
    basis = []
    if invoice.get("typeCode") in FACTORED:
        basis.append("type-code")
    if any(_is_clause(note) for note in invoice.get("notes") or ()):
        basis.append("note")
    if payee is not None and not _are_same(payee, invoice["seller"]):
        basis.append("payee")
    if not basis:
        return None
    stated: StatedAssignment = {"basis": basis}
    if payee is not None:
        stated["payee"] = payee["name"]
    return stated


def _is_clause(note: InvoiceNote) -> bool:
    return note.get("subject") == CLAUSE or f"#{CLAUSE}#" in str(note.get("text", ""))


def _are_same(party: InvoiceParty, other: InvoiceParty) -> bool:
    """Whether two parties of a document share an identifier or a name."""
    return bool(_ids(party) & _ids(other) or _names(party) & _names(other))


def _names(party: InvoiceParty) -> set[str]:
    names = (party.get("name"), party.get("tradingName"))
    return {letters_and_digits(name) for name in names if name}


def _ids(party: InvoiceParty) -> set[tuple[str, str]]:
    return {(scheme, letters_and_digits(value)) for value, scheme in identifier_pairs(party)}
