"""Movements of stock as a file tells them, and what any true record of them obeys.

A warehouse numbers its movements without a hole, for ever, over all its files: what is missing
shows. Each movement has an id that is taken once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from app.domain.calendar import date_of
from app.domain.csv_rows import Finding, TableInvalid
from app.domain.numbering import normalised_number
from app.domain.quantity import MOST, quantity_text

RECEIVED, RELEASED, LOST, ADJUSTED = "received", "released", "lost", "adjusted"
KINDS = (RECEIVED, RELEASED, LOST, ADJUSTED)
LIMIT_BYTES = 5_000_000
MOST_MOVEMENTS = 20_000
LONGEST_ID = 200
MOST_SEQUENCE = 2**53 - 1
UNNUMBERED = 0  # the sequence of movements that go by their time


class Movement(msgspec.Struct, frozen=True):
    """One movement of one lot.

    Attributes:
        line: of a CSV, or the place of the event in an EPCIS document, from 1.
        sequence: the warehouse's own number of the record; `UNNUMBERED`: it has none.
        day: in the ledger's zone.
        quantity: what it adds to the stock, in thousandths; below zero for what left.
        balance: the lot's stock after it, where the file says so.
        gtins: of the article, where the file names it; two readings of one where they differ.
        takes_back: id of an earlier movement that was sent in error, and that this one undoes.
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
    takes_back: str | None = None

    @property
    def lot(self) -> str:
        """The lot's number as it is compared: however it is written."""
        return normalised_number(self.lot_number)


class Count(msgspec.Struct, frozen=True):
    """A lot as it was counted, after so many of the file's movements.

    Attributes:
        gtins: of the article, as in a movement.
    """

    line: int
    lot_number: str
    quantity: int
    unit: str
    after: int = 0
    gtins: frozenset[str] = frozenset()

    @property
    def lot(self) -> str:
        """The lot's number as it is compared."""
        return normalised_number(self.lot_number)


class Kept(msgspec.Struct, frozen=True):
    """A movement that was kept before."""

    lot_id: int
    quantity: int


class Undone(msgspec.Struct, frozen=True):
    """The taking back of a movement that the same file tells: both come to nothing, unless the
    movement was kept before. Then it stands after so many of the file's movements and counts.
    """

    movement: Movement
    after: int
    counts: int


class StockFile(msgspec.Struct):
    """What a file holds; `ignored` counts events that move no stock."""

    format: str
    movements: list[Movement]
    ignored: int = 0
    counts: list[Count] = []
    undone: list[Undone] = []

    def settle(self, known_ids: Collection[str]) -> None:
        """Takes back what was kept before, though the file repeats it.

        Args:
            known_ids: of the movements that are kept already.

        Raises:
            TableInvalid: then nothing is left that moves any stock.
        """
        for shift, one in enumerate(
            [one for one in self.undone if one.movement.takes_back in known_ids]
        ):
            self.movements.insert(one.after + shift, one.movement)
            self.counts[one.counts :] = [
                replace(count, after=count.after + 1) for count in self.counts[one.counts :]
            ]
        self.undone = []
        if not self.movements:
            raise TableInvalid([Finding(0, "eventList", "no event moves any stock")])


class LotKnown(msgspec.Struct, frozen=True):
    """A lot of the ledger's, for comparison; `gtin` where its article is known by one."""

    unit: str
    stock: int
    gtin: str | None = None
    lot_id: int | None = None


def signed(kind: str, quantity: int) -> int:
    """What a movement of this kind adds to the stock."""
    return -quantity if kind in (RELEASED, LOST) else quantity


def numbered(movements: Sequence[Movement], *, after: int) -> list[Movement]:
    """The movements with numbers of their own that go on from `after`, where they have none."""
    found, sequence, place = [], after, -1
    for one in movements:
        if one.sequence != UNNUMBERED:
            return list(movements)
        sequence, place = sequence + (one.line != place), one.line
        found.append(replace(one, sequence=sequence))
    return found


