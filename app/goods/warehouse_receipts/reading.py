"""Lots and warehouse receipts as callers may see them."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.quantity import quantity_text
from app.domain.texts import say
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.naming import state_name
from app.gateway.read_as_of import business_day, moment
from app.gateway.views import Names, PartyView, party_view, time_view
from app.goods.warehouse_receipts import documents, repository
from app.goods.warehouse_receipts.projection import LotRow, WarehouseReceiptRow
from app.goods.warehouse_receipts.repository import (
    Documents,
    LotEntry,
    Standing,
    WarehouseReceiptWithLot,
)
from app.goods.warehouse_receipts.schemas import (
    Lot,
    LotDetails,
    LotDocuments,
    LotEvent,
    LotPage,
    WarehouseReceipt,
    WarehouseReceiptDetails,
    WarehouseReceiptPage,
    WarehouseReceiptStep,
)
from app.parties.registry import repository as parties
from app.parties.registry.repository import PartyRow
from app.trade.claims.lineage import LineageStep, accounts_of, assignment_view
from app.trade.documents.disclosure import Disclosure, disclosure


def visible_to(caller: Caller) -> str | None:
    """The account whose view applies; None for a caller who sees all."""
    return None if caller.sees_all else caller.account or ""


async def lot(gateway: Gateway, caller: Caller, lot_id: int) -> LotRow:
    """A lot that the caller may see.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(
        lambda connection: repository.lot(connection, lot_id, visible_to=visible_to(caller))
    )
    if row is None:
        raise NotFound(say("there is no lot {lot_id}", lot_id=lot_id), name="lot-unknown")
    return row


async def visible_warehouse_receipt(
    gateway: Gateway, caller: Caller, warehouse_receipt_id: int
) -> WarehouseReceiptWithLot:
    """A warehouse receipt that the caller may see.

    Raises:
        NotFound.
    """
    warehouse_receipt = await gateway.storage.read(
        lambda connection: repository.warehouse_receipt(
            connection, warehouse_receipt_id, visible_to=visible_to(caller)
        )
    )
    if warehouse_receipt is None:
        raise NotFound(
            say(
                "there is no warehouse receipt {warehouse_receipt_id}",
                warehouse_receipt_id=warehouse_receipt_id,
            ),
            name="warehouse-receipt-unknown",
        )
    return warehouse_receipt


# ------------------------------------------------------------------ lots


def lot_view(gateway: Gateway, row: LotRow, *, names: Names, standing: Standing, now: int) -> Lot:
    """A lot in JSON; `now` is the time of the block that it is read at."""
    today = business_day(gateway, now)
    return {
        "id": row.lot_id,
        "warehouse": party_view(row.warehouse, names),
        "standing": {
            "shortLots": standing.short_lots,
            "newLiensStopped": standing.new_liens_stopped,
        },
        "depositor": party_view(row.depositor, names),
        "item": row.item,
        "skuHash": row.sku_hash,
        "grade": row.grade,
        "unit": row.unit,
        "condition": state_name(row.condition),
        "issued": quantity_text(row.issued),
        "released": quantity_text(row.released),
        "impaired": quantity_text(row.impaired),
        "outstanding": quantity_text(row.outstanding),
        "counted": quantity_text(row.counted),
        "countedOn": None if row.counted_day is None else date_of(row.counted_day).isoformat(),
        "short": row.short,
        "storedDate": date_of(row.stored_day).isoformat(),
        "expiryDate": date_of(row.expiry_day).isoformat(),
        "expired": today > row.expiry_day,
        "negotiable": bool(row.negotiable),
        "maxDepth": row.max_depth,
        "orderId": row.order_id,
        "fingerprint": row.fingerprint,
        "documentRoot": row.document_root,
        "legalTextHash": row.legal_text_hash,
        "firstWarehouseReceiptId": row.warehouse_receipt_id,
        "issuedAt": time_view(row.issued_at),
    }


