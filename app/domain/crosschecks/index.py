"""The records in order and by what checks ask for, so that no check searches all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from app.domain.crosschecks.records import (
    Assignment,
    Invoice,
    Market,
    Movement,
    Order,
    Party,
    Payment,
    TaxRecord,
    TaxState,
)

_CORRECTION_DAYS, _MAX_LATER = 30, 100
Pair = tuple[str, str]  # seller and buyer
_LOOKALIKES = str.maketrans("OQILSB", "001158")


def plain_number(number: str) -> str:
    """A number of an invoice without case, spaces and signs."""
    return "".join(character for character in number.upper() if character.isalnum())


def similar_number(number: str) -> str:
    """A plain number with letters that look like digits as digits."""
    return plain_number(number).translate(_LOOKALIKES)


def is_variant(first: str, second: str) -> bool:
    """Whether one number is the other, written otherwise or with something added."""
    left, right = sorted((plain_number(first), plain_number(second)), key=len)
    if len(left) == len(right):
        return similar_number(first) == similar_number(second)
    # `INV-12` and `INV-123` are two numbers of one series: what is added is no digit, or set apart.
    if left and right.startswith(left):
        return not right[len(left)].isdigit() or _is_set_apart(first, second)
    return bool(left) and right.endswith(left) and not right[-len(left) - 1].isdigit()


def _is_set_apart(first: str, second: str) -> bool:
    shorter, longer = sorted((first.strip().upper(), second.strip().upper()), key=len)
    return longer.startswith(shorter) and not longer[len(shorter)].isalnum()


@dataclass(slots=True)
class Index:
    """The records of a market. Lists are ordered by day and id, whatever the order of the input."""

    market: Market
    parties: dict[str, Party] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    by_pair: dict[Pair, list[Invoice]] = field(default_factory=dict)
    by_buyer: dict[str, list[Invoice]] = field(default_factory=dict)
    by_order: dict[str, list[Invoice]] = field(default_factory=dict)
    orders_of: dict[Pair, list[Order]] = field(default_factory=dict)
    movements_of: dict[Pair, list[Movement]] = field(default_factory=dict)
    movements_for: dict[str, list[Movement]] = field(default_factory=dict)
    payments_by: dict[str, list[Payment]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    tax_of: dict[str, TaxRecord] = field(default_factory=dict)
    cancelled: frozenset[str] = frozenset()
    assignments_of: dict[str, list[Assignment]] = field(default_factory=dict)

    @property
    def today(self) -> int:
        """The day of the check."""
        return self.market.today

    def order_of(self, invoice: Invoice) -> Order | None:
        """The order that the invoice names, if it is known and of the same parties."""
        order = self.orders.get(invoice.order_id) if invoice.order_id is not None else None
        if order is None or (order.seller, order.buyer) != (invoice.seller, invoice.buyer):
            return None
        return order

    def tax_record(self, invoice: Invoice) -> TaxRecord | None:
        """What the tax authority last said under the invoice's number and seller."""
        return self.tax_of.get(invoice.id)

    def are_assigned(self, invoices: Collection[Invoice]) -> bool | None:
        """Whether most of them were assigned; None where no assignments are known."""
        if not self.assignments_of:
            return None
        count = sum(1 for invoice in invoices if invoice.id in self.assignments_of)
        return count * 2 > len(invoices)

    def is_cancelled(self, invoice: Invoice) -> bool:
        """Whether the tax authority knows the invoice as cancelled."""
        return invoice.id in self.cancelled


def index_of(market: Market) -> Index:
    """The index of records that have passed `validate`."""
    index = Index(market)
    index.parties = {party.id: party for party in sorted(market.parties, key=lambda p: p.id)}
    index.orders = {
        order.id: order for order in sorted(market.orders, key=lambda order: (order.day, order.id))
    }
    index.invoices = {
        invoice.id: invoice
        for invoice in sorted(market.invoices, key=lambda invoice: (invoice.issue_day, invoice.id))
    }
    _index_trade(index)
    _index_reports(index)
    return index


