"""Who and what an event touches: the keys under which history finds it."""

from __future__ import annotations

from typing import Any

ZERO_ADDRESS = "0x" + "0" * 40
RECEIPTS = "WarehouseReceipts"
_TOKENS = (
    *("tokenId", "fromTokenId", "toTokenId", "intoTokenId"),
    *("_tokenId", "_fromTokenId", "_toTokenId"),
)
_PREFIXES = {
    "receivableId": "receivable:",
    "partyId": "party:",
    "orderId": "order:",
    "productId": "product:",
    "facilityId": "facility:",
    "loanId": "loan:",
    "campaignId": "campaign:",
    "lotId": "lot:",
    **dict.fromkeys(("receiptId", "fromReceiptId"), "receipt:"),
    **dict.fromkeys(("claimId", "soldClaimId", *_TOKENS), "claim:"),
}
# What differs by the contract that tells: each numbers its own tokens, and a court its orders.
_OF_CONTRACT = {
    "CourtOrders": {"orderId": "court-order:"},
    RECEIPTS: dict.fromkeys(_TOKENS, "receipt:"),
}
# What a piece of a loan's cover is, by IProducts.Cover.
_OF_COVER = {1: "claim:", 2: "order:", 3: "receipt:"}


def subjects_of(contract: str, arguments: dict[str, Any]) -> set[str]:
    """Subjects of one event: "claim:7", "receivable:3", "party:2", "order:1", and addresses.

    An order of a court is "court-order:1"; a token of WarehouseReceipts is "receipt:7", a lot of
    stored goods "lot:1".
    """
    own = _OF_CONTRACT.get(contract, {})
    found: set[str] = set()
    for name, value in arguments.items():
        kind = type(value)
        if kind is str:
            if len(value) == 42 and value != ZERO_ADDRESS:
                found.add(value)
        elif kind is int:
            if value and (prefix := own.get(name) or _PREFIXES.get(name)):
                found.add(f"{prefix}{value}")
        elif kind is dict:
            found |= subjects_of(contract, value)
    if contract == "Facilities":
        cover = _OF_COVER.get(arguments.get("kind", arguments.get("cover", 0)))
        piece = arguments.get("id", arguments.get("coverId", 0))
        if cover and piece:
            found.add(f"{cover}{piece}")
    return found
