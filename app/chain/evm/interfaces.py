"""Interfaces of the contracts (ABIs) for wallets, explorers and other programs.

What stands at an address is more than one artifact: a contract hands calls to its module, and its
linked libraries run in its name. A log of the address, or a revert of a call to it, may be theirs,
so that an interface has their events and errors too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.chain.evm.abi import signature_of, type_of

AbiItem = dict[str, Any]
MODULE = "Module"
_KINDS = ("constructor", "function", "event", "error")


class Interfaces:
    """The interfaces of compiled contracts, by the names of their artifacts.

    `artifacts` maps a name to its artifact, a dict with "abi" and, where libraries are linked to
    it, "linkReferences".
    """

    def __init__(self, artifacts: Mapping[str, Mapping[str, Any]]) -> None:
        self._abis = {name: list(artifact["abi"]) for name, artifact in artifacts.items()}
        self._libraries = {
            name: sorted({one for found in _links(artifact).values() for one in found})
            for name, artifact in artifacts.items()
        }

    def names(self) -> list[str]:
        """Names of all artifacts, libraries and modules included."""
        return sorted(self._abis)

    def parts(self, name: str) -> list[str]:
        """The contract, its module and all libraries that are linked to them, each once."""
        found: dict[str, None] = {}
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in found or one not in self._abis:
                continue
            found[one] = None
            waiting += [f"{one}{MODULE}", *self._libraries[one]]
        return list(found)

    def own(self, name: str) -> list[AbiItem]:
        """Functions of a contract, and events and errors of all that runs in its name.

        Raises:
            KeyError: no artifact of that name.
        """
        items = list(self._abis[name])
        for part in self.parts(name):
            items += (item for item in self._abis[part] if item["type"] in ("event", "error"))
        return _once(items)

    def whole(self, name: str) -> list[AbiItem]:
        """The same with the errors of all other contracts: the error of a contract that is called
        goes through to the caller.

        Raises:
            KeyError: no artifact of that name.
        """
        return _once((*self.own(name), *self.errors()))

    def errors(self) -> list[AbiItem]:
        """Errors of all contracts and libraries, each signature once."""
        items = (item for name in self.names() for item in self._abis[name])
        return _once(item for item in items if item["type"] == "error")


def _links(artifact: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = artifact.get("linkReferences", {})
    return found


def _once(items: Iterable[AbiItem]) -> list[AbiItem]:
    """Each signature once, the first one given, by kind and name."""
    kept: dict[tuple[str, str], AbiItem] = {}
    for item in items:
        kept.setdefault((item["type"], _signature(item)), item)
    return [kept[key] for key in sorted(kept, key=_order)]


def _order(key: tuple[str, str]) -> tuple[int, str]:
    kind, signature = key
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS)), signature


def _signature(item: AbiItem) -> str:
    return signature_of({"name": "", "inputs": [], **item})


def lines_of(items: Iterable[AbiItem]) -> Iterator[str]:
    """The items as signatures for people: `Paid(uint256 indexed loanId, uint96 amount)`."""
    for item in items:
        inputs = ", ".join(
            " ".join(
                (type_of(part), *(("indexed",) if part.get("indexed") else ()), part["name"])
            ).strip()
            for part in item["inputs"]
        )
        yield f"{item['name']}({inputs})"
