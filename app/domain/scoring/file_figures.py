"""What a party's file shows: figures by feature with their days, and companies that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.catalogue import MILLION
from app.domain.money import decimal_text
from app.domain.scoring.values import MAX_CHANGE, percent_text

BASIS_POINT = MILLION // 10_000
#: Figures in days end here: goods that nobody buys would last for ever.
MAX_DAYS = 3_650
STOCK = "stock"
REVENUE = "revenue"
#: A value as evidence writes it.
Shown = int | str | dict[str, str]


@dataclass(frozen=True)
class Figure:
    """A figure, as evidence writes it, and the day on which it was true."""

    value: Shown
    as_of: int


@dataclass(frozen=True)
class Relation:
    """A company or person that a file names beside the company itself.

    Attributes:
        record: owner or controller of the company, or a holding: a company of which it owns a part.
        id: its number; empty for persons.
        share: of the owner, or in the holding, in parts per million; None: the file does not say.
    """

    record: str
    id: str
    name: str
    share: int | None
    row: int


@dataclass(frozen=True)
class Fact:
    """An amount that other sources may state too, to be compared with theirs.

    Attributes:
        name: what it is: `STOCK` or `REVENUE`.
        begins, ends: its period; both are the same day for what is true on one day.
        amount: in minor units.
    """

    name: str
    begins: int
    ends: int
    amount: int


@dataclass(frozen=True)
class FileFigures:
    """What a file shows.

    Attributes:
        company: the number of the company that the file is about.
        figures: by feature. What the file does not show is left out, and never zero.
        basis: what was counted, in words.
        facts: amounts that another source may state too.
    """

    company: str
    figures: Mapping[str, Figure]
    basis: str
    relations: tuple[Relation, ...] = ()
    facts: tuple[Fact, ...] = ()


def known(values: Mapping[str, Shown | None], *, as_of: int) -> dict[str, Figure]:
    """The figures of one day, without those that the file does not show."""
    return {name: Figure(value, as_of) for name, value in values.items() if value is not None}


def money(amount: int, *, currency: str) -> Shown:
    """An amount as evidence writes it."""
    return {"amount": decimal_text(amount, currency=currency), "currency": currency}


def share_up(part: int, whole: int) -> str | None:
    """A share of at most all, rounded up to parts per million; None: a share of nothing."""
    return percent_text(min(MILLION, -(-part * MILLION // whole))) if whole > 0 else None


def days_up(part: int, whole: int, *, days: int) -> int | None:
    """How long `part` lasts if `whole` goes in `days`, rounded up and at most `MAX_DAYS`.

    None if there is neither.
    """
    if whole <= 0:
        return MAX_DAYS if part > 0 else None
    return min(MAX_DAYS, -(-part * days // whole))


def ratio_down(part: int | None, whole: int | None) -> str | None:
    """A ratio in basis points, rounded down, in the range of changes.

    None: one of both is unknown, or it is a ratio to nothing.
    """
    points = _basis_points(part, whole, up=False)
    return None if points is None else percent_text(max(-MILLION, min(MAX_CHANGE, points)))


def debt_up(part: int | None, whole: int | None) -> str | None:
    """A share in basis points, rounded up and at most all, where more is worse."""
    points = _basis_points(part, whole, up=True)
    return None if points is None else percent_text(max(0, min(MILLION, points)))


def _basis_points(part: int | None, whole: int | None, *, up: bool) -> int | None:
    if part is None or whole is None or whole <= 0:
        return None
    points = MILLION // BASIS_POINT
    quotient = -(-part * points // whole) if up else part * points // whole
    return quotient * BASIS_POINT
