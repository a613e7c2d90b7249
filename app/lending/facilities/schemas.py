"""Bodies of proposals and facilities."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.operations.schemas import Operation
from app.gateway.path_types import SIGNATURE, SIGNATURE_LENGTH, BodyNumber, Day, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.rules import RuleWarning
from app.gateway.signing import DraftView
from app.gateway.views import PartyView
from app.lending.collateral.schemas import BuyBackUndertaking
from app.lending.evidence.schemas import Trade
from app.lending.views import EffectiveRatesField, PartsView

EndEvent = Literal["overdue", "default", "tier"]
HoursField = Annotated[
    int,
    Field(description="Hours from the announcement of a large draw to the draw; 0: none waits."),
]
FreeField = Annotated[
    MoneyView,
    Field(description="What may be drawn within these hours without an announcement."),
]
EventsField = Annotated[list[str], Field(description="Events that end the commitment to lend.")]


class NewProposal(BaseModel):
    """A facility that a lender offers to a borrower under a product; both sign its terms."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "productId": 1,
                "borrowerPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "annualRate": 72000,
                "limit": {"amount": "1000000.00", "currency": "CNY"},
                "lastDate": "2099-12-31",
            }
        },
    )
    productId: BodyNumber
    borrowerPartyId: str
    entrusterPartyId: str | None = Field(
        None, description="The party whose money is lent, for an entrusted loan."
    )
    annualRate: Whole = Field(
        ge=0,
        le=1_000_000,
        description="Parts per million a year; of a floating rate the highest one.",
    )
    spread: Whole = Field(
        0,
        ge=-1_000_000,
        le=1_000_000,
        description="What is added to the reference of a floating rate, in parts per million; it "
        "may be negative.",
    )
    flatFee: Money | None = Field(
        None, description="Service fee of each draw; it falls due with the first instalment."
    )
    drawFee: Whole = Field(
        0,
        ge=0,
        le=200_000,
        description="Share of each draw that is a service fee, in parts per million.",
    )
    periodicFee: Whole = Field(
        0,
        ge=0,
        le=200_000,
        description="Share of the principal that runs on a due day, charged with each instalment, "
        "in parts per million.",
    )
    administrationFee: Whole = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Share of interest for the administering bank, in parts per million.",
    )
    limit: Money
    deposit: Money | None = Field(None, description="What the borrower pays in before it draws.")
    firstDate: Day | None = Field(None, description="Today when left out.")
    lastDate: Day = Field(description="Last day to draw, inclusive.")
    coolingOffAmount: Money | None = Field(
        None,
        description="What may be drawn within `coolingOffHours` without an announcement; "
        "nothing when left out.",
    )
    coolingOffHours: Whole = Field(
        0,
        ge=0,
        le=720,
        description="Hours from the announcement of a larger draw to the draw; "
        "0: no draw is announced.",
    )
    endEvents: list[EndEvent] = Field(
        [],
        description="Events that end the commitment to lend: `overdue` or `default` of any loan of "
        "the borrower, until you renew it; a worse or stale `tier`, while it lasts.",
    )
    correctionDays: Whole = Field(
        30,
        ge=0,
        le=30,
        description="Days after a recording in which the lender alone may correct a payment "
        "outside the ledger to the borrower's disadvantage.",
    )


class ProposalSignature(BaseModel):
    """A party's own signature; left out when the gateway holds its key."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"signature": None}})
    signature: str | None = Field(None, pattern=SIGNATURE, max_length=SIGNATURE_LENGTH)


class LargeDraw(BaseModel):
    """A draw that the borrower announces, or that the lender allows at once."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"amount": {"amount": "20000.00", "currency": "CNY"}}},
    )
    amount: Money


