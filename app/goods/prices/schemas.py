"""Bodies of prices."""

from __future__ import annotations

import datetime
from typing import Annotated, NotRequired

from pydantic import BaseModel, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.chain.evm.hashing import ZERO_HASH
from app.chain.evm.typed_data import TypedData
from app.domain.quantity import UNIT
from app.gateway.operations.schemas import Operation
from app.gateway.path_types import Whole
from app.gateway.read_as_of import AsOf
from app.gateway.views import GoodsName, PartyView

ITEM = r"^([A-Z]{3}|0x[0-9a-fA-F]{64})$"
CURRENCY = r"^[A-Z]{3}$"
HASH = r"^0x[0-9a-fA-F]{64}$"
MAX_PRICES = 500
Item = Annotated[
    str, Field(pattern=ITEM, description="A currency's code, or the hash that names goods.")
]


class Goods(BaseModel):
    """Goods by their code, grade and unit; the gateway hashes these into the item."""

    model_config = ConfigDict(extra="forbid")
    sku: str = Field(
        min_length=1, max_length=100, description="As the lots' warehouse receipts state it."
    )
    grade: str = Field("", max_length=16)
    unit: str = Field(pattern=UNIT, description="Code of UN/ECE recommendation 20.")


class NewListing(BaseModel):
    """Items that appraisers may price, and how far one appraiser alone may move a price."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "items": ["USD"],
                "goods": [{"sku": "06901234567892", "grade": "A356.2", "unit": "KGM"}],
                "currency": "CNY",
                "maxJump": 50_000,
                "maxAgeSeconds": 259_200,
            }
        },
    )
    items: list[Item] = Field([], max_length=MAX_PRICES)
    goods: list[Goods] = Field([], max_length=MAX_PRICES)
    currency: str = Field(pattern=CURRENCY)
    maxJump: Whole = Field(
        ge=0, le=1_000_000, description="Parts per million in 24 hours, by one appraiser alone."
    )
    maxAgeSeconds: Whole = Field(
        ge=0, le=2**32 - 1, description="An older price does not count; 0 unlists the items."
    )


class NewPrice(BaseModel):
    """The price of one unit of an item."""

    model_config = ConfigDict(extra="forbid")
    item: Item
    currency: str = Field(pattern=CURRENCY)
    price: str = Field(max_length=40, description="Decimal, for one unit of the item.")
    haircut: Whole = Field(0, ge=0, le=1_000_000, description="Parts per million.")
    asOf: datetime.datetime | None = Field(None, description="Time of the price; default: now.")
    validHours: Whole = Field(24, ge=1, le=87_600)
    evidence: str = Field(ZERO_HASH, pattern=HASH, description="Hash of the calculation.")


class NewPrices(BaseModel):
    """Prices to post in one step."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"prices": [{"item": "USD", "currency": "CNY", "price": "7.1234"}]}
        },
    )
    prices: list[NewPrice] = Field(min_length=1, max_length=MAX_PRICES)


class PriceConfirmation(BaseModel):
    """The price of an item that a second appraiser confirms, exactly as it was shown."""

    model_config = ConfigDict(extra="forbid")
    item: Item
    currency: str = Field(pattern=CURRENCY)
    priceHash: str = Field(
        pattern=HASH,
        description="Names price, haircut, times and evidence: `priceHash` of a price that waits, "
        "or, while one waits, of the price in force.",
    )


class PriceWithdrawal(BaseModel):
    """A price that the appraiser's own party proposed, exactly as it was shown."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "item": "USD",
                "currency": "CNY",
                "priceHash": "0x223b5a56651d7ce88c50c6a38de2813879a22384a6c84e473e56c7dfb25d3db8",
            }
        },
    )
    item: Item
    currency: str = Field(pattern=CURRENCY)
    priceHash: str = Field(
        pattern=HASH,
        description="`priceHash` of a price that waits: if another one waits, nothing happens.",
    )


class Confirmations(BaseModel):
    """Prices that a second appraiser confirms."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "item": "USD",
                        "currency": "CNY",
                        "priceHash": "0x"
                        "223b5a56651d7ce88c50c6a38de2813879a22384a6c84e473e56c7dfb25d3db8",
                    }
                ]
            }
        },
    )
    items: list[PriceConfirmation] = Field(min_length=1, max_length=MAX_PRICES)


