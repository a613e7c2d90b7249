"""Bodies of verification."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.path_types import NumberGiven
from app.trade.documents.schemas import DocumentPack


class Check(BaseModel):
    """One thing that was checked, with what it was found by."""

    name: str
    holds: bool
    evidence: dict[str, Any]


class Verification(BaseModel):
    """Everything a bank asks of a claim."""

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
    holds: bool = Field(description="Whether every check holds.")
    checks: list[Check]
    asOf: dict[str, Any]


class ReceiptVerification(BaseModel):
    """Everything a bank asks of a receipt for stored goods."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "receiptId": 1,
                "lotId": 1,
                "holds": True,
                "checks": [{"name": "stock-counted", "holds": True, "evidence": {"counted": "…"}}],
                "asOf": {"blockNumber": 42, "blockHash": "0x…"},
            }
        }
    )
    receiptId: int
    lotId: int
    holds: bool = Field(description="Whether every check holds.")
    checks: list[Check]
    asOf: dict[str, Any]


class PackQuestion(DocumentPack):
    """A document pack, and the claim that it is said to stand behind."""

    claimId: NumberGiven | None = None


class PackVerification(BaseModel):
    """Whether the fields are in a document that stands behind a receivable."""

    root: str
    holds: bool
    receivableIds: list[int]
    checks: list[Check]
    asOf: dict[str, Any]