def check(
    movements: Sequence[Movement],
    *,
    last_sequence: int | None = None,
    known_ids: Collection[str] = (),
    kept: Mapping[str, Kept] | None = None,
    counts: Sequence[Count] = (),
    lots: Mapping[str, LotKnown] | None = None,
    today: int | None = None,
) -> None:
    """Holds a file to what went before it.

    Args:
        last_sequence: of the movements kept so far; None: not known, any number begins.
        known_ids: those of its movement ids that are kept already.
        kept: movements that it takes back, by id; None: not known.
        counts: what was counted between the movements.
        lots: by `Movement.lot`; None: not known, then the file is checked by itself.
        today: of the ledger; None: not known.

    Raises:
        TableInvalid: with every line that does not hold.
    """
    found = [
        *_ids(movements, known_ids),
        *_sequences(movements, last_sequence),
        *_days(movements, today),
        *_errors(movements, kept, lots),
        *_stock(movements, lots, counts),
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
        if one.line == place or one.sequence == UNNUMBERED:  # of the same record, or none
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


def _errors(
    movements: Sequence[Movement],
    kept: Mapping[str, Kept] | None,
    lots: Mapping[str, LotKnown] | None,
) -> Iterable[Finding]:
    """What is taken back was sent, as it is taken back."""
    sent = {one.movement_id: one for one in movements}
    for one in movements:
        if one.takes_back is None or (kept is None and one.takes_back not in sent):
            continue
        own = sent.get(one.takes_back)
        before = None if kept is None else kept.get(one.takes_back)
        known = None if lots is None else lots.get(one.lot)
        if own is not None:
            same = own.lot == one.lot and own.quantity == -one.quantity
        elif before is not None:
            same = before.quantity == -one.quantity and (
                known is None or known.lot_id in (None, before.lot_id)
            )
        else:
            words = f"takes back {one.takes_back!r}, which was never sent"
            yield Finding(one.line, "errorDeclaration", words)
            continue
        if not same:
            words = f"{one.takes_back!r} was sent with another lot or quantity: repeat it as it was"
            yield Finding(one.line, "errorDeclaration", words)


def _stock(
    movements: Sequence[Movement],
    lots: Mapping[str, LotKnown] | None,
    counts: Sequence[Count],
) -> Iterable[Finding]:
    books = _Books(lots)
    for one in reversed(movements):
        if one.gtins:  # the first one of a lot names its article, to counts before it too
            books.articles[one.lot] = one.gtins
    pending = list(counts)
    for place, one in enumerate(movements):
        while pending and pending[0].after <= place:
            yield from books.count(pending.pop(0))
        yield from books.move(one)
    for left in pending:
        yield from books.count(left)


class _Books:
    """What is in store of each lot, line by line."""

    def __init__(self, lots: Mapping[str, LotKnown] | None) -> None:
        self.lots = lots
        self.held: dict[str, int | None] = {}
        self.units: dict[str, str] = {}
        self.articles: dict[str, frozenset[str]] = {}

    def _open(self, lot: str, unit: str) -> None:
        if lot not in self.held:
            known = None if self.lots is None else self.lots[lot]
            self.held[lot] = None if known is None else known.stock
            self.units[lot] = unit if known is None else known.unit

    def _is_article(self, one: Movement | Count) -> bool:
        """Whether it is of the lot's article, and of that which the file has named so far."""
        known = None if self.lots is None else self.lots[one.lot].gtin
        if known is not None:
            return known in one.gtins
        both = self.articles.get(one.lot, one.gtins) & one.gtins
        if both and isinstance(one, Movement):
            self.articles[one.lot] = both
        return bool(both)

    def count(self, one: Count) -> Iterable[Finding]:
        """A count of other goods than a lot's of the ledger says nothing."""
        if self.lots is not None and one.lot not in self.lots:
            return
        if one.gtins and not self._is_article(one):
            return
        self._open(one.lot, one.unit)
        before = self.held[one.lot]
        if one.unit != self.units[one.lot]:
            words = f"{one.unit!r} is not the unit of lot {one.lot_number!r}, {self.units[one.lot]}"
            yield Finding(one.line, "uom", words)
        elif before is None:
            self.held[one.lot] = one.quantity
        elif before != one.quantity:
            words = (
                f"{quantity_text(one.quantity)} of lot {one.lot_number!r} were counted, the "
                f"movements give {quantity_text(before)}: a movement is missing"
            )
            yield Finding(one.line, "quantityList", words)

    def move(self, one: Movement) -> Iterable[Finding]:
        """What does not hold of a movement; it is booked where all does."""
        lot, lots = one.lot, self.lots
        if lots is not None and lot not in lots:
            words = f"this warehouse has issued no lot {one.lot_number!r}"
            yield Finding(one.line, "lotNumber", words)
            return
        known = None if lots is None else lots[lot].gtin
        if one.gtins and not self._is_article(one):
            words = f"of lot {one.lot_number!r} is another article than " + (
                f"the lot's, {known}" if known is not None else "the line before has"
            )
            yield Finding(one.line, "epcClass", words)
            return
        self._open(lot, one.unit)
        if one.unit != self.units[lot]:
            words = f"{one.unit!r} is not the lot's unit {self.units[lot]}"
            yield Finding(one.line, "unit", words)
            return
        before = self.held[lot]
        if before is None:  # the file alone does not say what was there, unless it states a balance
            self.held[lot] = one.balance
            if one.balance is not None and one.balance - one.quantity < 0:
                yield Finding(one.line, "balance", "less than nothing was there before")
            return
        after = before + one.quantity
        if after < 0:
            words = (
                f"{quantity_text(-one.quantity)} leave lot {one.lot_number!r}, which has "
                f"{quantity_text(before)}"
            )
            yield Finding(one.line, "quantity", words)
            return
        if after > MOST:
            yield Finding(one.line, "quantity", "the lot would hold more than the ledger keeps")
            return
        if one.balance is not None and one.balance != after:
            words = f"{quantity_text(one.balance)} is stated, the movements give "
            yield Finding(one.line, "balance", words + quantity_text(after))
        self.held[lot] = after
