"""Answers about stock."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.chain.evm.typed_data import TypedData
from app.gateway.operations.schemas import Operation

Stock = Annotated[str, Field(description="The stock by the movements, as decimal text.")]
Outstanding = Annotated[
    str, Field(description="What warehouse receipts stand for, as decimal text.")
]
Difference = Annotated[
    str, Field(description="Stock less warehouse receipts; below zero: goods are missing.")
]


class StoredFile(TypedDict):
    """A movement file as the gateway stored it."""

    id: Annotated[str, Field(description="The file's id, a UUID.")]
    format: Annotated[str, Field(description="csv or epcis")]
    movements: Annotated[int, Field(description="How many movements it holds.")]
    ignoredEvents: Annotated[int, Field(description="Events in it that move no stock.")]
    firstSequence: Annotated[int, Field(description="Number of its first movement.")]
    lastSequence: Annotated[int, Field(description="Number of its last movement.")]
    asOfDate: Annotated[str, Field(description="The day up to whose close it goes.")]
    documentRoot: Annotated[str, Field(description="Hash of the file, 0x and 64 digits.")]


class StockOfLot(TypedDict):
    """A lot at the close of the file's day."""

    lotId: int
    unit: str
    stock: Stock
    outstanding: Outstanding
    difference: Difference


@with_config(
    ConfigDict(
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
        }
    )
)
class StockAnswer(TypedDict):
    """A stored file, the stock after it, and what differs from the warehouse receipts."""

    file: Annotated[StoredFile, Field(description="The stored file.")]
    lots: Annotated[list[StockOfLot], Field(description="The warehouse's lots.")]
    differences: Annotated[
        int, Field(description="Lots whose stock and warehouse receipts do not agree.")
    ]
    operation: NotRequired[
        Annotated[
            Operation, Field(description="The count on the ledger; missing: there is none to send.")
        ]
    ]
    furtherOperations: NotRequired[
        Annotated[list[str], Field(description="Ids of the operations that count the other lots.")]
    ]
    typedData: NotRequired[TypedData]
    next: NotRequired[Annotated[str, Field(description="What to do to count the other lots.")]]


class StockMovement(TypedDict):
    """A stored movement of goods."""

    movementId: Annotated[str, Field(description="The movement's id in the warehouse's file.")]
    warehousePartyId: Annotated[str, Field(description="The warehouse: a party's id.")]
    sequence: Annotated[int, Field(description="The warehouse's own number of the movement.")]
    lotId: int
    date: Annotated[str, Field(description="The day of the movement.")]
    kind: Annotated[str, Field(description="received, released, lost or adjusted")]
    change: Annotated[
        str, Field(description="What it adds to the stock; below zero for what left.")
    ]
    fileId: Annotated[str, Field(description="The file that states it: a UUID.")]


class MovementPage(TypedDict):
    """Stored movements, newest first."""

    items: list[StockMovement]
    nextCursor: str | None


class StockDifference(TypedDict):
    """A lot whose stock and warehouse receipts did not agree."""

    id: Annotated[str, Field(description="The difference's id, a UUID.")]
    warehousePartyId: Annotated[str, Field(description="The warehouse: a party's id.")]
    lotId: int
    asOfDate: str
    stock: Stock
    outstanding: Outstanding
    difference: Difference
    kind: Annotated[str, Field(description="short or surplus")]
    open: Annotated[bool, Field(description="Whether no later file closed it.")]
    fileId: Annotated[str, Field(description="The file that showed it: a UUID.")]
    at: str
    closedByFileId: Annotated[
        str | None, Field(description="The file that closed it: a UUID; null: it is open.")
    ]
    closedAt: Annotated[
        str | None, Field(description="The time when it was closed, UTC; null: it is open.")
    ]


class DifferencePage(TypedDict):
    """Differences between stock and warehouse receipts, newest first."""

    items: list[StockDifference]
    nextCursor: str | None
