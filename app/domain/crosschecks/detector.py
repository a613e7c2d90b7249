"""All checks over one market: what they found, and what they left out.

Invoices that no buyer confirmed are what a seller alone says. The checks first read the market
without them, so that nobody hides a finding, or makes one, by filing invoices that nobody owes.
Then they read all, and what they find about unconfirmed ones is added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.domain.crosschecks import (
    amounts,
    circles,
    control,
    dates,
    duplicates,
    goods,
    new_pairs,
    payments,
    receipts,
    splits,
    tax,
)
from app.domain.crosschecks.habits import habits_of
from app.domain.crosschecks.index import index_of
from app.domain.crosschecks.matching import match
from app.domain.crosschecks.ownership import ownership_of
from app.domain.crosschecks.parameters import Parameters
from app.domain.crosschecks.records import Finding, Kind, Market
from app.domain.crosschecks.validation import validate
from app.domain.crosschecks.weighing import LeftOut, Outcome

# What follows from what: an analyst who reads the cause knows the consequence.
EXPLAINS: dict[Kind, frozenset[Kind]] = {
    Kind.DUPLICATE_INVOICE: frozenset(
        {Kind.UNMOVED_GOODS, Kind.OVERSOLD, Kind.TAX_MISMATCH, Kind.UNPAID_BUYER}
    ),
    Kind.SPLIT_INVOICE: frozenset({Kind.DUPLICATE_INVOICE, Kind.UNUSUAL_AMOUNT}),
    Kind.CIRCULAR_TRADE: frozenset(
        {
            Kind.DUPLICATE_INVOICE,
            Kind.UNMOVED_GOODS,
            Kind.OVERSOLD,
            Kind.UNPAID_BUYER,
            Kind.UNUSUAL_AMOUNT,
            Kind.NEW_PAIR_ROUND_SUMS,
        }
    ),
    Kind.NEW_PAIR_ROUND_SUMS: frozenset(
        {Kind.DUPLICATE_INVOICE, Kind.UNMOVED_GOODS, Kind.UNPAID_BUYER, Kind.UNUSUAL_AMOUNT}
    ),
}

_MAX_NAMED = 3
_SURE = 900_000  # a cause of this weight will be read, whatever the weight of its consequence


@dataclass(frozen=True, slots=True)
class Result:
    """What the checks say of a market.

    Attributes:
        findings: the surest first; those about unconfirmed invoices come after all others.
        explained: findings that follow from one of those, for example no movement of a copy.
        left_out: what was not checked, and why.
    """

    findings: tuple[Finding, ...]
    explained: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...]


def find(market: Market, *, parameters: Parameters | None = None) -> Result:
    """Runs all checks. The result does not depend on the order of the records.

    What is found about confirmed invoices does not depend on unconfirmed ones.

    Raises:
        RecordInvalid: a record that cannot be checked; the error names it and its field.
        TooManyRecords.
    """
    terms = parameters or Parameters()
    validate(market)
    owed = replace(market, invoices=tuple(i for i in market.invoices if i.is_confirmed))
    sure, left_out = _checked(owed, terms, is_owed=True)
    groups = [_ordered(group) for group in _explain(sure)]
    if len(owed.invoices) < len(market.invoices):
        every, more = _checked(market, terms, is_owed=False)
        suspected = _suspected(market, every, sure)
        added = set(suspected)
        for at, group in enumerate(_explain([*sure, *suspected])):
            groups[at] += _ordered(finding for finding in group if finding in added)
        left_out |= _left_out_besides(more, left_out)
    findings, explained = groups
    return Result(
        findings=findings,
        explained=explained,
        left_out=tuple(sorted(left_out, key=lambda e: (e.check, e.reason, e.count))),
    )


def _checked(
    market: Market, terms: Parameters, *, is_owed: bool
) -> tuple[list[Finding], set[LeftOut]]:
    """What the checks find that weighs enough, and what they left out.

    Args:
        is_owed: no invoice is unconfirmed. Only then rings, buyers that do not pay, and warehouse
            receipts are looked for: one leg that a party made up would name the others' invoices.
    """
    index = index_of(market)
    matches = match(index, terms.deliveries)
    habits = habits_of(index, matches, tax_delay=terms.tax.delay)
    ownership = ownership_of(index, terms.control)
    outcomes = [
        duplicates.check(index, matches, habits, terms.duplicates),
        splits.check(index, matches, terms.splits),
        new_pairs.check(index, matches, terms.new_pairs),
    ]
    if is_owed:
        outcomes.append(circles.check(index, matches, ownership, terms.circles))
    suspects = {subject for finding in _sure(outcomes, terms) for subject in finding.subjects}
    outcomes += [
        amounts.check(index, matches, habits, terms.amounts),
        control.check(index, matches, ownership, terms.control),
        dates.check(index, matches, terms.dates),
        goods.check(index, matches, habits, terms.goods, suspects=suspects),
        tax.check(index, terms.tax, suspects=suspects),
    ]
    if is_owed:
        outcomes.append(payments.check(index, matches, terms.payments))
        outcomes.append(receipts.check(index, terms.receipts))
    return _sure(outcomes, terms), {entry for outcome in outcomes for entry in outcome.left_out}


def _sure(outcomes: Iterable[Outcome], terms: Parameters) -> list[Finding]:
    return [
        finding
        for outcome in outcomes
        for finding in outcome.findings
        if finding.weight >= terms.min_weight
    ]


def _suspected(
    market: Market, findings: Iterable[Finding], sure: Iterable[Finding]
) -> list[Finding]:
    """Findings about unconfirmed invoices, which say so.

    What only adds such invoices to a finding that stands without them says nothing new.
    """
    open_ones = {i.id: i.number for i in market.invoices if not i.is_confirmed}
    standing: defaultdict[tuple[Kind, str], list[set[str]]] = defaultdict(list)
    for finding in sure:
        standing[finding.kind, finding.subjects[0]].append(set(finding.subjects))
    suspected = []
    for finding in findings:
        numbers = [open_ones[each] for each in finding.subjects if each in open_ones]
        if not numbers or any(
            subjects.issubset(finding.subjects)
            for each in finding.subjects
            for subjects in standing.get((finding.kind, each), ())
        ):
            continue
        more = f" and {len(numbers) - _MAX_NAMED} others" if len(numbers) > _MAX_NAMED else ""
        text = f"the buyer has not confirmed {', '.join(numbers[:_MAX_NAMED])}{more}"
        suspected.append(replace(finding, reason=f"{finding.reason[:-1]}; {text}."))
    return suspected


def _left_out_besides(more: Iterable[LeftOut], known: Iterable[LeftOut]) -> set[LeftOut]:
    """What was left out of unconfirmed invoices alone."""
    counts = {(entry.check, entry.reason): entry.count for entry in known}
    rest = ((entry, entry.count - counts.get((entry.check, entry.reason), 0)) for entry in more)
    return {
        LeftOut(entry.check, count, f"with unconfirmed invoices: {entry.reason}")
        for entry, count in rest
        if count > 0
    }


def _explain(findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Separates findings all of whose subjects stand in findings of which they are consequences.

    A cause that is itself a consequence explains nothing, and neither does one that is less sure:
    who decides that it is nothing would not learn of the other.
    """
    remaining = list(findings)
    explained: list[Finding] = []
    for cause in (
        Kind.CIRCULAR_TRADE,
        Kind.NEW_PAIR_ROUND_SUMS,
        Kind.SPLIT_INVOICE,
        Kind.DUPLICATE_INVOICE,
    ):
        weights: defaultdict[Kind, dict[str, int]] = defaultdict(dict)
        for finding in remaining:
            if finding.kind is cause:
                for kind in EXPLAINS[cause]:
                    for subject in finding.subjects:
                        known = weights[kind].get(subject, 0)
                        weights[kind][subject] = max(known, finding.weight)
        rest: list[Finding] = []
        for finding in remaining:
            causes = weights[finding.kind]
            enough = min(finding.weight, _SURE)
            consequence = all(causes.get(s, 0) >= enough for s in finding.subjects)
            (explained if consequence else rest).append(finding)
        remaining = rest
    return remaining, explained


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (-f.weight, f.kind, f.subjects, f.reason)))
