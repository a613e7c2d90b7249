"""An extract of the register: age, state, who owns the company, and what stays unknown."""

from __future__ import annotations

import pytest

from app.domain.scoring.registration_table import MAX_RELATIONS, read_registration_table
from tests.support.evidence_files import COMPANY, Cells, days_of, edited, problems_of, values_of


def shown(cells: Cells, *, without: tuple[str, ...] = ()) -> dict[str, object]:
    data = edited("registration", cells, without=without)
    return dict(values_of(read_registration_table(data, currency="CNY")))


def test_the_sample_shows_age_state_and_owners() -> None:
    figures = read_registration_table(edited("registration", {}), currency="CNY")
    assert values_of(figures) == {
        "registration-months": 46,
        "registration-state": "active",
        "ownership": "confirmed",
        "largest-owner-share": "60%",
    }
    assert figures.company == COMPANY
    assert set(days_of(figures).values()) == {"2026-03-31"}
    assert [(each.record, each.id, each.share, each.row) for each in figures.relations] == [
        ("company", COMPANY, None, 2),
        ("owner", "", 600_000, 3),
        ("owner", "91610102MA6TY3N82N", 400_000, 4),
        ("controller", "", None, 5),
        ("holding", "91610131MA6W0K5D3Y", 300_000, 6),
    ]


@pytest.mark.parametrize(
    ("founded", "months"),
    [
        ("2026-03-31", 0),
        ("2026-03-01", 0),
        ("2026-02-28", 1),
        ("2025-04-01", 11),
        ("2025-03-31", 12),
    ],
)
def test_months_are_whole_ones(founded: str, months: int) -> None:
    assert shown({(2, "founded"): founded})["registration-months"] == months


def test_what_the_extract_does_not_say_is_unknown() -> None:
    assert "registration-months" not in shown({(2, "founded"): ""})
    assert "registration-state" not in shown({(2, "state"): ""})
    none = {(3, "record"): "holding", (4, "record"): "holding"}
    assert set(shown(none)) == {"registration-months", "registration-state"}
    assert "largest-owner-share" not in shown({(4, "share"): ""})


@pytest.mark.parametrize(
    ("cells", "ownership"),
    [
        ({(3, "basis"): "stated"}, "stated"),
        ({(4, "basis"): ""}, "stated"),
        ({(5, "basis"): ""}, "stated"),
        ({(5, "record"): "holding", (5, "basis"): ""}, "stated"),
        ({(4, "share"): "39.9999%"}, "unclear"),
        ({(4, "share"): ""}, "unclear"),
    ],
)
def test_owners_are_confirmed_only_by_the_register(cells: Cells, ownership: str) -> None:
    assert shown(cells)["ownership"] == ownership


def test_more_than_all_shares_are_refused() -> None:
    (problem,) = problems_of(
        read_registration_table, edited("registration", {(4, "share"): "40.0001%"})
    )
    assert problem.name == "totals-differ"
    assert "row 4, column share: the shares down to this row are 100.0001% in all" in str(
        problem.detail
    )


def test_one_row_is_the_company_itself() -> None:
    twice = {(6, "record"): "company", (6, "share"): ""}
    (problem,) = problems_of(read_registration_table, edited("registration", twice))
    assert (problem.name, "row 6, column record" in str(problem.detail)) == ("contradictory", True)
    none = {(2, "record"): "holding", (2, "state"): "", (2, "founded"): ""}
    (problem,) = problems_of(read_registration_table, edited("registration", none))
    assert "no row has the record company" in str(problem.detail)


def test_an_owner_counts_once() -> None:
    (problem,) = problems_of(
        read_registration_table, edited("registration", {(3, "id"): "91610102MA6TY3N82N"})
    )
    assert problem.name == "contradictory"
    assert "row 4, column id: row 3 has the same owner" in str(problem.detail)


def test_more_relations_than_allowed_are_refused() -> None:
    head = edited("registration", {}).decode().splitlines()[:2]
    rows = (f"holding,,Firm {place},2026-03-31,,,," for place in range(MAX_RELATIONS + 1))
    (problem,) = problems_of(read_registration_table, "\n".join((*head, *rows)).encode())
    assert (problem.name, "there are too many" in str(problem.detail)) == ("cell-invalid", True)
