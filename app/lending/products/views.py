"""Products as callers see them."""

from __future__ import annotations

from typing import Any

from app.domain.catalogue import COLLATERAL, CYCLES, FUNDING, STYLES
from app.domain.money import currency_in
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.lending.products.repository import ProductRow

_IN_WORDS = frozenset(
    (
        *("borrowerLimit", "programmeLimit", "limitCurrency", "currency"),
        *("funding", "collateral", "cycle", "styles", "months"),
    )
)


def product(gateway: Gateway, row: ProductRow) -> dict[str, Any]:
    """A product with its terms in words."""
    terms = row.terms
    currency = gateway.currency_at(terms["currency"])
    plain = {name: value for name, value in terms.items() if name not in _IN_WORDS}
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
        **plain,
    }
