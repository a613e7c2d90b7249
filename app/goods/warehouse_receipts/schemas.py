"""Bodies of lots and warehouse receipts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.quantity import UNIT
from app.gateway.path_types import BodyNumber, Day, Whole
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView
from app.parties.registry.schemas import ADDRESS
from app.trade.claims.schemas import TokenAssignment

HASH = r"^0x[0-9a-fA-F]{64}$"
_PARTY = "01a20b01-b514-70dd-928c-b6cc4f15541b"
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Quantity = Annotated[
    str, Field(max_length=40, description="Decimal text, to the thousandth of the unit.")
]
DocumentRoot = Annotated[
    str | None,
    Field(
        pattern=HASH, description="Merkle root or hash of documents; in its place, give the report."
    ),
]
Report = Annotated[str, Field(max_length=4000, description="Its hash goes on the ledger.")]


class WarehouseReceiptStatement(BaseModel):
    """What the warehouse receipt states beside its terms.

    UNCITRAL/UNIDROIT Model Law on Warehouse Receipts, articles 9 to 11.
    """

    model_config = ConfigDict(extra="forbid")
    goodsDescription: Text = Field(description="Kind and apparent condition of the goods.")
    packages: Text = Field(description="Number and kind of packages; `in bulk` if there are none.")
    marks: Text | None = Field(None, description="Marks that identify the goods.")
    storagePlace: Text = Field(description="Where the goods are stored.")
    issuePlace: Text = Field(description="Where the warehouse receipt is issued.")
    warehouseAddress: Text = Field(description="The operator's place of business.")
    charges: Text = Field(description="Storage and other charges, or how they are computed.")
    lienOfWarehouse: Text | None = Field(
        None, description="What the warehouse may keep the goods for."
    )
    insurance: Text = Field(description="Insurer, policy and sum; or that there is none.")
    storageUntil: Day | None = Field(None, description="End of storage, if agreed.")
    commingled: bool = Field(False, description="Stored together with like goods of others.")
    limitsOfLiability: Text | None = None
    depositorReference: Text | None = None


class NewLot(BaseModel):
    """Goods that a warehouse has taken in, and the terms of their warehouse receipt."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "lotNumber": "BL-2026-0042",
                "depositorPartyId": _PARTY,
                "sku": "06901234567892",
                "grade": "A356.2",
                "unit": "KGM",
                "quantity": "25000.000",
                "storedDate": "2026-03-01",
                "expiryDate": "2028-03-01",
                "negotiable": True,
                "statement": {
                    "goodsDescription": "aluminium alloy ingots, apparently sound",
                    "packages": "25 bundles on pallets",
                    "marks": "heat 7731 to 7755",
                    "storagePlace": "Beilun, hall 4, rows 11 to 13",
                    "issuePlace": "Ningbo",
                    "warehouseAddress": "88 Gangkou Road, Beilun, Ningbo",
                    "charges": "0.35 CNY a tonne and day",
                    "insurance": "all risks, policy BL-889, 600,000 CNY",
                },
            }
        },
    )
    lotNumber: str = Field(
        min_length=1, max_length=100, description="The warehouse's own; used once."
    )
    depositorPartyId: str = Field(description="Who gets the warehouse receipt.")
    sku: str = Field(min_length=1, max_length=100, description="Code of the goods, such as a GTIN.")
    grade: str = Field("", max_length=16, description="Quality as the trade writes it; 16 bytes.")
    unit: str = Field(pattern=UNIT, description="Code of UN/ECE recommendation 20: KGM, H87, …")
    quantity: Quantity
    storedDate: Day
    expiryDate: Day = Field(description="Last day on which the goods are good.")
    negotiable: bool = True
    maxDepth: Whole = Field(16, ge=0, le=64, description="Maximum generations of splitting.")
    orderId: BodyNumber | None = Field(None, description="The order under which they came.")
    statement: WarehouseReceiptStatement


