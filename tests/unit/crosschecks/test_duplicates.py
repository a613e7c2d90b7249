"""The same delivery under another number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Kind, TaxState
from tests.support.trade_records import BEGIN, Records, last, of_kind, quiet, subjects

KIND = Kind.DUPLICATE_INVOICE


def copy_of(records: Records, invoice_id: str, number: str, *, days: int = 6, more: int = 0) -> str:
    """The same invoice under another number, some days later."""
    invoice = records.invoices[invoice_id]
    records.invoices["copy"] = replace(
        invoice,
        id="copy",
        number=number,
        amount=invoice.amount + more,
        issue_day=invoice.issue_day + days,
        due_day=invoice.due_day + days,
        received_day=invoice.received_day + days,
    )
    return "copy"


@pytest.mark.parametrize("more", [0, 700])
def test_a_copy_of_an_invoice_on_the_same_order_is_a_duplicate(more: int) -> None:
    records = quiet()
    first = last(records, "s1", "b2")
    copy_of(records, first, "s1-99999", more=more)
    result = find(records.market())
    (finding,) = of_kind(result, KIND)
    assert finding.subjects == ("copy", first)
    assert finding.weight > 900_000
    assert records.invoices[first].number in finding.reason
    assert records.invoices[first].order_id in finding.evidence
    consequences = {finding.kind for finding in result.explained if finding.subjects == ("copy",)}
    assert consequences == {Kind.UNMOVED_GOODS, Kind.TAX_MISMATCH}


def test_a_variant_of_the_number_shows_a_copy_where_no_order_is_known() -> None:
    records = quiet()
    first = records.deal("s1", "b2", BEGIN + 300, order_id=None, quantity=118_250)
    copy_of(records, first, records.invoices[first].number + "/A", days=1)
    assert subjects(find(records.market()), KIND) == {first, "copy"}


def test_the_next_number_of_a_series_is_no_variant() -> None:
    records = quiet()
    for number in ("77", "771"):
        records.deal("s1", "b2", BEGIN + 300, order_id=None, quantity=118_250, number=number)
    assert subjects(find(records.market()), KIND) == set()


def test_the_same_sum_each_month_is_honest() -> None:
    records = quiet()
    for month in range(12):
        records.deal("s1", "b5", BEGIN + 30 * month, order_id=None, moved=None, quantity=50_500)
    assert subjects(find(records.market()), KIND) == set()


def test_equal_invoices_of_one_day_with_orders_of_their_own_are_honest() -> None:
    records = quiet()
    for day in (100, 130, 160):
        for _ in range(4):
            records.deal("s1", "b5", BEGIN + day, quantity=50_500)
    assert subjects(find(records.market()), KIND) == set()


def test_call_offs_of_a_framework_order_are_honest_until_they_exceed_the_order() -> None:
    records = quiet()
    first = records.deal("s1", "b5", BEGIN + 200, quantity=50_500)
    order = f"o{first}"
    amount = records.orders[order].amount
    records.orders[order] = replace(records.orders[order], amount=3 * amount)
    for after in (7, 14):
        records.deal("s1", "b5", BEGIN + 200 + after, quantity=50_500, order_id=order)
    assert subjects(find(records.market()), KIND) == set()
    copy = records.deal("s1", "b5", BEGIN + 215, quantity=50_500, order_id=order, moved=None)
    assert copy in subjects(find(records.market()), KIND)


def test_a_corrected_invoice_is_honest() -> None:
    records = quiet()
    first = last(records, "s1", "b2")
    copy = copy_of(records, first, "s1-99999", days=3)
    record = records.tax_records[first]
    records.tax_records[first] = replace(record, state=TaxState.CANCELLED)
    records.tax_records[copy] = replace(record, number="s1-99999")
    result = find(records.market())
    assert not [finding for finding in result.findings if copy in finding.subjects]
    assert not [finding for finding in result.findings if first in finding.subjects]
