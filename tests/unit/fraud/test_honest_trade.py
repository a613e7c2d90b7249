"""Honest trade: it looks odd in each of the ways that are assumed, and breaks no hard rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise

import pytest

from app.domain.crosschecks.records import Kind, Market, TaxState
from benchmarks.fraud.drafts import Honest, amount_of
from benchmarks.fraud.generator import Secrets, generate
from benchmarks.fraud.storage import STAY

SIZE, SEED = 150, 3
OWN_NUMBER = {Honest.NUMBER_TYPO, Honest.DISPUTED, Honest.INSOLVENT}


@cache
def generated() -> tuple[Market, Secrets]:
    return generate(SEED, SIZE)


@cache
def honest_of_many() -> Counter[Honest]:
    return Counter(
        reason for seed in (1, 2, 3) for reason in generate(seed, SIZE)[1].honest.values()
    )


@pytest.mark.parametrize("reason", Honest)
def test_each_honest_variant_is_there(reason: Honest) -> None:
    assert honest_of_many()[reason] >= 3


def test_records_speak_of_records_of_the_market() -> None:
    market, _ = generated()
    parties = {party.id for party in market.parties}
    orders = {order.id for order in market.orders}
    invoices = {invoice.id for invoice in market.invoices}
    for invoice in market.invoices:
        assert {invoice.seller, invoice.buyer} <= parties
        assert invoice.order_id is None or invoice.order_id in orders
    for movement in market.movements:
        assert {movement.sender, movement.receiver} <= parties
        assert movement.order_id is None or movement.order_id in orders
    for assignment in market.assignments:
        assert assignment.invoice_id in invoices
        assert {assignment.assignor, assignment.assignee} <= parties
    for payment in market.payments:
        assert {payment.payer, payment.payee} <= parties


def test_nothing_is_later_than_today() -> None:
    market, _ = generated()
    for listed in (
        market.orders,
        market.movements,
        market.receipts,
        market.payments,
        market.assignments,
        market.tax_records,
    ):
        assert max(one.day for one in listed) <= market.today
    assert max(invoice.received_day for invoice in market.invoices) <= market.today


def test_amounts_and_quantities_are_positive_and_lines_add_up_but_for_rounding() -> None:
    market, _ = generated()
    rounded = 0
    for invoice in market.invoices:
        assert invoice.amount > 0
        assert all(line.quantity > 0 and line.price > 0 for line in invoice.lines)
        assert abs(invoice.amount - amount_of(list(invoice.lines))) <= 1
        rounded += invoice.amount != amount_of(list(invoice.lines))
    assert rounded
    assert all(one.amount > 0 for one in market.payments)
    assert all(movement.quantity > 0 for movement in market.movements)
    assert all(receipt.quantity > 0 for receipt in market.receipts)


def test_honest_dates_are_possible_but_for_orders_that_are_written_late() -> None:
    market, secrets = generated()
    orders = {order.id: order for order in market.orders}
    parties = {party.id: party for party in market.parties}
    for invoice in market.invoices:
        if invoice.id in secrets.labels:
            continue
        assert invoice.issue_day <= min(invoice.due_day, invoice.received_day)
        for party in (parties[invoice.seller], parties[invoice.buyer]):
            assert party.registered_day is None or party.registered_day < invoice.issue_day
        order = orders[invoice.order_id] if invoice.order_id else None
        if order and order.day > invoice.issue_day:
            assert order.day - invoice.issue_day <= 4
            assert secrets.honest[invoice.id] in {Honest.LATE_ORDER, *OWN_NUMBER}


def test_the_tax_authority_knows_honest_invoices_as_they_are() -> None:
    market, secrets = generated()
    known = {(record.seller, record.number): record for record in market.tax_records}
    assert len(known) == len(market.tax_records)
    cancelled = 0
    for invoice in market.invoices:
        if invoice.id in secrets.labels:
            continue
        record = known.get((invoice.seller, invoice.number))
        if record is None:
            assert secrets.honest[invoice.id] in OWN_NUMBER
            continue
        assert (record.buyer, record.amount) == (invoice.buyer, invoice.amount)
        if record.state is TaxState.CANCELLED:
            cancelled += 1
            assert secrets.honest[invoice.id] is Honest.CORRECTED
    assert cancelled > 10


def test_a_cancelled_invoice_is_issued_anew_and_not_financed() -> None:
    market, secrets = generated()
    financed = {assignment.invoice_id for assignment in market.assignments}
    by_pair: dict[tuple[str, str], list[int]] = defaultdict(list)
    for invoice in market.invoices:
        if secrets.honest.get(invoice.id) in {Honest.REPLACEMENT, Honest.DISPUTED}:
            by_pair[invoice.seller, invoice.buyer].append(invoice.issue_day)
    corrected = [one for one in market.invoices if secrets.honest.get(one.id) is Honest.CORRECTED]
    anew = 0
    for invoice in corrected:
        assert invoice.id not in financed
        days = by_pair[invoice.seller, invoice.buyer]
        anew += any(0 < day - invoice.issue_day <= 13 for day in days)
    assert anew >= len(corrected) - 3  # an insolvent buyer's, or one that is still to come


def test_goods_orders_and_movements_are_unknown_for_a_share_of_trade() -> None:
    market, _ = generated()
    moved = {(one.sender, one.receiver) for one in market.movements}
    pairs = {(one.seller, one.buyer) for one in market.invoices}
    without_order = sum(1 for one in market.invoices if one.order_id is None)
    assert 0.1 < len(pairs - moved) / len(pairs) < 0.4
    assert 0.15 < without_order / len(market.invoices) < 0.5


def test_payments_pay_several_invoices_parts_and_sometimes_say_nothing() -> None:
    market, _ = generated()
    counts = Counter(len(payment.references) for payment in market.payments)
    assert counts[0] > 50
    assert sum(count for named, count in counts.items() if named > 1) > 100
    named = Counter(
        (payment.payee, number) for payment in market.payments for number in payment.references
    )
    assert sum(1 for times in named.values() if times > 1) > 20


def test_a_groups_treasury_pays_for_its_buyer() -> None:
    market, _ = generated()
    buyers = {invoice.buyer for invoice in market.invoices}
    assert any(payment.payer not in buyers for payment in market.payments)


def test_trade_has_honest_cycles_whose_goods_differ() -> None:
    market, secrets = generated()
    goods: dict[tuple[str, str], set[str]] = defaultdict(set)
    for invoice in market.invoices:
        if invoice.id not in secrets.labels:
            goods[invoice.seller, invoice.buyer] |= {line.goods for line in invoice.lines}
    sells: dict[str, set[str]] = defaultdict(set)
    for seller, buyer in goods:
        sells[seller].add(buyer)
    cycles = [
        (first, second, third)
        for first in sorted(sells)
        for second in sorted(sells[first])
        for third in sorted(sells.get(second, ()))
        if third != first and first in sells.get(third, ())
    ]
    assert cycles
    for first, second, third in cycles:
        shared = goods[first, second] & goods[second, third] & goods[third, first]
        assert not shared


def test_a_bay_holds_one_lot_at_a_time_and_marks_repeat_only_elsewhere() -> None:
    market, secrets = generated()
    days: dict[str, list[int]] = defaultdict(list)
    marks: dict[str, list[str]] = defaultdict(list)
    for receipt in market.receipts:
        if receipt.id in secrets.labels:
            continue
        if receipt.place:
            days[receipt.place].append(receipt.day)
        if receipt.lot:
            marks[receipt.lot].append(receipt.warehouse)
    assert any(len(used) > 1 for used in days.values())
    for used in days.values():
        ordered = sorted(used)
        assert all(later - day >= STAY for day, later in pairwise(ordered))
    assert any(len(houses) > 1 for houses in marks.values())
    assert all(len(set(houses)) == len(houses) for houses in marks.values())


def test_fraud_shows_in_what_its_kind_says() -> None:
    """Some schemes leave a mark that is certain: it is on their records, and on no others."""
    market, secrets = generated()
    of_kind = {
        kind: [one for one in market.invoices if secrets.labels.get(one.id) is kind]
        for kind in Kind
    }
    for invoice in of_kind[Kind.SPLIT_INVOICE]:
        assert invoice.amount < market.review_limit
    for invoice in of_kind[Kind.NEW_PAIR_ROUND_SUMS]:
        assert invoice.amount % 1_000_00 == 0
    paid = {(payment.payer, payment.payee) for payment in market.payments}
    for invoice in of_kind[Kind.UNPAID_BUYER]:
        assert (invoice.buyer, invoice.seller) not in paid
        assert invoice.due_day < market.today
