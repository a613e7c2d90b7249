"""Each measure, worked out by hand."""

from __future__ import annotations

from app.domain.valuation.measures import Day, days_sold, measure, quantile
from app.domain.valuation.model import MovementKind
from tests.support.valuations import FIRST, TODAY, came_back, history, moved, sale, steady


def test_steady_sales_have_no_adverse_measure() -> None:
    measures = measure(steady())
    assert (measures.price, measures.sold, measures.trend) == (250_000, 840_000, 0)
    assert (measures.fall, measures.dispersion, measures.decay, measures.gap) == (0, 0, 0, 0)
    assert (measures.returned, measures.lost, measures.missing) == (0, 0, 0)
    # 300 units at ten a day; the busiest day sold one part in 84.
    assert (measures.days_of_stock, measures.busiest) == (30, 11_904)


def test_the_price_is_the_median_by_quantity() -> None:
    # 30 units at 100, 40 at 200, 50 at 300: the 60th of 120 went at 200.
    measures = measure(
        history(sale(990, 30, 100), sale(995, 40, 200, reference="b"), sale(999, 50, 300))
    )
    assert measures.price == 200
    # The cheapest tenth went at 100: half of the median below it.
    assert measures.dispersion == 500_000


def test_lower_median_counts_when_the_middle_is_between_two_prices() -> None:
    assert quantile({100: 10, 200: 10}, 500_000) == 100


def test_one_recent_outlier_does_not_raise_the_price() -> None:
    plain = [sale(day, 2, 1_000) for day in range(FIRST, TODAY - 27)]
    measures = measure(history(*plain, sale(TODAY, 60, 64_950)))
    assert measures.price == 1_000


def test_recent_price_cut_counts_at_once() -> None:
    before = [sale(day, 2, 1_000) for day in range(FIRST, TODAY - 27)]
    after = [sale(day, 1, 600) for day in range(TODAY - 27, TODAY + 1)]
    assert measure(history(*before, *after)).price == 600


def test_an_order_of_any_size_that_was_cancelled_moves_no_price() -> None:
    plain = [sale(day, 1, 1_000) for day in range(FIRST, TODAY + 1)]
    undone = (sale(950, 74_215, 40, reference="huge"), came_back(950, 74_215, 40))
    measures = measure(history(*plain, *undone))
    assert (measures.price, measures.sold) == (1_000, 84_000)
    assert measures.returned == 74_215 * 1_000_000 // (74_215 + 84)


def test_the_trend_is_the_median_slope_of_weeks() -> None:
    # Twelve weeks, each 10 below the one before: 40 in four weeks, from 1,200 to 1,090.
    sales = [sale(FIRST + 7 * week, 1, 1_200 - 10 * week) for week in range(12)]
    measures = measure(history(*sales))
    # Of the last 28 days: 1,120 to 1,090, whose lower median is 1,100.
    assert measures.price == 1_100
    assert measures.trend == -40 * 1_000_000 // 1_100
    assert measures.fall == -measures.trend


def test_decay_sets_the_recent_pace_against_the_one_before() -> None:
    # 56 days at 4 a day, then 28 at 1.
    before = [sale(day, 4, 100) for day in range(FIRST, FIRST + 56)]
    after = [sale(day, 1, 100) for day in range(FIRST + 56, TODAY + 1)]
    assert measure(history(*before, *after)).decay == 750_000


def test_a_pace_that_rises_is_no_decay() -> None:
    before = [sale(day, 1, 100) for day in range(FIRST, FIRST + 56)]
    after = [sale(day, 4, 100) for day in range(FIRST + 56, TODAY + 1)]
    assert measure(history(*before, *after)).decay == 0


def test_the_longest_gap_counts_at_both_ends_of_the_window() -> None:
    measures = measure(history(sale(FIRST + 20, 1, 100), sale(TODAY - 5, 1, 100)))
    assert measures.gap == 84 - 20 - 1 - 5 - 1
    assert measure(history(sale(TODAY, 1, 100))).gap == 83


def test_goods_with_a_short_history_have_missing_days() -> None:
    assert measure(history(sale(TODAY - 9, 1, 100))).missing == 74
    assert measure(history(sale(FIRST - 50, 1, 100), sale(TODAY, 1, 100))).missing == 0


def test_loss_share_is_relative_to_the_stock_held() -> None:
    movements = (
        moved(FIRST - 9, 100, MovementKind.RECEIVED),
        moved(FIRST - 8, 20, MovementKind.RELEASED),
        moved(FIRST + 1, 20, MovementKind.RECEIVED, "second"),
        moved(FIRST + 2, 10, MovementKind.LOST),
    )
    measures = measure(history(sale(TODAY, 84, 100), movements=movements))
    # Ten of 80 held and 20 received; 90 are left, at one a day.
    assert (measures.lost, measures.days_of_stock) == (100_000, 90)


def test_stock_is_unknown_without_movements() -> None:
    assert measure(history(sale(TODAY, 1, 100))).days_of_stock is None


def test_each_day_has_its_quantity_and_mean_price() -> None:
    lines = (sale(999, 1, 100), sale(999, 2, 250, reference="b"), came_back(999, 1, 100))
    assert days_sold(history(*lines)) == (Day(999, 3_000, 200),)
