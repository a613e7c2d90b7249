"""A buyer of many due invoices that no payment at a bank shows."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from app.domain.crosschecks.index import Index
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.parameters import Payments
from app.domain.crosschecks.records import Finding, Invoice, Kind
from app.domain.crosschecks.weighing import Case, LeftOut, Outcome, percent, points_of, share
from app.domain.money import decimal_text


def check(index: Index, matches: Matches, parameters: Payments) -> Outcome:
    """Buyers that are long due with all invoices, to all sellers or to one.

    Only what the buyer confirmed is due: nobody is a debtor because somebody else says so.
    Late payers pay in the end, and a payment of any part shows that the buyer exists and knows of
    the debt. Payments to a financier that holds the claim count. If the buyer pays other sellers,
    the finding is weaker: they may quarrel, or somebody uses the buyer's name.

    It cannot see payments at banks whose statements were not loaded, money that goes round (the
    seller pays the buyer's debt), or set-off. A buyer of few invoices stays below it.
    """
    latest = index.today - parameters.grace
    due = {
        buyer: [i for i in invoices if i.is_confirmed and i.due_day <= latest]
        for buyer, invoices in index.by_buyer.items()
    }
    paid = Counter({b: sum(1 for i in group if i.id in matches.paid) for b, group in due.items()})
    count = Counter({buyer: len(invoices) for buyer, invoices in due.items()})
    # The share of each buyer's others: a buyer that never pays does not hide itself.
    if share(paid.total(), count.total()) < matches.parameters.min_known:
        reason = f"only {percent(share(paid.total(), count.total()))} have a known payment"
        return Outcome(left_out=[LeftOut("payments", count.total(), reason)])
    outcome = Outcome()
    for buyer, invoices in due.items():
        others = share(paid.total() - paid[buyer], count.total() - count[buyer])
        if not invoices or others < matches.parameters.min_known:
            continue
        if not paid[buyer] and not _pays_since(index, buyer, invoices):
            if len(invoices) >= parameters.min_count:
                case = Case(parameters.base)
                finding = _finding(index, parameters, case, invoices, others)
                outcome.findings += [finding] if finding else []
            continue
        outcome.findings += _pairs(index, matches, parameters, invoices, others)
    return outcome


def _pays_since(index: Index, buyer: str, invoices: list[Invoice]) -> bool:
    """Whether the buyer paid anybody since it first owed."""
    payments = index.payments_by.get(buyer, [])
    first = min(invoice.issue_day for invoice in invoices)
    return bisect_left([payment.day for payment in payments], first) < len(payments)


def _pairs(
    index: Index, matches: Matches, parameters: Payments, due: list[Invoice], others: int
) -> list[Finding]:
    findings = []
    for seller in sorted({invoice.seller for invoice in due}):
        invoices = [invoice for invoice in due if invoice.seller == seller]
        every = index.by_pair[seller, invoices[0].buyer]
        if len(invoices) < parameters.pair_count or any(i.id in matches.paid for i in every):
            continue
        payees = {seller} | {
            assignment.assignee
            for invoice in every
            for assignment in index.assignments_of.get(invoice.id, ())
        }
        first = invoices[0].issue_day
        buyer = invoices[0].buyer
        if any(p.payee in payees and p.day >= first for p in index.payments_by.get(buyer, ())):
            continue
        case = Case(parameters.base + parameters.pays_others)
        finding = _finding(index, parameters, case, invoices, others)
        findings += [finding] if finding else []
    return findings


def _finding(
    index: Index, parameters: Payments, case: Case, invoices: list[Invoice], others: int
) -> Finding | None:
    oldest = index.today - min(invoice.due_day for invoice in invoices)
    if oldest < parameters.oldest:
        return None
    sellers = sorted({invoice.seller for invoice in invoices})
    case.add(points_of(len(invoices), parameters.count))
    known = points_of(others, parameters.known)
    case.add(known, f"of other buyers' due invoices {percent(others)} show a payment")
    if oldest >= parameters.long_days:
        case.add(parameters.long_overdue)
    if len(sellers) > 1:
        case.add(parameters.many_sellers, f"{len(sellers)} sellers wait")
    total, buyer = Counter[str](), invoices[0].buyer
    for invoice in invoices:
        total[invoice.currency] += invoice.amount
    sums = " and ".join(
        f"{decimal_text(total[currency], currency=currency)} {currency}"
        for currency in sorted(total)
    )
    to = f" to {sellers[0]}" if len(sellers) == 1 else ""
    return case.finding(
        Kind.UNPAID_BUYER,
        (invoice.id for invoice in invoices),
        f"no payment of buyer {buyer}{to} shows for {len(invoices)} due invoices of {sums}, the "
        f"oldest due for {oldest} days",
        {buyer, *sellers, *(invoice.id for invoice in invoices)},
    )
