"""Bodies of loans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import BodyNumber, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.rules import RuleWarning
from app.gateway.views import PartyView
from app.lending.classes.schemas import RiskClass
from app.lending.collateral.schemas import MAX_ITEMS, GoodsCollateral, GoodsPortfolio, NewItem
from app.lending.filings.schemas import Filing
from app.lending.views import PartsView

StyleName = Literal[
    "bullet", "equal-principal", "equal-instalment", "billing-cycle", "interest-only"
]

AfterPrepaymentName = Literal["pay-ahead", "shorten-term", "lower-instalment"]

LoanStatus = Literal["running", "defaulted", "written-off", "repaid"]


class NewDraw(BaseModel):
    """Money to be drawn on a facility."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "amount": {"amount": "80000.00", "currency": "CNY"},
                "style": "bullet",
                "tenor": 60,
                "collateralId": 7,
            }
        },
    )
    amount: Money
    style: StyleName = "bullet"
    tenor: Whole = Field(
        0, ge=0, le=3660, description="Days for a bullet, months for instalments, 0 for a bill."
    )
    dueDayOfMonth: Whole = Field(
        0,
        ge=0,
        le=28,
        description="For instalments: the day of the month on which they fall due, 1 to 28; "
        "0: by the day of the draw.",
    )
    afterPrepayment: AfterPrepaymentName = Field(
        "pay-ahead",
        description="For instalments: what an early repayment of principal does. "
        "pay-ahead: it counts for the next instalment. shorten-term: the instalments stay, and the "
        "last ones fall away. lower-instalment: the instalments get smaller. In the last ten days "
        "before a due day it counts for that instalment first.",
    )
    collateralId: BodyNumber | None = Field(
        None, description="The claim or order, whichever the product takes."
    )
    items: list[NewItem] = Field(
        [],
        max_length=MAX_ITEMS,
        description="For a loan on goods: warehouse receipts, and claims if any.",
    )


class Repayment(BaseModel):
    """What to pay; the ledger takes at most what is owed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "20000.00", "currency": "CNY"}}},
    )
    amount: Money


class RepaymentOfMany(BaseModel):
    """What to pay on several loans of one facility, in this order; at most what is owed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "loanIds": [3, 4],
                "amount": {"amount": "20000.00", "currency": "CNY"},
            }
        },
    )
    loanIds: list[BodyNumber] = Field(min_length=1, max_length=50)
    amount: Money


class Instalments(BaseModel):
    """Turns a bill's purchases into instalments."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"months": 3}})
    months: Whole = Field(ge=1, le=60)
    renounced: Money | None = Field(
        None,
        description="The most of payments outside the ledger, recorded on the purchase, that you "
        "owe again: in instalments the lender could not correct them any more. It records anew "
        "what came.",
    )


class FloatingRateView(TypedDict):
    """How a loan's rate follows a reference; rates are in parts per million a year."""

    reference: Annotated[str, Field(description="Short name of the reference.")]
    referenceRate: Annotated[
        int, Field(description="The reference's rate of the draw or of the last reset.")
    ]
    spread: Annotated[int, Field(description="What is added to it; may be negative.")]
    floor: Annotated[int, Field(description="The lowest rate of the loan.")]
    cap: Annotated[int, Field(description="The highest rate of the loan.")]
    nextResetDate: Annotated[str, Field(description="The day from which the next rate counts.")]
    rateDue: Annotated[
        bool,
        Field(
            description="Whether that day has come: amounts are at the old rate until the reset, "
            "and change back to that day."
        ),
    ]


class LoanFields(TypedDict):
    """What every answer shows of a loan: what is due today, and the payoff."""

    id: int
    facilityId: int
    productId: int
    lender: PartyView
    borrower: PartyView
    status: str
    style: str
    annualRate: Annotated[int, Field(description="The rate now, in parts per million a year.")]
    floating: Annotated[
        FloatingRateView | None,
        Field(description="How the rate follows a reference; null: it is fixed."),
    ]
    drawn: MoneyView
    outstanding: MoneyView
    due: Annotated[PartsView, Field(description="The amount due today.")]
    payoff: Annotated[PartsView, Field(description="The amount that repays the loan today.")]
    startDate: str
    lastDueDate: str
    daysPastDue: int
    daysLost: Annotated[
        int, Field(description="Days that do not count, because the currency was stopped.")
    ]
    markedOverdue: bool
    classification: Annotated[
        RiskClass | None,
        Field(
            description="The class by risk by the rule set of its product; null: it is repaid, or "
            "the rule set has no classes."
        ),
    ]
    restructured: Annotated[int, Field(description="How often it got new terms.")]
    writtenOff: Annotated[
        MoneyView,
        Field(description="Principal that the lender wrote off in its books; it is still owed."),
    ]
    overpaid: Annotated[
        MoneyView, Field(description="What was posted and is not owed; the lender pays it back.")
    ]
    loss: MoneyView
    lossAbsorbed: Annotated[
        MoneyView, Field(description="The part of the loss that others bore than the lender.")
    ]


