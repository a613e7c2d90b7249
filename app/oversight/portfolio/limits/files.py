"""Limits and own figures as tables for people."""

from __future__ import annotations

from app.gateway.sheets import Sheet
from app.oversight.portfolio.files import label_of_party, sheet
from app.oversight.portfolio.limits.schemas import LegalLimits

_LIMITS = (
    *("ruleSet", "ruleSetVersion", "term", "lenderKind", "currency", "unit", "figure", "min"),
    *("max", "amount", "of", "ofAmount", "ownFigure", "maxAmount", "used", "verdict", "reason"),
    *("name", "loanId", "enforcedBy", "enforcement", "source", "lawyer"),
)
_OWN_FUNDS = (
    *("id", "lenderKind", "currency", "asOfDate", "netCapital", "tierOneCapital", "netAssets"),
    *("riskAssets", "provisions", "source", "documentHash", "statedBy", "statedAt"),
)


def limit_sheets(body: LegalLimits) -> list[Sheet]:
    """A row for each limit; the second table has what the lender stated."""
    rows = [
        {
            **item,
            "lawyer": "must confirm" if item["lawyer"] else "confirmed",
            "name": f"group {item['group']}"
            if item["group"] is not None
            else None
            if item["party"] is None
            else label_of_party(item["party"]),
        }
        for item in body["limits"]
    ]
    return [sheet("limits", _LIMITS, rows), sheet("own funds", _OWN_FUNDS, list(body["ownFunds"]))]
