"""Figures of points against outcomes: by hand, and by counting each pair."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.credit import metrics
from benchmarks.credit.metrics import Bounds, OneOutcome

CHANCE = random.Random(4)
OUTCOMES = [CHANCE.random() < 0.3 for _ in range(200)]
POINTS = [CHANCE.randrange(40) + (0 if default else 9) for default in OUTCOMES]


def test_auc_counts_pairs_in_which_the_defaulted_has_fewer_points() -> None:
    good = [points for points, default in zip(POINTS, OUTCOMES, strict=True) if not default]
    bad = [points for points, default in zip(POINTS, OUTCOMES, strict=True) if default]
    pairs = [(b < g) + (b == g) / 2 for g in good for b in bad]
    assert metrics.auc(POINTS, OUTCOMES) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)
    assert metrics.auc([1, 2, 3], [True, False, False]) == 1
    assert metrics.auc([3, 1, 2], [True, False, False]) == 0
    assert metrics.auc([5, 5], [True, False]) == 0.5


def test_ks_is_the_largest_distance_of_the_distributions() -> None:
    # Below 2: all the defaulted but one, and one of four good.
    points, outcomes = [1, 1, 3, 1, 2, 3, 4], [True, True, True, False, False, False, False]
    assert metrics.ks(points, outcomes) == pytest.approx(2 / 3 - 1 / 4)
    assert metrics.ks([1, 2], [True, False]) == 1


def test_curve_has_the_area_of_the_auc() -> None:
    curve = metrics.roc(POINTS, OUTCOMES)
    area = sum(
        (after[0] - before[0]) * (after[1] + before[1]) / 2 for before, after in pairwise(curve)
    )
    assert (curve[0], curve[-1]) == ((0, 0), (1, 1))
    assert area == pytest.approx(metrics.auc(POINTS, OUTCOMES))


@pytest.mark.parametrize("figure", [metrics.auc, metrics.ks, metrics.roc, metrics.calibrated])
@pytest.mark.parametrize("outcome", [True, False])
def test_cases_of_one_outcome_are_refused(figure: Callable[..., Any], outcome: bool) -> None:
    with pytest.raises(OneOutcome, match="both outcomes are needed"):
        figure([1, 2], [outcome, outcome])


def test_calibration_gives_two_groups_their_own_rates() -> None:
    points = [400] * 50 + [700] * 100
    outcomes = [place < 20 for place in range(50)] + [place < 5 for place in range(100)]
    fit = metrics.calibrated(points, outcomes)
    assert fit.chance(400) == pytest.approx(0.4, abs=1e-9)
    assert fit.chance(700) == pytest.approx(0.05, abs=1e-9)
    assert fit.slope < 0


def test_calibration_expects_as_many_defaults_as_there_are() -> None:
    fit = metrics.calibrated(POINTS, OUTCOMES)
    assert sum(fit.chance(value) for value in POINTS) == pytest.approx(sum(OUTCOMES), abs=1e-6)


def test_brier_and_log_loss_by_hand() -> None:
    assert metrics.brier([0.2, 0.9], [False, True]) == pytest.approx((0.04 + 0.01) / 2)
    assert metrics.log_loss([0.2, 0.9], [False, True]) == pytest.approx(
        -(math.log(0.8) + math.log(0.9)) / 2
    )


def test_wilson_bounds_by_hand() -> None:
    none, half = metrics.share(0, 10), metrics.share(5, 10)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(0.2775, abs=1e-4)
    assert half.low == pytest.approx(0.2366, abs=1e-4)
    assert half.high == pytest.approx(0.7634, abs=1e-4)
    assert metrics.share(0, 0) == Bounds(0, 0, 1)


def test_psi_by_hand_and_zero_for_the_same() -> None:
    moved = metrics.psi({"a": 50, "b": 50}, {"a": 60, "b": 40})
    assert moved == pytest.approx(0.1 * math.log(1.2) - 0.1 * math.log(0.8))
    assert metrics.psi({"a": 5, "b": 5}, {"a": 50, "b": 50}) == pytest.approx(0)
    assert 0 < metrics.psi({"a": 100}, {"a": 99, "b": 1}) < math.inf


def test_tenths_hold_a_tenth_each() -> None:
    points = list(range(1_000))
    edges = metrics.tenths(points)
    assert set(metrics.counts_by_edge(points, edges).values()) == {100}
    assert metrics.counts_by_edge([-5, 5_000], edges) == {
        **{str(place): 0 for place in range(10)},
        "0": 1,
        "9": 1,
    }


def test_deciles_are_in_the_order_of_the_chance_and_lose_no_case() -> None:
    fit = metrics.calibrated(POINTS, OUTCOMES)
    rows = metrics.deciles([fit.chance(value) for value in POINTS], OUTCOMES)
    assert [row.cases for row in rows] == [20] * 10
    assert [row.expected for row in rows] == sorted(row.expected for row in rows)
    assert sum(row.defaults for row in rows) == sum(OUTCOMES)


def test_bootstrap_is_the_same_each_time_and_holds_the_figure() -> None:
    def figures(places: Sequence[int]) -> list[float]:
        return [metrics.auc([POINTS[p] for p in places], [OUTCOMES[p] for p in places])]

    first = metrics.bootstrap(len(POINTS), figures, seed=1, draws=200)
    assert first == metrics.bootstrap(len(POINTS), figures, seed=1, draws=200)
    assert first != metrics.bootstrap(len(POINTS), figures, seed=2, draws=200)
    assert first[0].low < metrics.auc(POINTS, OUTCOMES) == first[0].value < first[0].high
    assert 0.05 < first[0].high - first[0].low < 0.25