class Inspection(BaseModel):
    """How the warehouse found the goods of a lot."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"condition": "reduced", "report": "two bundles are wet"}},
    )
    condition: Literal["sound", "reduced", "unfit"]
    report: Report = ""
    documentRoot: DocumentRoot = None


class Impairment(BaseModel):
    """Goods of a warehouse receipt that are lost or worthless."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"quantity": "120.000", "report": "crushed in the yard"}},
    )
    quantity: Quantity
    report: Report = ""
    documentRoot: DocumentRoot = None


class NewRelease(BaseModel):
    """Goods that the holder asks for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"quantity": "5000.000"}}
    )
    quantity: Quantity | None = Field(None, description="Default: all of the goods.")
    report: Report = ""
    documentRoot: DocumentRoot = None


class HandOver(BaseModel):
    """The goods that were handed over, and documents such as a delivery note."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "quantity": "5000.000",
                "holderAccount": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
                "report": "delivery note 2026-118",
            }
        },
    )
    quantity: Quantity
    holderAccount: str = Field(
        pattern=ADDRESS,
        description="Who received the goods: `owner.account` of the warehouse receipt. If it has "
        "another quantity or holder by now, nothing happens.",
    )
    report: Report = ""
    documentRoot: DocumentRoot = None


class Acknowledgement(BaseModel):
    """The party to which a non-negotiable warehouse receipt may pass, once."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"toPartyId": _PARTY}})
    toPartyId: str


class WarehouseReceiptPart(BaseModel):
    """A part of a warehouse receipt for one recipient."""

    model_config = ConfigDict(extra="forbid")
    toPartyId: str
    quantity: Quantity
    documentRoot: str | None = Field(None, pattern=HASH)


class NewWarehouseReceiptAssignments(BaseModel):
    """Parts to assign in one step: all of them or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"parts": [{"toPartyId": _PARTY, "quantity": "5000.000"}]}},
    )
    parts: list[WarehouseReceiptPart] = Field(min_length=1, max_length=200)


class WarehouseReceiptMerge(BaseModel):
    """Two warehouse receipts of one holder for one lot."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"warehouseReceiptId": 9, "intoWarehouseReceiptId": 7}},
    )
    warehouseReceiptId: BodyNumber
    intoWarehouseReceiptId: BodyNumber


class WarehouseReceiptLien(BaseModel):
    """The lienholder of a warehouse receipt."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"lienholderPartyId": _PARTY}}
    )
    lienholderPartyId: str


class LienStop(BaseModel):
    """Whether new liens on a warehouse's goods are stopped, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"stopped": True, "reason": "no count for three weeks"}},
    )
    stopped: bool
    reason: str = Field("", max_length=4000, description="Its hash goes on the ledger.")


ItemHash = Annotated[str, Field(description="Hash that names the goods, 0x and 64 digits.")]
RootOrNone = Annotated[
    str | None, Field(description="Root or hash of the documents behind it; null: there is none.")
]


class WarehouseStanding(TypedDict):
    """How a warehouse stands."""

    shortLots: Annotated[int, Field(description="How many of its lots are short.")]
    newLiensStopped: Annotated[bool, Field(description="Whether new liens are stopped.")]


class Lot(TypedDict):
    """A lot as of a block."""

    id: int
    warehouse: PartyView
    standing: Annotated[WarehouseStanding, Field(description="How its warehouse stands.")]
    depositor: Annotated[PartyView, Field(description="The party that stored the goods.")]
    item: ItemHash
    skuHash: Annotated[str, Field(description="Hash of the goods' code, 0x and 64 digits.")]
    grade: str
    unit: str
    condition: str
    issued: str
    released: Annotated[str, Field(description="The quantity that was handed over.")]
    impaired: Annotated[str, Field(description="The quantity that is lost or worthless.")]
    outstanding: str
    counted: str
    countedOn: Annotated[
        str | None, Field(description="The day of the last count; null: there is none.")
    ]
    short: bool
    storedDate: str
    expiryDate: Annotated[str, Field(description="The last day on which the goods are usable.")]
    expired: Annotated[bool, Field(description="Whether that day is over.")]
    negotiable: bool
    maxDepth: Annotated[int, Field(description="Maximum generations of splitting.")]
    orderId: Annotated[
        int | None, Field(description="The order for which it was issued; null: for none.")
    ]
    fingerprint: Annotated[str, Field(description="Keyed hash of warehouse and lot number.")]
    documentRoot: str
    legalTextHash: Annotated[str, Field(description="Hash of the legal text, 0x and 64 digits.")]
    firstWarehouseReceiptId: Annotated[
        int, Field(description="The warehouse receipt that was issued for all of it.")
    ]
    issuedAt: Annotated[str, Field(description="The time when it was issued, UTC.")]


class LotDocuments(TypedDict):
    """What the warehouse receipt states, and where it differs from the ledger."""

    stored: Annotated[bool, Field(description="Whether the gateway holds the documents.")]
    fields: Annotated[dict[str, str], Field(description="The stated fields, by name.")]
    differs: Annotated[list[str], Field(description="Names of the fields that differ.")]


class LotEvent(TypedDict):
    """What happened to a lot's goods."""

    kind: Annotated[str, Field(description="inspected, impaired, released or counted")]
    warehouseReceiptId: Annotated[
        int | None, Field(description="The warehouse receipt; null: the whole lot.")
    ]
    quantity: Annotated[
        str | None, Field(description="The quantity, as decimal text; null: of an inspection.")
    ]
    outstanding: Annotated[
        str | None, Field(description="The quantity that was outstanding at a count.")
    ]
    asOfDate: Annotated[str | None, Field(description="The day of a count.")]
    condition: Annotated[str | None, Field(description="The condition at an inspection.")]
    documentRoot: RootOrNone
    transactionHash: str
    at: str


