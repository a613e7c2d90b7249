"""Bodies of lots and receipts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.quantity import UNIT
from app.gateway.path_types import Day, NumberGiven

HASH = r"^0x[0-9a-fA-F]{64}$"
_PARTY = "01a20b01-b514-70dd-928c-b6cc4f15541b"
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Quantity = Annotated[
    str, Field(max_length=40, description="Decimal text, to the thousandth of the unit.")
]
PapersRoot = Annotated[
    str | None,
    Field(pattern=HASH, description="Merkle root or hash of papers; else that of the report."),
]
Report = Annotated[str, Field(max_length=4000, description="Its hash goes on the ledger.")]


class ReceiptStatement(BaseModel):
    """What the receipt states beside its terms (UNCITRAL/UNIDROIT Model Law, articles 9 to 11)."""

    model_config = ConfigDict(extra="forbid")
    goodsDescription: Text = Field(description="Kind and apparent condition of the goods.")
    packages: Text = Field(description="Number and kind of packages; `in bulk` where none.")
    marks: Text | None = Field(None, description="Marks by which the goods are told apart.")
    storagePlace: Text = Field(description="Where the goods are stored.")
    issuePlace: Text = Field(description="Where the receipt is issued.")
    warehouseAddress: Text = Field(description="The operator's place of business.")
    charges: Text = Field(description="Storage and other charges, or how they are reckoned.")
    lienOfWarehouse: Text | None = Field(
        None, description="What the warehouse may keep the goods for."
    )
    insurance: Text = Field(description="Insurer, policy and sum; or that there is none.")
    storageUntil: Day | None = Field(None, description="End of storage, if agreed.")
    commingled: bool = Field(False, description="Stored together with like goods of others.")
    limitsOfLiability: Text | None = None
    depositorReference: Text | None = None


class NewLot(BaseModel):
    """Goods that a warehouse has taken in, and the terms of their receipt."""

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
    lotNumber: str = Field(min_length=1, max_length=100, description="The warehouse's own; once.")
    depositorPartyId: str = Field(description="To whom the receipt is issued.")
    sku: str = Field(min_length=1, max_length=100, description="Code of the goods (a GTIN, say).")
    grade: str = Field("", max_length=16, description="Quality as the trade writes it; 16 bytes.")
    unit: str = Field(pattern=UNIT, description="Code of UN/ECE recommendation 20: KGM, H87, …")
    quantity: Quantity
    storedDate: Day
    expiryDate: Day = Field(description="Last day on which the goods are good.")
    negotiable: bool = True
    maxDepth: int = Field(16, ge=0, le=64, description="Most generations of splitting.")
    orderId: NumberGiven | None = Field(None, description="The order they were delivered under.")
    statement: ReceiptStatement


class Inspection(BaseModel):
    """How the warehouse found the goods of a lot."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"condition": "reduced", "report": "two bundles are wet"}},
    )
    condition: Literal["sound", "reduced", "unfit"]
    report: Report = ""
    papersRoot: PapersRoot = None


class Impairment(BaseModel):
    """Goods of a receipt that are lost or worthless."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"quantity": "120.000", "report": "crushed in the yard"}},
    )
    quantity: Quantity
    report: Report = ""
    papersRoot: PapersRoot = None


class NewRelease(BaseModel):
    """Goods that the holder asks for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"quantity": "5000.000"}}
    )
    quantity: Quantity | None = Field(None, description="All of the receipt when left out.")
    report: Report = ""
    papersRoot: PapersRoot = None


class HandOver(BaseModel):
    """The papers of a hand-over, a delivery note for instance."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"report": "delivery note 2026-118"}}
    )
    report: Report = ""
    papersRoot: PapersRoot = None


class Acknowledgement(BaseModel):
    """To whom a receipt that is not negotiable may pass, once."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"toPartyId": _PARTY}})
    toPartyId: str


class ReceiptPart(BaseModel):
    """A part of a receipt for one recipient."""

    model_config = ConfigDict(extra="forbid")
    toPartyId: str
    quantity: Quantity
    papersRoot: str | None = Field(None, pattern=HASH)


class NewReceiptAssignments(BaseModel):
    """Parts to pass on in one step: all of them or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"parts": [{"toPartyId": _PARTY, "quantity": "5000.000"}]}},
    )
    parts: list[ReceiptPart] = Field(min_length=1, max_length=200)


class ReceiptMerge(BaseModel):
    """Two receipts of one holder on one lot."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"receiptId": 9, "intoReceiptId": 7}}
    )
    receiptId: NumberGiven
    intoReceiptId: NumberGiven


class ReceiptPledge(BaseModel):
    """The lienholder of a receipt."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"lienholderPartyId": _PARTY}}
    )
    lienholderPartyId: str


class PledgeStop(BaseModel):
    """Whether goods of a warehouse may be pledged anew, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"stopped": True, "reason": "no count for three weeks"}},
    )
    stopped: bool
    reason: str = Field("", max_length=4000, description="Its hash goes on the ledger.")


class Lot(BaseModel):
    """A lot as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    warehouse: dict[str, Any]
    unit: str
    condition: str
    issued: str
    outstanding: str
    counted: str
    short: bool


class LotPage(BaseModel):
    """A page of lots, newest first."""

    items: list[Lot]
    nextCursor: int | None
    asOf: dict[str, Any]


class Receipt(BaseModel):
    """A receipt as of a block."""

    model_config = ConfigDict(extra="allow")
    id: int
    lotId: int
    owner: dict[str, Any]
    quantity: str
    unit: str
    lienholder: dict[str, Any] | None
    releaseAsked: bool
    ended: str | None


class ReceiptPage(BaseModel):
    """A page of receipts, newest first."""

    items: list[Receipt]
    nextCursor: int | None
    asOf: dict[str, Any]
