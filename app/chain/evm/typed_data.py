"""EIP-712: digests and the JSON that wallets sign, for each kind of signed message."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from typing_extensions import TypedDict

from app.chain.evm.contracts import ArgumentsInvalid
from app.chain.evm.hashing import checksum_address, keccak
from app.chain.evm.signed_structs import DOMAIN_FIELDS, STRUCTS, Fields


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
    `Correction`, `SaleTerms` and `ParticipationTerms`. RiskReserve: `SharingTerms`, `SharingEnd`
    and `InsuranceTerms`.
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
