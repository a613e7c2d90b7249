"""Typed data as an honest gateway prepares it for a wallet, and as one that lies could."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from eth_account import Account

from app.chain.evm.hashing import checksum_address
from app.chain.evm.signed_structs import STRUCTS, Fields
from app.chain.evm.typed_data import (
    Domain,
    contract_domain,
    forwarder_domain,
    typed_data,
    typed_data_digest,
)
from app.clear_signing.messages import MESSAGE_FORMS
from tests.support.bodies import Json

KEY = "0x" + "11" * 32
SIGNER = str(Account.from_key(KEY).address)
CHAIN = 31_337
STRANGER = "ee" * 20
TOKEN, FORWARDER = "SettlementToken:CNY", "Forwarder"
_NAMES = sorted({form.contract for form in MESSAGE_FORMS.values()} - {"SettlementToken"} | {TOKEN})
ADDRESSES = {name: checksum_address(f"0x{place + 0xABC:040x}") for place, name in enumerate(_NAMES)}
LEDGER: Json = {
    "chainId": CHAIN,
    "items": [{"name": name, "address": address} for name, address in ADDRESSES.items()],
}
#: Types of EIP-712 that no page of the gateway lets a wallet sign as a document.
NO_DOCUMENTS = ("Intent", "Permit", "AccountConsent", "CreditAttestation", "OrderCancellation")
DOCUMENTS = [name for name in STRUCTS if name not in NO_DOCUMENTS]
PATH = "/v1/offers/1/acceptance"
TRANSFERS = "/v1/cash/CNY/transfers"
_WORD = f"{2**256 - 1:064x}"


class Message(NamedTuple):
    """A message for a wallet.

    Attributes:
        name: of the case.
        path: of the command, or of the document.
        operation: it comes as an operation, not as a document.
        digest: 32 bytes in digits that are signed; empty: nothing is signed.
    """

    name: str
    path: str
    operation: bool
    typed_data: Json
    digest: str = ""


def _domain(name: str) -> Domain:
    contract = MESSAGE_FORMS[name].contract
    if name == "Intent":
        return forwarder_domain(chain_id=CHAIN, contract=ADDRESSES[FORWARDER])
    if name == "Permit":
        return Domain("Yuan", CHAIN, ADDRESSES[TOKEN])
    return contract_domain(contract, chain_id=CHAIN, contract=ADDRESSES[contract])


def _extremes(fields: Fields) -> dict[str, Any]:
    return {name: _extreme(kind) for name, kind in fields}


def _extreme(kind: str) -> object:
    if kind == "address":
        return SIGNER
    if kind == "bool":
        return True
    if kind.startswith("uint"):
        return 2 ** int(kind[4:]) - 1
    if kind.startswith("int"):
        return -(2 ** (int(kind[3:]) - 1))
    return bytes.fromhex("ab" * (int(kind[5:]) if kind != "bytes" else 3))


def _document(name: str) -> Message:
    domain, message = _domain(name), _extremes(STRUCTS[name])
    digest = typed_data_digest(domain, name, message).hex()
    # As JSON has it, where numbers above 2^53-1 are text.
    return Message(name, "/v1/offers/1", False, dict(typed_data(domain, name, message)), digest)


def _intent(name: str, call: str, path: str = PATH) -> Message:
    message = _extremes(STRUCTS["Intent"]) | {
        "to": ADDRESSES[TOKEN],
        "gas": 500_000,
        "data": bytes.fromhex(call),
    }
    domain = _domain("Intent")
    digest = typed_data_digest(domain, "Intent", message).hex()
    return Message(name, path, True, dict(typed_data(domain, "Intent", message)), digest)


def _approval(account: str) -> str:
    return "095ea7b3" + account.removeprefix("0x").lower().rjust(64, "0") + _WORD


_PLAIN = _intent("a call", "12345678" + _WORD)
_OFFER = _document("Quote")


def honest() -> list[Message]:
    """What a wallet signs, with what it signs."""
    transfer = "a9059cbb" + STRANGER.rjust(64, "0") + _WORD
    return [
        *(_document(name) for name in DOCUMENTS),
        _PLAIN,
        _intent("an approval", _approval(ADDRESSES["Facilities"])),
        _intent("a transfer", transfer, TRANSFERS),
    ]


def lies() -> Iterator[Message]:
    """What a wallet must not sign."""
    yield from (
        *(_document(name) for name in NO_DOCUMENTS),
        _OFFER._replace(name="a document as an operation", operation=True),
        _document("Permit")._replace(name="a permit as an operation", operation=True),
    )
    calls = {
        "approval": _approval(STRANGER),
        "transfer": "a9059cbb" + STRANGER.rjust(64, "0") + _WORD,
        "transferFrom": "23b872dd" + SIGNER[2:].rjust(64, "0") + STRANGER.rjust(64, "0") + _WORD,
    }
    for name, call in calls.items():
        for spelling, data in _spellings(call):
            yield _changed(_PLAIN, f"{name}: {spelling}", ("message", "data"), data)
    yield _changed(_PLAIN, "no function", ("message", "data"), "0x095ea7")
    for message in (_PLAIN, _OFFER):
        for name, place, value in _OTHERS:
            yield _changed(message, name, place, value)
        for name, change in _RESHAPED:
            document = deepcopy(message.typed_data)
            change(document)
            title = f"{message.name}: {name}"
            yield message._replace(name=title, typed_data=document, digest="")
    for name, field, value in _OF_INTENTS:
        yield _changed(_PLAIN, name, ("message", field), value)
    for name, field, value in _OF_OFFERS:
        yield _changed(_OFFER, name, ("message", field), value)


def _changed(message: Message, name: str, place: tuple[str, str], value: object) -> Message:
    document = deepcopy(message.typed_data)
    document[place[0]][place[1]] = value
    title = f"{message.name}: {'.'.join(place)}, {name}"
    return message._replace(name=title, typed_data=document, digest="")


def _spellings(digits: str) -> Iterator[tuple[str, object]]:
    yield "plain", "0x" + digits
    yield "capitals", "0x" + digits.upper()
    yield "another prefix", "0X" + digits
    yield "no prefix", digits
    yield "odd", "0x" + digits.removeprefix("0")
    yield "a zero more", "0x0" + digits
    yield "a blank", "0x" + digits + " "
    yield "a line's end", "0x" + digits + "\n"
    yield "a list", list(bytes.fromhex(digits))
    yield "a number", int(digits, 16)


_ACCOUNT = int(ADDRESSES[FORWARDER], 16)
_OTHERS: list[tuple[str, tuple[str, str], object]] = [
    ("another chain", ("domain", "chainId"), 1),
    *(
        (f"spelled {value!r}", ("domain", "chainId"), value)
        for value in (hex(CHAIN), f"0{CHAIN}", f"+{CHAIN}", f" {CHAIN}", "３１３３７", [CHAIN])
    ),
    ("a truth", ("domain", "chainId"), True),
    ("a fraction", ("domain", "chainId"), CHAIN + 0.5),
    ("another name", ("domain", "name"), "Yuan"),
    ("another version", ("domain", "version"), "3"),
    ("a number", ("domain", "version"), 1),
    *(
        (name, ("domain", "verifyingContract"), value)
        for name, value in (
            ("a stranger", f"0x{STRANGER}"),
            ("cash", ADDRESSES[TOKEN]),
            ("another contract", ADDRESSES["CreditRegistry"]),
            ("a number", _ACCOUNT),
            ("a short one", hex(_ACCOUNT)),
            ("a word", f"0x{_ACCOUNT:064x}"),
            ("a list", list(bytes.fromhex(ADDRESSES[FORWARDER][2:]))),
        )
    ),
]
_OF_INTENTS: list[tuple[str, str, object]] = [
    ("a stranger", "from", f"0x{STRANGER}"),
    ("a word", "from", "0x" + SIGNER[2:].rjust(64, "0")),
    ("a list", "from", list(bytes.fromhex(SIGNER[2:]))),
    ("a stranger", "to", f"0x{STRANGER}"),
    ("a short one", "to", hex(int(ADDRESSES[TOKEN], 16))),
    ("a line's end", "to", ADDRESSES[TOKEN] + "\n"),
    *(
        (f"spelled {value!r}", "nonce", value)
        for value in ("0x1", "+1", "01", "1_0", "1.0", "1 ", "-1", -1, 0.5, True, None, ["1"], "٣")
    ),
    ("too large", "nonce", str(2**256)),
    ("too large", "deadline", 2**48),
    ("odd", "operation", "0x" + "0" * 63),
    ("short", "operation", "0x" + "00" * 31),
    ("text", "operation", "a" * 32),
]
_OF_OFFERS: list[tuple[str, str, object]] = [
    ("text", "recourse", "false"),
    ("a number", "recourse", 0),
    ("nothing", "recourse", None),
    ("too large", "price", str(2**96)),
    ("text", "legalTextHash", "a" * 32),
    ("odd", "legalTextHash", "0x" + "0" * 63),
    ("a number", "seller", int(SIGNER, 16)),
]


def _types(document: Json) -> Json:
    types: Json = document["types"]
    return types


def _list(document: Json, name: str | None = None) -> list[Json]:
    fields: list[Json] = _types(document)[name or document["primaryType"]]
    return fields


_RESHAPED: list[tuple[str, Callable[[Json], Any]]] = [
    ("another field", lambda it: it["message"].update(spender=f"0x{STRANGER}")),
    ("a field less", lambda it: it["message"].pop("nonce")),
    ("a field twice", lambda it: _list(it).append(_list(it)[0])),
    ("an unknown type", lambda it: _list(it)[0].update(type="uint256[]")),
    ("text", lambda it: _list(it)[0].update(type="string")),
    ("a type in a field's name", lambda it: _list(it)[0].update(name="a,address b")),
    ("another type", lambda it: _types(it).update(Permit=[])),
    ("no fields", lambda it: _types(it).update({it["primaryType"]: None})),
    ("salt", lambda it: it["domain"].update(salt="0x" + "00" * 32)),
    ("no chain", lambda it: (it["domain"].pop("chainId"), _list(it, "EIP712Domain").pop(2))),
    ("a list as its type", lambda it: it.update(primaryType=[it["primaryType"]])),
    ("the domain as its type", lambda it: it.update(primaryType="EIP712Domain")),
    ("no message", lambda it: it.update(message=[])),
    ("no domain", lambda it: it.pop("domain")),
    ("more", lambda it: it.update(account=SIGNER)),
]
