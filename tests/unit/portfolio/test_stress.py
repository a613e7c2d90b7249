"""The stress test, each shock by hand."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.portfolio.book import BookLoan, Bucket
from app.domain.portfolio.stress import Effect, Shocks, StressResult, largest_names, stressed
from tests.support.book import DEFAULTED, LOST, RUNNING, any_book, loan, on

TODAY = on("2026-10-15")
HALF = 500_000


def owing(number: int, amount: int, due: str = "2026-12-01", **changes: Any) -> BookLoan:
    return loan(number, ("2026-09-01", amount, due, RUNNING), **changes)


def run(book: list[BookLoan], trade: dict[int, int] | None = None, **shocks: Any) -> StressResult:
    changed = Shocks(loss_severity=HALF, **shocks)
    return stressed(book, changed, trade=trade or {}, today=TODAY)


def test_lower_prices_cost_what_goods_no_longer_secure() -> None:
    book = [
        owing(1, 1_000, on_goods=True, goods_value=1_500),  # 1,050 after: still secured
        owing(2, 1_000, on_goods=True, goods_value=1_200),  # 840 after
        owing(3, 1_000, on_goods=True, goods_value=900),  # 630 after, 100 were open before
        owing(4, 500, on_goods=True),  # nobody knows
        owing(5, 500),
    ]
    assert run(book, prices_down=300_000).prices == Effect(2, 2_000, 160 + 270, 500)
    assert run(book).prices == Effect()


def test_a_name_defaults_as_borrower_and_as_debtor() -> None:
    book = [
        owing(1, 1_000, borrower=7, debtor=50),
        owing(2, 301, borrower=50),
        owing(3, 400, borrower=8, group=2),
        owing(4, 999, borrower=9),
    ]
    assert run(book, parties=frozenset((50,))).defaults == Effect(2, 1_301, 500 + 151, 0)
    assert run(book, parties=frozenset((-2,))).defaults == Effect(1, 400, 200, 0)
    assert run(book, parties=frozenset((77,))).defaults == Effect()


def test_largest_names_count_debtors_and_groups_once() -> None:
    book = [
        owing(1, 1_000, borrower=7, debtor=50),
        owing(2, 301, borrower=50),
        owing(3, 700, borrower=8, group=2),
        owing(4, 650, borrower=9, group=2),
    ]
    assert largest_names(book, 1, today=TODAY) == {-2}, "1,350 of the group"
    assert largest_names(book, 2, today=TODAY) == {-2, 50}, "1,301 by both"
    assert largest_names(book, 3, today=TODAY) == {-2, 50, 7}
    assert largest_names(book, 0, today=TODAY) == set()


def test_delay_defaults_what_is_then_overdue_for_more_than_90_days() -> None:
    book = [
        owing(1, 1_000, "2026-08-15"),  # 61 days late: 91 after 30 more
        owing(2, 600, "2026-08-16"),  # 60 days late: 90
        owing(3, 400, "2026-10-16"),  # due tomorrow
        loan(4, ("2026-01-01", 70, "2026-02-01", DEFAULTED)),
    ]
    result = run(book, delay_days=30)
    assert result.delay == Effect(1, 1_000, 500, 0)
    assert result.before == {
        Bucket.TO_90: 1_000,
        Bucket.TO_60: 600,
        Bucket.CURRENT: 400,
        Bucket.DEFAULTED: 70,
    }
    assert result.after == {
        Bucket.OVER_90: 1_000,
        Bucket.TO_90: 600,
        Bucket.TO_30: 400,
        Bucket.DEFAULTED: 70,
    }
    assert run(book, delay_days=29).delay == Effect()


def test_lower_sales_hit_the_newest_loans_above_the_bound_of_their_facility() -> None:
    book = [
        owing(1, 500, facility=1),
        owing(2, 300, facility=1),
        owing(3, 900, facility=2),
        owing(4, 250, facility=3),
    ]
    # Facility 1: 800 owed, bound 1,000, then 700. Facility 2: 900 owed, bound 800, then 560: 240
    # more than before. Facility 3 has no bound.
    result = run(book, {1: 1_000, 2: 800}, sales_down=300_000)
    assert result.sales == Effect(2, 300 + 900, 50 + 120, 250)
    assert run(book, {1: 1_000, 2: 800}).sales == Effect()
    deep = run(book[:2], {1: 1_000}, sales_down=600_000).sales
    assert deep == Effect(2, 800, 150 + 50, 0), "300 of loan 2, and 100 of loan 1"


def test_no_loan_loses_more_than_it_owes_and_a_lost_one_nothing() -> None:
    book = [
        owing(1, 1_000, borrower=7, on_goods=True, goods_value=1_000),
        loan(2, ("2026-01-01", 500, "2026-02-01", LOST), borrower=7, loss=500),
    ]
    result = run(book, prices_down=900_000, parties=frozenset((7,)))
    assert (result.prices.loss, result.defaults.loss) == (900, 500)
    assert result.together == Effect(1, 1_000, 1_000, 0)


@pytest.mark.parametrize("seed", range(10))
def test_buckets_add_up_and_together_is_at_most_the_sum(seed: int) -> None:
    book = any_book(seed, 300, today=TODAY)
    for one in book:
        one.facility = one.product
        if one.number % 3 == 0:
            one.on_goods, one.goods_value = True, one.drawn
    result = run(
        book,
        {1: 1_000, 2: 10**9},
        prices_down=400_000,
        parties=largest_names(book, 3, today=TODAY),
        delay_days=45,
        sales_down=250_000,
    )
    assert sum(result.before.values()) == sum(result.after.values())
    effects = (result.prices, result.defaults, result.delay, result.sales)
    assert max(effect.loss for effect in effects) <= result.together.loss
    assert result.together.loss <= sum(effect.loss for effect in effects)
    assert result.together.loss <= sum(result.before.values())
