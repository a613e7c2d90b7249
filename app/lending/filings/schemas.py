"""Bodies of filings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import Day
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView
from app.lending.collateral.schemas import CollateralItem

NUMBER = r"^[A-Z0-9-]{4,32}$"
Subject = Literal["loan", "claim"]
_NUMBER_WORDS = "The register's number: 4 to 32 digits, capital letters or hyphens."


class NewFiling(BaseModel):
    """A filing that the caller made in the public register, or its amendment."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "number": "07912345001234567890",
                "date": "2026-11-27",
                "endDate": "2027-11-27",
                "securedAmount": {"amount": "987654.31", "currency": "CNY"},
            }
        },
    )
    number: str = Field(pattern=NUMBER, description=_NUMBER_WORDS)
    date: Day = Field(description="The day of the filing or of the amendment.")
    endDate: Day = Field(description="The last day on which the filing holds.")
    securedAmount: Money


class Discharge(BaseModel):
    """The discharge of a filing in the public register."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"number": "07912345001234567899", "date": "2026-12-30"}},
    )
    number: str = Field(pattern=NUMBER, description=_NUMBER_WORDS)
    date: Day


class Filing(TypedDict):
    """A filing as of a block."""

    id: int
    subject: Annotated[str, Field(description="What it is for: loan or claim.")]
    subjectId: int
    registrant: Annotated[PartyView, Field(description="Whose right it is.")]
    grantor: Annotated[PartyView, Field(description="Against whom it is filed.")]
    number: Annotated[str, Field(description="The number of the filing or its last amendment.")]
    date: str
    endDate: str
    securedAmount: MoneyView
    status: Annotated[str, Field(description="standing, ended or discharged.")]
    dischargeNumber: str | None
    dischargedDate: str | None
    transactionHash: str


class FilingEntry(TypedDict):
    """One step of a filing: recorded, amended or discharged."""

    kind: str
    number: str
    date: str
    endDate: str | None
    securedAmount: MoneyView | None
    transactionHash: str
    at: str


class FilingDetails(Filing):
    """A filing with its history, oldest first."""

    entries: list[FilingEntry]
    asOf: AsOf


class FilingPage(TypedDict):
    """A page of filings, newest first."""

    items: list[Filing]
    nextCursor: int | None
    asOf: AsOf


class FilingSide(TypedDict):
    """A party as the register asks for it."""

    name: str | None
    legalIdScheme: str | None
    legalId: str | None
    account: str


class FilingProperty(CollateralItem, total=False):
    """A claim, goods or an order that is filed."""

    debtor: PartyView
    faceAmount: MoneyView
    dueDate: str
    invoiceNumber: Annotated[
        str | None, Field(description="Null if the gateway does not have the invoice.")
    ]
    fingerprint: str
    documentRoot: str


class FilingFields(TypedDict):
    """The fields of a filing, for the lender to enter in the public register."""

    register: Annotated[
        str | None, Field(description="The register; null: the rule set names none.")
    ]
    required: Annotated[bool, Field(description="Whether the rule set asks for the filing.")]
    reference: Annotated[str, Field(description="What the lender may enter as its own reference.")]
    kind: Annotated[
        str,
        Field(description="factoring, claim-lien, order-lien or warehouse-receipt-lien."),
    ]
    registrant: FilingSide
    grantor: FilingSide
    securedAmount: MoneyView
    startDate: Annotated[str, Field(description="The first day of the debt that is secured.")]
    dueDate: Annotated[str, Field(description="The last day on which it falls due.")]
    months: Annotated[
        int, Field(description="The shortest time in half years that reaches beyond the due day.")
    ]
    endDate: Annotated[str, Field(description="The last day of that time, if filed today.")]
    property: list[FilingProperty]
    asOf: AsOf
