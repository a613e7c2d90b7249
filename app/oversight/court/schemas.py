"""Bodies of court orders and holds."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import BodyNumber
from app.gateway.read_as_of import AsOf
from app.gateway.views import Confusable, PartyView

HASH = r"^0x[0-9a-fA-F]{64}$"
ADDRESS = r"^0x[0-9a-fA-F]{40}$"
OrderKind = Literal[
    "freeze",
    "unfreeze",
    "forced-transfer",
    "forced-withdrawal",
    "forced-cash-transfer",
    "costs",
    "appoint-regulator",
    "dismiss-regulator",
]


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
    kind: OrderKind = Field(
        description="forced-transfer: of one claim (claimId), or of a party's holdings of a "
        "receivable or a lot (partyId with receivableId or lotId), from the tokens that it holds "
        "when the order is executed. forced-withdrawal: of unclaimed money. forced-cash-transfer: "
        "where the terms of the currency's issuer give a court that power. costs: of enforcement, "
        "which the borrower of a loan then owes without having signed for them."
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
    loanId: BodyNumber | None = Field(
        None, description="For costs: the loan whose borrower bears `value` of them."
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
    left: BodyNumber | None = Field(
        None,
        description="`action.left` as the person saw it: if it has changed since, nothing happens.",
    )


class CourtAction(TypedDict):
    """The call that an order makes on the ledger."""

    contract: Annotated[
        str, Field(description="Name of a contract of the ledger, or the address that is called.")
    ]
    call: Annotated[str, Field(description="The data of the call, in hexadecimal from 0x.")]
    ledgerPartyId: NotRequired[
        Annotated[int, Field(description="The party, in an order over a party's holdings.")]
    ]
    slot: NotRequired[
        Annotated[
            int | None,
            Field(description="The receivable or the lot, in an order over a party's holdings."),
        ]
    ]
    left: NotRequired[
        Annotated[
            int | None,
            Field(description="What is still to be taken, in an order over a party's holdings."),
        ]
    ]


class CourtEffect(TypedDict):
    """What an order does, read from its call."""

    kind: OrderKind
    party: Annotated[
        PartyView | None,
        Field(
            description="The party that the order is about, or that it takes from: the claim's "
            "holder now, the loan's borrower; null: the order is about none."
        ),
    ]
    toParty: Annotated[PartyView | None, Field(description="Who receives; null: nobody.")]
    value: Annotated[
        MoneyView | None, Field(description="The money or the claims that the order moves.")
    ]
    left: Annotated[
        MoneyView | None,
        Field(description="What is still to be taken, in an order over a party's holdings."),
    ]
    quantity: Annotated[str | None, Field(description="The goods that the order moves.")]
    quantityLeft: Annotated[
        str | None, Field(description="The goods that are still to be taken, of a lot.")
    ]
    claimId: int | None
    receivableId: int | None
    lotId: int | None
    loanId: int | None
    account: Annotated[str | None, Field(description="The regulator's account.")]


class CourtOrder(TypedDict):
    """An order on the ledger."""

    id: int
    orderHash: str
    state: Annotated[str, Field(description="issued, executed, cancelled, or lapsed.")]
    issuer: str
    notBefore: str
    lapsesAt: Annotated[str, Field(description="From this time nobody can execute it, UTC.")]
    action: CourtAction
    effect: Annotated[
        CourtEffect | None,
        Field(description="null: the gateway cannot read the call, or it is of another order."),
    ]
    closedBy: str | None
    objector: Annotated[str | None, Field(description="The first of two regulators who cancel it.")]


class CourtOrderPage(TypedDict):
    """A page of orders, newest first."""

    items: list[CourtOrder]
    nextCursor: int | None
    asOf: AsOf


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


class Hold(TypedDict):
    """The last hold of a party."""

    partyId: str | None
    name: Annotated[str | None, Field(description="The party's name; null: not in the directory.")]
    account: Annotated[
        str | None, Field(description="The party's account; null: it has none on the ledger.")
    ]
    confusable: Confusable
    ledgerPartyId: int
    orderHash: str
    regulator: str
    until: str
    inForce: bool
    orderId: Annotated[
        int | None, Field(description="null: no other regulator has confirmed the hold.")
    ]


class HoldPage(TypedDict):
    """Holds, in the order of the parties' numbers on the ledger."""

    items: list[Hold]
    nextCursor: int | None
    asOf: AsOf
