"""The record of a deployment, and the bytes that a deployment sends.

Both ways of deploying use it, so it imports only the standard library, and the caller passes the
hash function and the encoder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from app.chain.deployment.parameters import ParametersDocument
from app.chain.deployment.plan import Creation, resolve
from app.places import RECORDS

Artifacts = Mapping[str, Mapping[str, Any]]
Encoder = Callable[[Sequence[str], Sequence[Any]], bytes]
Hash = Callable[[bytes], bytes]


class DeploymentError(Exception):
    """A deployment failed, or its record is not valid for the chain."""


class RecordInvalid(DeploymentError):
    """The file is not a deployment record."""


@dataclass
class Deployed:
    """One contract of a deployment.

    `creation_hash` is the hash of the linked bytecode with its arguments, `code_hash` that of the
    code on the chain ("" until it is read).
    """

    address: str
    creation_hash: str
    constructor_arguments: list[Any]
    libraries: dict[str, str]
    code_hash: str = ""


@dataclass
class Deployment:
    """The record in `deployments/<chainId>.json`.

    `block` and `block_hash` are those of the block at which the deployment was complete;
    `first_block` is where an index starts. `complete` is False while a deployment is under way.
    """

    chain_id: int
    version: str
    engine: str
    deployer: str
    first_block: int
    contracts: dict[str, Deployed]
    roles: dict[str, list[str]]
    parameters: ParametersDocument
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
            record: Deployment = _struct(cls, json.loads(path.read_text()))
            record.contracts = {
                name: _struct(Deployed, entry) for name, entry in record.contracts.items()
            }
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise RecordInvalid(f"{path}: {error}") from error
        return record

    def save(self, path: Path) -> None:
        """Writes the record, wholly or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        document = _camel(self)
        document["contracts"] = {name: _camel(entry) for name, entry in self.contracts.items()}
        draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with draft.open("w") as file:
            file.write(json.dumps(document, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @property
    def was_complete(self) -> bool:
        """Whether it was complete before; since then others may rely on its contracts."""
        return bool(self.block_hash)

    def addresses(self) -> dict[str, str]:
        """Addresses of the contracts, by name."""
        return {name: entry.address for name, entry in self.contracts.items()}


def record_path(chain_id: int) -> Path:
    """The default path of a chain's record."""
    return RECORDS / f"{chain_id}.json"


def _key(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _camel(item: Deployment | Deployed) -> dict[str, object]:
    return {_key(name): value for name, value in asdict(item).items()}


def _struct(kind: Any, document: Any) -> Any:
    names = {_key(field.name): field for field in fields(kind)}
    if not isinstance(document, dict):
        raise TypeError(f"must be an object, not {type(document).__name__}")
    if unknown := document.keys() - names.keys():
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    kinds = {"int": int, "str": str, "bool": bool}
    for key, value in document.items():
        base = str(names[key].type).partition("[")[0]
        expected = kinds.get(base, list if base == "list" else dict)
        if type(value) is not expected:
            raise TypeError(f"{key}: must be {expected.__name__}, not {type(value).__name__}")
    return kind(**{names[key].name: value for key, value in document.items()})


def link(code: str, references: Mapping[str, Any], addresses: Mapping[str, str]) -> bytes:
    """Bytecode with the addresses of its libraries inserted."""
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
    """Linked bytecode and constructor arguments: data of the transaction that creates a contract.

    Raises:
        DeploymentError: the plan has another number of arguments than the constructor.
    """
    constructors = [item for item in artifact["abi"] if item["type"] == "constructor"]
    inputs = constructors[0]["inputs"] if constructors else []
    if len(inputs) != len(creation.arguments):
        raise DeploymentError(
            f"{creation.name}: the plan has {len(creation.arguments)} arguments, "
            f"the constructor has {len(inputs)}"
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
    """The record's entry of a contract before its code is read."""
    libraries = {
        library: addresses[library]
        for file in artifact.get("linkReferences", {}).values()
        for library in file
    }
    arguments = recorded_arguments(creation, addresses)
    return Deployed(address.lower(), creation_hash, arguments, libraries)


def recorded_arguments(creation: Creation, addresses: Mapping[str, str]) -> list[Any]:
    """The constructor's arguments as in the record: JSON has lists and no tuples."""
    values = [resolve(value, addresses) for value in creation.arguments]
    return [list(value) if isinstance(value, tuple) else value for value in values]


def selectors_of(artifact: Mapping[str, Any], functions: Sequence[str]) -> list[str]:
    """Selectors (0x text) of functions.

    Raises:
        DeploymentError: a function is missing or overloaded.
    """
    named: dict[str, list[str]] = {}
    for signature, selector in artifact["methodIdentifiers"].items():
        named.setdefault(signature.partition("(")[0], []).append("0x" + selector)
    selectors = []
    for function in functions:
        if len(named.get(function, [])) != 1:
            count = len(named.get(function, []))
            raise DeploymentError(f"{function}: {count} functions have this name, it must be one")
        selectors += named[function]
    return selectors


def expected_code(
    artifact: Mapping[str, Any], *, address: str, addresses: Mapping[str, str]
) -> tuple[bytes, list[list[int]]]:
    """The code expected on the chain, and for each immutable the places of its words, all zero.

    A library's code begins with a push of its own address, which the compiler leaves zero.
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
    """Whether the code on the chain is the compiled code, apart from the values of immutables.

    Each immutable must have the same value at all its places.
    """
    expected, immutables = expected_code(artifact, address=address, addresses=addresses)
    masked = bytearray(code)
    for places in immutables:
        if len({bytes(code[start : start + 32]) for start in places}) > 1:
            return False
        for start in places:
            masked[start : start + 32] = bytes(32)
    return bytes(masked) == expected
