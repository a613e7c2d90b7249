"""Falling sales and rising returns, by hand; what is not reported is unknown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.domain.watch.model import Level
from app.domain.watch.sales import trade_signals
from tests.support.watch import MONTH, kinds, trade


def outcome(
    sales: Sequence[int | None], *, returned: Sequence[int] = ()
) -> tuple[list[tuple[str, Level]], list[str]]:
    """Kinds and levels of the signals, and kinds of what is unknown."""
    reported = trade(sales, returned=returned)
    signals, unknown = trade_signals([reported], merchant=7, month=MONTH)
    return kinds(signals), [item.kind for item in unknown]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ((100, 100, 100), []),
        ((130, 100, 90), []),
        ((90, 90, 76), []),  # 256 of 300: 14.7 % less
        ((85, 85, 85), [("falling-sales", Level.WATCH)]),
        ((70, 70, 70), [("falling-sales", Level.WARNING)]),
        ((70, 70, 71), [("falling-sales", Level.WATCH)]),
        ((50, 50, 50), [("falling-sales", Level.ALARM)]),
        ((0, 0, 0), [("falling-sales", Level.ALARM)]),
    ],
)
def test_sales_are_compared_with_the_three_months_before(
    last: tuple[int, ...], expected: list[tuple[str, Level]]
) -> None:
    signals, _ = outcome([100, 100, 100, *last])
    assert signals == expected


def test_fall_of_the_season_is_no_signal_where_the_year_before_fell_too() -> None:
    year = [100] * 3 + [200] * 9
    assert outcome([*year, 100, 100, 100])[0] == []
    without_year = outcome([200, 200, 200, 100, 100, 100])[0]
    assert without_year == [("falling-sales", Level.ALARM)]


def test_returned_goods_are_no_sales() -> None:
    signals, _ = outcome([100] * 6, returned=[0, 0, 0, 40, 40, 40])
    assert signals == [("falling-sales", Level.WARNING), ("rising-returns", Level.ALARM)]


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ([30, 30, 30, 30, 30, 30], []),  # always three in ten: usual for these goods
        ([10, 10, 10, 14, 14, 14], []),
        ([10, 10, 10, 15, 15, 15], [("rising-returns", Level.WATCH)]),
        ([0, 0, 0, 10, 10, 10], [("rising-returns", Level.WARNING)]),
    ],
)
def test_rise_of_the_returned_share_counts_and_not_the_share(
    returned: list[int], expected: list[tuple[str, Level]]
) -> None:
    assert outcome([100] * 6, returned=returned)[0] == expected


def test_reason_and_evidence_name_the_figures() -> None:
    (signal,), _ = trade_signals([trade([100, 100, 100, 70, 70, 65])], merchant=7, month=MONTH)
    # 205 of 300: 31.666… % less, rounded down
    assert (
        str(signal.reason)
        == "Sales of the last three months are 31.6 % below the three months before."
    )
    assert [(value.name, value.number) for value in signal.values] == [("fall", 316_666)]
    assert signal.evidence == (
        "party:7",
        *(f"transaction:0x{place}" for place in (3, 4, 5, 0, 1, 2)),
    )
    assert signal.id == "falling-sales:party:7:platform:9:CNY"


@pytest.mark.parametrize(
    "sales",
    [
        [100, 100, 100, 100, 100, 100, None, None],  # nothing for two months
        [100, 100, 100, 100, None, 100],  # a month is missing
        [None, None, None, 50, 50, 50],  # nothing to compare with
    ],
)
def test_months_without_a_report_are_unknown_and_not_zero(sales: list[int | None]) -> None:
    assert outcome(sales) == ([], ["falling-sales", "rising-returns"])


def test_platform_may_report_the_last_month_late() -> None:
    assert outcome([100, 100, 100, 50, 50, 50, None])[0] == [("falling-sales", Level.ALARM)]


def test_borrower_without_a_platform_is_unknown() -> None:
    signals, unknown = trade_signals([], merchant=7, month=MONTH)
    assert (signals, [item.about for item in unknown]) == ([], ["party:7", "party:7"])


def test_nothing_sold_before_is_unknown() -> None:
    assert outcome([0, 0, 0, 5, 5, 5]) == ([], ["falling-sales", "rising-returns"])