def _index_trade(index: Index) -> None:
    by_pair, by_buyer, by_order = defaultdict(list), defaultdict(list), defaultdict(list)
    for invoice in index.invoices.values():
        by_pair[invoice.seller, invoice.buyer].append(invoice)
        by_buyer[invoice.buyer].append(invoice)
        if invoice.order_id is not None:
            by_order[invoice.order_id].append(invoice)
    index.by_pair = {pair: by_pair[pair] for pair in sorted(by_pair)}
    index.by_buyer = {buyer: by_buyer[buyer] for buyer in sorted(by_buyer)}
    index.by_order = {order: by_order[order] for order in sorted(by_order)}
    orders_of = defaultdict(list)
    for order in index.orders.values():
        orders_of[order.seller, order.buyer].append(order)
    index.orders_of = dict(orders_of)
    assignments_of = defaultdict(list)
    for assignment in sorted(index.market.assignments, key=lambda a: (a.day, a.id)):
        assignments_of[assignment.invoice_id].append(assignment)
    index.assignments_of = {key: assignments_of[key] for key in sorted(assignments_of)}


def _index_reports(index: Index) -> None:
    movements_of, movements_for = defaultdict(list), defaultdict(list)
    for movement in _by_day(index.market.movements):
        movements_of[movement.sender, movement.receiver].append(movement)
        if movement.order_id is not None:
            movements_for[movement.order_id].append(movement)
    index.movements_of, index.movements_for = dict(movements_of), dict(movements_for)
    payments_by = defaultdict(list)
    for payment in sorted(index.market.payments, key=lambda payment: (payment.day, payment.id)):
        payments_by[payment.payer].append(payment)
    index.payments_by = dict(payments_by)
    records: dict[tuple[str, str], TaxRecord] = {}
    # Of two records the later counts; of one day, the cancellation.
    for record in sorted(
        index.market.tax_records,
        key=lambda tax: (tax.day, tax.state is TaxState.CANCELLED, tax.amount, tax.buyer),
    ):
        records[record.seller, plain_number(record.number)] = record
    for invoice in index.invoices.values():
        number = index.numbers[invoice.id] = plain_number(invoice.number)
        if (record_of := records.get((invoice.seller, number))) is not None:
            index.tax_of[invoice.id] = record_of
    _match_otherwise_written(index, records)
    index.cancelled = frozenset(
        invoice for invoice, tax in index.tax_of.items() if tax.state is TaxState.CANCELLED
    )
    covered = index.market.tax_covered
    if not index.market.tax_known:
        index.cancelled |= frozenset(_corrected(index))
    elif covered is not None:
        unknown = (each for each in _corrected(index) if each not in covered)
        index.cancelled |= frozenset(each for each in unknown if each not in index.tax_of)


def _match_otherwise_written(index: Index, records: dict[tuple[str, str], TaxRecord]) -> None:
    """A number that one side wrote otherwise: a record nobody claims, equal in all but that."""
    claimed = {(record.seller, plain_number(record.number)) for record in index.tax_of.values()}
    free: defaultdict[tuple[str, str, str, int, int], list[TaxRecord]] = defaultdict(list)
    for key, record in records.items():
        if key not in claimed:
            what = (record.seller, record.buyer, record.currency, record.amount, record.day)
            free[what].append(record)
    for invoice in index.invoices.values():
        what = (
            invoice.seller,
            invoice.buyer,
            invoice.currency,
            invoice.amount,
            invoice.issue_day,
        )
        if invoice.id not in index.tax_of and free[what]:
            index.tax_of[invoice.id] = free[what].pop()


def _corrected(index: Index) -> Iterable[str]:
    """Invoices that a later one with a longer number replaced, as far as nobody paid the first.

    Only the tax authority knows; where it was not asked, an openly numbered second version of the
    same goods that the buyer confirmed is taken for what it says it is.
    """
    paid = {
        (payer, plain_number(reference))
        for payer, payments in index.payments_by.items()
        for payment in payments
        for reference in payment.references
    }
    for invoices in index.by_pair.values():
        for at, first in enumerate(invoices):
            number = index.numbers[first.id]
            if (first.buyer, number) in paid:
                continue
            for later in invoices[at + 1 : at + 1 + _MAX_LATER]:
                if later.issue_day - first.issue_day > _CORRECTION_DAYS:
                    break
                if (
                    later.is_confirmed
                    and later.issue_day > first.issue_day
                    and len(number) < len(index.numbers[later.id])
                    and is_variant(first.number, later.number)
                    and {line.goods for line in first.lines} == {line.goods for line in later.lines}
                ):
                    yield first.id
                    break


def _by_day(movements: Iterable[Movement]) -> list[Movement]:
    return sorted(movements, key=lambda movement: (movement.day, movement.id))
