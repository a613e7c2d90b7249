"""Due days as the ledger moves them to business days."""

from __future__ import annotations

import dataclasses
from typing import Any

from app.domain.draw_terms import shifted
from app.domain.loan import SERVICE_FEES, LoanTerms
from app.domain.product_terms import ProductTerms
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.naming import camel


async def on_business_days(gateway: Gateway, product: ProductTerms, terms: LoanTerms) -> LoanTerms:
    """The terms of a new loan, with its due days on business days if the product says so.

    Raises:
        ChainError.
    """
    if not product["businessDays"]:
        return terms
    return shifted(terms, int(await call(gateway, "Products", "shifts", [_argument(terms)])))


def _argument(terms: LoanTerms) -> dict[str, Any]:
    """The terms as the contracts take them: `LoanMath.Terms`."""
    values = {
        field.name: getattr(terms, field.name)
        for field in dataclasses.fields(terms)
        if field.name not in SERVICE_FEES
    }
    return {camel(name): value for name, value in values.items()} | {"shifts": 0}
