"""The subjects of an event: the keys under which history finds it."""

from __future__ import annotations

from typing import Any

from app.chain.evm.abi import DecodedValues
from app.chain.evm.hashing import ZERO_ADDRESS

_ADDRESS_LENGTH = len(ZERO_ADDRESS)
WAREHOUSE_RECEIPTS = "WarehouseReceipts"
_TOKENS = (
    *("tokenId", "fromTokenId", "toTokenId", "intoTokenId"),
    *("_tokenId", "_fromTokenId", "_toTokenId"),
)
_PREFIXES = {
    "receivableId": "receivable:",
    "partyId": "party:",
    "orderId": "order:",
    "productId": "product:",
    **dict.fromkeys(("facilityId", "fromFacilityId", "originId"), "facility:"),
    "loanId": "loan:",
    "campaignId": "campaign:",
    "lotId": "lot:",
    "noticeId": "notice:",
    "filingId": "filing:",
    **dict.fromkeys(("warehouseReceiptId", "fromWarehouseReceiptId"), "warehouse-receipt:"),
    **dict.fromkeys(("claimId", "soldClaimId", *_TOKENS), "claim:"),
}
# Prefixes that depend on the contract: each numbers its own tokens, and a court its orders.
_OF_CONTRACT = {
    "CourtOrders": {"orderId": "court-order:"},
    WAREHOUSE_RECEIPTS: dict.fromkeys(_TOKENS, "warehouse-receipt:"),
}
# Prefixes of what a filing is for, by IFilings.FilingSubject.
_OF_FILING = {1: "loan:", 2: "claim:"}
# Prefixes of a loan's collateral items, by IProducts.CollateralKind.
_OF_COLLATERAL = {1: "claim:", 2: "order:", 3: "warehouse-receipt:"}


def subjects_of(contract: str, arguments: DecodedValues) -> set[str]:
    """Subjects of one event: "claim:7", "receivable:3", "party:2", "order:1", and addresses.

    A court order is "court-order:1"; a token of WarehouseReceipts is "warehouse-receipt:7"; a lot
    of stored goods is "lot:1".
    """
    prefixes = _OF_CONTRACT.get(contract, {})
    subjects: set[str] = set()
    for name, value in arguments.items():
        kind = type(value)
        if kind is str:
            if len(value) == _ADDRESS_LENGTH and value != ZERO_ADDRESS:
                subjects.add(value)
        elif kind is int:
            if value and (prefix := prefixes.get(name) or _PREFIXES.get(name)):
                subjects.add(f"{prefix}{value}")
        elif kind is dict:
            subjects |= subjects_of(contract, value)
    if contract == "Notices" and (prefix := _OF_FILING.get(_first(arguments, "subject"))):
        subjects.add(f"{prefix}{arguments['subjectId']}")
    if contract == "Facilities":
        collateral = _OF_COLLATERAL.get(_first(arguments, "kind", "collateral"))
        item = _first(arguments, "id", "collateralId")
        if collateral and item:
            subjects.add(f"{collateral}{item}")
    return subjects


def _first(arguments: DecodedValues, *names: str) -> Any:
    """The first of these arguments that the event has; 0: it has none of them."""
    return next((arguments[name] for name in names if name in arguments), 0)
