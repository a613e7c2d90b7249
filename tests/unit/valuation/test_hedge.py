"""What hedges count for: never more than what is there, nor than the fall since their record."""

from __future__ import annotations

import dataclasses

from app.domain.valuation.hedge import (
    Counted,
    Hedge,
    HedgedGoods,
    counted,
    held_from,
    held_until,
)

# 1,000 kg of goods that were appraised at 10.00 a kilogram, with a haircut of 40%.
GOODS = HedgedGoods(item="rubber", quantity=1_000_000, price=900_000, haircut=400_000)
HEDGE = Hedge(
    item="rubber", quantity=1_000_000, price=1_000_000, max_price=1_000_000, expiry_day=100
)


def one(goods: HedgedGoods = GOODS, hedge: Hedge = HEDGE, *, share: int = 500_000) -> Counted:
    (result,) = counted([goods], [hedge], share=share, day=100)
    return result


def test_a_hedge_adds_its_share_of_the_fall_after_the_haircut() -> None:
    assert one() == Counted(1_000_000, 300_00)
    assert one(share=0) == Counted(1_000_000, 0)
    assert one(share=1_000_000) == Counted(1_000_000, 600_00)


def test_a_hedge_counts_for_its_own_goods_until_its_last_day() -> None:
    assert one(hedge=dataclasses.replace(HEDGE, expiry_day=99)) == Counted()
    assert one(hedge=dataclasses.replace(HEDGE, item="copper")) == Counted()
    assert one(dataclasses.replace(GOODS, price=0)) == Counted()
    assert one(dataclasses.replace(GOODS, quantity=1)) == Counted(1, 0)


def test_a_price_above_the_appraised_one_counts_up_to_it() -> None:
    absurd = dataclasses.replace(HEDGE, price=2**64 - 1)
    assert one(hedge=absurd) == one()
    assert one(dataclasses.replace(GOODS, price=1_000_001), absurd) == Counted(1_000_000, 0)


def test_the_oldest_hedge_counts_first_and_no_part_counts_twice() -> None:
    first = dataclasses.replace(HEDGE, quantity=700_000)
    second = dataclasses.replace(HEDGE, quantity=600_000, price=960_000)
    results = counted([GOODS], [first, second], share=500_000, day=1)
    assert results == [Counted(700_000, 210_00), Counted(300_000, 54_00)]
    halves = [dataclasses.replace(GOODS, quantity=500_000)] * 2
    assert counted(halves, [first, second], share=500_000, day=1) == results


def test_an_ended_hedge_is_held_against_a_liquidation_for_the_days_to_cure() -> None:
    for today, adds in ((105, True), (106, True), (107, False)):
        (result,) = counted([GOODS], [HEDGE], share=500_000, day=held_from(today, 5))
        assert bool(result.lendable) is adds
        assert (today <= held_until(HEDGE.expiry_day, 5)) is adds
