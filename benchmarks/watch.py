"""How early the watch warns on a simulated trade: `python -m benchmarks.watch`.

Assumptions, all of them, so that a reader can doubt them:

- A borrower sells every month: a base, a season of its own, and noise of 10 to 25 %. Its platform
  reports a month on the 10th day of the next one. It has one revolving facility and a payment due
  every 30 days. A rater attests its tier every half year.
- Of 1,000 borrowers some 780 stay sound. They pay 1 to 6 days late with 4 % of their payments, 8 to
  20 days with 0.6 %, get a tier lower without cause in 4 % of attestations, and use 30 to 85 % of
  the limit.
- 90 dip: sales fall by 25 to 45 % for three to five months and recover. They never default.
- 70 decline: sales fall by 5 to 14 % a month, returns and use of the limit rise. They stop paying
  after 120 to 300 days.
- 30 run dry: sales stay, use of the limit rises to 100 % and payments come later and later. They
  stop paying after 60 to 180 days.
- 30 stop at once, without any sign before.
- Who stops paying is in default when a payment is overdue for more than 90 days.

Signals of goods, debtors and registration are not simulated. The rules and this market have one
author, so the result shows how the rules work together, not how real borrowers behave.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.domain.calendar import date_of, day_of
from app.domain.trade import MONTHS, month_at
from app.domain.watch.assessing import watched
from app.domain.watch.facts import (
    FacilityUse,
    Facts,
    MonthSales,
    TierPoint,
    TradeSeries,
    WatchedLoan,
)
from app.domain.watch.model import Level

FIRST_DAY = day_of(date(2026, 1, 1))
DAYS = 900
STEP = 7  # the watch is read once a week
WARM_UP = 220  # before it too few months are reported
DAY = 86_400
DEFAULT_DAYS = 91
GAP_DAYS = 28  # a warning that pauses for less is one warning
TRUE_DAYS = 365  # a warning is false if no default follows within so many days of its begin
REPORT_DAY = 10
PERIOD = 30
TIER_PERIOD = 182
KINDS = (("sound", 780), ("dip", 90), ("decline", 70), ("dry", 30), ("sudden", 30))
LEVELS = (Level.WATCH, Level.WARNING, Level.ALARM)


@dataclass
class Borrower:
    """A simulated borrower; days count from FIRST_DAY."""

    kind: str
    sales: dict[int, MonthSales] = field(default_factory=dict)  # by month number
    late: dict[int, int] = field(default_factory=dict)  # days late, by the payment's due day
    tiers: list[TierPoint] = field(default_factory=list)
    use: list[int] = field(default_factory=list)  # parts of 1,000 of the limit, by day
    stops: int | None = None  # due day of the first payment that never comes

    @property
    def default(self) -> int | None:
        """The day on which it counts as defaulted."""
        return None if self.stops is None else self.stops + DEFAULT_DAYS

    def days_late(self, day: int) -> int:
        """How late its oldest unpaid payment is."""
        if self.stops is not None and day > self.stops:
            return day - self.stops
        return max(
            (day - due for due, late in self.late.items() if due < day < due + late), default=0
        )


def borrower(chance: random.Random, kind: str) -> Borrower:
    """One borrower of a kind, with its whole life."""
    new = Borrower(kind)
    trouble = chance.randrange(WARM_UP + 60, DAYS - 400)
    after = {"decline": (120, 300), "dry": (60, 180), "sudden": (0, 30)}.get(kind)
    if after is not None:
        stop = trouble + chance.randrange(*after)
        new.stops = stop - stop % PERIOD
    _sell(new, chance, trouble)
    _use(new, chance, trouble)
    _pay(new, chance, trouble)
    _rate(new, chance, trouble)
    return new


def _sell(new: Borrower, chance: random.Random, trouble: int) -> None:
    base, swing = chance.uniform(50_000, 2_000_000), chance.uniform(0, 0.4)
    noise, shift = chance.uniform(0.10, 0.25), chance.randrange(MONTHS)
    returns = chance.uniform(0.02, 0.25)
    fall, months = chance.uniform(0.05, 0.14), chance.randrange(3, 6)
    dip = chance.uniform(0.25, 0.45)
    first = month_at(FIRST_DAY) - MONTHS
    for month in range(first, month_at(FIRST_DAY + DAYS) + 1):
        season = 1 + swing * (1 if (month + shift) % MONTHS in (10, 11, 0) else -1 / 3)
        since = month - month_at(FIRST_DAY + trouble)
        factor, share = 1.0, returns
        if new.kind == "decline" and since >= 0:
            factor, share = (1 - fall) ** (since + 1), min(0.6, returns + 0.02 * (since + 1))
        elif new.kind == "dip" and 0 <= since < months:
            factor = 1 - dip
        amount = int(base * season * factor * chance.lognormvariate(0, noise))
        returned = int(amount * min(0.9, max(0, share + chance.gauss(0, 0.015))))
        new.sales[month] = MonthSales(amount, returned)


def _use(new: Borrower, chance: random.Random, trouble: int) -> None:
    level = chance.uniform(300, 850)
    end = new.stops if new.kind in ("decline", "dry") else None
    for day in range(DAYS):
        use = level + chance.gauss(0, 15)
        if end is not None and day > trouble:
            use += (1_000 - level) * min(1.0, (day - trouble) / max(1, end - trouble))
        new.use.append(max(0, min(1_000, int(use))))


def _pay(new: Borrower, chance: random.Random, trouble: int) -> None:
    for due in range(0, DAYS, PERIOD):
        if new.stops is not None and due >= new.stops:
            return
        draw = chance.random()
        if new.kind == "dry" and due > trouble:
            new.late[due] = chance.randrange(2, 6 + (due - trouble) // 6)
        elif draw < 0.006:  # noqa: PLR2004 - see the assumptions
            new.late[due] = chance.randrange(8, 21)
        elif draw < 0.046:  # noqa: PLR2004
            new.late[due] = chance.randrange(1, 7)


def _rate(new: Borrower, chance: random.Random, trouble: int) -> None:
    tier = chance.randrange(2, 4)
    for day in range(-chance.randrange(1, TIER_PERIOD), DAYS, TIER_PERIOD):
        worse = 0.6 if new.kind in ("decline", "dry") and day > trouble + 60 else 0.04
        tier = min(5, tier + 1) if chance.random() < worse else tier
        at = (FIRST_DAY + day) * DAY
        new.tiers.append(TierPoint(at, tier, at + 2 * TIER_PERIOD * DAY))


def facts_of(item: Borrower, day: int) -> Facts:
    """What was known of a borrower at the end of a day."""
    today = FIRST_DAY + day
    month = month_at(today)
    reported = month - (1 if date_of(today).day < REPORT_DAY else 0)
    series = TradeSeries(
        platform=9,
        currency="CNY",
        months={number: sales for number, sales in item.sales.items() if number < reported},
    )
    use = FacilityUse(facility=1, borrower=1, limit=1_000, used=item.use[day], revolving=True)
    loan = WatchedLoan(
        number=1,
        product=1,
        currency="CNY",
        borrower=1,
        outstanding=max(1, item.use[day]),
        days_late=item.days_late(day),
    )
    return Facts(
        today=today,
        now=today * DAY,
        month=month,
        loans=(loan,),
        facilities=(use,),
        trade={1: (series,)},
        tiers={1: tuple(point for point in item.tiers if point.at <= today * DAY)},
    )


def episodes(days: Sequence[int]) -> list[tuple[int, int]]:
    """First and last day of each warning, from the days on which the level was reached."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and day - runs[-1][1] <= GAP_DAYS:
            runs[-1] = runs[-1][0], day
        else:
            runs.append((day, day))
    return runs


