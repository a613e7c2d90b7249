"""Limits and own figures as tables for people."""

from __future__ import annotations

from app.gateway.file_texts import mark, t
from app.gateway.sheets import Sheet
from app.oversight.portfolio.files import label_of_party, sheet
from app.oversight.portfolio.limits.schemas import LegalLimits

_LIMITS = (
    *(
        mark("ruleSet"),
        mark("ruleSetVersion"),
        mark("term"),
        mark("lenderKind"),
        mark("currency"),
        mark("unit"),
        mark("figure"),
        mark("min"),
    ),
    *(
        mark("max"),
        mark("amount"),
        mark("of"),
        mark("ofAmount"),
        mark("ownFigure"),
        mark("maxAmount"),
        mark("used"),
        mark("verdict"),
        mark("reason"),
    ),
    *(
        mark("name"),
        mark("loanId"),
        mark("enforcedBy"),
        mark("enforcement"),
        mark("source"),
        mark("lawyer"),
    ),
)
_OWN_FUNDS = (
    *(
        mark("id"),
        mark("lenderKind"),
        mark("currency"),
        mark("asOfDate"),
        mark("netCapital"),
        mark("tierOneCapital"),
        mark("netAssets"),
    ),
    *(
        mark("riskAssets"),
        mark("provisions"),
        mark("source"),
        mark("documentHash"),
        mark("statedBy"),
        mark("statedAt"),
    ),
)


def limit_sheets(body: LegalLimits) -> list[Sheet]:
    """A row for each limit; the second table has what the lender stated."""
    rows = [
        {
            **item,
            "lawyer": t("must confirm") if item["lawyer"] else t("confirmed"),
            "name": t("group {name}", name=item["group"])
            if item["group"] is not None
            else None
            if item["party"] is None
            else label_of_party(item["party"]),
        }
        for item in body["limits"]
    ]
    return [
        sheet(mark("limits"), _LIMITS, rows),
        sheet(mark("own funds"), _OWN_FUNDS, list(body["ownFunds"])),
    ]
