"""Loans through a fall of prices, worked out by hand; and what holds for any fall."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import day_of
from app.domain.valuation.grades import Grade
from app.domain.valuation.margin import (
    Collateral,
    Conduct,
    Course,
    Happening,
    MarginTerms,
    run_loan,
)
from app.domain.valuation.market import PricesInvalid, market_grade, months_still, usual_worst_fall

OPENED = day_of(date(2008, 1, 1))
# 1,000 units, so that a price of 1,000,000 a thousandth is 1,000,000 in all.
GOODS = Collateral(quantity=1_000_000, haircut=400_000)
FREE = MarginTerms(annual_rate=0)


def run(*prices: int, conduct: Conduct, terms: MarginTerms = FREE) -> Course:
    """A loan on prices in thousands; the last one stays."""
    series = [price * 1_000 for price in prices]
    series += [series[-1]] * (terms.months + 2 - len(series))
    return run_loan(opened=OPENED, prices=series, collateral=GOODS, conduct=conduct, terms=terms)


def happened(course: Course) -> list[str]:
    """The names of what happened."""
    return [event.happening.value for event in course.events]


def test_no_margin_call_when_prices_stay() -> None:
    outcome = run(1_000, conduct=Conduct.NONE_CURE)
    assert (outcome.lent, outcome.loss, happened(outcome)) == (600_000, 0, ["repaid"])


def test_interest_alone_makes_a_margin_call_in_time() -> None:
    outcome = run(1_000, conduct=Conduct.ALL_CURE, terms=MarginTerms(annual_rate=72_000))
    # The lendable value is 95% of the debt once interest is 5.26% of it: after 263 days, so on
    # 1 October. The borrower pays the smallest cure, so each month's interest then calls again.
    assert happened(outcome) == ["call", "cure"] * 3 + ["repaid"]
    assert outcome.events[0].day == day_of(date(2008, 10, 1))


def test_margin_call_below_the_call_level_is_cured_by_the_smallest_sufficient_payment() -> None:
    assert happened(run(1_000, 950, conduct=Conduct.ALL_CURE)) == ["repaid"]
    outcome = run(1_000, 949, conduct=Conduct.ALL_CURE)
    assert happened(outcome) == ["call", "cure", "repaid"]
    # Lendable value 569,400; 95% of 599,368 is just within it.
    assert outcome.events[0].amount == outcome.paid_in == 632
    assert (outcome.events[1].debt, outcome.events[1].lendable) == (599_368, 569_400)


def test_uncured_margin_call_ends_in_an_auction_and_the_surplus_is_the_owners() -> None:
    outcome = run(1_000, 900, conduct=Conduct.NONE_CURE)
    assert happened(outcome) == ["call", "liquidation"]
    # 900,000 less 10% slippage.
    assert (outcome.events[1].amount, outcome.surplus, outcome.loss) == (810_000, 210_000, 0)
    assert outcome.events[1].day == day_of(date(2008, 2, 1)) + 9


def test_the_auction_sells_at_the_price_of_its_own_day() -> None:
    outcome = run(1_000, 900, 610, conduct=Conduct.NONE_CURE)
    # Five days to cure, the day after them, three of auction: 900 − 290 × 9 ÷ 29.
    assert outcome.events[1].price == 810_000


def test_jump_below_both_levels_liquidates_without_a_margin_call() -> None:
    assert happened(run(1_000, 850, conduct=Conduct.ALL_CURE))[0] == "call"
    outcome = run(1_000, 849, conduct=Conduct.ALL_CURE)
    assert happened(outcome) == ["liquidation"]


def test_a_fall_deeper_than_haircut_and_slippage_is_the_lenders_loss() -> None:
    outcome = run(1_000, 600, conduct=Conduct.ALL_CURE)
    # 540,000 for a debt of 600,000.
    assert happened(outcome) == ["liquidation", "loss"]
    assert (outcome.loss, outcome.surplus) == (60_000, 0)


def test_borrower_stops_curing_at_its_limit() -> None:
    outcome = run(1_000, 900, 820, 740, 690, conduct=Conduct.CURE_AT_FIRST)
    # At 690 the price has fallen by 31%.
    assert happened(outcome) == ["call", "cure"] * 3 + ["call", "liquidation"]
    assert happened(run(1_000, 900, 820, 740, 701, conduct=Conduct.CURE_AT_FIRST))[-1] == "repaid"


def test_without_rules_nothing_happens_until_the_loan_is_due() -> None:
    outcome = run(1_000, 500, conduct=Conduct.NO_RULES)
    assert happened(outcome) == ["goods handed over", "loss"]
    assert outcome.events[0].day == day_of(date(2009, 1, 1))
    assert outcome.loss == 600_000 - 450_000


def test_a_loan_needs_the_prices_of_its_whole_life() -> None:
    with pytest.raises(ValueError, match="12 prices: at least 13 are needed"):
        run_loan(
            opened=OPENED, prices=[1] * 12, collateral=GOODS, conduct=Conduct.NO_RULES, terms=FREE
        )


@given(st.lists(st.integers(1, 3_000), min_size=13, max_size=13), st.sampled_from(Conduct))
def test_every_loan_ends_once_and_its_money_adds_up(prices: list[int], conduct: Conduct) -> None:
    outcome = run(1_000, *prices, conduct=conduct)
    ends = (Happening.LIQUIDATION, Happening.REPAID, Happening.HANDED_OVER)
    assert sum(outcome.count(end) for end in ends) == 1
    assert outcome.count(Happening.CURE) <= outcome.count(Happening.CALL)
    assert outcome.loss == 0 or outcome.surplus == 0
    assert 0 <= outcome.loss + outcome.paid_in <= outcome.lent
    last = next(event for event in outcome.events if event.happening in ends)
    if last.happening is not Happening.REPAID:
        assert last.amount == last.debt + outcome.surplus - outcome.loss


@given(st.lists(st.integers(1, 3_000), min_size=13, max_size=13))
def test_the_owner_has_no_surplus_where_no_collateral_was_sold(prices: list[int]) -> None:
    outcome = run(1_000, *prices, conduct=Conduct.NO_RULES)
    assert outcome.count(Happening.CALL) == outcome.count(Happening.LIQUIDATION) == 0


def test_the_market_grade_follows_the_usual_worst_fall() -> None:
    calm = [1_000 + (month % 2) for month in range(60)]
    assert market_grade(calm) is Grade.A
    # Halved every third month and doubled back: of 57 changes more than a tenth are by half.
    wild = [1_000 + month if month % 6 < 3 else 500 for month in range(60)]
    assert usual_worst_fall(wild) > 500_000
    assert market_grade(wild) is Grade.E


def test_unchanged_price_over_months_is_no_market_price() -> None:
    contract = [1_000] * 12 + [1_100] * 12 + [1_200] * 12
    assert months_still(contract) == 11
    assert market_grade(contract) is Grade.D


def test_history_is_not_graded_when_too_short() -> None:
    with pytest.raises(PricesInvalid, match="35 months"):
        market_grade([1_000] * 35)
