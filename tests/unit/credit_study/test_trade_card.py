"""A fit becomes a card that the engine reads, and whose points are those of the fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.credit_cards import test_card as check_card
from app.domain.scoring.card_file import read_card
from app.domain.scoring.judging import judge
from app.domain.scoring.model import Card, Text, Trend
from app.domain.scoring.values import Kind
from benchmarks.credit.fitted import (
    Fit,
    FittedBin,
    FittedFeature,
    category_bins,
    numeric_bins,
    points_of,
    readable,
    unknown_bin,
)
from benchmarks.credit.metrics import Calibration
from benchmarks.credit.trade_card import challenger, file_of
from tests.support.credit_study import TRADE, cases, fit_by_hand

SCALE = Calibration(3.0, -0.009)
SOURCE = Text("a test", "测试")
FIT = fit_by_hand(cases(), 6)


def card_of(fit: Fit) -> Card:
    return challenger(fit, champion=TRADE, scale=SCALE, source=SOURCE)


def test_engine_gives_the_points_of_the_fit() -> None:
    card, points = card_of(FIT), points_of(FIT, SCALE)
    for case in cases():
        assert judge(card, case.values).total == points.total(FIT, case.values)


def test_points_are_the_log_odds_on_the_champions_scale_but_for_rounding() -> None:
    card = card_of(FIT)
    worst_rounding = (len(FIT.features) + 1) / 2
    for case in cases():
        exact = (FIT.log_odds(case.values) - SCALE.intercept) / SCALE.slope
        assert abs(judge(card, case.values).total - exact) <= worst_rounding


def test_worst_bin_of_each_feature_gets_nothing() -> None:
    for feature in card_of(FIT).features:
        assert min([*(each.points for each in feature.bins), feature.unknown.points]) == 0


def test_trend_of_the_card_holds_in_the_fit() -> None:
    # The reader refuses a card whose points break the trend that it promises.
    card = card_of(FIT)
    assert [each.trend for each in card.features] == [each.trend for each in TRADE.features]
    assert sum(each.trend is not Trend.FREE for each in card.features) > 5


def test_what_is_no_part_of_the_fit_stays_the_champions() -> None:
    card = card_of(FIT)
    assert (card.tiers, card.limit, card.documents) == (TRADE.tiers, TRADE.limit, TRADE.documents)
    for new, old in zip(card.features, TRADE.features, strict=True):
        assert replace(new, bins=old.bins, unknown=old.unknown) == old
    assert card.digest != TRADE.digest


def test_command_accepts_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "challenger.yaml"
    path.write_text(file_of(FIT, champion=TRADE, scale=SCALE, source=SOURCE), encoding="utf-8")
    assert check_card(path, cases_file=None, against=None) == 0
    assert "trade-challenger" in capsys.readouterr().out
    assert read_card(path.read_bytes()) == card_of(FIT)


def test_feature_that_is_left_out_has_one_bin_without_points() -> None:
    features = tuple(
        replace(each, weight=0.0) if each.name in ("limit-use", "ownership") else each
        for each in FIT.features
    )
    card = card_of(replace(FIT, features=features))
    for name in ("limit-use", "ownership"):
        feature = card.feature(name)
        assert feature is not None
        assert ([each.points for each in feature.bins], feature.unknown.points) == ([0], 0)
    points = points_of(replace(FIT, features=features), SCALE)
    for case in cases()[:200]:
        total = points.total(replace(FIT, features=features), case.values)
        assert judge(card, case.values).total == total


def test_rounding_is_half_up_and_the_base_takes_what_bins_do_not() -> None:
    bins = (
        FittedBin(None, 10, (), 1, 1, 0.5),
        FittedBin(10, None, (), 1, 1, -1.0),
    )
    feature = FittedFeature("x", bins, FittedBin(None, None, (), 1, 1, 0.0), weight=-1.0)
    points = points_of(Fit(-2.0, (feature,)), Calibration(0.0, -0.1))
    # Log odds -2 is 20 points; evidence 0.5 is 5, 0.0 is 0 and -1.0 is -10; moved up by 10.
    assert (points.base, points.features["x"].bins, points.features["x"].unknown) == (
        10,
        (15, 0),
        10,
    )


KNOWN = [(1, False)] * 8 + [(1, True)] * 2 + [(5, False)] * 9 + [(5, True)] + [(9, True)] * 2


def test_bins_that_break_the_trend_are_merged() -> None:
    # Of 1 two in ten default, of 5 one in ten, of 9 all: more is worse but for the first step.
    falling = numeric_bins([3, 7], KNOWN, trend=Trend.FALLING, total=(17, 5))
    assert [(each.lower, each.upper) for each in falling] == [(None, 7), (7, None)]
    assert (falling[0].goods, falling[0].defaults) == (17, 3)
    free = numeric_bins([3, 7], KNOWN, trend=Trend.FREE, total=(17, 5))
    assert len(free) == 3


def test_bin_without_a_case_is_merged() -> None:
    bins = numeric_bins([3, 4, 7, 100], KNOWN, trend=Trend.FREE, total=(17, 5))
    assert all(each.cases for each in bins)
    assert (bins[0].lower, bins[-1].upper) == (None, None)


def test_category_that_no_case_has_joins_the_worst_bin() -> None:
    known = [("A", False)] * 9 + [("A", True)] + [("B", True)] * 5
    bins = category_bins([("A",), ("B",)], known, categories=("A", "B", "Z"), total=(9, 6))
    assert [each.categories for each in bins] == [("A",), ("B", "Z")]
    (alone,) = category_bins([], [], categories=("A", "B"), total=(9, 6))
    assert alone.categories == ("A", "B")


def test_unknown_is_never_better_than_the_average_of_the_known() -> None:
    bins = numeric_bins([3, 7], KNOWN, trend=Trend.FREE, total=(37, 5))
    average = sum(each.cases * each.evidence for each in bins) / sum(each.cases for each in bins)
    assert unknown_bin([False] * 20, bins, total=(37, 5)).evidence == pytest.approx(average)
    assert unknown_bin([True] * 20, bins, total=(37, 25)).evidence < average
    assert unknown_bin([], bins, total=(37, 5)).evidence == pytest.approx(average)


@pytest.mark.parametrize(
    ("kind", "cut", "bound"),
    [
        (Kind.COUNT, 12.5, 13),
        (Kind.DAYS, 4.0, 4),
        (Kind.SHARE, 12_345.0, 12_000),
        (Kind.SHARE, 254_999.5, 250_000),
        (Kind.CHANGE, -34_567.0, -35_000),
        (Kind.CHANGE, -254_999.5, -250_000),
        (Kind.AMOUNT, 123_456_789.5, 120_000_000),
        (Kind.AMOUNT, 7.0, 7),
    ],
)
def test_cuts_are_rounded_to_what_people_read(kind: Kind, cut: float, bound: int) -> None:
    assert readable(kind, cut) == bound
