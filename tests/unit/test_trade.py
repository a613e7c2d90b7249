"""What may be owed by proved trade: the twin of TradeRecord."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import day_of
from app.domain.catalogue import TRADE_BASES
from app.domain.product_terms import EvidenceTerms
from app.domain.trade import (
    MonthOfTrade,
    month_at,
    month_number,
    month_text,
    trade_limit,
    window,
)

TODAY = day_of(datetime.date(2027, 6, 15))
JUNE = 2027 * 12 + 5


def terms(
    basis: str = "reports", *, share: int = 2_000_000, months: int = 3, mean: bool = True
) -> EvidenceTerms:
    """Terms whose bound is a share of trade."""
    return {
        "documents": 0,
        "accepted": False,
        "maxAgeDays": 0,
        "basis": TRADE_BASES.index(basis),
        "mean": mean,
        "share": share,
        "months": months,
    }


def test_reports_count_before_the_month_and_declarations_up_to_it() -> None:
    assert window(terms(), today=TODAY) == range(JUNE - 3, JUNE)
    assert window(terms("declarations"), today=TODAY) == range(JUNE - 2, JUNE + 1)


def test_a_missing_month_counts_as_no_trade_and_the_limit_is_rounded_down() -> None:
    limit = trade_limit(terms(), [MonthOfTrade(JUNE - 1, 6_000, 1_000)], today=TODAY)
    assert (limit.traded, limit.limit) == (5_000, 3_333)
    assert [month.month for month in limit.months] == [JUNE - 3, JUNE - 2, JUNE - 1]


def test_months_outside_of_the_window_do_not_count() -> None:
    trade = [MonthOfTrade(JUNE - 4, 9_000), MonthOfTrade(JUNE, 9_000), MonthOfTrade(JUNE - 2, 5)]
    assert trade_limit(terms(mean=False), trade, today=TODAY).limit == 10


def test_returns_count_over_the_whole_window_and_not_below_zero() -> None:
    trade = [MonthOfTrade(JUNE - 1, 1_000, 5_000)]
    assert trade_limit(terms(), trade, today=TODAY).traded == 0
    trade.append(MonthOfTrade(JUNE - 2, 9_000))
    assert trade_limit(terms(), trade, today=TODAY).traded == 5_000


def test_many_declarations_of_one_month_add_up() -> None:
    trade = [MonthOfTrade(JUNE, 100), MonthOfTrade(JUNE, 200)]
    limit = trade_limit(terms("declarations", share=800_000, mean=False), trade, today=TODAY)
    assert (limit.traded, limit.limit) == (300, 240)
    assert limit.months[-1] == MonthOfTrade(JUNE, 300)


@given(st.dates(min_value=datetime.date(1970, 1, 1), max_value=datetime.date(2900, 1, 1)))
def test_a_month_reads_as_it_is_written(day: datetime.date) -> None:
    month = month_at(day_of(day))
    assert month_number(month_text(month)) == month
    assert month_text(month) == day.isoformat()[:7]


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "0000-01", "26-01", "2026-1", "2026/01"])
def test_a_text_that_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        month_number(text)
