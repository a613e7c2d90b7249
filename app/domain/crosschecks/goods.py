"""Goods that never moved, and more sold than ordered or delivered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from app.domain.crosschecks.habits import Habits, weigh_financing
from app.domain.crosschecks.index import Index
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.parameters import Goods
from app.domain.crosschecks.records import Finding, Invoice, Kind, Order
from app.domain.crosschecks.weighing import (
    MILLION,
    Case,
    LeftOut,
    Outcome,
    percent,
    points_of,
    quantity_text,
    share,
)
from app.domain.money import decimal_text


def check(
    index: Index,
    matches: Matches,
    habits: Habits,
    parameters: Goods,
    *,
    suspects: Collection[str] = (),
) -> Outcome:
    """Invoices whose goods no movement shows, wholly or in part, or beyond their order.

    Partial deliveries and back orders get a grace. A missing report is ordinary where the pair's
    other trade is not reported either, and odd where it always is. Goods that only one seller has
    and that never move are services; a line of them excuses no other goods. `suspects` are
    invoices that other checks name: they, and unconfirmed ones, say nothing of the rate of partial
    deliveries.

    It cannot see goods that moved through a third party without naming the order, goods that moved
    in a circle to feign a delivery, a false report, or worthless goods in the place of good ones.
    """
    outcome = Outcome()
    outcome.findings += _beyond_orders(index, matches, parameters)
    matured = [
        invoice
        for invoice in index.invoices.values()
        if invoice.id in matches.deliveries and matches.is_matured(invoice, today=index.today)
    ]
    if not index.market.movements:
        reason = "no movements are known"
        outcome.left_out.append(LeftOut("goods", len(matured), reason))
        return outcome
    without = len(index.invoices) - len(matches.deliveries)
    if without:
        outcome.left_out.append(LeftOut("goods", without, "invoices that name no goods"))
    services = _services(matches, [invoice for invoice in matured if invoice.is_confirmed])
    beyond = {subject for finding in outcome.findings for subject in finding.subjects}
    trusted = [i for i in matured if i.is_confirmed and i.id not in suspects]
    short = sum(1 for i in trusted if matches.has_moved(i) and not matches.is_moved(i))
    unreported = 0
    floor = habits.moved.floor()
    for invoice in matured:
        if matches.is_moved(invoice) or invoice.id in beyond:
            continue
        rate = max(floor, habits.moved.rate(invoice))
        if rate > parameters.unreported:
            unreported += 1
        elif matches.has_moved(invoice):
            rate_of_short = share(short, len(trusted))
            outcome.findings.append(_short(index, matches, parameters, invoice, rate_of_short))
        elif not services.issuperset(line.goods for line in invoice.lines if line.quantity):
            outcome.findings.append(
                _unmoved(index, matches, habits, parameters, invoice=invoice, rate=rate)
            )
    if unreported:
        reason = "invoices of pairs whose other trade shows no movements either"
        outcome.left_out.append(LeftOut("goods", unreported, reason))
    return outcome


def _services(matches: Matches, matured: Iterable[Invoice]) -> set[str]:
    """Goods that one seller alone has and that never moved, three times or more."""
    sellers, count = defaultdict(set), Counter[str]()
    moved = set()
    for invoice in matured:
        for goods in {line.goods for line in invoice.lines}:
            sellers[goods].add(invoice.seller)
            count[goods] += 1
            if matches.has_moved(invoice):
                moved.add(goods)
    return {g for g, number in count.items() if number > 2 and len(sellers[g]) == 1} - moved  # noqa: PLR2004


def _beyond_orders(index: Index, matches: Matches, parameters: Goods) -> list[Finding]:
    """Orders whose invoices together are for more than was ordered."""
    findings = []
    for order_id, named in index.by_order.items():
        order = index.orders.get(order_id)
        if order is None:
            continue
        invoices = [
            i for i in named if index.order_of(i) is order and not index.is_cancelled(i) and i.lines
        ]
        ordered = sum(line.quantity for line in order.lines)
        quantities = {i.id: sum(line.quantity for line in i.lines) for i in invoices}
        invoiced = sum(quantities.values())
        excess = share(invoiced - ordered, ordered)
        billed = share(sum(i.amount for i in invoices) - order.amount, order.amount)
        if not ordered or min(excess, billed) <= parameters.beyond:
            continue
        if _is_one_twice(list(quantities.values()), invoiced - ordered, parameters.beyond):
            continue
        findings.append(
            _beyond(index, matches, parameters, order=order, invoices=invoices, excess=excess)
        )
    return findings


def _is_one_twice(quantities: list[int], excess: int, gap: int) -> bool:
    """Whether what is beyond an order is one whole invoice that is there twice: a copy."""

    def near(first: int, second: int) -> bool:
        return abs(first - second) * MILLION <= max(first, second) * gap

    return sum(1 for quantity in quantities if near(quantity, excess)) > 1


def _beyond(
    index: Index,
    matches: Matches,
    parameters: Goods,
    *,
    order: Order,
    invoices: list[Invoice],
    excess: int,
) -> Finding:
    case = Case(parameters.beyond_order + points_of(excess, parameters.excess))
    evidence = {order.id, *(invoice.id for invoice in invoices)}
    movements = {
        movement.id: movement
        for invoice in invoices
        for movement in matches.deliveries[invoice.id].movements
    }
    evidence.update(movements)
    invoiced = sum(line.quantity for invoice in invoices for line in invoice.lines)
    moved = sum(matches.deliveries[invoice.id].moved for invoice in invoices)
    if share(moved, invoiced) >= matches.parameters.delivered_share:
        case.add(parameters.beyond_and_moved)
    elif moved:
        case.add(parameters.moved_as_ordered, f"{quantity_text(moved)} units moved")
    ordered = sum(line.quantity for line in order.lines)
    return case.finding(
        Kind.OVERSOLD,
        (invoice.id for invoice in invoices),
        f"{len(invoices)} invoices of {order.seller} to {order.buyer} for order {order.id} of "
        f"{quantity_text(ordered)} units are for {quantity_text(invoiced)}",
        evidence,
    )


def _unmoved(
    index: Index,
    matches: Matches,
    habits: Habits,
    parameters: Goods,
    *,
    invoice: Invoice,
    rate: int,
) -> Finding:
    case = Case(parameters.base)
    case.add(
        points_of(rate, parameters.rate),
        f"of their other invoices {percent(MILLION - rate)} have a movement",
    )
    if matches.is_paid(invoice):
        case.add(parameters.paid)
    elif habits.paid.is_missing(invoice):
        case.add(parameters.overdue, "it is due and not paid")
    weigh_financing(index, parameters.financing, case, (invoice,))
    if habits.ordered.is_missing(invoice):
        rare = habits.ordered.rate(invoice) <= parameters.rare
        case.add(parameters.no_order if rare else 0, "no order is known either")
    return case.finding(
        Kind.UNMOVED_GOODS,
        (invoice.id,),
        f"{index.today - invoice.issue_day} days after invoice {invoice.number} of "
        f"{invoice.seller} to {invoice.buyer} ({_amount(invoice)}) no movement shows its goods",
        _evidence(index, matches, invoice),
    )


def _short(
    index: Index, matches: Matches, parameters: Goods, invoice: Invoice, rate: int
) -> Finding:
    case = Case(parameters.short_base)
    case.add(
        points_of(rate, parameters.rate), f"of such invoices {percent(rate)} lack a full movement"
    )
    if matches.is_paid(invoice):
        case.add(parameters.short_paid)
    delivery = matches.deliveries[invoice.id]
    case.add(points_of(share(delivery.missing, delivery.needed), parameters.short))
    return case.finding(
        Kind.OVERSOLD,
        (invoice.id,),
        f"invoice {invoice.number} of {invoice.seller} to {invoice.buyer} ({_amount(invoice)}) is "
        f"for {quantity_text(delivery.needed)} units, and {quantity_text(delivery.moved)} moved "
        "for it",
        _evidence(index, matches, invoice),
    )


def _amount(invoice: Invoice) -> str:
    return f"{decimal_text(invoice.amount, currency=invoice.currency)} {invoice.currency}"


def _evidence(index: Index, matches: Matches, invoice: Invoice) -> set[str]:
    evidence = {invoice.id, *(m.id for m in matches.deliveries[invoice.id].movements)}
    order = index.order_of(invoice)
    if order is not None:
        evidence.update(other.id for other in index.by_order[order.id])
        evidence.add(order.id)
    return evidence
