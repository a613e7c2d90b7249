"""Amounts out of the pattern of their seller and buyer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import isqrt

from app.domain.crosschecks.billing_parameters import Amounts
from app.domain.crosschecks.habits import Habits, weigh_financing
from app.domain.crosschecks.index import Index
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.records import Finding, Invoice, Kind
from app.domain.crosschecks.weighing import (
    MILLION,
    Case,
    LeftOut,
    Outcome,
    between,
    log_of,
    median,
    percent,
    points_of,
)
from app.domain.money import decimal_text

# A median of absolute deviations times this is a standard deviation of a normal distribution.
_MAD = 1_482_600
_MIN_SEASON = 3
_MIN_MARKET = 20
# What a spread is taken to be where no pair has a history.
_USUAL_SPREAD = 400_000


@dataclass(slots=True)
class _Pattern:
    """Amounts of one pair and currency, as logarithms in millionths.

    `known` are its confirmed invoices, which make the pattern; `logs` are of all.
    """

    invoices: list[Invoice]
    known: list[Invoice]
    logs: list[int]
    usual: int
    spread: int


@dataclass(slots=True)
class _Season:
    """How far a seller's invoices were above the usual of their pairs, by day."""

    days: list[int] = field(default_factory=list)
    above: list[tuple[int, str, int]] = field(default_factory=list)  # day, buyer, above

    def factor(self, invoice: Invoice, days: int) -> int:
        """Median of what the seller's other buyers did near this day; 0 if they are too few."""
        near = [
            above
            for at in between(self.days, invoice.issue_day - days, invoice.issue_day + days)
            for _, buyer, above in (self.above[at],)
            if buyer != invoice.buyer
        ]
        return max(0, median(near)) if len(near) >= _MIN_SEASON else 0


def check(index: Index, matches: Matches, habits: Habits, parameters: Amounts) -> Outcome:
    """Invoices far above what their seller and buyer usually trade, in amount or in price.

    The pattern is the median of the pair's logarithms and their robust dispersion, drawn towards
    the dispersion of the market where the pair has few invoices. A season of the seller's other
    buyers is taken out, and a run of large invoices of the pair itself raises its dispersion. A
    price is compared with what the pair pays for the same goods. Large orders are ordinary, so the
    check asks what became of this one: who pays everything else and not this, did not order it.

    It cannot see amounts that are too high from the first invoice on, a slow rise, an amount within
    a pair's wide habits that is paid, or a pair of fewer invoices than the parameters ask for.
    """
    patterns, short = _patterns(index, parameters)
    seasons = _seasons(patterns)
    market = _market_spread(patterns, parameters)
    outcome = Outcome()
    for pattern in patterns:
        spread = _drawn(pattern, market, parameters)
        prices = _prices(pattern.known)
        for invoice, log in zip(pattern.invoices, pattern.logs, strict=True):
            if index.is_cancelled(invoice):
                continue
            deviations = 0
            above = log - pattern.usual
            if above >= log_of(parameters.min_factor) - log_of(MILLION):
                above -= seasons[invoice.seller].factor(invoice, parameters.season_days)
                deviations = above * 1_000 // spread
            large = deviations >= parameters.min_deviations
            price = _odd_price(parameters, prices, invoice)
            if not large and not price:
                continue
            case = Case(parameters.base)
            case.add(points_of(deviations, parameters.deviations) if large else 0)
            case.add(parameters.odd_price if price else 0, price)
            outcome.findings.append(
                _finding(
                    index,
                    matches,
                    habits,
                    parameters,
                    case=case,
                    pattern=pattern,
                    invoice=invoice,
                    price=bool(price),
                )
            )
    if short:
        outcome.left_out.append(
            LeftOut(
                "amounts", short, f"pairs with fewer than {parameters.min_history + 1} invoices"
            )
        )
    return outcome


def _patterns(index: Index, parameters: Amounts) -> tuple[list[_Pattern], int]:
    patterns, short = [], 0
    for invoices in index.by_pair.values():
        by_currency = defaultdict(list)
        for invoice in invoices:
            by_currency[invoice.currency].append(invoice)
        for currency in sorted(by_currency):
            group = by_currency[currency]
            known = [invoice for invoice in group if invoice.is_confirmed]
            if len(known) <= parameters.min_history:
                short += 1
                continue
            usual_logs = [log_of(invoice.amount) for invoice in known]
            usual = median(usual_logs)
            spread = median([abs(log - usual) for log in usual_logs]) * _MAD // MILLION
            logs = [log_of(invoice.amount) for invoice in group]
            patterns.append(_Pattern(group, known, logs, usual, spread))
    return patterns, short


def _seasons(patterns: list[_Pattern]) -> dict[str, _Season]:
    above = defaultdict(list)
    for pattern in patterns:
        for invoice, log in zip(pattern.invoices, pattern.logs, strict=True):
            if invoice.is_confirmed:
                entry = (invoice.issue_day, invoice.buyer, log - pattern.usual)
                above[invoice.seller].append(entry)
    return {
        seller: _Season([day for day, _, _ in sorted(entries)], sorted(entries))
        for seller, entries in above.items()
    }


