"""Movements of stock as a file tells them, and what any true record of them obeys.

A warehouse numbers its movements without a hole, for ever, over all its files: what is missing
shows. Each movement has an id that is taken once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from app.core.calendar import date_of
from app.core.csv_rows import Finding, TableInvalid
from app.core.numbering import normalised_number
from app.core.quantity import MOST, quantity_text

RECEIVED, RELEASED, LOST, ADJUSTED = "received", "released", "lost", "adjusted"
KINDS = (RECEIVED, RELEASED, LOST, ADJUSTED)
LIMIT_BYTES = 5_000_000
MOST_MOVEMENTS = 20_000
LONGEST_ID = 200
MOST_SEQUENCE = 2**53 - 1


class Movement(msgspec.Struct, frozen=True):
    """One movement of one lot.

    Attributes:
        line: of a CSV, or the place of the event in an EPCIS document, from 1.
        sequence: the warehouse's own number of the record.
        day: in the ledger's zone.
        quantity: what it adds to the stock, in thousandths; below zero for what left.
        balance: the lot's stock after it, where the file says so.
        gtins: of the article, where the file names it; two readings of one where they differ.
    """

    line: int
    sequence: int
    movement_id: str
    lot_number: str
    day: int
    kind: str
    quantity: int
    unit: str
    reference: str = ""
    balance: int | None = None
    gtins: frozenset[str] = frozenset()

    @property
    def lot(self) -> str:
        """The lot's number as it is compared: however it is written."""
        return normalised_number(self.lot_number)


class StockFile(msgspec.Struct, frozen=True):
    """What a file holds; `ignored` counts events that move no stock."""

    format: str
    movements: list[Movement]
    ignored: int = 0


class LotKnown(msgspec.Struct, frozen=True):
    """A lot of the ledger's, for comparison; `gtin` where its article is known by one."""

    unit: str
    stock: int
    gtin: str | None = None


def signed(kind: str, quantity: int) -> int:
    """What a movement of this kind adds to the stock."""
    return -quantity if kind in (RELEASED, LOST) else quantity


def check(
    movements: Sequence[Movement],
    *,
    last_sequence: int | None = None,
    known_ids: Collection[str] = (),
    lots: Mapping[str, LotKnown] | None = None,
    today: int | None = None,
) -> None:
    """Holds a file to what went before it.

    Args:
        last_sequence: of the movements kept so far; None: not known, any number begins.
        known_ids: those of its movement ids that are kept already.
        lots: by `Movement.lot`; None: not known, then the file is checked by itself.
        today: of the ledger; None: not known.

    Raises:
        TableInvalid: with every line that does not hold.
    """
    found = [
        *_ids(movements, known_ids),
        *_sequences(movements, last_sequence),
        *_days(movements, today),
        *_stock(movements, lots),
    ]
    if found:
        raise TableInvalid(sorted(found, key=lambda one: one.line))


def _ids(movements: Iterable[Movement], known: Collection[str]) -> Iterable[Finding]:
    first: dict[str, int] = {}
    for one in movements:
        if one.movement_id in known:
            yield Finding(one.line, "movementId", f"{one.movement_id!r} is kept already")
        elif one.movement_id in first:
            words = f"{one.movement_id!r} stands at line {first[one.movement_id]} already"
            yield Finding(one.line, "movementId", words)
        first.setdefault(one.movement_id, one.line)


def _sequences(movements: Sequence[Movement], last: int | None) -> Iterable[Finding]:
    before, place = last, -1
    for one in movements:
        if one.line == place:  # another quantity of the same record
            continue
        place = one.line
        if before is not None and one.sequence != before + 1:
            words = f"{one.sequence} follows {before}: "
            if one.sequence <= before:
                words += "it goes back"
            elif one.sequence == before + 2:
                words += f"{before + 1} is missing"
            else:
                words += f"{before + 1} to {one.sequence - 1} are missing"
            yield Finding(one.line, "sequence", words)
        before = one.sequence


def _days(movements: Iterable[Movement], today: int | None) -> Iterable[Finding]:
    for one in movements:
        if today is not None and one.day > today:
            words = f"{date_of(one.day)} is after the ledger's today, {date_of(today)}"
            yield Finding(one.line, "date", words)


def _is_article(one: Movement, known: str | None, articles: dict[str, frozenset[str]]) -> bool:
    """Whether a movement is of the lot's article, and of that which its file has named so far."""
    if known is not None:
        return known in one.gtins
    both = articles.get(one.lot, one.gtins) & one.gtins
    articles[one.lot] = both
    return bool(both)


def _stock(movements: Iterable[Movement], lots: Mapping[str, LotKnown] | None) -> Iterable[Finding]:
    held: dict[str, int | None] = {}
    units: dict[str, str] = {}
    articles: dict[str, frozenset[str]] = {}
    for one in movements:
        lot = one.lot
        if lots is not None and lot not in lots:
            words = f"this warehouse has issued no lot {one.lot_number!r}"
            yield Finding(one.line, "lotNumber", words)
            continue
        known = None if lots is None else lots[lot].gtin
        if one.gtins and not _is_article(one, known, articles):
            words = f"of lot {one.lot_number!r} is another article than " + (
                f"the lot's, {known}" if known is not None else "the line before has"
            )
            yield Finding(one.line, "epcClass", words)
            continue
        if lot not in held:
            held[lot] = None if lots is None else lots[lot].stock
            units[lot] = one.unit if lots is None else lots[lot].unit
        if one.unit != units[lot]:
            words = f"{one.unit!r} is not the lot's unit {units[lot]}"
            yield Finding(one.line, "unit", words)
            continue
        before = held[lot]
        if before is None:  # the file alone does not say what was there, unless it states a balance
            held[lot] = one.balance
            if one.balance is not None and one.balance - one.quantity < 0:
                yield Finding(one.line, "balance", "less than nothing was there before")
            continue
        after = before + one.quantity
        if after < 0:
            words = (
                f"{quantity_text(-one.quantity)} leave lot {one.lot_number!r}, which has "
                f"{quantity_text(before)}"
            )
            yield Finding(one.line, "quantity", words)
            continue
        if after > MOST:
            yield Finding(one.line, "quantity", "the lot would hold more than the ledger keeps")
            continue
        if one.balance is not None and one.balance != after:
            words = f"{quantity_text(one.balance)} is stated, the movements give "
            yield Finding(one.line, "balance", words + quantity_text(after))
        held[lot] = after
