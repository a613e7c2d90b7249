"""Invoices that the tax authority knows otherwise, as cancelled, or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Assignment, Kind, TaxState
from tests.support.trade_records import TODAY, Records, last, of_kind, quiet, subjects

KIND = Kind.TAX_MISMATCH


def spoil(records: Records, invoice_id: str, fault: str) -> None:
    record = records.tax_records.pop(invoice_id)
    match fault:
        case "cancelled":
            records.tax_records["x"] = replace(record, state=TaxState.CANCELLED)
        case "amount":
            records.tax_records["x"] = replace(record, amount=record.amount * 8 // 10)
        case "buyer":
            records.tax_records["x"] = replace(record, buyer="somebody")
        case "currency":
            records.tax_records["x"] = replace(record, currency="USD")


@pytest.mark.parametrize("fault", ["cancelled", "amount", "buyer", "currency", "missing"])
def test_an_invoice_that_tax_knows_otherwise_is_found(fault: str) -> None:
    records = quiet()
    invoice = last(records, "s1", "b2")
    spoil(records, invoice, fault)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == (invoice,)


def test_a_later_cancellation_counts_before_an_earlier_issue() -> None:
    records = quiet()
    invoice = last(records, "s1", "b2")
    record = records.tax_records[invoice]
    records.tax_records["x"] = replace(record, state=TaxState.CANCELLED, day=record.day + 20)
    assert subjects(find(records.market()), KIND) == {invoice}


def test_a_record_that_may_still_come_is_honest() -> None:
    records = quiet()
    records.deal("s1", "b2", TODAY - 10, known_to_tax=False)
    assert subjects(find(records.market()), KIND) == set()


def test_records_without_tax_and_rounding_are_honest() -> None:
    records = quiet()
    for key, record in records.tax_records.items():
        records.tax_records[key] = replace(record, amount=record.amount * 100 // 113)
    invoice = last(records, "s1", "b2")
    record = records.tax_records[invoice]
    records.tax_records[invoice] = replace(record, amount=record.amount + 40)
    assert subjects(find(records.market()), KIND) == set()


def test_numbers_are_compared_without_signs_and_case() -> None:
    records = quiet()
    invoice = last(records, "s1", "b2")
    record = records.tax_records[invoice]
    records.tax_records[invoice] = replace(record, number=record.number.upper().replace("-", " "))
    assert subjects(find(records.market()), KIND) == set()


def test_a_corrected_invoice_is_honest_unless_it_was_assigned_afterwards() -> None:
    records = quiet()
    wrong = last(records, "s1", "b2")
    invoice = records.invoices[wrong]
    spoil(records, wrong, "cancelled")
    right = records.deal(
        "s1",
        "b2",
        invoice.issue_day + 2,
        quantity=invoice.lines[0].quantity,
        order_id=invoice.order_id,
        moved=None,
    )
    assert not {wrong, right} & subjects(find(records.market()), KIND)
    records.assignments["a"] = Assignment("a", wrong, "s1", "w1", 1, invoice.issue_day + 9)
    assert subjects(find(records.market()), KIND) == {wrong}


def test_what_nobody_asked_the_authority_is_left_out() -> None:
    records = quiet()
    records.tax_records.clear()
    records.tax_known = False
    result = find(records.market())
    assert subjects(result, KIND) == set()
    assert [entry.check for entry in result.left_out if entry.check == "tax"]


def test_a_seller_outside_the_system_is_left_out() -> None:
    records = quiet()
    for invoice in records.invoices.values():
        if invoice.seller == "s1":
            del records.tax_records[invoice.id]
    result = find(records.market())
    assert subjects(result, KIND) == set()
    assert [entry.count for entry in result.left_out if entry.check == "tax"] == [1]


def test_a_number_that_the_authority_wrote_otherwise_is_honest() -> None:
    records = quiet()
    odd = last(records, "s1", "b2")
    records.tax_records[odd] = replace(records.tax_records[odd], number="S1 N 77")
    assert subjects(find(records.market()), KIND) == set()


def test_a_small_gap_is_odd_where_the_amounts_are_nearly_always_the_same() -> None:
    records = quiet()
    odd = last(records, "s1", "b2")
    record = records.tax_records[odd]
    records.tax_records[odd] = replace(record, amount=record.amount * 103 // 100)
    assert subjects(find(records.market()), KIND) == {odd}


@pytest.mark.parametrize("is_asked", [True, False])
def test_only_an_invoice_that_was_asked_for_can_be_missing(is_asked: bool) -> None:
    records = quiet()
    invoice = last(records, "s1", "b2")
    spoil(records, invoice, "missing")
    market = records.market()
    asked = frozenset(each.id for each in market.invoices if is_asked or each.id != invoice)
    assert subjects(find(replace(market, tax_covered=asked)), KIND) == (
        {invoice} if is_asked else set()
    )
