"""ERC-7730 descriptors: the forms in the standard's own words, for wallets and hardware.

https://eips.ethereum.org/EIPS/eip-7730, version 2 of its schema. The standard has no format for a
day's number, for an amount without a token's address, or for text in bytes. Such a field is raw,
and its label says in which unit it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import TypedDict

from app.chain.evm.abi import AbiItem
from app.chain.evm.hashing import checksum_address
from app.clear_signing import enumerations
from app.clear_signing.forms import call_forms, message_form
from app.clear_signing.messages import MESSAGE_FORMS
from app.clear_signing.model import (
    ALLOWANCE,
    CALL,
    CHOICE,
    CONTRACT,
    DAY,
    DAYS,
    EITHER,
    FROM_CONTRACT,
    FROM_TOKEN,
    HOURS,
    MONEY,
    MONTH,
    MONTHS,
    NO_LIMIT,
    PARTY,
    PERCENT,
    PRICE,
    QUANTITY,
    SET,
    TIME,
    TOKEN,
    Field,
    Form,
    Leaf,
)

SCHEMA = "https://eips.ethereum.org/assets/eip-7730/erc7730-v2.schema.json"
OWNER = "Cession"
Descriptor = dict[str, Any]

# What a label says of a value that the standard can only show as it is.
_UNITS = {
    ALLOWANCE: "minor units",
    MONEY: "minor units",
    EITHER: "minor units, or thousandths of the unit of goods",
    DAY: "days since 1970-01-01",
    MONTH: "12 × year + month − 1",
    PRICE: "millionths of a minor unit",
}
_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    PARTY: ("addressName", {"types": ["eoa", "contract"]}),
    CONTRACT: ("addressName", {"types": ["contract"]}),
    TOKEN: ("tokenTicker", {}),
    QUANTITY: ("unit", {"base": "units", "decimals": 3}),
    PERCENT: ("unit", {"base": "%", "decimals": 4}),
    TIME: ("date", {"encoding": "timestamp"}),
    DAYS: ("unit", {"base": "d"}),
    HOURS: ("unit", {"base": "h"}),
    MONTHS: ("unit", {"base": "months"}),
}


class Deployment(TypedDict):
    """Where a contract is."""

    chainId: int
    address: str


class Descriptors(TypedDict):
    """A contract's descriptors; None: parties sign no such thing for it."""

    messages: Descriptor | None
    calls: Descriptor | None


def deployment(chain_id: int, address: str) -> Deployment:
    """A deployment as descriptors name it, with the checksum of EIP-55."""
    return {"chainId": chain_id, "address": checksum_address(address)}


def descriptors_of(
    contract: str,
    interface: Iterable[AbiItem],
    deployments: Iterable[Deployment] = (),
    *,
    domain_name: str | None = None,
) -> Descriptors:
    """The descriptors of a contract.

    Args:
        contract: name of its source ("SettlementToken").
        interface: its functions.
        deployments: where it is; without any, no wallet applies the descriptor.
        domain_name: of its EIP-712 domain; None: the ledger's own, `Cession Facilities`. A token
            has its own name.
    """
    bound = list(deployments)
    return {
        "messages": _messages(contract, bound, domain_name),
        "calls": _calls(contract, interface, bound),
    }


def _messages(
    contract: str, deployments: list[Deployment], domain_name: str | None
) -> Descriptor | None:
    forms = [
        message_form(name) for name, form in MESSAGE_FORMS.items() if form.contract == contract
    ]
    if not forms:
        return None
    domain: dict[str, str] = {"version": "2" if contract == "Forwarder" else "1"}
    if domain_name is not None:
        domain = {"name": domain_name, **domain}
    elif contract != "SettlementToken":
        domain = {"name": f"Cession {contract}", **domain}
    context = {"eip712": {"domain": domain, "deployments": deployments}}
    return _descriptor(contract, context, forms)


