"""Bodies of quotes: what a draw would cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.path_types import Day
from app.gateway.read_as_of import AsOf
from app.lending.loans.schemas import Instalment, LoanTermsView, NewDraw
from app.lending.views import PartsView


class QuoteRequest(NewDraw):
    """A draw that somebody asks about; without collateral, the collateral is not checked."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "amount": {"amount": "80000.00", "currency": "CNY"},
                "style": "bullet",
                "tenor": 60,
            }
        },
    )
    repaidOn: Day | None = Field(
        None, description="A day on which the loan is repaid whole, beside those in `payoffs`."
    )


class DrawWarning(TypedDict):
    """Why the ledger would refuse the draw today."""

    name: Annotated[
        str, Field(description="A short name, such as limit-exceeded, or the ledger's own error.")
    ]
    detail: str
    fix: str | None


class DrawPayoff(TypedDict):
    """What repays the loan whole on a day, if each amount that falls due before is paid then."""

    date: str
    payoff: Annotated[PartsView, Field(description="What is paid on that day.")]
    cost: Annotated[
        MoneyView,
        Field(description="What is paid up to and on that day beyond what was paid out."),
    ]


class DrawQuote(TypedDict):
    """What a draw of today would cost if each amount is paid on its due day."""

    facilityId: int
    date: Annotated[str, Field(description="The day of the draw.")]
    amount: Annotated[MoneyView, Field(description="The principal, which bears interest.")]
    paidOut: Annotated[MoneyView, Field(description="What the borrower gets on that day.")]
    annualRate: Annotated[int, Field(description="In millionths.")]
    effectiveAnnualRate: Annotated[
        int | None,
        Field(
            description="All costs as a rate of a year, in millionths, by Directive 2008/48/EC, "
            "Annex I; null if there is none."
        ),
    ]
    terms: LoanTermsView
    schedule: Annotated[list[Instalment], Field(description="What falls due when.")]
    payoffs: Annotated[
        list[DrawPayoff],
        Field(
            description="What repays the loan early: by weeks, of more than 91 days by months, on "
            "the last due day, and on `repaidOn`."
        ),
    ]
    totalInterest: MoneyView
    totalFees: Annotated[MoneyView, Field(description="Service fees.")]
    totalCost: Annotated[MoneyView, Field(description="What is repaid beyond what was paid out.")]
    totalRepaid: MoneyView
    warnings: Annotated[
        list[DrawWarning],
        Field(description="Why the ledger would refuse the draw today; empty: nothing known."),
    ]
    asOf: AsOf
