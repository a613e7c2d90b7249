"""Movements of stock as a file states them, and the rules that any true record of them obeys.

A warehouse numbers its movements without a gap over all its files, so a missing movement shows.
Each movement has an id, and each id is accepted once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from app.domain.calendar import date_of
from app.domain.csv_rows import Finding, TableInvalid
from app.domain.numbering import normalised_number
from app.domain.quantity import MAX, quantity_text
from app.domain.texts import Text, say

RECEIVED, RELEASED, LOST, ADJUSTED = "received", "released", "lost", "adjusted"
KINDS = (RECEIVED, RELEASED, LOST, ADJUSTED)
LIMIT_BYTES = 5_000_000
MAX_MOVEMENTS = 20_000
MAX_ID = 200
MAX_SEQUENCE = 2**53 - 1
UNNUMBERED = 0  # the sequence of movements that go by their time


class Movement(msgspec.Struct, frozen=True):
    """One movement of one lot.

    Attributes:
        line: line of a CSV file, or place of the event in an EPCIS document, from 1.
        sequence: the warehouse's own number of the record; `UNNUMBERED` if it has none.
        day: in the ledger's time zone.
        quantity: what it adds to the stock, in thousandths; below zero for what left.
        balance: the lot's stock after it, if the file states it.
        gtins: of the article, if the file names it; two where a GTIN can be read in two ways.
        takes_back: id of an earlier movement that was sent in error, and that this one reverses.
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
        """The lot's number in the form in which numbers are compared."""
        return normalised_number(self.lot_number)


class Count(msgspec.Struct, frozen=True):
    """A counted lot.

    Attributes:
        after: how many of the file's movements come before the count.
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
        """The lot's number in the form in which numbers are compared."""
        return normalised_number(self.lot_number)


class StoredMovement(msgspec.Struct, frozen=True):
    """A movement of an earlier file, as stored."""

    lot_id: int
    quantity: int


class Reversal(msgspec.Struct, frozen=True):
    """Takes back a movement of the same file: then neither of the two counts.

    If the movement is stored already, the reversal counts.

    Attributes:
        after: how many of the file's movements come before it.
        counts: how many of the file's counts come before it.
    """

    movement: Movement
    after: int
    counts: int


class StockFile(msgspec.Struct):
    """The content of a file; `ignored` is the number of events that move no stock."""

    format: str
    movements: list[Movement]
    ignored: int = 0
    counts: list[Count] = []
    reversals: list[Reversal] = []

    def settle(self, stored_ids: Collection[str]) -> None:
        """Applies reversals of stored movements, though the file also repeats the movements.

        Args:
            stored_ids: ids of the movements that are stored already.

        Raises:
            TableInvalid: after that, nothing in the file moves any stock.
        """
        to_apply = [
            reversal for reversal in self.reversals if reversal.movement.takes_back in stored_ids
        ]
        for shift, reversal in enumerate(to_apply):
            self.movements.insert(reversal.after + shift, reversal.movement)
            self.counts[reversal.counts :] = [
                replace(count, after=count.after + 1) for count in self.counts[reversal.counts :]
            ]
        self.reversals = []
        if not self.movements:
            raise TableInvalid([Finding(0, "eventList", say("no event moves any stock"))])


class LedgerLot(msgspec.Struct, frozen=True):
    """A lot on the ledger, for comparison; `gtin` if its article has one."""

    unit: str
    stock: int
    gtin: str | None = None
    lot_id: int | None = None


def signed(kind: str, quantity: int) -> int:
    """What a movement of this kind adds to the stock."""
    return -quantity if kind in (RELEASED, LOST) else quantity


def numbered(movements: Sequence[Movement], *, after: int) -> list[Movement]:
    """The movements; those without numbers get numbers that continue from `after`."""
    with_numbers, sequence, place = [], after, -1
    for movement in movements:
        if movement.sequence != UNNUMBERED:
            return list(movements)
        sequence, place = sequence + (movement.line != place), movement.line
        with_numbers.append(replace(movement, sequence=sequence))
    return with_numbers


