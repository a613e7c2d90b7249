"""Partners' feedback: shares of deliveries, the score, and what stays unknown."""

from __future__ import annotations

import pytest

from app.domain.scoring.feedback_table import read_feedback_table
from tests.support.evidence_files import (
    COMPANY,
    Cells,
    days_of,
    edited,
    problems_of,
    sample,
    values_of,
)

ROWS = (2, 3, 4)


def shown(cells: Cells, *, without: tuple[str, ...] = ()) -> dict[str, object]:
    figures = read_feedback_table(edited("feedback", cells, without=without), currency="CNY")
    return dict(values_of(figures))


def test_the_sample_counts_deliveries_of_three_partners() -> None:
    assert shown({}) == {
        "feedback-partners": 3,
        "partner-score": "88.3333%",  # 265 / 3, rounded down
        "late-deliveries": "4.5455%",  # 5 of 110, rounded up
        "short-deliveries": "1.8182%",  # 2 of 110
        "complaint-share": "1.1765%",  # 1 of 85: a partner does not say
    }
    figures = read_feedback_table(edited("feedback", {}), currency="CNY")
    assert set(days_of(figures).values()) == {"2026-03-31"}


def test_what_nobody_says_is_unknown_and_not_zero() -> None:
    assert "partner-score" not in shown({}, without=("score",))
    silent = shown({}, without=("late", "short", "complaints"))
    assert set(silent) == {"feedback-partners", "partner-score"}
    none = shown({(row, "complaints"): "" for row in ROWS})
    assert "complaint-share" not in none
    assert "late-deliveries" in none
    assert shown({(row, "late"): "0" for row in ROWS})["late-deliveries"] == "0%"


def test_a_share_of_no_deliveries_is_unknown() -> None:
    cells = {(row, column): "0" for row in ROWS for column in ("deliveries", "late", "short")}
    values = shown(cells | {(row, "complaints"): "0" for row in ROWS})
    assert set(values) == {"feedback-partners", "partner-score"}


def test_periods_that_ended_a_year_before_do_not_count() -> None:
    days = {(4, "periodFrom"): "2025-01-01", (4, "periodTo"): "2025-03-31"}
    assert shown(days)["feedback-partners"] == 2
    days = {(4, "periodFrom"): "2025-01-01", (4, "periodTo"): "2025-04-01"}
    assert shown(days)["feedback-partners"] == 3


def test_one_partner_with_two_periods_counts_once() -> None:
    for partner in ("Weihe Pumps Co., Ltd.", "WEIHE Pumps Co Ltd"):
        assert shown({(4, "partner"): partner})["feedback-partners"] == 2


@pytest.mark.parametrize("day", ["2025-12-31", "2026-01-01"])
def test_overlapping_periods_of_a_partner_are_refused(day: str) -> None:
    cells = {(4, "partner"): "WEIHE Pumps Co., Ltd.", (4, "periodTo"): day}
    if day < "2026-01-01":
        assert shown(cells)["feedback-partners"] == 2
        return
    (problem,) = problems_of(read_feedback_table, edited("feedback", cells))
    assert problem.name == "contradictory"
    assert "row 3, column periodFrom: its period overlaps that of row 4" in str(problem.detail)


@pytest.mark.parametrize("partner", [COMPANY, f"{COMPANY[:8]}-{COMPANY[8:]}"])
def test_a_company_does_not_speak_of_itself(partner: str) -> None:
    (problem,) = problems_of(read_feedback_table, edited("feedback", {(3, "partner"): partner}))
    assert problem.name == "of-itself"
    assert "row 3, column partner" in str(problem.detail)


def test_a_row_that_says_nothing_is_refused() -> None:
    header = sample("feedback").splitlines()[0]
    row = f"{COMPANY},Weihe Pumps,2026-01-01,2026-03-31,,,,,"
    (problem,) = problems_of(read_feedback_table, f"{header}\n{row}\n".encode())
    assert "row 2, column score: the row has neither score nor deliveries" in str(problem.detail)
