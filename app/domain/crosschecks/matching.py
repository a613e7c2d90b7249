"""Which movements delivered an invoice, and which payments paid it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from app.domain.crosschecks.billing_parameters import Deliveries
from app.domain.crosschecks.index import Index, Pair, plain_number
from app.domain.crosschecks.records import Assignment, Invoice, Movement, Payment
from app.domain.crosschecks.weighing import MILLION, nearest, share

_FEE = 2_000  # a bank's fee, as a share of the amount
_MAX_NEAR = 30  # movements, or invoices, before and after a day that are looked at
_MAX_OPEN, _MAX_TOGETHER = 10, 5  # open invoices tried for a payment that names none
_WHOLE = 990_000  # named invoices explain a payment from this share on


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

    def has_moved(self, invoice: Invoice) -> bool:
        """Whether more than a token of the goods moved."""
        delivery = self.deliveries.get(invoice.id)
        return delivery is not None and (
            share(delivery.moved, delivery.needed) >= self.parameters.token
        )

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
    payer and payee (or a financier that holds the claim) with the same amount: one whose number
    was mistyped first, then the one whose due day is nearest. Of very large pairs only the nearest
    thirty before and after a day are looked at.
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
    """Equal quantities of one order first, then equal to the scales, then what remains."""
    by_order = defaultdict(list)
    for supply in supplies:
        if supply.movement.order_id is not None:
            by_order[supply.movement.order_id].append(supply)
    days_of = {
        order: [supply.movement.day for supply in group] for order, group in by_order.items()
    }
    own = []
    for need in needs:
        if (group := by_order.get(need.invoice.order_id or "")) is not None:
            near_days = nearest(
                days_of[group[0].movement.order_id or ""], need.invoice.issue_day, _MAX_NEAR
            )
            own.append((need, [group[at] for at in near_days]))
    for gap in (0, matches.parameters.weighing):
        _take_equal(matches, own, gap)
    for need, group in own:
        _take(matches, need, group)
    days = [supply.movement.day for supply in supplies]
    window = matches.parameters.window
    near = [
        (need, _free(need, _near(supplies, days, need.invoice.issue_day, window)))
        for need in needs
        if need.quantity
    ]
    for gap in (0, matches.parameters.weighing):
        _take_equal(matches, near, gap)
    for need, group in near:
        # What remains of another order's goods belongs to that order.
        _take(matches, need, [s for s in group if s.movement.order_id is None])


def _near(supplies: list[_Supply], days: list[int], day: int, window: int) -> list[_Supply]:
    near = nearest(days, day, _MAX_NEAR)
    return [supplies[at] for at in near if abs(days[at] - day) <= window]


def _free(need: _Need, supplies: Iterable[_Supply]) -> list[_Supply]:
    """Nothing that moved for another order than the invoice names."""
    own = need.invoice.order_id
    return [s for s in supplies if own is None or s.movement.order_id in {None, own}]


def _take_equal(
    matches: Matches, choices: Iterable[tuple[_Need, Iterable[_Supply]]], gap: int
) -> None:
    """Takes movements of the needed quantity, up to the gap, the nearest of all invoices first.

    Where a pair moves the same quantity each week, one invoice without a movement would otherwise
    take its neighbour's, and that one the next.
    """

    def fits(need: _Need, supply: _Supply) -> bool:
        return (
            need.quantity > 0
            and supply.quantity > 0
            and abs(supply.quantity - need.quantity) * MILLION <= need.quantity * gap
        )

    couples = [
        (abs(supply.movement.day - need.invoice.issue_day), need, supply)
        for need, supplies in choices
        for supply in supplies
        if fits(need, supply)
    ]
    couples.sort(
        key=lambda c: (
            c[0],
            c[1].invoice.received_day,
            c[1].invoice.issue_day,
            c[1].invoice.id,
            c[2].movement.id,
        )
    )
    for _, need, supply in couples:
        if fits(need, supply):
            _move(matches, need, supply)
            need.quantity = supply.quantity = 0


def _take(matches: Matches, need: _Need, supplies: Iterable[_Supply]) -> None:
    """Takes from the nearest supplies until the need is met."""
    day = need.invoice.issue_day
    for supply in sorted(
        (supply for supply in supplies if supply.quantity > 0),
        key=lambda supply: (abs(supply.movement.day - day), supply.movement.id),
    ):
        if not need.quantity:
            return
        _move(matches, need, supply)


def _move(matches: Matches, need: _Need, supply: _Supply) -> None:
    quantity = min(supply.quantity, need.quantity)
    supply.quantity -= quantity
    need.quantity -= quantity
    delivery = matches.deliveries[need.invoice.id]
    delivery.moved += quantity
    delivery.movements.append(supply.movement)


def _match_payments(index: Index, matches: Matches, payments: Sequence[Payment]) -> None:
    owed = index.by_buyer.get(payments[0].payer, ())
    numbers: dict[str, list[Invoice]] = defaultdict(list)
    by_payee: dict[tuple[str, str], list[Invoice]] = defaultdict(list)
    for invoice in owed:
        numbers[index.numbers[invoice.id]].append(invoice)
        for holder in (invoice.seller, *(a.assignee for a in _assignments(index, invoice))):
            by_payee[holder, invoice.currency].append(invoice)
    for group in by_payee.values():
        group.sort(key=lambda invoice: (invoice.due_day, invoice.id))
    due = {key: [invoice.due_day for invoice in group] for key, group in by_payee.items()}
    unnamed = []
    for payment in payments:
        named = [
            invoice
            for reference in payment.references
            for invoice in _named(numbers.get(plain_number(reference), ()), payment)
        ]
        if named:
            _pay(matches, named, payment)
        if not named or sum(i.amount for i in named) * MILLION < payment.amount * _WHOLE:
            unnamed.append((payment, payment.amount - sum(i.amount for i in named)))
    for payment, rest in unnamed:
        key = (payment.payee, payment.currency)
        open_ones = [
            invoice
            for at in nearest(due.get(key, []), payment.day, _MAX_NEAR)
            for invoice in (by_payee[key][at],)
            if invoice.id not in matches.paid
            and invoice.issue_day - matches.parameters.prepaid <= payment.day
        ]
        if chosen := _by_amount(index, payment, rest, open_ones):
            _pay(matches, [chosen], payment)
        elif together := _by_sum(payment, rest, open_ones):
            _pay(matches, together, payment)


def _assignments(index: Index, invoice: Invoice) -> Iterable[Assignment]:
    return index.assignments_of.get(invoice.id, ())


def _by_amount(
    index: Index, payment: Payment, amount: int, invoices: Sequence[Invoice]
) -> Invoice | None:
    """The open invoice of this amount, up to a bank's fee: the nearest number, then due day."""
    alike = [
        invoice
        for invoice in invoices
        if 0 <= invoice.amount - amount <= invoice.amount * _FEE // MILLION
    ]
    if not alike:
        return None
    named = {"".join(sorted(plain_number(reference))) for reference in payment.references}

    def rank(invoice: Invoice) -> tuple[bool, bool, int, int, str]:
        # Two figures that changed places leave the same figures.
        mistyped = "".join(sorted(index.numbers[invoice.id])) in named
        return (
            not mistyped,
            invoice.issue_day > payment.day,
            abs(invoice.due_day - payment.day),
            invoice.received_day,
            invoice.id,
        )

    return min(alike, key=rank)


def _by_sum(payment: Payment, amount: int, invoices: Sequence[Invoice]) -> list[Invoice]:
    """Open invoices that make the amount together; among the nearest few due, the fewest."""
    near = sorted(
        (invoice for invoice in invoices if invoice.amount < amount),
        key=lambda invoice: (abs(invoice.due_day - payment.day), invoice.received_day, invoice.id),
    )[:_MAX_OPEN]
    for count in range(2, _MAX_TOGETHER + 1):
        for chosen in combinations(near, count):
            if sum(invoice.amount for invoice in chosen) == amount:
                return list(chosen)
    return []


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
