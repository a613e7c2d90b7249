"""Typed data (EIP-712) as a gateway prepared it: read strictly, so that it has one meaning.

A library that signs takes several spellings of a value: it fills up an odd number of digits, or
takes text for bytes. What is compared here and what is signed there must not differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cession_client.problems import WalletMismatch

TypedData = Mapping[str, Any]
Fields = tuple[tuple[str, str], ...]

INTENT, FORWARDER = "Intent", "Forwarder"
#: Names of the contracts that check signatures, by the type of the document that is signed.
DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "ReceivableTerms": "Receivables",
        "CreditNote": "Receivables",
        "Quote": "ClaimMarket",
        "OrderTerms": "PurchaseOrders",
        "Delivery": "PurchaseOrders",
        "FacilityTerms": "Facilities",
        "Extension": "Facilities",
        "Restructuring": "Facilities",
        "SetOff": "Facilities",
        "Costs": "Facilities",
        "Correction": "Facilities",
        "SaleTerms": "Facilities",
        "ParticipationTerms": "Facilities",
        "InKind": "Facilities",
        "Hedge": "Facilities",
        "BuyBack": "Facilities",
        "SharingTerms": "RiskReserve",
        "SharingEnd": "RiskReserve",
        "InsuranceTerms": "RiskReserve",
    }
)
_DOMAIN: Fields = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
_INTENT_FIELDS: Fields = (
    ("from", "address"),
    ("to", "address"),
    ("gas", "uint256"),
    ("nonce", "uint256"),
    ("deadline", "uint48"),
    ("operation", "bytes32"),
    ("data", "bytes"),
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_BYTES = re.compile(r"0x([0-9a-fA-F]{2})*")
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,77}")
_INTEGER_TYPE = re.compile(r"(u?)int([1-9][0-9]{0,2})")
_BYTES_TYPE = re.compile(r"bytes([1-9][0-9]?)")
_MAX_EXACT = 2**53  # JSON of greater numbers is text


@dataclass(frozen=True)
class Message:
    """What typed data says.

    Attributes:
        type: name of the struct that is signed.
        contract: name of the contract that checks the signature.
        typed_data: the same in the one spelling that is signed: no more and no less than was read.
    """

    type: str
    contract: str
    typed_data: TypedData

    def account(self, field: str) -> bytes:
        """The 20 bytes of an address of the message."""
        return address_of(self.typed_data["message"][field])

    @property
    def chain_id(self) -> int:
        """Number of the chain on which the signature is valid."""
        return int(self.typed_data["domain"]["chainId"])

    @property
    def valid_at(self) -> bytes:
        """Account of the contract that would check the signature."""
        return address_of(self.typed_data["domain"]["verifyingContract"])

    @property
    def call(self) -> bytes:
        """The call that an intent orders."""
        return bytes.fromhex(self.typed_data["message"]["data"][2:])


def read(typed_data: object) -> Message:
    """What the typed data says, if it is an operation or a document of the ledger.

    Raises:
        WalletMismatch: it is of another type, or has more than one meaning.
    """
    document = _members(typed_data, "types", "primaryType", "domain", "message")
    name = document["primaryType"]
    if name == INTENT:
        contract, version = FORWARDER, "2"
    elif isinstance(name, str) and name in DOCUMENTS:
        contract, version = DOCUMENTS[name], "1"
    else:
        raise WalletMismatch(f"{name!r} is no document of the ledger")
    types = _members(document["types"], "EIP712Domain", name)
    fields = _fields(types[name])
    if _fields(types["EIP712Domain"]) != _DOMAIN or (name == INTENT and fields != _INTENT_FIELDS):
        raise WalletMismatch(f"{name} has other fields than the ledger's")
    domain = _members(document["domain"], *(field for field, _ in _DOMAIN))
    if (domain["name"], domain["version"]) != (f"Cession {contract}", version):
        raise WalletMismatch(f"{name} is not for {domain['name']!r}, version {domain['version']!r}")
    message = _members(document["message"], *(field for field, _ in fields))
    typed = {
        "types": {"EIP712Domain": _listed(_DOMAIN), name: _listed(fields)},
        "primaryType": name,
        "domain": {
            "name": f"Cession {contract}",
            "version": version,
            **{field: _value(field, kind, domain[field]) for field, kind in _DOMAIN[2:]},
        },
        "message": {field: _value(field, kind, message[field]) for field, kind in fields},
    }
    return Message(name, contract, typed)


def address_of(text: object) -> bytes:
    """The 20 bytes of an address.

    Raises:
        WalletMismatch.
    """
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        raise WalletMismatch(f"{text!r} is no address")
    return bytes.fromhex(text[2:])


def _members(value: object, *names: str) -> Mapping[str, Any]:
    """An object with exactly these members."""
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise WalletMismatch(f"the typed data needs an object of {', '.join(names)}")
    return value


def _fields(value: object) -> Fields:
    if not isinstance(value, list):
        raise WalletMismatch("a type of the typed data is no list of fields")
    fields = []
    for item in value:
        field = _members(item, "name", "type")
        name, kind = field["name"], field["type"]
        if not isinstance(name, str) or not isinstance(kind, str) or not _NAME.fullmatch(name):
            raise WalletMismatch("a field of the typed data has no name and type")
        fields.append((name, kind))
    if len(dict(fields)) != len(fields):
        raise WalletMismatch("two fields of the typed data have one name")
    return tuple(fields)


def _listed(fields: Fields) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields]


def _value(field: str, kind: str, value: object) -> object:
    """A value in its one spelling; that of an address stays, for who compares checksums."""
    if kind == "address":
        address_of(value)
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if match := _INTEGER_TYPE.fullmatch(kind):
        return _number(field, value, bits=int(match[2]), signed=not match[1])
    size = _BYTES_TYPE.fullmatch(kind)
    if (size or kind == "bytes") and isinstance(value, str) and _BYTES.fullmatch(value):
        raw = bytes.fromhex(value[2:])
        if size is None or len(raw) == int(size[1]):
            return "0x" + raw.hex()
    raise WalletMismatch(f"{field}: {value!r:.80} is no {kind:.20}")


def _number(field: str, value: object, *, bits: int, signed: bool) -> int | str:
    """A number as the API spells it: text in decimal digits if JSON would not keep it exact."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        raise WalletMismatch(f"{field}: {value!r:.80} is no whole number")
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)
    if not low <= number < high:
        raise WalletMismatch(f"{field}: {number} is outside of {bits} bits")
    return number if abs(number) < _MAX_EXACT else str(number)
