"""What a price below the face value costs the seller, and what it yields the buyer.

Rates are simple, in parts per million a year of 360 days, on the actual days to the due day
(actual/360), each rounded once, a half upwards.

Sources: the rate of discount and the yield on the money paid are the bank discount yield and the
CD-equivalent (money market) yield of F. J. Fabozzi, *Bond Markets, Analysis and Strategies*
(Treasury bills); actual days in a year of 360 days are Actual/360 of the 2006 ISDA Definitions,
section 4.16(e).
"""

from __future__ import annotations

from fractions import Fraction

from app.domain.repayment import WHOLE, YEAR_DAYS, discount_half_up, half_up

MAX_RATE = 10**9  # parts per million: a thousand times what it is on


def price_half_up(face: int, *, annual_rate: int, days: int) -> int:
    """The price of a face amount that is due in some days, in minor units: face less discount."""
    return face - discount_half_up(face, annual_rate=annual_rate, days_early=days)


def discount_rate_half_up(face: int, *, price: int, days: int) -> int | None:
    """The rate a year of the discount, on the face amount: what the sale costs the seller.

    None on or after the due day, above the face amount, and above `MAX_RATE`.
    """
    return _rate(face - price, on=face, days=days)


def yield_half_up(face: int, *, price: int, days: int) -> int | None:
    """The yield a year of the discount, on the price: what the buyer earns on the money it pays.

    None where `discount_rate_half_up` is, or the yield itself is above `MAX_RATE`.
    """
    return _rate(face - price, on=price, days=days)


def _rate(discount: int, *, on: int, days: int) -> int | None:
    if days <= 0 or on <= 0 or discount < 0:
        return None
    rate = half_up(Fraction(discount * YEAR_DAYS * WHOLE, on * days))
    return rate if rate <= MAX_RATE else None
