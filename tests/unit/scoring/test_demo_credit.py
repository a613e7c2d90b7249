"""The story's own arithmetic of credit and the shipped scorecard say the same."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo import expected_credit as credit
from app.demo.credit import FALLEN, GOOD, POOR, YOUNG
from app.demo.firm import MONTHS_BEFORE, Firm, months_later
from app.domain.scoring.card_file import read_card
from app.domain.scoring.judging import judge, limit_down, tier_of
from app.domain.scoring.sales_table import read_sales_table
from app.domain.scoring.scoring import missing_documents
from app.domain.scoring.values import Value
from app.places import TRADE_CARD

CARD = read_card(TRADE_CARD.read_bytes())
START = datetime.date(2027, 1, 10)
VALUES: dict[str, Value] = {
    **{"days-paid-late": 0, "defaults": 0, "disputed-share": 0, "credit-note-share": 0},
    **{"largest-buyer-share": 1_000_000, "months-of-trade": 15, "yearly-sales": 1_800_000_00},
    **{"return-share": 30_000, "tax-standing": "M", "registration-months": 16},
    "ownership": "stated",
}
FILES: tuple[tuple[Mapping[str, Value], Mapping[str, int], int], ...] = (
    ({"registration-months": 10, "ownership": "stated"}, YOUNG, 5),
    (VALUES, GOOD, 3),
    (VALUES | {"days-paid-late": 9, "disputed-share": 250_000, "limit-use": 774_000}, POOR, 4),
)


def test_twin_has_features_and_tiers_of_the_card() -> None:
    card = {
        feature.name: credit.Feature(feature.weight, feature.unknown.points, feature.document)
        for feature in CARD.features
    }
    assert card == credit.FEATURES
    tiers = [(tier.tier, tier.points, tier.confidence, tier.limit_share) for tier in CARD.tiers]
    twin = [
        (tier.number, tier.points, tier.confidence * 10_000, int(tier.share * 1_000_000))
        for tier in (*credit.TIERS, credit.REFUSED)
    ]
    assert twin == tiers


@pytest.mark.parametrize(("values", "points", "tier"), FILES)
def test_each_file_of_the_story_has_the_points_of_the_card(
    values: Mapping[str, Value], points: Mapping[str, int], tier: int
) -> None:
    judgement = judge(CARD, values)
    assert {
        part.feature.name: part.points for part in judgement.parts if part.value is not None
    } == (points)
    twin = credit.judged(points)
    assert (twin.points, twin.confidence) == (judgement.total, judgement.confidence)
    assert twin.tier.number == judgement.tier.tier == tier
    helpful = [each.document for each in missing_documents(CARD, judgement)]
    assert list(twin.helpful) == helpful


@given(st.dictionaries(st.sampled_from(sorted(credit.FEATURES)), st.integers(0, 140), max_size=13))
def test_twin_takes_the_tier_of_the_card(points: dict[str, int]) -> None:
    twin = credit.judged(points)
    assert twin.tier.number == tier_of(CARD, total=twin.points, confidence=twin.confidence).tier


@given(
    sales=st.integers(0, 10**12),
    months=st.integers(6, 240),
    largest=st.integers(0, 1_000_000),
    place=st.integers(0, 4),
)
def test_twin_gives_the_limit_of_the_card(
    sales: int, months: int, largest: int, place: int
) -> None:
    tiers = (*credit.TIERS, credit.REFUSED)
    values: dict[str, Value | None] = {
        "yearly-sales": sales,
        "months-of-trade": months,
        "largest-buyer-share": largest,
    }
    twin = credit.limit(
        sales=sales, tier=tiers[place], months=months, largest=Fraction(largest, 1_000_000)
    )
    assert min(twin, CARD.limit.max) == limit_down(CARD.limit, CARD.tiers[place], values)


def test_sales_table_of_the_firm_is_read_as_the_story_means_it() -> None:
    firm = Firm("a party", START)
    for _ in range(6):
        firm.trades(Fraction(1))
    table = read_sales_table(firm.sales_table().encode(), currency="CNY")
    assert len(table.sales) == MONTHS_BEFORE + 6
    values = table.values()
    assert values["yearly-sales"] == {"amount": "1800000.00", "currency": "CNY"}
    assert values["return-share"] == "3%"
    assert "sales-trend" not in values, "the table has less than two years"
    first = datetime.date.fromisoformat(firm.trading_since)
    assert first == datetime.date(2026, 4, 1), "nine months before January 2027"
    assert firm.limit(GOOD) == 54_000_00


@pytest.mark.parametrize("back", [1, 9, 13, -11, -12])
def test_months_later_counts_over_the_ends_of_years(back: int) -> None:
    day = months_later(START, -back)
    assert months_later(day, back) == START
    assert day.day == START.day


def test_fall_is_that_of_the_newest_three_months_rounded_down() -> None:
    firm = Firm("a party", START)
    assert firm.fall() == 0
    firm.trades(FALLEN[0])
    assert firm.fall() == 166_666, "250 against 300"
    firm.trades(FALLEN[1])
    assert firm.fall() == 283_333, "215 against 300"


def test_days_late_are_weighted_by_amount_and_rounded_half_up() -> None:
    assert credit.days_late([(100, 0), (100, 9)]) == 5
    assert credit.days_late([(300, 0), (100, 9)]) == 2
    assert credit.part_of(1, 4) == "25%"
    assert credit.part_of(1, 3) == "33.3333%"
