"""ABI decoders of events, generated once for each event; they read the hexadecimal text itself.

They slice static words out of the text, which is many times faster than a conversion to bytes for a
general decoder. They slice dynamic bytes and strings too; `faster_eth_abi` decodes other dynamic
values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NotRequired

from faster_eth_abi import decode as decode_values
from typing_extensions import TypedDict

from app.chain.evm.hashing import keccak

# Values of an event or an error by the names of its parameters, decoded by its ABI.
DecodedValues = dict[str, Any]
EventDecoder = Callable[[list[str], str], DecodedValues]


class AbiParameter(TypedDict):
    """A parameter of a function, event or error, or a field of a struct."""

    type: str
    name: NotRequired[str]
    internalType: NotRequired[str]
    components: NotRequired[list[AbiParameter]]
    indexed: NotRequired[bool]


class AbiItem(TypedDict):
    """One function, event, error or constructor, in the form of Solidity's compiler."""

    type: str
    name: NotRequired[str]
    inputs: NotRequired[list[AbiParameter]]
    outputs: NotRequired[list[AbiParameter]]
    stateMutability: NotRequired[str]
    anonymous: NotRequired[bool]


class LogMalformed(ValueError):
    """A log does not have the shape that its event's ABI defines."""


def type_of(item: AbiParameter) -> str:
    """The canonical type of an ABI parameter, with tuples written out."""
    kind = item["type"]
    if kind.startswith("tuple"):
        inner = ",".join(type_of(part) for part in item["components"])
        return f"({inner}){kind[5:]}"
    return kind


def signature_of(item: AbiItem) -> str:
    """`name(type,…)` of a function, event or error."""
    return f"{item['name']}({','.join(type_of(part) for part in item['inputs'])})"


def topic_of(item: AbiItem) -> str:
    """First topic of an event, in hexadecimal from 0x."""
    return "0x" + keccak(signature_of(item).encode()).hex()


def selector_of(item: AbiItem) -> bytes:
    """First four bytes of calldata or revert data."""
    return keccak(signature_of(item).encode())[:4]


def _element(item: AbiParameter) -> AbiParameter:
    """The parameter that an element of an array is."""
    kind = item["type"]
    return {**item, "type": kind[: kind.rindex("[")]}


def plain(item: AbiParameter, value: Any) -> Any:
    """A decoded value in our form: bytes as 0x text, structs as dicts, arrays as lists."""
    kind = item["type"]
    if kind.endswith("]"):
        inner = _element(item)
        return [plain(inner, part) for part in value]
    if kind == "tuple":
        return {
            part["name"] or str(place): plain(part, inner)
            for place, (part, inner) in enumerate(zip(item["components"], value, strict=True))
        }
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value.lower() if kind == "address" else value


def values_for(item: AbiParameter, value: Any) -> Any:
    """Reverses `plain`, for the encoder; numbers may be decimal text.

    Raises:
        ValueError, KeyError, TypeError: the value does not fit the type.
    """
    kind = item["type"]
    if kind.endswith("]"):
        inner = _element(item)
        return [values_for(inner, part) for part in value]
    if kind == "tuple":
        parts = item["components"]
        if isinstance(value, dict):
            unknown = value.keys() - {part["name"] for part in parts}
            if unknown:
                raise ValueError(f"unknown fields {sorted(unknown)}")
            return tuple(values_for(part, value[part["name"]]) for part in parts)
        return tuple(values_for(part, inner) for part, inner in zip(parts, value, strict=True))
    if kind.startswith("bytes"):
        raw = bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)
        if kind != "bytes" and len(raw) != int(kind[5:]):
            raise ValueError(f"{kind} needs {kind[5:]} bytes, not {len(raw)}")
        return raw
    if kind.startswith(("uint", "int")):
        if isinstance(value, bool | float):
            raise TypeError(f"{kind} needs a whole number, not {value!r}")
        return int(value)
    if kind == "bool" and not isinstance(value, bool):
        raise TypeError(f"bool needs true or false, not {value!r}")
    return value


def is_dynamic(item: AbiParameter) -> bool:
    """Whether the encoding of this type is an offset to the value."""
    kind = item["type"]
    if kind in ("bytes", "string") or kind.endswith("[]"):
        return True
    if kind.endswith("]"):
        return is_dynamic(_element(item))
    return kind == "tuple" and any(is_dynamic(part) for part in item["components"])


