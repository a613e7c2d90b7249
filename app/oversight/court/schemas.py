"""Bodies of court orders and holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import NumberGiven

HASH = r"^0x[0-9a-fA-F]{64}$"
ADDRESS = r"^0x[0-9a-fA-F]{40}$"


class NewCourtOrder(BaseModel):
    """What a court has ordered."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "kind": "freeze",
                "orderHash": "0xabababababababababababababababababababababababababababababababab",
                "partyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
            }
        },
    )
    kind: Literal[
        "freeze",
        "unfreeze",
        "forced-transfer",
        "forced-withdrawal",
        "forced-cash-transfer",
        "appoint-regulator",
        "dismiss-regulator",
    ] = Field(
        description="forced-transfer: of one claim (claimId), or of what a party holds of a "
        "receivable or a lot (partyId with receivableId or lotId), whichever tokens that is when "
        "the order is carried out. forced-withdrawal: of unclaimed money. forced-cash-transfer: "
        "where the terms of the currency's issuer say that a court reaches it."
    )
    orderHash: str = Field(pattern=HASH, description="Of the order itself.")
    partyId: str | None = Field(None, description="Whom it is about.")
    claimId: NumberGiven | None = Field(None, description="Which claim to transfer.")
    receivableId: NumberGiven | None = None
    lotId: NumberGiven | None = None
    toPartyId: str | None = None
    value: Money | None = Field(None, description="The whole claim when left out.")
    quantity: NumberGiven | None = Field(None, description="Of a lot, in thousandths of the unit.")
    contract: (
        Literal["Receivables", "Facilities", "RiskReserve", "Campaigns", "ClaimMarket"] | None
    ) = Field(None, description="Where the unclaimed money is.")
    account: str | None = Field(None, pattern=ADDRESS, description="Of a regulator.")


class Execution(BaseModel):
    """How an order over what a party holds is carried out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"tokenIds": [7, 9]}})
    tokenIds: list[NumberGiven] | None = Field(
        None, max_length=500, description="What the party holds now, the largest first, if not."
    )
    value: NumberGiven | None = Field(
        None, description="In the token's smallest parts; all that is left of the order if not."
    )


class CourtOrder(BaseModel):
    """An order on the ledger."""

    id: int
    orderHash: str
    state: str = Field(description="issued, executed, cancelled, or lapsed.")
    issuer: str
    notBefore: str
    lapsesAt: str = Field(description="Nobody carries it out from then on.")
    action: dict[str, Any]
    closedBy: str | None
    objector: str | None = Field(description="The first of two regulators who want it cancelled.")


class CourtOrderPage(BaseModel):
    """A page of orders, newest first."""

    items: list[CourtOrder]
    nextCursor: int | None
    asOf: dict[str, Any]


class NewHold(BaseModel):
    """A party to be held at once, for 72 hours."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "partyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "orderHash": "0xabababababababababababababababababababababababababababababababab",
            }
        },
    )
    partyId: str
    orderHash: str = Field(pattern=HASH, description="Of the order that is expected or known.")


class HoldConfirmation(BaseModel):
    """The order, with the same hash, for which the hold goes on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"orderId": 3}})
    orderId: NumberGiven


class Hold(BaseModel):
    """The last hold of a party."""

    partyId: str | None
    ledgerPartyId: int
    orderHash: str
    regulator: str
    until: str
    inForce: bool
    orderId: int | None = Field(description="None until another regulator confirmed it.")


class HoldPage(BaseModel):
    """Holds, by the parties' numbers on the ledger."""

    items: list[Hold]
    nextCursor: int | None
    asOf: dict[str, Any]
