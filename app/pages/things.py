"""Where a thing of the ledger has its page."""

from __future__ import annotations

from app.pages.api import part
from app.pages.languages import mark, t

# Kind: folder below `/app`, and the kind's name.
THINGS = {
    "claim": ("claims", mark("Claim")),
    "receivable": ("receivables", mark("Receivable")),
    "party": ("parties", mark("Party")),
    "document": ("documents", mark("Document")),
    "loan": ("loans", mark("Loan")),
    "facility": ("facilities", mark("Facility")),
    "facility-proposal": ("facility-proposals", mark("Facility proposal")),
    "agreement": ("agreements", mark("Agreement")),
    "offer": ("offers", mark("Offer")),
    "quote-request": ("quote-requests", mark("Request to quote")),
    "order": ("orders", mark("Order")),
    "delivery": ("deliveries", mark("Delivery")),
    "evaluation": ("credit", mark("Credit case")),
    "bank-entry": ("bank-entries", mark("Payment")),
    "lot": ("lots", mark("Lot")),
    "warehouse-receipt": ("warehouse-receipts", mark("Warehouse receipt")),
    "court-order": ("court", mark("Court order")),
    "campaign": ("campaigns", mark("Campaign")),
    "operation": ("operations", mark("Operation")),
    "transaction": ("transactions", mark("Transaction")),
    "block": ("blocks", mark("Block")),
}
#: Kinds without a page of their own: the history of events is what there is to see of them.
IN_HISTORY = {"campaign", "transaction", "block"}
#: Paths below `/app` that some area serves; `site.install` fills it.
PATHS: set[str] = set()


def path_of(kind: str, identifier: object) -> str | None:
    """The path of a thing's page, or of its history; None where no area has one."""
    if kind not in THINGS:
        return None
    if kind in IN_HISTORY:
        return f"/app/history?kind={kind}&id={part(identifier)}"
    folder = THINGS[kind][0]
    return f"/app/{folder}/{part(identifier)}" if folder in PATHS else None


def kind_name(kind: str) -> str:
    """The name of a kind of things."""
    return t(THINGS[kind][1]) if kind in THINGS else kind.replace("-", " ")
