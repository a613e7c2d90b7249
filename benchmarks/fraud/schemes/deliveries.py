"""Fraud with goods: invoices for what never moved, and for more than moved."""

from __future__ import annotations

from random import Random

from app.domain.crosschecks.records import Line, TaxState
from benchmarks.fraud.drafts import MILLION, DraftInvoice, Skill, World
from benchmarks.fraud.schemes.common import financed, in_trade, usual_delivery
from benchmarks.fraud.trade import WHOLE, deliver, lines_for, order_of, usual_amount


def unmoved(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """An invoice for goods that never moved, where carriers report what moves.

    Clumsy: no order, and nobody pays. Trained: with an order, and the buyer plays along and pays.
    Careful: with an order, and a sample of one or two per cent does move.
    """
    pair, day = in_trade(world, chance, moves=True)
    lines = lines_for(chance, pair, usual_amount(pair, day) * chance.uniform(1, 1.6))
    order = None
    if skill is not Skill.CLUMSY and pair.orders != "unknown":
        order = order_of(world, pair, day - chance.randint(5, 25), lines)
    sample = chance.randint(8_000, 25_000) if skill is Skill.CAREFUL else 0
    invoice = financed(deliver(world, chance, pair, day, lines, order=order, moved=sample))
    invoice.pays = skill is Skill.TRAINED
    return [invoice]


def oversold(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """More is invoiced than was delivered.

    Clumsy: one invoice for about twice the goods. Trained: two invoices under one order, of which a
    third of the goods is missing. Careful: three invoices, each for some tenth too much.
    """
    pair, day = in_trade(world, chance, moves=True)
    while pair.orders == "unknown":
        pair, day = in_trade(world, chance, moves=True)
    count = {Skill.CLUMSY: 1, Skill.TRAINED: 2, Skill.CAREFUL: 3}[skill]
    loads = [
        lines_for(chance, pair, usual_amount(pair, day) * chance.uniform(0.6, 1.2))
        for _ in range(count)
    ]
    moved = {
        Skill.CLUMSY: chance.randint(400_000, 620_000),
        Skill.TRAINED: chance.randint(620_000, 780_000),
        Skill.CAREFUL: chance.randint(830_000, 920_000),
    }[skill]
    ordered = [
        Line(line.goods, max(1, line.quantity * moved // MILLION // WHOLE) * WHOLE, line.price)
        for load in loads
        for line in load
    ]
    order = order_of(world, pair, day - chance.randint(6, 25), ordered)
    invoices = []
    for load in loads:
        invoice = financed(deliver(world, chance, pair, day, load, order=order, moved=moved))
        invoice.pays = skill is Skill.CAREFUL
        invoices.append(invoice)
        day += chance.randint(2, 12)
    return invoices


def cancelled_or_other(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """The tax authority has another story.

    Clumsy: it does not know the invoice, or knows half of the amount. Trained: the invoice is
    cancelled once the claim is sold, and never issued anew. Careful: some per cent are on top of
    what it knows, or it knows another buyer.
    """
    pair, day = in_trade(world, chance)
    invoice = usual_delivery(world, chance, pair, day)
    tax = invoice.tax
    assert tax is not None
    other = chance.random() < 0.5  # noqa: PLR2004 - one way or the other
    if skill is Skill.CLUMSY:
        if other:
            invoice.tax = None
        else:
            tax.amount = round(tax.amount * chance.uniform(0.3, 0.7))
        invoice.pays = False
    elif skill is Skill.TRAINED:
        tax.state = TaxState.CANCELLED
        invoice.pays = False
    elif other:
        tax.amount = round(tax.amount * chance.uniform(0.93, 0.985))
    else:
        tax.buyer = chance.choice([one for one in world.companies if one is not pair.buyer])
    return [invoice]
