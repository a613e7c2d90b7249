"""Fraud of those who act together: trade in a circle, and one person on both sides."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from app.domain.crosschecks.records import Kind, Line
from benchmarks.fraud.companies import SECTORS, hashed, new_company
from benchmarks.fraud.drafts import (
    MILLION,
    Company,
    DraftAssignment,
    DraftInvoice,
    Skill,
    World,
)
from benchmarks.fraud.schemes.common import (
    financed,
    fit,
    meet,
    some_day,
    strangers,
    usual_delivery,
)
from benchmarks.fraud.trade import WHOLE, deliver, divided, order_of

CLAIMS = 0.25  # of the careful circles, claims go round
SHOWN = 0.5  # of the trained ones, movements are shown
VALUE = 16.2, 0.4  # of what goes round, logarithm and spread


def circular(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """Goods are sold round in a circle, twice or more.

    Clumsy: three companies, nearly the same price within ten days, no movement. Trained: four,
    with a margin at each step, within a month, some movements. Careful: five, one of them a shell,
    other margins, one leg in two invoices, movements for all; or a claim that passes round.
    """
    day = some_day(world, chance, before=200)
    if skill is Skill.CAREFUL and chance.random() < CLAIMS:
        return _claim_round(world, chance, day)
    count = {Skill.CLUMSY: 3, Skill.TRAINED: 4, Skill.CAREFUL: 5}[skill]
    members = _members(world, chance, day, count=count, shell=skill is Skill.CAREFUL)
    goods, usual = chance.choice([*SECTORS[members[0].sector].goods.items()])
    legs = [
        meet(world, chance, seller, buyer, day)
        for seller, buyer in zip(members, [*members[1:], members[0]], strict=True)
    ]
    for leg in legs:
        leg.prices = {goods: usual}
        leg.moves_known = skill is not Skill.CLUMSY
    invoices = []
    for _ in range(3 if skill is Skill.CLUMSY else 2):
        value, price = chance.lognormvariate(*VALUE), usual * chance.lognormvariate(0, 0.05)
        quantity = max(2, round(value / price)) * WHOLE
        for leg in legs:
            margin, gap = {
                Skill.CLUMSY: (chance.uniform(-0.004, 0.004), chance.randint(1, 4)),
                Skill.TRAINED: (chance.uniform(0.005, 0.03), chance.randint(3, 9)),
                Skill.CAREFUL: (chance.uniform(-0.05, 0.08), chance.randint(4, 10)),
            }[skill]
            price *= 1 + margin
            day += gap
            lines = [Line(goods, quantity, max(1, round(price)))]
            moved = MILLION if skill is Skill.CAREFUL or chance.random() < SHOWN else 0
            parts = 2 if skill is Skill.CAREFUL and leg is legs[1] else 1
            for load in divided(lines, parts):
                order = None
                if leg.orders != "unknown":
                    order = order_of(world, leg, day - chance.randint(2, 12), load)
                invoices.append(
                    financed(deliver(world, chance, leg, day, load, order=order, moved=moved))
                )
        day += chance.randint(10, 30)
    return invoices


def _members(world: World, chance: Random, day: int, *, count: int, shell: bool) -> list[Company]:
    """Companies of which none trades with the next yet."""
    known = {(pair.seller, pair.buyer) for pair in world.pairs}
    fitting = [company for company in world.companies if fit(company, day)]
    while True:
        members = chance.sample(fitting, count)
        if shell:
            members[-1] = new_company(
                world, chance, members[0].sector, registered=day - chance.randint(100, 500)
            )
        steps = zip(members, [*members[1:], members[0]], strict=True)
        if not any(step in known for step in steps):
            world.companies += members[-1:] if shell else []
            return members


def _claim_round(world: World, chance: Random, day: int) -> list[DraftInvoice]:
    """A claim passes from its seller to others, and back to the seller."""
    pair = strangers(world, chance, day)
    invoice = usual_delivery(world, chance, pair, day)
    others = chance.sample([one for one in world.companies if one is not pair.seller], 2)
    holders = [pair.seller, *others, pair.seller]
    when = invoice.received_day
    for assignor, assignee in pairwise(holders):
        when += chance.randint(2, 8)
        amount = round(invoice.amount * chance.uniform(0.97, 1))
        world.assignments.append(DraftAssignment(invoice, assignor, assignee, amount, when))
    return [invoice]


def common_control(world: World, chance: Random, skill: Skill) -> list[DraftInvoice]:
    """One person is behind seller and buyer, and nobody says so.

    Clumsy: the same person owns most of both; prices are far too high. Trained: owners by name
    only, but one director, one telephone and one account. Careful: shares through two companies on
    each side, with usual prices.
    """
    day = some_day(world, chance, before=420)
    controlled = [
        invoice.pair for invoice in world.invoices if invoice.label is Kind.COMMON_CONTROL
    ]
    taken = {company for pair in controlled for company in (pair.seller, pair.buyer)}
    pair = strangers(world, chance, day)
    while {pair.seller, pair.buyer} & taken or pair.seller.treasury or pair.buyer.treasury:
        pair = strangers(world, chance, day)
    seller, buyer = pair.seller, pair.buyer
    person = hashed(chance)
    if skill is Skill.CLUMSY:
        for company in (seller, buyer):
            share = chance.randrange(510_000, 1_000_000)
            company.owners = [(person, share), (hashed(chance), MILLION - share)]
    elif skill is Skill.TRAINED:
        for company in (seller, buyer):
            company.directors = [*company.directors[:1], person]
        buyer.contacts[1:] = seller.contacts[1:]
    else:
        for company in (seller, buyer):
            _own_through(world, chance, company, person, day=day)
    dearer = {
        Skill.CLUMSY: chance.uniform(1.2, 1.4),
        Skill.TRAINED: chance.uniform(1.05, 1.12),
        Skill.CAREFUL: 1.0,
    }[skill]
    pair.prices = {goods: round(price * dearer) for goods, price in pair.prices.items()}
    invoices = []
    for _ in range(chance.randint(6, 11)):
        invoice = usual_delivery(world, chance, pair, day)
        invoice.pays = skill is not Skill.CLUMSY or chance.random() < 0.5  # noqa: PLR2004
        invoices.append(invoice)
        day += chance.randint(12, 35)
    return invoices


def _own_through(world: World, chance: Random, company: Company, person: str, *, day: int) -> None:
    """The person owns a company that owns a company that owns most of it."""
    owner: Company | str = person
    for _ in range(2):
        shell = new_company(world, chance, "holding", registered=day - chance.randint(300, 2_000))
        share = chance.randrange(550_000, 1_000_000)
        shell.owners = [(owner, share), (hashed(chance), MILLION - share)]
        world.holdings.append(shell)
        owner = shell
    share = chance.randrange(550_000, 1_000_000)
    company.owners = [(owner, share), (hashed(chance), MILLION - share)]
