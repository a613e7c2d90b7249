"""How the parts of a payment, and effective annual rates, look in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.catalogue import STYLES
from app.domain.draw_terms import NO_FEES, DrawFees
from app.domain.loan import Parts
from app.domain.money import currency_in
from app.domain.product_terms import ProductTerms
from app.domain.rate_examples import rate_examples
from app.gateway.money import MoneyView, money_view


class PartsView(TypedDict):
    """The parts of a payment, and their sum."""

    costs: MoneyView
    penalty: MoneyView
    interest: MoneyView
    principal: MoneyView
    fee: Annotated[MoneyView, Field(description="For early repayment.")]
    service: Annotated[MoneyView, Field(description="Service fees.")]
    total: MoneyView


def parts_view(parts: Parts, *, currency: str) -> PartsView:
    """The parts of a payment in one currency."""

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    return {
        "costs": money(parts.costs),
        "penalty": money(parts.penalty),
        "interest": money(parts.interest),
        "principal": money(parts.principal),
        "fee": money(parts.fee),
        "service": money(parts.service),
        "total": money(parts.total),
    }


class EffectiveRate(TypedDict):
    """The effective annual rate of one draw."""

    style: str
    tenor: Annotated[
        int, Field(description="Days for a bullet, months for instalments, 0 for a bill.")
    ]
    effectiveAnnualRate: Annotated[
        int | None,
        Field(
            description="All costs as a rate of a year, in millionths, by Directive 2008/48/EC, "
            "Annex I; null if there is none."
        ),
    ]


EffectiveRatesField = Annotated[
    list[EffectiveRate],
    Field(
        description="The effective annual rates of the shortest and the longest draw of each "
        "style, if the whole limit is drawn at once and each amount is paid on its due day."
    ),
]


def effective_rates(
    terms: ProductTerms, *, annual_rate: int, limit: int, fees: DrawFees = NO_FEES
) -> list[EffectiveRate]:
    """The effective annual rates of draws under terms.

    Args:
        limit: of the facility; where it is in another currency, the programme's limit is drawn.
    """
    amount = limit if currency_in(terms["limitCurrency"]) is None else terms["programmeLimit"]
    return [
        {
            "style": STYLES[example.style],
            "tenor": example.tenor,
            "effectiveAnnualRate": example.rate,
        }
        for example in rate_examples(terms, annual_rate=annual_rate, amount=amount, fees=fees)
    ]
