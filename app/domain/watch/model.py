"""A signal of trouble, what is not known, and the warning levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from app.domain.texts import Text

SignalKind = Literal[
    "late-loan",
    "defaulted",
    "late-debtor",
    "falling-sales",
    "rising-returns",
    "price-fall",
    "margin-call",
    "limit-use",
    "dispute",
    "tier-fall",
    "tier-ended",
    "frozen",
    "lapsed",
    "validity-ending",
    "shortage",
    "liens-stopped",
    "concentration",
    "warned-share",
]
Unit = Literal["days", "parts-per-million", "count"]
SubjectKind = Literal["borrower", "debtor", "product", "portfolio"]


class Level(IntEnum):
    """How serious it is; each level above clear names a next step."""

    CLEAR = 0
    WATCH = 1
    WARNING = 2
    ALARM = 3


@dataclass(frozen=True, slots=True)
class Value:
    """A figure behind a signal."""

    name: str
    number: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that speaks for trouble.

    Attributes:
        about: what it is about, such as `loan:7`; with the kind it names the signal while it lasts.
        reason: a sentence with the figures; a text where an older version stored it.
        evidence: ids of what it follows from, such as `receivable:3` or `transaction:0x…`.
    """

    kind: SignalKind
    level: Level
    about: str
    reason: Text
    values: tuple[Value, ...]
    evidence: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same from block to block while the signal lasts, whatever its level."""
        return f"{self.kind}:{self.about}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A signal that could not be judged: it may be there or not."""

    kind: SignalKind
    about: str
    reason: Text


def evidence_of(about: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """What a signal is about and what it follows from, each once and in order."""
    return (about, *(item for item in dict.fromkeys(others) if item != about))
