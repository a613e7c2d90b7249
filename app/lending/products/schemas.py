"""Bodies of products."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.catalogue import DocumentKind
from app.domain.product_terms import GoodsTerms
from app.gateway.money import MoneyView
from app.gateway.path_types import Whole
from app.gateway.read_as_of import AsOf
from app.gateway.rules import RuleWarning
from app.lending.views import EffectiveRate


class NewBreaker(BaseModel):
    """The share of a product's principal that may be overdue before draws stop."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"breaker": 80_000}})
    breaker: Whole = Field(
        ge=0, le=1_000_000, description="In parts per million of what is outstanding; 0: any."
    )


class FloatingRate(TypedDict):
    """How the rate of a product's loans follows a reference; `minRate` and `maxRate` bound it."""

    reference: Annotated[str, Field(description="Short name of the reference.")]
    minSpread: Annotated[
        int, Field(description="The least that a facility adds to the reference; may be negative.")
    ]
    maxSpread: Annotated[int, Field(description="The most that a facility adds to it.")]
    resetMonths: Annotated[
        int, Field(description="Months from the draw to the first reset, and between resets.")
    ]


class FeeTerms(TypedDict):
    """The most that the service fees of a product's loans may be."""

    maxFlatFee: Annotated[MoneyView, Field(description="Of each draw.")]
    maxDrawFee: Annotated[int, Field(description="Share of each draw.")]
    maxPeriodicFee: Annotated[
        int,
        Field(description="Share of the principal that runs on a due day, with each instalment."),
    ]
    maxTotalCost: Annotated[
        int | None,
        Field(
            description="The most that interest and fees of a loan with fees may be in 365 days; "
            "null: no cap."
        ),
    ]


class TradeTerms(TypedDict):
    """The trade of a window of months, a share of which may be owed."""

    basis: Annotated[
        Literal["declarations", "reports"],
        Field(description="Accepted customs declarations, or reports of a platform."),
    ]
    share: Annotated[int, Field(description="The share of the trade that may be owed.")]
    months: Annotated[int, Field(description="Calendar months of trade that count.")]
    measure: Annotated[
        Literal["sum", "mean"],
        Field(description="A share of the sum of the months, or of their mean."),
    ]


class Product(TypedDict):
    """A product in the version in force; rates and shares are in parts per million."""

    id: int
    code: str
    version: int
    open: bool
    currency: str
    funding: Annotated[str, Field(description="Whose money is lent: bank, platform or entrusted.")]
    collateral: Annotated[
        str, Field(description="What secures a loan: none, claim, order or warehouse-receipt.")
    ]
    cycle: Annotated[str, Field(description="When a bill is closed: none, weekly or monthly.")]
    styles: Annotated[list[str], Field(description="Styles of repayment that a draw may take.")]
    months: Annotated[list[int], Field(description="Tenors in months that a draw may take.")]
    borrowerLimit: Annotated[
        MoneyView, Field(description="The maximum of one borrower's limits under the product.")
    ]
    programmeLimit: Annotated[
        MoneyView, Field(description="The maximum principal that all borrowers together may owe.")
    ]
    goods: Annotated[
        GoodsTerms | None,
        Field(description="Terms of margin calls and auctions; null: loans have no margin calls."),
    ]
    floating: Annotated[
        FloatingRate | None,
        Field(description="How the rate follows a reference; null: it is fixed."),
    ]
    fees: Annotated[
        FeeTerms | None,
        Field(description="The most that service fees may be; null: there are none."),
    ]
    documents: Annotated[
        list[list[DocumentKind]],
        Field(description="The documents that a draw needs: one kind of each list; empty: none."),
    ]
    documentsAccepted: Annotated[
        bool, Field(description="Whether the lender or its attester must accept them first.")
    ]
    maxDocumentDays: Annotated[
        int, Field(description="The maximum age of a document in days; 0: any age.")
    ]
    trade: Annotated[
        TradeTerms | None,
        Field(description="The trade that bounds what may be owed under a facility; null: none."),
    ]
    revolving: Annotated[
        bool, Field(description="Whether an amount that is repaid can be drawn again.")
    ]
    penaltyOnInterest: Annotated[
        bool, Field(description="Whether overdue interest bears the penalty too.")
    ]
    sameDayInterest: Annotated[
        bool,
        Field(description="Whether a loan repaid on the day of its draw costs one day's interest."),
    ]
    businessDays: Annotated[
        bool, Field(description="Whether a due day that is a day off moves to a business day.")
    ]
    graceDays: Annotated[int, Field(description="Days after a due day without penalty.")]
    freeDays: Annotated[int, Field(description="Days from a bill's closing day to its due day.")]
    maxFreeDays: Annotated[
        int,
        Field(
            description="Days from a purchase on a bill to its due day at most, days off aside; "
            "0: there are no bills."
        ),
    ]
    monthsPerPeriod: int
    principalGrace: int
    interestGrace: int
    minRate: Annotated[int, Field(description="The minimum annual rate.")]
    maxRate: Annotated[int, Field(description="The maximum annual rate.")]
    effectiveAnnualRates: Annotated[
        list[EffectiveRate],
        Field(
            description="At the maximum rate: the effective annual rates of the shortest and the "
            "longest draw of each style, of one borrower's limit, paid as it falls due."
        ),
    ]
    dayCount: Annotated[int, Field(description="Days of a year for interest: 360 or 365.")]
    penaltyMultiple: Annotated[
        int, Field(description="The penalty as a multiple of the annual rate, in millionths.")
    ]
    earlyFee: Annotated[
        int, Field(description="Share of principal that is repaid before it is due.")
    ]
    minDays: Annotated[int, Field(description="The minimum tenor of a bullet loan in days.")]
    maxDays: Annotated[int, Field(description="The maximum tenor of a bullet loan in days.")]
    minTier: Annotated[
        int, Field(description="The credit tier that a borrower needs, 1 to 5; 0: none.")
    ]
    maxTierAge: Annotated[
        int, Field(description="The maximum age of the credit tier in days; 0: any age.")
    ]
    minTradeDays: Annotated[int, Field(description="Days that a borrower must have traded.")]
    advanceRate: Annotated[
        int, Field(description="The share of the collateral's value that may be lent.")
    ]
    debtorShare: Annotated[
        int,
        Field(
            description="The maximum share of the programme's limit on debts of one debtor; 0: any."
        ),
    ]
    reserveShare: Annotated[
        int, Field(description="The share of a draw that the lender pays to the reserve.")
    ]
    reservePooled: Annotated[
        bool, Field(description="Whether all lenders share one reserve; false: one for each.")
    ]
    breaker: Annotated[
        int, Field(description="The share of overdue principal above which draws stop; 0: never.")
    ]
    ruleSet: Annotated[
        str | None,
        Field(description="The rule set whose limits hold over all its products; null: none."),
    ]
    ruleSetLimit: Annotated[
        MoneyView | None,
        Field(
            description="The maximum that one borrower may owe under all products of the rule set; "
            "null: any."
        ),
    ]
    groupLimit: Annotated[
        MoneyView | None,
        Field(description="The same for all borrowers under one control; null: any."),
    ]
    legalTextHash: Annotated[str, Field(description="Hash of the legal text that governs it.")]
    ruleSetHash: Annotated[str, Field(description="Hash of the rules that its terms obey.")]
    warnings: Annotated[
        list[RuleWarning], Field(description="What its rule set says of its longest tenor.")
    ]


class ProductPage(TypedDict):
    """The catalogue."""

    items: list[Product]
    asOf: AsOf
