"""What hedges of a loan's goods count for in a margin call: the twin of `HedgeMath`.

A hedge adds quantity * (its price - the goods' price) * (1 - haircut), of which a share counts. The
quantity is at most what is there, the oldest hedge first; the price is at most the appraised price
on the day of its record. Each pair of goods and hedge is rounded down (decision 47).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.valuation.model import MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgedGoods:
    """Goods of a warehouse receipt that are sound and in date.

    Attributes:
        quantity: thousandths of the unit.
        price: the last one, in millionths of a minor unit; 0: none is valid.
        haircut: parts per million.
    """

    item: str
    quantity: int
    price: int
    haircut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """A hedge as the ledger records it; prices in millionths of a minor unit.

    Attributes:
        quantity: thousandths of the unit.
        max_price: the appraised price when it was recorded.
        expiry_day: the last day on which it counts.
    """

    item: str
    quantity: int
    price: int
    max_price: int
    expiry_day: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a hedge counts for: thousandths of the goods, and minor units that it adds."""

    quantity: int = 0
    lendable: int = 0


def held_from(today: int, cure_days: int) -> int:
    """The first day of which the hedges count against a liquidation at once today.

    A hedge that ended goes on counting there for as long as the margin call that its end causes can
    be cured: the twin of `CollateralValue.heldFrom`.
    """
    return today - cure_days - 1


def held_until(last_day: int, cure_days: int) -> int:
    """The last day on which a hedge counts against a liquidation at once.

    Args:
        last_day: the last day on which it counts for the margin.
    """
    return last_day + cure_days + 1


def counted(
    goods: Sequence[HedgedGoods], hedges: Sequence[Hedge], *, share: int, day: int
) -> list[Counted]:
    """What each hedge counts for on a day; against a liquidation at once, that of `held_from`.

    Args:
        goods: in the order of the loan's items.
        hedges: in the order in which they were recorded.
        share: the product's `hedgeShare`, in parts per million.
    """
    results = [Counted() for _ in hedges]
    for lot in goods:
        if not lot.price:
            continue
        left = lot.quantity
        for place, hedge in enumerate(hedges):
            if hedge.item != lot.item or day > hedge.expiry_day:
                continue
            so_far = results[place]
            quantity = min(hedge.quantity - so_far.quantity, left)
            left -= quantity
            rise = max(0, min(hedge.price, hedge.max_price) - lot.price)
            added = quantity * rise * (MILLION - lot.haircut) * share // MILLION**3
            results[place] = Counted(so_far.quantity + quantity, so_far.lendable + added)
    return results
