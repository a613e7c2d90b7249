"""Honest trade: what pairs deliver, order and invoice, and what goes wrong without any fraud."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from random import Random

from app.domain.calendar import date_of
from app.domain.crosschecks.records import Line, TaxState
from benchmarks.fraud.drafts import (
    MILLION,
    DraftInvoice,
    DraftMovement,
    DraftOrder,
    DraftTax,
    Honest,
    Pair,
    World,
    amount_of,
    quarter_of,
    start_of_quarter,
    working_day,
)

WHOLE = 1000  # thousandths of a unit
YEAR = 365
# Parts of one in honest trade.
PALLETS, PARTS, LARGE, LOST = 0.05, 0.12, 0.002, 0.002
LATE_ORDERS, CORRECTED, TYPOS, WEIGHED = 0.003, 0.01, 0.003, 0.1


def usual_amount(pair: Pair, day: int) -> float:
    """What the pair's median invoice is on a day, with trend and season."""
    month = date_of(day).month + date_of(day).day / 31
    season = 1 + pair.season * math.cos(2 * math.pi * (month - pair.peak) / 12)
    return math.exp(pair.level + pair.trend * (day - pair.start) / YEAR) * season


def lines_for(chance: Random, pair: Pair, value: float) -> list[Line]:
    """Lines that come near to a value, at the pair's prices within some per cent."""
    weights = [chance.uniform(0.3, 1) for _ in pair.prices]
    lines = []
    for (goods, usual), weight in zip(pair.prices.items(), weights, strict=True):
        price = max(1, round(usual * (1 + chance.gauss(0, 0.015))))
        units = value * weight / sum(weights) / price
        loose = chance.random() < 0.15  # noqa: PLR2004 - weighed, not counted
        quantity = round(units * WHOLE) if loose else max(1, round(units)) * WHOLE
        lines.append(Line(goods, max(1, quantity), price))
    if pair.round_to:
        return round_lines(lines, pair.round_to)
    return in_two(chance, lines) if chance.random() < PALLETS else lines


def in_two(chance: Random, lines: list[Line]) -> list[Line]:
    """The same goods, with the largest of the lines in two."""
    largest = max(lines, key=lambda line: line.quantity * line.price)
    rest = [line for line in lines if line is not largest]
    if largest.quantity < 2 * WHOLE:
        return [*rest, largest]
    first = largest.quantity * chance.randint(30, 70) // 100 // WHOLE * WHOLE or WHOLE
    return [
        Line(largest.goods, first, largest.price),
        *rest,
        Line(largest.goods, largest.quantity - first, largest.price),
    ]


