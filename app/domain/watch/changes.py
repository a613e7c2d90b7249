"""What changed since levels were told: they rose or fell, and serious signals began or ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.texts import Text
from app.domain.watch.assessing import Assessment, Watched
from app.domain.watch.model import Level, Signal, SubjectKind

# Signals from this level on are told one by one; those below only as part of a level.
SERIOUS_FROM = Level.WARNING
_ORDER: tuple[SubjectKind, ...] = ("borrower", "debtor", "product", "portfolio")


class Subject(NamedTuple):
    """What has a level: a party's or product's number; 0: the portfolio."""

    kind: SubjectKind
    key: int


@dataclass(frozen=True, slots=True)
class Stand:
    """How a subject stands, as far as it is told.

    Attributes:
        signals: those that are told one by one.
    """

    level: Level = Level.CLEAR
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a level is what it is, and what is new about it.

    Attributes:
        raised: why the level is above that of each signal; empty: it is not.
        signals: all of now, the worst first.
        began: ids of signals that are told now and were not before.
        ended: signals that were told and no longer are, as they were told.
    """

    raised: Text
    signals: tuple[Signal, ...]
    began: tuple[str, ...]
    ended: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What is told of a subject."""

    subject: Subject
    before: Level
    stand: Stand
    reasons: Reasons

    @property
    def after(self) -> Level:
        """The level of now."""
        return self.stand.level

    def rises_to(self, level: Level) -> bool:
        """Whether it was below a level and no longer is."""
        return self.before < level <= self.after


def changes(before: Mapping[Subject, Stand], now: Watched) -> tuple[Change, ...]:
    """What changed, in a fixed order.

    A subject that is no longer watched, such as a borrower that repaid all, is clear. A signal that
    is worse or better than before, and still told, is no change of its own.

    Args:
        before: how each subject stood when it was told last; one that is missing was clear.
    """
    assessed = {
        Subject(item.subject, item.key): item
        for item in (*now.borrowers, *now.debtors, *now.products, now.portfolio)
    }
    return tuple(_changed(before, assessed))


def _place(subject: Subject) -> tuple[int, int]:
    return _ORDER.index(subject.kind), subject.key


def _changed(
    before: Mapping[Subject, Stand], assessed: Mapping[Subject, Assessment]
) -> Iterator[Change]:
    for subject in sorted(before.keys() | assessed.keys(), key=_place):
        item, earlier = assessed.get(subject), before.get(subject, Stand())
        signals = () if item is None else item.signals
        serious = tuple(signal for signal in signals if signal.level >= SERIOUS_FROM)
        stand = Stand(Level.CLEAR if item is None else item.level, serious)
        began = tuple(signal.id for signal in _new(serious, earlier.signals))
        ended = _new(earlier.signals, serious)
        if began or ended or stand.level is not earlier.level:
            reasons = Reasons("" if item is None else item.raised, signals, began, ended)
            yield Change(subject, earlier.level, stand, reasons)


def _new(signals: tuple[Signal, ...], known: tuple[Signal, ...]) -> tuple[Signal, ...]:
    identifiers = {signal.id for signal in known}
    return tuple(signal for signal in signals if signal.id not in identifiers)
