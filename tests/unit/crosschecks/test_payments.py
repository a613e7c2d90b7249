"""A buyer of many due invoices that no payment at a bank shows."""

from __future__ import annotations

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Assignment, Kind, Payment
from tests.support.trade_records import BEGIN, Records, of_kind, quiet, subjects

KIND = Kind.UNPAID_BUYER


def owe(
    records: Records, *, pays_after: int | None = None, count: int = 5, begin: int = 100
) -> list[str]:
    """A buyer of four sellers."""
    buyer = records.party("owes")
    return [
        records.deal(f"s{at % 4}", buyer, BEGIN + begin + 20 * at, pays_after=pays_after)
        for at in range(count)
    ]


def test_a_buyer_that_never_pays_is_found() -> None:
    records = quiet()
    invoices = owe(records)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == tuple(invoices)
    assert "5 due invoices" in finding.reason


def test_a_late_payer_is_honest() -> None:
    records = quiet()
    owe(records, pays_after=75)
    assert subjects(find(records.market()), KIND) == set()


def test_a_buyer_of_few_or_of_young_debts_is_honest() -> None:
    for count, begin in ((2, 100), (5, 420)):
        records = quiet()
        owe(records, count=count, begin=begin)
        assert subjects(find(records.market()), KIND) == set()


def test_a_payment_to_whoever_holds_the_claim_counts() -> None:
    records = quiet()
    invoice = records.invoices[owe(records)[0]]
    records.assignments["a"] = Assignment("a", invoice.id, "s0", "w1", 1, invoice.issue_day + 2)
    records.payments["p"] = Payment(
        "p", "owes", "w1", "CNY", invoice.amount, invoice.due_day, (invoice.number,)
    )
    assert subjects(find(records.market()), KIND) == set()


def test_a_seller_whose_invoices_a_paying_buyer_never_pays_is_found() -> None:
    records = quiet()
    invoices = {records.deal("s1", "b5", BEGIN + 50 * at, pays_after=None) for at in range(8)}
    result = find(records.market())
    assert subjects(result, KIND) == invoices
    assert of_kind(result, KIND)[0].weight < 900_000


def test_without_payments_the_check_is_left_out() -> None:
    records = quiet()
    owe(records)
    records.payments.clear()
    result = find(records.market())
    assert subjects(result, KIND) == set()
    assert [entry.check for entry in result.left_out if entry.check == "payments"]
