"""Fraud with the invoice itself: copies, parts below the limit, amounts, and dates."""

from __future__ import annotations

from random import Random

from app.domain.crosschecks.records import Line
from benchmarks.fraud.companies import new_company
from benchmarks.fraud.drafts import (
    DraftInvoice,
    DraftTax,
    Honest,
    Skill,
    World,
    amount_of,
    working_day,
)
from benchmarks.fraud.schemes.common import (
    FINANCED,
    HONESTLY,
    established,
    financed,
    fit,
    in_trade,
    meet,
    some_day,
    usual_delivery,
)
from benchmarks.fraud.trade import (
    deliver,
    in_two,
    lines_for,
    order_of,
    usual_amount,
)

OF_LIMIT = 0.12  # parts hide best where amounts are not far from the limit


def duplicate(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """A delivery is invoiced once more under another number.

    Clumsy: the same day, lines and order, or the old number in another spelling. Trained: a line in
    two, some days later, no order. Careful: a slightly other amount too, and a tax record.
    """
    while True:
        source = chance.choice(established(world, chance).invoices)
        late = source.issue_day > world.today - 60
        plain = source.honest not in {Honest.CORRECTED, Honest.REPLACEMENT} and source.stated
        copied = any(other.renumbered and other.renumbered[0] is source for other in world.invoices)
        if source.label is None and plain and not late and not copied:
            break
    lines, issue, order = list(source.lines), source.issue_day, source.order
    taxed = chance.random() < {Skill.CLUMSY: 0.4, Skill.TRAINED: 0.7, Skill.CAREFUL: 1.0}[skill]
    if skill is not Skill.CLUMSY:
        issue = working_day(issue + chance.randint(2, 4 if skill is Skill.TRAINED else 9))
        order = None
        lines = in_two(chance, lines)
    if skill is Skill.CAREFUL:
        line = lines[0]
        price = max(
            1, round(line.price * (1 + chance.choice((-1, 1)) * chance.uniform(0.003, 0.03)))
        )
        lines[0] = Line(line.goods, line.quantity, price)
    amount = source.amount if skill is not Skill.CAREFUL else amount_of(lines)
    copy = DraftInvoice(
        pair=source.pair,
        lines=lines,
        amount=amount,
        issue_day=issue,
        due_day=issue + source.pair.terms,
        received_day=max(issue, source.received_day) + chance.randint(1, 25),
        order=order,
        tax=DraftTax(source.pair.buyer, amount, issue) if taxed else None,
        pays=False,
        financed=FINANCED,
    )
    if skill is Skill.CLUMSY and not taxed:
        copy.renumbered = (source, chance.choice(("no-dash", "space", "letter", "A")))
    source.financed = FINANCED
    world.invoices.append(copy)
    source.pair.invoices.append(copy)
    return [copy]


def split(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """A delivery above the limit of a review is invoiced in parts below it.

    Clumsy: equal parts just below the limit, on one day. Trained: unequal ones, over some days.
    Careful: parts far below it, over ten days, each with an order of its own.
    """
    pair, day = in_trade(world, chance)
    while usual_amount(pair, day) < OF_LIMIT * world.review_limit:
        pair, day = in_trade(world, chance)
    low, high = {
        Skill.CLUMSY: (0.95, 0.995),
        Skill.TRAINED: (0.72, 0.99),
        Skill.CAREFUL: (0.5, 0.93),
    }[skill]
    days = {Skill.CLUMSY: 0, Skill.TRAINED: 1, Skill.CAREFUL: 3}[skill]
    share = chance.uniform(low, high)
    loads = []
    for _ in range(chance.randint(3, 5)):
        share = share if skill is Skill.CLUMSY else chance.uniform(low, high)
        loads.append(_below(world, lines_for(chance, pair, share * world.review_limit)))
    order = None
    if skill is not Skill.CAREFUL and pair.orders != "unknown":
        order = order_of(
            world, pair, day - chance.randint(6, 25), [line for load in loads for line in load]
        )
    parts = []
    for load in loads:
        own = order
        if skill is Skill.CAREFUL and pair.orders != "unknown":
            own = order_of(world, pair, day - chance.randint(2, 12), load)
        parts.append(financed(deliver(world, chance, pair, day, load, order=own)))
        day += chance.randint(0, days)
    if skill is Skill.CLUMSY:
        for part in parts:
            part.issue_day, part.due_day = parts[0].issue_day, parts[0].due_day
            part.received_day = parts[0].received_day
            if part.tax:
                part.tax.day = part.issue_day
    return parts


def _below(world: World, lines: list[Line]) -> list[Line]:
    """The lines, with less of the first if they come above the limit."""
    while amount_of(lines) >= world.review_limit:
        first = lines[0]
        lines = [Line(first.goods, max(1, first.quantity * 9 // 10), first.price), *lines[1:]]
    return lines


def unusual(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """An amount that the pair never had.

    Clumsy: eight to fifteen times as much. Trained: four to seven times, with an order. Careful:
    the quantity is usual, and the price is half as much again or more.
    """
    pair, day = in_trade(world, chance)
    times = {
        Skill.CLUMSY: chance.uniform(8, 15),
        Skill.TRAINED: chance.uniform(4, 7),
        Skill.CAREFUL: chance.uniform(0.9, 1.1),
    }[skill]
    lines = lines_for(chance, pair, usual_amount(pair, day) * times)
    if skill is Skill.CAREFUL:
        dearer = chance.uniform(1.5, 2.4)
        lines = [Line(line.goods, line.quantity, round(line.price * dearer)) for line in lines]
    order = None
    if pair.orders != "unknown" and skill is not Skill.CLUMSY:
        order = order_of(world, pair, day - chance.randint(1, 4), lines)
    invoice = financed(deliver(world, chance, pair, day, lines, order=order))
    invoice.pays = False
    return [invoice]


def impossible(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """Dates that cannot be.

    Clumsy: due before it was issued, or issued after the ledger got it. Trained: the order is
    younger than goods and invoice. Careful: a payment names the invoice before it was issued, or
    the seller is younger than its first invoice.
    """
    pair, day = in_trade(world, chance)
    if skill is Skill.CLUMSY:
        invoice = usual_delivery(world, chance, pair, day)
        if chance.random() < 0.5:  # noqa: PLR2004 - one way or the other
            invoice.due_day = invoice.issue_day - chance.randint(3, 40)
            invoice.pays = False
        else:
            invoice.received_day = invoice.issue_day - chance.randint(3, 15)
        return [invoice]
    if skill is Skill.TRAINED:
        lines = lines_for(chance, pair, usual_amount(pair, day))
        order = order_of(world, pair, day + chance.randint(12, 40), lines)
        return [financed(deliver(world, chance, pair, day, lines, order=order))]
    if chance.random() < 0.5:  # noqa: PLR2004 - one way or the other
        invoice = usual_delivery(world, chance, pair, day)
        invoice.paid_on = invoice.issue_day - chance.randint(5, 25)
        return [invoice]
    return _too_young(world, chance, some_day(world, chance, before=250))


def _too_young(world: World, chance: Random, day: int) -> list[DraftInvoice]:
    buyer = chance.choice([pair.buyer for pair in world.pairs if fit(pair.buyer, day)])
    sector = chance.choice([pair.seller.sector for pair in world.pairs if pair.buyer is buyer])
    seller = new_company(world, chance, sector, registered=day + chance.randint(8, 60))
    world.companies.append(seller)
    pair = meet(world, chance, seller, buyer, day)
    early = usual_delivery(world, chance, pair, day)
    early.issue_day = min(early.issue_day, (seller.registered_day or day) - 4)
    early.due_day = early.issue_day + pair.terms
    if early.tax:
        early.tax.day = early.issue_day
    for step in range(1, chance.randint(3, 6)):
        usual_delivery(world, chance, pair, day + 90 + 20 * step).financed = HONESTLY
    return [early]