def documents_view(
    gateway: Gateway, row: LotRow, lot_documents: Documents | None, depositor: PartyRow | None
) -> LotDocuments:
    """What the warehouse receipt states, and where it differs from the ledger."""
    if lot_documents is None:
        return {"stored": False, "fields": {}, "differs": []}
    statement = documents.opened(gateway, lot_documents)
    differing = documents.differs(row, statement, depositor=depositor)
    return {"stored": True, "fields": statement.fields, "differs": differing}


def _entry(entry: LotEntry) -> LotEvent:
    def quantity(value: int | None) -> str | None:
        return None if value is None else quantity_text(value)

    day, condition = entry.as_of_day, entry.condition
    return {
        "kind": entry.kind,
        "warehouseReceiptId": entry.warehouse_receipt_id,
        "quantity": quantity(entry.quantity),
        "outstanding": quantity(entry.outstanding),
        "asOfDate": None if day is None else date_of(day).isoformat(),
        "condition": None if condition is None else state_name(condition),
        "documentRoot": entry.document_root,
        "transactionHash": entry.transaction_hash,
        "at": time_view(entry.timestamp),
    }


async def lot_details(gateway: Gateway, caller: Caller, lot_id: int) -> LotDetails:
    """A lot with what its warehouse receipt states and what happened to the goods.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> LotDetails | None:
        row = repository.lot(connection, lot_id, visible_to=visible_to(caller))
        if row is None:
            return None
        now, as_of = moment(connection)
        names = parties.names(connection, {row.warehouse, row.depositor})
        standing = repository.standing(connection, row.warehouse)
        lot_documents = repository.documents_behind(connection, row)
        depositor = parties.by_account(connection, row.depositor)
        return {
            **lot_view(gateway, row, names=names, standing=standing, now=now),
            "documents": documents_view(gateway, row, lot_documents, depositor),
            "entries": [_entry(entry) for entry in repository.entries(connection, lot_id)],
            "asOf": as_of,
        }

    body = await gateway.storage.read(find)
    if body is None:
        raise NotFound(say("there is no lot {lot_id}", lot_id=lot_id), name="lot-unknown")
    return body


async def lot_page(
    gateway: Gateway,
    caller: Caller,
    *,
    item: str | None,
    short: bool | None,
    before: int | None,
    limit: int,
) -> LotPage:
    """Lots that the caller stores, deposited, or holds warehouse receipts of."""

    def find(connection: Connection) -> LotPage:
        now, as_of = moment(connection)
        rows = repository.lots(
            connection,
            visible_to=visible_to(caller),
            item=item,
            short=short,
            before=before,
            limit=limit,
        )
        names = parties.names(
            connection, {row.warehouse for row in rows} | {row.depositor for row in rows}
        )
        standings = {
            warehouse: repository.standing(connection, warehouse)
            for warehouse in {row.warehouse for row in rows}
        }
        items = [
            lot_view(gateway, row, names=names, standing=standings[row.warehouse], now=now)
            for row in rows
        ]
        following = rows[-1].lot_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


# ------------------------------------------------------------------ warehouse receipts


def warehouse_receipt_view(
    warehouse_receipt: WarehouseReceiptWithLot, *, names: Names
) -> WarehouseReceipt:
    """A warehouse receipt in JSON."""
    row, lot_row = warehouse_receipt.row, warehouse_receipt.lot

    def party(account: str | None) -> PartyView | None:
        return None if account is None else party_view(account, names)

    return {
        "id": row.warehouse_receipt_id,
        "lotId": row.lot_id,
        "warehouse": party_view(lot_row.warehouse, names),
        "owner": party_view(row.owner, names),
        "quantity": quantity_text(row.quantity),
        "unit": lot_row.unit,
        "item": lot_row.item,
        "grade": lot_row.grade,
        "parentId": row.parent_id,
        "depth": row.depth,
        "lienholder": party(row.lienholder),
        "releaseRequested": bool(row.release_requested),
        "negotiable": bool(lot_row.negotiable),
        "acknowledgedTo": party(row.acknowledged_to),
        "ended": row.ended,
        "documentRoot": row.document_root,
    }


def _accounts(warehouse_receipt: WarehouseReceiptWithLot) -> set[str]:
    row: WarehouseReceiptRow = warehouse_receipt.row
    accounts = {row.owner, warehouse_receipt.lot.warehouse, warehouse_receipt.lot.depositor}
    return accounts.union(account for account in (row.lienholder, row.acknowledged_to) if account)


def _step(step: LineageStep, names: Names) -> WarehouseReceiptStep:
    assignment = step.assignment
    return {
        "warehouseReceiptId": step.token_id,
        "parentId": step.parent_id,
        "assignment": None
        if assignment is None
        else {
            **assignment_view(assignment, names),
            "fromWarehouseReceiptId": assignment.from_token_id,
            "quantity": quantity_text(assignment.amount),
        },
    }


async def warehouse_receipt_details(
    gateway: Gateway, caller: Caller, warehouse_receipt_id: int
) -> WarehouseReceiptDetails:
    """A warehouse receipt with its lot, what it states, and its chain of assignment.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> WarehouseReceiptDetails | None:
        warehouse_receipt = repository.warehouse_receipt(
            connection, warehouse_receipt_id, visible_to=visible_to(caller)
        )
        if warehouse_receipt is None:
            return None
        steps = repository.lineage(connection, warehouse_receipt_id)
        accounts = _accounts(warehouse_receipt) | accounts_of(steps)
        names = parties.names(connection, accounts)
        now, as_of = moment(connection)
        standing = repository.standing(connection, warehouse_receipt.lot.warehouse)
        lot_documents = repository.documents_behind(connection, warehouse_receipt.lot)
        depositor = parties.by_account(connection, warehouse_receipt.lot.depositor)
        return {
            **warehouse_receipt_view(warehouse_receipt, names=names),
            "lot": lot_view(
                gateway, warehouse_receipt.lot, names=names, standing=standing, now=now
            ),
            "documents": documents_view(gateway, warehouse_receipt.lot, lot_documents, depositor),
            "lineage": [_step(step, names) for step in steps],
            "asOf": as_of,
        }

    body = await gateway.storage.read(find)
    if body is None:
        raise NotFound(
            say(
                "there is no warehouse receipt {warehouse_receipt_id}",
                warehouse_receipt_id=warehouse_receipt_id,
            ),
            name="warehouse-receipt-unknown",
        )
    return body


