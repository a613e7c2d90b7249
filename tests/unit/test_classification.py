"""The five classes of loans by risk, and the rule sets that have them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.domain.catalogue_files import CatalogueInvalid, read_rules
from app.domain.classification import (
    CLASSES,
    ClassificationRules,
    LoanFacts,
    Restructured,
    classify,
    place_of,
)
from app.places import ROOT

CN_FILE = ROOT / "rules" / "cn.yaml"
DAY = 20_000


def cn() -> ClassificationRules:
    rules = read_rules(CN_FILE).classification
    assert rules is not None
    return rules


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (0, "normal"),
        (1, "special-mention"),
        (90, "special-mention"),
        (91, "substandard"),
        (270, "substandard"),
        (271, "doubtful"),
        (360, "doubtful"),
        (361, "loss"),
        (10_000, "loss"),
    ],
)
def test_days_overdue_give_the_class_of_the_measures(days: int, name: str) -> None:
    assert classify(cn(), LoanFacts(day=DAY, days_past_due=days)).name == name


def test_more_days_overdue_never_better_a_class() -> None:
    places = [
        place_of(classify(cn(), LoanFacts(day=DAY, days_past_due=days)).name) for days in range(500)
    ]
    assert places == sorted(places)
    assert set(places) == set(range(len(CLASSES)))


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"defaulted": True}, "substandard"),
        ({"written_off_in_part": True}, "doubtful"),
        ({"written_off": True, "defaulted": True}, "loss"),
        ({"borrower_frozen": True}, "special-mention"),
    ],
)
def test_events_give_a_class_with_their_source(facts: dict[str, Any], name: str) -> None:
    risk = classify(cn(), LoanFacts(day=DAY, **facts))
    assert risk.name == name
    assert risk.reasons[0].minimum == name
    assert all(reason.source for reason in risk.reasons)


def test_restructured_loan_is_observed_for_a_year_and_two_instalments() -> None:
    monthly = Restructured(tuple(DAY + 30 * place for place in range(12)), in_default=False)
    quarterly = Restructured((DAY, DAY + 400), in_default=False)

    def name(restructured: Restructured, day: int, **facts: Any) -> str:
        return classify(cn(), LoanFacts(day=day, restructured=restructured, **facts)).name

    assert name(monthly, DAY - 30) == "special-mention"
    assert name(monthly, DAY + 364) == "special-mention"
    assert name(monthly, DAY + 365) == "normal"
    assert name(quarterly, DAY + 400) == "special-mention"
    assert name(quarterly, DAY + 401) == "normal"
    assert name(monthly, DAY + 500, days_past_due=1) == "special-mention"
    in_default = Restructured(monthly.due_days, in_default=True)
    assert name(in_default, DAY + 364) == "substandard"
    assert name(in_default, DAY + 365) == "normal"


def rules_with(folder: Path, change: dict[str, Any]) -> Path:
    document = yaml.safe_load(CN_FILE.read_text())
    document["classification"] = copy.deepcopy(document["classification"]) | change
    path = folder / "cn.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def overdue(*rules: tuple[int, str]) -> dict[str, Any]:
    return {"overdue": [{"more_than_days": days, "minimum": minimum} for days, minimum in rules]}


def events(drop: str = "", **minimum: str) -> dict[str, Any]:
    document = yaml.safe_load(CN_FILE.read_text())
    rules = [rule for rule in document["classification"]["events"] if rule["event"] != drop]
    for rule in rules:
        rule["minimum"] = minimum.get(rule["event"].replace("-", "_"), rule["minimum"])
    return {"events": rules}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (overdue((1, "special-mention")), "more_than_days: 0"),
        (overdue((0, "normal"), (90, "substandard")), "not normal"),
        (overdue((0, "special-mention"), (0, "loss")), "must rise; 0 comes after 0"),
        (overdue((0, "doubtful"), (90, "substandard")), "must worsen; substandard comes after"),
        (overdue((-1, "special-mention")), "overdue.0.more_than_days"),
        (overdue((0, "bad")), "overdue.0.minimum"),
        ({"overdue": []}, "overdue"),
        (events(drop="written-off"), "written-off is missing"),
        ({"events": events()["events"] * 2}, "occurs twice"),
        (events(restructured="loss"), "restructured-in-default must be no better"),
        (events(written_off="special-mention"), "written-off must be no better"),
        ({"observation": {"days": 0, "instalments": 2}}, "observation.days"),
        ({"source": "none"}, "classification.source"),
        ({"more": 1}, "classification.more"),
    ],
)
def test_invalid_classes_are_refused_and_named(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(CatalogueInvalid, match=words):
        read_rules(rules_with(tmp_path, change))


def test_rule_set_may_have_no_classes() -> None:
    assert read_rules(ROOT / "rules" / "intl.yaml").classification is None