def check(
    movements: Sequence[Movement],
    *,
    last_sequence: int | None = None,
    stored_ids: Collection[str] = (),
    stored: Mapping[str, StoredMovement] | None = None,
    counts: Sequence[Count] = (),
    lots: Mapping[str, LedgerLot] | None = None,
    today: int | None = None,
) -> None:
    """Checks a file against the files before it.

    Args:
        movements: of the file, in their order.
        last_sequence: number of the last stored movement; None: not known, any number may begin.
        stored_ids: ids of the file's movements that are stored already.
        stored: stored movements that the file takes back, by id; None: not known.
        counts: counts between the movements.
        lots: by `Movement.lot`; None: not known, then the file is checked by itself.
        today: day of the ledger; None: not known.

    Raises:
        TableInvalid: with every line that is wrong.
    """
    findings = [
        *_ids(movements, stored_ids),
        *_sequences(movements, last_sequence),
        *_days(movements, today),
        *_errors(movements, stored, lots),
        *_stock(movements, lots, counts),
    ]
    if findings:
        raise TableInvalid(sorted(findings, key=lambda finding: finding.line))


def _ids(movements: Iterable[Movement], stored_ids: Collection[str]) -> Iterable[Finding]:
    first: dict[str, int] = {}
    for movement in movements:
        if movement.movement_id in stored_ids:
            yield Finding(
                movement.line,
                "movementId",
                say("{movement_id} was sent already", movement_id=repr(movement.movement_id)),
            )
        elif movement.movement_id in first:
            detail = say(
                "{movement_id} is on line {first} already",
                movement_id=repr(movement.movement_id),
                first=first[movement.movement_id],
            )
            yield Finding(movement.line, "movementId", detail)
        first.setdefault(movement.movement_id, movement.line)


def _sequences(movements: Sequence[Movement], last: int | None) -> Iterable[Finding]:
    previous, place = last, -1
    for movement in movements:
        # Movements of one record share its number.
        if movement.line == place or movement.sequence == UNNUMBERED:
            continue
        place = movement.line
        if previous is not None and movement.sequence != previous + 1:
            yield Finding(movement.line, "sequence", _gap(movement.sequence, previous))
        previous = movement.sequence


def _gap(sequence: int, previous: int) -> Text:
    """What is wrong with a number that does not follow the one before it."""
    if sequence <= previous:
        return say(
            "{sequence} follows {previous}: it goes back", sequence=sequence, previous=previous
        )
    if sequence == previous + 2:
        return say(
            "{sequence} follows {previous}: {missing} is missing",
            sequence=sequence,
            previous=previous,
            missing=previous + 1,
        )
    return say(
        "{sequence} follows {previous}: {first} to {last} are missing",
        sequence=sequence,
        previous=previous,
        first=previous + 1,
        last=sequence - 1,
    )


def _days(movements: Iterable[Movement], today: int | None) -> Iterable[Finding]:
    for movement in movements:
        if today is not None and movement.day > today:
            detail = say(
                "{day:day} is after the ledger's today, {today:day}",
                day=date_of(movement.day),
                today=date_of(today),
            )
            yield Finding(movement.line, "date", detail)


def _errors(
    movements: Sequence[Movement],
    stored: Mapping[str, StoredMovement] | None,
    lots: Mapping[str, LedgerLot] | None,
) -> Iterable[Finding]:
    """A movement that is taken back was sent before, with the same lot and quantity."""
    sent = {movement.movement_id: movement for movement in movements}
    for movement in movements:
        if movement.takes_back is None or (stored is None and movement.takes_back not in sent):
            continue
        sent_movement = sent.get(movement.takes_back)
        stored_movement = None if stored is None else stored.get(movement.takes_back)
        ledger_lot = None if lots is None else lots.get(movement.lot)
        if sent_movement is not None:
            same = (
                sent_movement.lot == movement.lot and sent_movement.quantity == -movement.quantity
            )
        elif stored_movement is not None:
            same = stored_movement.quantity == -movement.quantity and (
                ledger_lot is None or ledger_lot.lot_id in (None, stored_movement.lot_id)
            )
        else:
            detail = say(
                "takes back {takes_back}, which was never sent",
                takes_back=repr(movement.takes_back),
            )
            yield Finding(movement.line, "errorDeclaration", detail)
            continue
        if not same:
            detail = say(
                "{takes_back} was sent with another lot or quantity: repeat it as sent",
                takes_back=repr(movement.takes_back),
            )
            yield Finding(movement.line, "errorDeclaration", detail)


def _stock(
    movements: Sequence[Movement],
    lots: Mapping[str, LedgerLot] | None,
    counts: Sequence[Count],
) -> Iterable[Finding]:
    books = _Books(lots)
    for movement in reversed(movements):
        if movement.gtins:  # the first movement of a lot names its article, for earlier counts too
            books.articles[movement.lot] = movement.gtins
    pending = list(counts)
    for place, movement in enumerate(movements):
        while pending and pending[0].after <= place:
            yield from books.count(pending.pop(0))
        yield from books.move(movement)
    for count in pending:
        yield from books.count(count)


