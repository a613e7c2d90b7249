"""The back-test's arithmetic and the choice of haircuts, by hand and for any lots."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.valuation.grades import Grade
from app.domain.valuation.haircuts import Tolerance, choose, days_until_fall, smallest
from app.domain.valuation.lots import Outcome, SellingTerms, by_day, losses, recovery_of, sell
from tests.support.valuations import came_back, sale

# No costs and no interest, so that the sums stay plain.
PLAIN = SellingTerms(floor=250_000, costs=0, annual_rate=0)


def sold(*lines: object, units: int = 10, price: int = 100) -> Outcome:
    """A lot of so many units, sold as these lines say."""
    later = by_day(lines)  # type: ignore[arg-type]
    return sell(grade=Grade.A, quantity=units * 1_000, price=price, later=later, terms=PLAIN)


def lot(recovery: int, grade: Grade = Grade.A, value: int = 1_000) -> Outcome:
    """A lot by its recovery."""
    return Outcome(grade, 1, value, 0, 0, recovery)


def test_proceeds_of_a_sold_out_lot_are_the_prices_paid() -> None:
    lot = sold(sale(1, 4, 100), sale(2, 8, 50))
    # Four at 100, and six of the eight at 50.
    assert (lot.proceeds, lot.left) == (700_000, 0)
    assert lot.recovery == 700_000


def test_unsold_goods_count_at_the_floor_price() -> None:
    lot = sold(sale(1, 2, 100))
    assert (lot.proceeds, lot.left) == (200_000 + 8_000 * 100 // 4, 8_000)
    assert lot.recovery == 400_000


def test_return_reduces_proceeds_and_restores_goods() -> None:
    lot = sold(sale(1, 6, 100), came_back(2, 2, 100))
    assert (lot.proceeds, lot.left) == (400_000 + 6_000 * 100 // 4, 6_000)


def test_returns_above_the_lots_sales_do_not_count() -> None:
    lot = sold(sale(1, 1, 100), came_back(2, 9, 100))
    assert (lot.proceeds, lot.left) == (10_000 * 100 // 4, 10_000)


def test_recovery_is_net_of_costs_and_interest() -> None:
    terms = SellingTerms(costs=50_000, annual_rate=72_000, horizon_days=90)
    # 1,000 less 5% is 950; a debt of 950 ÷ 1.018 grows to it: 933.202…
    assert recovery_of(1_000, 1_000, terms) == 933_202


def test_loss_is_the_loan_less_the_recovery() -> None:
    result = losses([lot(500_000), lot(900_000)], haircuts={Grade.A: 400_000})
    # Each lent 600 of 1,000; the first brought 500.
    assert (result.lots, result.lost_lots, result.lent, result.lost) == (2, 1, 1_200, 100)
    assert (result.frequency, result.rate) == (500_000, 83_333)
    assert (result.severity, result.worst) == (166_666, 166_666)


def test_the_haircut_is_the_smallest_that_keeps_to_both_tolerances() -> None:
    # One lot in twenty brings half: that many may lose, but one per cent of the money lost is
    # reached only when little more than half is lent.
    lots = [lot(500_000)] + [lot(1_000_000)] * 19
    rule = Tolerance()
    # At 40%: short 100 of 20 × 600; 0.83%. At 35%: 150 of 20 × 650; 1.15%.
    assert smallest(lots, grade=Grade.A, tolerance=rule) == 400_000
    # Two in twenty are too many, whatever the money.
    assert smallest([*lots, lot(590_000)], grade=Grade.A, tolerance=rule) == 450_000


def test_a_worse_grade_never_gets_the_smaller_haircut() -> None:
    good, bad = [lot(500_000)] * 40, [lot(900_000, Grade.B)] * 40
    chosen = {choice.grade: choice.haircut for choice in choose([*good, *bad])}
    assert chosen[Grade.A] == chosen[Grade.B] == 500_000


def test_haircut_is_total_when_there_are_too_few_lots() -> None:
    assert choose([lot(1_000_000)] * 29)[0].haircut == 1_000_000


@given(st.lists(st.integers(0, 1_200_000), min_size=30, max_size=60))
def test_the_chosen_haircut_keeps_to_the_tolerance(recoveries: list[int]) -> None:
    chosen = choose([lot(recovery) for recovery in recoveries])[0]
    assert Tolerance().holds(chosen.losses)


@given(
    st.lists(st.integers(0, 1_200_000), min_size=1, max_size=30),
    st.integers(0, 990_000),
    st.integers(0, 10_000),
)
def test_a_larger_haircut_never_loses_more(recoveries: list[int], cut: int, more: int) -> None:
    lots = [lot(recovery) for recovery in recoveries]
    small, large = (losses(lots, haircuts={Grade.A: item}) for item in (cut, cut + more))
    assert large.lost <= small.lost and large.frequency <= small.frequency


def test_a_grade_is_trusted_until_one_in_five_has_fallen() -> None:
    # 43.5% in thirty days: one in five after 13.8, two whole weeks.
    assert days_until_fall(435_000) == 14
    assert days_until_fall(0) == 28
    assert days_until_fall(1_000_000) == 7
    assert days_until_fall(165_000, maximum=14) == 14
