"""Ratios of a lender's book in the rule sets: what a file may say, and what it must."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from app.domain.catalogue_files import read_rules
from app.domain.lender_rules import LENDER_KINDS, LenderRules
from app.domain.portfolio.limits import Measure
from app.domain.rule_sets import Limit
from app.oversight.portfolio.limits.enforcement import HELD
from app.places import ROOT

RATIO: dict[str, Any] = {
    "lender": "bank",
    "measure": "group",
    "of": "tier-one-capital",
    "max": "20%",
    "source": "a source that says so",
    "lawyer": True,
}
MINIMUM: dict[str, Any] = {"measure": "own-money", "min": "4%", "max": None}
AMOUNT: dict[str, Any] = {"of": None, "currency": "CNY", "max": "10.00"}


def rules(*ratios: dict[str, Any], **changes: Any) -> LenderRules:
    body = {"statement_days": 190, "source": "a source that says so", "lawyer": True}
    return LenderRules.model_validate(body | {"ratios": list(ratios)} | changes)


@pytest.mark.parametrize("name", ["cn", "intl"])
def test_each_ratio_of_the_projects_rule_sets_names_its_source(name: str) -> None:
    lenders = read_rules(ROOT / "rules" / f"{name}.yaml").lenders
    assert lenders is not None
    for ratio in lenders.ratios:
        assert len(ratio.source) > 40, ratio
        assert ratio.lawyer, "no lawyer has confirmed one"
        assert any(character.isdigit() for character in ratio.source) or "same" in ratio.source


def test_local_rules_have_ratios_for_each_kind_of_lender() -> None:
    lenders = read_rules(ROOT / "rules" / "cn.yaml").lenders
    assert lenders is not None
    assert {ratio.lender for ratio in lenders.ratios} == set(LENDER_KINDS)
    assert {ratio.measure for ratio in lenders.ratios} == {
        *("own-money", "single-name", "group", "single-debtor", "reserve"),
    }


def test_shares_and_amounts_are_exact() -> None:
    share, minimum, amount = (
        ratio.bound for ratio in rules(RATIO, RATIO | MINIMUM, RATIO | AMOUNT).ratios
    )
    assert (share.min_share, share.max_share, share.max_amount) == (None, 200_000, None)
    assert (minimum.min_share, minimum.max_share, minimum.max_amount) == (40_000, None, None)
    assert (amount.min_share, amount.max_share, amount.max_amount) == (None, None, 1_000)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lender": "shop"}, "lender"),
        ({"measure": "luck"}, "measure"),
        ({"of": "luck"}, "of"),
        ({"source": "none"}, "source"),
        ({"colour": "red"}, "colour"),
        ({"max": None}, "group: give max, and no min"),
        ({"min": "1%"}, "group: give max, and no min"),
        ({"max": "0%"}, "group: max must be above 0%"),
        ({"max": "20"}, "is not a percentage"),
        ({"currency": "CNY"}, "give of for a share, or currency for an amount"),
        ({"of": None}, "give of for a share, or currency for an amount"),
        (AMOUNT | {"max": "10%"}, "is not an amount"),
        (AMOUNT | {"max": "0.00"}, "above zero"),
        (AMOUNT | {"currency": "XXX"}, "XXX"),
        (MINIMUM | {"max": "5%"}, "own-money: give min"),
        (MINIMUM | {"min": None}, "own-money: give min"),
        (MINIMUM | {"min": "0%"}, "own-money: min must be above 0%"),
        (MINIMUM | {"of": "risk-assets"}, "own-money: of must be one of"),
        (MINIMUM | {"of": None}, "own-money: of must be one of"),
        (MINIMUM | {"measure": "reserve"}, "reserve: leave of out"),
    ],
)
def test_an_invalid_ratio_names_its_field(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        rules(RATIO | change)
    assert words in str(refusal.value)


def test_a_ratio_may_occur_once_and_there_must_be_one() -> None:
    with pytest.raises(ValidationError, match=r"ratios\.1: bank, group, tier-one-capital occurs"):
        rules(RATIO, RATIO | {"max": "25%"})
    with pytest.raises(ValidationError, match="ratios"):
        rules()
    with pytest.raises(ValidationError, match="statement_days"):
        rules(RATIO, statement_days=0)


def test_every_limit_says_who_holds_it() -> None:
    terms = get_args(Limit.model_fields["term"].annotation)
    assert set(HELD) == {*terms, *get_args(Measure)}
    assert {HELD[measure][0] for measure in get_args(Measure)} == {"report"}
    assert all(HELD[term][0] == "gateway" for term in terms if term.endswith(".warn"))
