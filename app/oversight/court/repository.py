"""Queries of court orders, holds, and the tokens that an order reaches."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.parties.registry.repository import CONFUSABLE
from app.storage import record_of, run


class OrderRow(msgspec.Struct):
    """An order as the ledger records it."""

    order_id: int
    order_hash: str
    issuer: str
    target: str
    call: str
    not_before: int
    state: str
    closed_by: str | None
    holder_party_id: int | None
    slot: int | None
    value_left: int | None
    objector: str | None


class HeldToken(msgspec.Struct, frozen=True):
    """A token that a party holds, with its value or quantity."""

    token_id: int
    value: int


class HoldRow(msgspec.Struct):
    """The last hold of a party.

    Attributes:
        account: of the party in the directory; else one of its accounts on the ledger.
        confusable: whether another party's name looks the same.
    """

    ledger_party_id: int
    party_id: str | None
    name: str | None
    account: str | None
    confusable: bool
    order_hash: str
    regulator: str
    held_until: int
    order_id: int | None


_SELECT = (
    "SELECT order_id, order_hash, issuer, target, call, not_before, state, closed_by, "
    "holder_party_id, slot, value_left, objector FROM court_orders "
)
# A party's account in the directory; else one of its accounts on the ledger.
_ACCOUNT = (
    "coalesce(d.account, (SELECT min(a.account) FROM accounts a "
    "WHERE a.party_id = p.party_id AND a.removed = 0))"
)
_HOLDS = (
    f"SELECT h.party_id AS ledger_party_id, d.id AS party_id, d.name, {_ACCOUNT} AS account, "
    f"{CONFUSABLE} AS confusable, h.order_hash, h.regulator, h.held_until, h.order_id "
    "FROM party_holds h JOIN parties p ON p.party_id = h.party_id "
    "LEFT JOIN parties_directory d ON d.identity_hash = p.identity_hash "
)
# A party's tokens of a slot, in all of its accounts, by the tokens' contract.
_HELD = {
    "Receivables": "SELECT c.claim_id AS token_id, c.value FROM claims c "
    "JOIN accounts a ON a.account = c.owner "
    "WHERE a.party_id = ? AND c.receivable_id = ? AND c.burned = 0 "
    "ORDER BY c.value DESC, c.claim_id",
    "WarehouseReceipts": "SELECT r.warehouse_receipt_id AS token_id, r.quantity AS value "
    "FROM warehouse_receipts r "
    "JOIN accounts a ON a.account = r.owner WHERE a.party_id = ? AND r.lot_id = ? "
    "AND r.ended IS NULL ORDER BY r.quantity DESC, r.warehouse_receipt_id",
}


def by_id(connection: Connection, order_id: int) -> OrderRow | None:
    """An order."""
    row = run(connection, _SELECT + "WHERE order_id = ?", (order_id,)).first()
    return None if row is None else record_of(OrderRow, row)


def listed(connection: Connection, *, before: int | None, limit: int) -> list[OrderRow]:
    """Newest first."""
    values: tuple[Any, ...] = (limit,) if before is None else (before, limit)
    where = "" if before is None else "WHERE order_id < ? "
    rows = run(connection, f"{_SELECT}{where}ORDER BY order_id DESC LIMIT ?", values)
    return [record_of(OrderRow, row) for row in rows]


def holds(connection: Connection, *, after: int | None, limit: int) -> list[HoldRow]:
    """In the order of the parties' numbers on the ledger."""
    rows = run(
        connection,
        f"{_HOLDS}WHERE h.party_id > ? ORDER BY h.party_id LIMIT ?",
        (after or 0, limit),
    )
    return [record_of(HoldRow, row, confusable=bool(row.confusable)) for row in rows]


def held_tokens(
    connection: Connection, contract: str, *, ledger_party_id: int, slot: int
) -> list[HeldToken]:
    """A party's tokens of a slot, the largest first."""
    rows = run(connection, _HELD[contract], (ledger_party_id, slot))
    return [record_of(HeldToken, row) for row in rows]


def receivable_currency(connection: Connection, receivable_id: int) -> str | None:
    """The address of a receivable's currency."""
    query = "SELECT currency FROM receivables WHERE receivable_id = ?"
    currency = run(connection, query, (receivable_id,)).scalar()
    return None if currency is None else str(currency)


def account_of(connection: Connection, ledger_party_id: int) -> str | None:
    """The account of a party in the directory; else one of its accounts on the ledger."""
    query = (
        f"SELECT {_ACCOUNT} FROM parties p "
        "LEFT JOIN parties_directory d ON d.identity_hash = p.identity_hash WHERE p.party_id = ?"
    )
    account = run(connection, query, (ledger_party_id,)).scalar()
    return None if account is None else str(account)
