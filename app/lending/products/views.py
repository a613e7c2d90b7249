"""Products as callers see them."""

from __future__ import annotations

from app.domain.catalogue import COLLATERAL, CYCLES, FUNDING, STYLES
from app.domain.money import currency_in
from app.domain.product_terms import (
    DECLARATIONS,
    EvidenceTerms,
    ProductTerms,
    document_sets,
    reference_in,
    rule_set_in,
)
from app.domain.rule_sets import max_days_for
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.rules import RuleWarning, rules_of, tenor_warnings
from app.lending.products.repository import ProductRow
from app.lending.products.schemas import FeeTerms, FloatingRate, Product, TradeTerms
from app.lending.views import effective_rates


def product(gateway: Gateway, row: ProductRow) -> Product:
    """A product with its terms in words."""
    terms = row.terms
    currency = gateway.currency_at(terms["currency"])
    return {
        "id": row.product_id,
        "code": row.code,
        "version": row.version,
        "open": row.open,
        "currency": currency,
        "funding": FUNDING[terms["funding"]],
        "collateral": COLLATERAL[terms["collateral"]],
        "cycle": CYCLES[terms["cycle"]],
        "styles": [name for bit, name in enumerate(STYLES) if terms["styles"] >> bit & 1],
        "months": [months for months in range(1, 61) if terms["months"] >> months & 1],
        "borrowerLimit": money_view(
            terms["borrowerLimit"], currency=currency_in(terms["limitCurrency"]) or currency
        ),
        "programmeLimit": money_view(terms["programmeLimit"], currency=currency),
        "goods": row.goods if row.calls_margin else None,
        "floating": _floating(row),
        "fees": _fees(row, currency),
        "documents": document_sets(row.evidence["documents"]),
        "documentsAccepted": row.evidence["accepted"],
        "maxDocumentDays": row.evidence["maxAgeDays"],
        "trade": _trade(row.evidence),
        "revolving": terms["revolving"],
        "penaltyOnInterest": terms["penaltyOnInterest"],
        "sameDayInterest": terms["sameDayInterest"],
        "businessDays": terms["businessDays"],
        "graceDays": terms["graceDays"],
        "freeDays": terms["freeDays"],
        "maxFreeDays": terms["maxFreeDays"],
        "monthsPerPeriod": terms["monthsPerPeriod"],
        "principalGrace": terms["principalGrace"],
        "interestGrace": terms["interestGrace"],
        "minRate": terms["minRate"],
        "maxRate": terms["maxRate"],
        "effectiveAnnualRates": effective_rates(
            terms, annual_rate=terms["maxRate"], limit=terms["borrowerLimit"]
        ),
        "dayCount": terms["dayCount"],
        "penaltyMultiple": terms["penaltyMultiple"],
        "earlyFee": terms["earlyFee"],
        "minDays": terms["minDays"],
        "maxDays": terms["maxDays"],
        "minTier": terms["minTier"],
        "maxTierAge": terms["maxTierAge"],
        "minTradeDays": terms["minTradeDays"],
        "advanceRate": terms["advanceRate"],
        "debtorShare": terms["debtorShare"],
        "reserveShare": terms["reserveShare"],
        "reservePooled": terms["reservePooled"],
        "breaker": terms["breaker"],
        "ruleSet": rule_set_in(terms["ruleSet"]),
        "ruleSetLimit": _bound(terms["ruleSetLimit"], currency),
        "groupLimit": _bound(terms["groupLimit"], currency),
        "legalTextHash": terms["legalTextHash"],
        "ruleSetHash": terms["ruleSetHash"],
        "warnings": warnings_of(terms),
    }


def warnings_of(terms: ProductTerms) -> list[RuleWarning]:
    """What the rule set says of the longest tenor that a product's version allows."""
    months = max((count for count in range(1, 61) if terms["months"] >> count & 1), default=None)
    days = max_days_for(
        max_days=terms["maxDays"],
        cycle=CYCLES[terms["cycle"]],
        free_days=terms["freeDays"],
        months=months or 0,
    )
    return tenor_warnings(rules_of(terms), days=days, months=months)


def _floating(row: ProductRow) -> FloatingRate | None:
    """How the rate follows a reference; None: it is fixed."""
    reference = reference_in(row.floating["referenceCode"])
    if reference is None:
        return None
    return {
        "reference": reference,
        "minSpread": row.floating["minSpread"],
        "maxSpread": row.floating["maxSpread"],
        "resetMonths": row.floating["resetMonths"],
    }


def _fees(row: ProductRow, currency: str) -> FeeTerms | None:
    """The most that service fees may be; None: there are none."""
    flat, draw = row.floating["maxFlatFee"], row.floating["maxDrawFee"]
    periodic = row.floating["maxPeriodicFee"]
    if not flat and not draw and not periodic:
        return None
    return {
        "maxFlatFee": money_view(flat, currency=currency),
        "maxDrawFee": draw,
        "maxPeriodicFee": periodic,
        "maxTotalCost": row.floating["maxTotalCost"] or None,
    }


def _trade(evidence: EvidenceTerms) -> TradeTerms | None:
    """The trade that bounds what may be owed; None if none does."""
    if not evidence["basis"]:
        return None
    return {
        "basis": "declarations" if evidence["basis"] == DECLARATIONS else "reports",
        "share": evidence["share"],
        "months": evidence["months"],
        "measure": "mean" if evidence["mean"] else "sum",
    }


def _bound(amount: int, currency: str) -> MoneyView | None:
    """A limit; None if there is none."""
    return money_view(amount, currency=currency) if amount else None
