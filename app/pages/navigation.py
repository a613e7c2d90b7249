"""What the navigation offers: each area names its entries, and the person's roles choose."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.pages.languages import mark, t

_FIRST = "/app"  # every page lies below it
EVERYONE: tuple[str, ...] = ()
GROUPS = {
    "first": "",
    "trade": mark("Trade"),
    "finance": mark("Finance"),
    "goods": mark("Goods"),
    "oversight": mark("Oversight"),
    "ledger": mark("Ledger"),
}


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        label: English text, marked with `mark`.
        roles: who sees it; none: everybody who is signed in.
        group: one of `GROUPS`; `first` stands above them, without a heading.
    """

    label: str
    path: str
    roles: tuple[str, ...] = EVERYONE
    group: str = "ledger"


@dataclass(frozen=True)
class Shown:
    """An entry as the page shows it."""

    label: str
    path: str
    here: bool


ENTRIES: list[Entry] = []


def register(entries: Iterable[Entry]) -> None:
    """Adds an area's entries, once each."""
    ENTRIES.extend(entry for entry in entries if entry not in ENTRIES)


def menu(roles: Collection[str], path: str) -> list[tuple[str, list[Shown]]]:
    """The groups and entries for these roles; nothing for visitors."""
    if not roles:
        return []
    allowed = [
        entry for entry in ENTRIES if not entry.roles or not set(entry.roles).isdisjoint(roles)
    ]
    fitting = [entry.path for entry in allowed if _within(path, entry.path)]
    here = max(fitting, key=len, default=None)
    groups = []
    for name, label in GROUPS.items():
        shown = [
            Shown(t(entry.label), entry.path, entry.path == here)
            for entry in allowed
            if entry.group == name
        ]
        if shown:
            groups.append((t(label) if label else "", shown))
    return groups


def _within(path: str, base: str) -> bool:
    return path == base or (base != _FIRST and path.startswith(f"{base}/"))
