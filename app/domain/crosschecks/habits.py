"""What a pair usually has: an order, a movement, a payment, a tax record.

A missing record says much where the same two parties always have it, and nothing where they never
do: a carrier reports all trade of a pair or none, and a buyer banks where it banks. So the odds of
a gap come from the pair's other invoices. Where a pair has few, the seller's others and then the
market's fill the sample. Only confirmed invoices count: a seller alone makes no habit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from app.domain.crosschecks.billing_parameters import Financing
from app.domain.crosschecks.index import Index
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.records import Invoice
from app.domain.crosschecks.weighing import Case, share

_SAMPLE = 4  # others that a sample needs to be large enough


@dataclass(slots=True)
class Habit:
    """How often one kind of record is missing, among those that should have it.

    Attributes:
        missing: invoices without such a record, unconfirmed ones too.
        counted: confirmed invoices that should have one.
    """

    missing: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)
    by_pair: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_seller: Counter[str] = field(default_factory=Counter)
    missing_by_pair: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing_by_seller: Counter[str] = field(default_factory=Counter)

    def is_missing(self, invoice: Invoice) -> bool:
        """Whether the invoice should have such a record, and has none."""
        return invoice.id in self.missing

    def floor(self) -> int:
        """Rate of gaps in pairs that mostly have such records: what is lost by chance."""
        known = [
            (count, self.missing_by_pair[pair])
            for pair, count in self.by_pair.items()
            if self.missing_by_pair[pair] * 2 < count
        ]
        return share(sum(gaps for _, gaps in known), sum(count for count, _ in known))

    def rate(self, invoice: Invoice, *, without: Iterable[Invoice] = ()) -> int:
        """Share of others without such a record: of the pair, its seller, or the market.

        `invoice` and those of `without` are not counted.
        """
        pair = (invoice.seller, invoice.buyer)
        apart = {invoice.id, *(other.id for other in without)}
        inside = len(apart & self.counted)
        gaps = len(apart & self.missing & self.counted)
        for count, missing in (
            (self.by_pair[pair], self.missing_by_pair[pair]),
            (self.by_seller[invoice.seller], self.missing_by_seller[invoice.seller]),
        ):
            if count - inside >= _SAMPLE:
                return share(max(0, missing - gaps), count - inside)
        return share(len(self.missing & self.counted), len(self.counted))


@dataclass(frozen=True, slots=True)
class Habits:
    """Habits of all pairs, by kind of record."""

    ordered: Habit
    moved: Habit
    paid: Habit
    taxed: Habit


def habits_of(index: Index, matches: Matches, *, tax_delay: int) -> Habits:
    """Counts what each pair has; only invoices that are old enough to have it count."""
    today, grace = index.today, matches.parameters.grace
    return Habits(
        ordered=_count(index, lambda i: None if not index.orders else index.order_of(i) is None),
        moved=_count(
            index,
            lambda i: (
                not matches.has_moved(i)
                if i.id in matches.deliveries and matches.is_matured(i, today=today)
                else None
            ),
        ),
        paid=_count(
            index,
            lambda i: (
                i.id not in matches.paid
                if i.is_confirmed and i.due_day + grace <= today and not index.is_cancelled(i)
                else None
            ),
        ),
        taxed=_count(
            index,
            lambda i: (
                index.tax_record(i) is None
                if index.market.tax_known and i.issue_day + tax_delay <= today
                else None
            ),
        ),
    )


def _count(index: Index, ask: Callable[[Invoice], bool | None]) -> Habit:
    """The habit whose gaps `ask` tells; None where an invoice does not count."""
    habit = Habit()
    for invoice in index.invoices.values():
        gap = ask(invoice)
        if gap is None:
            continue
        if gap:
            habit.missing.add(invoice.id)
        if not invoice.is_confirmed:
            continue
        pair = (invoice.seller, invoice.buyer)
        habit.counted.add(invoice.id)
        habit.by_pair[pair] += 1
        habit.by_seller[invoice.seller] += 1
        if gap:
            habit.missing_by_pair[pair] += 1
            habit.missing_by_seller[invoice.seller] += 1
    return habit


def weigh_financing(
    index: Index, parameters: Financing, case: Case, invoices: Collection[Invoice]
) -> None:
    """Adds whether somebody was paid for these invoices."""
    assigned = index.are_assigned(invoices)
    if assigned is not None:
        case.add(parameters.assigned if assigned else parameters.not_assigned)
