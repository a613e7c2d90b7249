"""Invoices that the tax authority knows otherwise, as cancelled, or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from app.domain.crosschecks.index import Index
from app.domain.crosschecks.parameters import Tax
from app.domain.crosschecks.records import Finding, Invoice, Kind, TaxRecord
from app.domain.crosschecks.weighing import (
    MILLION,
    Case,
    LeftOut,
    Outcome,
    median,
    percent,
    points_of,
    share,
)
from app.domain.money import decimal_text

_MIN_RATIOS = 20


def check(index: Index, parameters: Tax, *, suspects: Collection[str] = ()) -> Outcome:
    """Compares each invoice with the tax authority's record of its number and seller.

    Records come with a delay, and say nothing of invoices that were not asked for. A cancelled
    invoice that a like one replaced was corrected. Amounts are compared in the market's usual
    proportion, as the records may be without tax. `suspects` are invoices that other checks name:
    they do not set the rate of missing records, and neither do unconfirmed ones.

    It cannot see an invoice that was registered for tax and is false all the same, one cancelled
    after the records were read, or sellers outside the system.
    """
    if not index.market.tax_known:
        reason = "the tax authority's records were not asked for"
        return Outcome(left_out=[LeftOut("tax", len(index.invoices), reason)])
    covered = index.market.tax_covered
    old = [
        invoice
        for invoice in index.invoices.values()
        if invoice.issue_day + parameters.delay <= index.today
        and (covered is None or invoice.id in covered)
    ]
    missing = {invoice.id for invoice in old if index.tax_record(invoice) is None}
    confirmed = [invoice for invoice in old if invoice.is_confirmed]
    counts = Counter(invoice.seller for invoice in confirmed)
    lacking = Counter(invoice.seller for invoice in confirmed if invoice.id in missing)
    outcome = Outcome()
    usual = _usual_ratio(index)
    is_rare = _are_gaps_rare(index, parameters, usual)
    for invoice in index.invoices.values():
        record = index.tax_record(invoice)
        if record is not None:
            finding = _otherwise(index, parameters, invoice, record, usual=usual, is_rare=is_rare)
            outcome.findings += [finding] if finding else []
    known = share(counts.total() - lacking.total(), counts.total())
    if confirmed and known < parameters.min_known:
        reason = f"only {percent(known)} have a record"
        outcome.left_out.append(LeftOut("tax", len(missing), reason))
        return outcome
    outside = {
        seller
        for seller, count in counts.items()
        if count >= parameters.min_count
        and share(count - lacking[seller], count) < parameters.min_known
    }
    if outside:
        reason = "sellers most of whose invoices have no record: outside the system, or false"
        outcome.left_out.append(LeftOut("tax", len(outside), reason))
    trusted = [invoice.id for invoice in confirmed if invoice.id not in suspects]
    rate = share(len(missing.intersection(trusted)), len(trusted))
    for invoice in old:
        if invoice.id in missing and invoice.seller not in outside:
            outcome.findings.append(_missing(parameters, invoice, rate))
    return outcome


def _usual_ratio(index: Index) -> int:
    ratios = [
        record.amount * MILLION // invoice.amount
        for invoice in index.invoices.values()
        if invoice.amount
        and (record := index.tax_record(invoice)) is not None
        and record.currency == invoice.currency
    ]
    return median(ratios) if len(ratios) >= _MIN_RATIOS else MILLION


def _gap(invoice: Invoice, record: TaxRecord, usual: int) -> int:
    expected = invoice.amount * usual // MILLION
    return abs(record.amount - expected) * MILLION // max(1, expected)


def _are_gaps_rare(index: Index, parameters: Tax, usual: int) -> bool:
    """Whether the two amounts are nearly always the same, so that a small gap is odd too."""
    gaps = [
        _gap(invoice, record, usual) > parameters.amount_gap
        for invoice in index.invoices.values()
        if (record := index.tax_record(invoice)) is not None and record.currency == invoice.currency
    ]
    return len(gaps) >= _MIN_RATIOS and share(sum(gaps), len(gaps)) <= parameters.rare


def _otherwise(
    index: Index,
    parameters: Tax,
    invoice: Invoice,
    record: TaxRecord,
    *,
    usual: int,
    is_rare: bool,
) -> Finding | None:
    case = Case(0)
    if index.is_cancelled(invoice):
        if _is_replaced(index, parameters, invoice, record):
            return None
        text = f"is cancelled at the tax authority (record of day {record.day})"
        case.add(parameters.cancelled)
    elif record.buyer != invoice.buyer:
        text = f"is to {invoice.buyer}, and the tax authority has buyer {record.buyer}"
        case.add(parameters.other_buyer)
    elif record.currency != invoice.currency:
        text = f"is in {invoice.currency}, and the tax authority has {record.currency}"
        case.add(parameters.other_currency)
    else:
        expected = invoice.amount * usual // MILLION
        gap = _gap(invoice, record, usual)
        if gap <= parameters.amount_gap:
            return None
        amounts = [decimal_text(a, currency=invoice.currency) for a in (expected, record.amount)]
        text = f"makes {amounts[0]} {invoice.currency}, and the tax authority has {amounts[1]}"
        case.add(parameters.other_amount)
        case.add(points_of(gap, parameters.amount))
        case.add(parameters.rare_gap if is_rare else 0)
    return case.finding(
        Kind.TAX_MISMATCH,
        (invoice.id,),
        f"invoice {invoice.number} of {invoice.seller} {text}",
        {invoice.id, record.number},
    )


def _is_replaced(index: Index, parameters: Tax, invoice: Invoice, record: TaxRecord) -> bool:
    """Whether a like invoice, which the authority knows as issued, followed; and no assignment."""
    followers: Sequence[Invoice] = index.by_pair[invoice.seller, invoice.buyer]
    replaced = any(
        0 <= other.issue_day - invoice.issue_day <= parameters.replace_days
        and other.id != invoice.id
        and other.currency == invoice.currency
        and abs(other.amount - invoice.amount) * MILLION <= invoice.amount * parameters.replace_gap
        and {line.goods for line in other.lines} == {line.goods for line in invoice.lines}
        and (other.order_id is None or other.order_id == invoice.order_id)
        and index.tax_record(other) is not None
        and not index.is_cancelled(other)
        and (other.is_confirmed or not invoice.is_confirmed)
        for other in followers
    )
    later = any(a.day > record.day for a in index.assignments_of.get(invoice.id, ()))
    return replaced and not later


def _missing(parameters: Tax, invoice: Invoice, rate: int) -> Finding:
    case = Case(parameters.missing)
    case.add(points_of(rate, parameters.rate))
    amount = decimal_text(invoice.amount, currency=invoice.currency)
    return case.finding(
        Kind.TAX_MISMATCH,
        (invoice.id,),
        f"the tax authority does not know invoice {invoice.number} of {invoice.seller} to "
        f"{invoice.buyer} ({amount} {invoice.currency}), and {percent(rate)} of the invoices are "
        "missing there",
        {invoice.id},
    )
