"""All thresholds of the watch, each with its reason, so that a risk officer may change them.

Shares, rates and falls are parts per million. The figures without a source are judgements: change
them with the outcomes of loans that were warned of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.domain.texts import Sentence, say
from app.domain.watch.model import Level, SignalKind, Unit

WINDOW_MONTHS = 3  # sales are compared over so many months: one weak month is no trend
YEAR_MONTHS = 12
REPORT_LAG_MONTHS = 1  # a platform may report the last month late by so many months
PRICE_DAYS = 90  # a price is compared with its highest of so many days
TIER_DAYS = 180  # a tier is compared with the best one of so many days
ENDING_DAYS = 30  # a registration that ends within so many days can still be renewed in time
MIN_LOANS = 5  # with fewer loans in a currency every name has a large share of them
# So many kinds of trouble at a level raise the whole to the next one.
WATCHES_TO_WARNING = 3
WARNINGS_TO_ALARM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From which value on a signal has each level; None: it never has it."""

    watch: int | None = None
    warning: int | None = None
    alarm: int | None = None
    unit: Unit
    reason: Sentence

    def level(self, value: int) -> Level:
        """The highest level whose bound the value reaches."""
        if self.alarm is not None and value >= self.alarm:
            return Level.ALARM
        if self.warning is not None and value >= self.warning:
            return Level.WARNING
        if self.watch is not None and value >= self.watch:
            return Level.WATCH
        return Level.CLEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The level of something that happened or not."""

    level: Level
    reason: Sentence


THRESHOLDS: Mapping[SignalKind, Threshold] = MappingProxyType(
    {
        "late-loan": Threshold(
            watch=1,
            warning=8,
            alarm=31,
            unit="days",
            reason=say(
                "more than 30 days overdue is presumed a significant increase in credit risk "
                "(IFRS 9, 5.5.11); a week is more than a transfer or a holiday takes"
            ),
        ),
        "late-debtor": Threshold(
            watch=1,
            warning=15,
            alarm=31,
            unit="days",
            reason=say(
                "buyers pay some days late out of habit, so the warning comes later than for a "
                "loan; after 30 days the money for the loan is in doubt"
            ),
        ),
        "falling-sales": Threshold(
            watch=150_000,
            warning=300_000,
            alarm=500_000,
            unit="parts-per-million",
            reason=say(
                "three months against the three before and the same a year earlier, so that "
                "neither one month nor the season counts; half the sales seldom carry the old debt"
            ),
        ),
        "rising-returns": Threshold(
            watch=50_000,
            warning=100_000,
            alarm=200_000,
            unit="parts-per-million",
            reason=say(
                "the rise of the returned share counts, not the share: what is usual differs "
                "by kind of goods"
            ),
        ),
        "price-fall": Threshold(
            watch=50_000,
            warning=100_000,
            alarm=200_000,
            unit="parts-per-million",
            reason=say(
                "haircuts of goods are meant for falls of this order until the goods are sold; "
                "the margin call of the ledger comes at the product's own level"
            ),
        ),
        "limit-use": Threshold(
            watch=800_000,
            warning=950_000,
            unit="parts-per-million",
            reason=say(
                "borrowers in trouble draw what they can; full use alone is no alarm, because "
                "it is also what a growing business does"
            ),
        ),
        "dispute": Threshold(
            warning=0,
            alarm=30,
            unit="days",
            reason=say(
                "a debtor that disputes does not pay meanwhile; a dispute of a month is no "
                "misunderstanding"
            ),
        ),
        "tier-fall": Threshold(
            warning=1,
            alarm=2,
            unit="count",
            reason=say(
                "a rater already weighed its evidence: one tier is a warning, two are an alarm"
            ),
        ),
        "shortage": Threshold(
            warning=1,
            alarm=50_000,
            unit="parts-per-million",
            reason=say(
                "goods that a count does not find secure nothing; up to 5 % may be an error of "
                "counting"
            ),
        ),
        "concentration": Threshold(
            watch=200_000,
            warning=350_000,
            unit="parts-per-million",
            reason=say(
                "a name with a fifth of the principal decides the year's result; concentration "
                "makes a loss larger but not likelier, so it is never an alarm"
            ),
        ),
        "warned-share": Threshold(
            watch=50_000,
            warning=100_000,
            alarm=250_000,
            unit="parts-per-million",
            reason=say("the share of principal whose borrower or debtor is at warning or above"),
        ),
    }
)

EVENTS: Mapping[SignalKind, Event] = MappingProxyType(
    {
        "defaulted": Event(
            level=Level.ALARM, reason=say("a declared default or a recorded loss needs no forecast")
        ),
        "margin-call": Event(
            level=Level.WARNING,
            reason=say(
                "the goods are worth less than the product asks; after the last day to cure, "
                "and in an auction, it is an alarm"
            ),
        ),
        "tier-ended": Event(
            level=Level.WARNING,
            reason=say("nobody stands behind the tier any more; a revoked tier is an alarm"),
        ),
        "frozen": Event(
            level=Level.ALARM, reason=say("a frozen or held party can neither pay nor be paid")
        ),
        "lapsed": Event(
            level=Level.WARNING,
            reason=say("the party's registration ended: the ledger lets it take no new risk"),
        ),
        "validity-ending": Event(
            level=Level.WATCH,
            reason=say("the registration ends within 30 days unless it is renewed"),
        ),
        "liens-stopped": Event(
            level=Level.WARNING,
            reason=say("the operator stopped new liens on goods of this warehouse"),
        ),
    }
)
# Kinds that say the same thing count once where several kinds raise a level.
GROUPS: Mapping[SignalKind, str] = MappingProxyType(
    {
        "late-loan": "payment",
        "defaulted": "payment",
        "late-debtor": "debtor",
        "falling-sales": "sales",
        "rising-returns": "returns",
        "price-fall": "prices",
        "margin-call": "prices",
        "limit-use": "limits",
        "dispute": "disputes",
        "tier-fall": "tier",
        "tier-ended": "tier",
        "frozen": "registration",
        "lapsed": "registration",
        "validity-ending": "registration",
        "shortage": "warehouse",
        "liens-stopped": "warehouse",
        "concentration": "concentration",
        "warned-share": "warned-share",
    }
)
