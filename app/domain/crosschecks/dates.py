"""Dates that cannot be."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from app.domain.calendar import date_of
from app.domain.crosschecks.index import Index, Pair, plain_number
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.parameters import Dates
from app.domain.crosschecks.records import Invoice, Kind, Movement, Payment
from app.domain.crosschecks.weighing import MILLION, Case, Outcome, points_of

_UNREGISTERED = "unregistered"


@dataclass(frozen=True, slots=True)
class _Fault:
    """One date that cannot be: its name, by how many days, what to say, and the record."""

    name: str
    days: int
    text: str
    record: str


def check(index: Index, matches: Matches, parameters: Dates) -> Outcome:
    """Invoices whose own dates, or those of their order, goods or money, contradict each other.

    A day of difference is a time zone or a telephone order. A fault that many confirmed invoices of
    the market share is its custom. Goods that follow the invoice, and payments after the due day,
    are ordinary.

    It cannot see dates that are false and fit together, and compares goods and orders only where
    both name the order, payments only where they name the invoice.
    """
    delivered = _delivered(index)
    faults = {
        invoice.id: [*_own(index, invoice, parameters), *_ordered(index, invoice, parameters)]
        for invoice in index.invoices.values()
    }
    naming = {payment.id: payment for payment in index.market.payments if payment.references}
    prepaid = _prepaid(index, matches, naming)
    for invoice in index.invoices.values():
        faults[invoice.id] += [
            *_moved(index, invoice, delivered.get(invoice.id), parameters),
            *_paid(
                index,
                invoice,
                parameters,
                payments=[naming[p] for p in matches.payments.get(invoice.id, ()) if p in naming],
                prepaid=prepaid,
            ),
            *_assigned(index, invoice, parameters),
        ]
    _drop_late_entries(index, faults, parameters)
    usual = _usual(index, faults, parameters)
    outcome = Outcome()
    for invoice in index.invoices.values():
        if not faults[invoice.id]:
            continue
        worst = max(_points(fault, usual, parameters) for fault in faults[invoice.id])
        texts = "; ".join(dict.fromkeys(fault.text for fault in faults[invoice.id]))
        outcome.findings.append(
            Case(parameters.base + worst).finding(
                Kind.IMPOSSIBLE_DATE,
                (invoice.id,),
                f"invoice {invoice.number} of {invoice.seller} {texts}",
                {invoice.id, *(fault.record for fault in faults[invoice.id])},
            )
        )
    return outcome


def _points(fault: _Fault, usual: set[str], parameters: Dates) -> int:
    base: int = getattr(parameters, fault.name)
    custom = parameters.usual_points if fault.name in usual else 0
    return base + points_of(fault.days, parameters.days) + custom


def _usual(index: Index, faults: dict[str, list[_Fault]], parameters: Dates) -> set[str]:
    confirmed = [invoice.id for invoice in index.invoices.values() if invoice.is_confirmed]
    counts = Counter(name for each in confirmed for name in {fault.name for fault in faults[each]})
    return {
        name
        for name, count in counts.items()
        if count >= parameters.min_usual and count * MILLION > len(confirmed) * parameters.usual
    }


def _drop_late_entries(index: Index, faults: dict[str, list[_Fault]], parameters: Dates) -> None:
    """A party that trades long before its entry changed its form or seat: the entry is late."""
    counts = Counter(
        fault.record
        for invoice in index.invoices.values()
        for fault in faults[invoice.id]
        if fault.name == _UNREGISTERED and invoice.is_confirmed
    )
    for each, group in faults.items():
        faults[each] = [
            fault
            for fault in group
            if fault.name != _UNREGISTERED or counts[fault.record] <= parameters.late_entry
        ]


def _own(index: Index, invoice: Invoice, parameters: Dates) -> list[_Fault]:
    faults = []
    issued = date_of(invoice.issue_day)
    if (days := invoice.issue_day - invoice.due_day) > 0:
        text = f"was due on {date_of(invoice.due_day)}, {days} days before its issue on {issued}"
        faults.append(_Fault("due_before_issue", days, text, invoice.id))
    if (days := invoice.issue_day - invoice.received_day) > parameters.slack:
        text = f"was received {days} days before its issue on {issued}"
        faults.append(_Fault("received_before_issue", days, text, invoice.id))
    for role, party in (("seller", invoice.seller), ("buyer", invoice.buyer)):
        registered = index.parties[party].registered_day
        if registered is not None and (days := registered - invoice.issue_day) > parameters.slack:
            text = f"was issued {days} days before its {role} {party} was registered"
            faults.append(_Fault(_UNREGISTERED, days, text, party))
    return faults


def _ordered(index: Index, invoice: Invoice, parameters: Dates) -> list[_Fault]:
    order = index.order_of(invoice)
    if order is None or not order.is_day_known:
        return []
    if (days := order.day - invoice.issue_day) <= parameters.slack:
        return []
    text = f"was issued {days} days before its order {order.id} of {date_of(order.day)}"
    return [_Fault("invoiced_before_order", days, text, order.id)]


def _delivered(index: Index) -> dict[str, list[Movement]]:
    """Movements of an order before the order, at the order's invoice that is nearest in time."""
    delivered = defaultdict(list)
    for order_id, movements in index.movements_for.items():
        order = index.orders.get(order_id)
        if order is None or not order.is_day_known:
            continue
        invoices = [i for i in index.by_order.get(order_id, ()) if index.order_of(i) is order]
        for movement in movements:
            if movement.day >= order.day or not invoices:
                continue
            day = movement.day
            nearest = min(invoices, key=lambda i: (abs(i.issue_day - day), i.id))
            delivered[nearest.id].append(movement)
    return delivered


