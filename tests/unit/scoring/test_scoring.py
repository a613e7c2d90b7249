"""Points, confidence, tier, limit, and what would help: figures checked by hand."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.scoring.card_file import card_of, read_card
from app.domain.scoring.changes import Change, smallest_changes
from app.domain.scoring.evidence import evidence_of
from app.domain.scoring.judging import judge
from app.domain.scoring.model import Bin, Card
from app.domain.scoring.scoring import Score, score
from app.domain.scoring.values import Value
from app.domain.scoring.words import explanation, view
from app.places import ROOT
from tests.support.credit import evidence, item, money, numbers, small_card

CARD = card_of(small_card())
TRADE = read_card((ROOT / "scorecards" / "trade.yaml").read_bytes())


def scored(*items: dict[str, Any]) -> Score:
    return score(CARD, evidence_of(evidence(*items)))


def test_points_confidence_tier_and_limit_are_those_of_a_pencil() -> None:
    result = scored()
    # 100 + 60 + 30 + 0 + 40 + 40 + 50; 5000.00 x 20 % x 12 / 24 x (1 - 20 %) = 400.00
    assert result.judgement.total == 320
    assert result.judgement.confidence == 1_000_000
    assert result.judgement.tier.tier == 2
    assert result.judgement.limit == 400_00
    assert not result.refused


def test_unknown_has_points_of_its_own_and_lowers_the_confidence() -> None:
    result = scored(item("late", 0), item("grade", None))
    # 100 + 60 + 5 x 5; a weight of 10 in 100
    assert (result.judgement.total, result.judgement.confidence) == (185, 100_000)
    assert (result.judgement.tier.tier, result.judgement.limit) == (5, 0)


def test_a_tier_needs_its_confidence_as_well_as_its_points() -> None:
    values: dict[str, Value] = {"late": 0, "months": 30, "buyer": 0, "growth": 0, "sales": 900_000}
    thin = judge(CARD, values)
    assert (thin.total, thin.confidence, thin.tier.tier) == (355, 500_000, 3)
    assert judge(CARD, {**values, "grade": "A"}).tier.tier == 1


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        ({}, 400_00),
        ({"months": 5}, 0),
        ({"months": 6}, 200_00),
        ({"months": 24}, 1_200_00),
        ({"months": 240}, 1_200_00),
        ({"buyer": None}, 200_00),
        ({"buyer": 1_000_000}, 200_00),
        ({"sales": None}, 0),
        ({"months": None}, 0),
        ({"sales": 10**15}, 2_000_00),
        ({"sales": 512_500}, 410_00),
        ({"sales": 512_499}, 400_00),
    ],
)
def test_limit_follows_the_formula_rounded_down_and_capped(
    change: dict[str, Value | None], limit: int
) -> None:
    values = {"late": 3, "months": 12, "buyer": 600_000, "growth": 50_000, "sales": 500_000}
    judgement = judge(CARD, {**values, "grade": "A", **change})
    assert judgement.limit == limit, judgement.tier


def test_missing_documents_are_named_with_the_most_helpful_first() -> None:
    result = scored(item("late", 0), item("months", 12), item("buyer", "10%"))
    assert [(each.document, each.confidence, each.points) for each in result.missing] == [
        ("tax", 500_000, 45),
        ("ledger", 200_000, 80),
    ]
    assert scored().missing == ()


def test_a_refusal_names_its_dearest_reasons_and_the_smallest_changes() -> None:
    result = scored(
        item("late", 40),
        item("months", 3),
        item("buyer", "90%"),
        item("growth", "-50%"),
        item("sales", money("1.00")),
        item("grade", "A"),
    )
    assert result.refused and result.judgement.total == 155
    assert [part.feature.name for part in result.reasons] == ["late", "months", "sales", "buyer"]
    assert result.short_of_points == 45
    # Alone: late +60, months +60 and sales +45. Pairs of steps that are too small: late +20 with
    # months +30, then with sales +35.
    changes = [
        tuple((step.part.feature.name, step.bins) for step in change.steps)
        for change in result.changes
    ]
    assert changes[:3] == [(("late", 2),), (("months", 2),), (("sales", 2),)]
    assert changes[3:] == [(("late", 1), ("months", 1)), (("late", 1), ("buyer", 1))]
    english, chinese = explanation(result, "en"), explanation(result, "zh")
    assert "tier 5: refused" in english and "  late below 5\n" in english
    assert "不予授信" in chinese and "主要原因" in chinese


def test_a_feature_that_a_party_cannot_change_is_in_no_change_unless_it_is_unknown() -> None:
    content = small_card()
    for part in content["features"]:
        part["changeable"] = False
    card = card_of(content)
    assert score(card, evidence_of(evidence())).changes == ()
    unknown = score(card, evidence_of(evidence(*evidence()["items"][:5])))
    assert unknown.judgement.confidence == 500_000
    assert {step.part.feature.name for change in unknown.changes for step in change.steps} == {
        "grade"
    }


def test_the_best_tier_has_no_next_one() -> None:
    values: dict[str, Value] = {"late": 0, "months": 30, "buyer": 0, "growth": 0, "sales": 900_000}
    judgement = judge(CARD, {**values, "grade": "A"})
    assert judgement.tier.tier == 1
    assert smallest_changes(CARD, judgement) == ()


def inside(each: Bin) -> Value:
    """A value of a bin."""
    if each.categories:
        return each.categories[0]
    if each.lower is not None:
        return each.lower
    return 0 if each.upper is None else each.upper - 1


@st.composite
def cases(draw: st.DrawFn) -> tuple[Card, dict[str, Value | None]]:
    card = draw(st.sampled_from([CARD, TRADE]))
    return card, {
        feature.name: draw(
            st.one_of(st.none(), st.sampled_from([inside(each) for each in feature.bins]))
        )
        for feature in card.features
    }


def after(card: Card, values: dict[str, Value | None], change: Change) -> int:
    moved = {step.part.feature.name: inside(step.to) for step in change.steps}
    return judge(card, {**values, **moved}).tier.tier


@given(cases())
@settings(max_examples=60, deadline=None)
def test_smallest_changes_are_those_of_an_exhaustive_search(
    case: tuple[Card, dict[str, Value | None]],
) -> None:
    card, values = case
    judgement = judge(card, values)
    changes = smallest_changes(card, judgement)
    tier = judgement.tier.tier
    assert all(after(card, values, change) < tier for change in changes)
    reachable = []
    moves = [
        (feature.name, inside(each))
        for feature in card.features
        for each in feature.bins
        if values[feature.name] is None
        or (feature.changeable and each is not feature.bins[feature.place_of(values[feature.name])])  # type: ignore[arg-type]
    ]
    singles = [move for move in moves if judge(card, {**values, **dict([move])}).tier.tier < tier]
    if singles:
        reachable.append(1)
    elif any(
        judge(card, {**values, **dict([one_move, other])}).tier.tier < tier
        for one_move in moves
        for other in moves
        if one_move[0] < other[0]
    ):
        reachable.append(2)
    assert [len(change.steps) for change in changes][:1] == reachable
    alone = {change.steps[0].part.feature.name for change in changes if len(change.steps) == 1}
    expected = {name for name, _ in singles}
    assert alone == expected or (len(changes) == 5 and alone < expected)


def test_the_search_over_the_largest_card_is_bounded() -> None:
    content = copy.deepcopy(small_card())
    edges: list[tuple[Any, int]] = [(n, 60 - n) for n in range(1, 12)]
    for place in range(34):
        part = copy.deepcopy(content["features"][0])
        part.update(name=f"more-{place}", bins=numbers(*edges, (None, 0)))
        content["features"].append(part)
    content["tiers"][3]["points"] = 2090
    for place, points in enumerate((2400, 2300, 2200)):
        content["tiers"][place]["points"] = points
    content["examples"][0].update(points=130 + 34 * 5)
    card = card_of(content)
    judgement = judge(card, {feature.name: None for feature in card.features})
    assert len(smallest_changes(card, judgement)) <= 5


def test_the_same_values_in_any_order_give_the_same_score() -> None:
    items = evidence()["items"]
    results = [scored(*items), scored(*reversed(items))]
    assert view(results[0]) == view(results[1])
    assert explanation(results[0], "zh") == explanation(results[1], "zh")


def test_json_has_reasons_in_both_languages() -> None:
    shown = view(scored())
    assert shown["features"][0]["reason"] == {"en": "It is 3.", "zh": "It is 3.（中文）"}
    assert shown["features"][4]["value"] == "5000.00"
    assert "5000.00 CNY" in shown["features"][4]["reason"]["en"]
    assert shown["limit"] == {"amount": "400.00", "currency": "CNY"}
    assert shown["modelVersion"] == f"small 3 {CARD.digest}"
