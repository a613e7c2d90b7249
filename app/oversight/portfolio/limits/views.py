"""Limits with their figures as callers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from app.domain.lender_rules import Ratio
from app.domain.portfolio.limits import (
    TERMS_OF_LOANS,
    Base,
    Judged,
    LenderKind,
    LoanFacts,
    Reason,
    Verdict,
    worst_loan,
)
from app.domain.portfolio.shares import part_half_up
from app.domain.rule_sets import Limit, Rules, bound_of
from app.gateway.money import MoneyView, money_view
from app.gateway.said import localized
from app.gateway.views import Names, party_view
from app.oversight.portfolio.limits.enforcement import HELD
from app.oversight.portfolio.limits.repository import Debt
from app.oversight.portfolio.limits.schemas import LimitView, Unit

_UNITS: dict[str, Unit] = {
    "tenor_days.max": "days",
    "tenor_days.warn": "days",
    "months.max": "months",
    "months.warn": "months",
    "day_count": "days-of-a-year",
}


class Row(msgspec.Struct, kw_only=True):
    """A limit with its figure; money in minor units of `currency`.

    Attributes:
        key: the party that the figure is of, below zero a group.
    """

    rules: Rules
    term: str
    unit: Unit
    source: str
    lawyer: bool
    verdict: Verdict
    lender: LenderKind | None = None
    currency: str | None = None
    figure: int | None = None
    min: int | None = None
    max: int | None = None
    amount: int | None = None
    of: Base | Literal["lent"] | None = None
    of_amount: int | None = None
    own_figure: Base | None = None
    max_amount: int | None = None
    used: int | None = None
    reason: Reason | None = None
    key: int | None = None
    loan: int | None = None


def of_terms(rules: Rules, loans: Sequence[LoanFacts]) -> list[Row]:
    """The limits of single loans, each with the loan that goes furthest."""
    rows = []
    for limit in rules.limits:
        if limit.term not in TERMS_OF_LOANS:
            continue
        minimum, maximum = bound_of(limit.min), bound_of(limit.max)
        worst = worst_loan(limit.term, loans, minimum=minimum, maximum=maximum)
        rows.append(
            Row(
                **_common(rules, limit),
                unit=_UNITS.get(limit.term, "parts-per-million"),
                figure=None if worst is None else worst.figure,
                min=minimum,
                max=maximum,
                used=None if worst is None else worst.used,
                verdict="not-judged" if worst is None else worst.verdict,
                reason="nothing-lent" if worst is None else None,
                loan=None if worst is None else worst.loan,
            )
        )
    return rows


def of_debts(rules: Rules, term: str, largest: Mapping[str, Debt]) -> list[Row]:
    """The limits of what a borrower or a group owes to all lenders."""
    rows = []
    for limit in rules.limits:
        if limit.term != term or limit.currency is None:
            continue
        maximum = rules.debt_limit(term, currency=limit.currency)
        debt = largest.get(limit.currency)
        row = Row(
            **_common(rules, limit),
            unit="money",
            currency=limit.currency,
            max_amount=maximum,
            verdict="not-judged",
            reason="nothing-lent",
        )
        if debt is not None:
            row.amount, row.reason = debt.amount, None
            row.key = debt.number if term == "borrower_limit" else -debt.number
            row.used = part_half_up(debt.amount, maximum)
            row.verdict = "kept" if debt.amount <= maximum else "broken"
        rows.append(row)
    return rows


def of_ratio(rules: Rules, ratio: Ratio, judged: Judged, *, currency: str) -> Row:
    """A ratio with its figure in one currency."""
    row = nothing_lent(rules, ratio)
    row.currency, row.figure, row.used = currency, judged.figure, judged.used
    row.amount, row.verdict, row.reason = judged.part, judged.verdict, judged.reason
    row.key = judged.key
    row.of_amount = None if ratio.currency is not None else judged.whole
    return row


def nothing_lent(rules: Rules, ratio: Ratio) -> Row:
    """A ratio of a lender that lent nothing."""
    bound = ratio.bound
    return Row(
        rules=rules,
        term=ratio.measure,
        lender=ratio.lender,
        unit="parts-per-million" if ratio.currency is None else "money",
        currency=ratio.currency,
        min=bound.min_share,
        max=bound.max_share,
        max_amount=bound.max_amount,
        of="lent" if ratio.min is not None else ratio.of,
        own_figure=ratio.of,
        source=ratio.source.strip(),
        lawyer=ratio.lawyer,
        verdict="not-judged",
        reason="nothing-lent",
    )


def _common(rules: Rules, limit: Limit) -> dict[str, Any]:
    return {
        "rules": rules,
        "term": limit.term,
        "source": limit.source.strip(),
        "lawyer": limit.lawyer,
    }


def view(row: Row, *, names: Names, account_of: Mapping[int, str]) -> LimitView:
    """A limit as callers see it."""
    enforced_by, enforcement = HELD[row.term]
    key = row.key
    account = None if key is None else account_of.get(key)

    def money(amount: int | None) -> MoneyView | None:
        if amount is None or row.currency is None:
            return None
        return money_view(amount, currency=row.currency)

    return {
        "ruleSet": row.rules.name,
        "ruleSetVersion": row.rules.version,
        "term": row.term,
        "lenderKind": row.lender,
        "currency": row.currency,
        "unit": row.unit,
        "figure": row.figure,
        "min": row.min,
        "max": row.max,
        "amount": money(row.amount),
        "of": row.of,
        "ofAmount": money(row.of_amount),
        "ownFigure": row.own_figure,
        "maxAmount": money(row.max_amount),
        "used": row.used,
        "verdict": row.verdict,
        "reason": row.reason,
        "party": None if account is None else party_view(account, names),
        "group": -key if key is not None and key < 0 else None,
        "loanId": row.loan,
        "enforcedBy": enforced_by,
        "enforcement": localized(enforcement),
        "source": localized(row.source),
        "lawyer": row.lawyer,
    }
