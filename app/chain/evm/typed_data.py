"""EIP-712: digests and the JSON that wallets sign, for each kind of signed message.

Types are written once, as (name, type) pairs; a struct that another one holds is named by its type.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from typing_extensions import TypedDict

from app.chain.evm.contracts import ArgumentsInvalid
from app.chain.evm.hashing import checksum_address, keccak

Fields = tuple[tuple[str, str], ...]

DOMAIN_FIELDS: Fields = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)

RECEIVABLE_TERMS: Fields = (
    ("seller", "address"),
    ("debtor", "address"),
    ("currency", "address"),
    ("faceAmount", "uint96"),
    ("dueDay", "uint32"),
    ("graceDays", "uint16"),
    ("lateRate", "uint32"),
    ("disputeDays", "uint16"),
    ("maxDepth", "uint8"),
    ("fingerprint", "bytes32"),
    ("documentRoot", "bytes32"),
    ("legalTextHash", "bytes32"),
)
CREDIT_NOTE: Fields = (
    ("receivableId", "uint256"),
    ("claimId", "uint256"),
    ("amount", "uint96"),
    ("fingerprint", "bytes32"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
)
QUOTE: Fields = (
    ("funder", "address"),
    ("seller", "address"),
    ("claimId", "uint256"),
    ("value", "uint96"),
    ("price", "uint96"),
    ("recourse", "bool"),
    ("expiresAt", "uint64"),
    ("nonce", "uint256"),
    ("legalTextHash", "bytes32"),
)
FACILITY_TERMS: Fields = (
    ("productId", "uint256"),
    ("version", "uint32"),
    ("lender", "address"),
    ("borrower", "address"),
    ("entruster", "address"),
    ("annualRate", "uint24"),
    ("administrationFee", "uint24"),
    ("limit", "uint64"),
    ("deposit", "uint64"),
    ("firstDay", "uint24"),
    ("lastDay", "uint24"),
    ("coolingOffAmount", "uint64"),
    ("coolingOffHours", "uint16"),
    ("endEvents", "uint8"),
    ("correctionDays", "uint8"),
    ("spread", "int24"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
ORDER_TERMS: Fields = (
    ("seller", "address"),
    ("buyer", "address"),
    ("currency", "address"),
    ("amount", "uint96"),
    ("deliveryDay", "uint32"),
    ("expiryDay", "uint32"),
    ("fingerprint", "bytes32"),
    ("documentRoot", "bytes32"),
    ("legalTextHash", "bytes32"),
)
CREDIT_ATTESTATION: Fields = (
    ("partyId", "uint256"),
    ("rater", "address"),
    ("tier", "uint8"),
    ("currency", "bytes3"),
    ("limit", "uint64"),
    ("tradingSinceDay", "uint24"),
    ("modelVersion", "bytes32"),
    ("evidenceRoot", "bytes32"),
    ("issuedAt", "uint40"),
    ("expiresAt", "uint40"),
)
EXTENSION: Fields = (
    ("loanId", "uint256"),
    ("dueDay", "uint24"),
    ("periods", "uint8"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
CORRECTION: Fields = (
    ("loanId", "uint256"),
    ("posting", "uint256"),
    ("toLoanId", "uint256"),
    ("valueDay", "uint24"),
    ("reasonHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
RESTRUCTURING: Fields = (
    ("loanId", "uint256"),
    ("style", "uint8"),
    ("periods", "uint8"),
    ("monthsPerPeriod", "uint8"),
    ("dueDay", "uint24"),
    ("interestFromDay", "uint24"),
    ("principalGrace", "uint8"),
    ("interestGrace", "uint8"),
    ("annualRate", "uint24"),
    ("forgivenCosts", "uint64"),
    ("forgivenPenalty", "uint64"),
    ("forgivenInterest", "uint64"),
    ("forgivenPrincipal", "uint64"),
    ("capitalisedInterest", "uint64"),
    ("restructurings", "uint16"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SALE_TERMS: Fields = (
    ("loanId", "uint256"),
    ("seller", "address"),
    ("buyer", "address"),
    ("principal", "uint64"),
    ("postings", "uint160"),
    ("standing", "bytes32"),
    ("price", "uint64"),
    ("buyBack", "uint8"),
    ("buyBackPrice", "uint24"),
    ("buyBackMax", "uint64"),
    ("buyBackFirstDay", "uint24"),
    ("buyBackLastDay", "uint24"),
    ("noticeHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SET_OFF: Fields = (
    ("loanId", "uint256"),
    ("claimId", "uint256"),
    ("claimValue", "uint96"),
    ("credit", "uint64"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
IN_KIND: Fields = (
    ("loanId", "uint256"),
    ("warehouseReceiptId", "uint256"),
    ("quantity", "uint96"),
    ("credit", "uint64"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
HEDGE: Fields = (
    ("loanId", "uint256"),
    ("item", "bytes32"),
    ("quantity", "uint96"),
    ("price", "uint64"),
    ("currency", "bytes3"),
    ("expiryDay", "uint24"),
    ("venue", "bytes32"),
    ("counterparty", "address"),
    ("contractHash", "bytes32"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
BUY_BACK: Fields = (
    ("facilityId", "uint256"),
    ("undertaker", "address"),
    ("share", "uint24"),
    ("maxTotal", "uint64"),
    ("lastDay", "uint24"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
DELIVERY: Fields = (
    ("orderId", "uint256"),
    ("lotId", "uint256"),
    ("amount", "uint96"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
)
COSTS: Fields = (
    ("loanId", "uint256"),
    ("amount", "uint64"),
    ("evidenceHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SHARING_TERMS: Fields = (
    ("productId", "uint256"),
    ("sharer", "address"),
    ("currency", "address"),
    ("part", "uint24"),
    ("cap", "uint64"),
    ("validFrom", "uint40"),
    ("validUntil", "uint40"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
INSURANCE_TERMS: Fields = (
    ("facilityId", "uint256"),
    ("insurer", "address"),
    ("insured", "address"),
    ("currency", "address"),
    ("insuredAmount", "uint64"),
    ("validFrom", "uint40"),
    ("validUntil", "uint40"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SHARING_END: Fields = (("termsHash", "bytes32"), ("deadline", "uint40"))
INTENT: Fields = (
    ("from", "address"),
    ("to", "address"),
    ("gas", "uint256"),
    ("nonce", "uint256"),
    ("deadline", "uint48"),
    ("operation", "bytes32"),
    ("data", "bytes"),
)
STRUCTS: dict[str, Fields] = {
    "ReceivableTerms": RECEIVABLE_TERMS,
    "CreditNote": CREDIT_NOTE,
    "Quote": QUOTE,
    "FacilityTerms": FACILITY_TERMS,
    "OrderTerms": ORDER_TERMS,
    "CreditAttestation": CREDIT_ATTESTATION,
    "Extension": EXTENSION,
    "Restructuring": RESTRUCTURING,
    "SetOff": SET_OFF,
    "Correction": CORRECTION,
    "SaleTerms": SALE_TERMS,
    "InKind": IN_KIND,
    "Hedge": HEDGE,
    "BuyBack": BUY_BACK,
    "Delivery": DELIVERY,
    "Costs": COSTS,
    "SharingTerms": SHARING_TERMS,
    "SharingEnd": SHARING_END,
    "InsuranceTerms": INSURANCE_TERMS,
    "Intent": INTENT,
}


class TypedDataField(TypedDict):
    """A field of a struct: its name and its Solidity type."""

    name: str
    type: str


class DomainDocument(TypedDict):
    """Where a signature is valid, in the form that wallets expect."""

    name: str
    version: str
    chainId: int
    verifyingContract: str


class TypedData(TypedDict):
    """What a wallet signs with `eth_signTypedData_v4` (EIP-712)."""

    types: dict[str, list[TypedDataField]]
    primaryType: str
    domain: DomainDocument
    message: Mapping[str, Any]


class Domain(msgspec.Struct, frozen=True):
    """Where a signature is valid: one contract on one chain."""

    name: str
    chain_id: int
    contract: str
    version: str = "1"

    def document(self) -> DomainDocument:
        """The domain in the form that wallets expect."""
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": checksum_address(self.contract),
        }


def contract_domain(name: str, *, chain_id: int, contract: str) -> Domain:
    """Domain of what parties sign for a contract.

    Receivables: `ReceivableTerms` and `CreditNote`. ClaimMarket: `Quote`. Facilities:
    `FacilityTerms`, `Extension`, `Restructuring`, `SetOff`, `InKind`, `Hedge`, `BuyBack`, `Costs`,
    `Correction` and `SaleTerms`. RiskReserve: `SharingTerms`, `SharingEnd` and `InsuranceTerms`.
    PurchaseOrders: `OrderTerms` and `Delivery`. CreditRegistry: `CreditAttestation`.

    Args:
        name: the contract's name.
        contract: its address.
    """
    return Domain(f"Cession {name}", chain_id, contract)


def forwarder_domain(*, chain_id: int, contract: str) -> Domain:
    """Domain of `Intent`."""
    return Domain("Cession Forwarder", chain_id, contract, "2")


def type_hash(name: str, fields: Fields) -> bytes:
    """Hash of a struct's type."""
    inner = ",".join(f"{kind} {field}" for field, kind in fields)
    return keccak(f"{name}({inner})".encode())


