"""Who and what an event touches: the keys under which history finds it."""

from __future__ import annotations

from typing import Any

ZERO_ADDRESS = "0x" + "0" * 40
_PREFIXES = {
    "receivableId": "receivable:",
    "partyId": "party:",
    "orderId": "order:",
    "productId": "product:",
    "facilityId": "facility:",
    "loanId": "loan:",
    "campaignId": "campaign:",
    **dict.fromkeys(
        (
            "claimId",
            "soldClaimId",
            "tokenId",
            "fromTokenId",
            "toTokenId",
            "intoTokenId",
            "_tokenId",
            "_fromTokenId",
            "_toTokenId",
        ),
        "claim:",
    ),
}


def subjects_of(contract: str, arguments: dict[str, Any]) -> set[str]:
    """Subjects of one event: "claim:7", "receivable:3", "party:2", "order:1", and addresses.

    An order of a court is "court-order:1".
    """
    found: set[str] = set()
    for name, value in arguments.items():
        kind = type(value)
        if kind is str:
            if len(value) == 42 and value != ZERO_ADDRESS:
                found.add(value)
        elif kind is int:
            if value and name in _PREFIXES:
                court = name == "orderId" and contract == "CourtOrders"
                found.add(f"{'court-order:' if court else _PREFIXES[name]}{value}")
        elif kind is dict:
            found |= subjects_of(contract, value)
    return found
