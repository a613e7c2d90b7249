"""The same delivery under another number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.parameters import Parameters
from app.domain.crosschecks.records import Kind, Order, TaxState
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


def test_a_copy_without_an_order_that_nobody_pays_is_a_duplicate() -> None:
    records = quiet()
    first = last(records, "s1", "b2")
    copy_of(records, first, "s1-99999", days=9)
    records.invoices["copy"] = replace(records.invoices["copy"], order_id=None)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == ("copy", first)
    assert "the other is due and not" in finding.reason
    assert "has no order" in finding.reason


def test_two_of_three_equal_parts_do_not_exceed_an_order_that_a_price_exceeds() -> None:
    records = quiet()
    amount = 3 * 1_234_500
    records.orders["parts"] = Order("parts", "b2", "s1", "CNY", amount, BEGIN + 200)
    parts = [
        records.deal("s1", "b2", BEGIN + 200 + 4 * at, order_id="parts", moved=3) for at in range(3)
    ]
    records.change(parts[2], amount=1_234_500 + 150_000)
    assert subjects(find(records.market()), KIND) == set()


@pytest.mark.parametrize(("days", "is_copy"), [(5, False), (0, True)])
def test_an_openly_numbered_second_version_is_a_correction(days: int, is_copy: bool) -> None:
    records = quiet()
    records.tax_known = False
    records.tax_records.clear()
    first = records.deal("s1", "b2", BEGIN + 300, quantity=118_250, pays_after=None)
    copy_of(records, first, records.invoices[first].number + "-R", days=days)
    records.pay("copy", BEGIN + 380)
    if is_copy:  # the same day, and the first is paid
        records.payments.popitem()
        records.pay(first, BEGIN + 380)
    assert (subjects(find(records.market()), KIND) == {first, "copy"}) is is_copy


def equal(records: Records, *days: int, goods: str = "steel") -> list[str]:
    """Equal invoices of a pair of which nothing else is known."""
    records.tax_known = False
    records.tax_records.clear()
    return [
        records.deal(
            "s1",
            "b5",
            BEGIN + day,
            order_id=None,
            moved=None,
            pays_after=None,
            quantity=118_250,
            goods=goods,
            known_to_tax=False,
        )
        for day in days
    ]


def weight_of(records: Records, copies: list[str]) -> int:
    """How much speaks for the last of these being a copy."""
    result = find(records.market(), parameters=Parameters(min_weight=0))
    kind = (f for f in (*result.findings, *result.explained) if f.kind is KIND)
    return max((f.weight for f in kind if set(f.subjects) <= set(copies)), default=0)


@pytest.mark.parametrize(
    ("others", "goods", "low", "high"),
    [
        ((), "steel", 550_000, 600_000),
        ((100, 130, 160), "steel", 0, 100_000),  # a habit
        ((100, 130, 160), "sand", 550_000, 600_000),  # of other goods
        ((250, 280, 310), "steel", 300_000, 400_000),  # later ones may be copies too
    ],
)
def test_only_like_invoices_that_were_issued_before_make_a_habit(
    others: tuple[int, ...], goods: str, low: int, high: int
) -> None:
    records = quiet()
    equal(records, *others, goods=goods)
    assert low <= weight_of(records, equal(records, 190, 220)) <= high


def test_copies_of_one_day_make_no_habit_and_batches_of_earlier_days_do() -> None:
    records = quiet()
    assert weight_of(records, equal(records, *[300] * 6)) >= 500_000
    records = quiet()
    batches = [equal(records, *[day] * 3) for day in (100, 130, 160)]
    assert weight_of(records, batches[2]) < 200_000
