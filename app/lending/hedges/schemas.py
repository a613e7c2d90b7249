"""Bodies of hedges."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.views import GoodsName, PartyView


class HedgeView(TypedDict):
    """A hedge of a loan's goods, what it counts for now, and why."""

    contractHash: Annotated[str, Field(description="Hash that names its contract.")]
    item: Annotated[str, Field(description="The goods, as they are priced.")]
    goods: Annotated[GoodsName | None, Field(description="The goods; null: they have no name.")]
    quantity: Annotated[str, Field(description="What it hedges, in the goods' unit.")]
    price: Annotated[str, Field(description="The price that it fixes, for one unit.")]
    maxPrice: Annotated[
        str, Field(description="The appraised price when it was recorded; it counts up to it.")
    ]
    lastDate: Annotated[str, Field(description="The last day on which it counts.")]
    venue: Annotated[str, Field(description="Code of the exchange, or LEI of the counterparty.")]
    counterparty: Annotated[
        PartyView | None, Field(description="The counterparty; null: no party of the ledger.")
    ]
    documentRoot: str
    counts: Annotated[
        str,
        Field(
            description="yes; or why not: closed, loan-ended, expired, share-zero (the product "
            "counts none), no-priced-goods (the loan has none, or an older hedge counts for them), "
            "price-not-below (the goods are not cheaper than the hedge); unknown: the chain did "
            "not answer."
        ),
    ]
    counted: Annotated[
        str | None, Field(description="The part of the quantity that the loan has; null: unknown.")
    ]
    adds: Annotated[
        MoneyView | None,
        Field(description="What it adds to the collateral in a margin call; null: unknown."),
    ]
    heldUntil: Annotated[
        str | None,
        Field(
            description="Of a hedge that ended: the last day on which it still counts against a "
            "liquidation at once; null: it has not ended."
        ),
    ]