@lru_cache(maxsize=64)
def domain_separator(domain: Domain) -> bytes:
    """Hash of the domain."""
    return keccak(
        type_hash("EIP712Domain", DOMAIN_FIELDS)
        + keccak(domain.name.encode())
        + keccak(domain.version.encode())
        + domain.chain_id.to_bytes(32, "big")
        + bytes.fromhex(domain.contract[2:]).rjust(32, b"\0")
    )


def encode_field(kind: str, value: Any) -> bytes:
    """One 32-byte word of a struct's encoding.

    Raises:
        ValueError, OverflowError: the value does not fit the type.
    """
    if kind == "string":
        return keccak(str(value).encode())
    if kind == "bool":
        return int(bool(value)).to_bytes(32, "big")
    if kind.startswith("uint"):
        return int(value).to_bytes(int(kind[4:]) // 8, "big").rjust(32, b"\0")
    if kind.startswith("int"):
        size = int(kind[3:]) // 8
        return int.from_bytes(
            int(value).to_bytes(size, "big", signed=True), "big", signed=True
        ).to_bytes(32, "big", signed=True)
    raw = bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)
    if kind == "bytes":
        return keccak(raw)
    size = 20 if kind == "address" else int(kind[5:])
    if len(raw) != size:
        raise ValueError(f"{kind} needs {size} bytes, not {len(raw)}")
    return raw.rjust(32, b"\0") if kind == "address" else raw.ljust(32, b"\0")