def _word(kind: str, source: str, start: int) -> str:
    """Python source that reads one static word at `start` of the text `source`."""
    end = start + 64
    if kind == "address":
        return f"'0x' + {source}[{start + 24}:{end}]"
    if kind == "bool":
        return f"{source}[{end - 1}] == '1'"
    if kind.startswith("bytes"):
        return f"'0x' + {source}[{start}:{start + 2 * int(kind[5:])}]"
    if kind.startswith("uint"):
        size = int(kind[4:]) // 4
        return f"int({source}[{end - size}:{end}], 16)"
    size = int(kind[3:])
    word = f"int({source}[{end - size // 4}:{end}], 16)"
    return f"(({word} ^ {1 << (size - 1)}) - {1 << (size - 1)})"


def _static(item: AbiParameter, start: int) -> tuple[str, int]:
    """Python source that reads a static value, and the start of the next value."""
    kind = item["type"]
    if kind.endswith("]"):
        count = int(kind[kind.rindex("[") + 1 : -1])
        inner = _element(item)
        parts = []
        for _ in range(count):
            source, start = _static(inner, start)
            parts.append(source)
        return f"[{', '.join(parts)}]", start
    if kind == "tuple":
        fields = []
        for place, part in enumerate(item["components"]):
            source, start = _static(part, start)
            fields.append(f"{(part['name'] or str(place))!r}: {source}")
        return f"{{{', '.join(fields)}}}", start
    return _word(kind, "data", start), start + 64


def _bytes_at(data: str, head: int) -> str:
    """Dynamic bytes whose offset is at `head` of the text (which starts with 0x)."""
    start = 2 + 2 * int(data[head : head + 64], 16)
    if len(data) < start + 64:
        raise LogMalformed("an offset points past the end of the data")
    length = 2 * int(data[start : start + 64], 16)
    value = data[start + 64 : start + 64 + length]
    if len(value) != length:
        raise LogMalformed("bytes run past the end of the data")
    return "0x" + value


def _string_at(data: str, head: int) -> str:
    return bytes.fromhex(_bytes_at(data, head)[2:]).decode("utf-8", "replace")


def _general(parts: list[AbiParameter]) -> Callable[[str], list[Any]]:
    types = [type_of(part) for part in parts]

    def read(data: str) -> list[Any]:
        values = decode_values(types, bytes.fromhex(data[2:]))
        return [plain(part, value) for part, value in zip(parts, values, strict=True)]

    return read


def compile_event(item: AbiItem) -> EventDecoder:
    """Makes a function that decodes a log's topics and data to the event's arguments by name.

    For an indexed argument of a dynamic type the log has only its hash, and so has the result. The
    function raises `LogMalformed` if there are too few topics or too little data.
    """
    fields: list[tuple[str, str]] = []
    topic, start, minimum = 1, 2, 2
    names: dict[str, Any] = {"bytes_at": _bytes_at, "string_at": _string_at}
    unindexed = [part for part in item["inputs"] if not part["indexed"]]
    odd = any(is_dynamic(part) and part["type"] not in ("bytes", "string") for part in unindexed)
    if odd:
        names["general"] = _general(unindexed)
    general_place = 0
    for place, part in enumerate(item["inputs"]):
        name = part["name"] or str(place)
        if part["indexed"]:
            hashed = is_dynamic(part) or part["type"].startswith("tuple") or "[" in part["type"]
            word = f"topics[{topic}]" if hashed else _word(part["type"], f"topics[{topic}]", 2)
            fields.append((name, word))
            topic += 1
        elif odd:
            fields.append((name, f"rest[{general_place}]"))
            general_place += 1
        elif is_dynamic(part):
            reader = "bytes_at" if part["type"] == "bytes" else "string_at"
            fields.append((name, f"{reader}(data, {start})"))
            start += 64
        else:
            source, start = _static(part, start)
            fields.append((name, source))
        minimum = max(minimum, start)
    body = ", ".join(f"{name!r}: {source}" for name, source in fields)
    code = [
        "def decode(topics, data):",
        f"    if len(topics) != {topic} or len(data) < {minimum}:",
        f"        raise LogMalformed({item['name']!r})",
    ]
    if odd:
        code.append("    rest = general(data)")
    code.append(f"    return {{{body}}}")
    names["LogMalformed"] = LogMalformed
    exec(compile("\n".join(code), f"<event {item['name']}>", "exec"), names)
    decoder: EventDecoder = names["decode"]
    return decoder


def decode_all(items: Sequence[AbiParameter], data: bytes) -> list[Any]:
    """Values of these parameters, each as `plain` returns it."""
    values = decode_values([type_of(item) for item in items], data)
    return [plain(item, value) for item, value in zip(items, values, strict=True)]
