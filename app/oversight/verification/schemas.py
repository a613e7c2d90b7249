"""Bodies of verification."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.path_types import BodyNumber
from app.trade.documents.schemas import DocumentPack


class Check(BaseModel):
    """One check and its evidence."""

    name: str
    holds: bool
    evidence: dict[str, Any]


class Verification(BaseModel):
    """Every check that a bank makes of a claim."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "claimId": 1,
                "receivableId": 1,
                "holds": True,
                "checks": [{"name": "exists", "holds": True, "evidence": {"owner": "0x…"}}],
                "asOf": {"blockNumber": 42, "blockHash": "0x…"},
            }
        }
    )
    claimId: int
    receivableId: int
    holds: bool = Field(description="Whether every check passes.")
    checks: list[Check]
    asOf: dict[str, Any]


class WarehouseReceiptVerification(BaseModel):
    """Every check that a bank makes of a warehouse receipt."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "warehouseReceiptId": 1,
                "lotId": 1,
                "holds": True,
                "checks": [{"name": "stock-counted", "holds": True, "evidence": {"counted": "…"}}],
                "asOf": {"blockNumber": 42, "blockHash": "0x…"},
            }
        }
    )
    warehouseReceiptId: int
    lotId: int
    holds: bool = Field(description="Whether every check passes.")
    checks: list[Check]
    asOf: dict[str, Any]


class PackQuestion(DocumentPack):
    """A pack of disclosed fields, and the claim whose document it is said to be."""

    claimId: BodyNumber | None = None


class PackVerification(BaseModel):
    """Whether the fields are in a document behind a receivable."""

    root: str
    holds: bool
    receivableIds: list[int]
    checks: list[Check]
    asOf: dict[str, Any]
