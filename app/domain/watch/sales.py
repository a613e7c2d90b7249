"""Signals of reported trade: falling sales, rising returns.

Sales of a month are what was sold less what was returned. The newest three months are compared with
the three before them and with the same months a year earlier; the smaller change counts, so that a
season alone is no signal. A month without a report is unknown, and so is what needs it.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.portfolio.shares import MILLION
from app.domain.texts import Sentence, Text, say
from app.domain.trade import month_text
from app.domain.watch.facts import MonthSales, TradeSeries
from app.domain.watch.model import Signal, SignalKind, Unknown, Value, evidence_of
from app.domain.watch.parameters import (
    REPORT_LAG_MONTHS,
    THRESHOLDS,
    WINDOW_MONTHS,
    YEAR_MONTHS,
)

_KINDS: tuple[SignalKind, ...] = ("falling-sales", "rising-returns")
Outcome = tuple[list[Signal], list[Unknown]]


def trade_signals(series: Sequence[TradeSeries], *, merchant: int, month: int) -> Outcome:
    """What the trade of a borrower says.

    Args:
        series: of each platform and currency; without any, sales and returns are unknown.
        month: today's, which is not over.
    """
    if not series:
        return [], _unknown(f"party:{merchant}", say("No platform reports the borrower's sales."))
    signals: list[Signal] = []
    unknown: list[Unknown] = []
    for trade in series:
        more, open_questions = _of_platform(trade, merchant, month)
        signals += more
        unknown += open_questions
    return signals, unknown


def _of_platform(trade: TradeSeries, merchant: int, month: int) -> Outcome:
    about = f"party:{merchant}:platform:{trade.platform}:{trade.currency}"
    last = next(
        (end for end in range(month - 1, month - 2 - REPORT_LAG_MONTHS, -1) if end in trade.months),
        None,
    )
    if last is None:
        words = say(
            "Platform {platform} has not reported up to {month}.",
            platform=trade.platform,
            month=month_text(month - 1),
        )
        return [], _unknown(about, words)
    recent = _window(trade, last)
    if recent is None:
        missing = next(month for month in _months(last) if month not in trade.months)
        words = say(
            "Platform {platform} has not reported {month}.",
            platform=trade.platform,
            month=month_text(missing),
        )
        return [], _unknown(about, words)
    bases = [
        (name, months)
        for name, end in (
            (say("the three months before"), last - WINDOW_MONTHS),
            (say("the same months a year earlier"), last - YEAR_MONTHS),
        )
        if (months := _window(trade, end)) is not None
    ]
    if not bases:
        words = say(
            "Platform {platform} has reported fewer than six months.", platform=trade.platform
        )
        return [], _unknown(about, words)
    evidence = evidence_of(
        f"party:{merchant}",
        [
            f"transaction:{sales.transaction}"
            for months in (recent, *(months for _, months in bases))
            for sales in months
            if sales.transaction
        ],
    )
    signals, unknown = _falling(about, evidence, recent, bases)
    more, open_questions = _returns(about, evidence, recent, bases)
    return signals + more, unknown + open_questions


def _falling(
    about: str,
    evidence: tuple[str, ...],
    recent: list[MonthSales],
    bases: list[tuple[Sentence, list[MonthSales]]],
) -> Outcome:
    sales = _net(recent)
    falls = [
        ((before - sales) * MILLION // before, name)
        for name, months in bases
        if (before := _net(months)) > 0
    ]
    if not falls:
        return [], [
            Unknown("falling-sales", about, say("Nothing was sold that sales could fall from."))
        ]
    fall, name = min(falls, key=lambda item: item[0])
    level = THRESHOLDS["falling-sales"].level(fall)
    if not level:
        return [], []
    reason = say(
        "Sales of the last three months are {fall:percent} below {base}.", fall=fall, base=name
    )
    value = Value("fall", fall, "parts-per-million")
    return [Signal("falling-sales", level, about, reason, (value,), evidence)], []


def _returns(
    about: str,
    evidence: tuple[str, ...],
    recent: list[MonthSales],
    bases: list[tuple[Sentence, list[MonthSales]]],
) -> Outcome:
    share = _returned(recent)
    rises = [
        (share - before, before, name)
        for name, months in bases
        if share is not None and (before := _returned(months)) is not None
    ]
    if share is None or not rises:
        return [], [
            Unknown("rising-returns", about, say("Nothing was sold that could be returned."))
        ]
    rise, before, name = min(rises, key=lambda item: item[:2])
    level = THRESHOLDS["rising-returns"].level(rise)
    if not level:
        return [], []
    reason = say(
        "Of the sales of the last three months {share:percent} came back; in {base} it was "
        "{before:percent}.",
        share=share,
        base=name,
        before=before,
    )
    values = (
        Value("rise", rise, "parts-per-million"),
        Value("share", share, "parts-per-million"),
    )
    return [Signal("rising-returns", level, about, reason, values, evidence)], []


def _months(last: int) -> range:
    return range(last - WINDOW_MONTHS + 1, last + 1)


def _window(trade: TradeSeries, last: int) -> list[MonthSales] | None:
    """The months of a window; None: one is not reported."""
    months = [trade.months.get(month) for month in _months(last)]
    known = [sales for sales in months if sales is not None]
    return known if len(known) == WINDOW_MONTHS else None


def _net(months: list[MonthSales]) -> int:
    return max(0, sum(sales.amount - sales.returned for sales in months))


def _returned(months: list[MonthSales]) -> int | None:
    """The share of the sales that came back, rounded down; None: nothing was sold."""
    sold = sum(sales.amount for sales in months)
    return sum(sales.returned for sales in months) * MILLION // sold if sold else None


def _unknown(about: str, reason: Text) -> list[Unknown]:
    return [Unknown(kind, about, reason) for kind in _KINDS]
