from typing import Any

import pytest

from scripts.slither import counted, differences, explained, place

FUNCTION: dict[str, Any] = {
    "type": "function",
    "name": "pay",
    "type_specific_fields": {"parent": {"type": "contract", "name": "Receivables"}},
}
VARIABLE: dict[str, Any] = {
    "type": "variable",
    "name": "total",
    "type_specific_fields": {"parent": FUNCTION},
}


def _finding(element: dict[str, Any], check: str = "timestamp") -> dict[str, Any]:
    return {"check": check, "elements": [element], "first_markdown_element": "a.sol#L1"}


def test_finding_is_placed_in_its_enclosing_function() -> None:
    assert place(_finding(FUNCTION)) == "Receivables.pay"
    assert place(_finding(VARIABLE)) == "Receivables.pay"


def test_no_difference_when_each_finding_is_explained_as_often_as_it_occurs() -> None:
    text = """
[[explained]]
detector = "timestamp"
reason = "days"
places = ["Receivables.pay x2"]
"""
    counts = counted([_finding(FUNCTION), _finding(VARIABLE)])
    assert differences(counts, explained(text)) == []


def test_finding_without_an_explanation_is_a_difference() -> None:
    assert differences(counted([_finding(FUNCTION)]), explained("")) == [
        "not explained: timestamp: Receivables.pay (found 1, explained 0)"
    ]


def test_explanation_without_a_finding_is_a_difference() -> None:
    text = '[[explained]]\ndetector = "timestamp"\nreason = "days"\nplaces = ["Receivables.pay"]\n'
    assert differences(counted([]), explained(text)) == [
        "explained and not found: timestamp: Receivables.pay (found 0, explained 1)"
    ]


def test_a_group_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="no reason"):
        explained('[[explained]]\ndetector = "timestamp"\nreason = " "\nplaces = ["a.b"]\n')


def test_detector_may_be_explained_for_all_files_while_it_has_findings() -> None:
    text = '[[explained]]\ndetector = "timestamp"\nreason = "days"\nplaces = ["*"]\n'
    assert differences(counted([_finding(FUNCTION)]), explained(text)) == []
    assert differences(counted([]), explained(text)) == ["explained and not found: timestamp"]


def test_a_place_that_is_found_more_or_less_often_by_chance_has_its_bounds() -> None:
    known = explained(
        '[[explained]]\ndetector = "timestamp"\nreason = "days"\n'
        'places = ["Receivables.pay x2-3"]\n'
    )
    for times, differs in ((1, 1), (2, 0), (3, 0), (4, 1)):
        assert len(differences(counted([_finding(FUNCTION)] * times), known)) == differs
