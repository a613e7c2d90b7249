"""A simulated firm: what it is, and how it lives month by month until it defaults or not.

`benchmarks.credit.assumptions` explains every figure.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.credit.assumptions import Assumptions

YEAR = 12
MIN_TENURE, MAX_TENURE = 2, 180
MIN_BUYER = 0.03


@dataclass(slots=True)
class Firm:
    """What a firm is; all but its name hidden from the card.

    Attributes:
        tenure: months of trade on the platform on the day of its case.
        before_platform: months from its registration to its first trade.
        base: sales of a usual month when it begins, in the currency's main unit.
        buyer: share of its largest buyer.
        pays_late: its habit of paying late, whatever it has; times the usual days.
    """

    quality: float
    tenure: int
    before_platform: int
    base: float
    margin: float
    growth: float
    season: float
    peak: int
    sensitivity: float
    buffer: float
    buyer: float
    pays_late: float
    disputes: float
    credit_notes: float
    returns: float
    use: float


@dataclass(slots=True)
class Life:
    """What happened to a firm.

    Attributes:
        sales, returns: of each simulated month before the case, the oldest first, main units.
        late: mean days late of each of these months.
        distress: from 0 to 1, of each of these months.
        cash: money at hand on the day of the case, in months of costs.
        defaults: before the case, after which it went on.
        default_month: the month after the case in which it defaults, from 0; None: it does not.
    """

    sales: list[float] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    distress: list[float] = field(default_factory=list)
    cash: float = 0.0
    defaults: int = 0
    default_month: int | None = None


def shocks(seed: int, given: Assumptions) -> tuple[float, ...]:
    """The shock of each calendar month, the same for all firms of a seed."""
    chance = random.Random(f"{seed} shocks")
    begins = chance.randrange(24, given.months - given.downturn_months)
    values, carried = [], 0.0
    for month in range(given.months):
        carried = given.shock_memory * carried + chance.gauss(0, given.shock_spread)
        down = begins <= month < begins + given.downturn_months
        values.append(carried + (given.downturn if down else 0.0))
    return tuple(values)


def drawn_firm(chance: random.Random, given: Assumptions) -> Firm:
    """A firm by chance."""
    quality = chance.gauss(0, 1)

    def less(level: float, effect: float, spread: float) -> float:
        return level * math.exp(-effect * quality + chance.gauss(0, spread))

    months = given.tenure_median * chance.lognormvariate(0, given.tenure_spread)
    tenure = min(MAX_TENURE, max(MIN_TENURE, round(months)))
    young = given.young_growth if tenure < YEAR else 0.0
    usual = given.buffer_median if tenure > given.history else given.new_buffer
    growth = given.growth_by_quality * quality + chance.gauss(0, given.growth_spread)
    return Firm(
        quality=quality,
        tenure=tenure,
        before_platform=round(chance.expovariate(1 / given.before_platform)),
        base=given.sales_median * chance.lognormvariate(0, given.sales_spread),
        margin=given.margin
        + given.margin_by_quality * quality
        + chance.gauss(0, given.margin_spread),
        growth=growth + young,
        season=chance.uniform(0, given.season),
        peak=chance.randrange(YEAR),
        sensitivity=given.sensitivity * chance.uniform(0.5, 2),
        buffer=usual * chance.lognormvariate(0, given.buffer_spread),
        buyer=max(MIN_BUYER, chance.betavariate(given.buyer_alpha, given.buyer_beta)),
        pays_late=chance.lognormvariate(0, given.late_luck),
        disputes=less(given.disputes, given.disputes_by_quality, given.disputes_spread),
        credit_notes=less(
            given.credit_notes, given.credit_notes_by_quality, given.credit_notes_spread
        ),
        returns=less(given.returns, given.returns_by_quality, given.returns_spread),
        use=chance.gauss(given.use_mean, given.use_spread),
    )


def distress_of(cash: float, given: Assumptions) -> float:
    """How distressed a firm is, from 0 to 1, by its money at hand."""
    return 1 / (1 + math.exp(given.distress_slope * (cash - given.distress_middle)))


def hazard_of(quality: float, distress: float, given: Assumptions, *, new: bool) -> float:
    """The chance to default within a month.

    Args:
        new: it has traded for less than two years.
    """
    quiet = given.hazard * math.exp(-given.hazard_by_quality * quality)
    chance = quiet + given.hazard_in_distress * distress**3
    return min(1.0, chance * (given.new_hazard if new else 1))


def lived(
    firm: Firm, chance: random.Random, shock: Sequence[float], *, case: int, given: Assumptions
) -> Life | None:
    """The life of a firm until the end of the horizon; None: it ended before its case.

    Args:
        case: the month of its case: it sees the months before it.
    """
    life, cash = Life(), firm.buffer
    level = costs = 1.0
    lost = 0.0
    for month in range(case - min(firm.tenure, given.history), case + given.horizon):
        if month == case:
            life.cash = cash
        lost *= given.buyer_recovery
        failing = given.buyer_failure * math.exp(-given.buyer_failure_by_shock * shock[month])
        if chance.random() < failing:
            lost = firm.buyer
            cash -= firm.buyer * given.buyer_unpaid
        level *= math.exp(firm.growth)
        swing = 1 + firm.season * math.cos(2 * math.pi * (month - firm.peak) / YEAR)
        noise = firm.sensitivity * shock[month] + chance.gauss(0, given.noise)
        sales = level * swing * math.exp(noise) * (1 - lost)
        before, costs = costs, 0.9 * costs + 0.1 * sales
        new = firm.tenure + month - case < given.new_months
        cash += firm.margin - (given.new_loss if new else 0.0)
        cash += given.gross * (sales * (1 - firm.returns) - before) / before
        cash -= given.growth_need * max(0.0, costs / before - 1)
        cash = min(given.buffer_max, max(given.buffer_min, cash))
        distress = distress_of(cash, given)
        defaulted = chance.random() < hazard_of(firm.quality, distress, given, new=new)
        if month >= case:
            if defaulted:
                life.default_month = month - case
                break
            continue
        if defaulted:
            if chance.random() >= given.survives:
                return None
            life.defaults += 1
            cash = given.fresh_money
        late = given.late_days * firm.pays_late * math.exp(-given.late_by_quality * firm.quality)
        life.sales.append(firm.base * sales)
        life.returns.append(firm.base * sales * firm.returns * chance.lognormvariate(0, 0.25))
        life.late.append(chance.expovariate(1 / (late + given.late_in_distress * distress)))
        life.distress.append(distress)
    return life
