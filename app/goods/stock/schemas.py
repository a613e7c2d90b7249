"""Bodies of stock."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class StockAnswer(BaseModel):
    """A stored file, the stock after it, and what differs from the warehouse receipts."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "file": {"id": "01a2…", "format": "csv", "movements": 3, "asOfDate": "2026-03-01"},
                "lots": [
                    {
                        "lotId": 1,
                        "unit": "KGM",
                        "stock": "900.000",
                        "outstanding": "1000.000",
                        "difference": "-100.000",
                    }
                ],
                "differences": 1,
                "operation": {"id": "01a2…", "kind": "count-stock", "state": "accepted"},
            }
        },
    )
    file: dict[str, Any]
    lots: list[dict[str, Any]]
    differences: int = Field(description="Lots whose stock and warehouse receipts do not agree.")
    operation: dict[str, Any] | None = Field(None, description="The count on the ledger.")


class MovementPage(BaseModel):
    """Stored movements, newest first."""

    items: list[dict[str, Any]]
    nextCursor: str | None = None


class DifferencePage(BaseModel):
    """Differences between stock and warehouse receipts, newest first."""

    items: list[dict[str, Any]]
    nextCursor: str | None = None
