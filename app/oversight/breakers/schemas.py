"""Bodies of breakers and their history."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView

Kind = Literal[
    "new-risk-stopped",
    "resumption-proposed",
    "new-risk-resumed",
    "product-added",
    "product-change-proposed",
    "product-changed",
    "product-closed",
    "liens-stopped",
    "liens-allowed",
]


class BreakerVersion(TypedDict):
    """The breaker of one version of a product; facilities keep the version that they have."""

    version: int
    breaker: Annotated[
        int, Field(description="Parts per million of the principal that may be overdue; 0: any.")
    ]
    tripped: Annotated[
        bool, Field(description="Whether draws stop: the share that is overdue is above it.")
    ]


class ProposedVersion(TypedDict):
    """Terms of a product that wait for an operator of another party."""

    proposedBy: Annotated[PartyView, Field(description="The operator.")]
    proposedAt: Annotated[str, Field(description="When, UTC.")]
    termsHash: Annotated[str, Field(description="Hash of the terms, as the ledger has it.")]
    breaker: Annotated[
        int | None,
        Field(description="The breaker that they have; null: another gateway or command sent it."),
    ]


class ProductBreaker(TypedDict):
    """The breaker of a product, and what it measures."""

    productId: int
    code: str
    open: Annotated[bool, Field(description="Whether facilities may be agreed and drawn.")]
    outstanding: Annotated[MoneyView, Field(description="Principal lent under the product.")]
    overdue: Annotated[MoneyView, Field(description="Principal of loans marked as overdue.")]
    overdueShare: Annotated[
        int | None, Field(description="Parts per million, rounded up; null: nothing is lent.")
    ]
    versions: Annotated[list[BreakerVersion], Field(description="The version in force first.")]
    proposal: Annotated[
        ProposedVersion | None, Field(description="What waits; null: nothing does.")
    ]


class LienStopView(TypedDict):
    """A warehouse on whose goods the operator has stopped new liens."""

    warehouse: PartyView
    since: Annotated[str, Field(description="When, UTC.")]
    evidenceHash: Annotated[str, Field(description="Hash of the reason.")]


class Breakers(TypedDict):
    """All breakers as of one block."""

    products: Annotated[list[ProductBreaker], Field(description="In the order of their ids.")]
    lienStops: Annotated[list[LienStopView], Field(description="Those in force, newest first.")]
    asOf: AsOf


class BreakerChange(TypedDict):
    """One change of a breaker or a stop."""

    kind: Kind
    at: str
    productId: int | None
    code: Annotated[str | None, Field(description="Of the product.")]
    version: Annotated[int | None, Field(description="In force after a change of a product.")]
    breaker: Annotated[int | None, Field(description="In force after a change of a product.")]
    warehouse: PartyView | None
    official: Annotated[
        PartyView | None,
        Field(description="Who did it, and approved it; null: the ledger does not name it."),
    ]
    proposer: Annotated[
        PartyView | None, Field(description="Who proposed what a second official approved.")
    ]
    reasonHash: Annotated[str | None, Field(description="Hash of the reason of a stop.")]
    blockNumber: int
    transactionHash: str


class BreakerHistory(TypedDict):
    """A page of changes, newest first."""

    items: list[BreakerChange]
    nextCursor: int | None
    asOf: AsOf