class _Books:
    """The stock of each lot, line by line."""

    def __init__(self, lots: Mapping[str, LedgerLot] | None) -> None:
        self.lots = lots
        self.held: dict[str, int | None] = {}
        self.units: dict[str, str] = {}
        self.articles: dict[str, frozenset[str]] = {}

    def _open(self, lot: str, unit: str) -> None:
        if lot not in self.held:
            ledger_lot = None if self.lots is None else self.lots[lot]
            self.held[lot] = None if ledger_lot is None else ledger_lot.stock
            self.units[lot] = unit if ledger_lot is None else ledger_lot.unit

    def _is_article(self, record: Movement | Count) -> bool:
        """Whether it is of the lot's article, and of the one that the file has named so far."""
        gtin = None if self.lots is None else self.lots[record.lot].gtin
        if gtin is not None:
            return gtin in record.gtins
        common = self.articles.get(record.lot, record.gtins) & record.gtins
        if common and isinstance(record, Movement):
            self.articles[record.lot] = common
        return bool(common)

    def count(self, count: Count) -> Iterable[Finding]:
        """Checks a count; a count of goods that are in no lot of the ledger is ignored."""
        if self.lots is not None and count.lot not in self.lots:
            return
        if count.gtins and not self._is_article(count):
            return
        self._open(count.lot, count.unit)
        held = self.held[count.lot]
        if count.unit != self.units[count.lot]:
            detail = say(
                "{unit} is not the unit of lot {lot}, {expected}",
                unit=repr(count.unit),
                lot=repr(count.lot_number),
                expected=self.units[count.lot],
            )
            yield Finding(count.line, "uom", detail)
        elif held is None:
            self.held[count.lot] = count.quantity
        elif held != count.quantity:
            detail = say(
                "{quantity} of lot {lot} were counted, the movements give {held}: a movement is "
                "missing",
                quantity=quantity_text(count.quantity),
                lot=repr(count.lot_number),
                held=quantity_text(held),
            )
            yield Finding(count.line, "quantityList", detail)

    def move(self, movement: Movement) -> Iterable[Finding]:
        """Checks a movement, and books it if nothing is wrong."""
        lot, lots = movement.lot, self.lots
        if lots is not None and lot not in lots:
            number = repr(movement.lot_number)
            detail = say("this warehouse has issued no lot {lot}", lot=number)
            yield Finding(movement.line, "lotNumber", detail)
            return
        gtin = None if lots is None else lots[lot].gtin
        if movement.gtins and not self._is_article(movement):
            number = repr(movement.lot_number)
            detail = (
                say("of lot {lot} is another article than the line before has", lot=number)
                if gtin is None
                else say(
                    "of lot {lot} is another article than the lot's, {gtin}", lot=number, gtin=gtin
                )
            )
            yield Finding(movement.line, "epcClass", detail)
            return
        self._open(lot, movement.unit)
        if movement.unit != self.units[lot]:
            unit, expected = repr(movement.unit), self.units[lot]
            detail = say("{unit} is not the lot's unit {expected}", unit=unit, expected=expected)
            yield Finding(movement.line, "unit", detail)
            return
        held = self.held[lot]
        if held is None:  # the file shows the stock only if it states a balance
            self.held[lot] = movement.balance
            if movement.balance is not None and movement.balance - movement.quantity < 0:
                yield Finding(
                    movement.line, "balance", say("the stock before it would be below zero")
                )
            return
        new_stock = held + movement.quantity
        if new_stock < 0:
            detail = say(
                "{quantity} leave lot {lot}, which has {held}",
                quantity=quantity_text(-movement.quantity),
                lot=repr(movement.lot_number),
                held=quantity_text(held),
            )
            yield Finding(movement.line, "quantity", detail)
            return
        if new_stock > MAX:
            yield Finding(
                movement.line, "quantity", say("the lot would hold more than the ledger can store")
            )
            return
        if movement.balance is not None and movement.balance != new_stock:
            detail = say(
                "{balance} is stated, the movements give {stock}",
                balance=quantity_text(movement.balance),
                stock=quantity_text(new_stock),
            )
            yield Finding(movement.line, "balance", detail)
        self.held[lot] = new_stock
