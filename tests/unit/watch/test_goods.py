"""Price falls, margin calls, shortages and stopped liens."""

from __future__ import annotations

import pytest

from app.domain.watch.goods import goods_of, lot_signals, margin_signals, price_signal
from app.domain.watch.model import Level, Signal, Unknown
from tests.support.watch import DAY, NOW, TODAY, facts, kinds, loan, lot, prices


@pytest.mark.parametrize(
    ("last", "level"),
    [(960, None), (950, Level.WATCH), (900, Level.WARNING), (800, Level.ALARM), (1_200, None)],
)
def test_price_is_compared_with_its_highest_of_90_days(last: int, level: Level | None) -> None:
    signal = price_signal("0x01", "CNY", prices((60, 1_000), (30, 940), (1, last)), now=NOW)
    if level is None:
        assert signal is None
    else:
        assert isinstance(signal, Signal)
        assert (signal.level, signal.about) == (level, "goods:0x01:CNY")
        assert signal.evidence == ("goods:0x01:CNY", "transaction:0x3c", "transaction:0x1")


def test_price_in_force_when_the_window_began_counts_and_older_ones_do_not() -> None:
    older = prices((200, 5_000), (120, 1_000), (1, 1_000))
    assert price_signal("0x01", "CNY", older, now=NOW) is None
    at_begin = price_signal("0x01", "CNY", prices((200, 5_000), (1, 1_000)), now=NOW)
    assert isinstance(at_begin, Signal)
    assert at_begin.values[0].number == 800_000


@pytest.mark.parametrize(
    "series", [None, prices(), prices((41, 1_000)), prices((20, 1_000), max_age=20 * DAY)]
)
def test_missing_or_old_price_is_unknown(series: object) -> None:
    outcome = price_signal("0x01", "CNY", series, now=NOW)  # type: ignore[arg-type]
    assert isinstance(outcome, Unknown)
    assert outcome.kind == "price-fall"


def test_margin_call_is_a_warning_until_the_last_day_to_cure() -> None:
    called = loan(called_day=TODAY - 3, cure_day=TODAY)
    assert kinds(list(margin_signals(called, today=TODAY))) == [("margin-call", Level.WARNING)]
    assert kinds(list(margin_signals(called, today=TODAY + 1))) == [("margin-call", Level.ALARM)]
    auctioned = loan(auctioned=True)
    assert kinds(list(margin_signals(auctioned, today=TODAY))) == [("margin-call", Level.ALARM)]
    assert list(margin_signals(loan(), today=TODAY)) == []


def test_what_a_count_does_not_find_is_a_shortage() -> None:
    for counted, level in (
        (999_999, Level.WARNING),
        (950_001, Level.WARNING),
        (950_000, Level.ALARM),
    ):
        signals, unknown = lot_signals(lot(counted=counted))
        assert (kinds(signals), unknown) == ([("shortage", level)], [])
    assert lot_signals(lot(counted=1_000_500)) == ([], []), "more than promised"
    assert lot_signals(lot()) == ([], [])


def test_lot_that_nobody_counted_is_unknown() -> None:
    signals, unknown = lot_signals(lot(counted=0, counted_day=None))
    assert signals == []
    assert [(item.kind, item.about) for item in unknown] == [("shortage", "lot:4")]


def test_stopped_liens_are_a_warning() -> None:
    signals, _ = lot_signals(lot(liens_stopped=True))
    assert kinds(signals) == [("liens-stopped", Level.WARNING)]
    assert signals[0].evidence == ("lot:4", "party:60")


def test_goods_of_a_loan_are_priced_in_its_currency_once_for_all_lots() -> None:
    both = facts(
        lots={4: lot(4), 5: lot(5)},
        prices={("0x01", "USD"): prices((60, 1_000), (1, 700))},
    )
    in_usd, unknown = goods_of(loan(currency="USD", lots=(4, 5)), both)
    assert (kinds(in_usd), unknown) == ([("price-fall", Level.ALARM)], [])
    in_cny, unknown = goods_of(loan(lots=(4, 5)), both)
    assert (in_cny, [item.kind for item in unknown]) == ([], ["price-fall"])