class LotDetails(Lot):
    """A lot with what its warehouse receipt states and what happened to the goods."""

    documents: Annotated[LotDocuments, Field(description="What its warehouse receipt states.")]
    entries: Annotated[
        list[LotEvent], Field(description="What happened to the goods, oldest first.")
    ]
    asOf: AsOf


class LotPage(TypedDict):
    """A page of lots, newest first."""

    items: list[Lot]
    nextCursor: int | None
    asOf: AsOf


class WarehouseReceipt(TypedDict):
    """A warehouse receipt as of a block."""

    id: int
    lotId: int
    warehouse: PartyView
    owner: PartyView
    quantity: str
    unit: str
    item: ItemHash
    grade: str
    parentId: Annotated[
        int | None,
        Field(description="The one from which it was split; null: it is the first of its lot."),
    ]
    depth: Annotated[
        int, Field(description="Number of splits between the first of its lot and this one.")
    ]
    lienholder: PartyView | None
    releaseRequested: bool
    negotiable: bool
    acknowledgedTo: Annotated[
        PartyView | None,
        Field(description="The party to which the warehouse lets it pass; null: none."),
    ]
    ended: Annotated[str | None, Field(description="How it ended; null: it has not ended.")]
    documentRoot: RootOrNone


class WarehouseReceiptAssignment(TokenAssignment):
    """A warehouse receipt, or a part of one, that passed from one holder to another."""

    fromWarehouseReceiptId: Annotated[
        int, Field(description="The warehouse receipt from which the quantity came.")
    ]
    quantity: str


class WarehouseReceiptStep(TypedDict):
    """A warehouse receipt in a chain of assignment, with one of its assignments."""

    warehouseReceiptId: int
    parentId: Annotated[
        int | None,
        Field(description="The one from which it was split; null: it is the first of its lot."),
    ]
    assignment: Annotated[
        WarehouseReceiptAssignment | None, Field(description="Null: it was never assigned.")
    ]


class WarehouseReceiptDetails(WarehouseReceipt):
    """A warehouse receipt with its lot, what it states, and its chain of assignment."""

    lot: Annotated[Lot, Field(description="The lot of its goods.")]
    documents: Annotated[LotDocuments, Field(description="What it states.")]
    lineage: Annotated[
        list[WarehouseReceiptStep],
        Field(description="Its assignments and those of its ancestors, from the depositor on."),
    ]
    asOf: AsOf


class WarehouseReceiptPage(TypedDict):
    """A page of warehouse receipts, newest first."""

    items: list[WarehouseReceipt]
    nextCursor: int | None
    asOf: AsOf
