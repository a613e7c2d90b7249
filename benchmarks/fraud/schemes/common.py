"""What all schemes need: pairs to hide in, days, and copies."""

from __future__ import annotations

import math
from random import Random

from benchmarks.fraud.companies import SECTORS, new_pair
from benchmarks.fraud.drafts import MILLION, Company, DraftInvoice, Pair, SizeRefused, World
from benchmarks.fraud.trade import deliver, lines_for, order_of, usual_amount

# Fraud wants money: more of its claims go to a bank than of the others, not all.
FINANCED, HONESTLY = 0.85, 0.45
TRIES = 2_000
USED_TO = 6  # after so many invoices a pair has a pattern
SETTLED = 120  # days before today by which an ordinary invoice is paid


def some_day(world: World, chance: Random, *, before: int = SETTLED) -> int:
    """A day after the first months and so many days before today."""
    return chance.randint(world.first + 120, world.today - before)


def fit(company: Company, day: int) -> bool:
    """Whether a company is long in the register and pays its debts."""
    registered = company.registered_day
    return company.insolvent_day is None and (registered is None or registered < day - 90)


def established(world: World, chance: Random, *, invoices: int = 12, moves: bool = False) -> Pair:
    """A pair with much honest trade."""
    for _ in range(TRIES):
        pair = chance.choice(world.pairs)
        honest = sum(1 for invoice in pair.invoices if invoice.label is None)
        plain = not pair.prepaid and pair.currency == "CNY"
        if honest >= invoices and plain and (pair.moves_known or not moves):
            return pair
    raise SizeRefused(f"size {world.size}, seed {world.seed}: too little trade; take a larger one")


def in_trade(world: World, chance: Random, *, moves: bool = False) -> tuple[Pair, int]:
    """A pair with much honest trade, and a day on which it is used to trade."""
    while True:
        pair = established(world, chance, moves=moves)
        days = sorted(invoice.issue_day for invoice in pair.invoices if invoice.label is None)
        start, end = max(world.first + 90, days[USED_TO]), world.today - SETTLED
        if start < end:
            return pair, chance.randint(start, end)


def strangers(world: World, chance: Random, day: int) -> Pair:
    """Two of fitting sectors who have not traded either way. The pair is in the world's list."""
    buyers = [company for company in world.companies if fit(company, day)]
    for _ in range(TRIES):
        pair = stranger_to(world, chance, chance.choice(buyers), day)
        if pair is not None:
            return pair
    raise SizeRefused(
        f"size {world.size}, seed {world.seed}: all trade with all; take a larger one"
    )


def stranger_to(world: World, chance: Random, buyer: Company, day: int) -> Pair | None:
    """A new pair of the buyer and a seller who has not traded with it, if there is any."""
    known = {pair.seller for pair in world.pairs if pair.buyer is buyer}
    known |= {pair.buyer for pair in world.pairs if pair.seller is buyer}
    sellers = [
        company
        for company in world.companies
        if buyer.sector in SECTORS[company.sector].sells_to
        and company is not buyer
        and company not in known
        and fit(company, day)
    ]
    return meet(world, chance, chance.choice(sellers), buyer, day) if sellers else None


def meet(world: World, chance: Random, seller: Company, buyer: Company, day: int) -> Pair:
    """A new pair, in the world's list."""
    pair = new_pair(world, chance, seller, buyer, start=day)
    pair.currency = "CNY"
    world.pairs.append(pair)
    return pair


def usual_delivery(
    world: World,
    chance: Random,
    pair: Pair,
    day: int,
    *,
    times: float = 1.0,
    moved: int = MILLION,
) -> DraftInvoice:
    """A delivery as the pair has them, with an order where the pair's orders are known."""
    value = usual_amount(pair, day) * times * math.exp(chance.gauss(0, pair.spread))
    lines = lines_for(chance, pair, value)
    order = None
    if pair.orders != "unknown":
        order = order_of(world, pair, day - chance.randint(5, 30), lines)
    return financed(deliver(world, chance, pair, day, lines, order=order, moved=moved))


def financed(invoice: DraftInvoice) -> DraftInvoice:
    """The same invoice, which the fraudster wants money for."""
    invoice.financed = FINANCED
    invoice.honest = None
    return invoice
