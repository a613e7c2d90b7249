"""What a price costs the seller and yields the buyer, to the cent and the part per million."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.discount import MAX_RATE, discount_rate_half_up, price_half_up, yield_half_up
from app.domain.repayment import WHOLE, YEAR_DAYS


def test_worked_example_to_the_cent() -> None:
    """400,000.00 due in 60 days at 4.35 % a year: 400,000.00 * 0.0435 * 60 / 360 = 2,900.00.

    The yield is 2,900.00 / 397,100.00 * 360 / 60 = 4.3818 % a year.
    """
    face, days = 400_000_00, 60
    price = price_half_up(face, annual_rate=43_500, days=days)
    assert price == 397_100_00
    assert discount_rate_half_up(face, price=price, days=days) == 43_500
    assert yield_half_up(face, price=price, days=days) == 43_818


def test_treasury_bill_of_the_textbook() -> None:
    """Fabozzi's bill: 100 days, 100,000 at 97,569: 8.7516 % on a bank discount basis.

    The CD-equivalent yield is 360 * 0.087516 / (360 - 100 * 0.087516) = 8.9697 %.
    """
    assert discount_rate_half_up(100_000, price=97_569, days=100) == 87_516
    assert yield_half_up(100_000, price=97_569, days=100) == 89_697


@given(price=st.integers(1, 10**12), discount=st.integers(0, 10**11), days=st.integers(1, 400))
def test_yield_is_the_cd_equivalent_of_the_discount(price: int, discount: int, days: int) -> None:
    face = price + discount
    rate = Fraction(discount * YEAR_DAYS, face * days)  # exact
    equivalent = rate / (1 - rate * days / YEAR_DAYS) * WHOLE
    earned = yield_half_up(face, price=price, days=days)
    if equivalent > MAX_RATE:
        assert earned in (None, MAX_RATE)
    else:
        assert earned is not None
        assert abs(earned - equivalent) <= Fraction(1, 2)


@pytest.mark.parametrize(("price", "days"), [(100, 0), (100, -1), (1_001, 60), (0, 60)], ids=str)
def test_no_yield_without_days_money_or_discount(price: int, days: int) -> None:
    assert yield_half_up(1_000, price=price, days=days) is None


def test_price_at_face_value_yields_nothing_and_costs_nothing() -> None:
    assert discount_rate_half_up(1_000, price=1_000, days=60) == 0
    assert yield_half_up(1_000, price=1_000, days=60) == 0


def test_rate_beyond_any_use_has_no_figure() -> None:
    assert yield_half_up(10**18, price=1, days=1) is None
    assert discount_rate_half_up(10**18, price=1, days=1) == 360 * WHOLE
