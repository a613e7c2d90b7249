"""Bounds, walk-forward, closures, haste and the hold-out, on small lots written by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.domain.calendar import day_of
from app.domain.valuation.grades import Grade
from app.domain.valuation.haircuts import choose
from app.domain.valuation.lots import Outcome, SellingTerms, by_day, sell
from app.domain.valuation.measures import measure
from app.domain.valuation.studies.back_test import back_test
from app.domain.valuation.studies.bounds import (
    MIN_MONTHS,
    Bounds,
    Lot,
    Resampled,
    choose_by_bounds,
)
from app.domain.valuation.studies.files import FileInvalid
from app.domain.valuation.studies.retail import Shop, closures, read_shop
from app.domain.valuation.studies.walk_forward import (
    hold_out_lots,
    known_on,
    soundness,
    walk_forward,
)
from app.domain.valuation.studies.walk_forward_report import report, write_walk_forward
from tests.support.valuations import FIRST, TODAY, came_back, history, sale

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice"
FLOORLESS = SellingTerms(floor=0, costs=0, annual_rate=0)


def lot(sku: str, day: int, recovery: int, grade: Grade = Grade.A) -> Lot:
    """A lot by its recovery; all lots are worth the same."""
    return Lot(sku, day, Outcome(grade, 1, 1_000, 0, 0, recovery))


def lots(*, goods: int, months: int, lossy: set[tuple[int, int]], brings: int = 0) -> list[Lot]:
    """One lot of each of the goods in each month; the lossy ones bring `brings`, others all."""
    return [
        lot(f"{item:03}", month, brings if (item, month) in lossy else 1_000_000)
        for item in range(goods)
        for month in range(months)
    ]


def shop_file(tmp_path: Path, *, shut: set[date], sold: dict[str, int]) -> Shop:
    """A shop of 2011 that sells each of its goods every day but those on which it is shut."""
    rows = [HEADER]
    for step in range(250):
        day = date(2011, 1, 1) + timedelta(days=step)
        if day not in shut:
            rows += [f"5{step:05},{sku},TEA,{many},{day},2.55" for sku, many in sold.items()]
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(rows) + "\n")
    return read_shop(path, currency="GBP")


def run_of(first: date, days: int) -> set[date]:
    """So many days from the first."""
    return {first + timedelta(days=step) for step in range(days)}


def test_bound_is_above_the_observed_losses() -> None:
    few = lots(goods=40, months=4, lossy={(3, 1), (9, 2), (20, 0)})
    bounds = Resampled(few).bounds(0)
    assert bounds.frequency > 3 * 1_000_000 // 160
    assert bounds.rate > 3 * 1_000_000 // 160


def test_losses_of_one_month_have_a_wider_bound_than_the_same_losses_spread() -> None:
    spread = {(item, item % 4) for item in range(8)}
    together = {(item, 0) for item in range(8)}
    spread_bound = Resampled(lots(goods=100, months=4, lossy=spread)).bounds(0)
    together_bound = Resampled(lots(goods=100, months=4, lossy=together)).bounds(0)
    assert together_bound.frequency > spread_bound.frequency * 5 // 4


def test_losses_of_one_kind_of_goods_have_a_wider_bound_than_the_same_losses_spread() -> None:
    spread = {(item, item % 4) for item in range(8)}
    together = {(item, month) for item in range(2) for month in range(4)}
    spread_bound = Resampled(lots(goods=100, months=4, lossy=spread)).bounds(0)
    together_bound = Resampled(lots(goods=100, months=4, lossy=together)).bounds(0)
    assert together_bound.frequency > spread_bound.frequency


def test_without_a_loss_the_bound_is_the_exact_binomial_one() -> None:
    # 1 − 0.05^(1/100) = 2.95130…%, rounded up: goods are counted, not their lots.
    assert Resampled(lots(goods=100, months=4, lossy=set())).bounds(0) == Bounds(29_514, 0)


def test_same_lots_in_any_order_have_the_same_bounds() -> None:
    some = [
        lot(f"{item:03}", month, 800_000 + 7_919 * (item * 3 + month) % 400_000)
        for item in range(30)
        for month in range(3)
    ]
    assert Resampled(some).bounds(100_000) == Resampled(some[::-1]).bounds(100_000)
    assert Resampled(some).bounds(100_000) != Resampled(some, seed=1).bounds(100_000)


def test_the_choice_by_bounds_is_above_the_choice_by_lots_when_few_lots_decide() -> None:
    # Two in sixty bring half: within the tolerance of the lots, not within that of the bounds.
    some = lots(goods=60, months=4, lossy={(item, 0) for item in range(9)}, brings=500_000)
    by_lots = choose([item.outcome for item in some])[0].haircut
    by_bounds = choose_by_bounds(some)[0]
    assert by_lots < by_bounds.haircut == 500_000
    assert by_bounds.bounds is not None and by_bounds.bounds.frequency <= 50_000


def test_the_choice_by_bounds_is_that_by_lots_when_no_lot_loses() -> None:
    some = lots(goods=100, months=4, lossy=set())
    assert choose_by_bounds(some)[0].haircut == choose([item.outcome for item in some])[0].haircut


def test_too_few_months_lots_or_goods_are_not_lent_on() -> None:
    def chosen(goods: int, months: int) -> tuple[int, str]:
        choice = choose_by_bounds(lots(goods=goods, months=months, lossy=set()))[0]
        return choice.haircut, choice.reason

    assert chosen(100, MIN_MONTHS)[0] == 0
    assert chosen(100, MIN_MONTHS - 1) == (1_000_000, f"fewer than {MIN_MONTHS} months")
    assert chosen(14, 2) == (1_000_000, "fewer than 30 lots")
    # Forty goods without a loss still allow 7.2%.
    assert chosen(40, 2) == (1_000_000, "no haircut is enough")


def test_a_worse_grade_is_not_chosen_a_smaller_haircut_by_bounds() -> None:
    good = [lot(f"{item:03}", month, 500_000) for item in range(60) for month in range(2)]
    bad = [
        lot(f"{item:03}", month, 900_000, Grade.B) for item in range(60, 160) for month in range(2)
    ]
    choices = choose_by_bounds([*good, *bad])
    assert choices[0].haircut == choices[1].haircut == 500_000


def test_walk_forward_sees_no_lot_that_is_still_being_sold() -> None:
    some = [lot("tea", day, 0) for day in (0, 30, 60, 90, 120)]
    assert [item.day for item in known_on(some, day=90, horizon_days=90)] == [0]
    assert [item.day for item in known_on(some, day=89, horizon_days=90)] == []
    seen: list[list[int]] = []

    def rule(past: object) -> dict[Grade, int]:
        seen.append([item.day for item in past])  # type: ignore[attr-defined]
        return dict.fromkeys(Grade, 0)

    walk = walk_forward(some, rule=rule, horizon_days=90)
    assert seen == [[0], [0, 30]]
    assert [step.day for step in walk.steps] == [90, 120]
    assert (walk.losses[Grade.A].lots, walk.losses[Grade.A].frequency) == (2, 1_000_000)


def test_lots_of_a_grade_without_a_loan_do_not_thin_out_its_losses() -> None:
    some = [lot("tea", 0, 0), lot("tea", 90, 1_000_000), lot("tea", 120, 0)]
    haircuts = iter([1_000_000, 0])
    walk = walk_forward(some, rule=lambda _: dict.fromkeys(Grade, next(haircuts)), horizon_days=90)
    assert (walk.losses[Grade.A].lots, walk.losses[Grade.A].frequency) == (1, 1_000_000)


def test_days_on_which_the_whole_shop_was_shut_are_closures(tmp_path: Path) -> None:
    shut = run_of(date(2011, 3, 5), 11)
    weekend = run_of(date(2011, 5, 7), 2)
    shop = shop_file(tmp_path, shut=shut | weekend, sold={"10001": 10})
    assert closures(shop) == {day_of(day) for day in shut}


def test_a_closure_is_no_gap_and_days_without_a_buyer_are() -> None:
    sales = [sale(day, 10, 250_000) for day in range(FIRST, TODAY + 1) if not 950 < day <= 961]
    assert measure(history(*sales)).gap == 11
    assert measure(history(*sales), closed=range(951, 962)).gap == 0
    assert measure(history(*sales), closed=range(951, 955)).gap == 7


def test_a_closure_of_the_shop_costs_no_grade_in_the_back_test(tmp_path: Path) -> None:
    shut = run_of(date(2011, 3, 5), 11)
    shop = shop_file(tmp_path, shut=shut, sold={"10001": 10})
    result = back_test(shop, terms=SellingTerms(), count=1)
    assert {item.measures.gap for item in result.tested} == {0}
    # The same days without a sale of one kind of goods, while the shop was open.
    other = shop_file(tmp_path, shut=set(), sold={"20002": 1})
    missing = {day_of(day) for day in shut}
    goods = shop.goods["10001"]
    other.goods["10001"] = replace(
        goods, sales=[item for item in goods.sales if item.day not in missing]
    )
    other.goods["10001"].sort()
    gaps = back_test(other, terms=SellingTerms(), count=2)
    assert 11 in {item.measures.gap for item in gaps.tested if item.goods.sku == "10001"}


def test_a_seller_in_haste_gets_part_of_the_quantity_at_lower_prices() -> None:
    def sold(terms: SellingTerms) -> Outcome:
        later = by_day([sale(1, 8, 100), came_back(2, 2, 100)])
        return sell(grade=Grade.A, quantity=10_000, price=100, later=later, terms=terms)

    # Six of ten, net of what came back.
    assert (sold(FLOORLESS).proceeds, sold(FLOORLESS).left) == (600_000, 4_000)
    haste = replace(FLOORLESS, pace=500_000, price=800_000)
    assert (sold(haste).proceeds, sold(haste).left) == (240_000, 7_000)


SOLD = {"10001": 40, "10002": 30, "20001": 20, "20002": 10}


def test_hold_out_has_only_goods_that_no_choice_saw(tmp_path: Path) -> None:
    shop = shop_file(tmp_path, shut=set(), sold=SOLD)
    result = back_test(shop, terms=SellingTerms(), count=2)
    last = max(item.day for item in result.tested)
    unseen = hold_out_lots(shop, result, day=last, count=2)
    assert {item.goods.sku for item in result.tested} == {"10001", "10002"}
    assert [(item.sku, item.day) for item in unseen] == [("20001", last), ("20002", last)]
    assert soundness(shop, result, count=2, hold_out=False).hold_out is None


def test_hold_out_is_opened_for_one_choice_only(tmp_path: Path) -> None:
    shop = shop_file(tmp_path, shut=set(), sold=SOLD)
    result = back_test(shop, terms=SellingTerms(), count=2)
    sound = soundness(shop, result, count=2, hold_out=True)
    write_walk_forward(tmp_path, sound)
    record = (tmp_path / "hold-out.json").read_bytes()
    # The same look again tells nothing new.
    write_walk_forward(tmp_path, sound)
    assert sound.hold_out is not None
    other = replace(sound.hold_out, chosen=dict.fromkeys(Grade, 0))
    with pytest.raises(FileInvalid, match="opened before, for other lots or haircuts"):
        write_walk_forward(tmp_path, replace(sound, hold_out=other))
    assert (tmp_path / "hold-out.json").read_bytes() == record
    # A run that leaves it shut is free.
    write_walk_forward(tmp_path, replace(sound, hold_out=None))


def test_a_broken_record_of_the_hold_out_is_named(tmp_path: Path) -> None:
    shop = shop_file(tmp_path, shut=set(), sold=SOLD)
    result = back_test(shop, terms=SellingTerms(), count=2)
    (tmp_path / "hold-out.json").write_text("{")
    with pytest.raises(FileInvalid, match="is not a record of a hold-out"):
        write_walk_forward(tmp_path, soundness(shop, result, count=2, hold_out=True))


def test_report_names_the_grades_whose_haircut_the_floor_decides(tmp_path: Path) -> None:
    shop = shop_file(tmp_path, shut=set(), sold=SOLD)
    result = back_test(shop, terms=SellingTerms(), count=2)
    sound = soundness(shop, result, count=2, hold_out=False)
    assert "The floor decides no haircut" in report(sound)
    bare = sound.variants[1]
    choices = [replace(item, haircut=item.haircut + 1) for item in bare.by_bounds[:1]]
    changed = replace(bare, by_bounds=[*choices, *bare.by_bounds[1:]])
    words = report(replace(sound, variants=[sound.variants[0], changed, sound.variants[2]]))
    assert "The floor of 25% is an assumption, not an observation" in words
    assert "it decides the haircuts of A.\n" in words


def test_walk_forward_document_has_the_catalogues_haircuts_beside_those_asked_for(
    tmp_path: Path,
) -> None:
    shop = shop_file(tmp_path, shut=set(), sold=SOLD)
    result = back_test(shop, terms=SellingTerms(), count=2)
    write_walk_forward(tmp_path, soundness(shop, result, count=2, hold_out=False))
    document = json.loads((tmp_path / "walk-forward.json").read_text())
    assert document["chosen"].keys() == document["catalogue"].keys() == {*"ABCDE"}
    assert document["holdOut"] is None
    assert "Not opened." in (tmp_path / "walk-forward.md").read_text()
