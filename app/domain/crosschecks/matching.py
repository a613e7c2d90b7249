"""Which movements delivered an invoice, and which payments paid it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.domain.crosschecks.index import Index, Pair, plain_number
from app.domain.crosschecks.parameters import Deliveries
from app.domain.crosschecks.records import Invoice, Movement, Payment
from app.domain.crosschecks.weighing import MILLION, between, share


@dataclass(slots=True)
class Delivery:
    """What of an invoice's goods moved."""

    needed: int = 0
    moved: int = 0
    movements: list[Movement] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """The quantity that no movement shows."""
        return self.needed - self.moved


@dataclass(slots=True)
class Matches:
    """Deliveries and payments by invoice; deliveries only of invoices with goods, not cancelled."""

    parameters: Deliveries
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    payments: dict[str, list[str]] = field(default_factory=dict)

    def is_moved(self, invoice: Invoice) -> bool | None:
        """Whether (nearly) all goods moved; None if the invoice names no goods."""
        delivery = self.deliveries.get(invoice.id)
        if delivery is None:
            return None
        return share(delivery.moved, delivery.needed) >= self.parameters.delivered_share

    def is_unmoved(self, invoice: Invoice) -> bool:
        """Whether the invoice names goods of which nothing moved."""
        delivery = self.deliveries.get(invoice.id)
        return delivery is not None and delivery.moved == 0

    def is_paid(self, invoice: Invoice) -> bool:
        """Whether payments reach the amount, up to deductions."""
        paid = self.paid.get(invoice.id, 0)
        return paid > 0 and paid * MILLION >= invoice.amount * self.parameters.paid_share

    def is_matured(self, invoice: Invoice, *, today: int) -> bool:
        """Whether the goods should have moved by now."""
        return invoice.issue_day + self.parameters.grace <= today


@dataclass(slots=True)
class _Need:
    invoice: Invoice
    quantity: int


@dataclass(slots=True)
class _Supply:
    movement: Movement
    quantity: int


def match(index: Index, parameters: Deliveries) -> Matches:
    """Matches each movement and payment once.

    A movement belongs to an invoice of the same order first (to the same receiver: it may come from
    a warehouse or another supplier), then to one of the same parties and goods near in time; equal
    quantities before others. A payment belongs to the invoices that it names, else to one of its
    payer and payee with the same amount.
    """
    matches = Matches(parameters)
    for pair, invoices in index.by_pair.items():
        _match_goods(index, matches, pair, invoices)
    for payments in index.payments_by.values():
        _match_payments(index, matches, payments)
    return matches


def _match_goods(index: Index, matches: Matches, pair: Pair, invoices: list[Invoice]) -> None:
    needs = defaultdict(list)
    for invoice in invoices:
        if index.is_cancelled(invoice):
            continue  # its goods belong to the invoice that replaced it
        quantities: dict[str, int] = defaultdict(int)
        for line in invoice.lines:
            quantities[line.goods] += line.quantity
        for goods, quantity in quantities.items():
            if quantity:
                needs[goods].append(_Need(invoice, quantity))
        if needed := sum(quantities.values()):
            matches.deliveries[invoice.id] = Delivery(needed)
    if not needs:
        return
    supplies = _supplies(index, pair, invoices)
    for goods, needed_goods in needs.items():
        _fill(matches, needed_goods, supplies.get(goods, []))


def _supplies(index: Index, pair: Pair, invoices: list[Invoice]) -> dict[str, list[_Supply]]:
    movements = {movement.id: movement for movement in index.movements_of.get(pair, ())}
    for order in {invoice.order_id for invoice in invoices if invoice.order_id is not None}:
        for movement in index.movements_for.get(order, ()):
            if movement.receiver == pair[1]:
                movements[movement.id] = movement
    supplies = defaultdict(list)
    for movement in sorted(movements.values(), key=lambda movement: (movement.day, movement.id)):
        supplies[movement.goods].append(_Supply(movement, movement.quantity))
    return supplies


def _fill(matches: Matches, needs: list[_Need], supplies: list[_Supply]) -> None:
    by_order = defaultdict(list)
    for supply in supplies:
        if supply.movement.order_id is not None:
            by_order[supply.movement.order_id].append(supply)
    for exact in (True, False):
        for need in needs:
            if need.invoice.order_id is not None:
                _take(matches, need, by_order.get(need.invoice.order_id, ()), exact, None)
    days = [supply.movement.day for supply in supplies]
    window = matches.parameters.window
    for exact in (True, False):
        for need in needs:
            if need.quantity:
                near = _near(supplies, days, need.invoice.issue_day, window)
                _take(matches, need, near, exact, need.invoice.order_id)


def _near(supplies: list[_Supply], days: list[int], day: int, window: int) -> Iterable[_Supply]:
    return [supplies[at] for at in between(days, day - window, day + window)]


def _take(
    matches: Matches,
    need: _Need,
    supplies: Iterable[_Supply],
    exact: bool,
    own_order: str | None,
) -> None:
    """Takes from the nearest supplies; nothing that moved for another order."""
    if not need.quantity:
        return
    day = need.invoice.issue_day
    nearest = sorted(
        (
            supply
            for supply in supplies
            if supply.quantity > 0
            and (not exact or supply.quantity == need.quantity)
            and (own_order is None or supply.movement.order_id in {None, own_order})
        ),
        key=lambda supply: (abs(supply.movement.day - day), supply.movement.id),
    )
    delivery = matches.deliveries[need.invoice.id]
    for supply in nearest:
        quantity = min(supply.quantity, need.quantity)
        if not quantity:
            break
        supply.quantity -= quantity
        need.quantity -= quantity
        delivery.moved += quantity
        delivery.movements.append(supply.movement)


def _match_payments(index: Index, matches: Matches, payments: Sequence[Payment]) -> None:
    numbers: dict[str, list[Invoice]] = defaultdict(list)
    equal: dict[tuple[str, str, int], list[Invoice]] = defaultdict(list)
    for invoice in index.by_buyer.get(payments[0].payer, ()):
        numbers[index.numbers[invoice.id]].append(invoice)
        equal[invoice.seller, invoice.currency, invoice.amount].append(invoice)
    unnamed = []
    for payment in payments:
        named = [
            invoice
            for reference in payment.references
            for invoice in _named(numbers.get(plain_number(reference), ()), payment)
        ]
        if named:
            _pay(matches, named, payment)
        else:
            unnamed.append(payment)
    for payment in unnamed:
        for invoice in equal.get((payment.payee, payment.currency, payment.amount), ()):
            if invoice.issue_day <= payment.day and invoice.id not in matches.paid:
                _pay(matches, [invoice], payment)
                break


def _named(invoices: Sequence[Invoice], payment: Payment) -> list[Invoice]:
    """The payee's own invoices; if it has none of this number, it holds claims of others."""
    same = [invoice for invoice in invoices if invoice.currency == payment.currency]
    return [invoice for invoice in same if invoice.seller == payment.payee] or same[:1]


def _pay(matches: Matches, invoices: Sequence[Invoice], payment: Payment) -> None:
    rest = payment.amount
    for invoice in invoices:
        paid = matches.paid.get(invoice.id, 0)
        part = max(0, min(rest, invoice.amount - paid))
        rest -= part
        matches.paid[invoice.id] = paid + part
        matches.payments.setdefault(invoice.id, []).append(payment.id)
