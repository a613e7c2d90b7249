"""Interfaces of the contracts (ABIs) for wallets, explorers and other programs.

The code at an address comes from more than one artifact: a contract delegates calls to its module,
and its linked libraries run at its address. They may emit a log of that address or revert a call to
it, so a contract's interface includes their events and errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.chain.evm.abi import AbiItem, signature_of, type_of

MODULE = "Module"
_KINDS = ("constructor", "function", "event", "error")


class Interfaces:
    """The interfaces of compiled contracts, by the names of their artifacts.

    `artifacts` maps a name to its artifact, a dict with "abi" and, if libraries are linked to it,
    "linkReferences".
    """

    def __init__(self, artifacts: Mapping[str, Mapping[str, Any]]) -> None:
        self._abis: dict[str, list[AbiItem]] = {
            name: list(artifact["abi"]) for name, artifact in artifacts.items()
        }
        self._libraries = {
            name: sorted({library for file in _links(artifact).values() for library in file})
            for name, artifact in artifacts.items()
        }

    def names(self) -> list[str]:
        """Names of all artifacts, libraries and modules included."""
        return sorted(self._abis)

    def parts(self, name: str) -> list[str]:
        """The contract, its module and all libraries that are linked to them, each once."""
        parts: dict[str, None] = {}
        waiting = [name]
        while waiting:
            part = waiting.pop()
            if part in parts or part not in self._abis:
                continue
            parts[part] = None
            waiting += [f"{part}{MODULE}", *self._libraries[part]]
        return list(parts)

    def own(self, name: str) -> list[AbiItem]:
        """Functions of a contract, and the events and errors of all code that runs at its address.

        Raises:
            KeyError: no artifact has this name.
        """
        items = list(self._abis[name])
        for part in self.parts(name):
            items += (item for item in self._abis[part] if item["type"] in ("event", "error"))
        return _once(items)

    def whole(self, name: str) -> list[AbiItem]:
        """As `own`, with the errors of all other contracts, since a caller passes them on.

        Raises:
            KeyError: no artifact has this name.
        """
        return _once((*self.own(name), *self.errors()))

    def errors(self) -> list[AbiItem]:
        """Errors of all contracts and libraries; each signature occurs once."""
        items = (item for name in self.names() for item in self._abis[name])
        return _once(item for item in items if item["type"] == "error")


def _links(artifact: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    links: Mapping[str, Mapping[str, Any]] = artifact.get("linkReferences", {})
    return links


def _once(items: Iterable[AbiItem]) -> list[AbiItem]:
    """The first item of each signature, sorted by kind and name."""
    unique: dict[tuple[str, str], AbiItem] = {}
    for item in items:
        unique.setdefault((item["type"], _signature(item)), item)
    return [unique[key] for key in sorted(unique, key=_order)]


def _order(key: tuple[str, str]) -> tuple[int, str]:
    kind, signature = key
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS)), signature


def _signature(item: AbiItem) -> str:
    return signature_of({"name": "", "inputs": [], **item})


def lines_of(items: Iterable[AbiItem]) -> Iterator[str]:
    """The items as readable signatures: `Paid(uint256 indexed loanId, uint96 amount)`."""
    for item in items:
        inputs = ", ".join(
            " ".join(
                (type_of(part), *(("indexed",) if part.get("indexed") else ()), part["name"])
            ).strip()
            for part in item["inputs"]
        )
        yield f"{item['name']}({inputs})"
