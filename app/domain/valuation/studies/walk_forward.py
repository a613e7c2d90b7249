"""Haircuts chosen on the past alone, by upper bounds, and judged on what came after.

For each month the rule sees only lots whose selling time was over on the day of valuation (purged:
a lot valued a month ago is still being sold, and shares its days with the lots to be judged). The
hold-out is lots of the last month, of goods that no choice ever saw; it is looked at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.valuation.grades import Grade
from app.domain.valuation.haircuts import Choice, choose
from app.domain.valuation.lots import Losses, Outcome, SellingTerms, by_day, losses
from app.domain.valuation.measures import WINDOW_DAYS
from app.domain.valuation.model import MILLION
from app.domain.valuation.studies.back_test import (
    BackTest,
    measured_on,
    outcomes_under,
    sold_under,
)
from app.domain.valuation.studies.bounds import (
    SAMPLES,
    BoundedChoice,
    Lot,
    choose_by_bounds,
    under,
)
from app.domain.valuation.studies.retail import Shop, best_sellers, closures

# A seller in haste reaches half the later quantities, at a fifth below their prices.
HASTE_PACE, HASTE_PRICE = 500_000, 800_000

Rule = Callable[[Sequence[Lot]], Mapping[Grade, int]]


@dataclass(frozen=True, slots=True)
class Step:
    """One month judged: the lots that the choice saw, and the haircuts that it made of them."""

    day: int
    known_lots: int
    haircuts: Mapping[Grade, int]
    losses: Mapping[Grade, Losses]


@dataclass(frozen=True, slots=True)
class Walk:
    """All judged months, and the losses of all lots that were lent on."""

    steps: Sequence[Step]
    losses: Mapping[Grade, Losses]


@dataclass(frozen=True, slots=True)
class Variant:
    """The haircuts under one assumption, by the lots alone and by their upper bounds."""

    name: str
    terms: SellingTerms
    by_lots: Sequence[Choice]
    by_bounds: Sequence[BoundedChoice]


@dataclass(frozen=True, slots=True)
class HoldOut:
    """What the last month's unseen goods lost. `lots_hash` names the lots, without their result."""

    day: int
    lots_hash: str
    past: Mapping[Grade, int]
    at_past: Mapping[Grade, Losses]
    chosen: Mapping[Grade, int]
    at_chosen: Mapping[Grade, Losses]


@dataclass(frozen=True, slots=True)
class Soundness:
    """Everything that the report shows; the first variant has the terms of the study."""

    closed: Sequence[int]
    variants: Sequence[Variant]
    by_lots: Walk
    by_bounds: Walk
    hold_out: HoldOut | None

    @property
    def chosen(self) -> Sequence[BoundedChoice]:
        """The haircuts that the study asks for."""
        return self.variants[0].by_bounds


def soundness(
    shop: Shop, result: BackTest, *, count: int, hold_out: bool, samples: int = SAMPLES
) -> Soundness:
    """Chooses haircuts by bounds, walks forward, and opens the hold-out if it is told to.

    Args:
        count: best sellers of each month, as in the back-test; the hold-out takes as many others.
    """

    def bounded(lots: Sequence[Lot]) -> dict[Grade, int]:
        return {item.grade: item.haircut for item in choose_by_bounds(lots, samples=samples)}

    lots = lots_of(result)
    horizon = result.terms.horizon_days
    variants = [
        _variant(name, result, terms, samples) for name, terms in _assumptions(result.terms)
    ]
    last = max(lot.day for lot in lots)
    opened = None
    if hold_out:
        past = bounded(known_on(lots, day=last, horizon_days=horizon))
        chosen = {item.grade: item.haircut for item in variants[0].by_bounds}
        unseen = hold_out_lots(shop, result, day=last, count=count)
        opened = HoldOut(
            last,
            _hash_of(unseen, result.terms),
            past,
            _each(unseen, past),
            chosen,
            _each(unseen, chosen),
        )
    return Soundness(
        sorted(closures(shop)),
        variants,
        walk_forward(lots, rule=_by_lots, horizon_days=horizon),
        walk_forward(lots, rule=bounded, horizon_days=horizon),
        opened,
    )


def lots_of(result: BackTest) -> list[Lot]:
    """The tested lots with their clusters."""
    return [Lot(lot.goods.sku, lot.day, lot.outcome) for lot in result.tested]


