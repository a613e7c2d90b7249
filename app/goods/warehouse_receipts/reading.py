"""Lots and receipts as callers may see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.domain.calendar import date_of, day_at
from app.domain.quantity import quantity_text
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.naming import state_name
from app.gateway.read_as_of import moment
from app.gateway.views import Names, party_view, time_view
from app.goods.warehouse_receipts import papers, repository
from app.goods.warehouse_receipts.projection import LotRow, ReceiptRow
from app.goods.warehouse_receipts.repository import Papers, Seen
from app.parties.registry import repository as parties
from app.parties.registry.repository import PartyRow


def seen_by(caller: Caller) -> str | None:
    """Whose eyes to look through; None: those of one who sees all."""
    return None if caller.sees_all else caller.account or ""


async def lot(gateway: Gateway, caller: Caller, lot_id: int) -> LotRow:
    """A lot that the caller may see.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(
        lambda connection: repository.lot(connection, lot_id, seen_by=seen_by(caller))
    )
    if row is None:
        raise NotFound(f"there is no lot {lot_id}", name="lot-unknown")
    return row


async def receipt(gateway: Gateway, caller: Caller, receipt_id: int) -> Seen:
    """A receipt that the caller may see.

    Raises:
        NotFound.
    """
    found = await gateway.storage.read(
        lambda connection: repository.receipt(connection, receipt_id, seen_by=seen_by(caller))
    )
    if found is None:
        raise NotFound(f"there is no receipt {receipt_id}", name="receipt-unknown")
    return found


# ------------------------------------------------------------------ lots


def lot_view(
    gateway: Gateway, row: LotRow, *, names: Names, standing: tuple[int, bool], now: int
) -> dict[str, Any]:
    """A lot in JSON; `now` is the time of the block it is read as of."""
    today = day_at(now, zone_offset=gateway.zone_offset)
    return {
        "id": row.lot_id,
        "warehouse": party_view(row.warehouse, names),
        "standing": {"shortLots": standing[0], "pledgesStopped": standing[1]},
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
        "firstReceiptId": row.receipt_id,
        "issuedAt": time_view(row.issued_at),
    }


def papers_view(
    gateway: Gateway, row: LotRow, kept: Papers | None, depositor: PartyRow | None
) -> dict[str, Any]:
    """What the receipt states, and in what it differs from the ledger."""
    if kept is None:
        return {"kept": False, "fields": {}, "differs": []}
    statement = papers.opened(gateway, kept)
    wrong = papers.differs(row, statement, depositor=depositor)
    return {"kept": True, "fields": statement.fields, "differs": wrong}


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    def quantity(value: int | None) -> str | None:
        return None if value is None else quantity_text(value)

    day = entry["as_of_day"]
    return {
        "kind": entry["kind"],
        "receiptId": entry["receipt_id"],
        "quantity": quantity(entry["quantity"]),
        "outstanding": quantity(entry["outstanding"]),
        "asOfDate": None if day is None else date_of(day).isoformat(),
        "condition": entry["condition"] and state_name(entry["condition"]),
        "papersRoot": entry["papers_root"],
        "transactionHash": entry["transaction_hash"],
        "at": time_view(entry["timestamp"]),
    }


