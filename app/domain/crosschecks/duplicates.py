"""The same delivery under another number."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from app.domain.crosschecks.billing_parameters import Duplicates
from app.domain.crosschecks.habits import Habits, weigh_financing
from app.domain.crosschecks.index import Index, is_variant
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.records import Finding, Invoice, Kind
from app.domain.crosschecks.weighing import (
    MILLION,
    NEGLIGIBLE,
    Case,
    LeftOut,
    Outcome,
    median,
    points_of,
)
from app.domain.money import decimal_text

_MIN_HABIT = 3
_MAX_LIKE = 100
_MAX_SCANNED = 500  # invoices of about one amount that are looked at for each
_ROUND_DIGITS = 3


def check(index: Index, matches: Matches, habits: Habits, parameters: Duplicates) -> Outcome:
    """Pairs of invoices of one seller and buyer that describe one delivery.

    Two like invoices are ordinary: monthly rent, standard lots, call-offs of a framework order. The
    check asks what allows both: an order, a movement, a tax record, a payment, a habit of the pair.
    A corrected invoice, whose first version the tax authority cancelled, is none. Only what the
    buyer confirmed and what was issued before both makes a habit, so that nobody makes one by
    filing copies.

    It cannot see copies that the buyer confirms month after month, a copy whose amount, lines and
    date were all changed beyond the parameters, a copy under the name of another seller or buyer, a
    copy that has an order and a movement of its own, or one that another ledger financed.
    """
    outcome = Outcome()
    skipped = 0
    for invoices in index.by_pair.values():
        if len(invoices) < 2:  # noqa: PLR2004
            continue
        groups = _Groups(index, invoices, parameters)
        skipped += groups.skipped
        couples = [
            _finding(index, matches, habits, parameters, groups=groups, first=first, second=second)
            for first, second in groups.candidates()
        ]
        outcome.findings += _nearest(filter(None, couples))
    if skipped:
        outcome.left_out.append(
            LeftOut("duplicates", skipped, "comparisons in large groups of like invoices")
        )
    return outcome


@dataclass(frozen=True, slots=True)
class _Couple:
    """A finding, how sure beyond the highest weight, and the later of its two invoices."""

    decibans: int
    finding: Finding
    later: str


def _nearest(couples: Iterable[_Couple]) -> Iterator[Finding]:
    """The surest finding of each later invoice: a copy is of one original."""
    named: set[str] = set()
    for couple in sorted(couples, key=lambda c: (-c.decibans, c.finding.subjects)):
        if named.isdisjoint(couple.finding.subjects):
            named.add(couple.later)
            yield couple.finding


class _Groups:
    """Invoices of one pair, comparable by amount.

    Attributes:
        invoiced: what was invoiced for each order, without cancelled invoices.
        skipped: invoices that were not compared with all that are like them.
    """

    def __init__(self, index: Index, invoices: list[Invoice], parameters: Duplicates) -> None:
        self.parameters = parameters
        self.by_amount = sorted(invoices, key=_place)
        self.invoiced = Counter[str]()
        for invoice in invoices:
            if invoice.order_id is not None and not index.is_cancelled(invoice):
                self.invoiced[invoice.order_id] += invoice.amount
        self.skipped = 0
        self._quantities = {invoice.id: _quantities(invoice) for invoice in invoices}
        self._confirmed = [invoice for invoice in self.by_amount if invoice.is_confirmed]
        self._pairs = list(self._search())

    def candidates(self) -> list[tuple[Invoice, Invoice]]:
        """Pairs of like invoices, the earlier first."""
        return self._pairs

    def like(self, invoice: Invoice) -> list[Invoice]:
        """Confirmed invoices of such goods and about this amount, at any time; some hundred."""
        at = bisect_left(self._confirmed, _place(invoice), key=_place)
        first = at
        while first and at - first < _MAX_LIKE and self._near(self._confirmed[first - 1], invoice):
            first -= 1
        last = at
        end = min(len(self._confirmed), at + _MAX_LIKE)
        while last < end and self._near(invoice, self._confirmed[last]):
            last += 1
        return [
            other
            for other in self._confirmed[first:last]
            if bool(other.lines) == bool(invoice.lines) and self._are_alike(invoice, other)
        ]

    def alike(self, first: Invoice, second: Invoice) -> int:
        """Share of the goods that both have; the whole if an invoice has no lines.

        Where neither gives quantities, the share of their names.
        """
        return _alike(self._quantities[first.id], self._quantities[second.id])

    def _are_alike(self, first: Invoice, second: Invoice) -> bool:
        return self.alike(first, second) >= self.parameters.lines_alike

    def _near(self, lower: Invoice, higher: Invoice) -> bool:
        gap = higher.amount - lower.amount
        return (
            lower.currency == higher.currency
            and gap * MILLION <= higher.amount * self.parameters.amount_gap
        )

    def _search(self) -> Iterator[tuple[Invoice, Invoice]]:
        """Only what is near in time and alike in goods fills a group."""
        for at, invoice in enumerate(self.by_amount):
            compared = 0
            for place in range(at + 1, len(self.by_amount)):
                other = self.by_amount[place]
                if not self._near(invoice, other):
                    break
                if compared == self.parameters.group or place - at > _MAX_SCANNED:
                    self.skipped += 1
                    break
                if abs(
                    invoice.issue_day - other.issue_day
                ) <= self.parameters.days and self._are_alike(invoice, other):
                    compared += 1
                    first, second = sorted(
                        (invoice, other), key=lambda i: (i.received_day, i.issue_day, i.id)
                    )
                    yield first, second


def _place(invoice: Invoice) -> tuple[str, int]:
    return invoice.currency, invoice.amount


def _quantities(invoice: Invoice) -> dict[str, int]:
    by_goods: dict[str, int] = defaultdict(int)
    for line in invoice.lines:
        by_goods[" ".join(line.goods.upper().split())] += line.quantity
    return dict(by_goods)


def _alike(left: Mapping[str, int], right: Mapping[str, int]) -> int:
    if not left or not right or left == right:
        return MILLION
    goods = left.keys() | right.keys()
    both = sum(min(left.get(name, 0), right.get(name, 0)) for name in goods)
    either = sum(max(left.get(name, 0), right.get(name, 0)) for name in goods)
    if not either:
        return len(left.keys() & right.keys()) * MILLION // len(goods)
    return both * MILLION // either


def _finding(
    index: Index,
    matches: Matches,
    habits: Habits,
    parameters: Duplicates,
    *,
    groups: _Groups,
    first: Invoice,
    second: Invoice,
) -> _Couple | None:
    if index.is_cancelled(first) or index.is_cancelled(second):
        return None
    case = Case(parameters.base)
    beyond = _weigh_orders(
        index, habits, parameters, case=case, groups=groups, first=first, second=second
    )
    _weigh_deliveries(index, matches, parameters, case, (first, second))
    _weigh_tax(index, parameters, case, first, second)
    _weigh_payments(index, matches, habits, parameters, case=case, invoices=(first, second))
    if case.decibans + parameters.max_rest < NEGLIGIBLE:
        return None
    if first.lines and second.lines:
        same = groups.alike(first, second) == MILLION
        case.add(parameters.same_lines if same else parameters.other_lines)
    if first.amount == second.amount and _digits(first.amount) > _ROUND_DIGITS:
        case.add(parameters.exact)
    if not beyond:
        _weigh_habit(parameters, case, groups.like(first), first, second)
    if is_variant(first.number, second.number):
        case.add(parameters.variant, f"number {second.number} is a variant of {first.number}")
    weigh_financing(index, parameters.financing, case, (second,))
    apart = abs(first.issue_day - second.issue_day)
    case.add(points_of(apart, parameters.nearness), f"{apart} days apart")
    amounts = [decimal_text(i.amount, currency=i.currency) for i in (first, second)]
    both = "both of" if amounts[0] == amounts[1] else f"of {amounts[0]} and"
    finding = case.finding(
        Kind.DUPLICATE_INVOICE,
        (first.id, second.id),
        f"invoices {first.number} and {second.number} of {first.seller} to {first.buyer} have the "
        f"same goods, {both} {amounts[1]} {second.currency}",
        _evidence(index, matches, first, second),
    )
    return _Couple(case.decibans, finding, second.id)


def _weigh_orders(
    index: Index,
    habits: Habits,
    parameters: Duplicates,
    *,
    case: Case,
    groups: _Groups,
    first: Invoice,
    second: Invoice,
) -> bool:
    """Weighs what was ordered; whether one order has less room than both need."""
    if first.order_id is None or second.order_id is None:
        gaps = [i for i in (first, second) if habits.ordered.is_missing(i)]
        if len(gaps) == 1 and habits.ordered.rate(gaps[0]) <= parameters.rare:
            text = f"{gaps[0].number} has no order, as all others of the pair have"
            case.add(parameters.not_ordered, text)
        return False
    if first.order_id != second.order_id:
        case.add(parameters.own_orders)
        return False
    order = index.order_of(first)
    if order is None:
        return False
    excess = groups.invoiced[order.id] - order.amount
    if excess * MILLION <= order.amount * parameters.amount_gap:
        case.add(parameters.order_allows)
        return False
    # A whole invoice too much is a copy; a part of one is a price, or more sold than ordered.
    if abs(second.amount - excess) * MILLION > second.amount * parameters.excess_gap:
        return False
    text = decimal_text(order.amount, currency=order.currency)
    case.add(parameters.same_order, f"their order {order.id} is of {text} only")
    return True


def _weigh_payments(
    index: Index,
    matches: Matches,
    habits: Habits,
    parameters: Duplicates,
    *,
    case: Case,
    invoices: tuple[Invoice, Invoice],
) -> None:
    """A buyer pays a delivery once; of a corrected invoice the second version."""
    paid = [invoice.id in matches.paid for invoice in invoices]
    if all(paid):
        case.add(parameters.both_paid)
    elif paid == [False, True] and not index.market.tax_known:
        case.add(parameters.corrected)
    elif any(paid):
        other = invoices[paid.index(False)]
        rate = habits.paid.rate(other, without=invoices)
        if habits.paid.is_missing(other) and rate <= parameters.payment_gaps:
            case.add(parameters.one_paid, "one of them is paid, the other is due and not")


def _weigh_deliveries(
    index: Index,
    matches: Matches,
    parameters: Duplicates,
    case: Case,
    invoices: tuple[Invoice, Invoice],
) -> None:
    moved = [matches.is_moved(invoice) for invoice in invoices]
    if moved == [True, True]:
        case.add(parameters.own_deliveries)
        return
    if True not in moved or None in moved:
        return
    # The one without goods may still be on its way.
    later = invoices[moved.index(False)]
    if matches.is_matured(later, today=index.today):
        case.add(parameters.one_delivery, "goods moved for one of them only")


def _weigh_tax(
    index: Index, parameters: Duplicates, case: Case, first: Invoice, second: Invoice
) -> None:
    known = [index.tax_record(invoice) is not None for invoice in (first, second)]
    if all(known):
        case.add(parameters.tax_knows_both)
    elif any(known):
        case.add(parameters.tax_knows_one, "the tax authority knows one of them only")


def _weigh_habit(
    parameters: Duplicates, case: Case, like: list[Invoice], first: Invoice, second: Invoice
) -> None:
    """The same sum each month, or batches of equal invoices, are how some pairs trade.

    What was issued later, or with them, may be further copies.
    """
    others = [invoice for invoice in like if invoice.id not in {first.id, second.id}]
    apart = abs(first.issue_day - second.issue_day)
    begin = min(first.issue_day, second.issue_day)
    earlier = [invoice for invoice in others if invoice.issue_day < begin]
    if not others:
        case.add(parameters.never_alike, "the pair has no other invoice like these")
    elif len(earlier) >= _MIN_HABIT - 1:
        days = sorted({begin, *(invoice.issue_day for invoice in earlier)})
        gaps = [later - earlier for earlier, later in pairwise(days)]
        batches = len(earlier) - len({invoice.issue_day for invoice in earlier})
        usual = median(gaps) if gaps else 0
        if batches > 0 if apart == 0 else apart * 3 >= usual * 2:
            case.add(parameters.habit)


def _digits(amount: int) -> int:
    return len(str(amount).rstrip("0"))


def _evidence(index: Index, matches: Matches, first: Invoice, second: Invoice) -> set[str]:
    evidence = {first.id, second.id}
    for invoice in (first, second):
        order = index.order_of(invoice)
        if order is not None:
            evidence.add(order.id)
        delivery = matches.deliveries.get(invoice.id)
        if delivery is not None:
            evidence.update(movement.id for movement in delivery.movements)
    return evidence