PricedItem = Annotated[
    str, Field(description="The priced item: a currency's code, or the hash that names goods.")
]
PriceText = Annotated[str, Field(description="Decimal text, for one unit of the item.")]
Haircut = Annotated[int, Field(description="Parts per million.")]
PriceTime = Annotated[str, Field(description="The time of the price, UTC.")]
PriceEnd = Annotated[str, Field(description="The time until which the price counts, UTC.")]
PriceEvidence = Annotated[
    str, Field(description="Hash of the calculation behind it, 0x and 64 digits.")
]


class Price(TypedDict):
    """A price that an appraiser posted or proposed."""

    item: PricedItem
    currency: str
    price: PriceText
    haircut: Haircut
    appraiser: Annotated[PartyView, Field(description="The appraiser who posted it.")]
    inForce: Annotated[
        bool, Field(description="Whether it came into force; otherwise it was only proposed.")
    ]
    asOf: PriceTime
    validUntil: PriceEnd
    evidence: PriceEvidence
    priceHash: Annotated[
        str,
        Field(description="The ledger's hash of all that was posted; a confirmation names it."),
    ]
    transactionHash: str
    postedAt: Annotated[str, Field(description="The time when the ledger took it, UTC.")]


class PricePage(TypedDict):
    """Prices, newest first."""

    items: list[Price]
    nextCursor: int | None
    asOf: AsOf


class WaitingPrices(TypedDict):
    """Prices that wait for a second appraiser, newest first."""

    items: list[Price]
    asOf: AsOf


class PriceItem(TypedDict):
    """An item that may be priced, with its guards."""

    item: PricedItem
    goods: Annotated[
        GoodsName | None,
        Field(description="The goods; null: it is a currency, or the goods are not known here."),
    ]
    currency: str
    maxJump: Annotated[
        int, Field(description="Parts per million in 24 hours, by one appraiser alone.")
    ]
    maxAgeSeconds: Annotated[int, Field(description="An older price does not count.")]


class ItemPage(TypedDict):
    """Items with their guards."""

    items: list[PriceItem]
    asOf: AsOf


class ValuationFigure(TypedDict):
    """A figure of a valuation, with its formula and its inputs."""

    name: str
    value: Annotated[int | None, Field(description="Null: the history does not give it.")]
    unit: Annotated[str, Field(description="The unit of its value.")]
    formula: Annotated[str, Field(description="How it is computed from its inputs.")]
    inputs: Annotated[dict[str, int], Field(description="The numbers in the formula, by name.")]
    grade: Annotated[
        str | None, Field(description="The grade that it gives by itself; null: it gives none.")
    ]
    rule: Annotated[str | None, Field(description="The limit behind its grade; null: no grade.")]


class ValuationPrice(TypedDict):
    """The price that a valuation gives the ledger."""

    item: PricedItem
    currency: str
    price: PriceText
    haircut: Haircut
    asOf: PriceTime
    validUntil: PriceEnd
    evidence: PriceEvidence


@with_config(
    ConfigDict(
        json_schema_extra={
            "example": {
                "goods": {"sku": "06901234567892", "grade": "A356.2", "unit": "KGM"},
                "item": "0x223b5a56651d7ce88c50c6a38de2813879a22384a6c84e473e56c7dfb25d3db8",
                "currency": "CNY",
                "asOfDate": "2026-02-28",
                "value": "18.5",
                "grade": "B",
                "haircut": 550_000,
                "fallsAfterDays": 14,
                "evidence": "0x…",
                "figures": [{"name": "gap", "value": 6, "unit": "days", "grade": "B"}],
                "operation": None,
            }
        }
    )
)
class ValuationAnswer(TypedDict):
    """The value of goods, every figure explained, and the price for the ledger."""

    id: str
    goods: Annotated[GoodsName, Field(description="The goods.")]
    item: PricedItem
    currency: str
    asOfDate: str
    value: Annotated[str, Field(description="Of one unit, in the currency.")]
    grade: Annotated[str, Field(description="A to E; goods of grade E back no loan.")]
    haircut: Haircut
    fallsAfterDays: int
    evidence: PriceEvidence
    figures: list[ValuationFigure]
    price: Annotated[ValuationPrice, Field(description="The price for the ledger.")]
    operation: NotRequired[
        Annotated[
            Operation | None,
            Field(description="The operation that posts the price; null: it was not asked for."),
        ]
    ]
    typedData: NotRequired[TypedData]
