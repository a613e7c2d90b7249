"""A table of real outcomes is read as it is, or refused with row and column."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.calendar import day_of
from app.domain.scoring.problems import Refused
from benchmarks.credit.cases import table_of
from benchmarks.credit.outcomes import Outcomes, read_outcomes
from tests.support.credit_study import TRADE, cases

TODAY = day_of(date(2026, 6, 30))
HEAD = "case,as_of,outcome,days-paid-late,largest-buyer-share,yearly-sales,sales-trend,tax-standing"
GOOD = "a,2024-03-31,good,3,12.5%,1250.00,-4%,A"


def read(*rows: str, head: str = HEAD) -> Outcomes:
    return read_outcomes("\n".join([head, *rows]).encode(), card=TRADE, today=TODAY)


def refusal(*rows: str, head: str = HEAD) -> str:
    with pytest.raises(Refused) as caught:
        read(*rows, head=head)
    return "\n".join(map(str, caught.value.problems))


def test_values_are_read_as_the_card_writes_them_and_empty_is_unknown() -> None:
    known = read(GOOD, "b,2024-04-30,default,,,,,").cases
    assert [(case.name, case.default) for case in known] == [("a", False), ("b", True)]
    assert known[0].day == day_of(date(2024, 3, 31))
    assert {name: value for name, value in known[0].values.items() if value is not None} == {
        "days-paid-late": 3,
        "largest-buyer-share": 125_000,
        "yearly-sales": 125_000,
        "sales-trend": -40_000,
        "tax-standing": "A",
    }
    assert set(known[1].values.values()) == {None}


def test_refused_firms_and_cases_whose_year_is_not_over_are_counted_and_left_out() -> None:
    found = read(GOOD, "b,2024-04-30,refused,,,,,", "c,2025-07-01,default,9,,,,")
    assert ([case.name for case in found.cases], found.refused, found.too_young) == (["a"], 1, 1)


def test_year_that_ends_today_is_over() -> None:
    assert len(read("a,2025-06-30,good,3,,,,").cases) == 1


def test_simulated_cases_can_be_read_again() -> None:
    some = cases()[::40]
    read_again = read_outcomes(table_of(some, TRADE).encode(), card=TRADE, today=TODAY)
    assert read_again == Outcomes(some, 0, 0)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a,31.3.2024,good,3,,,,", "line 3: as_of: day-invalid: case a: '31.3.2024' is no day"),
        ("a,20240331,good,3,,,,", "line 3: as_of: day-invalid"),
        ("a,,good,3,,,,", "line 3: as_of: day-invalid: case a: '' is no day"),
        ("a,2026-07-01,default,3,,,,", "line 3: as_of: day-in-future: case a: 2026-07-01 is after"),
        ("a,2024-03-31,Good,3,,,,", "line 3: outcome: outcome-invalid: case a: 'Good'"),
        ("a,2024-03-31,,3,,,,", "line 3: outcome: outcome-invalid: case a: ''"),
        (
            "a,2025-07-01,good,3,,,,",
            "line 3: outcome: outcome-too-early: case a: its year ends on 2026-07-01",
        ),
        ("a,2024-03-31,good,3.5,,,,", "line 3: days-paid-late: value-invalid: case a: '3.5'"),
        ("a,2024-03-31,good,-3,,,,", "line 3: days-paid-late: value-invalid"),
        ("a,2024-03-31,good,3,0.125,,,", "line 3: largest-buyer-share: value-invalid"),
        ("a,2024-03-31,good,3,101%,,,", "line 3: largest-buyer-share: value-invalid"),
        ("a,2024-03-31,good,3,,1250.001,,", "line 3: yearly-sales: value-invalid"),
        ("a,2024-03-31,good,3,,,-101%,", "line 3: sales-trend: value-invalid"),
        ("a,2024-03-31,good,3,,,,E", "line 3: tax-standing: value-invalid: case a: 'E' is no"),
        ("a,2024-03-31,good,3", "line 3: file: row-invalid: the row has 4 cells"),
        (",2024-03-31,good,3,,,,", "line 3: case: case-missing"),
        ("first,2024-03-31,good,3,,,,", "line 3: 1.case: case-twice: first is case 0 already"),
    ],
)
def test_wrong_row_is_named_with_its_column(row: str, says: str) -> None:
    assert says in refusal("first,2024-01-31,good,3,,,,", row)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("case,outcome,days-paid-late", "line 1: as_of: column-missing"),
        ("case,as_of,days-paid-late", "line 1: outcome: column-missing"),
        ("case,as_of,outcome,days-late", "line 1: days-late: column-unknown"),
        ("case,as_of,outcome", "column-missing: no column is a feature of the card"),
        ("name,as_of,outcome", "columns-invalid"),
        ("case,as_of,as_of", "columns-invalid"),
    ],
)
def test_wrong_columns_are_named(head: str, says: str) -> None:
    row = ",".join(["a", "2024-03-31", "good", "3"][: head.count(",") + 1])
    assert says in refusal(row, head=head)


def test_every_wrong_cell_is_told_at_once_but_not_more_than_twenty() -> None:
    text = refusal("a,x,y,z,,,,", "b,2024-03-31,good,q,,,,")
    assert text.count("line 2:") == 3
    assert text.count("line 3:") == 1
    assert len(refusal(*(f"a{n},x,y,z,,,," for n in range(50))).splitlines()) == 20


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", HEAD.encode()])
def test_file_that_has_no_case_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        read_outcomes(data, card=TRADE, today=TODAY)
