"""Past cases: read strictly, and compared before a card is in force."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.scoring.card_file import card_of
from app.domain.scoring.cases import compare, read_cases
from app.domain.scoring.problems import CasesInvalid
from tests.support.credit import feature, numbers, small_card, text

CARD = card_of(small_card())
TABLE = b"""case,late,months,buyer,growth,sales,grade
good,0,30,10%,5%,9000.00,A
fair,3,12,60%,5%,5000.00,A
thin,0,,,,,
"""


def stricter() -> dict[str, Any]:
    """The card with a harder second tier."""
    content = small_card()
    content["version"] = 4
    content["tiers"][1]["points"] = 330
    return content


def test_a_change_moves_cases_to_other_tiers() -> None:
    comparison = compare(read_cases(TABLE, table=True), old=CARD, new=card_of(stricter()))
    assert comparison.table() == [
        [1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1],
    ]
    assert [move.case for move in comparison.moved] == ["fair"]


def test_the_same_card_moves_nothing() -> None:
    assert compare(read_cases(TABLE, table=True), old=CARD, new=CARD).moved == []


def test_cases_read_alike_from_both_forms() -> None:
    content = [
        {
            "case": "fair",
            "values": {
                **{"late": 3, "months": 12, "buyer": "60%", "growth": "5%"},
                **{"sales": "5000.00", "grade": "A"},
            },
        },
        {"case": "thin", "values": {"late": 0, "months": None}},
    ]
    listed = compare(read_cases(json.dumps(content).encode(), table=False), old=CARD, new=CARD)
    table = compare(read_cases(TABLE, table=True), old=CARD, new=CARD)
    assert [move.after for move in listed.moves] == [move.after for move in table.moves[1:]]


def test_a_feature_that_only_one_card_has_is_left_out_of_the_other() -> None:
    content = small_card()
    content["documents"]["bank"] = text("the bank")
    content["features"].append(
        feature("cash", "count", numbers((5, 0), (None, 9)), document="bank", weight=10)
    )
    content["examples"][0]["points"] = 135
    data = b"case,late,cash\na,0,7\n"
    [move] = compare(read_cases(data, table=True), old=CARD, new=card_of(content)).moves
    assert (move.before.total, move.after.total) == (185, 194)


@pytest.mark.parametrize(
    ("data", "table", "name"),
    [
        (b"", True, "columns-invalid"),
        (b"late\n1\n", True, "columns-invalid"),
        (b"case,late,late\na,1,1\n", True, "columns-invalid"),
        (b"case,late\n", True, "cases-missing"),
        (b"case,late\na,1,2\n", True, "row-invalid"),
        (b"case,late\n,1\n", True, "case-missing"),
        (b"case,late\na,1\na,2\n", True, "case-twice"),
        (b"case,late\n\xff,1\n", True, "not-csv"),
        (b'case,late\n"a,1\n', True, "not-csv"),
        (b"{}", False, "not-a-list"),
        (b"[1]", False, "case-invalid"),
        (b'[{"case": "a"}]', False, "case-invalid"),
        (b'[{"case": "a", "values": {}, "more": 1}]', False, "case-invalid"),
        (b"[", False, "not-json"),
        (b"[]", False, "cases-missing"),
    ],
)
def test_a_file_that_holds_no_cases_is_refused_by_name(data: bytes, table: bool, name: str) -> None:
    with pytest.raises(CasesInvalid) as caught:
        read_cases(data, table=table)
    assert caught.value.problems[0].name == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"case,late\na,x\n", "value-invalid"),
        (b"case,grade\na,Z\n", "value-invalid"),
        (b"case,sales\na,1.001\n", "value-invalid"),
        (b"case,moon\na,1\n", "feature-unknown"),
    ],
)
def test_a_case_that_a_card_cannot_read_is_named(data: bytes, name: str) -> None:
    with pytest.raises(CasesInvalid) as caught:
        compare(read_cases(data, table=True), old=CARD, new=CARD)
    assert caught.value.problems[0].name == name


def test_a_file_full_of_faults_is_told_in_part() -> None:
    data = b"case,late\n" + b"".join(b"%d,x\n" % n for n in range(1000))
    with pytest.raises(CasesInvalid) as caught:
        compare(read_cases(data, table=True), old=CARD, new=CARD)
    assert len(caught.value.problems) == 20
