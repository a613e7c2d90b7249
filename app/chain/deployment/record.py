"""The record of a deployment, and the bytes that a deployment sends: shared by both ways of
deploying, so the standard library only, with hash and encoder given by the caller.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from app.chain.deployment.plan import Creation, resolve
from app.places import RECORDS

Artifacts = Mapping[str, Mapping[str, Any]]
Encoder = Callable[[Sequence[str], Sequence[Any]], bytes]
Hash = Callable[[bytes], bytes]


class DeploymentError(Exception):
    """A deployment or its record does not hold."""


class RecordInvalid(DeploymentError):
    """Not a deployment record."""


@dataclass
class Deployed:
    """One contract of a deployment.

    `creation_hash` is of the linked bytecode with its arguments, `code_hash` of the code on chain
    ("" until that was read).
    """

    address: str
    creation_hash: str
    constructor_arguments: list[Any]
    libraries: dict[str, str]
    code_hash: str = ""


@dataclass
class Deployment:
    """The record in `deployments/<chainId>.json`.

    `block` and `block_hash` are of the block after which everything stood; `first_block` is where
    an index starts. `complete` is False while a deployment is under way.
    """

    chain_id: int
    version: str
    engine: str
    deployer: str
    first_block: int
    contracts: dict[str, Deployed]
    roles: dict[str, list[str]]
    parameters: dict[str, Any]
    block: int = 0
    block_hash: str = ""
    complete: bool = False

    @classmethod
    def load(cls, path: Path) -> Deployment:
        """Reads a record.

        Raises:
            RecordInvalid.
        """
        try:
            found: Deployment = _struct(cls, json.loads(path.read_text()))
            found.contracts = {
                name: _struct(Deployed, entry) for name, entry in found.contracts.items()
            }
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise RecordInvalid(f"{path}: {error}") from error
        return found

    def save(self, path: Path) -> None:
        """Writes it, wholly or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        shown = _camel(self)
        shown["contracts"] = {name: _camel(entry) for name, entry in self.contracts.items()}
        draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with draft.open("w") as file:
            file.write(json.dumps(shown, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @property
    def was_complete(self) -> bool:
        """Whether it was complete once; from then on others may rely on its contracts."""
        return bool(self.block_hash)

    def addresses(self) -> dict[str, str]:
        """Address by name."""
        return {name: entry.address for name, entry in self.contracts.items()}


def record_path(chain_id: int) -> Path:
    """Where the record of a chain is kept unless told otherwise."""
    return RECORDS / f"{chain_id}.json"


def _key(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _camel(item: Any) -> dict[str, Any]:
    return {_key(each.name): asdict(item)[each.name] for each in fields(item)}


def _struct(kind: Any, given: Any) -> Any:
    names = {_key(each.name): each for each in fields(kind)}
    if not isinstance(given, dict):
        raise TypeError(f"a map is wanted, not {type(given).__name__}")
    if unknown := given.keys() - names.keys():
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    kinds = {"int": int, "str": str, "bool": bool}
    for key, value in given.items():
        base = str(names[key].type).partition("[")[0]
        if type(value) is not kinds.get(base, dict if base == "dict" else list):
            raise TypeError(f"{key}: {base} is wanted, not {type(value).__name__}")
    return kind(**{names[key].name: value for key, value in given.items()})


def link(code: str, references: Mapping[str, Any], addresses: Mapping[str, str]) -> bytes:
    """Bytecode with the addresses of its libraries filled in."""
    digits = code.removeprefix("0x")
    for libraries in references.values():
        for library, places in libraries.items():
            for place in places:
                start = place["start"] * 2
                digits = digits[:start] + addresses[library][2:].lower() + digits[start + 40 :]
    return bytes.fromhex(digits)


def creation_code(
    creation: Creation,
    artifact: Mapping[str, Any],
    addresses: Mapping[str, str],
    *,
    encode: Encoder,
) -> bytes:
    """Linked bytecode and constructor arguments: the data of the transaction that creates it."""
    constructors = [item for item in artifact["abi"] if item["type"] == "constructor"]
    inputs = constructors[0]["inputs"] if constructors else []
    if len(inputs) != len(creation.arguments):
        raise DeploymentError(
            f"{creation.name}: the plan has {len(creation.arguments)} arguments, "
            f"the constructor {len(inputs)}"
        )
    code = link(artifact["bytecode"], artifact.get("linkReferences", {}), addresses)
    types = [part["type"] for part in inputs]
    values = [
        bytes.fromhex(value[2:]) if kind == "bytes32" else value
        for kind, value in zip(types, recorded_arguments(creation, addresses), strict=True)
    ]
    return code + encode(types, values)


def entry_of(
    creation: Creation,
    artifact: Mapping[str, Any],
    addresses: Mapping[str, str],
    *,
    address: str,
    creation_hash: str,
) -> Deployed:
    """What the record says of a contract before its code is there."""
    libraries = {
        library: addresses[library]
        for each in artifact.get("linkReferences", {}).values()
        for library in each
    }
    arguments = recorded_arguments(creation, addresses)
    return Deployed(address.lower(), creation_hash, arguments, libraries)


def recorded_arguments(creation: Creation, addresses: Mapping[str, str]) -> list[Any]:
    """The constructor's arguments as the record has them: JSON knows lists and no tuples."""
    found = [resolve(value, addresses) for value in creation.arguments]
    return [list(value) if isinstance(value, tuple) else value for value in found]


def selectors_of(artifact: Mapping[str, Any], functions: Sequence[str]) -> list[str]:
    """Selectors (0x text) of functions that are not overloaded."""
    named: dict[str, list[str]] = {}
    for signature, selector in artifact["methodIdentifiers"].items():
        named.setdefault(signature.partition("(")[0], []).append("0x" + selector)
    found = []
    for function in functions:
        if len(named.get(function, [])) != 1:
            raise DeploymentError(f"{function}: {len(named.get(function, []))} functions have it")
        found += named[function]
    return found


def expected_code(
    artifact: Mapping[str, Any], *, address: str, addresses: Mapping[str, str]
) -> tuple[bytes, list[list[int]]]:
    """Code as it must be on chain, and for each immutable the places of its words, zero in it.

    A library's code starts by pushing its own address, which the compiler leaves zero.
    """
    code = bytearray(
        link(artifact["deployedBytecode"], artifact.get("deployedLinkReferences", {}), addresses)
    )
    if code[:21] == b"\x73" + bytes(20):
        code[1:21] = bytes.fromhex(address[2:])
    immutables = artifact.get("immutableReferences", {}).values()
    return bytes(code), [[place["start"] for place in places] for places in immutables]


def is_code_of(
    artifact: Mapping[str, Any], code: bytes, *, address: str, addresses: Mapping[str, str]
) -> bool:
    """Whether code on chain is what was compiled but for immutables, each the same throughout."""
    wanted, immutables = expected_code(artifact, address=address, addresses=addresses)
    found = bytearray(code)
    for places in immutables:
        if len({bytes(code[start : start + 32]) for start in places}) > 1:
            return False
        for start in places:
            found[start : start + 32] = bytes(32)
    return bytes(found) == wanted
