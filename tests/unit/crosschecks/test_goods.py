"""Goods that never moved, and more sold than delivered."""

from __future__ import annotations

from dataclasses import replace

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Assignment, Kind, Line, Order
from tests.support.trade_records import BEGIN, TODAY, last, of_kind, quiet, subjects


def test_goods_that_no_movement_shows_are_found() -> None:
    records = quiet()
    invoice = records.deal("s1", "b2", BEGIN + 300, moved=None, pays_after=None)
    (finding,) = of_kind(find(records.market()), Kind.UNMOVED_GOODS)
    assert finding.subjects == (invoice,)
    assert "due and not paid" in finding.reason


def test_goods_on_their_way_are_honest() -> None:
    records = quiet()
    records.deal("s1", "b2", TODAY - 20, moved=None)
    assert subjects(find(records.market()), Kind.UNMOVED_GOODS) == set()


def test_services_that_only_one_seller_has_are_honest() -> None:
    records = quiet()
    for day in range(0, 500, 50):
        records.deal("s1", "b2", BEGIN + day, goods="advice", moved=None, quantity=100_000 + day)
    assert subjects(find(records.market()), Kind.UNMOVED_GOODS) == set()


def test_a_line_of_a_service_excuses_no_goods() -> None:
    records = quiet()
    for day in range(0, 500, 50):
        records.deal("s1", "b5", BEGIN + day, goods="advice", moved=None, quantity=1_000 + day)
    odd = records.deal("s1", "b2", BEGIN + 300, moved=None, pays_after=None, quantity=900_000)
    records.change(odd, lines=(*records.invoices[odd].lines, Line("advice", 1_000, 100)))
    (finding,) = of_kind(find(records.market()), Kind.UNMOVED_GOODS)
    assert finding.subjects == (odd,)


def test_a_missing_report_says_little_where_many_are_missing() -> None:
    records = quiet()
    for movement in list(records.movements)[::8]:
        del records.movements[movement]
    assert subjects(find(records.market()), Kind.UNMOVED_GOODS) == set()


def test_without_movements_the_check_is_left_out() -> None:
    records = quiet()
    records.movements.clear()
    result = find(records.market())
    assert subjects(result, Kind.UNMOVED_GOODS) == set()
    assert "no movements" in next(e.reason for e in result.left_out if e.check == "goods")


def test_goods_from_a_third_party_that_name_the_order_are_honest() -> None:
    records = quiet()
    invoice = records.invoices[records.deal("s1", "b2", BEGIN + 300, moved=None)]
    records.move(("w1", "b2"), "steel", 100_000, BEGIN + 302, order_id=invoice.order_id)
    assert subjects(find(records.market()), Kind.UNMOVED_GOODS) == set()


def test_more_than_was_delivered_is_oversold() -> None:
    records = quiet()
    odd = last(records, "s1", "b2")
    invoice = records.invoices[odd]
    (line,) = invoice.lines
    more = (Line(line.goods, line.quantity * 14 // 10, line.price),)
    records.change(odd, lines=more, amount=invoice.amount * 14 // 10)
    (finding,) = of_kind(find(records.market()), Kind.OVERSOLD)
    assert finding.subjects == (odd,)
    assert invoice.order_id in finding.evidence


def test_a_second_invoice_for_what_was_delivered_once_is_oversold() -> None:
    records = quiet()
    first = last(records, "s1", "b2")
    order = records.invoices[first].order_id
    second = records.deal(
        "s1", "b2", BEGIN + 330, quantity=60_000, order_id=order, moved=None, pays_after=None
    )
    result = find(records.market())
    assert subjects(result, Kind.OVERSOLD) == {first, second}
    assert order in of_kind(result, Kind.OVERSOLD)[0].evidence


def test_partial_deliveries_and_back_orders_are_honest() -> None:
    records = quiet()
    for day in (100, 200, 515):
        invoice = records.invoices[records.deal("s1", "b2", BEGIN + day, moved=None)]
        way, order = ("s1", "b2"), invoice.order_id
        records.move(way, "steel", 60_000, BEGIN + day + 2, order_id=order)
        records.move(way, "steel", 40_000, BEGIN + day + 24, order_id=order)
    assert subjects(find(records.market()), Kind.OVERSOLD) == set()


def test_what_is_lost_on_the_scales_is_honest() -> None:
    records = quiet()
    invoice = records.invoices[records.deal("s1", "b2", BEGIN + 300, moved=None)]
    records.move(("s1", "b2"), "steel", 98_000, BEGIN + 302, order_id=invoice.order_id)
    assert subjects(find(records.market()), Kind.OVERSOLD) == set()


def test_a_pair_whose_goods_nobody_reports_is_left_out() -> None:
    records = quiet()
    for day in range(0, 400, 20):
        records.deal("s1", "b5", BEGIN + day, quantity=50_000 + day, moved=None, pays_after=None)
    result = find(records.market())
    assert subjects(result, Kind.UNMOVED_GOODS) == set()
    assert 20 in {entry.count for entry in result.left_out if entry.check == "goods"}


def test_goods_moved_for_show_are_unmoved() -> None:
    records = quiet()
    odd = records.deal("s1", "b2", BEGIN + 300, moved=None, pays_after=None)
    order = records.invoices[odd].order_id
    records.move(("s1", "b2"), "steel", 4_000, BEGIN + 302, order_id=order)
    assert subjects(find(records.market()), Kind.UNMOVED_GOODS) == {odd}


def test_a_paid_invoice_that_was_never_assigned_lacks_a_report_only() -> None:
    records = quiet()
    records.deal("s1", "b2", BEGIN + 300, moved=None)
    sold = records.deal("s1", "b3", BEGIN + 300, moved=None)
    amount = records.invoices[sold].amount
    records.assignments["a1"] = Assignment("a1", sold, "s1", "w1", amount, BEGIN + 305)
    assert subjects(find(records.market()), Kind.UNMOVED_GOODS) == {sold}


def test_an_order_whose_parts_are_all_too_large_is_oversold_without_movements() -> None:
    records = quiet()
    records.movements.clear()
    records.orders["small"] = Order(
        "small", "b2", "s1", "CNY", 2_469_000, BEGIN + 200, (Line("steel", 200_000, 12_345),)
    )
    parts = {
        records.deal("s1", "b2", BEGIN + 200 + at, quantity=quantity, order_id="small", moved=None)
        for at, quantity in enumerate((121_000, 133_000))
    }
    assert subjects(find(records.market()), Kind.OVERSOLD) == parts


def test_more_than_the_order_that_moved_all_the_same_is_honest() -> None:
    records = quiet()
    odd = last(records, "s1", "b2")
    order = records.orders[str(records.invoices[odd].order_id)]
    lines = (replace(order.lines[0], quantity=order.lines[0].quantity // 2),)
    records.orders[order.id] = replace(order, lines=lines, amount=order.amount // 2)
    assert subjects(find(records.market()), Kind.OVERSOLD) == set()
