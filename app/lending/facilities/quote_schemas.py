"""Bodies of quotes: what a draw would cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.read_as_of import AsOf
from app.lending.loans.schemas import Instalment, LoanTermsView, NewDraw


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


class DrawWarning(TypedDict):
    """Why the ledger would refuse the draw today."""

    name: Annotated[
        str, Field(description="A short name, such as limit-exceeded, or the ledger's own error.")
    ]
    detail: str
    fix: str | None


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
    totalInterest: MoneyView
    totalFees: Annotated[MoneyView, Field(description="Service fees.")]
    totalCost: Annotated[MoneyView, Field(description="What is repaid beyond what was paid out.")]
    totalRepaid: MoneyView
    warnings: Annotated[
        list[DrawWarning],
        Field(description="Why the ledger would refuse the draw today; empty: nothing known."),
    ]
    asOf: AsOf
