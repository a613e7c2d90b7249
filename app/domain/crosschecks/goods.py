"""Goods that never moved, and more sold than delivered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from app.domain.crosschecks.index import Index
from app.domain.crosschecks.matching import Delivery, Matches
from app.domain.crosschecks.parameters import Deliveries, Goods
from app.domain.crosschecks.records import Finding, Invoice, Kind
from app.domain.crosschecks.weighing import (
    Case,
    LeftOut,
    Outcome,
    percent,
    points_of,
    quantity_text,
    share,
)
from app.domain.money import decimal_text

_MIN_REPEATED = 3


@dataclass(slots=True)
class _Known:
    """Matured invoices by the first of their goods, and (`_of`) by seller; and who sells what."""

    count: Counter[str] = field(default_factory=Counter)
    unmoved: Counter[str] = field(default_factory=Counter)
    short: Counter[str] = field(default_factory=Counter)
    count_of: Counter[str] = field(default_factory=Counter)
    unmoved_of: Counter[str] = field(default_factory=Counter)
    short_of: Counter[str] = field(default_factory=Counter)
    sellers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def rate(self, counts: Counter[str], goods: str, min_sample: int) -> int:
        """The rate of the market, or that of such goods if it is higher."""
        market = share(counts.total(), self.count.total())
        if self.count[goods] < min_sample:
            return market
        return max(market, share(counts[goods], self.count[goods]))

    def stands_out(self, seller: str, unmoved: bool) -> bool:
        """Whether the seller has several, and four times the rate of the market."""
        counts, counts_of = (
            (self.unmoved, self.unmoved_of) if unmoved else (self.short, self.short_of)
        )
        rate = share(counts.total(), self.count.total())
        return (
            counts_of[seller] >= _MIN_REPEATED
            and share(counts_of[seller], self.count_of[seller]) > 4 * rate
        )


def check(
    index: Index, matches: Matches, parameters: Goods, *, suspects: Collection[str] = ()
) -> Outcome:
    """Invoices whose goods no movement shows, wholly or in part.

    Partial deliveries and back orders get a grace. A missing report is ordinary where many are
    missing, so the rate of such goods sets the odds. Goods that only one seller has and that never
    move are services. `suspects` are invoices that other checks name: they do not set the rate.

    It cannot see goods that moved through a third party without naming the order, goods that moved
    in a circle to feign a delivery, a false report, or worthless goods in the place of good ones.
    """
    matured = [
        invoice
        for invoice in index.invoices.values()
        if invoice.id in matches.deliveries and matches.is_matured(invoice, today=index.today)
    ]
    known = _known(index, matches, [i for i in matured if i.id not in suspects])
    moved = share(known.count.total() - known.unmoved.total(), known.count.total())
    if moved < matches.parameters.min_known:
        return Outcome(
            left_out=[
                LeftOut("goods", len(matured), f"only {percent(moved)} have a known movement")
            ]
        )
    outcome = Outcome()
    without = len(index.invoices) - len(matches.deliveries)
    if without:
        outcome.left_out.append(LeftOut("goods", without, "invoices that name no goods"))
    findings = []
    for invoice in matured:
        delivery = matches.deliveries[invoice.id]
        if not matches.is_moved(invoice):
            unmoved = _is_unmoved(index, matches, invoice)
            findings.append((invoice, delivery, unmoved))
    ordered = sum(1 for invoice in matured if index.order_of(invoice) is not None)
    for invoice, delivery, unmoved in findings:
        case = Case(parameters.base)
        _weigh_rate(
            matches.parameters,
            parameters,
            case=case,
            known=known,
            invoice=invoice,
            unmoved=unmoved,
        )
        _weigh_money(index, matches, parameters, case, invoice)
        if known.stands_out(invoice.seller, unmoved):
            case.add(parameters.repeated, f"{invoice.seller} has more such invoices than others")
        if ordered * 5 > len(matured) * 4 and index.order_of(invoice) is None:
            case.add(parameters.no_order, "no order is known either")
        outcome.findings.append(
            _finding(index, parameters, case, invoice=invoice, delivery=delivery, unmoved=unmoved)
        )
    return outcome


def _goods_of(invoice: Invoice) -> str:
    return min(line.goods for line in invoice.lines if line.quantity)


def _known(index: Index, matches: Matches, matured: list[Invoice]) -> _Known:
    known = _Known()
    for invoice in matured:
        goods = _goods_of(invoice)
        known.count[goods] += 1
        known.sellers[goods].add(invoice.seller)
        if not matches.is_moved(invoice):
            counts = known.unmoved if _is_unmoved(index, matches, invoice) else known.short
            counts[goods] += 1
            counts_of = known.unmoved_of if counts is known.unmoved else known.short_of
            counts_of[invoice.seller] += 1
        known.count_of[invoice.seller] += 1
    return known


def _is_unmoved(index: Index, matches: Matches, invoice: Invoice) -> bool:
    """Whether nothing moved, for the invoice or for another one of its order."""
    if not matches.is_unmoved(invoice):
        return False
    order = index.order_of(invoice)
    if order is None:
        return True
    return not any(
        other.id in matches.deliveries and not matches.is_unmoved(other)
        for other in index.by_order[order.id]
    )


def _weigh_rate(
    deliveries: Deliveries,
    parameters: Goods,
    *,
    case: Case,
    known: _Known,
    invoice: Invoice,
    unmoved: bool,
) -> None:
    goods = _goods_of(invoice)
    counts = known.unmoved if unmoved else known.short
    rate = known.rate(counts, goods, deliveries.min_sample)
    case.add(
        points_of(rate, parameters.rate),
        f"of such invoices {percent(rate)} lack {'a' if unmoved else 'a full'} movement",
    )
    if known.unmoved[goods] == known.count[goods] and len(known.sellers[goods]) == 1:
        case.add(parameters.never_moves)


def _weigh_money(
    index: Index, matches: Matches, parameters: Goods, case: Case, invoice: Invoice
) -> None:
    if matches.is_paid(invoice):
        case.add(parameters.paid)
    elif invoice.due_day + matches.parameters.grace < index.today and index.payments_by:
        case.add(parameters.overdue, "it is due and not paid")


def _finding(
    index: Index,
    parameters: Goods,
    case: Case,
    *,
    invoice: Invoice,
    delivery: Delivery,
    unmoved: bool,
) -> Finding:
    evidence = {invoice.id, *(movement.id for movement in delivery.movements)}
    order = index.order_of(invoice)
    if order is not None:
        evidence.add(order.id)
    amount = f"{decimal_text(invoice.amount, currency=invoice.currency)} {invoice.currency}"
    if unmoved:
        return case.finding(
            Kind.UNMOVED_GOODS,
            (invoice.id,),
            f"{index.today - invoice.issue_day} days after invoice {invoice.number} of "
            f"{invoice.seller} to {invoice.buyer} ({amount}) no movement shows its goods",
            evidence,
        )
    if order is not None:
        evidence.update(other.id for other in index.by_order[order.id])
    missing = share(delivery.missing, delivery.needed)
    case.add(points_of(missing, parameters.short))
    return case.finding(
        Kind.OVERSOLD,
        (invoice.id,),
        f"invoice {invoice.number} of {invoice.seller} to {invoice.buyer} ({amount}) is for "
        f"{quantity_text(delivery.needed)} units, and {quantity_text(delivery.moved)} moved for it",
        evidence,
    )