@dataclass
class Tally:
    """What became of the warnings of one level."""

    leads: list[int] = field(default_factory=list)  # days before the default
    before_late: int = 0  # defaults warned of before the first payment that never came
    missed: int = 0
    true: int = 0
    false: int = 0
    false_by_kind: dict[str, int] = field(default_factory=dict)

    def add(self, item: Borrower, days: Sequence[int]) -> None:
        """Counts the warnings of a borrower."""
        default = item.default
        lead = None
        for first, last in episodes(days):
            if default is not None and default - first <= TRUE_DAYS:
                self.true += 1
                if default - last <= GAP_DAYS:
                    lead = default - first
            else:
                self.false += 1
                self.false_by_kind[item.kind] = self.false_by_kind.get(item.kind, 0) + 1
        if default is None:
            return
        if lead is None:
            self.missed += 1
        else:
            self.leads.append(lead)
            self.before_late += lead > DEFAULT_DAYS


def quartiles(values: Sequence[int]) -> tuple[int, int, int]:
    """Lower quartile, median, upper quartile; each the lower of two values."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[last // 4], ordered[last // 2], ordered[last * 3 // 4]


def judged(seed: int, size: int) -> tuple[dict[Level, Tally], int, float]:
    """The tallies of one market, its number of defaults, and the borrower-years watched."""
    chance = random.Random(seed)
    total = sum(share for _, share in KINDS)
    tallies = {level: Tally() for level in LEVELS}
    defaults, watched_days = 0, 0
    for kind, share in KINDS:
        for _ in range(size * share // total):
            item = borrower(chance, kind)
            defaults += item.default is not None
            days: dict[Level, list[int]] = {level: [] for level in LEVELS}
            end = min(DAYS, DAYS if item.default is None else item.default)
            for day in range(WARM_UP, end, STEP):
                reached = watched(facts_of(item, day)).borrowers[0].level
                for level in LEVELS:
                    if reached >= level:
                        days[level].append(day)
            watched_days += end - WARM_UP
            for level in LEVELS:
                tallies[level].add(item, days[level])
    return tallies, defaults, watched_days / 365


def report(seeds: Sequence[int], size: int) -> list[dict[str, object]]:
    """The result of each seed and level."""
    rows: list[dict[str, object]] = []
    for seed in seeds:
        tallies, defaults, years = judged(seed, size)
        for level, tally in tallies.items():
            lower, median, upper = quartiles(tally.leads) if tally.leads else (0, 0, 0)
            rows.append(
                {
                    "seed": seed,
                    "level": level.name.lower(),
                    "defaults": defaults,
                    "missed": tally.missed,
                    "leadQuartiles": [lower, median, upper],
                    "warnedBeforeTheFirstMissedPayment": tally.before_late,
                    "trueWarnings": tally.true,
                    "falseWarnings": tally.false,
                    "falsePer100BorrowerYears": round(100 * tally.false / years, 1),
                    "falseByKind": tally.false_by_kind,
                }
            )
    return rows


def main() -> None:
    """Judges the watch on markets of some seeds, and writes build/watch/watch-bench.json."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--size", type=int, default=1_000, help="borrowers of each market")
    options = parser.parse_args()
    rows = report(options.seeds, options.size)
    folder = Path("build/watch")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "watch-bench.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print("seed level    defaults missed  days before default (quartiles)  before   false  per 100")
    for row in rows:
        print(
            f"{row['seed']:>4} {row['level']:<8} {row['defaults']:>8} {row['missed']:>6}  "
            f"{row['leadQuartiles']!s:>31}  {row['warnedBeforeTheFirstMissedPayment']:>6} "
            f"{row['falseWarnings']:>7} {row['falsePer100BorrowerYears']:>8}"
        )


if __name__ == "__main__":
    main()
