"""Fraud with stored goods: one lot behind two warehouse receipts."""

from __future__ import annotations

from random import Random

from benchmarks.fraud.drafts import DraftReceipt, Skill, World, working_day
from benchmarks.fraud.trade import WHOLE


def stored_twice(world: World, chance: Random, skill: Skill) -> list[DraftReceipt]:
    """A second warehouse receipt for goods that have one.

    Clumsy: the same lot mark and place again. Trained: the mark in another spelling, some days
    later, in the name of another depositor. Careful: by the other warehouse of the site, for the
    same place, without a mark and for a slightly other quantity.
    """
    sources = [
        receipt
        for receipt in world.receipts
        if receipt.label is None
        and receipt.lot
        and receipt.place
        and receipt.day < world.today - 30
    ]
    used = {(receipt.place, receipt.goods) for receipt in world.receipts if receipt.label}
    source = chance.choice([one for one in sources if (one.place, one.goods) not in used])
    assert source.lot is not None
    second = DraftReceipt(
        warehouse=source.warehouse,
        depositor=source.depositor,
        goods=source.goods,
        quantity=source.quantity,
        day=working_day(source.day + chance.randint(0, 20)),
        lot=source.lot,
        place=source.place,
    )
    if skill is Skill.TRAINED:
        second.lot = chance.choice(
            (source.lot.replace("-", ""), source.lot.replace("-", " "), source.lot.lower())
        )
        second.depositor = chance.choice(
            [company for company in world.companies if company.sector == source.depositor.sector]
        )
    if skill is Skill.CAREFUL:
        second.warehouse = world.warehouses[world.warehouses.index(source.warehouse) ^ 1]
        second.lot = None
        units = source.quantity * (1 + chance.uniform(-0.01, 0.01)) / WHOLE
        second.quantity = max(1, round(units)) * WHOLE
    world.receipts.append(second)
    return [second]
