"""Stored movements and differences as callers may see them."""

from __future__ import annotations

from app.domain.calendar import date_of
from app.domain.quantity import quantity_text
from app.errors import Forbidden
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.views import time_view
from app.goods.stock import repository
from app.goods.stock.repository import Difference, MovementRow
from app.goods.stock.schemas import (
    DifferencePage,
    MovementPage,
    StockDifference,
    StockMovement,
)


def warehouse_of(caller: Caller) -> str:
    """The party id of a warehouse.

    Raises:
        Forbidden.
    """
    caller.acting()
    if caller.party_id is None:
        raise Forbidden("only a party has stock")
    return caller.party_id


async def differences(
    gateway: Gateway,
    caller: Caller,
    *,
    lot_id: int | None,
    still_open: bool | None,
    before: str | None,
    limit: int,
) -> DifferencePage:
    """Differences of the caller's stock; of all stock for those who see all."""
    owner = None if caller.sees_all else warehouse_of(caller)
    rows = await gateway.storage.read(
        lambda connection: repository.differences(
            connection,
            warehouse=owner,
            lot_id=lot_id,
            still_open=still_open,
            before=before,
            limit=limit,
        )
    )
    items = [_difference_view(row) for row in rows]
    return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}


def _difference_view(row: Difference) -> StockDifference:
    return {
        "id": row.id,
        "warehousePartyId": row.warehouse,
        "lotId": row.lot_id,
        "asOfDate": date_of(row.as_of_day).isoformat(),
        "stock": quantity_text(row.stock),
        "outstanding": quantity_text(row.outstanding),
        "difference": quantity_text(row.stock - row.outstanding),
        "kind": "short" if row.stock < row.outstanding else "surplus",
        "open": row.closed_by is None,
        "fileId": row.file_id,
        "at": time_view(row.created_at),
        "closedByFileId": row.closed_by,
        "closedAt": time_view(row.closed_at),
    }


async def movements(
    gateway: Gateway, caller: Caller, *, lot_id: int | None, before: str | None, limit: int
) -> MovementPage:
    """Movements of the caller's stock; of all stock for those who see all."""
    owner = None if caller.sees_all else warehouse_of(caller)
    rows = await gateway.storage.read(
        lambda connection: repository.movements(
            connection, warehouse=owner, lot_id=lot_id, before=before, limit=limit
        )
    )
    items = [_movement_view(row) for row in rows]
    return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}


def _movement_view(row: MovementRow) -> StockMovement:
    return {
        "movementId": row.movement_id,
        "warehousePartyId": row.warehouse,
        "sequence": row.sequence,
        "lotId": row.lot_id,
        "date": date_of(row.day).isoformat(),
        "kind": row.kind,
        "change": quantity_text(row.quantity),
        "fileId": row.file_id,
    }
