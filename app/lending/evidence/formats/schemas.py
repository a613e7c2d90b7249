"""Documents for draws in JSON of our own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.money import Money
from app.gateway.path_types import BodyNumber, Day

Name = Annotated[str, Field(min_length=1, max_length=200)]
DocumentNumber = Annotated[str, Field(min_length=1, max_length=100)]
LegalIdText = Annotated[str, Field(min_length=2, max_length=64)]


class TaxCertificate(BaseModel):
    """A tax authority's certificate of taxes paid (完税证明)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "kind": "tax-certificate",
                "number": "433016260900012345",
                "authority": "Hangzhou Tax Service, State Taxation Administration",
                "taxpayerName": "Linghu Castings Co., Ltd.",
                "taxpayerId": "91330106MA2CE1550K",
                "periodFrom": "2026-07-01",
                "periodTo": "2026-09-30",
                "issuedDate": "2026-10-12",
                "paid": {"amount": "186240.55", "currency": "CNY"},
                "arrears": {"amount": "0.00", "currency": "CNY"},
            }
        },
    )
    kind: Literal["tax-certificate"]
    number: DocumentNumber = Field(description="The certificate's number.")
    authority: Name = Field(description="The tax authority that issued it.")
    taxpayerName: Name = Field(description="The taxpayer's name.")
    taxpayerId: LegalIdText = Field(description="The taxpayer's id: the caller's legal id.")
    periodFrom: Day = Field(description="The first day of the taxes' period.")
    periodTo: Day = Field(description="The last day of the taxes' period: the document's day.")
    issuedDate: Day = Field(description="The day on which it was issued.")
    paid: Money = Field(description="The taxes that were paid.")
    arrears: Money = Field(description="The taxes that are overdue: must be zero.")


class CustomsDeclaration(BaseModel):
    """A customs declaration of goods that were exported (报关单)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "kind": "customs-declaration",
                "number": "310120260516789012",
                "exporterName": "Linghu Castings Co., Ltd.",
                "exporterId": "91330106MA2CE1550K",
                "consigneeName": "Northwind Pumps Ltd.",
                "amount": {"amount": "182500.00", "currency": "USD"},
                "declaredDate": "2026-10-20",
            }
        },
    )
    kind: Literal["customs-declaration"]
    number: str = Field(description="The declaration's number: 18 digits.", max_length=40)
    exporterName: Name = Field(description="The exporter's or consignor's name.")
    exporterId: LegalIdText = Field(description="Its id: the caller's legal id.")
    consigneeName: Name = Field(description="The consignee abroad.")
    amount: Money = Field(description="The value of the goods.")
    declaredDate: Day = Field(description="The day of the declaration.")


class BillOfLading(BaseModel):
    """A carrier's bill of lading (提单)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "kind": "bill-of-lading",
                "number": "ELSH26100417",
                "issuerName": "East Lake Shipping Co., Ltd.",
                "shipperName": "Linghu Castings Co., Ltd.",
                "shipperId": "91330106MA2CE1550K",
                "goods": "40 cases of pump castings",
                "shippedDate": "2026-10-22",
            }
        },
    )
    kind: Literal["bill-of-lading"]
    number: DocumentNumber = Field(description="The bill's number.")
    issuerName: Name = Field(description="The carrier that issued it.")
    shipperName: Name = Field(description="The shipper's name.")
    shipperId: LegalIdText = Field(description="The shipper's id: the caller's legal id.")
    goods: str = Field(min_length=1, max_length=1000, description="The goods on board.")
    shippedDate: Day = Field(description="The day of shipment.")


class LinkedOrder(BaseModel):
    """A purchase order of the ledger that the buyer has confirmed."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"kind": "order", "orderId": 7}}
    )
    kind: Literal["order"]
    orderId: BodyNumber


class LinkedDelivery(BaseModel):
    """A delivery of a purchase order that the ledger has recorded."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "delivery", "orderId": 7, "lotId": 3}},
    )
    kind: Literal["delivery"]
    orderId: BodyNumber
    lotId: BodyNumber = Field(description="The lot into which the goods came.")


Certificate = TaxCertificate | CustomsDeclaration | BillOfLading
NewDrawDocument = Annotated[
    TaxCertificate | CustomsDeclaration | BillOfLading | LinkedOrder | LinkedDelivery,
    Field(discriminator="kind"),
]
