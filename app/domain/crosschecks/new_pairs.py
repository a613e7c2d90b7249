"""Large round sums as soon as two parties meet."""

from __future__ import annotations

from collections import defaultdict

from app.domain.crosschecks.billing_parameters import NewPairs
from app.domain.crosschecks.index import Index, Pair
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.records import Finding, Invoice, Kind
from app.domain.crosschecks.weighing import (
    MILLION,
    Case,
    LeftOut,
    Outcome,
    percent,
    points_of,
    quantile,
    share,
)
from app.domain.money import decimal_text

_MIN_MARKET = 20


def check(index: Index, matches: Matches, parameters: NewPairs) -> Outcome:
    """New pairs whose first invoices are large round sums.

    Round sums are ordinary where prices are round, and a new pair may begin with a large true
    order. The check asks how rare round sums are among the market's invoices, and what stands
    behind these: an order, goods that moved, a payment, the age of the parties.

    It cannot see a new pair that bills odd sums, a fraud that begins after a quiet start, or that a
    pair is new if it began with the records themselves (unless a party is young).
    """
    large, round_rate = _market(index, parameters)
    outcome = Outcome()
    known_days = [i.issue_day for i in index.invoices.values() if i.is_confirmed]
    if not known_days:
        return outcome
    begin = min(known_days)
    ordered = _share_ordered(index)
    unknown = 0
    for pair, invoices in index.by_pair.items():
        known = [invoice for invoice in invoices if invoice.is_confirmed]
        meeting = (known or invoices)[0].issue_day
        first = min([meeting, *(order.day for order in index.orders_of.get(pair, ()))])
        early = [i for i in invoices if i.issue_day <= meeting + parameters.days]
        sums = [
            invoice
            for invoice in early
            if is_round(invoice.amount, parameters.round_digits)
            and invoice.currency in large
            and invoice.amount >= large[invoice.currency]
        ]
        if len(sums) < parameters.min_count:
            continue
        young = _is_young(index, pair, meeting, parameters.registered_days)
        if first < begin + parameters.known_days and not young:
            unknown += 1
            continue
        case = Case(parameters.base)
        case.add(parameters.young if young else 0, "a party was registered shortly before")
        _weigh_sums(
            parameters,
            case,
            early=early,
            sums=sums,
            round_rate=round_rate,
            large=large[sums[0].currency],
        )
        last = early[-1].issue_day
        if len(early) == len(invoices) and last + parameters.ended_days <= index.today:
            case.add(parameters.ended, "their trade ended with them")
        elif sum(1 for invoice in known if invoice not in sums) >= len(sums):
            case.add(parameters.goes_on)
        _weigh_substance(index, matches, parameters, case, sums=sums, ordered=ordered)
        outcome.findings.append(_finding(pair, case, sums, meeting))
    if unknown:
        outcome.left_out.append(
            LeftOut("new pairs", unknown, "pairs with round sums whose earlier trade is not known")
        )
    return outcome


def is_round(amount: int, digits: int) -> bool:
    """Whether only zeros follow the first digits."""
    return amount > 0 and len(str(amount).rstrip("0")) <= digits


def _market(index: Index, parameters: NewPairs) -> tuple[dict[str, int], int]:
    """What is large by currency, and the share of round sums among all confirmed invoices.

    Each pair counts with at most a few invoices, so that one pair's habit is not the market's.
    """
    amounts = defaultdict(list)
    count = round_count = 0
    for pair in index.by_pair.values():
        invoices = [invoice for invoice in pair if invoice.is_confirmed]
        for invoice in invoices:
            amounts[invoice.currency].append(invoice.amount)
        for invoice in invoices[-10:]:
            count += 1
            round_count += is_round(invoice.amount, parameters.round_digits)
    large = {
        currency: quantile(sorted(values), parameters.large) for currency, values in amounts.items()
    }
    return large, share(round_count, count) if count >= _MIN_MARKET else 0


def _share_ordered(index: Index) -> int:
    confirmed = [invoice for invoice in index.invoices.values() if invoice.is_confirmed]
    ordered = sum(1 for invoice in confirmed if index.order_of(invoice) is not None)
    return share(ordered, len(confirmed))


def _is_young(index: Index, pair: Pair, day: int, days: int) -> bool:
    registered = [index.parties[party].registered_day for party in pair]
    return any(known is not None and known > day - days for known in registered)


def _weigh_sums(
    parameters: NewPairs,
    case: Case,
    *,
    early: list[Invoice],
    sums: list[Invoice],
    round_rate: int,
    large: int,
) -> None:
    counted = min(len(sums), parameters.max_counted)
    case.add(
        counted * points_of(round_rate, parameters.rarity),
        f"{percent(round_rate)} of the market's invoices are so round",
    )
    if len(sums) == len(early):
        case.add(parameters.all_round, "none of their first invoices is otherwise")
    mean = sum(invoice.amount for invoice in sums) // len(sums)
    if mean >= 3 * large:
        case.add(parameters.huge, "they are three times what is large in this market")


def _weigh_substance(
    index: Index,
    matches: Matches,
    parameters: NewPairs,
    case: Case,
    *,
    sums: list[Invoice],
    ordered: int,
) -> None:
    if ordered * 2 > MILLION and all(index.order_of(invoice) is None for invoice in sums):
        case.add(parameters.not_ordered, "no order is known")
    matured = [i for i in sums if matches.is_matured(i, today=index.today)]
    if matured and all(matches.is_unmoved(invoice) for invoice in matured):
        case.add(parameters.not_moved, "no movement shows the goods")
    due = [i for i in sums if i.due_day + matches.parameters.grace < index.today]
    paid = [matches.is_paid(invoice) for invoice in due]
    if due and not any(paid) and index.payments_by:
        case.add(parameters.not_paid, "those that are due are not paid")
    if all(matches.is_moved(invoice) for invoice in sums):
        both = due and all(paid)
        case.add(parameters.moved_and_paid if both else parameters.moved)


def _finding(pair: Pair, case: Case, sums: list[Invoice], day: int) -> Finding:
    currency = sums[0].currency
    smallest = min(invoice.amount for invoice in sums)
    span = sums[-1].issue_day - day
    return case.finding(
        Kind.NEW_PAIR_ROUND_SUMS,
        (invoice.id for invoice in sums),
        f"within {span + 1} days of their first invoice {pair[0]} billed {pair[1]} {len(sums)} "
        f"round sums of at least {decimal_text(smallest, currency=currency)} {currency}",
        {*(i.id for i in sums), *(i.order_id for i in sums if i.order_id is not None), *pair},
    )
