"""Warehouses: honest warehouse receipts, each for goods that lie in a bay of their own."""

from __future__ import annotations

from random import Random

from app.domain.calendar import date_of
from benchmarks.fraud.companies import SECTORS
from benchmarks.fraud.drafts import Company, DraftReceipt, Honest, World, working_day
from benchmarks.fraud.trade import WHOLE

BAYS, STAY = 60, 75  # bays of a warehouse, and the days for which one is taken
PER_COMPANY = 3
LOT_UNKNOWN, PLACE_UNKNOWN, SIDE_BY_SIDE = 0.2, 0.1, 0.08


def store(world: World) -> None:
    """Warehouse receipts over the two years. Two warehouses each share a site, not a bay."""
    chance = world.stream("warehouses")
    sequences = {warehouse: chance.randint(1, 300) for warehouse in world.warehouses}
    taken: dict[tuple[Company, int], int] = {}
    depositors = [company for company in world.companies if SECTORS[company.sector].sells_to]
    span = world.first, world.today - 3
    for day in sorted(working_day(chance.randint(*span)) for _ in range(world.size * PER_COMPANY)):
        warehouse, depositor = chance.choice(world.warehouses), chance.choice(depositors)
        goods = chance.choice(list(SECTORS[depositor.sector].goods))
        quantity = round(chance.lognormvariate(7.5, 0.9)) * WHOLE
        loads = chance.choice((2, 2, 3)) if chance.random() < SIDE_BY_SIDE else 1
        for _ in range(loads):
            bay = free_bay(chance, warehouse, taken, day)
            if bay is None:
                continue
            sequences[warehouse] += 1
            mark = lot_mark(sequences[warehouse], day)
            world.receipts.append(
                DraftReceipt(
                    warehouse=warehouse,
                    depositor=depositor,
                    goods=goods,
                    quantity=quantity,
                    day=day,
                    lot=None if chance.random() < LOT_UNKNOWN else mark,
                    place=None
                    if chance.random() < PLACE_UNKNOWN
                    else place_of(world, warehouse, bay),
                    honest=Honest.SAME_LOADS if loads > 1 else None,
                )
            )
    _mark(world)


def free_bay(
    chance: Random, warehouse: Company, taken: dict[tuple[Company, int], int], day: int
) -> int | None:
    """A bay that nobody has near that day, which is then taken."""
    bays = [bay for bay in range(BAYS) if abs(taken.get((warehouse, bay), -STAY) - day) >= STAY]
    if not bays:
        return None
    bay = chance.choice(bays)
    taken[warehouse, bay] = day
    return bay


def lot_mark(sequence: int, day: int) -> str:
    """A warehouse's mark of goods; each warehouse counts for itself."""
    return f"L{date_of(day).year % 100}-{sequence:05d}"


def place_of(world: World, warehouse: Company, bay: int) -> str:
    """Site, hall and bay. Neighbours in the list share a site and have halls of their own."""
    place = world.warehouses.index(warehouse)
    return f"Site {place // 2 + 1}, hall {'AB'[place % 2]}{bay // 20 + 1}, bay {bay % 20 + 1:02d}"


def _mark(world: World) -> None:
    marks: dict[str, int] = {}
    for receipt in world.receipts:
        if receipt.lot is not None:
            marks[receipt.lot] = marks.get(receipt.lot, 0) + 1
    for receipt in world.receipts:
        if receipt.honest is None and receipt.lot is not None and marks[receipt.lot] > 1:
            receipt.honest = Honest.SAME_LOT_MARK
