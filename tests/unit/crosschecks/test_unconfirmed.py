"""Invoices that no buyer confirmed: a seller files as many as it likes, and hides or makes nothing.

Each case files one fraud that is confirmed, and then what would make it look like honest trade.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.crosschecks.detector import Result, find
from app.domain.crosschecks.records import Finding, Invoice, Kind, Line, Market, Order
from tests.support.trade_records import BEGIN, LIMIT, TODAY, Records, last, quiet, subjects
from tests.unit.crosschecks.test_detector import cheated


def copied(records: Records, *, day: int = 300) -> set[str]:
    """One delivery without an order under two numbers, both confirmed; tax was not asked."""
    records.tax_known = False
    records.tax_records.clear()
    first = records.deal(
        "s1", "b5", BEGIN + day, order_id=None, quantity=118_250, moved=None, pays_after=None
    )
    return {first, records.claim(first, "s1-99999", is_confirmed=True)}


def copy_among_other_goods(records: Records) -> tuple[Kind, set[str]]:
    found = copied(records)
    for at in range(40):
        lines = (Line(f"sand {at}", 118_250, 0),)
        records.claim(min(found), f"decoy {at}", lines=lines)
    return Kind.DUPLICATE_INVOICE, found


def copy_after_a_false_habit(records: Records) -> tuple[Kind, set[str]]:
    found = copied(records)
    for at in range(8):
        records.claim(min(found), f"decoy {at}", issue_day=BEGIN + 40 * (at // 2))
    return Kind.DUPLICATE_INVOICE, found


def copy_with_a_false_correction(records: Records) -> tuple[Kind, set[str]]:
    found = copied(records)
    for invoice_id in sorted(found):
        invoice = records.invoices[invoice_id]
        number = f"{invoice.number} second"
        records.claim(invoice_id, number, issue_day=invoice.issue_day + 1)
    return Kind.DUPLICATE_INVOICE, found


def goods_of_a_pair_that_reports_nothing(records: Records) -> tuple[Kind, set[str]]:
    odd = records.deal("s1", "b2", BEGIN + 300, moved=None, pays_after=None)
    for at in range(60):
        records.claim(odd, f"decoy {at}", issue_day=BEGIN + 8 * at, order_id=None)
    return Kind.UNMOVED_GOODS, {odd}


def goods_that_seem_a_service(records: Records) -> tuple[Kind, set[str]]:
    odd = records.deal("s1", "b2", BEGIN + 300, goods="pumps", moved=None, pays_after=None)
    for at in range(3):
        records.claim(odd, f"decoy {at}", issue_day=BEGIN + 60 * at, order_id=None)
    return Kind.UNMOVED_GOODS, {odd}


def parts_of_a_seller_of_batches(records: Records) -> tuple[Kind, set[str]]:
    found = {
        records.deal("s1", "b2", BEGIN + 200 + 2 * at, quantity=quantity, price=10_000, moved=3)
        for at, quantity in enumerate((4_100_000, 3_700_000, 4_400_000))
    }
    for at in range(150):
        amount, day = LIMIT * 9 // 10, BEGIN + at
        records.claim(min(found), f"decoy {at}", amount=amount, issue_day=day, order_id=None)
    return Kind.SPLIT_INVOICE, found


def amount_within_a_false_pattern(records: Records) -> tuple[Kind, set[str]]:
    odd = last(records, "s1", "b2")
    amount = records.invoices[odd].amount * 9
    records.change(odd, amount=amount)
    for at in range(30):
        records.claim(odd, f"decoy {at}", amount=amount + at, issue_day=BEGIN + at)
    return Kind.UNUSUAL_AMOUNT, {odd}


def new_pair_with_a_false_past(records: Records) -> tuple[Kind, set[str]]:
    buyer = records.party("new")
    found = {
        records.deal(
            "s1", buyer, BEGIN + 200 + 8 * at, quantity=1_500_000, price=20_000, moved=None
        )
        for at in range(3)
    }
    records.claim(min(found), "decoy", amount=1_234, issue_day=BEGIN, order_id=None)
    for at in range(900):
        records.claim(min(found), f"round {at}", issue_day=TODAY - 5, order_id=None)
    return Kind.NEW_PAIR_ROUND_SUMS, found


def date_in_a_market_of_wrong_dates(records: Records) -> tuple[Kind, set[str]]:
    odd = last(records, "s1", "b2")
    records.change(odd, due_day=records.invoices[odd].issue_day - 3)
    for at in range(60):
        records.claim(odd, f"decoy {at}", order_id=None)
    return Kind.IMPOSSIBLE_DATE, {odd}


def seller_that_seems_older_than_its_entry(records: Records) -> tuple[Kind, set[str]]:
    mine = sorted(
        (i for i in records.invoices.values() if i.seller == "s1"), key=lambda i: i.issue_day
    )
    day = mine[2].issue_day + 9
    records.parties["s1"] = replace(records.parties["s1"], registered_day=day)
    found = {invoice.id for invoice in mine if invoice.issue_day < day - 2}
    for at in range(6):
        records.claim(mine[0].id, f"decoy {at}")
    return Kind.IMPOSSIBLE_DATE, found


def seller_that_seems_outside_tax(records: Records) -> tuple[Kind, set[str]]:
    odd = records.deal("s1", "b2", BEGIN + 300, known_to_tax=False)
    for at in range(400):
        records.claim(odd, f"decoy {at}", order_id=None)
    return Kind.TAX_MISMATCH, {odd}


def debtor_in_a_market_that_never_pays(records: Records) -> tuple[Kind, set[str]]:
    buyer = records.party("owes")
    found = {
        records.deal(f"s{at % 4}", buyer, BEGIN + 100 + 20 * at, pays_after=None) for at in range(5)
    }
    for at in range(500):
        first = last(records, "s1", "b2")
        records.claim(first, f"decoy {at}", order_id=None, issue_day=BEGIN + 100)
    return Kind.UNPAID_BUYER, found


def order_of_two_copies(records: Records) -> tuple[Kind, set[str]]:
    line = Line("steel", 100_000, 12_345)
    records.orders["o"] = Order("o", "b2", "s1", "CNY", 1_234_500, BEGIN + 200, (line,))
    found = {
        records.deal("s1", "b2", BEGIN + 200 + at, quantity=quantity, order_id="o", moved=None)
        for at, quantity in enumerate((66_000, 67_000))
    }
    lines = (Line("steel", 33_500, 12_345),)
    records.claim(min(found), "decoy", amount=413_557, lines=lines, issue_day=BEGIN + 210)
    return Kind.OVERSOLD, found


Case = Callable[[Records], tuple[Kind, set[str]]]
CASES: list[Case] = [
    copy_among_other_goods,
    copy_after_a_false_habit,
    copy_with_a_false_correction,
    goods_of_a_pair_that_reports_nothing,
    goods_that_seem_a_service,
    parts_of_a_seller_of_batches,
    amount_within_a_false_pattern,
    new_pair_with_a_false_past,
    date_in_a_market_of_wrong_dates,
    seller_that_seems_older_than_its_entry,
    seller_that_seems_outside_tax,
    debtor_in_a_market_that_never_pays,
    order_of_two_copies,
]


def owed(market: Market) -> Market:
    """The market without unconfirmed invoices."""
    return replace(market, invoices=tuple(i for i in market.invoices if i.is_confirmed))


def of_owed(market: Market, result: Result) -> tuple[list[Finding], list[Finding]]:
    """The findings about confirmed invoices and receipts alone."""
    open_ones = {invoice.id for invoice in market.invoices if not invoice.is_confirmed}
    findings, explained = (
        [finding for finding in group if open_ones.isdisjoint(finding.subjects)]
        for group in (result.findings, result.explained)
    )
    return findings, explained


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_unconfirmed_invoices_hide_no_finding(case: Case) -> None:
    records = quiet()
    kind, found = case(records)
    market = records.market()
    assert found <= subjects(find(owed(market)), kind), "found without them"
    assert found <= subjects(find(market), kind)


def decoy(rng: random.Random, invoices: list[Invoice], name: str) -> Invoice:
    """An unconfirmed invoice that is like one of these in most things."""
    model, other = rng.choice(invoices), rng.choice(invoices)
    day = rng.choice((model.issue_day, other.issue_day, BEGIN - 3_000)) + rng.randrange(-3, 4)
    amounts = (model.amount, model.amount + 1, other.amount, 50_000_000, LIMIT * 9 // 10)
    changed: list[Invoice] = [
        replace(model, amount=rng.choice(amounts)),
        replace(model, issue_day=day, due_day=day + 30, received_day=day),
        replace(model, lines=rng.choice((other.lines, (), model.lines))),
        replace(model, order_id=rng.choice((None, other.order_id))),
        replace(model, seller=other.buyer, buyer=model.seller),
        model,
    ]
    number = rng.choice((f"{model.number}-R", model.number, name))
    return replace(rng.choice(changed), id=name, number=number, is_confirmed=False)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_found_about_confirmed_invoices_is_the_same_without_others(seed: int) -> None:
    rng = random.Random(seed)
    records = quiet(seed) if seed % 2 else cheated()
    for case in rng.sample(CASES[4:], 3) if seed % 2 else ():
        case(records)
        for invoice in [i for i in records.invoices.values() if not i.is_confirmed]:
            del records.invoices[invoice.id]
    plain = owed(records.market())
    invoices = list(plain.invoices)
    decoys = tuple(decoy(rng, invoices, f"decoy {at}") for at in range(rng.choice((5, 60, 400))))
    market = replace(plain, invoices=(*plain.invoices, *decoys))
    alone, together = find(plain), find(market)
    assert of_owed(market, together) == (list(alone.findings), list(alone.explained))
    assert set(alone.left_out) <= set(together.left_out)


def test_an_unconfirmed_copy_is_a_suspect_and_says_that_it_is_not_confirmed() -> None:
    records = quiet()
    first = last(records, "s1", "b2")
    copy = records.claim(first, "s1-99999")
    (finding,) = (f for f in find(records.market()).findings if copy in f.subjects)
    assert (finding.kind, finding.subjects) == (Kind.DUPLICATE_INVOICE, (first, copy))
    assert finding.reason.endswith("; the buyer has not confirmed s1-99999.")


def test_many_findings_about_unconfirmed_invoices_bury_no_other() -> None:
    records = cheated()
    plain = find(records.market()).findings
    model = last(records, "front", "back", back=1)
    for at in range(60):
        records.claim(model, f"late {at}", due_day=BEGIN, order_id=None)
    findings = find(records.market()).findings
    assert findings[: len(plain)] == plain
    assert len(findings) > len(plain) + 50


def test_nobody_makes_a_buyer_a_debtor_by_billing_it() -> None:
    records = quiet()
    model = last(records, "s1", "b2")
    buyer = records.party("good")
    for at in range(9):
        day = BEGIN + 100 + 3 * at
        records.claim(model, f"bill {at}", buyer=buyer, issue_day=day, due_day=day + 30)
    assert subjects(find(records.market()), Kind.UNPAID_BUYER) == set()
    for at in range(9):
        records.change(f"bill {at}", is_confirmed=True)
    assert len(subjects(find(records.market()), Kind.UNPAID_BUYER)) == 9, "once it has confirmed"


def test_nobody_makes_a_ring_of_others_trade_by_billing_the_first() -> None:
    records = quiet()
    legs = [
        records.deal(seller, buyer, BEGIN + 200 + 3 * at, goods="cathodes", quantity=300_000)
        for at, (seller, buyer) in enumerate((("s1", "s2"), ("s2", "s3"), ("s3", "s1")))
    ]
    records.change(legs[2], is_confirmed=False)
    assert subjects(find(records.market()), Kind.CIRCULAR_TRADE) == set()
    records.change(legs[2], is_confirmed=True)
    assert subjects(find(records.market()), Kind.CIRCULAR_TRADE) == set(legs)


def test_what_was_left_out_of_unconfirmed_invoices_is_said() -> None:
    records = quiet()
    first = last(records, "s1", "b2")
    for at in range(30):
        records.claim(first, f"claim {at}")
    left_out = {entry.reason: entry.count for entry in find(records.market()).left_out}
    reason = "with unconfirmed invoices: comparisons in large groups of like invoices"
    assert left_out[reason] > 0


def test_a_market_of_unconfirmed_invoices_is_read() -> None:
    records = quiet()
    for invoice_id in list(records.invoices):
        records.change(invoice_id, is_confirmed=False)
    first = last(records, "s1", "b2")
    records.claim(first, records.invoices[first].number + "/A")
    assert first in subjects(find(records.market()), Kind.DUPLICATE_INVOICE)
