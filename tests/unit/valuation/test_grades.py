"""Grades: the worst measure decides, and nothing worse is ever better."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.valuation.grades import LIMITS, SHIPPED, Grade, Limit, findings, grade_of
from app.domain.valuation.measures import Measures

BEST = Measures(
    price=1,
    sold=1,
    trend=0,
    fall=0,
    dispersion=0,
    days_of_stock=0,
    returned=0,
    lost=0,
    decay=0,
    gap=0,
    busiest=0,
    missing=0,
)
NAMES = [limit.measure for limit in LIMITS]
figures = st.integers(min_value=0, max_value=1_000_000)


@st.composite
def measures(draw: st.DrawFn) -> Measures:
    """Any measures with a known stock."""
    return replace(BEST, **{name: draw(figures) for name in NAMES})


@pytest.mark.parametrize("limit", LIMITS, ids=NAMES)
def test_each_limit_still_belongs_to_its_grade(limit: Limit) -> None:
    for grade, figure in zip(Grade, limit.maximum, strict=False):
        assert grade_of(replace(BEST, **{limit.measure: figure})) is grade
        assert grade_of(replace(BEST, **{limit.measure: figure + 1})) is grade.next


@given(measures(), st.sampled_from(NAMES), figures)
def test_a_worse_figure_never_gets_a_better_grade(measured: Measures, name: str, more: int) -> None:
    worse = replace(measured, **{name: getattr(measured, name) + more})
    assert grade_of(worse) >= grade_of(measured)


@given(measures())
def test_the_grade_is_the_worst_of_its_measures(values: Measures) -> None:
    assert grade_of(values) is max(finding.grade for finding in findings(values))


def test_an_unknown_stock_costs_grades() -> None:
    assert grade_of(replace(BEST, days_of_stock=None)) is Grade.C


def test_a_worse_grade_has_no_smaller_haircut_and_no_longer_life() -> None:
    for grade in Grade:
        assert SHIPPED[grade.next].haircut >= SHIPPED[grade].haircut
        assert SHIPPED[grade.next].days <= SHIPPED[grade].days


def test_the_worst_grade_is_not_lent_on() -> None:
    assert SHIPPED[Grade.E].haircut == 1_000_000