class LoanCollateral(TypedDict):
    """What secures a loan that is not on goods."""

    kind: str
    id: Annotated[int | None, Field(description="Of the claim or order; null: there is none.")]


class Loan(LoanFields):
    """A loan as of a day."""

    collateral: LoanCollateral


class Instalment(TypedDict):
    """What falls due on one day, if the borrower pays everything due before."""

    number: int
    date: str
    interest: MoneyView
    principal: MoneyView
    service: MoneyView
    total: MoneyView
    outstanding: MoneyView


class InstalmentQuote(TypedDict):
    """What a purchase on a bill would cost in instalments."""

    loanId: int
    firstDate: Annotated[str, Field(description="The bill's due day, from which interest runs.")]
    amount: MoneyView
    renounced: Annotated[
        MoneyView,
        Field(
            description="Payments outside the ledger, recorded on the purchase, that you renounce "
            "with it; `amount` is with them."
        ),
    ]
    annualRate: int
    effectiveAnnualRate: Annotated[
        int | None,
        Field(
            description="From the bill's due day on, in millionths, by Directive 2008/48/EC, "
            "Annex I; null if there is none."
        ),
    ]
    schedule: list[Instalment]
    totalInterest: MoneyView
    totalRepaid: MoneyView
    asOf: AsOf


class RepaymentQuote(TypedDict):
    """What a payment on a day would do to a loan, if nothing is paid until then."""

    loanId: int
    date: Annotated[str, Field(description="The day of the payment.")]
    parts: Annotated[PartsView, Field(description="Where the payment goes.")]
    notTaken: Annotated[
        MoneyView, Field(description="The part that the ledger leaves with the payer.")
    ]
    due: Annotated[PartsView, Field(description="What is still due on that day after it.")]
    payoff: Annotated[PartsView, Field(description="What would end the loan that day after it.")]
    outstanding: Annotated[MoneyView, Field(description="Principal owed after it.")]
    schedule: Annotated[
        list[Instalment],
        Field(description="What falls due later, if what is still due is paid that day."),
    ]
    interestWithout: Annotated[
        MoneyView,
        Field(description="Interest to pay from that day on without the payment, all in time."),
    ]
    interestWith: Annotated[
        MoneyView, Field(description="The same with the payment, its own interest included.")
    ]
    interestSaved: Annotated[
        MoneyView, Field(description="What the payment saves of it; its fee is in `parts`.")
    ]
    asOf: AsOf


class LoanEntry(TypedDict):
    """Something that happened to a loan."""

    kind: str
    date: str
    payer: PartyView | None
    costs: MoneyView
    penalty: MoneyView
    interest: MoneyView
    principal: MoneyView
    fee: MoneyView
    service: MoneyView
    outstanding: MoneyView
    details: Annotated[Mapping[str, Any], Field(description="The rest, which depends on `kind`.")]
    transactionHash: str
    at: str


class LoanDetails(LoanFields):
    """A loan with its collateral, its schedule, and what happened."""

    collateral: GoodsCollateral | LoanCollateral
    effectiveAnnualRate: Annotated[
        int | None,
        Field(
            description="Of the terms as drawn, or of the instalments that a bill was turned into, "
            "in millionths, by Directive 2008/48/EC, Annex I; null if there is none."
        ),
    ]
    schedule: Annotated[list[Instalment], Field(description="What falls due from today on.")]
    entries: list[LoanEntry]
    filings: Annotated[
        list[Filing],
        Field(description="Filings of its liens in a public register, newest first."),
    ]
    warnings: Annotated[
        list[RuleWarning],
        Field(description="What its rule set says of its tenor and asks of its filing."),
    ]
    asOf: AsOf


class LoanPage(TypedDict):
    """A page of loans, newest first."""

    items: list[Loan]
    nextCursor: int | None
    asOf: AsOf


class LoanTermsView(TypedDict):
    """Terms of a loan; rates and `penaltyMultiple` are in millionths."""

    style: str
    startDate: str
    dueDate: Annotated[
        str | None, Field(description="The one due date of a loan that is repaid at once.")
    ]
    periods: int
    annualRate: int
    dayCount: Annotated[int, Field(description="Days of a year for interest.")]
    penaltyMultiple: int
    penaltyOnInterest: bool
    graceDays: int
    earlyFee: int
    flatFee: Annotated[str, Field(description="Service fee of the draw, in minor units.")]
    drawFee: Annotated[
        int, Field(description="Share of the draw that is a service fee, in millionths.")
    ]
    periodicFee: Annotated[
        int,
        Field(
            description="Share of the principal that runs on a due day, charged with each "
            "instalment, in millionths."
        ),
    ]
    sameDayInterest: bool
    monthsPerPeriod: int
    principalGrace: int
    interestGrace: int
    afterPrepayment: str
    dueDates: list[str]


class PaidText(TypedDict):
    """The parts of a payment as decimal text, and their sum."""

    costs: str
    penalty: str
    interest: str
    principal: str
    fee: Annotated[str, Field(description="For early repayment.")]
    service: Annotated[str, Field(description="Service fees.")]
    total: str


# `from` is a keyword of Python, so the class syntax cannot name it.
_From = TypedDict(
    "_From",
    {"from": Annotated[str | None, Field(description="The first day of a run of interest.")]},
)