async def warehouse_receipt_page(
    gateway: Gateway,
    caller: Caller,
    *,
    lot_id: int | None,
    under_my_lien: bool,
    release_requested: bool | None,
    ended: bool | None,
    before: int | None,
    limit: int,
) -> WarehouseReceiptPage:
    """Warehouse receipts that the caller holds, has a lien on, or issued as the warehouse."""

    def find(connection: Connection) -> WarehouseReceiptPage:
        _, as_of = moment(connection)
        rows = repository.warehouse_receipts(
            connection,
            visible_to=visible_to(caller),
            lot_id=lot_id,
            lienholder=(caller.account or "") if under_my_lien else None,
            release_requested=release_requested,
            ended=ended,
            before=before,
            limit=limit,
        )
        accounts: set[str] = set()
        for row in rows:
            accounts |= _accounts(row)
        names = parties.names(connection, accounts)
        items = [warehouse_receipt_view(row, names=names) for row in rows]
        following = rows[-1].row.warehouse_receipt_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def disclose(
    gateway: Gateway, caller: Caller, warehouse_receipt_id: int, names: list[str]
) -> Disclosure:
    """Chosen fields of what a warehouse receipt states, each with its proof.

    Raises:
        NotFound, BadInput.
    """
    warehouse_receipt = await visible_warehouse_receipt(gateway, caller, warehouse_receipt_id)
    lot_documents = await gateway.storage.read(
        lambda connection: repository.documents_behind(connection, warehouse_receipt.lot)
    )
    if lot_documents is None:
        raise NotFound(
            say(
                "the gateway does not hold the documents of lot {lot_id}",
                lot_id=warehouse_receipt.lot.lot_id,
            )
        )
    statement = documents.opened(gateway, lot_documents)
    return disclosure(
        lot_documents.root,
        statement.fields,
        salts=statement.salts,
        names=names,
        what="the warehouse receipt",
    )
