"""Simulated cases and a fit without any library, for the tests of the credit study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from app.domain.scoring.card_file import read_card
from app.domain.scoring.values import Kind
from app.places import ROOT
from benchmarks.credit.cases import StudyCase, defaults_of
from benchmarks.credit.fitted import (
    Fit,
    FittedFeature,
    category_bins,
    numeric_bins,
    unknown_bin,
)
from benchmarks.credit.generator import trade_cases

TRADE = read_card((ROOT / "scorecards" / "trade.yaml").read_bytes())
SEED, SIZE = 7, 200


@cache
def cases() -> tuple[StudyCase, ...]:
    """Cases of one seed."""
    return tuple(trade_cases(SEED, SIZE))


def fit_by_hand(train: Sequence[StudyCase], max_bins: int) -> Fit:
    """A fit with the champion's cuts, of which the first few are taken, and equal weights."""
    defaults = defaults_of(train)
    total = (len(train) - defaults, defaults)
    features = []
    for feature in TRADE.features:
        known = [
            (value, case.default)
            for case in train
            if (value := case.values[feature.name]) is not None
        ]
        missing = [case.default for case in train if case.values[feature.name] is None]
        if feature.kind is Kind.CATEGORY:
            words = [(str(value), default) for value, default in known]
            groups = [(name,) for name in feature.categories]
            bins = category_bins(groups, words, categories=feature.categories, total=total)
        else:
            numbers = [(value, default) for value, default in known if isinstance(value, int)]
            cuts = [each.lower for each in feature.bins if each.lower is not None]
            bins = numeric_bins(cuts[: max_bins - 1], numbers, trend=feature.trend, total=total)
        unknown = unknown_bin(missing, bins, total=total)
        features.append(replace(FittedFeature(feature.name, bins, unknown), weight=-0.6))
    return Fit(-2.5, tuple(features))