class StatementLine(_From):
    """A line of a loan's statement; amounts are decimal text."""

    kind: Annotated[
        str,
        Field(
            description="`run`: interest runs; `penalty-run`: penalty runs; `due`: an instalment "
            "falls due; or what happened to the loan, such as `repaid`, `costs` or `defaulted`."
        ),
    ]
    date: str
    number: Annotated[int | None, Field(description="The instalment's number.")]
    principal: Annotated[
        str,
        Field(
            description="In a run: the amount that bears interest or penalty; else what was drawn, "
            "what falls due, or the costs charged."
        ),
    ]
    days: int
    sumOfDays: Annotated[str, Field(description="Minor units of `principal` times days.")]
    interest: str
    fees: Annotated[
        str, Field(description="Service fees of the draw, or that fall due with the instalment.")
    ]
    annualRate: Annotated[
        int | None,
        Field(description="The new rate of a `rate-reset`, in parts per million; else null."),
    ]
    interestPaidBefore: str
    penaltySumOfDays: Annotated[str, Field(description="Minor units that bear penalty times days.")]
    paid: Annotated[PaidText | None, Field(description="The parts of a payment.")]
    forgiven: Annotated[
        PaidText | None, Field(description="What the lender gave up: waived, or by new terms.")
    ]
    capitalised: Annotated[str, Field(description="Interest that became principal.")]
    outstanding: str
    due: Annotated[PaidText, Field(description="What is due and unpaid after the line.")]


class StatementFactor(TypedDict):
    """A number from which an amount is computed."""

    name: str
    value: Annotated[str, Field(description="Decimal text.")]
    unit: Annotated[
        str,
        Field(
            description="The currency, `minor units x days`, `days`, `millionths` or `number`.",
        ),
    ]


class StatementFigure(TypedDict):
    """How one amount is computed: `amount` is `rounded` less `less`, within the rule's bounds."""

    name: str
    date: str
    rule: Annotated[str, Field(description="The computation, with the names of its factors.")]
    factors: Annotated[list[StatementFactor], Field(description="The numbers that the rule names.")]
    exact: Annotated[
        str,
        Field(
            description="The result before it is rounded, in the currency, with eight digits more "
            "than the currency has; the digits after them are cut."
        ),
    ]
    rounded: Annotated[str, Field(description="The exact result in whole minor units.")]
    less: Annotated[str, Field(description="What is subtracted from the rounded result.")]
    amount: Annotated[str, Field(description="The amount, as decimal text.")]


class StatementShare(TypedDict):
    """A share of what the loan's lender gets, as of the day of the statement."""

    participant: PartyView
    since: Annotated[str, Field(description="The day on which it was sold.")]
    share: Annotated[int, Field(description="Parts per million.")]
    price: str
    joinedAt: Annotated[str, Field(description="The loan's proceeds at the sale.")]
    proceeds: Annotated[
        str, Field(description="What the lender got since the first participation, without costs.")
    ]
    paid: str
    due: Annotated[
        str,
        Field(description="The share of the proceeds since the sale, rounded down, less `paid`."),
    ]


class LoanStatement(TypedDict):
    """A loan's statement as of a day: each amount, and how it is computed."""

    currency: str
    date: Annotated[str, Field(description="The day as of which it is true.")]
    effectiveAnnualRate: Annotated[
        int | None,
        Field(
            description="The effective annual rate of the terms as drawn, in millionths, by "
            "Directive 2008/48/EC, Annex I; null if there is none."
        ),
    ]
    due: Annotated[PaidText, Field(description="The amount due on the day.")]
    payoff: Annotated[PaidText, Field(description="The amount that repays the loan on the day.")]
    overdueSince: Annotated[
        str | None,
        Field(description="The due date since which something due is unpaid; null: nothing is."),
    ]
    daysPastDue: int
    classification: Annotated[
        RiskClass | None, Field(description="The class by risk on the day; null: none.")
    ]
    figures: Annotated[
        list[StatementFigure], Field(description="How each amount is computed, oldest first.")
    ]
    floating: Annotated[
        FloatingRateView | None,
        Field(description="How the rate follows a reference; null: it is fixed."),
    ]
    terms: Annotated[LoanTermsView, Field(description="The terms as drawn.")]
    rule: Annotated[str, Field(description="How interest is computed, in words.")]
    lines: list[StatementLine]
    participations: Annotated[
        list[StatementShare],
        Field(
            description="For the lender and who sees all each of them, for a participant its own; "
            "for everybody else none."
        ),
    ]
    asOf: AsOf


_Class = TypedDict("_Class", {"class": Annotated[str, Field(description="A range of days.")]})


class PortfolioClass(_Class):
    """Loans of one currency in one class of days."""

    currency: str
    loans: int
    outstanding: MoneyView


class Portfolio(TypedDict):
    """What is lent, by age and by maturity, and the collateral of loans on goods."""

    ageing: list[PortfolioClass]
    maturities: list[PortfolioClass]
    goods: list[GoodsPortfolio]
    asOf: AsOf
