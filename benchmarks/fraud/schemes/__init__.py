"""What fraudsters do: twelve kinds, each in three skills or more, at stated rates.

A scheme adds records to the world and returns those that bear its label.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from app.domain.crosschecks.records import Kind
from benchmarks.fraud.drafts import MILLION, DraftInvoice, DraftReceipt, Skill, World
from benchmarks.fraud.schemes.buyers import new_pair_round, unpaid
from benchmarks.fraud.schemes.deliveries import cancelled_or_other, oversold, unmoved
from benchmarks.fraud.schemes.documents import duplicate, impossible, split, unusual
from benchmarks.fraud.schemes.receipts import stored_twice
from benchmarks.fraud.schemes.rings import circular, common_control

Scheme = Callable[[World, Random, Skill], Sequence[DraftInvoice | DraftReceipt]]
SCHEMES: dict[Kind, Scheme] = {
    Kind.DUPLICATE_INVOICE: duplicate,
    Kind.SPLIT_INVOICE: split,
    Kind.UNUSUAL_AMOUNT: unusual,
    Kind.CIRCULAR_TRADE: circular,
    Kind.COMMON_CONTROL: common_control,
    Kind.IMPOSSIBLE_DATE: impossible,
    Kind.UNMOVED_GOODS: unmoved,
    Kind.OVERSOLD: oversold,
    Kind.UNPAID_BUYER: unpaid,
    Kind.NEW_PAIR_ROUND_SUMS: new_pair_round,
    Kind.TAX_MISMATCH: cancelled_or_other,
    Kind.GOODS_COUNTED_TWICE: stored_twice,
}
# Labelled records for a million honest ones: invoices, and for the last kind warehouse receipts.
RATES: dict[Kind, int] = {
    Kind.DUPLICATE_INVOICE: 5_000,
    Kind.SPLIT_INVOICE: 4_000,
    Kind.UNUSUAL_AMOUNT: 3_000,
    Kind.CIRCULAR_TRADE: 4_000,
    Kind.COMMON_CONTROL: 4_000,
    Kind.IMPOSSIBLE_DATE: 3_000,
    Kind.UNMOVED_GOODS: 4_000,
    Kind.OVERSOLD: 3_500,
    Kind.UNPAID_BUYER: 5_000,
    Kind.NEW_PAIR_ROUND_SUMS: 3_000,
    Kind.TAX_MISMATCH: 3_500,
    Kind.GOODS_COUNTED_TWICE: 25_000,
}


def inject(world: World) -> None:
    """Adds cases of each kind, a skill after the other, until its rate is reached.

    A small market has one case of each skill all the same. Where the tax authority was not asked,
    nobody can tell what it knows, and that kind is left out.
    """
    invoices, receipts, case = len(world.invoices), len(world.receipts), 0
    for kind, scheme in SCHEMES.items():
        if kind is Kind.TAX_MISMATCH and not world.tax_known:
            continue
        chance = world.stream(kind)
        honest = receipts if kind is Kind.GOODS_COUNTED_TWICE else invoices
        wanted, labelled, cases = honest * RATES[kind] // MILLION, 0, 0
        skills = list(Skill)
        while labelled < wanted or cases < len(skills):
            skill = skills[cases % len(skills)]
            cases, case = cases + 1, case + 1
            for record in scheme(world, chance, skill):
                record.label, record.skill, record.case, record.honest = kind, skill, case, None
                labelled += 1
