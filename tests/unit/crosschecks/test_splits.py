"""Parts that each stay below the limit of a review."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Kind, Order
from tests.support.trade_records import BEGIN, LIMIT, Records, of_kind, quiet, subjects

KIND = Kind.SPLIT_INVOICE


def parts_of(
    records: Records, count: int, *, quantity: int, gap: int = 0, apart: bool = False
) -> set[str]:
    """Invoices of one order, some days apart, whose goods moved together."""
    order = "big"
    amount = count * quantity * 10
    records.orders[order] = Order(order, "b2", "s1", "CNY", amount, BEGIN + 200)
    if not apart:
        records.move(("s1", "b2"), "steel", count * quantity, BEGIN + 203, order_id=order)
    return {
        records.deal(
            "s1",
            "b2",
            BEGIN + 200 + gap * at,
            quantity=quantity,
            price=10_000,
            order_id=order,
            moved=3 if apart else None,
        )
        for at in range(count)
    }


@pytest.mark.parametrize(("count", "share"), [(2, 96), (3, 80), (5, 60)])
def test_one_order_above_the_limit_in_parts_below_it_is_split(count: int, share: int) -> None:
    records = quiet()
    parts = parts_of(records, count, quantity=LIMIT // 1_000 * share, gap=0)
    (finding,) = of_kind(find(records.market()), KIND)
    assert set(finding.subjects) == parts
    assert "500000.00" in finding.reason
    assert "big" in finding.evidence


def test_parts_just_below_the_limit_are_suspect_without_an_order() -> None:
    records = quiet()
    parts = {
        records.deal(
            "s1",
            "b2",
            BEGIN + 200 + at,
            quantity=quantity,
            price=10_000,
            order_id=None,
            moved=5 - at,
        )
        for at, quantity in enumerate((4_830_000, 4_790_000, 4_905_000))
    }
    assert subjects(find(records.market()), KIND) == parts


def test_parts_that_stay_within_the_limit_together_are_honest() -> None:
    records = quiet()
    parts_of(records, 3, quantity=LIMIT // 1_000 * 30)
    assert subjects(find(records.market()), KIND) == set()


def test_deliveries_of_one_order_over_weeks_are_honest() -> None:
    records = quiet()
    parts_of(records, 3, quantity=LIMIT // 1_000 * 60, gap=10, apart=True)
    assert subjects(find(records.market()), KIND) == set()


def test_a_batch_of_equal_invoices_with_orders_of_their_own_is_honest() -> None:
    records = quiet()
    for day in range(100, 400, 40):
        for _ in range(4):
            records.deal("s1", "b2", BEGIN + day, quantity=1_500_000, price=10_000)
    assert subjects(find(records.market()), KIND) == set()


def test_without_a_limit_the_check_is_left_out() -> None:
    records = quiet()
    parts_of(records, 3, quantity=LIMIT // 1_000 * 80)
    result = find(replace(records.market(), review_limit=0))
    assert subjects(result, KIND) == set()
    assert [entry.reason for entry in result.left_out if entry.check == "splits"]


def test_a_week_of_parts_with_orders_of_their_own_is_split_where_no_other_is_so_large() -> None:
    records = quiet()
    parts = {
        records.deal("s1", "b2", BEGIN + 200 + 2 * at, quantity=quantity, price=10_000, moved=3)
        for at, quantity in enumerate((4_100_000, 3_700_000, 4_400_000))
    }
    assert subjects(find(records.market()), KIND) == parts


def test_a_week_of_such_parts_is_honest_where_the_pair_bills_so_every_month() -> None:
    records = quiet()
    for day in range(100, 500, 20):
        records.deal("s1", "b2", BEGIN + day, quantity=4_000_000 + day, price=10_000)
    for at, quantity in enumerate((4_100_000, 3_700_000, 4_400_000)):
        records.deal("s1", "b2", BEGIN + 200 + 2 * at, quantity=quantity, price=10_000)
    assert subjects(find(records.market()), KIND) == set()


def test_two_deliveries_of_a_larger_order_are_honest() -> None:
    records = quiet()
    order = Order("frame", "b2", "s1", "CNY", LIMIT * 4, BEGIN + 200)
    records.orders["frame"] = order
    for at in range(2):
        records.deal(
            "s1", "b2", BEGIN + 200 + at, quantity=4_100_000, price=10_000, order_id="frame"
        )
    assert subjects(find(records.market()), KIND) == set()


@pytest.mark.parametrize(("currency", "is_split"), [("CNY", True), (None, True), ("EUR", False)])
def test_limit_holds_in_its_currency_only(currency: str | None, is_split: bool) -> None:
    records = quiet()
    parts = parts_of(records, 3, quantity=LIMIT * 80 // 100 // 10)
    result = find(replace(records.market(), review_currency=currency))
    assert (parts <= subjects(result, KIND)) is is_split
