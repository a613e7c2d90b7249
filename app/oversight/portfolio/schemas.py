"""Bodies of the portfolio's figures. Shares and rates are parts per million."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

BucketName = Literal[
    "current",
    "overdue-to-thirty-days",
    "overdue-to-sixty-days",
    "overdue-to-ninety-days",
    "overdue-over-ninety-days",
    "defaulted",
    "lost",
    "repaid",
]
Grouping = Literal["tier", "product"]
Naming = Literal["borrower", "group", "debtor", "product"]
FileKind = Literal["json", "csv", "xlsx", "svg"]
ShockName = Literal["prices", "defaults", "delay", "sales", "together"]
Part = Annotated[int, Field(description="Parts per million.")]
OptionalPart = Annotated[int | None, Field(description="Parts per million; null: unknown.")]
LeftOut = Annotated[
    int,
    Field(
        description="Loans that these figures leave out, because the index does not know how late "
        "they were in the past."
    ),
]


class RollTarget(TypedDict):
    """What of a bucket's loans is in another bucket a month later."""

    bucket: BucketName
    loans: int
    amount: Annotated[MoneyView, Field(description="Principal at the first month's end.")]
    rate: Annotated[int, Field(description="Share of the amount, in parts per million.")]


class RollSource(TypedDict):
    """Loans of one bucket at a month's end; the rates of its targets add up to a million."""

    bucket: BucketName
    targets: list[RollTarget]


class RollMonth(TypedDict):
    """From one month's end to the next; without dates, all months together."""

    fromDate: str | None
    toDate: str | None
    buckets: list[RollSource]


class CurrencyRolls(TypedDict):
    """Roll rates of the loans in one currency."""

    currency: str
    months: Annotated[list[RollMonth], Field(description="Oldest first; the last is their sum.")]
    leftOut: LeftOut


class RollRates(TypedDict):
    """Roll rates: where the loans of a bucket stand a month later."""

    currencies: list[CurrencyRolls]
    asOf: AsOf


class VintageAge(TypedDict):
    """What had happened by so many months since each draw; shares of what was drawn."""

    months: int
    overdue: MoneyView
    overdueShare: Part
    defaulted: MoneyView
    defaultedShare: Part
    lost: MoneyView
    lostShare: Part


class VintageCurve(TypedDict):
    """The loans that were drawn in one quarter."""

    quarter: Annotated[str, Field(description="Such as 2026-Q3.")]
    loans: int
    drawn: MoneyView
    ages: Annotated[
        list[VintageAge], Field(description="Up to the age that the youngest loan has reached.")
    ]


class CurrencyVintages(TypedDict):
    """Vintages of the loans in one currency."""

    currency: str
    vintages: Annotated[list[VintageCurve], Field(description="Oldest first.")]
    leftOut: LeftOut


class Vintages(TypedDict):
    """Vintage curves: what became of the loans of a quarter."""

    currencies: list[CurrencyVintages]
    asOf: AsOf


class ExpectedLoss(TypedDict):
    """The expected loss of a tier's or a product's loans in the next 365 days."""

    tier: Annotated[
        int | None, Field(description="Credit tier on the day of the draw; 0: none was in force.")
    ]
    productId: int | None
    loans: int
    exposure: Annotated[MoneyView, Field(description="Principal that is not in default.")]
    inDefault: Annotated[MoneyView, Field(description="Principal in default, not lost yet.")]
    observedLoans: Annotated[int, Field(description="Loans drawn at least 365 days ago.")]
    observedDefaults: Annotated[int, Field(description="Those in default within 365 days.")]
    rateFrom: Annotated[
        Literal["group", "book", "none"],
        Field(description="Whose rate of default counts; none: no loan is old enough."),
    ]
    defaultRate: OptionalPart
    defaultRateUpper: Annotated[
        int | None, Field(description="The upper end of the rate at 95 %, by Wilson's bound.")
    ]
    expectedLoss: MoneyView | None
    expectedLossUpper: MoneyView | None