def _market_spread(patterns: list[_Pattern], parameters: Amounts) -> int:
    if len(patterns) < _MIN_MARKET:
        return _USUAL_SPREAD
    return max(parameters.min_dispersion, median([pattern.spread for pattern in patterns]))


def _drawn(pattern: _Pattern, market: int, parameters: Amounts) -> int:
    """The pair's dispersion, weighted by its invoices, with the market's."""
    count, prior = len(pattern.known), parameters.prior_count
    square = (count * pattern.spread**2 + prior * market**2) // (count + prior)
    return max(parameters.min_dispersion, isqrt(square))


def _prices(invoices: list[Invoice]) -> dict[str, list[int]]:
    prices = defaultdict(list)
    for invoice in invoices:
        for line in invoice.lines:
            if line.price:
                prices[line.goods].append(line.price)
    return {goods: sorted(values) for goods, values in prices.items()}


def _finding(
    index: Index,
    matches: Matches,
    habits: Habits,
    parameters: Amounts,
    *,
    case: Case,
    pattern: _Pattern,
    invoice: Invoice,
    price: bool,
) -> Finding:
    others = sorted(other.amount for other in pattern.known if other.id != invoice.id)
    usual = others[(len(others) - 1) // 2]
    tenths = invoice.amount * 10 // max(1, usual)
    beyond = _weigh_order(index, parameters, case, invoice)
    odd = _weigh_lines(parameters, case, pattern, invoice) or price
    if matches.is_moved(invoice) and not beyond and not odd:
        case.add(parameters.corroborated)
    _weigh_gaps(matches, habits, parameters, case, invoice)
    weigh_financing(index, parameters.financing, case, (invoice,))
    evidence = {invoice.id, *(other.id for other in pattern.known[:50])}
    order = index.order_of(invoice)
    if order is not None:
        evidence.add(order.id)
    currency = invoice.currency
    return case.finding(
        Kind.UNUSUAL_AMOUNT,
        (invoice.id,),
        f"invoice {invoice.number} of {decimal_text(invoice.amount, currency=currency)} {currency} "
        f"is {tenths // 10}.{tenths % 10} times the usual "
        f"{decimal_text(usual, currency=currency)} of {invoice.seller} to {invoice.buyer} "
        f"({len(others)} other invoices)",
        evidence,
    )


def _weigh_gaps(
    matches: Matches, habits: Habits, parameters: Amounts, case: Case, invoice: Invoice
) -> None:
    """What this invoice lacks and the pair's others have; or that it was paid."""
    if invoice.id in matches.paid:
        case.add(parameters.paid)
    elif habits.paid.is_missing(invoice):
        rate = habits.paid.rate(invoice)
        case.add(
            points_of(rate, parameters.not_paid),
            f"it is not paid, as {percent(MILLION - rate)} of their others are",
        )
    if habits.ordered.is_missing(invoice):
        rate = habits.ordered.rate(invoice)
        text = f"no order is known, as of {percent(MILLION - rate)} of their others"
        case.add(parameters.not_ordered if rate <= parameters.rare else 0, text)


def _weigh_order(index: Index, parameters: Amounts, case: Case, invoice: Invoice) -> bool:
    order = index.order_of(invoice)
    if order is None or order.currency != invoice.currency:
        return False
    beyond = invoice.amount * MILLION > order.amount * (MILLION + parameters.order_gap)
    if beyond:
        text = decimal_text(order.amount, currency=order.currency)
        case.add(parameters.beyond_order, f"its order {order.id} is of {text}")
    return beyond


def _odd_price(parameters: Amounts, prices: dict[str, list[int]], invoice: Invoice) -> str:
    """What to say of a price out of the pair's pattern; nothing if all are in it."""
    for line in invoice.lines:
        if not line.price:
            continue
        known = prices.get(line.goods, ())
        if len(known) <= _MIN_SEASON:
            continue
        usual = known[(len(known) - 1) // 2]
        if line.price * MILLION > usual * parameters.price:
            currency = invoice.currency
            return (
                f"{line.goods} costs {decimal_text(line.price, currency=currency)} a unit instead "
                f"of {decimal_text(usual, currency=currency)}"
            )
    return ""


def _weigh_lines(parameters: Amounts, case: Case, pattern: _Pattern, invoice: Invoice) -> bool:
    """Taxes and freight make an amount differ from its lines, but alike for all of a pair."""
    ratios = [ratio for other in pattern.known if (ratio := _to_lines(other)) is not None]
    own = _to_lines(invoice)
    if own is None or len(ratios) <= _MIN_SEASON:
        return False
    usual = median(ratios)
    odd = own * MILLION > usual * parameters.price
    if odd:
        tenths = own * 10 // max(1, usual)
        text = f"its lines explain the amount divided by {tenths // 10}.{tenths % 10} only"
        case.add(parameters.beyond_lines, text)
    return odd


def _to_lines(invoice: Invoice) -> int | None:
    lines = sum(line.quantity * line.price for line in invoice.lines) // 1_000
    return invoice.amount * MILLION // lines if lines else None
