"""Bodies of limits and of lenders' own figures. Shares are parts per million."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.portfolio.limits import Base, LenderKind, Reason, Verdict
from app.gateway.money import Money, MoneyView
from app.gateway.path_types import Day
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView
from app.oversight.portfolio.limits.enforcement import EnforcedBy

HASH = r"^0x[0-9a-fA-F]{64}$"
TableKind = Literal["json", "csv", "xlsx"]
Unit = Literal["parts-per-million", "days", "months", "days-of-a-year", "money"]
_UNKNOWN = "null: unknown."


class NewOwnFunds(BaseModel):
    """What a lender states of itself, in one currency; what is unknown is left out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "lenderKind": "bank",
                "asOf": "2026-09-30",
                "netCapital": {"amount": "5000000000.00", "currency": "CNY"},
                "tierOneCapital": {"amount": "4200000000.00", "currency": "CNY"},
                "provisions": {"amount": "90000000.00", "currency": "CNY"},
                "source": "return on own funds of the third quarter",
            }
        },
    )
    lenderKind: LenderKind = Field(description="Whose ratios count.")
    asOf: Day = Field(description="The day as of which the figures are true.")
    netCapital: Money | None = Field(None, description=f"Net capital; {_UNKNOWN}")
    tierOneCapital: Money | None = Field(None, description=f"Net tier-one capital; {_UNKNOWN}")
    netAssets: Money | None = Field(None, description=f"Net assets; {_UNKNOWN}")
    riskAssets: Money | None = Field(None, description=f"Risk assets; {_UNKNOWN}")
    provisions: Money | None = Field(
        None,
        description="Set aside for losses in the lender's books, beside its reserve on the ledger; "
        + _UNKNOWN,
    )
    source: str = Field(min_length=1, max_length=400, description="Where the figures are from.")
    documentHash: str | None = Field(
        None, pattern=HASH, description="Of the document that they are from; null: there is none."
    )


class OwnFunds(TypedDict):
    """What a lender stated of itself: its own word, which nobody checked."""

    id: Annotated[str, Field(description="The statement.")]
    lenderPartyId: Annotated[str, Field(description="Who stated it.")]
    lenderKind: Annotated[LenderKind, Field(description="Whose ratios count.")]
    currency: Annotated[str, Field(description="Of all figures, ISO 4217.")]
    asOfDate: Annotated[str, Field(description="The day as of which the figures are true.")]
    netCapital: Annotated[MoneyView | None, Field(description=_UNKNOWN)]
    tierOneCapital: Annotated[MoneyView | None, Field(description=_UNKNOWN)]
    netAssets: Annotated[MoneyView | None, Field(description=_UNKNOWN)]
    riskAssets: Annotated[MoneyView | None, Field(description=_UNKNOWN)]
    provisions: Annotated[MoneyView | None, Field(description=_UNKNOWN)]
    source: Annotated[str, Field(description="Where the figures are from.")]
    documentHash: Annotated[
        str | None, Field(description="Of the document that they are from; null: there is none.")
    ]
    statedBy: Annotated[str, Field(description="The label of the key that stated it.")]
    statedAt: Annotated[str, Field(description="UTC, RFC 3339.")]


class OwnFundsPage(TypedDict):
    """A page of statements, newest first."""

    items: list[OwnFunds]
    nextCursor: str | None


class LimitView(TypedDict):
    """One limit of a rule set with its figure now."""

    ruleSet: Annotated[str, Field(description="Its name.")]
    ruleSetVersion: Annotated[int, Field(description="The version of its file.")]
    term: Annotated[
        str,
        Field(
            description="As in the rule set: annual_rate.max …, or a ratio: own-money, "
            "single-name, group, single-debtor, reserve."
        ),
    ]
    lenderKind: Annotated[
        LenderKind | None, Field(description="The kind of lender that a ratio is for; null: any.")
    ]
    currency: Annotated[str | None, Field(description="null: the limit counts no money.")]
    unit: Annotated[Unit, Field(description="Of figure, min and max.")]
    figure: Annotated[int | None, Field(description="In the unit; null: unknown, or money.")]
    min: Annotated[int | None, Field(description="In the unit; null: there is none.")]
    max: Annotated[int | None, Field(description="In the unit; null: none, or money.")]
    amount: Annotated[
        MoneyView | None,
        Field(description="What is compared: of the largest name, own money, the reserve."),
    ]
    of: Annotated[
        Base | Literal["lent"] | None, Field(description="What the amount is a share of.")
    ]
    ofAmount: Annotated[MoneyView | None, Field(description="null: unknown, or no share.")]
    ownFigure: Annotated[
        Base | None, Field(description="The figure of the lender that the ratio needs.")
    ]
    maxAmount: Annotated[MoneyView | None, Field(description="The limit, if it is money.")]
    used: Annotated[
        int | None,
        Field(description="Parts per million of the limit; above a million it is broken."),
    ]
    verdict: Annotated[
        Verdict,
        Field(
            description="kept: as far as this ledger shows. warned: above a bound of which the "
            "rule set only warns. not-judged: see reason."
        ),
    ]
    reason: Annotated[Reason | None, Field(description="Why it is not judged.")]
    party: Annotated[PartyView | None, Field(description="The name that the figure is of.")]
    group: Annotated[int | None, Field(description="The group that the figure is of.")]
    loanId: Annotated[int | None, Field(description="The loan that goes furthest.")]
    enforcedBy: Annotated[
        EnforcedBy, Field(description="Who holds the limit; report: nobody on the ledger.")
    ]
    enforcement: Annotated[str, Field(description="Who holds the limit, and how.")]
    source: Annotated[str, Field(description="The source of the limit.")]
    lawyer: Annotated[bool, Field(description="Whether a lawyer must confirm it.")]


class LegalLimits(TypedDict):
    """The limits of the rule sets that a lender's loans come under."""

    lenderPartyId: Annotated[str, Field(description="The lender.")]
    limits: Annotated[list[LimitView], Field(description="By rule set; ratios last.")]
    ownFunds: Annotated[
        list[OwnFunds], Field(description="The statements that count, one for each currency.")
    ]
    asOf: AsOf
