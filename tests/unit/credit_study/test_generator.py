"""The simulated trade is the same each time, and obeys what it says it assumes."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from statistics import mean

import pytest

from app.domain.calendar import date_of, day_of
from app.domain.scoring.judging import judge
from benchmarks.credit.assumptions import Assumptions, listed
from benchmarks.credit.cases import defaults_of, fingerprint
from benchmarks.credit.firms import distress_of, hazard_of, shocks
from benchmarks.credit.generator import SizeRefused, generate, trade_cases
from tests.support.credit_study import SEED, SIZE, TRADE, cases

GIVEN = Assumptions()
SMALL = 50


def test_seed_gives_the_same_cases_and_another_seed_others() -> None:
    first = fingerprint(trade_cases(3, SMALL), TRADE)
    assert first == fingerprint(trade_cases(3, SMALL), TRADE)
    assert first != fingerprint(trade_cases(4, SMALL), TRADE)


def test_more_firms_leave_the_first_ones_as_they_were() -> None:
    few = {case.name: case for case in trade_cases(SEED, SMALL)}
    many = {case.name: case for case in cases()}
    assert few.items() <= many.items()
    assert len(many) == SIZE * len(GIVEN.quarters)


def test_cohorts_are_on_the_first_days_of_their_quarters() -> None:
    days = sorted({case.day for case in cases()})
    assert days[0] == day_of(date(GIVEN.first_year + GIVEN.first_cohort // 12, 1, 1))
    assert {(date_of(day).day, date_of(day).month % 3) for day in days} == {(1, 1)}
    assert len(days) == len(GIVEN.quarters)


def test_card_can_judge_every_case() -> None:
    for case in cases():
        assert set(case.values) == {feature.name for feature in TRADE.features}
        judge(TRADE, case.values)


def test_some_three_to_fifteen_of_a_hundred_default() -> None:
    assert 0.03 < defaults_of(cases()) / len(cases()) < 0.15


def test_without_hazard_nobody_defaults() -> None:
    none = replace(GIVEN, hazard=0.0, hazard_in_distress=0.0)
    for case, _, life in generate(SEED, SMALL, none):
        assert (case.default, life.defaults) == (False, 0)
        assert case.values["defaults"] in (0, None)


def test_every_firm_defaults_at_once_if_the_hazard_is_certain() -> None:
    # Before the case too: each month is a default after which it goes on.
    sure = replace(GIVEN, hazard=1e9, survives=1.0, quarters=(0,))
    for case, firm, life in generate(SEED, SMALL, sure):
        assert (case.default, life.default_month) == (True, 0)
        assert life.defaults == min(firm.tenure, GIVEN.history)


def test_worse_and_distressed_firms_default_more_often() -> None:
    assert hazard_of(-1, 0, GIVEN, new=False) > hazard_of(1, 0, GIVEN, new=False)
    assert hazard_of(0, 0.9, GIVEN, new=False) > 10 * hazard_of(0, 0, GIVEN, new=False)
    assert hazard_of(0, 0, GIVEN, new=True) == GIVEN.new_hazard * GIVEN.hazard
    assert distress_of(GIVEN.distress_middle, GIVEN) == 0.5
    assert distress_of(2, GIVEN) < 0.01
    assert distress_of(-1, GIVEN) > 0.9
    drawn = list(generate(SEED, SIZE, GIVEN))
    bad = mean(firm.quality for case, firm, _ in drawn if case.default)
    good = mean(firm.quality for case, firm, _ in drawn if not case.default)
    assert bad < good - 0.2


def test_young_firms_default_more_often_than_old_ones() -> None:
    # So lenders find it; in the simulation of the first run it was the other way round.
    drawn = list(generate(SEED, SIZE, GIVEN))
    young = mean(case.default for case, firm, _ in drawn if firm.tenure < 12)
    old = mean(case.default for case, firm, _ in drawn if firm.tenure >= 36)
    assert young > old


def test_what_comes_after_the_case_is_not_in_its_values() -> None:
    seen, other = (
        [case.values for case, _, _ in generate(SEED, SMALL, replace(GIVEN, horizon=months))]
        for months in (12, 3)
    )
    assert seen == other


def test_trend_needs_two_years_and_a_young_firm_has_no_ledger_more_often() -> None:
    drawn = list(generate(SEED, SIZE, GIVEN))
    for case, firm, _ in drawn:
        if firm.tenure < 24:
            assert case.values["sales-trend"] is None
    young = [case.values["defaults"] is None for case, firm, _ in drawn if firm.tenure < 12]
    old = [case.values["defaults"] is None for case, firm, _ in drawn if firm.tenure >= 12]
    assert mean(young) > 2 * mean(old)


def test_document_that_is_missing_takes_all_its_features() -> None:
    none = replace(GIVEN, no_ledger=1e9, no_ledger_young=1e9, no_tax=0.0)
    ledger = [feature.name for feature in TRADE.features if feature.document == "ledger"]
    for case, _, _ in generate(SEED, SMALL, none):
        assert all(case.values[name] is None for name in ledger)
        assert case.values["tax-standing"] is not None


def test_shocks_are_the_same_for_all_and_hold_one_downturn() -> None:
    with_it = shocks(SEED, GIVEN)
    without = shocks(SEED, replace(GIVEN, downturn=0.0))
    added = [round(a - b, 9) for a, b in zip(with_it, without, strict=True)]
    begins = added.index(GIVEN.downturn)
    assert begins >= 24
    assert added == [0.0] * begins + [GIVEN.downturn] * GIVEN.downturn_months + [0.0] * (
        GIVEN.months - begins - GIVEN.downturn_months
    )


def test_firms_default_more_often_in_the_year_of_a_downturn() -> None:
    deep = replace(GIVEN, downturn=-6.0, downturn_months=93, quarters=(20, 21, 22, 23))
    calm = replace(GIVEN, downturn=0.0, quarters=(20, 21, 22, 23))
    bad, usual = (
        sum(case.default for case, _, _ in generate(SEED, SIZE, given)) for given in (deep, calm)
    )
    assert bad > usual


def test_every_assumption_is_listed_with_its_meaning() -> None:
    rows = listed(GIVEN)
    assert [name for name, _, _ in rows] == [each.name for each in fields(Assumptions)]
    assert all(figure and len(says) > 10 for _, figure, says in rows)


@pytest.mark.parametrize("size", [0, 49, 10_001])
def test_size_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(SizeRefused, match=f"size {size}: take 50 to 10000"):
        trade_cases(1, size)
