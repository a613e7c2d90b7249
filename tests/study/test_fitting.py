"""What needs the libraries of requirements/study.in; `make test-study` runs it with them."""

from __future__ import annotations

import random

import numpy
import pytest
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from app.domain.scoring.judging import judge
from app.domain.scoring.model import Text, Trend
from app.domain.scoring.values import Kind
from benchmarks.credit import metrics, public
from benchmarks.credit.__main__ import OptionInvalid, main, seeds_of
from benchmarks.credit.cases import StudyCase
from benchmarks.credit.fitted import points_of
from benchmarks.credit.fitting import Column, binned, columns_of, fitted
from benchmarks.credit.trade_card import challenger
from tests.support.credit_study import TRADE, cases

CHANCE = random.Random(9)
OUTCOMES = [CHANCE.random() < 0.25 for _ in range(600)]
POINTS = [CHANCE.randrange(60) + (0 if default else 15) for default in OUTCOMES]
TRAIN = cases()[: len(cases()) // 2]


def test_figures_are_those_of_the_libraries() -> None:
    fit = metrics.calibrated(POINTS, OUTCOMES)
    chances = [fit.chance(value) for value in POINTS]
    assert metrics.auc(POINTS, OUTCOMES) == pytest.approx(
        1 - roc_auc_score(OUTCOMES, POINTS), abs=1e-12
    )
    assert metrics.brier(chances, OUTCOMES) == pytest.approx(brier_score_loss(OUTCOMES, chances))
    assert metrics.log_loss(chances, OUTCOMES) == pytest.approx(log_loss(OUTCOMES, chances))
    good, bad = (
        [value for value, default in zip(POINTS, OUTCOMES, strict=True) if default is which]
        for which in (False, True)
    )
    assert metrics.ks(POINTS, OUTCOMES) == pytest.approx(ks_2samp(good, bad).statistic)
    model = LogisticRegression(C=1e12, max_iter=10_000, tol=1e-12)
    model.fit(numpy.array(POINTS, dtype=float)[:, None], OUTCOMES)
    assert fit.slope == pytest.approx(float(model.coef_[0][0]), rel=1e-3)


def test_bins_find_where_the_rate_changes_and_hold_the_trend() -> None:
    chance = random.Random(1)
    some = []
    for place in range(4_000):
        value = chance.randrange(100)
        some.append(
            StudyCase(str(place), 0, {"x": value}, chance.random() < 0.1 + 0.3 * (value >= 60))
        )
    feature = binned(some, Column("x", Kind.COUNT, Trend.FALLING, (), "ascending"), max_bins=4)
    assert any(each.lower is not None and abs(each.lower - 60) <= 1 for each in feature.bins)
    evidence = [each.evidence for each in feature.bins]
    assert evidence == sorted(evidence, reverse=True)
    assert sum(each.cases for each in feature.bins) == len(some)


def test_fit_is_the_same_each_time_and_its_card_has_its_points() -> None:
    fit = fitted(TRAIN, columns_of(TRADE), max_bins=5)
    assert fit == fitted(TRAIN, columns_of(TRADE), max_bins=5)
    assert all(feature.weight <= 0 for feature in fit.features)
    assert sum(feature.weight < 0 for feature in fit.features) > 3
    points = [judge(TRADE, case.values).total for case in TRAIN]
    scale = metrics.calibrated(points, [case.default for case in TRAIN])
    card = challenger(fit, champion=TRADE, scale=scale, source=Text("a test", "测试"))
    table = points_of(fit, scale)
    for case in TRAIN:
        assert judge(card, case.values).total == table.total(fit, case.values)
    # On the training part the fit expects as many defaults as there are.
    expected = sum(1 / (1 + numpy.exp(-fit.log_odds(case.values))) for case in TRAIN)
    assert expected == pytest.approx(sum(case.default for case in TRAIN), rel=1e-3)


def test_fit_to_one_category_and_to_unknown_values_says_nothing() -> None:
    some = [StudyCase(str(n), 0, {"x": None, "y": "A"}, n % 3 == 0) for n in range(300)]
    columns = [
        Column("x", Kind.SHARE, Trend.RISING, (), "descending"),
        Column("y", Kind.CATEGORY, Trend.FREE, ("A", "B"), ""),
    ]
    fit = fitted(some, columns, max_bins=5)
    assert [feature.weight for feature in fit.features] == [0, 0]
    assert 1 / (1 + numpy.exp(-fit.intercept)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("source", public.SOURCES, ids=lambda source: source.name)
def test_public_data_is_there_with_what_is_left_out(source: public.Source) -> None:
    frame = source.read()
    assert set(source.left_out) <= set(frame.columns)
    bad = int(numpy.asarray(source.default(frame), dtype=bool).sum())
    assert 100 < bad < len(frame) / 2


def test_what_cannot_be_read_is_refused(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert seeds_of("1, 2,3") == (1, 2, 3)
    assert seeds_of("") == ()
    for text in ("1,1", "x", "1-3"):
        with pytest.raises(OptionInvalid, match="write whole numbers"):
            seeds_of(text)
    for arguments, says in (
        (["--size", "3"], "size 3"),
        (["--draws", "5"], "--draws 5"),
        (["--seed", "11"], "11 is the seed of the study"),
        (["--outcomes", f"{tmp_path}/none.csv"], "none.csv: No such file"),
        (["--card", __file__], "test_fitting.py: "),
    ):
        assert main([*arguments, "--folder", str(tmp_path)]) == 2
        assert says in capsys.readouterr().err
