"""Limits against a book: each with a case at the bound and one a unit beyond it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain.catalogue_files import read_rules
from app.domain.lender_rules import LenderRules, Ratio
from app.domain.portfolio.limits import (
    PROVISIONS,
    TERMS_OF_LOANS,
    BoughtClaim,
    Bound,
    Exposure,
    Judged,
    Largest,
    LoanFacts,
    OwnFigures,
    exposure,
    judge_ratio,
    worst_loan,
)
from app.domain.portfolio.shares import MILLION
from app.domain.rule_sets import Limit, bound_of
from app.places import ROOT
from tests.support.book import LOST, RUNNING, loan, on

TODAY = on("2026-10-15")
FIRST_DAY = TODAY - 190
SETS = {name: read_rules(ROOT / "rules" / f"{name}.yaml") for name in ("cn", "intl")}


def lenders(name: str) -> LenderRules:
    found = SETS[name].lenders
    assert found is not None
    return found


RATIOS = [
    pytest.param(ratio.bound, id=f"{name}-{ratio.lender}-{ratio.measure}-{ratio.of}")
    for name in SETS
    for ratio in lenders(name).ratios
]
TERM_LIMITS = [
    pytest.param(limit, id=f"{name}-{limit.term}")
    for name, rules in SETS.items()
    for limit in rules.limits
    if limit.term in TERMS_OF_LOANS
]
TEN = 10_000_000  # a whole for which every bound of the rule sets is a whole number


def own(day: int = TODAY, **amounts: int) -> OwnFigures:
    named = {name.replace("_", "-"): amount for name, amount in amounts.items()}
    return OwnFigures("bank", day, named)


def judged(ratio: Bound, seen: Exposure, figures: OwnFigures | None, **changes: Any) -> Judged:
    facts: dict[str, Any] = {"kind_known": True, "alone": True, "first_day": FIRST_DAY}
    return judge_ratio(ratio, seen, figures, **facts | changes)


def at_bound(ratio: Bound, beyond: int) -> tuple[Exposure, OwnFigures]:
    """A book at the bound of a ratio, or so many units beyond it."""
    if ratio.min_share is not None:
        part = TEN * ratio.min_share // MILLION - beyond
        if ratio.measure == "reserve":
            return Exposure(TEN, 0, {}), own(**{PROVISIONS: part})
        return Exposure(TEN, 0, {}), own(**{str(ratio.of): part})
    top = ratio.max_amount
    if top is None:
        assert ratio.max_share is not None
        top = TEN * ratio.max_share // MILLION
    seen = Exposure(10 * TEN, 0, {ratio.measure: Largest(7, top + beyond)})
    return seen, own(**({} if ratio.of is None else {ratio.of: TEN}))


@pytest.mark.parametrize("ratio", RATIOS)
def test_each_ratio_is_kept_at_its_bound_and_broken_a_unit_beyond(ratio: Bound) -> None:
    kept = judged(ratio, *at_bound(ratio, 0))
    assert (kept.verdict, kept.used, kept.reason) == ("kept", MILLION, None)
    broken = judged(ratio, *at_bound(ratio, 1))
    assert (broken.verdict, broken.reason) == ("broken", None)
    assert broken.used is not None and broken.used >= MILLION
    if ratio.max_amount is None:
        assert kept.figure == (ratio.min_share or ratio.max_share)
    else:
        assert (kept.figure, kept.part) == (None, ratio.max_amount)
    assert kept.key == (None if ratio.min_share is not None else 7)


@pytest.mark.parametrize("ratio", RATIOS)
def test_what_a_lender_does_not_state_is_unknown_and_never_zero(ratio: Bound) -> None:
    seen, _ = at_bound(ratio, 1)
    unknown = judged(ratio, seen, own())
    nothing = judged(ratio, seen, None)
    if ratio.max_amount is not None:
        assert unknown.verdict == nothing.verdict == "broken", "it needs no figure of the lender"
        return
    for answer in (unknown, nothing):
        assert (answer.verdict, answer.reason) == ("not-judged", "figure-not-stated")
        assert answer.used is None
    kind = judged(ratio, seen, None, kind_known=False)
    assert (kind.verdict, kind.reason) == ("not-judged", "lender-kind-unknown")


@pytest.mark.parametrize("ratio", RATIOS)
def test_old_figures_judge_nothing(ratio: Bound) -> None:
    seen, figures = at_bound(ratio, 1)
    last = judged(ratio, seen, replace(figures, day=FIRST_DAY))
    assert last.verdict == "broken"
    old = judged(ratio, seen, replace(figures, day=FIRST_DAY - 1))
    if ratio.max_amount is not None:
        assert old.verdict == "broken"
        return
    assert (old.verdict, old.reason, old.used) == ("not-judged", "statement-too-old", None)


@pytest.mark.parametrize("ratio", RATIOS)
def test_loans_in_other_currencies_leave_only_broken_limits_certain(ratio: Bound) -> None:
    broken = judged(ratio, *at_bound(ratio, 1), alone=False)
    assert broken.verdict == "broken"
    kept = judged(ratio, *at_bound(ratio, 0), alone=False)
    if ratio.measure == "reserve":
        assert kept.verdict == "kept", "reserve and loans are in one currency"
    else:
        assert (kept.verdict, kept.reason) == ("not-judged", "other-currencies")


def reserve_ratio(least: str = "1%") -> Bound:
    body = {"lender": "factor", "measure": "reserve", "min": least, "lawyer": True}
    return Ratio.model_validate(body | {"source": "a source that says so"}).bound


def test_reserve_on_the_ledger_needs_no_provisions_while_it_is_enough() -> None:
    enough = Exposure(1_000, 10, {})
    assert judged(reserve_ratio(), enough, None).verdict == "kept"
    assert judged(reserve_ratio(), enough, own(FIRST_DAY - 1, provisions=0)).verdict == "kept"
    both = judged(reserve_ratio(), enough, own(provisions=5))
    assert (both.verdict, both.part, both.figure) == ("kept", 15, 15_000)
    short = Exposure(1_000, 9, {})
    unknown = judged(reserve_ratio(), short, own(net_assets=1_000))
    assert (unknown.verdict, unknown.reason, unknown.part) == ("not-judged", "figure-not-stated", 9)
    assert judged(reserve_ratio(), short, own(provisions=1)).verdict == "kept"
    assert judged(reserve_ratio(), short, own(provisions=0)).verdict == "broken"


def test_a_lender_without_own_money_breaks_every_share_of_it() -> None:
    for ratio in (ratio.bound for ratio in lenders("cn").ratios):
        if ratio.of is None:
            continue
        seen = Exposure(1, 0, {ratio.measure: Largest(7, 1)})
        answer = judged(ratio, seen, own(**{ratio.of: 0}))
        assert (answer.verdict, answer.used) == ("broken", None), ratio
        nobody = judged(ratio, Exposure(0, 0, {}), own(**{ratio.of: 0}))
        assert nobody.verdict == "kept", "nothing is lent"


BOOK = [
    loan(1, ("2026-09-01", 300, "2026-12-01", RUNNING), borrower=7, group=3, debtor=50),
    loan(2, ("2026-09-01", 200, "2026-12-01", RUNNING), borrower=8, group=3),
    loan(3, ("2026-09-01", 400, "2026-12-01", RUNNING), borrower=9, debtor=51),
    loan(4, ("2026-01-01", 999, "2026-02-01", LOST), borrower=9, debtor=51, loss=999),
]


def test_bought_claims_count_for_their_debtor_and_in_what_is_lent() -> None:
    seen = exposure(BOOK, [BoughtClaim(50, 250), BoughtClaim(60, 90)], reserve=5, today=TODAY)
    assert (seen.lent, seen.reserve) == (1_240, 5)
    assert seen.largest == {
        "single-name": Largest(9, 400),
        "group": Largest(-3, 500),
        "single-debtor": Largest(50, 550),
    }
    alone = exposure([], [BoughtClaim(60, 90)], reserve=0, today=TODAY)
    assert alone.largest == {"single-debtor": Largest(60, 90)}
    assert exposure([], [], reserve=0, today=TODAY) == Exposure(0, 0, {})


PLAIN = LoanFacts(
    number=1,
    annual_rate=100_000,
    penalty=1_300_000,
    day_count=360,
    tenor_days=90,
    months=3,
    hedge_share=0,
)
CHANGES: dict[str, str] = {
    "annual_rate.max": "annual_rate",
    "penalty": "penalty",
    "day_count": "day_count",
    "tenor_days.max": "tenor_days",
    "tenor_days.warn": "tenor_days",
    "months.max": "months",
    "months.warn": "months",
    "hedge_share.max": "hedge_share",
}


@pytest.mark.parametrize("limit", TERM_LIMITS)
def test_each_limit_of_a_loan_is_kept_at_its_bound_and_not_beyond(limit: Limit) -> None:
    low, high = bound_of(limit.min), bound_of(limit.max)
    assert high is not None
    beyond = "warned" if limit.term.endswith(".warn") else "broken"
    if limit.term == "total_cost.max":
        within = replace(PLAIN, annual_rate=157_000, penalty=1_500_000)
        above = replace(within, number=2, annual_rate=158_000)
    else:
        within = replace(PLAIN, **{CHANGES[limit.term]: high})
        above = replace(within, number=2, **{CHANGES[limit.term]: high + 1})
    kept = worst_loan(limit.term, [within], minimum=low, maximum=high)
    assert kept is not None
    assert (kept.verdict, kept.loan) == ("kept", 1)
    worst = worst_loan(limit.term, [within, above], minimum=low, maximum=high)
    assert worst is not None
    assert (worst.verdict, worst.loan) == (beyond, 2)
    assert worst.used is not None and kept.used is not None
    assert kept.used <= MILLION <= worst.used
    if low is not None:
        below = replace(within, number=3, **{CHANGES[limit.term]: low - 1})
        lowest = worst_loan(limit.term, [within, below], minimum=low, maximum=high)
        assert lowest is not None
        assert (lowest.verdict, lowest.loan, lowest.figure) == (beyond, 3, low - 1)


def test_every_limit_of_the_rule_sets_has_its_case() -> None:
    tested = {param.values[0].term for param in TERM_LIMITS}  # type: ignore[union-attr]
    assert tested == set(TERMS_OF_LOANS)


def test_loans_that_do_not_come_under_a_limit_judge_nothing() -> None:
    schedule = replace(PLAIN, tenor_days=None)
    assert worst_loan("tenor_days.max", [schedule], minimum=None, maximum=365) is None
    assert worst_loan("months.max", [], minimum=None, maximum=12) is None
    both = worst_loan("tenor_days.max", [schedule, PLAIN], minimum=None, maximum=365)
    assert both is not None
    assert (both.figure, both.used) == (90, 246_575)
