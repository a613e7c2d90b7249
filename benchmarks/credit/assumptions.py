"""Everything that the simulated trade assumes, in one place, so that a reader can doubt it.

Sales, costs and money at hand are counted in months of a firm's own costs, so that firms of any
size obey the same rules. `quality` is a number that nobody sees, standard normal over all firms:
a firm of quality 1 is better run than 84 % of them. A share "at quality 0" is multiplied by
`exp(-effect x quality)`, so better firms have less of what is bad.

None of it was fitted to real firms.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def _is(value: Any, says: str) -> Any:
    return field(default=value, metadata={"says": says})


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The figures of the simulated trade; `listed` gives each with what it means."""

    # Time
    first_year: int = _is(2015, "month 0 is January of this year")
    months: int = _is(118, "months that are simulated")
    history: int = _is(36, "months of a firm's life before its case that are simulated, at most")
    horizon: int = _is(12, "months after the case in which a default is its outcome")
    first_cohort: int = _is(36, "month of the first cohort; the others follow every quarter")
    quarters: tuple[int, ...] = _is(
        (0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23),
        "quarters with a cohort: the years between are left out, because a card may only be fitted "
        "to outcomes that were known on the first day of the next part",
    )
    # Calendar months, alike for all firms
    shock_memory: float = _is(0.85, "what is left of a month's shock in the next month")
    shock_spread: float = _is(0.30, "standard deviation of a month's new shock")
    downturn: float = _is(-1.2, "added shock in each month of the one downturn")
    downturn_months: int = _is(8, "its length; its first month is drawn from month 24 on")
    # Firms
    sales_median: float = _is(250_000.0, "median sales of a month, in the card's currency")
    sales_spread: float = _is(1.1, "log-normal spread of sales between firms")
    tenure_median: float = _is(26.0, "median months of trade on the platform at the case")
    tenure_spread: float = _is(0.9, "log-normal spread of these months; at least 2, at most 180")
    before_platform: float = _is(20.0, "mean months between registration and trade, exponential")
    margin: float = _is(0.018, "monthly surplus at quality 0, in months of costs")
    margin_by_quality: float = _is(0.012, "more surplus for each unit of quality")
    margin_spread: float = _is(0.010, "spread of surplus between firms of one quality")
    gross: float = _is(0.35, "what a month's costs of sales above or below trend earn or lose")
    growth_by_quality: float = _is(0.003, "monthly growth for each unit of quality")
    growth_spread: float = _is(0.012, "spread of monthly growth between firms of one quality")
    young_growth: float = _is(0.010, "added growth of a firm with fewer than 12 months of trade")
    growth_need: float = _is(1.2, "months of costs that growth by its own size ties up")
    noise: float = _is(0.15, "log-normal noise of a month's sales")
    season: float = _is(0.20, "largest swing of a firm's season; each firm has its own month")
    sensitivity: float = _is(0.08, "fall of log sales for a shock of -1; from half to twice that")
    # Money at hand
    buffer_median: float = _is(0.9, "median money at hand of a firm older than its history, months")
    new_buffer: float = _is(0.4, "the same of a firm that begins within its history")
    buffer_spread: float = _is(0.5, "log-normal spread of it between firms")
    buffer_max: float = _is(2.5, "what is above this is paid to the owners")
    buffer_min: float = _is(-1.0, "what is below this is paid in by the owners")
    # The largest buyer
    buyer_alpha: float = _is(1.8, "share of the largest buyer: beta(1.8, 3.2), at least 3 %")
    buyer_beta: float = _is(3.2, "the second figure of that beta distribution")
    buyer_failure: float = _is(0.004, "chance that it fails in a month without shock")
    buyer_failure_by_shock: float = _is(0.7, "that chance is times exp(-0.7 x shock)")
    buyer_unpaid: float = _is(1.5, "months of its purchases that it leaves unpaid")
    buyer_recovery: float = _is(0.85, "of its lost sales, what is still lost a month later")
    # Default, by a hazard that the card does not see
    hazard: float = _is(0.0012, "monthly chance of default without distress, at quality 0")
    hazard_by_quality: float = _is(0.35, "effect of quality on that chance")
    hazard_in_distress: float = _is(0.028, "monthly chance added by distress, times its cube")
    distress_slope: float = _is(4.0, "distress is 1 / (1 + exp(4 x (money at hand - 0.15)))")
    distress_middle: float = _is(0.15, "money at hand, in months of costs, at distress one half")
    new_months: int = _is(24, "months of trade in which a firm is new")
    new_loss: float = _is(0.02, "the monthly surplus of a new firm is lower by this")
    new_hazard: float = _is(1.6, "the chance of default of a new firm is times this")
    survives: float = _is(0.4, "chance to go on after a default before the case; else no case")
    fresh_money: float = _is(0.6, "money at hand after such a default, in months of costs")
    # What the card sees
    late_days: float = _is(1.2, "mean days late at quality 0 without distress, exponential")
    late_by_quality: float = _is(0.35, "effect of quality on days late")
    late_in_distress: float = _is(16.0, "mean days late added by full distress")
    late_luck: float = _is(0.9, "log-normal spread of a firm's habit to pay late, whatever it has")
    disputes: float = _is(0.012, "disputed share of invoices at quality 0")
    disputes_by_quality: float = _is(0.35, "effect of quality on it")
    disputes_spread: float = _is(0.6, "log-normal spread of it between firms of one quality")
    credit_notes: float = _is(0.02, "share of credit notes at quality 0")
    credit_notes_by_quality: float = _is(0.20, "effect of quality on it")
    credit_notes_spread: float = _is(0.6, "log-normal spread of it between firms of one quality")
    returns: float = _is(0.03, "returned share of sales at quality 0")
    returns_by_quality: float = _is(0.25, "effect of quality on it")
    returns_spread: float = _is(0.6, "log-normal spread of it between firms of one quality")
    use_mean: float = _is(0.50, "used share of limits without distress")
    use_spread: float = _is(0.18, "spread of it between firms")
    use_in_distress: float = _is(0.40, "used share added by full distress")
    tax_by_quality: float = _is(0.7, "weight of quality in the tax grade, beside noise of 1")
    tax_by_buffer: float = _is(0.4, "weight of money at hand in it")
    owners_confirmed: float = _is(0.70, "chance at quality 0 that a register confirms the owners")
    owners_by_quality: float = _is(0.06, "more of that chance for each unit of quality")
    # What is unknown
    no_ledger: float = _is(0.10, "chance of no history on the ledger, at quality 0")
    no_ledger_young: float = _is(0.35, "the same with fewer than 12 months of trade")
    no_sales: float = _is(0.04, "chance of no table of the platform")
    no_tax: float = _is(0.18, "chance of no tax certificate")
    no_register: float = _is(0.12, "chance of no extract of the business register")
    missing_by_quality: float = _is(0.20, "effect of quality on each of these chances")


#: What holds besides the figures, in words.
RULES = (
    "A firm is in one cohort only, so no firm is in two parts of the study.",
    "Default comes by chance in each month: rarely without distress, often with it. Distress "
    "follows from money at hand, which no feature of the card shows. Money at hand follows from "
    "surplus, sales against trend, growth, the shock of the month and the failure of the largest "
    "buyer; what happens after the case is not known at the case.",
    "The features are noisy traces of quality and distress: pay habits, disputes, returns and use "
    "of limits have a luck of their own that has no part in default.",
    "A firm that defaulted before its case and did not go on has no case; another takes its place.",
    "A document is there or not as a whole, and with it all its features.",
    "No firm lies, and no loan changes the fate of its firm: a refused firm has an outcome too.",
    "The project's people wrote card, simulation and judgement, so the figures show that the "
    "method works, and not how real firms repay.",
)


def listed(assumptions: Assumptions) -> list[tuple[str, str, str]]:
    """Name, figure and meaning of each assumption."""
    rows = []
    for each in fields(assumptions):
        value = getattr(assumptions, each.name)
        text = " ".join(str(part) for part in value) if isinstance(value, tuple) else str(value)
        rows.append((each.name, text, str(each.metadata["says"])))
    return rows
