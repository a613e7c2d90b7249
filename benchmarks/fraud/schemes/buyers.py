"""Fraud with the buyer: one that never pays, and one that nobody knew before."""

from __future__ import annotations

from random import Random

from benchmarks.fraud.companies import SECTORS, new_company
from benchmarks.fraud.drafts import Company, DraftInvoice, Pair, Skill, World, amount_of
from benchmarks.fraud.schemes.common import (
    HONESTLY,
    financed,
    fit,
    some_day,
    stranger_to,
    strangers,
    usual_delivery,
)
from benchmarks.fraud.trade import deliver, lines_for, order_of, round_lines

LONG_DUE = 330  # days before today on which such trade begins
LARGE = (200_000_00, 480_000_00)


def unpaid(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """A buyer has many due invoices and never pays.

    Clumsy: a young shell buys of one seller. Trained: an older one buys of two. Careful: a company
    that pays its other suppliers, but never this one.
    """
    day = world.today - chance.randint(LONG_DUE, LONG_DUE + 150)
    count = chance.randint(7, 12)
    pairs: list[Pair | None] = [None]
    if skill is Skill.CAREFUL:
        payers = [pair.buyer for pair in world.pairs if fit(pair.buyer, day) and pair.start < day]
        while pairs[0] is None:
            pairs = [stranger_to(world, chance, chance.choice(payers), day)]
    else:
        age = chance.randint(60, 150) if skill is Skill.CLUMSY else chance.randint(900, 3_000)
        buyer = _shell(world, chance, day - age)
        pairs = [
            stranger_to(world, chance, buyer, day) for _ in range(1 if skill is Skill.CLUMSY else 2)
        ]
    sold = [pair for pair in pairs if pair is not None]
    invoices = []
    for place in range(count):
        pair = sold[place % len(sold)]
        invoice = usual_delivery(world, chance, pair, day)
        invoice.pays = False
        invoices.append(invoice)
        day += chance.randint(3, 18)
    return invoices


def _shell(world: World, chance: Random, registered: int) -> Company:
    sector = chance.choice([name for one in SECTORS.values() for name in one.sells_to])
    buyer = new_company(world, chance, sector, registered=registered)
    world.companies.append(buyer)
    return buyer


def new_pair_round(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """Large round sums as soon as two parties meet.

    Clumsy: multiples of 100,000.00 within days. Trained: multiples of 10,000.00 within weeks.
    Careful: a small ordinary invoice first, then multiples of 1,000.00.
    """
    day = some_day(world, chance, before=150)
    pair = strangers(world, chance, day)
    unit = {Skill.CLUMSY: 100_000_00, Skill.TRAINED: 10_000_00, Skill.CAREFUL: 1_000_00}[skill]
    if skill is Skill.CAREFUL:
        first = usual_delivery(world, chance, pair, day, times=0.3)
        first.financed = HONESTLY
        day += chance.randint(5, 15)
    invoices = []
    for _ in range(chance.randint(2, 4)):
        lines = round_lines(lines_for(chance, pair, chance.uniform(*LARGE)), unit)
        order = None
        if pair.orders != "unknown":
            order = order_of(world, pair, day - chance.randint(1, 8), lines)
        invoice = financed(deliver(world, chance, pair, day, lines, order=order))
        invoice.amount = amount_of(lines)
        if invoice.tax:
            invoice.tax.amount = invoice.amount
        invoice.pays = skill is Skill.CAREFUL
        invoices.append(invoice)
        day += chance.randint(2, 8 if skill is Skill.CLUMSY else 25)
    return invoices
