"""Products as callers see them."""

from __future__ import annotations

from app.domain.catalogue import COLLATERAL, CYCLES, FUNDING, STYLES
from app.domain.money import currency_in
from app.domain.product_terms import rule_set_in
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.lending.products.repository import ProductRow
from app.lending.products.schemas import Product
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
    }


def _bound(amount: int, currency: str) -> MoneyView | None:
    """A limit; None if there is none."""
    return money_view(amount, currency=currency) if amount else None