def known_on(lots: Sequence[Lot], *, day: int, horizon_days: int) -> list[Lot]:
    """The lots whose selling time was over at the close of a day."""
    return [lot for lot in lots if lot.day + horizon_days <= day]


def walk_forward(lots: Sequence[Lot], *, rule: Rule, horizon_days: int) -> Walk:
    """Judges each month by the haircuts that the rule makes of the months known by then."""
    steps: list[Step] = []
    judged: list[tuple[Outcome, int]] = []
    for day in sorted({lot.day for lot in lots}):
        known = known_on(lots, day=day, horizon_days=horizon_days)
        if known:
            haircuts = rule(known)
            month = [lot for lot in lots if lot.day == day]
            steps.append(Step(day, len(known), haircuts, _each(month, haircuts)))
    for grade in Grade:
        for step in steps:
            # A grade on which nobody lent in that month would only thin out the losses.
            if step.haircuts[grade] < MILLION:
                judged.extend(
                    (lot.outcome, step.haircuts[grade])
                    for lot in lots
                    if lot.day == step.day and lot.outcome.grade is grade
                )
    return Walk(steps, {grade: _together(judged, grade) for grade in Grade})


def hold_out_lots(shop: Shop, result: BackTest, *, day: int, count: int) -> list[Lot]:
    """Lots of a day of the next best sellers, of goods that are in no lot of the back-test."""
    tested = {lot.goods.sku for lot in result.tested}
    closed, terms = closures(shop), result.terms
    ranked = best_sellers(shop, count=2 * count, first=day - WINDOW_DAYS + 1, last=day)
    lots = []
    for goods in ranked:
        if goods.sku in tested:
            continue
        measures = measured_on(goods, shop.currency, day, terms, closed)
        if measures is not None:
            later = by_day(goods.between(day + 1, day + terms.horizon_days))
            lots.append(Lot(goods.sku, day, sold_under(later, measures, terms)))
    return lots


def _assumptions(terms: SellingTerms) -> list[tuple[str, SellingTerms]]:
    """The terms of the study, then one assumption changed at a time."""
    return [
        ("the study's terms", terms),
        ("no floor: what is left brings nothing", replace(terms, floor=0)),
        (
            "sold in haste: half the quantities, a fifth below the prices",
            replace(terms, pace=HASTE_PACE, price=HASTE_PRICE),
        ),
    ]


def _variant(name: str, result: BackTest, terms: SellingTerms, samples: int) -> Variant:
    outcomes = outcomes_under(result.tested, terms)
    lots = under(lots_of(result), outcomes)
    return Variant(name, terms, choose(outcomes), choose_by_bounds(lots, samples=samples))


def _by_lots(lots: Sequence[Lot]) -> dict[Grade, int]:
    """The rule of decision 17."""
    return {item.grade: item.haircut for item in choose([lot.outcome for lot in lots])}


def _each(lots: Sequence[Lot], haircuts: Mapping[Grade, int]) -> dict[Grade, Losses]:
    return {
        grade: losses(
            (lot.outcome for lot in lots if lot.outcome.grade is grade), haircuts=haircuts
        )
        for grade in Grade
    }


def _together(judged: Sequence[tuple[Outcome, int]], grade: Grade) -> Losses:
    """The losses of one grade's lots, each at the haircut of its month."""
    parts = [
        losses([outcome], haircuts={grade: haircut})
        for outcome, haircut in judged
        if outcome.grade is grade
    ]
    lots, lost_lots = len(parts), sum(part.lost_lots for part in parts)
    lent, lost = sum(part.lent for part in parts), sum(part.lost for part in parts)
    lent_on_lost = sum(part.lent for part in parts if part.lost_lots)
    return Losses(
        lots,
        lost_lots,
        lent,
        lost,
        lost_lots * MILLION // lots if lots else 0,
        lost * MILLION // lent if lent else 0,
        lost * MILLION // lent_on_lost if lent_on_lost else 0,
        max((part.worst for part in parts), default=0),
    )


def _hash_of(lots: Sequence[Lot], terms: SellingTerms) -> str:
    rows = sorted([lot.sku, lot.day, lot.outcome.quantity, lot.outcome.value] for lot in lots)
    text = json.dumps([terms.stock_days, terms.horizon_days, rows], separators=(",", ":"))
    return "0x" + hashlib.sha256(text.encode("ascii")).hexdigest()
