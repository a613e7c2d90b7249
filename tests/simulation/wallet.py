"""A party's wallet: it computes the digest (EIP-712) from the typed data alone."""

from __future__ import annotations

from faster_eth_abi import encode as encode_values

from app.chain.evm.hashing import keccak
from tests.support.bodies import Json


def _type_text(typed: Json, name: str) -> str:
    fields = ",".join(f"{part['type']} {part['name']}" for part in typed["types"][name])
    return f"{name}({fields})"


def _struct_hash(typed: Json, name: str, values: Json) -> bytes:
    words = [keccak(_type_text(typed, name).encode())]
    for part in typed["types"][name]:
        value, kind = values[part["name"]], part["type"]
        if kind == "string":
            words.append(keccak(str(value).encode()))
        elif kind == "bytes":
            words.append(keccak(bytes.fromhex(str(value)[2:])))
        elif kind.startswith("bytes"):
            words.append(encode_values([kind], [bytes.fromhex(str(value)[2:])]))
        elif kind == "address":
            words.append(encode_values([kind], [value]))
        else:
            words.append(encode_values([kind], [int(value)]))
    return keccak(b"".join(words))


def digest_of(typed: Json) -> bytes:
    """What a wallet signs."""
    domain = _struct_hash(typed, "EIP712Domain", typed["domain"])
    return keccak(
        b"\x19\x01" + domain + _struct_hash(typed, typed["primaryType"], typed["message"])
    )
