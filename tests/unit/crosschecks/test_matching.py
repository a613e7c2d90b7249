"""Which movements delivered an invoice, and which payments paid it."""

from __future__ import annotations

from dataclasses import replace

from app.domain.crosschecks.billing_parameters import Deliveries
from app.domain.crosschecks.index import index_of
from app.domain.crosschecks.matching import Matches, match
from tests.support.trade_records import BEGIN, Records


def two(**unlike: int) -> tuple[Records, str, str]:
    """Two deals of one pair a week apart, nothing paid and nothing moved."""
    records = Records()
    records.party("s1")
    records.party("b1")
    first = records.deal("s1", "b1", BEGIN, order_id=None, moved=None, pays_after=None)
    second = records.deal(
        "s1",
        "b1",
        BEGIN + 7,
        quantity=unlike.get("quantity", 100_000),
        order_id=None,
        moved=None,
        pays_after=None,
    )
    return records, first, second


def pay(records: Records, amount: int, day: int, *references: str) -> None:
    key = records.pay("i00000", day)
    records.payments[key] = replace(records.payments[key], amount=amount, references=references)


def matched(records: Records) -> Matches:
    return match(index_of(records.market()), Deliveries())


def test_a_payment_without_a_number_pays_the_amount_that_is_due_next() -> None:
    records, first, second = two()
    due = records.invoices[second].due_day
    pay(records, records.invoices[second].amount, due + 1)
    assert set(matched(records).paid) == {second}
    pay(records, records.invoices[first].amount, due - 6)
    assert set(matched(records).paid) == {first, second}


def test_a_number_with_changed_figures_is_recognised() -> None:
    records, first, second = two()
    pay(records, records.invoices[first].amount, records.invoices[second].due_day, "s1-0100")
    assert set(matched(records).paid) == {first}


def test_one_payment_may_pay_several_invoices_together() -> None:
    records, first, second = two(quantity=137_000)
    amounts = [records.invoices[invoice].amount for invoice in (first, second)]
    pay(records, sum(amounts) + 1, BEGIN + 70)
    assert set(matched(records).paid) == set()
    pay(records, sum(amounts), BEGIN + 70)
    assert set(matched(records).paid) == {first, second}


def test_a_payment_in_advance_counts_and_one_of_long_before_does_not() -> None:
    records, first, second = two(quantity=137_000)
    pay(records, records.invoices[first].amount, BEGIN - 10)
    pay(records, records.invoices[second].amount, BEGIN - 200)
    assert set(matched(records).paid) == {first}


def test_a_movement_of_equal_quantity_belongs_to_the_nearest_invoice() -> None:
    records, first, second = two()
    records.move(("s1", "b1"), "steel", 100_000, BEGIN + 11)
    deliveries = matched(records).deliveries
    assert deliveries[first].moved == 0
    assert deliveries[second].moved == 100_000


def test_what_remains_of_a_movement_for_an_order_is_for_nobody_else() -> None:
    records, first, _ = two()
    order = records.deal("s1", "b1", BEGIN + 2, quantity=60_000, moved=None)
    order_id = records.invoices[order].order_id
    records.move(("s1", "b1"), "steel", 90_000, BEGIN + 5, order_id=order_id)
    matches = matched(records)
    assert matches.deliveries[order].moved == 60_000
    assert matches.deliveries[first].moved == 0
    assert not matches.has_moved(records.invoices[first])