_TYPE_HASHES = {name: type_hash(name, fields) for name, fields in STRUCTS.items()}


def struct_hash(name: str, message: Mapping[str, Any]) -> bytes:
    """Hash of a message of one of our `STRUCTS`."""
    return keccak(
        _TYPE_HASHES[name]
        + b"".join([encode_field(kind, message[field]) for field, kind in STRUCTS[name]])
    )


def typed_data_digest(domain: Domain, name: str, message: Mapping[str, Any]) -> bytes:
    """The digest that the signer signs: 32 bytes.

    Raises:
        ArgumentsInvalid: a value does not fit its field, such as a day before 1970.
    """
    try:
        inner = struct_hash(name, message)
    except (ValueError, OverflowError) as error:
        raise ArgumentsInvalid(f"{name}: {error}") from error
    return keccak(b"\x19\x01" + domain_separator(domain) + inner)


def typed_data(domain: Domain, name: str, message: Mapping[str, Any]) -> TypedData:
    """The JSON for `eth_signTypedData_v4`. Numbers above 2^53-1 are decimal text."""
    values: dict[str, object] = {}
    for field, kind in STRUCTS[name]:
        value = message[field]
        if kind.startswith("uint"):
            number = int(value)
            values[field] = number if number < 2**53 else str(number)
        elif kind == "address":
            values[field] = checksum_address(value)
        elif isinstance(value, bytes):
            values[field] = "0x" + value.hex()
        else:
            values[field] = value
    return {
        "types": {
            "EIP712Domain": [{"name": field, "type": kind} for field, kind in DOMAIN_FIELDS],
            name: [{"name": field, "type": kind} for field, kind in STRUCTS[name]],
        },
        "primaryType": name,
        "domain": domain.document(),
        "message": values,
    }
