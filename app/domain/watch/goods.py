"""Signals of goods that secure loans: price falls, margin calls, shortages, stopped liens."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.portfolio.shares import MILLION
from app.domain.texts import say
from app.domain.watch.facts import Facts, Lot, PriceSeries, WatchedLoan
from app.domain.watch.model import Level, Signal, Unknown, Value, evidence_of
from app.domain.watch.parameters import EVENTS, PRICE_DAYS, THRESHOLDS

_DAY = 86_400


def price_signal(
    item: str, currency: str, series: PriceSeries | None, *, now: int
) -> Signal | Unknown | None:
    """How far goods fell from their highest price of the window; None: not enough to tell of."""
    about = f"goods:{item}:{currency}"
    if series is None or not series.points:
        return Unknown(
            "price-fall", about, say("The goods have no price in {currency}.", currency=currency)
        )
    last = series.points[-1]
    if last.valid_until <= now or last.as_of + series.max_age <= now:
        return Unknown(
            "price-fall",
            about,
            say("The price in {currency} is too old to rely on.", currency=currency),
        )
    begin = now - PRICE_DAYS * _DAY
    # The last price from before the window was in force when it began.
    before = [point for point in series.points if point.as_of <= begin][-1:]
    window = before + [point for point in series.points if point.as_of > begin]
    peak = max(window, key=lambda point: point.value)
    if not peak.value:
        return None
    fall = (peak.value - last.value) * MILLION // peak.value
    level = THRESHOLDS["price-fall"].level(fall)
    if not level:
        return None
    return Signal(
        "price-fall",
        level,
        about,
        say(
            "The price is {fall:percent} below its highest of the last {count} days.",
            fall=fall,
            count=PRICE_DAYS,
        ),
        (Value("fall", fall, "parts-per-million"),),
        evidence_of(
            about,
            [f"transaction:{point.transaction}" for point in (peak, last) if point.transaction],
        ),
    )


def margin_signals(loan: WatchedLoan, *, today: int) -> Iterator[Signal]:
    """An open margin call or auction of a loan."""
    about = f"loan:{loan.number}"
    level = EVENTS["margin-call"].level
    if loan.auctioned:
        yield Signal(
            "margin-call",
            Level.ALARM,
            about,
            say("The goods of loan {loan} are in an auction.", loan=loan.number),
            (),
            evidence_of(about),
        )
    elif loan.called_day is not None:
        days = max(0, today - loan.called_day)
        over = loan.cure_day is not None and today > loan.cure_day
        named = {"loan": loan.number, "called": days}
        reason = (
            say(
                "Loan {loan} has had a margin call for {called:days}, and the days to cure it "
                "are over.",
                **named,
            )
            if over
            else say("Loan {loan} has had a margin call for {called:days}.", **named)
        )
        yield Signal(
            "margin-call",
            Level.ALARM if over else level,
            about,
            reason,
            (Value("daysCalled", days, "days"),),
            evidence_of(about),
        )


def lot_signals(lot: Lot) -> tuple[list[Signal], list[Unknown]]:
    """Whether a lot's goods are there, as far as its warehouse counted."""
    about = f"lot:{lot.number}"
    signals: list[Signal] = []
    if lot.liens_stopped:
        signals.append(
            Signal(
                "liens-stopped",
                EVENTS["liens-stopped"].level,
                about,
                say(
                    "New liens on goods of the warehouse of lot {lot} are stopped.", lot=lot.number
                ),
                (),
                evidence_of(about, (f"party:{lot.warehouse}",)),
            )
        )
    if lot.counted_day is None:
        reason = say("Nobody has counted lot {lot} since its issue.", lot=lot.number)
        return signals, [Unknown("shortage", about, reason)]
    missing = lot.outstanding - lot.counted
    if missing > 0 and lot.outstanding:
        share = -(-missing * MILLION // lot.outstanding)
        level = THRESHOLDS["shortage"].level(share)
        if level:
            signals.append(
                Signal(
                    "shortage",
                    level,
                    about,
                    say(
                        "Of lot {lot}, {share:percent} is missing by the last count.",
                        lot=lot.number,
                        share=share,
                    ),
                    (Value("missing", share, "parts-per-million"),),
                    evidence_of(about, (f"party:{lot.warehouse}",)),
                )
            )
    return signals, []


def goods_of(loan: WatchedLoan, facts: Facts) -> tuple[list[Signal], list[Unknown]]:
    """What the goods of a loan say."""
    signals = list(margin_signals(loan, today=facts.today))
    unknown: list[Unknown] = []
    lots = [facts.lots[number] for number in loan.lots]
    for item in dict.fromkeys(lot.item for lot in lots):
        series = facts.prices.get((item, loan.currency))
        outcome = price_signal(item, loan.currency, series, now=facts.now)
        if isinstance(outcome, Unknown):
            unknown.append(outcome)
        elif outcome is not None:
            signals.append(outcome)
    for lot in lots:
        more, open_questions = lot_signals(lot)
        signals += more
        unknown += open_questions
    return signals, unknown