def _moved(
    index: Index, invoice: Invoice, movements: list[Movement] | None, parameters: Dates
) -> list[_Fault]:
    order = index.order_of(invoice)
    if order is None or not movements:
        return []
    earliest = min(movements, key=lambda movement: (movement.day, movement.id))
    days = order.day - earliest.day
    if days <= parameters.slack:
        return []
    text = (
        f"is for goods that moved on {date_of(earliest.day)}, {days} days before their order "
        f"{order.id}"
    )
    return [_Fault("delivered_before_order", days, text, earliest.id)]


def _prepaid(index: Index, matches: Matches, naming: dict[str, Payment]) -> Counter[Pair]:
    """Invoices of each pair that were paid before their issue."""
    counts = Counter[Pair]()
    for invoice in index.invoices.values():
        days = [naming[p].day for p in matches.payments.get(invoice.id, ()) if p in naming]
        counts[invoice.seller, invoice.buyer] += bool(days) and min(days) < invoice.issue_day
    return counts


def _paid(
    index: Index,
    invoice: Invoice,
    parameters: Dates,
    *,
    payments: list[Payment],
    prepaid: Counter[Pair],
) -> list[_Fault]:
    """A payment that names the invoice came before it, from a pair that does not pay ahead."""
    number = index.numbers[invoice.id]
    named = [payment for payment in payments if number in map(plain_number, payment.references)]
    if not named or prepaid[invoice.seller, invoice.buyer] > parameters.prepaid:
        return []
    first = min(named, key=lambda payment: (payment.day, payment.id))
    days = invoice.issue_day - first.day
    if days <= parameters.slack:
        return []
    text = f"was paid on {date_of(first.day)}, {days} days before its issue"
    return [_Fault("paid_before_issue", days, text, first.id)]


def _assigned(index: Index, invoice: Invoice, parameters: Dates) -> list[_Fault]:
    assignments = index.assignments_of.get(invoice.id, ())
    if not assignments:
        return []
    first = assignments[0]
    days = invoice.issue_day - first.day
    if days <= parameters.slack:
        return []
    text = f"was assigned on {date_of(first.day)}, {days} days before its issue"
    return [_Fault("assigned_before_issue", days, text, first.id)]