def round_lines(lines: list[Line], unit: int) -> list[Line]:
    """One line whose amount is the nearest multiple of the unit, for whole units of goods."""
    first, total = lines[0], amount_of(lines)
    amount = max(unit, round(total / unit) * unit)
    count = max(1, round(amount / first.price))
    while amount % count:
        count -= 1
    return [Line(first.goods, count * WHOLE, amount // count)]


def deliver(
    world: World,
    chance: Random,
    pair: Pair,
    day: int,
    lines: list[Line],
    *,
    order: DraftOrder | None = None,
    moved: int = MILLION,
) -> DraftInvoice:
    """An invoice with its movements and its tax record.

    Args:
        moved: the share of each quantity that moves, in parts per million.
    """
    day = working_day(day)
    issue = working_day(day + pair.invoiced_after + chance.choice((0, 0, 1)))
    received = issue + min(20, int(chance.expovariate(0.25)))
    amount = amount_of(lines) + (chance.choice((-1, 1)) if chance.random() < 0.04 else 0)  # noqa: PLR2004
    invoice = DraftInvoice(
        pair=pair,
        lines=lines,
        amount=amount,
        issue_day=issue,
        due_day=issue + pair.terms,
        received_day=received,
        order=order,
        tax=DraftTax(pair.buyer, amount, issue),
        honest=pair.honest,
    )
    if pair.moves_known and moved:
        invoice.moves = ship(world, chance, pair, day, lines, order=order, moved=moved)
    world.invoices.append(invoice)
    pair.invoices.append(invoice)
    return invoice


def ship(
    world: World,
    chance: Random,
    pair: Pair,
    day: int,
    lines: list[Line],
    *,
    order: DraftOrder | None,
    moved: int = MILLION,
) -> list[DraftMovement]:
    """Movements of the lines. Some are weighed again on arrival."""
    moves = []
    for line in lines:
        quantity = line.quantity * moved // MILLION
        if chance.random() < WEIGHED:
            quantity = round(quantity * (1 + chance.uniform(-0.004, 0.004)))
        if quantity > 0:
            moves.append(DraftMovement(pair, line.goods, quantity, day, order))
    world.movements += moves
    return moves


def order_of(world: World, pair: Pair, day: int, lines: list[Line]) -> DraftOrder:
    """An order of exactly these lines."""
    order = DraftOrder(pair, working_day(day), list(lines))
    world.orders.append(order)
    return order


def trade(world: World) -> None:
    """Two years of every pair."""
    chance = world.stream("trade")
    for pair in world.pairs:
        for day in _days(world, chance, pair):
            _one_event(world, chance, pair, day)
        if pair.orders == "framework":
            _frame(world, chance, pair)
    _go_wrong(world, world.stream("mistakes"))


def _days(world: World, chance: Random, pair: Pair) -> Iterator[int]:
    day = float(pair.start + chance.randrange(10))
    while day <= world.today + 20:
        yield int(day)
        gap = chance.expovariate(pair.monthly / 30)
        day += pair.recurring or max(1.0, gap)


def _one_event(world: World, chance: Random, pair: Pair, day: int) -> None:
    value = usual_amount(pair, day) * math.exp(chance.gauss(0, pair.spread))
    first = not pair.invoices
    if first and pair.honest is Honest.NEW_PAIR:
        value *= chance.uniform(3, 7)
    large = not pair.recurring and len(pair.invoices) > 1 and chance.random() < LARGE
    if large:
        value *= chance.uniform(4, 10)
    lines = (
        list(pair.invoices[0].lines)
        if pair.recurring and not first
        else lines_for(chance, pair, value)
    )
    parts = 1
    if not pair.recurring and chance.random() < PARTS:
        parts = chance.choice((2, 2, 3))
    loads = divided(lines, parts)
    order, late = None, False
    if pair.orders == "each":
        ahead = chance.randint(20, 45) if large else chance.randint(5, 30)
        order = order_of(world, pair, day - ahead, lines)
        late = chance.random() < LATE_ORDERS
        if late:
            order.day = working_day(day) + 1
    for load in loads:
        lost = chance.random() < LOST
        invoice = deliver(world, chance, pair, day, load, order=order, moved=0 if lost else MILLION)
        marks = (
            (large, Honest.LARGE_ORDER),
            (late, Honest.LATE_ORDER),
            (lost and pair.moves_known, Honest.MOVEMENT_LOST),
            (len(loads) > 1, Honest.PART),
        )
        invoice.honest = next((mark for holds, mark in marks if holds), invoice.honest)
        if pair.honest is Honest.NEW_PAIR and not first:
            invoice.honest = None
        day += chance.randint(3, 15)


def divided(lines: list[Line], parts: int) -> list[list[Line]]:
    """The lines in so many loads: equal ones but for the last."""
    if parts == 1 or any(line.quantity < parts * WHOLE for line in lines):
        return [lines]
    loads = []
    for place in range(parts):
        load = []
        for line in lines:
            share = line.quantity // parts // WHOLE * WHOLE
            rest = line.quantity - share * (parts - 1)
            load.append(Line(line.goods, rest if place == parts - 1 else share, line.price))
        loads.append(load)
    return loads


def _frame(world: World, chance: Random, pair: Pair) -> None:
    """One order a quarter, of what is called off in it and often some more."""
    quarters: dict[tuple[int, int], list[DraftInvoice]] = defaultdict(list)
    for invoice in pair.invoices:
        quarters[quarter_of(invoice.issue_day)].append(invoice)
    for quarter, invoices in quarters.items():
        sums: dict[tuple[str, int], int] = defaultdict(int)
        for invoice in invoices:
            for line in invoice.lines:
                sums[line.goods, pair.prices.get(line.goods, line.price)] += line.quantity
        more = chance.choice((1.0, 1.0, 1.05, 1.15))
        lines = [
            Line(goods, math.ceil(quantity * more / WHOLE) * WHOLE, price)
            for (goods, price), quantity in sums.items()
        ]
        days = [move.day for invoice in invoices for move in invoice.moves]
        start = min([start_of_quarter(quarter), *days])
        order = order_of(world, pair, start - chance.randint(16, 30), lines)
        for invoice in invoices:
            invoice.order = order
            for move in invoice.moves:
                move.order = order


def _go_wrong(world: World, chance: Random) -> None:
    """Invoices that are replaced, and numbers that somebody writes otherwise."""
    for invoice in list(world.invoices):
        if chance.random() < CORRECTED:
            _replace(world, chance, invoice)
        elif chance.random() < TYPOS:
            invoice.renumbered = (invoice, chance.choice(("no-dash", "space", "lower", "letter")))
            invoice.honest = Honest.NUMBER_TYPO


def _replace(world: World, chance: Random, old: DraftInvoice) -> None:
    """The old invoice is cancelled at the tax authority and issued anew under another number."""
    lines = list(old.lines)
    if chance.random() < 0.6:  # noqa: PLR2004 - the others mend a name or an address
        line = lines[0]
        price = max(
            1, round(line.price * (1 + chance.choice((-1, 1)) * chance.uniform(0.005, 0.05)))
        )
        lines[0] = Line(line.goods, line.quantity, price)
    issue = working_day(old.issue_day + chance.randint(1, 10))
    new = DraftInvoice(
        pair=old.pair,
        lines=lines,
        amount=amount_of(lines),
        issue_day=issue,
        due_day=issue + old.pair.terms,
        received_day=max(issue, old.received_day) + chance.randint(0, 6),
        order=old.order,
        tax=DraftTax(old.pair.buyer, amount_of(lines), issue),
        honest=Honest.REPLACEMENT,
    )
    if chance.random() < 0.5:  # noqa: PLR2004 - a number of its own, or the old one with a mark
        new.renumbered = (old, chance.choice(("-R", "/2", "A")))
    old.honest, old.pays, old.financed = Honest.CORRECTED, False, 0
    old.stated = chance.random() < 0.5  # noqa: PLR2004 - or it was noticed before
    if old.tax is not None:
        old.tax.state = TaxState.CANCELLED
    world.invoices.append(new)
    old.pair.invoices.append(new)
