"""Bodies of court orders and holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import BodyNumber

HASH = r"^0x[0-9a-fA-F]{64}$"
ADDRESS = r"^0x[0-9a-fA-F]{40}$"


class NewCourtOrder(BaseModel):
    """A court order."""

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
        description="forced-transfer: of one claim (claimId), or of a party's holdings of a "
        "receivable or a lot (partyId with receivableId or lotId), from the tokens that it holds "
        "when the order is executed. forced-withdrawal: of unclaimed money. forced-cash-transfer: "
        "where the terms of the currency's issuer give a court that power."
    )
    orderHash: str = Field(pattern=HASH, description="Hash of the court's order.")
    partyId: str | None = Field(None, description="The party that the order is about.")
    claimId: BodyNumber | None = Field(None, description="The claim to transfer.")
    receivableId: BodyNumber | None = None
    lotId: BodyNumber | None = None
    toPartyId: str | None = None
    value: Money | None = Field(None, description="If left out: the whole claim.")
    quantity: BodyNumber | None = Field(
        None, description="Quantity of a lot, in thousandths of the unit."
    )
    contract: (
        Literal["Receivables", "Facilities", "RiskReserve", "Campaigns", "ClaimMarket"] | None
    ) = Field(None, description="The contract that holds the unclaimed money.")
    account: str | None = Field(None, pattern=ADDRESS, description="The regulator's account.")


class Execution(BaseModel):
    """How an order over a party's holdings is executed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"tokenIds": [7, 9]}})
    tokenIds: list[BodyNumber] | None = Field(
        None,
        max_length=500,
        description="If left out: the tokens that the party holds now, the largest first.",
    )
    value: BodyNumber | None = Field(
        None,
        description="In the token's smallest units; if left out: all that remains of the order.",
    )


class CourtOrder(BaseModel):
    """An order on the ledger."""

    id: int
    orderHash: str
    state: str = Field(description="issued, executed, cancelled, or lapsed.")
    issuer: str
    notBefore: str
    lapsesAt: str = Field(description="From this time nobody can execute it, UTC.")
    action: dict[str, Any]
    closedBy: str | None
    objector: str | None = Field(description="The first of two regulators who cancel it.")


class CourtOrderPage(BaseModel):
    """A page of orders, newest first."""

    items: list[CourtOrder]
    nextCursor: int | None
    asOf: dict[str, Any]


class NewHold(BaseModel):
    """A party to hold at once, for 72 hours."""

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
    orderHash: str = Field(pattern=HASH, description="Hash of the expected or known order.")


class HoldConfirmation(BaseModel):
    """The order for which the hold continues; it has the same hash."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"orderId": 3}})
    orderId: BodyNumber


class Hold(BaseModel):
    """The last hold of a party."""

    partyId: str | None
    ledgerPartyId: int
    orderHash: str
    regulator: str
    until: str
    inForce: bool
    orderId: int | None = Field(description="null: no other regulator has confirmed the hold.")


class HoldPage(BaseModel):
    """Holds, in the order of the parties' numbers on the ledger."""

    items: list[Hold]
    nextCursor: int | None
    asOf: dict[str, Any]