class CurrencyLosses(TypedDict):
    """Expected losses of the loans in one currency."""

    currency: str
    lossSeverity: Part
    lossSeverityFrom: Annotated[
        Literal["observed", "assumed"],
        Field(description="assumed: no default has ended, so the request's assumption counts."),
    ]
    resolvedDefaults: Annotated[int, Field(description="Defaults that ended.")]
    groups: list[ExpectedLoss]
    leftOut: LeftOut


class ExpectedLosses(TypedDict):
    """Expected losses by tier or by product."""

    currencies: list[CurrencyLosses]
    asOf: AsOf


class ConcentrationName(TypedDict):
    """What is owed under one name."""

    party: Annotated[PartyView | None, Field(description="null: a group or a product.")]
    group: Annotated[int | None, Field(description="Number of the group on the ledger.")]
    productId: int | None
    amount: MoneyView
    share: Annotated[int, Field(description="Of all names together, in parts per million.")]


class CurrencyConcentration(TypedDict):
    """Concentration of the loans in one currency."""

    currency: str
    total: Annotated[MoneyView, Field(description="Principal under all names.")]
    unnamed: Annotated[MoneyView, Field(description="Principal without such a name.")]
    count: Annotated[int, Field(description="Number of names.")]
    herfindahlIndex: Annotated[
        int | None,
        Field(description="Sum of the squares of all shares, a million for one name; null: none."),
    ]
    names: Annotated[list[ConcentrationName], Field(description="The largest first.")]
    others: Annotated[MoneyView, Field(description="Principal under names that are not listed.")]
    othersShare: Part


class Concentrations(TypedDict):
    """Which part of what is owed hangs on one name."""

    currencies: list[CurrencyConcentration]
    asOf: AsOf


class ReserveNeedView(TypedDict):
    """What a product's loans need in reserve, beside what is held."""

    productId: int
    currency: str
    outstanding: MoneyView
    reserveShare: Annotated[int, Field(description="The share of each draw set aside.")]
    byVolume: MoneyView
    lossRate: OptionalPart
    byHistory: MoneyView | None
    worstQuarter: str | None
    worstLossRate: OptionalPart
    byWorstQuarter: MoneyView | None
    needed: Annotated[MoneyView, Field(description="The larger of byVolume and byHistory.")]
    held: Annotated[
        MoneyView,
        Field(description="The lender's own balance on the ledger; of all lenders with the pool."),
    ]
    pool: Annotated[
        MoneyView,
        Field(description="For the losses of all lenders: not part of what one lender holds."),
    ]
    shortfall: MoneyView


class ReserveNeeds(TypedDict):
    """Reserve needed against reserve held, by product."""

    products: list[ReserveNeedView]
    asOf: AsOf


class ShockEffect(TypedDict):
    """What a shock does."""

    shock: ShockName
    loans: Annotated[int, Field(description="Loans that lose something.")]
    exposure: Annotated[MoneyView, Field(description="Their principal.")]
    loss: MoneyView
    unknown: Annotated[
        MoneyView, Field(description="Principal of loans about which too little is known.")
    ]


class BucketShift(TypedDict):
    """Principal of a bucket, today and after the delay."""

    bucket: BucketName
    today: MoneyView
    afterDelay: MoneyView


class CurrencyStress(TypedDict):
    """The stress test of the loans in one currency."""

    currency: str
    outstanding: MoneyView
    reserveHeld: MoneyView
    notReserved: Annotated[MoneyView, Field(description="Loss above the reserve held.")]
    effects: list[ShockEffect]
    buckets: list[BucketShift]
    defaulting: Annotated[
        list[ConcentrationName], Field(description="Who defaults: the largest first.")
    ]


class StressTest(TypedDict):
    """What shocks would cost the book as it is."""

    lossSeverity: Part
    currencies: list[CurrencyStress]
    asOf: AsOf
