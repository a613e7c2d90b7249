"""Dates that cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Assignment, Invoice, Kind
from tests.support.trade_records import Records, last, of_kind, quiet, subjects

KIND = Kind.IMPOSSIBLE_DATE


def spoil(records: Records, invoice_id: str, fault: str, days: int) -> None:
    """Puts one date so many days before the day from which it is possible."""
    invoice = records.invoices[invoice_id]
    order_id = str(invoice.order_id)
    match fault:
        case "due before issue":
            records.change(invoice_id, due_day=invoice.issue_day - days)
        case "received before issue":
            records.change(invoice_id, received_day=invoice.issue_day - days)
        case "before its seller":
            day = invoice.issue_day + days
            records.parties["s1"] = replace(records.parties["s1"], registered_day=day)
        case "before its order":
            day = invoice.issue_day + days
            records.orders[order_id] = replace(records.orders[order_id], day=day)
        case "moved before the order":
            (key,) = [m.id for m in records.movements.values() if m.order_id == order_id]
            day = records.orders[order_id].day - days
            records.movements[key] = replace(records.movements[key], day=day)
        case "paid before issue":
            (key,) = [p.id for p in records.payments.values() if invoice.number in p.references]
            records.payments[key] = replace(records.payments[key], day=invoice.issue_day - days)
        case "assigned before issue":
            records.assignments["a"] = Assignment(
                "a", invoice_id, "s1", "b2", 1, invoice.issue_day - days
            )


FAULTS = (
    "due before issue",
    "received before issue",
    "before its order",
    "moved before the order",
    "paid before issue",
    "assigned before issue",
)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_date_that_cannot_be_is_found(fault: str) -> None:
    records = quiet()
    invoice = last(records, "s1", "b2")
    spoil(records, invoice, fault, 9)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == (invoice,)
    assert "9 days" in finding.reason or "13 days" in finding.reason


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "due before issue"])
def test_a_day_of_difference_is_honest(fault: str) -> None:
    records = quiet()
    spoil(records, last(records, "s1", "b2"), fault, 1)
    assert subjects(find(records.market()), KIND) == set()


def sales_of(records: Records, seller: str) -> list[Invoice]:
    """The seller's invoices, the oldest first."""
    mine = [invoice for invoice in records.invoices.values() if invoice.seller == seller]
    return sorted(mine, key=lambda invoice: invoice.issue_day)


def test_invoices_older_than_their_seller_are_found() -> None:
    records = quiet()
    mine = sorted(
        (i for i in records.invoices.values() if i.seller == "s1"), key=lambda i: i.issue_day
    )
    day = mine[2].issue_day + 9
    records.parties["s1"] = replace(records.parties["s1"], registered_day=day)
    older = {invoice.id for invoice in mine if invoice.issue_day < day - 2}
    assert mine[2].id in older
    assert subjects(find(records.market()), KIND) == older


def test_a_party_that_was_entered_late_is_honest() -> None:
    records = quiet()
    mine = sorted(
        (i for i in records.invoices.values() if i.seller == "s1"), key=lambda i: i.issue_day
    )
    day = mine[-1].issue_day + 9
    records.parties["s1"] = replace(records.parties["s1"], registered_day=day)
    assert subjects(find(records.market()), KIND) == set()


def test_a_custom_of_the_market_is_honest() -> None:
    records = quiet()
    for order in list(records.orders.values()):
        if order.seller in {"s1", "s2"}:
            records.orders[order.id] = replace(order, day=order.day + 10)
    assert subjects(find(records.market()), KIND) == set()


def test_goods_after_the_invoice_and_late_payments_are_honest() -> None:
    records = quiet()
    records.deal("s1", "b2", 20_100, moved=25, pays_after=90)
    assert subjects(find(records.market()), KIND) == set()


def test_a_pair_that_pays_in_advance_is_honest() -> None:
    records = quiet()
    for back in (6, 8, 10):
        spoil(records, last(records, "s1", "b2", back=back), "paid before issue", 30)
    assert subjects(find(records.market()), KIND) == set()
