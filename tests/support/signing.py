"""A ledger's contracts without a chain, and samples of everything that a party may sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from faster_eth_abi import encode as encode_values

from app.chain.evm.abi import AbiItem, AbiParameter, selector_of, type_of, values_for
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak
from app.chain.evm.signed_structs import STRUCTS
from app.chain.evm.typed_data import Domain, TypedData, typed_data
from app.clear_signing.messages import MESSAGE_FORMS
from app.clear_signing.reading import Ledger
from app.clear_signing.signed_calls import CALL_FORMS, UNSIGNED
from app.clear_signing.values import Names
from scripts.compile import load_artifact

CHAIN = 31337
CNY, JPY = "SettlementToken:CNY", "SettlementToken:JPY"
BANK, SUPPLIER = "0x" + "b1" * 20, "0x" + "51" * 20


def address_of(name: str) -> str:
    """An address of a contract that differs from contract to contract."""
    return "0x" + keccak(name.encode())[12:].hex()


@cache
def contracts() -> Contracts:
    """All contracts that parties call, at addresses without code."""
    names = [name for name in CALL_FORMS if name != "SettlementToken"]
    artifacts = {name: load_artifact(name) for name in (*names, "SettlementToken")}
    return Contracts({name: address_of(name) for name in (*names, CNY, JPY)}, artifacts)


def ledger(known: Contracts) -> Ledger:
    """The ledger of these contracts."""
    return Ledger(
        chain_id=CHAIN,
        name_at=known.name_at,
        interface=lambda name: known.interfaces.own(known.source(name)),
    )


def names_on(known: Contracts) -> Names:
    """Two parties, and the contracts."""
    return Names(
        parties={BANK: "Harbour Bank", SUPPLIER: "Lotus Textiles"},
        contracts={address: name for name, address in known.addresses.items()},
    )


def writing_functions(known: Contracts) -> Iterator[tuple[str, AbiItem]]:
    """Each contract with each of its functions that writes."""
    for name in CALL_FORMS:
        for item in known.interfaces.own(name):
            is_function = item["type"] == "function"
            if is_function and item["stateMutability"] not in ("view", "pure"):
                yield name, item


def signed_functions(known: Contracts) -> list[tuple[str, AbiItem]]:
    """Each contract with each of its functions that a party may sign a call of."""
    return [
        (name, item)
        for name, item in writing_functions(known)
        if item["name"] not in UNSIGNED.get(name, {})
    ]


# ------------------------------------------------------------------ samples


def sample(part: AbiParameter) -> Any:
    """A plausible value of a parameter; two elements for a list."""
    kind, name = part["type"], part["name"]
    if kind.endswith("]"):
        element: AbiParameter = {**part, "type": kind[: kind.rindex("[")]}
        return [sample(element), sample(element)]
    if kind == "tuple":
        return {inner["name"]: sample(inner) for inner in part["components"]}
    return _sample(kind, name)


def _sample(kind: str, name: str) -> Any:
    if kind == "address":
        cash = address_of(CNY)
        contract = address_of("Facilities")
        return {"currency": cash, "token": cash, "spender": contract, "target": contract}.get(
            name, BANK if name in ("lender", "funder", "from") else SUPPLIER
        )
    if kind == "bool":
        return True
    if kind == "bytes3":
        return "0x434e59"
    if kind.startswith("bytes"):
        size = int(kind[5:] or 65)
        return "0x" + (b"LPR-1Y".ljust(size, b"\0") if 10 <= size < 20 else b"\x5f" * size).hex()
    if name.endswith(("Day", "day")):
        return 20_500
    if name in ("deadline", "expiresAt", "issuedAt", "validFrom", "validUntil", "asOf"):
        return 1_900_000_000
    if name == "month":
        return 2026 * 12 + 4
    return 1


def message_of(name: str) -> dict[str, Any]:
    """Sample values of a type of message."""
    return {field: _sample(kind, field) for field, kind in STRUCTS[name]}


def domain_of(name: str) -> Domain:
    """The domain of a type of message."""
    contract = MESSAGE_FORMS[name].contract
    if contract == "SettlementToken":
        return Domain("Yuan on the ledger", CHAIN, address_of(CNY))
    version = "2" if contract == "Forwarder" else "1"
    return Domain(f"Cession {contract}", CHAIN, address_of(contract), version)


def typed(name: str, changes: Mapping[str, Any] | None = None) -> TypedData:
    """Sample typed data of a type, as a wallet gets it; an intent's call is `approve`."""
    message = message_of(name) | dict(changes or {})
    if name == "Intent" and not (changes and "data" in changes):
        known = contracts()
        message["to"] = address_of(CNY)
        message["data"] = "0x" + known.encode(CNY, "approve", [address_of("Facilities"), 500]).hex()
    return typed_data(domain_of(name), name, message)


def calldata(item: AbiItem, arguments: list[Any] | None = None) -> bytes:
    """Calldata of a function with samples, or with these arguments."""
    inputs = item["inputs"]
    values = [sample(part) for part in inputs] if arguments is None else arguments
    encodable = [values_for(part, value) for part, value in zip(inputs, values, strict=True)]
    return selector_of(item) + encode_values([type_of(part) for part in inputs], encodable)
