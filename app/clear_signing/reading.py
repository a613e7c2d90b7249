"""Reads what a wallet is asked to sign: the message, and the call that it carries.

A form applies only to bytes that it describes in whole. The message's values are read, the ledger's
own digest of them is computed, and it must equal the digest that a wallet signs. A call is decoded,
encoded again, and must give the same bytes. Otherwise the values are shown as they are, with
warnings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from eth_account.messages import encode_typed_data
from faster_eth_abi import encode as encode_values

from app.chain.evm.abi import AbiItem, decode_all, selector_of, type_of, values_for
from app.chain.evm.hashing import keccak
from app.chain.evm.signed_structs import DOMAIN_FIELDS, STRUCTS
from app.chain.evm.typed_data import Domain, typed_data_digest
from app.clear_signing.forms import call_form, message_form
from app.clear_signing.messages import MESSAGE_FORMS
from app.clear_signing.model import CALL, Form
from app.clear_signing.signed_calls import source_of

MAX_DEPTH = 2  # a court's order that an intent carries
MAX_NESTING = 16  # of values in a message
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,77})")
_HEX = re.compile(r"0x([0-9a-fA-F]{2})*")
_SELECTOR_BYTES = 4

# Warnings; `{name}` is an argument. Texts to translate.
TYPE_UNKNOWN = "The ledger does not know this type of message: {type}."
TYPE_DIFFERS = "The fields of {type} are not those of the ledger's type."
WRONG_CHAIN = "This is for chain {chain}, not for the ledger's chain {expected}."
WRONG_CONTRACT = "{address} is not the ledger's contract {contract}."
WRONG_DOMAIN = "The domain is {domain}, not {expected}."
NOT_AS_SIGNED = "A wallet would read these values in another way."
NOT_SIGNED = "{field} is not part of what is signed."
CALL_UNKNOWN = "The ledger does not know what this call does."
CALLEE_UNKNOWN = "{address} is not a contract of the ledger."
CALL_ALTERED = "The call has bytes that do not belong to its arguments."
READING_WARNINGS = (
    *(TYPE_UNKNOWN, TYPE_DIFFERS, WRONG_CHAIN, WRONG_CONTRACT, WRONG_DOMAIN, NOT_AS_SIGNED),
    *(NOT_SIGNED, CALL_UNKNOWN, CALLEE_UNKNOWN, CALL_ALTERED),
)


class MessageInvalid(ValueError):
    """It is not typed data that a wallet can sign; the message says why."""


class Caution(msgspec.Struct, frozen=True):
    """What a signer must know; `text` is to translate, `{name}` in it is an argument."""

    text: str
    arguments: Mapping[str, str] = {}


class Ledger(msgspec.Struct, frozen=True):
    """The ledger for which something is signed.

    Attributes:
        name_at: name of the ledger's contract at an address, or None.
        interface: functions of a contract by its name.
    """

    chain_id: int
    name_at: Callable[[str], str | None]
    interface: Callable[[str], Iterable[AbiItem]]


class Reading(msgspec.Struct, frozen=True):
    """A message or a call with its values.

    Attributes:
        contract: name of the contract that checks the message or that is called; None: unknown.
        address: its address, lower case.
        name: of the type or of the function; "" if it is not known.
        form: None: what it does is not known, and its values are shown as they are.
        values: numbers as int, addresses and bytes as 0x text in lower case; or as they came.
        calls: the calls in it, by the path of the field that has them.
        digest: of a message with a form: the 32 bytes that a wallet signs.
        unsigned: fields that are not part of what is signed.
    """

    contract: str | None
    address: str
    name: str
    form: Form | None
    values: Mapping[str, Any]
    digest: str | None = None
    calls: Mapping[str, Reading] = {}
    unsigned: Mapping[str, Any] = {}
    warnings: tuple[Caution, ...] = ()


def read_message(document: Mapping[str, Any], ledger: Ledger) -> Reading:
    """Reads typed data as `eth_signTypedData_v4` takes it.

    Raises:
        MessageInvalid.
    """
    name, domain, message = document["primaryType"], document["domain"], document["message"]
    _require_flat(message)
    signed = _wallet_digest(document)
    declared = _declared(document, name)
    address = str(domain.get("verifyingContract", "")).lower()
    unsigned = {key: message[key] for key in message if key not in {path for path, _ in declared}}
    warnings = [Caution(NOT_SIGNED, {"field": field}) for field in sorted(unsigned)]
    known = {key: message[key] for key in message if key not in unsigned}
    problems: list[Caution] = []
    if name not in STRUCTS:
        problems.append(Caution(TYPE_UNKNOWN, {"type": name}))
    elif list(STRUCTS[name]) != declared:
        problems.append(Caution(TYPE_DIFFERS, {"type": name}))
    elif _declared(document, "EIP712Domain") != list(DOMAIN_FIELDS):
        problems.append(Caution(NOT_AS_SIGNED))
    else:
        problems += _domain_problems(domain, MESSAGE_FORMS[name].contract, ledger)
    values = known
    if not problems:
        values = {path: _value(kind, path, message) for path, kind in declared}
        if _own_digest(name, domain, values) != signed:
            problems.append(Caution(NOT_AS_SIGNED))
    form = None if problems else message_form(name)
    return Reading(
        contract=ledger.name_at(address) if form else None,
        address=address,
        name=name,
        form=form,
        values=values if form else known,
        digest="0x" + signed.hex() if form else None,
        calls=_calls(form, values, ledger, depth=0),
        unsigned=unsigned,
        warnings=(*problems, *warnings),
    )


def read_call(address: str, data: str, ledger: Ledger, *, depth: int = 0) -> Reading:
    """Reads a call of a contract.

    Args:
        address: of the contract, lower case.
        data: calldata, 0x and digits.
        depth: in how many other calls it is.
    """
    contract = ledger.name_at(address)
    raw = bytes.fromhex(data[2:])
    unknown = Reading(contract, address, "", None, {"data": data})
    if contract is None:
        problem = Caution(CALLEE_UNKNOWN, {"address": address})
        return msgspec.structs.replace(unknown, warnings=(problem,))
    for item in ledger.interface(contract):
        if item["type"] != "function" or selector_of(item) != raw[:_SELECTOR_BYTES]:
            continue
        form = call_form(source_of(contract), item)
        if form is None:
            break
        values = _arguments(item, raw[_SELECTOR_BYTES:])
        if values is None:
            return msgspec.structs.replace(unknown, warnings=(Caution(CALL_ALTERED),))
        calls = _calls(form, values, ledger, depth=depth)
        return Reading(contract, address, item["name"], form, values, calls=calls)
    return msgspec.structs.replace(unknown, warnings=(Caution(CALL_UNKNOWN),))


def _calls(
    form: Form | None, values: Mapping[str, Any], ledger: Ledger, *, depth: int
) -> dict[str, Reading]:
    if form is None or depth >= MAX_DEPTH:
        return {}
    callee = "to" if form.name == "Intent" else "target"
    return {
        leaf.path: read_call(values[callee], values[leaf.path], ledger, depth=depth + 1)
        for leaf in form.leaves
        if leaf.field.kind == CALL
    }


def _arguments(item: AbiItem, data: bytes) -> dict[str, Any] | None:
    """The arguments by name; None if the data is not exactly their encoding."""
    inputs = item["inputs"]
    try:
        values = decode_all(inputs, data)
        again = [values_for(part, value) for part, value in zip(inputs, values, strict=True)]
        if encode_values([type_of(part) for part in inputs], again) != data:
            return None
    except Exception:  # the decoder raises many kinds for data that does not fit
        return None
    return {part["name"]: value for part, value in zip(inputs, values, strict=True)}


# ------------------------------------------------------------------ messages


def _require_flat(message: Any) -> None:
    """Refuses values in values without end, which would exhaust the readers below."""
    level = [message]
    for _ in range(MAX_NESTING):
        inner = [value.values() if isinstance(value, Mapping) else value for value in level]
        level = [item for group in inner for item in group if isinstance(item, dict | list)]
        if not level:
            return
    raise MessageInvalid(f"message has more than {MAX_NESTING} levels of values in values")


def _wallet_digest(document: Mapping[str, Any]) -> bytes:
    """The digest that a wallet signs, if the domain's type is as usual."""
    try:
        signable = encode_typed_data(full_message=dict(document))
    except Exception as error:  # the encoder raises many kinds for types and values that do not fit
        raise MessageInvalid(f"a wallet cannot sign this typed data: {error}") from error
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def _declared(document: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    """The fields of a type as the typed data declares them, in order."""
    return [(field["name"], field["type"]) for field in document["types"].get(name, ())]


def _own_digest(name: str, domain: Mapping[str, Any], values: Mapping[str, Any]) -> bytes:
    own = Domain(
        domain["name"],
        _number("uint256", domain["chainId"], "domain.chainId"),
        domain["verifyingContract"].lower(),
        domain["version"],
    )
    return typed_data_digest(own, name, values)


def _domain_problems(domain: Mapping[str, Any], contract: str, ledger: Ledger) -> Iterable[Caution]:
    """Why the ledger's contract would not accept the signature."""
    chain = domain.get("chainId")
    if str(chain) != str(ledger.chain_id):
        yield Caution(WRONG_CHAIN, {"chain": str(chain), "expected": str(ledger.chain_id)})
    address = str(domain.get("verifyingContract", ""))
    at = ledger.name_at(address)
    if at is None or source_of(at) != contract:
        yield Caution(WRONG_CONTRACT, {"address": address, "contract": contract})
    own_name = "name" in domain if contract == "SettlementToken" else None
    expected = f"Cession {contract} {'2' if contract == 'Forwarder' else '1'}"
    name, version = str(domain.get("name")), str(domain.get("version"))
    fits = version == "1" if own_name else f"{name} {version}" == expected
    if not fits:
        yield Caution(WRONG_DOMAIN, {"domain": f"{name} {version}", "expected": expected})


def _value(kind: str, path: str, message: Mapping[str, Any]) -> Any:
    """A message's value in our form.

    Raises:
        MessageInvalid: it is missing, or does not fit its type.
    """
    if path not in message:
        raise MessageInvalid(f"message.{path} is missing")
    value = message[path]
    if kind.startswith(("uint", "int")):
        return _number(kind, value, path)
    if kind == "bool":
        if not isinstance(value, bool):
            raise MessageInvalid(f"message.{path} must be true or false")
        return value
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise MessageInvalid(f"message.{path} must be 0x and an even number of hexadecimal digits")
    return value.lower()


def _number(kind: str, value: Any, path: str) -> int:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MessageInvalid(f"{path} must be a whole number ({kind})")
    return value
