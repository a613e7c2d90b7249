"""Parts by time, the choice on the middle part, the one look at the last, and the pages."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from app.domain.calendar import add_months, day_of
from app.domain.scoring.judging import judge
from app.domain.scoring.model import Text
from benchmarks.credit import hold_out, metrics
from benchmarks.credit.cases import StudyCase, defaults_of
from benchmarks.credit.fitted import Fit
from benchmarks.credit.metrics import Bounds
from benchmarks.credit.model_card import model_card
from benchmarks.credit.parts import Parts, PartsInvalid, parted
from benchmarks.credit.plots import plot_trade
from benchmarks.credit.study import (
    CHALLENGER,
    CHAMPION,
    MAX_BINS,
    Look,
    Study,
    TierRow,
    conditions,
    falling,
    moves,
    studied,
    tiers,
)
from benchmarks.credit.tables import markdown, seed_row, trade_tables, write_tables
from tests.support.credit_study import TRADE, cases, fit_by_hand

SOURCE = Text("a test", "测试")


@cache
def study() -> Study:
    return studied(parted(cases()), champion=TRADE, fitter=fit_by_hand, source=SOURCE)


@cache
def looks() -> tuple[Look, Look]:
    middle, last = (study().look(part, seed=1, draws=40) for part in ("choose", "hold-out"))
    return middle, last


def test_year_lies_between_parts_and_no_case_is_in_two() -> None:
    parts = parted(cases())
    for before, after in ((parts.train, parts.choose), (parts.choose, parts.hold_out)):
        assert add_months(max(case.day for case in before), 12) < min(case.day for case in after)
    names = [case.name for _, part in parts.named() for case in part]
    assert len(set(names)) == len(names) == len(cases())


def test_order_of_the_rows_does_not_matter() -> None:
    assert parted(cases()) == parted(cases()[::-1])


def test_cases_that_span_too_short_a_time_are_refused() -> None:
    first = day_of(date(2020, 1, 1))
    some = [replace(case, day=first + place % 900) for place, case in enumerate(cases())]
    with pytest.raises(PartsInvalid, match=r"as_of: .* three years at least"):
        parted(some)
    with pytest.raises(PartsInvalid, match="no case"):
        parted([])


def test_part_with_too_few_defaults_is_named() -> None:
    last = max(case.day for case in cases())
    some = [replace(case, default=case.default and case.day < last - 300) for case in cases()]
    with pytest.raises(PartsInvalid, match=r"outcome: the part hold-out has .* 30 defaults"):
        parted(some)


def test_fits_see_the_training_part_alone() -> None:
    parts, seen = parted(cases()), list[tuple[StudyCase, ...]]()

    def fitter(train: tuple[StudyCase, ...] | list[StudyCase], max_bins: int) -> Fit:
        seen.append(tuple(train))
        return fit_by_hand(train, max_bins)

    studied(parts, champion=TRADE, fitter=fitter, source=SOURCE)  # type: ignore[arg-type]
    assert len(seen) >= len(MAX_BINS)
    assert all(set(each_case.name for each_case in part) <= names(parts.train) for part in seen)


def names(part: tuple[StudyCase, ...]) -> set[str]:
    return {case.name for case in part}


def test_choice_does_not_hang_on_the_hold_out() -> None:
    parts = parted(cases())
    turned = tuple(replace(case, default=not case.default) for case in parts.hold_out)
    other = studied(
        Parts(parts.train, parts.choose, turned),
        champion=TRADE,
        fitter=fit_by_hand,
        source=SOURCE,
    )
    assert other.challenger.card == study().challenger.card


def test_chosen_is_the_candidate_with_the_lowest_loss_on_the_middle() -> None:
    losses = [each.log_loss for each in study().candidates]
    assert [each.max_bins for each in study().candidates] == list(MAX_BINS)
    assert study().chosen.log_loss == min(losses)


def test_points_mean_the_same_chance_in_both_cards() -> None:
    train = study().parts.train
    for each in (study().champion, study().challenger):
        marks = each.marks(train)
        assert sum(marks.chances) == pytest.approx(defaults_of(train), rel=1e-6)
        assert each.scale.slope < 0


def test_look_has_figures_of_the_engine() -> None:
    _, last = looks()
    part = study().parts.hold_out
    points = [judge(TRADE, case.values).total for case in part]
    outcomes = [case.default for case in part]
    assert last.figures[CHAMPION].auc.value == metrics.auc(points, outcomes)
    difference = last.figures[CHALLENGER].auc.value - last.figures[CHAMPION].auc.value
    assert last.more.auc.value == pytest.approx(difference)
    assert last.more.auc.low <= last.more.auc.value <= last.more.auc.high


def test_tiers_and_moves_count_every_case() -> None:
    _, last = looks()
    for role in (CHAMPION, CHALLENGER):
        rows = tiers(last.marks[role])
        assert sum(row.cases for row in rows) == last.cases
        assert sum(row.defaults for row in rows) == last.defaults
        by_points = tiers(last.marks[role], by_points=True)
        assert sum(row.cases for row in by_points) == last.cases
        # A thin file is in a worse tier than its points alone would give.
        assert by_points[-1].cases < rows[-1].cases
    table = moves(last)
    assert [sum(row) for row in table] == [row.cases for row in tiers(last.marks[CHAMPION])]


def tier_rows(*rates: float | None) -> list[TierRow]:
    return [
        TierRow(tier, 0 if rate is None else 10, 0, Bounds(rate or 0.0, 0, 1))
        for tier, rate in enumerate(rates, 1)
    ]


def test_rate_falls_if_each_better_tier_has_a_lower_one() -> None:
    assert falling(tier_rows(0.01, 0.02, 0.03, 0.05, 0.2))
    assert falling(tier_rows(None, 0.02, 0.03, None, 0.2))
    assert not falling(tier_rows(0.01, 0.03, 0.02, 0.05, 0.2))
    assert not falling(tier_rows(0.01, 0.02, 0.02, 0.05, 0.2))


def test_simulated_cases_never_let_the_challenger_take_over() -> None:
    middle, last = looks()
    assert not all(each.holds for each in conditions(middle, last, real=False))
    assert [each.holds for each in conditions(middle, last, real=True)][-1]
    assert len(conditions(middle, last, real=True)) == 5


def test_hold_out_is_opened_for_one_choice_only(tmp_path: Path) -> None:
    hold_out.opened(tmp_path, study())
    hold_out.opened(tmp_path, study())
    worse = next(each for each in study().candidates if each is not study().chosen)
    with pytest.raises(hold_out.HoldOutSpent, match="looked at before, with other cards"):
        hold_out.opened(tmp_path, replace(study(), chosen=worse))
    later = Parts(study().parts.train, study().parts.choose, study().parts.hold_out[1:])
    hold_out.opened(tmp_path, replace(study(), parts=later, chosen=worse))
    assert len(json.loads((tmp_path / hold_out.RECORD).read_text())) == 2


@pytest.mark.parametrize("text", ["{", "[]"])
def test_record_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / hold_out.RECORD).write_text(text)
    with pytest.raises(hold_out.HoldOutSpent, match="is not a record"):
        hold_out.opened(tmp_path, study())


def test_tables_and_pages_have_the_figures(tmp_path: Path) -> None:
    middle, last = looks()
    tables = trade_tables(study(), looks(), conditions(middle, last, real=False))
    tables["seeds"] = [seed_row(7, study(), last)]
    write_tables(tmp_path, tables, about={"seed": 7})
    with (tmp_path / "cards.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["part"], row["card"]) for row in rows] == [
        ("choose", CHAMPION),
        ("choose", CHALLENGER),
        ("hold-out", CHAMPION),
        ("hold-out", CHALLENGER),
    ]
    assert float(rows[2]["auc"]) == round(last.figures[CHAMPION].auc.value, 4)
    content = json.loads((tmp_path / "credit-study.json").read_text(encoding="utf-8"))
    assert content.keys() == {"about", *tables}
    page = model_card(study(), tables, about={"seed": 7}, simulated=True, left_out={})
    assert "No claim is made for real small firms until real outcomes are loaded" in page
    assert "The champion stays." in page
    assert "make credit-study OUTCOMES=" in page
    assert f"{last.figures[CHALLENGER].auc.value:.3f} (" in page
    real = model_card(
        study(), tables, about={"seed": 7}, simulated=False, left_out={"refused": 5, "too_young": 6}
    )
    assert "5 refused cases have no outcome, and 6 cases are too young" in real
    plot_trade(tmp_path / "trade.png", last, "A title")
    assert (tmp_path / "trade.png").read_bytes().startswith(b"\x89PNG")


def test_markdown_puts_bounds_into_one_cell() -> None:
    assert markdown([{"a": 0.5, "a_low": 0.4, "a_high": 0.6, "b": True, "c": None}]) == (
        "| a | b | c |\n| --- | --- | --- |\n| 0.500 (0.400 to 0.600) | yes | - |\n"
    )