def _calls(
    contract: str, interface: Iterable[AbiItem], deployments: list[Deployment]
) -> Descriptor | None:
    forms = list(call_forms(contract, interface).values())
    if not forms:
        return None
    return _descriptor(contract, {"contract": {"deployments": deployments}}, forms)


def _descriptor(contract: str, context: Mapping[str, Any], forms: Iterable[Form]) -> Descriptor:
    forms = sorted(forms, key=lambda form: form.key)
    names = sorted({leaf.field.names for form in forms for leaf in form.leaves if _listed(leaf)})
    metadata: dict[str, Any] = {"owner": OWNER, "contractName": contract}
    if names:
        metadata["enums"] = {_key(name): enumerations.numbered(name) for name in names}
    return {
        "$schema": SCHEMA,
        "context": {"$id": f"{OWNER} {contract}", **context},
        "metadata": metadata,
        "display": {"formats": {form.key: _format(form) for form in forms}},
    }


def _listed(leaf: Leaf) -> bool:
    """Whether the standard can show the value by a list of numbers."""
    field = leaf.field
    return bool(field.names) and not field.hidden and enumerations.numbered(field.names) is not None


def _key(name: str) -> str:
    """`filing subject` as `filingSubject`."""
    first, *rest = name.split()
    return first + "".join(word.capitalize() for word in rest)


def _format(form: Form) -> dict[str, Any]:
    entry: dict[str, Any] = {"$id": form.name, "intent": form.title}
    shown = {leaf.path: leaf for leaf in form.leaves if not leaf.field.hidden}
    placeholders = re.findall(r"{([^}]+)}", form.sentence)
    # A wallet would put a raw number into the sentence, where no label says its unit.
    if all(_unit_of(shown[path]) is None for path in placeholders):
        entry["interpolatedIntent"] = form.sentence
    entry["fields"] = [_field(leaf) for leaf in form.leaves]
    return entry


def _unit_of(leaf: Leaf) -> str | None:
    """The unit that the label has to say; None: the standard has a format for the value."""
    if leaf.field.kind in (MONEY, ALLOWANCE) and _token_path(leaf.field) is not None:
        return None
    if leaf.field.kind == SET and enumerations.numbered(leaf.field.names) is None:
        return "bits"
    return _UNITS.get(leaf.field.kind)


def _token_path(field: Field) -> str | None:
    currency = field.currency
    if currency is None:
        return None
    if currency.source == FROM_CONTRACT:
        return "@.to"
    return currency.path if currency.source == FROM_TOKEN else None


def _field(leaf: Leaf) -> dict[str, Any]:
    field = leaf.field
    if field.hidden:
        return {"path": leaf.path, "label": field.label, "format": "raw", "visible": "never"}
    unit = _unit_of(leaf)
    label = field.label if unit is None else f"{field.label} ({unit})"
    name, params = _standard_format(leaf)
    entry = {"path": leaf.path, "label": label, "format": name}
    return entry | ({"params": params} if params else {})


def _standard_format(leaf: Leaf) -> tuple[str, dict[str, Any]]:
    field = leaf.field
    token = _token_path(field)
    if field.kind in (MONEY, ALLOWANCE) and token is not None:
        params = {"tokenPath": token}
        if field.kind == ALLOWANCE:
            params |= {"threshold": hex(NO_LIMIT), "message": "Unlimited"}
        return "tokenAmount", params
    if field.kind in (CHOICE, SET) and _listed(leaf):
        return "enum", {"$ref": f"$.metadata.enums.{_key(field.names)}"}
    if field.kind == CALL:
        # What the forwarder calls, or what a court orders: the contract is in the field before it.
        callee = "to" if leaf.path == "data" else "target"
        params = {"calleePath": callee}
        return "calldata", params | ({"spenderPath": "from"} if callee == "to" else {})
    return _FORMATS.get(field.kind, ("raw", {}))
