"""Shares and rates in parts per million, computed in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

MILLION = 1_000_000
_Z = 1_645  # thousandths: 95 % of a normal distribution lie below 1.645
_THOUSAND = 1_000


def part_half_up(amount: int, of: int) -> int | None:
    """Parts per million of `amount` in `of`, a half upwards; None: there is nothing to share."""
    return None if of <= 0 else (2 * amount * MILLION + of) // (2 * of)


def times_half_up(amount: int, *parts: int) -> int:
    """An amount times shares in parts per million, rounded once, a half upwards."""
    product, whole = amount, 1
    for part in parts:
        product *= part
        whole *= MILLION
    return (2 * product + whole) // (2 * whole)


def shares_of(amounts: Sequence[int]) -> list[int]:
    """Each amount's share of their sum, in parts per million; the shares add up to a million.

    Shares are rounded down; what is left goes to the largest remainders, the first one of equals.
    All zero if the sum is zero.
    """
    total = sum(amounts)
    if not total:
        return [0] * len(amounts)
    shares = [amount * MILLION // total for amount in amounts]
    order = sorted(
        range(len(amounts)), key=lambda place: (-(amounts[place] * MILLION % total), place)
    )
    for place in order[: MILLION - sum(shares)]:
        shares[place] += 1
    return shares


def upper_bound_up(hits: int, of: int) -> int | None:
    """The upper end of a rate at 95 %, in parts per million, rounded up; None: nothing was seen.

    Wilson's score bound, one-sided: E. B. Wilson, "Probable inference, the law of succession, and
    statistical inference", Journal of the American Statistical Association 22 (1927).
    """
    if of <= 0:
        return None
    # (h + z²/2 + z·sqrt(h(n-h)/n + z²/4)) / (n + z²), with z in thousandths.
    square = _Z * _Z
    radicand = 4 * _THOUSAND**2 * hits * (of - hits) * of + square * of * of
    root = _root_up(radicand * square)  # 2·n·z·sqrt(…) in millionths
    above = 2 * of * (hits * _THOUSAND**2) + square * of + root
    below = 2 * of * (of * _THOUSAND**2 + square)
    return min(MILLION, -(-above * MILLION // below))


def _root_up(number: int) -> int:
    root = isqrt(number)
    return root if root * root == number else root + 1


def herfindahl(amounts: Sequence[int]) -> int | None:
    """The Herfindahl-Hirschman index in parts per million: the sum of the squares of the shares.

    A million means that one name has everything. None: there is nothing to share.
    """
    total = sum(amounts)
    squares = sum(amount * amount for amount in amounts)
    return part_half_up(squares, total * total)
