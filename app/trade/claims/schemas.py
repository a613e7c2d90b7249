"""Bodies of claims."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import BodyNumber
from app.gateway.read_as_of import AsOf
from app.gateway.sorted_pages import Count, NextCursor
from app.gateway.views import PartyView

HASH = r"^0x[0-9a-fA-F]{64}$"


class Part(BaseModel):
    """A part of a claim for one recipient."""

    model_config = ConfigDict(extra="forbid")
    toPartyId: str
    amount: Money
    documentRoot: str | None = Field(
        None, pattern=HASH, description="Merkle root of the documents behind the assignment."
    )


class NewAssignments(BaseModel):
    """Parts to assign in one step: all of them or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "parts": [
                    {
                        "toPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                        "amount": {"amount": "312500.17", "currency": "CNY"},
                    }
                ]
            }
        },
    )
    parts: list[Part] = Field(min_length=1, max_length=200)


class Merge(BaseModel):
    """Another claim of the same holder on the same receivable."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"intoClaimId": 7}})
    intoClaimId: BodyNumber


class Collections(BaseModel):
    """Claims to collect on in one step."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"claimIds": [7, 9]}})
    claimIds: list[BodyNumber] = Field(min_length=1, max_length=200)


class ClaimLien(BaseModel):
    """The lienholder of a claim."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"lienholderPartyId": "01a20b01-b514-70dd-928c-b6cc4f15541b"}
        },
    )
    lienholderPartyId: str


class Claim(TypedDict):
    """A claim as of a block."""

    id: int
    receivableId: int
    owner: PartyView
    value: Annotated[MoneyView, Field(description="Outstanding, that is, not collected yet.")]
    parentId: int | None
    depth: int
    lienholder: PartyView | None
    burned: bool
    collectedPrincipal: MoneyView
    collectedLateCharge: MoneyView
    documentRoot: Annotated[
        str | None,
        Field(description="Root of the documents behind its last assignment; null: there is none."),
    ]
    dueDate: Annotated[str, Field(description="The due day of its receivable, YYYY-MM-DD.")]


# `from` is no name in Python, so that the class cannot state it.
FromParty = TypedDict(
    "FromParty", {"from": Annotated[PartyView, Field(description="The party that held it.")]}
)


class TokenAssignment(FromParty):
    """A token, or a part of one, that passed from one holder to another."""

    to: Annotated[PartyView, Field(description="The party that received it.")]
    documentRoot: Annotated[
        str | None, Field(description="Root of the documents behind it; null: there is none.")
    ]
    courtOrderHash: Annotated[
        str | None,
        Field(description="Hash of the court order; null: the holder assigned it."),
    ]
    transactionHash: str
    at: str


class ClaimAssignment(TokenAssignment):
    """A claim, or a part of one, that passed from one holder to another."""

    fromClaimId: Annotated[int, Field(description="The claim from which the value came.")]
    value: MoneyView


class ClaimStep(TypedDict):
    """A claim in a chain of assignment, with one of its assignments."""

    claimId: int
    parentId: int | None
    assignment: Annotated[ClaimAssignment | None, Field(description="Null: it was never assigned.")]


class ClaimDetails(Claim):
    """A claim with its chain of assignment."""

    lineage: Annotated[
        list[ClaimStep],
        Field(description="Its assignments and those of its ancestors, from the seller on."),
    ]
    asOf: AsOf


class ClaimPage(TypedDict):
    """A page of claims, in the order that the request names."""

    items: list[Claim]
    nextCursor: NextCursor
    asOf: AsOf
    total: NotRequired[Annotated[Count, Field(description="Only where the request asks for it.")]]


class TreeNode(TypedDict):
    """A claim in the tree of a receivable."""

    claimId: int
    parentId: int | None
    depth: int
    owner: PartyView
    lienholder: PartyView | None
    value: Annotated[MoneyView, Field(description="Outstanding, that is, not collected yet.")]
    collectedPrincipal: MoneyView
    status: Annotated[
        Literal["in-force", "encumbered", "burned"],
        Field(description="`burned`: collected in full, or merged."),
    ]
    createdBlock: Annotated[int, Field(description="The block that minted it.")]
    changedBlock: Annotated[int, Field(description="The block that last changed it.")]


class TreeEdge(FromParty):
    """An assignment in the tree; of one claim to itself where the whole claim was assigned."""

    to: Annotated[PartyView, Field(description="The party that received it.")]
    fromClaimId: Annotated[int, Field(description="The claim from which the value came.")]
    toClaimId: Annotated[int, Field(description="The claim that has it.")]
    value: MoneyView
    courtOrderHash: Annotated[
        str | None,
        Field(description="Hash of the court order; null: the holder assigned it."),
    ]
    transactionHash: str
    blockNumber: int
    at: str


class AssignmentTree(TypedDict):
    """All claims ever issued on a receivable, and who assigned them to whom."""

    receivableId: int
    nodes: Annotated[
        list[TreeNode],
        Field(description="By number, so each comes before its parts; 5,000 at most."),
    ]
    edges: Annotated[list[TreeEdge], Field(description="Oldest first; 10,000 at most.")]
    complete: Annotated[bool, Field(description="Whether both bounds let all of it through.")]
    asOf: AsOf
