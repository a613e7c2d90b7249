"""Shares and rates in whole numbers."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from app.domain.portfolio.shares import (
    MILLION,
    herfindahl,
    part_half_up,
    shares_of,
    times_half_up,
    upper_bound_up,
)


def test_part_rounds_a_half_upwards_and_is_unknown_of_nothing() -> None:
    assert part_half_up(1, 3) == 333_333
    assert part_half_up(2, 3) == 666_667
    assert part_half_up(1, 2_000_000) == 1, "half a millionth"
    assert part_half_up(0, 0) is None


def test_times_rounds_once() -> None:
    assert times_half_up(1_000, 500) == 1, "0.5 rounds up"
    assert times_half_up(999, 500) == 0
    assert times_half_up(1_000_000, 20_000, 450_000) == 9_000


def test_shares_of_three_equals_add_up_to_a_million() -> None:
    assert shares_of([1, 1, 1]) == [333_334, 333_333, 333_333]
    assert shares_of([0, 0]) == [0, 0]
    assert shares_of([0, 7]) == [0, MILLION]


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=30))
def test_shares_always_add_up(amounts: list[int]) -> None:
    shares = shares_of(amounts)
    total = sum(amounts)
    assert sum(shares) == (MILLION if total else 0)
    if total:
        for amount, share in zip(amounts, shares, strict=True):
            assert amount * MILLION // total <= share <= amount * MILLION // total + 1


def test_herfindahl_of_one_name_is_a_million_and_of_four_equals_a_quarter() -> None:
    assert herfindahl([55]) == MILLION
    assert herfindahl([5, 5, 5, 5]) == 250_000
    assert herfindahl([50, 30, 20]) == 380_000
    assert herfindahl([]) is None


def test_upper_bound_is_wilsons() -> None:
    assert upper_bound_up(0, 0) is None
    assert upper_bound_up(10, 10) == MILLION
    for hits, of in ((0, 30), (3, 100), (50, 1_000), (1, 1)):
        z, rate = 1.645, hits / of
        root = math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
        expected = (rate + z * z / (2 * of) + z * root) / (1 + z * z / of)
        bound = upper_bound_up(hits, of)
        assert bound is not None
        assert 0 <= bound - min(expected, 1) * MILLION <= 1.001, (hits, of)
