"""Fits bins with OptBinning and weights with scikit-learn; the only place that needs both.

OptBinning finds the cuts of a feature that part good from defaulted best while the trend that the
card promises holds. The cuts are then rounded to numbers that people can read, and counted anew. A
logistic regression on the weights of evidence gives each feature its weight.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy
from optbinning import OptimalBinning
from sklearn.linear_model import LogisticRegression

from app.domain.scoring.model import Card, Feature, Trend
from app.domain.scoring.values import Kind, Value
from benchmarks.credit.cases import StudyCase, defaults_of
from benchmarks.credit.fitted import (
    Fit,
    FittedFeature,
    category_bins,
    numeric_bins,
    readable,
    unknown_bin,
)

MIN_BIN = 0.05
MAX_CATEGORY_BINS = 8
_STEPS = 1_000
# Rising points are a falling rate of default.
_MONOTONE = {Trend.RISING: "descending", Trend.FALLING: "ascending", Trend.FREE: "auto"}


@dataclass(frozen=True)
class Column:
    """A feature to fit.

    Attributes:
        monotone: OptBinning's word for how the rate of default moves.
    """

    name: str
    kind: Kind
    trend: Trend
    categories: tuple[str, ...]
    monotone: str


def columns_of(card: Card) -> list[Column]:
    """The features of a card."""
    return [_column(feature) for feature in card.features]


def _column(feature: Feature) -> Column:
    return Column(
        feature.name, feature.kind, feature.trend, feature.categories, _MONOTONE[feature.trend]
    )


def fitted(cases: Sequence[StudyCase], columns: Sequence[Column], *, max_bins: int) -> Fit:
    """The fit of cases.

    Args:
        max_bins: of a feature.
    """
    return weights(cases, [binned(cases, column, max_bins=max_bins) for column in columns])


def binned(cases: Sequence[StudyCase], column: Column, *, max_bins: int) -> FittedFeature:
    """A feature's bins."""
    defaults = defaults_of(cases)
    total = (len(cases) - defaults, defaults)
    known = [
        (value, case.default)
        for case in cases
        if (value := case.values.get(column.name)) is not None
    ]
    missing = [case.default for case in cases if case.values.get(column.name) is None]
    if column.kind is Kind.CATEGORY:
        words = [(value, default) for value, default in known if isinstance(value, str)]
        groups = _groups(words, column, max_bins)
        bins = category_bins(groups, words, categories=column.categories, total=total)
    else:
        numbers = [(value, default) for value, default in known if isinstance(value, int)]
        cuts = [readable(column.kind, cut) for cut in _cuts(numbers, column, max_bins)]
        lowest = min((value for value, _ in numbers), default=0)
        bins = numeric_bins(
            [cut for cut in cuts if cut > lowest], numbers, trend=column.trend, total=total
        )
    return FittedFeature(column.name, bins, unknown_bin(missing, bins, total=total))


def _cuts(known: Sequence[tuple[int, bool]], column: Column, max_bins: int) -> list[float]:
    if len({value for value, _ in known}) < 2 or len({default for _, default in known}) < 2:  # noqa: PLR2004
        return []
    search = OptimalBinning(
        name=column.name,
        dtype="numerical",
        solver="cp",
        monotonic_trend=column.monotone,
        max_n_bins=max_bins,
        min_bin_size=MIN_BIN,
    )
    _search(search, [float(value) for value, _ in known], [default for _, default in known])
    return [float(cut) for cut in search.splits]


def _groups(
    known: Sequence[tuple[str, bool]], column: Column, max_bins: int
) -> list[tuple[str, ...]]:
    seen = sorted({value for value, _ in known})
    if len(seen) < 2 or len({default for _, default in known}) < 2:  # noqa: PLR2004 - nothing to part
        return [tuple(seen)] if seen else []
    search = OptimalBinning(
        name=column.name,
        dtype="categorical",
        solver="cp",
        max_n_bins=min(max_bins, MAX_CATEGORY_BINS),
        min_bin_size=MIN_BIN,
    )
    _search(search, [value for value, _ in known], [default for _, default in known])
    return [tuple(sorted(str(name) for name in group)) for group in search.splits]


def _search(
    search: OptimalBinning, values: Sequence[float] | Sequence[str], outcomes: Sequence[bool]
) -> None:
    kind = object if isinstance(values[0], str) else float
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # its own use of other libraries
        search.fit(numpy.array(values, dtype=kind), numpy.array(outcomes, dtype=int))


def weights(cases: Sequence[StudyCase], features: Sequence[FittedFeature]) -> Fit:
    """The fit with each feature's weight.

    A feature whose weight would turn its evidence round is left out, the worst first, and the rest
    is fitted anew.
    """
    outcomes = numpy.array([case.default for case in cases], dtype=int)
    rows = {
        feature.name: [feature.evidence_of(_value(case, feature.name)) for case in cases]
        for feature in features
    }
    inside = [feature.name for feature in features if len(set(rows[feature.name])) > 1]
    while inside:
        model = LogisticRegression(max_iter=_STEPS)
        model.fit(numpy.array([rows[name] for name in inside]).T, outcomes)
        found = dict(zip(inside, (float(each) for each in model.coef_[0]), strict=True))
        worst = max(inside, key=lambda name: found[name])
        if found[worst] < 0:
            return Fit(
                float(model.intercept_[0]),
                tuple(
                    replace(feature, weight=found.get(feature.name, 0.0)) for feature in features
                ),
            )
        inside.remove(worst)
    rate = defaults_of(cases) / len(cases)
    return Fit(float(numpy.log(rate / (1 - rate))), tuple(features))


def _value(case: StudyCase, name: str) -> Value | None:
    return case.values.get(name)
