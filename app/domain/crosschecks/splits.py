"""Parts of one purchase that each stay below the limit of a review."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator

from app.domain.crosschecks.billing_parameters import Splits
from app.domain.crosschecks.habits import weigh_financing
from app.domain.crosschecks.index import Index
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.records import Finding, Invoice, Kind
from app.domain.crosschecks.weighing import (
    MILLION,
    Case,
    LeftOut,
    Outcome,
    percent,
    points_of,
    share,
)
from app.domain.money import decimal_text

_BAND = 700_000


def check(index: Index, matches: Matches, parameters: Splits) -> Outcome:
    """Invoices of one seller and buyer in few days, each within the limit, together above it.

    Batches of invoices are ordinary: each truck has its own, each call-off of an order. The check
    asks whether they come from one order or one movement, how near below the limit they are, and
    whether the pair bills in batches also where no limit is near.

    It cannot see parts spread over weeks, over several sellers or buyers, or in several currencies,
    nor an order that was itself split long before.
    """
    limit = index.market.review_limit
    if limit == 0:
        return Outcome(left_out=[LeftOut("splits", 1, "no limit of a review is known")])
    amounts = sorted(
        invoice.amount
        for invoice in index.invoices.values()
        if invoice.is_confirmed and index.market.is_reviewed(invoice.currency)
    )
    band = bisect_left(amounts, limit + 1) - bisect_left(amounts, limit * _BAND // MILLION)
    in_band = share(band, len(amounts))
    outcome = Outcome()
    for invoices in index.by_pair.values():
        valid = [
            invoice
            for invoice in invoices
            if index.market.is_reviewed(invoice.currency) and not index.is_cancelled(invoice)
        ]
        batches = list(_batches(valid, limit, parameters))
        low = sum(
            1 for batch in batches if _total(batch) <= limit and all(i.is_confirmed for i in batch)
        )
        known = [invoice for invoice in valid if invoice.is_confirmed]
        for batch in batches:
            if _total(batch) > limit:
                case = Case(parameters.base)
                if low >= parameters.min_habit:
                    case.add(parameters.habit)
                _weigh_habit(limit, parameters, case, parts=batch, known=known)
                outcome.findings.append(
                    _finding(index, matches, parameters, case, parts=batch, in_band=in_band)
                )
    return outcome


def _is_near(invoice: Invoice, limit: int, parameters: Splits) -> bool:
    return limit * parameters.part <= invoice.amount * MILLION <= limit * MILLION


def _weigh_habit(
    limit: int,
    parameters: Splits,
    case: Case,
    *,
    parts: tuple[Invoice, ...],
    known: list[Invoice],
) -> None:
    """How many parts there are, and whether the pair often bills so near below the limit.

    Args:
        known: the pair's confirmed invoices.
    """
    case.add(points_of(len(parts), parameters.parts))
    of_batch = {part.id for part in parts}
    others = [invoice for invoice in known if invoice.id not in of_batch]
    near = sum(1 for invoice in others if _is_near(invoice, limit, parameters))
    if len(others) >= parameters.min_others:
        days = known[-1].issue_day - known[0].issue_day + 1
        usual = near * parameters.order_days * MILLION // max(days, parameters.min_days)
        text = f"of the pair's {len(others)} other invoices {near} lie so near below the limit"
        case.add(points_of(usual, parameters.others_near), text)


def _total(invoices: Iterable[Invoice]) -> int:
    return sum(invoice.amount for invoice in invoices)


def _batches(
    invoices: list[Invoice], limit: int, parameters: Splits
) -> Iterator[tuple[Invoice, ...]]:
    """Runs of two or more invoices within the limit: of one order, then of what remains.

    Without a common order only invoices of at least a part of the limit count.
    """
    low = [invoice for invoice in invoices if invoice.amount <= limit]
    by_order: dict[tuple[str, str], list[Invoice]] = defaultdict(list)
    for invoice in low:
        if invoice.order_id is not None:
            by_order[invoice.currency, invoice.order_id].append(invoice)
    used: set[str] = set()
    for parts in by_order.values():
        for batch in _runs(parts, parameters.order_days):
            used.update(part.id for part in batch)
            yield batch
    by_currency: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in low:
        if invoice.id not in used and _is_near(invoice, limit, parameters):
            by_currency[invoice.currency].append(invoice)
    for parts in by_currency.values():
        yield from _runs(parts, parameters.batch_days)


def _runs(invoices: list[Invoice], days: int) -> Iterator[tuple[Invoice, ...]]:
    run: list[Invoice] = []
    for invoice in invoices:
        if run and invoice.issue_day - run[0].issue_day > days:
            if len(run) > 1:
                yield tuple(run)
            run = []
        run.append(invoice)
    if len(run) > 1:
        yield tuple(run)


def _finding(
    index: Index,
    matches: Matches,
    parameters: Splits,
    case: Case,
    *,
    parts: tuple[Invoice, ...],
    in_band: int,
) -> Finding:
    first, limit = parts[0], index.market.review_limit
    currency = first.currency
    evidence = {part.id for part in parts}
    _weigh_orders(index, parameters, case, parts, evidence)
    _weigh_movements(matches, parameters, case, parts, evidence)
    weigh_financing(index, parameters.financing, case, parts)
    span = parts[-1].issue_day - first.issue_day
    case.add(points_of(span, parameters.span))
    # The smallest part is what remains.
    reach = share(sorted(part.amount for part in parts)[1], limit)
    near = points_of(reach, parameters.nearness)
    case.add(near, f"all but the smallest reach {percent(reach)} of the limit")
    if near and in_band <= parameters.rare_band:
        case.add(parameters.rare)
    elif in_band >= 3 * parameters.rare_band:
        case.add(parameters.common)
    total = decimal_text(_total(parts), currency=currency)
    return case.finding(
        Kind.SPLIT_INVOICE,
        (part.id for part in parts),
        f"{len(parts)} invoices of {first.seller} to {first.buyer} within {span + 1} days make "
        f"{total} {currency}, and each stays within the limit of "
        f"{decimal_text(limit, currency=currency)}",
        evidence,
    )


def _weigh_orders(
    index: Index,
    parameters: Splits,
    case: Case,
    parts: tuple[Invoice, ...],
    evidence: set[str],
) -> None:
    orders = {part.order_id for part in parts}
    evidence.update(order for order in orders if order is not None)
    order = index.order_of(parts[0])
    if len(orders) == 1 and order is not None and order.amount > index.market.review_limit:
        text = decimal_text(order.amount, currency=order.currency)
        case.add(parameters.one_order, f"they share order {order.id} of {text}")
        whole = abs(_total(parts) - order.amount) * MILLION <= order.amount * parameters.whole_gap
        case.add(parameters.whole if whole else parameters.no_whole, "and make the whole of it")
    elif len(orders) == len(parts) and None not in orders:
        case.add(parameters.own_orders)


def _weigh_movements(
    matches: Matches,
    parameters: Splits,
    case: Case,
    parts: tuple[Invoice, ...],
    evidence: set[str],
) -> None:
    deliveries = [matches.deliveries.get(part.id) for part in parts]
    known = [delivery.movements for delivery in deliveries if delivery and delivery.movements]
    movements = {movement.id: movement for group in known for movement in group}
    evidence.update(movements)
    if len(known) < len(parts):
        return
    if len(movements) < len(parts) and all(
        {movement.id for movement in group} & {movement.id for movement in known[0]}
        for group in known
    ):
        case.add(parameters.one_movement, "their goods moved together")
    elif len(movements) >= len(parts):
        days = [movement.day for movement in movements.values()]
        case.add(points_of(max(days) - min(days), parameters.own_movements))