class AcceptedDebtor(BaseModel):
    """Whether a lender accepts debts of a party as collateral of a facility."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"debtorPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b", "accepted": True}
        },
    )
    debtorPartyId: str
    accepted: bool = True


class Proposal(DraftView):
    """A proposal of a facility; its state is waiting, under-way or agreed."""

    missing: Annotated[list[str], Field(description="Roles whose signature is not there yet.")]
    productId: int
    version: int
    lender: PartyView
    borrower: PartyView
    entruster: NotRequired[PartyView]
    annualRate: int
    spread: int
    flatFee: Annotated[MoneyView, Field(description="Service fee of each draw.")]
    drawFee: Annotated[
        int, Field(description="Share of each draw that is a service fee, in millionths.")
    ]
    periodicFee: Annotated[
        int,
        Field(
            description="Share of the principal that runs on a due day, charged with each "
            "instalment, in millionths."
        ),
    ]
    effectiveAnnualRates: EffectiveRatesField
    administrationFee: int
    limit: MoneyView
    deposit: MoneyView
    firstDate: str
    lastDate: str
    coolingOffAmount: FreeField
    coolingOffHours: HoursField
    endEvents: EventsField
    correctionDays: int
    warnings: Annotated[
        list[RuleWarning], Field(description="What the rule set says of the product's tenors.")
    ]
    operation: NotRequired[Operation]


class ProposalPage(TypedDict):
    """A page of proposals, newest first."""

    items: list[Proposal]
    nextCursor: str | None


class AnnouncedDraw(TypedDict):
    """A draw that the borrower announced and has not drawn yet."""

    amount: MoneyView
    drawableFrom: Annotated[str, Field(description="The time from which it may be drawn, UTC.")]
    drawableUntil: Annotated[str, Field(description="The time at which it lapses, UTC.")]


class DebtLimit(TypedDict):
    """A limit on draws: what may be owed, what is owed of it, and what is free."""

    kind: Annotated[
        str,
        Field(
            description="facility; trade; or over all facilities of the borrower: tier, "
            "rule-set, group."
        ),
    ]
    limit: MoneyView
    used: Annotated[MoneyView, Field(description="The amount that counts towards the limit.")]
    free: Annotated[MoneyView, Field(description="The amount that may still be drawn under it.")]


class Facility(TypedDict):
    """A facility as of a block."""

    id: int
    productId: int
    version: int
    lender: PartyView
    borrower: PartyView
    entruster: PartyView | None
    annualRate: int
    spread: int
    flatFee: Annotated[MoneyView, Field(description="Service fee of each draw.")]
    drawFee: Annotated[
        int, Field(description="Share of each draw that is a service fee, in millionths.")
    ]
    periodicFee: Annotated[
        int,
        Field(
            description="Share of the principal that runs on a due day, charged with each "
            "instalment, in millionths."
        ),
    ]
    effectiveAnnualRates: EffectiveRatesField
    administrationFee: int
    limit: MoneyView
    outstanding: MoneyView
    drawn: MoneyView
    deposit: MoneyView
    depositHeld: MoneyView
    firstDate: str
    lastDate: str
    coolingOffAmount: FreeField
    coolingOffHours: HoursField
    endEvents: EventsField
    suspendedBy: Annotated[
        list[str], Field(description="Sides that have suspended draws: lender, entruster.")
    ]
    announcedDraw: Annotated[
        AnnouncedDraw | None, Field(description="The announced draw; null: there is none.")
    ]
    correctionDays: int
    legalTextHash: str
    closed: bool
    originId: Annotated[
        int | None,
        Field(
            description="The facility on which its loans were drawn before its lender bought them; "
            "null: they are drawn on it."
        ),
    ]


class FacilityDetails(Facility):
    """A facility, with its limits, its buy-back undertaking and the accepted debtors."""

    buyBack: BuyBackUndertaking | None
    acceptedDebtors: list[PartyView]
    limits: Annotated[
        list[DebtLimit], Field(description="Limits on its draws, in the facility's currency.")
    ]
    trade: Annotated[
        Trade | None,
        Field(description="The trade that bounds what may be owed; null: none does."),
    ]
    borrowerInDefault: Annotated[
        bool,
        Field(description="Whether a loan of the borrower is in default, in any facility."),
    ]


class FacilityPage(TypedDict):
    """A page of facilities, newest first."""

    items: list[Facility]
    nextCursor: int | None
    asOf: AsOf


class Bill(TypedDict):
    """Purchases that fall due on the same day."""

    dueDate: str
    loanIds: list[int]
    billed: MoneyView
    owed: MoneyView


class AccountEntry(TypedDict):
    """A movement of money on a facility."""

    date: str
    loanId: int
    kind: str
    payer: PartyView | None
    paid: PartsView
    outstandingOfLoan: MoneyView
    outstanding: Annotated[
        MoneyView, Field(description="The facility's outstanding principal after it.")
    ]
    transactionHash: str


class AccountStatement(TypedDict):
    """A facility's limit, its bills by due date, and each movement of money."""

    facility: Facility
    bills: Annotated[list[Bill], Field(description="Purchases that fall due on the same day.")]
    entries: Annotated[
        list[AccountEntry], Field(description="Oldest first, each with what is owed after it.")
    ]
    asOf: AsOf
