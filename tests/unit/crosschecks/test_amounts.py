"""Amounts out of the pattern of their seller and buyer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Kind, Line
from tests.support.trade_records import BEGIN, Records, last, of_kind, quiet, subjects

KIND = Kind.UNUSUAL_AMOUNT


def inflate(records: Records, invoice_id: str, times: int) -> None:
    """The invoice's price, and with it its amount, some times as high."""
    invoice = records.invoices[invoice_id]
    (line,) = invoice.lines
    records.change(
        invoice_id,
        amount=invoice.amount * times,
        lines=(Line(line.goods, line.quantity, line.price * times),),
    )


@pytest.mark.parametrize("times", [4, 9])
def test_an_amount_far_above_the_pair_s_is_unusual(times: int) -> None:
    records = quiet()
    odd = last(records, "s1", "b2")
    inflate(records, odd, times)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == (odd,)
    assert "times the usual" in finding.reason


def test_an_amount_that_the_lines_do_not_explain_is_unusual() -> None:
    records = quiet()
    odd = last(records, "s1", "b2")
    records.change(odd, amount=records.invoices[odd].amount * 4)
    assert "lines explain" in of_kind(find(records.market()), KIND)[0].reason


def test_twice_the_usual_amount_is_honest() -> None:
    records = quiet()
    records.deal("s1", "b2", BEGIN + 300, quantity=220_000)
    assert subjects(find(records.market()), KIND) == set()


def test_a_large_true_order_that_is_delivered_and_paid_is_honest() -> None:
    records = quiet()
    records.deal("s1", "b2", BEGIN + 300, quantity=430_000)
    assert subjects(find(records.market()), KIND) == set()


def test_a_season_of_all_the_seller_s_buyers_is_honest() -> None:
    records = quiet()
    for buyer in ("b1", "b2", "b3"):
        for day in (300, 310, 320):
            records.deal("s1", buyer, BEGIN + day, quantity=500_000, order_id=None, moved=None)
    assert subjects(find(records.market()), KIND) == set()


def test_pairs_of_few_invoices_are_named_as_left_out() -> None:
    records = quiet()
    records.deal("s1", "b5", BEGIN + 300, quantity=5_000)
    records.deal("s1", "b5", BEGIN + 330, quantity=900_000)
    result = find(records.market())
    assert subjects(result, KIND) == set()
    assert [entry.count for entry in result.left_out if entry.check == "amounts"] == [1]


def test_currencies_are_patterns_of_their_own() -> None:
    records = quiet()
    other = records.deal("s1", "b2", BEGIN + 300, quantity=900_000)
    records.invoices[other] = replace(records.invoices[other], currency="USD")
    assert subjects(find(records.market()), KIND) == set()


def test_a_price_out_of_the_pair_s_pattern_is_unusual_at_an_ordinary_amount() -> None:
    records = quiet()
    odd = records.deal("s1", "b2", BEGIN + 300, quantity=60_000, price=21_000, pays_after=None)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == (odd,)
    assert "costs 210.00 a unit instead of 123.45" in finding.reason


def test_a_large_true_order_is_unusual_if_it_alone_is_not_paid() -> None:
    records = quiet()
    odd = records.deal("s1", "b2", BEGIN + 300, quantity=700_000, pays_after=None)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == (odd,)
    assert "not paid, as 100 % of their others are" in finding.reason
