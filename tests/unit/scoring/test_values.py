"""Each value is in exactly one bin, and points follow the trend that a card promises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.scoring.card_file import card_of, read_card
from app.domain.scoring.model import Feature, Trend
from app.domain.scoring.values import (
    MAX_CHANGE,
    MAX_VALUE,
    Kind,
    number_of_cell,
    number_text,
    percent_text,
    read_number,
)
from app.places import ROOT
from tests.support.credit import small_card

CARDS = (card_of(small_card()), read_card((ROOT / "scorecards" / "trade.yaml").read_bytes()))
FEATURES = [feature for card in CARDS for feature in card.features]
NUMBERS = [feature for feature in FEATURES if feature.kind is not Kind.CATEGORY]


def numbers_of(feature: Feature) -> st.SearchStrategy[int]:
    """Any number of the feature's kind, with its edges more often than chance gives them."""
    low = -1_000_000 if feature.kind is Kind.CHANGE else 0
    high = {Kind.SHARE: 1_000_000, Kind.CHANGE: MAX_CHANGE}.get(feature.kind, MAX_VALUE)
    edges = [each.lower for each in feature.bins if each.lower is not None] or [low]
    near = [min(high, max(low, edge + step)) for edge in edges for step in (-1, 0, 1)]
    return st.one_of(st.integers(low, high), st.sampled_from(near))


@given(st.data())
def test_each_number_is_in_exactly_one_bin(data: st.DataObject) -> None:
    feature = data.draw(st.sampled_from(NUMBERS))
    value = data.draw(numbers_of(feature))
    assert [each.holds(value) for each in feature.bins].count(True) == 1
    assert feature.bins[feature.place_of(value)].holds(value)


@pytest.mark.parametrize("feature", [item for item in FEATURES if item.kind is Kind.CATEGORY])
def test_each_category_is_in_exactly_one_bin_and_no_other_word_in_any(feature: Feature) -> None:
    for name in feature.categories:
        assert [each.holds(name) for each in feature.bins].count(True) == 1
    with pytest.raises(ValueError, match="no bin"):
        feature.place_of("never")


@given(st.data())
def test_points_follow_the_trend(data: st.DataObject) -> None:
    feature = data.draw(st.sampled_from([item for item in NUMBERS if item.trend is not Trend.FREE]))
    low, high = sorted(data.draw(st.tuples(numbers_of(feature), numbers_of(feature))))
    before, after = (feature.bins[feature.place_of(value)].points for value in (low, high))
    assert after >= before if feature.trend is Trend.RISING else after <= before


@given(st.data())
def test_a_number_reads_back_as_it_was_written(data: st.DataObject) -> None:
    feature = data.draw(st.sampled_from(NUMBERS))
    value = data.draw(numbers_of(feature))
    text = number_text(feature.kind, value, currency="CNY")
    assert number_of_cell(feature.kind, text, currency="CNY") == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Kind.COUNT, "3"),
        (Kind.COUNT, True),
        (Kind.COUNT, 3.0),
        (Kind.COUNT, -1),
        (Kind.DAYS, None),
        (Kind.DAYS, 10**16),
        (Kind.SHARE, 5),
        (Kind.SHARE, "-1%"),
        (Kind.SHARE, "100.0001%"),
        (Kind.SHARE, "1.00001%"),
        (Kind.CHANGE, "-101%"),
        (Kind.CHANGE, "1000001%"),
        (Kind.AMOUNT, 5),
        (Kind.AMOUNT, "-1.00"),
        (Kind.AMOUNT, "1.001"),
        (Kind.CATEGORY, "A"),
    ],
)
def test_a_value_that_its_kind_does_not_have_is_refused(kind: Kind, raw: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_number(kind, raw, currency="CNY")


@pytest.mark.parametrize("cell", ["", "03", "3.0", "-1", "+1", "１"])
def test_a_cell_that_is_no_whole_number_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        number_of_cell(Kind.COUNT, cell, currency="CNY")


@pytest.mark.parametrize(
    ("parts", "words"),
    [(0, "0%"), (1, "0.0001%"), (125_000, "12.5%"), (-300_000, "-30%"), (1_000_000, "100%")],
)
def test_parts_per_million_read_as_a_percentage(parts: int, words: str) -> None:
    assert percent_text(parts) == words