async def seen_lot(gateway: Gateway, caller: Caller, lot_id: int) -> dict[str, Any]:
    """A lot with what its receipt states and what happened to the goods.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> dict[str, Any] | None:
        row = repository.lot(connection, lot_id, seen_by=seen_by(caller))
        if row is None:
            return None
        now, as_of = moment(connection)
        names = parties.names(connection, {row.warehouse, row.depositor})
        standing = repository.standing(connection, row.warehouse)
        kept = repository.papers_behind(connection, row)
        depositor = parties.by_account(connection, row.depositor)
        body = lot_view(gateway, row, names=names, standing=standing, now=now)
        return body | {
            "papers": papers_view(gateway, row, kept, depositor),
            "entries": [_entry(entry) for entry in repository.entries(connection, lot_id)],
            "asOf": as_of,
        }

    body = await gateway.storage.read(find)
    if body is None:
        raise NotFound(f"there is no lot {lot_id}", name="lot-unknown")
    return body


async def lot_page(
    gateway: Gateway,
    caller: Caller,
    *,
    item: str | None,
    short: bool | None,
    before: int | None,
    limit: int,
) -> dict[str, Any]:
    """Lots that the caller keeps, deposited, or holds receipts of."""

    def find(connection: Connection) -> dict[str, Any]:
        now, as_of = moment(connection)
        rows = repository.lots(
            connection, seen_by=seen_by(caller), item=item, short=short, before=before, limit=limit
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


# ------------------------------------------------------------------ receipts


def receipt_view(found: Seen, *, names: Names) -> dict[str, Any]:
    """A receipt in JSON."""
    row, goods = found.receipt, found.lot

    def party(account: str | None) -> dict[str, Any] | None:
        return None if account is None else party_view(account, names)

    return {
        "id": row.receipt_id,
        "lotId": row.lot_id,
        "warehouse": party_view(goods.warehouse, names),
        "owner": party_view(row.owner, names),
        "quantity": quantity_text(row.quantity),
        "unit": goods.unit,
        "item": goods.item,
        "grade": goods.grade,
        "parentId": row.parent_id,
        "depth": row.depth,
        "lienholder": party(row.lienholder),
        "releaseAsked": bool(row.release_asked),
        "negotiable": bool(goods.negotiable),
        "acknowledgedTo": party(row.acknowledged_to),
        "ended": row.ended,
        "papersRoot": row.papers_root,
    }


def _accounts(found: Seen) -> set[str]:
    row: ReceiptRow = found.receipt
    accounts = {row.owner, found.lot.warehouse, found.lot.depositor}
    return accounts.union(one for one in (row.lienholder, row.acknowledged_to) if one)


def _step(step: dict[str, Any], names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {"receiptId": step["receipt_id"], "parentId": step["parent_id"]}
    if step["from_owner"] is None:
        return found | {"assignment": None}
    return found | {
        "assignment": {
            "fromReceiptId": step["from_receipt_id"],
            "from": party_view(step["from_owner"], names),
            "to": party_view(step["to_owner"], names),
            "quantity": quantity_text(step["quantity"]),
            "papersRoot": step["papers_root"],
            "courtOrderHash": step["court_order_hash"],
            "transactionHash": step["transaction_hash"],
            "at": time_view(step["timestamp"]),
        }
    }


async def seen_receipt(gateway: Gateway, caller: Caller, receipt_id: int) -> dict[str, Any]:
    """A receipt with its lot, what it states, and its chain of assignment.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> dict[str, Any] | None:
        found = repository.receipt(connection, receipt_id, seen_by=seen_by(caller))
        if found is None:
            return None
        steps = repository.lineage(connection, receipt_id)
        accounts = _accounts(found)
        for step in steps:
            accounts |= {step["from_owner"], step["to_owner"]} - {None}
        names = parties.names(connection, accounts)
        now, as_of = moment(connection)
        standing = repository.standing(connection, found.lot.warehouse)
        kept = repository.papers_behind(connection, found.lot)
        depositor = parties.by_account(connection, found.lot.depositor)
        return receipt_view(found, names=names) | {
            "lot": lot_view(gateway, found.lot, names=names, standing=standing, now=now),
            "papers": papers_view(gateway, found.lot, kept, depositor),
            "lineage": [_step(step, names) for step in steps],
            "asOf": as_of,
        }

    body = await gateway.storage.read(find)
    if body is None:
        raise NotFound(f"there is no receipt {receipt_id}", name="receipt-unknown")
    return body


async def receipt_page(
    gateway: Gateway,
    caller: Caller,
    *,
    lot_id: int | None,
    pledged_to_me: bool,
    release_asked: bool | None,
    ended: bool | None,
    before: int | None,
    limit: int,
) -> dict[str, Any]:
    """Receipts that the caller holds, has a lien on, or is the warehouse of."""

    def find(connection: Connection) -> dict[str, Any]:
        _, as_of = moment(connection)
        rows = repository.receipts(
            connection,
            seen_by=seen_by(caller),
            lot_id=lot_id,
            lienholder=(caller.account or "") if pledged_to_me else None,
            release_asked=release_asked,
            ended=ended,
            before=before,
            limit=limit,
        )
        accounts: set[str] = set()
        for row in rows:
            accounts |= _accounts(row)
        names = parties.names(connection, accounts)
        items = [receipt_view(row, names=names) for row in rows]
        following = rows[-1].receipt.receipt_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def disclose(
    gateway: Gateway, caller: Caller, receipt_id: int, wanted: list[str]
) -> dict[str, Any]:
    """Chosen fields of what a receipt states, each with its proof.

    Raises:
        NotFound, BadInput.
    """
    found = await receipt(gateway, caller, receipt_id)
    kept = await gateway.storage.read(
        lambda connection: repository.papers_behind(connection, found.lot)
    )
    if kept is None:
        raise NotFound(f"the papers of lot {found.lot.lot_id} are not kept here")
    return papers.disclosure(kept.root, papers.opened(gateway, kept), wanted)
