"""A wallet that shows what it signs by ERC-7730 descriptors alone, as the standard says.

It knows tokens by their address, as wallets do, and nothing else of the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from eth_abi.abi import decode

from app.chain.evm.abi import AbiParameter, plain, type_of
from app.chain.evm.hashing import keccak
from tests.support.bodies import Json

_LAST_SECOND = 253_402_300_799  # of the year 9999
Tokens = Mapping[str, tuple[str, int]]  # ticker and decimals by address, lower case


class NotApplicable(ValueError):
    """The descriptor does not bind to these bytes."""


class Display:
    """One screen: the intent, and labels with values."""

    def __init__(self, intent: str, rows: list[tuple[str, str]], sentence: str | None) -> None:
        self.intent, self.rows, self.sentence = intent, rows, sentence


def show_message(descriptor: Json, typed_data: Json, tokens: Tokens) -> Display:
    """Shows typed data; its domain and its type must be those of the descriptor."""
    bound, domain = descriptor["context"]["eip712"], typed_data["domain"]
    if any(domain[name] != value for name, value in bound["domain"].items()):
        raise NotApplicable("another domain")
    here = (int(domain["chainId"]), domain["verifyingContract"].lower())
    _require_deployed(bound["deployments"], here)
    name = typed_data["primaryType"]
    key = ",".join(f"{field['type']} {field['name']}" for field in typed_data["types"][name])
    form = descriptor["display"]["formats"].get(f"{name}({key})")
    if form is None:
        raise NotApplicable("another type")
    return _Screen(descriptor, typed_data["message"], here[1], tokens).display(form)


def show_call(
    descriptor: Json, *, chain_id: int, address: str, data: bytes, tokens: Tokens
) -> Display:
    """Shows a call; the selector finds its form."""
    _require_deployed(descriptor["context"]["contract"]["deployments"], (chain_id, address.lower()))
    for key, form in descriptor["display"]["formats"].items():
        name, inputs = key.partition("(")[0], parameters(key[key.index("(") :])
        types = [type_of(part) for part in inputs]
        if keccak(f"{name}({','.join(types)})".encode())[:4] == data[:4]:
            decoded = decode(types, data[4:])
            values = {
                part["name"]: plain(part, value)
                for part, value in zip(inputs, decoded, strict=True)
            }
            return _Screen(descriptor, values, address.lower(), tokens).display(form)
    raise NotApplicable("another function")


def parameters(text: str) -> list[AbiParameter]:
    """Parameters of a signature with names: `((address to,uint96 value)[] parts,bytes data)`."""
    parts, depth, start = [], 0, 1
    for place, letter in enumerate(text):
        if letter in ",)" and depth == 1:
            if text[start:place]:
                parts.append(_parameter(text[start:place]))
            start = place + 1
        depth += {"(": 1, ")": -1}.get(letter, 0)
    return parts


def _parameter(text: str) -> AbiParameter:
    kind, _, name = text.rpartition(" ")
    if not kind.startswith("("):
        return {"type": kind, "name": name}
    end = kind.rindex(")") + 1
    return {"type": f"tuple{kind[end:]}", "name": name, "components": parameters(kind[:end])}


def _require_deployed(deployments: list[Json], here: tuple[int, str]) -> None:
    if here not in [(entry["chainId"], entry["address"].lower()) for entry in deployments]:
        raise NotApplicable("another deployment")


class _Screen:
    """What one descriptor shows of one message or call."""

    def __init__(
        self, descriptor: Json, values: Mapping[str, Any], here: str, tokens: Tokens
    ) -> None:
        self.descriptor, self.values, self.here, self.tokens = descriptor, values, here, tokens

    def display(self, form: Json) -> Display:
        rows: list[tuple[str, str]] = []
        by_path: dict[str, str] = {}
        for field in form["fields"]:
            if field.get("visible") == "never":
                continue
            for value, places in _resolved(self.values, field["path"]):
                text = self.formatted(field, value, places)
                rows.append((field["label"], text))
                by_path[field["path"]] = text
        sentence = form.get("interpolatedIntent")
        if sentence is not None:
            sentence = re.sub(r"{([^}]+)}", lambda match: by_path[match[1]], sentence)
        return Display(form["intent"], rows, sentence)

    def formatted(self, field: Json, value: Any, places: list[int]) -> str:
        params, name = field.get("params", {}), field["format"]
        if name == "tokenAmount":
            ticker, decimals = self.tokens[self.reference(params["tokenPath"], places)]
            if "threshold" in params and int(value) >= int(params["threshold"], 16):
                return f"{params['message']} {ticker}"
            return f"{_scaled(value, decimals)} {ticker}"
        if name == "tokenTicker":
            return self.tokens[str(value).lower()][0]
        if name == "date":
            assert params["encoding"] == "timestamp"
            return datetime.fromtimestamp(min(int(value), _LAST_SECOND), UTC).isoformat()
        if name == "unit":
            return f"{_scaled(value, params.get('decimals', 0))}{params['base']}"
        if name == "enum":
            return str(self.member(params["$ref"], value))
        if name == "calldata":
            callee = self.reference(params["calleePath"], places)
            return f"{callee} {'0x' + value.hex() if isinstance(value, bytes) else value}"
        assert name in ("raw", "addressName"), name
        return str(value)

    def member(self, path: str, value: Any) -> Any:
        root, *names = path.split(".")
        assert root == "$"
        part: Any = self.descriptor
        for name in names:
            part = part[name]
        return part[str(value)]

    def reference(self, path: str, places: list[int]) -> str:
        if path == "@.to":
            return self.here
        rest, part = list(places), self.values
        for name in path.split("."):
            part = part[rest.pop(0)] if name == "[]" else part[name]  # type: ignore[index]
        return str(part).lower()


def _resolved(values: Any, path: str) -> Iterator[tuple[Any, list[int]]]:
    """Values at a path with their places in arrays."""
    head, dot, rest = path.partition(".")
    if head == "[]":
        for place, element in enumerate(values):
            for value, places in _resolved(element, rest) if dot else [(element, [])]:
                yield value, [place, *places]
    elif dot:
        yield from _resolved(values[head], rest)
    else:
        yield values[head], []


def _scaled(value: Any, decimals: int) -> str:
    return format(Decimal(int(value)).scaleb(-decimals).quantize(Decimal(1).scaleb(-decimals)), "f")
