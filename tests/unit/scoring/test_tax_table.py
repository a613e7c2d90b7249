"""Tax certificates: the newest one counts, and two of one period contradict each other."""

from __future__ import annotations

from app.domain.scoring.tax_table import read_tax_table
from tests.support.evidence_files import Cells, days_of, edited, problems_of, values_of


def shown(cells: Cells, *, without: tuple[str, ...] = ()) -> dict[str, object]:
    return dict(values_of(read_tax_table(edited("tax", cells, without=without), currency="CNY")))


def test_the_sample_shows_grade_and_arrears_each_as_of_its_certificate() -> None:
    figures = read_tax_table(edited("tax", {}), currency="CNY")
    assert values_of(figures) == {
        "tax-standing": "A",
        "tax-arrears": {"amount": "0.00", "currency": "CNY"},
    }
    assert days_of(figures) == {"tax-standing": "2026-03-02", "tax-arrears": "2026-03-31"}
    assert "TG-61-118" in figures.basis
    assert "TA-61-7712" in figures.basis


def test_the_newest_period_that_says_it_counts() -> None:
    assert shown({(3, "status"): "C"})["tax-standing"] == "C"
    older = {(2, "arrears"): "99.00", (2, "currency"): "CNY"}
    assert shown(older)["tax-arrears"] == {"amount": "0.00", "currency": "CNY"}


def test_arrears_that_no_certificate_names_are_unknown_and_not_zero() -> None:
    assert shown({(3, "status"): "B", (3, "arrears"): ""}) == {"tax-standing": "B"}
    only = {(2, "status"): "", (2, "arrears"): "5.00", (2, "currency"): "CNY"}
    assert set(shown(only)) == {"tax-arrears"}


def test_two_certificates_of_one_period_contradict_each_other() -> None:
    cells = {(3, "status"): "C", (3, "periodTo"): "2025-12-31", (3, "periodFrom"): "2025-10-01"}
    (problem,) = problems_of(read_tax_table, edited("tax", cells))
    assert problem.name == "contradictory"
    assert "row 3, column status: row 2 has the same last day of its period" in str(problem.detail)


def test_a_certificate_counts_once() -> None:
    (problem,) = problems_of(read_tax_table, edited("tax", {(3, "certificate"): "TG-61-118"}))
    assert problem.name == "contradictory"
    assert "row 3, column certificate: row 2 has the same certificate" in str(problem.detail)
