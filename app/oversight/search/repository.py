"""Queries of the search: each finds its rows by an index."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.storage import run
from app.trade.documents.numbers import OF_RECEIVABLE


class BlockRow(msgspec.Struct, frozen=True):
    """A block of the index."""

    number: int
    hash: str


_BLOCK = "SELECT number, hash FROM blocks WHERE "


def block(
    connection: Connection, *, number: int | None = None, digest: str = ""
) -> BlockRow | None:
    """A block of the index, by its number or by its hash."""
    where, value = ("hash = ?", digest) if number is None else ("number = ?", number)
    row = run(connection, _BLOCK + where, (value,)).first()
    return None if row is None else BlockRow(int(row.number), str(row.hash))


def operations_of(connection: Connection, transaction: str, *, limit: int) -> list[str]:
    """Ids of operations that a transaction carries, oldest first."""
    query = "SELECT id FROM operations WHERE transaction_hash = ? ORDER BY id LIMIT ?"
    return [str(row.id) for row in run(connection, query, (transaction, limit))]


def block_of_transaction(
    connection: Connection, transaction: str, *, accounts: Sequence[str] | None
) -> int | None:
    """The block of a transaction with an event; with accounts, one that names one of them."""
    where, values = "", ()  # type: tuple[str, tuple[str, ...]]
    if accounts is not None:
        marks = ", ".join("?" * len(accounts))
        where = (
            f" AND EXISTS (SELECT 1 FROM event_subjects s WHERE s.subject IN ({marks}) "
            "AND s.position = e.position)"
        )
        values = tuple(accounts)
    number = run(
        connection,
        f"SELECT e.block_number FROM events e WHERE e.transaction_hash = ?{where} LIMIT 1",
        (transaction, *values),
    ).scalar()
    return None if number is None else int(number)


# Where a hash names rows: the query of their keys, by kind of what they are.
_HASHES = (
    (
        "receivable",
        "SELECT receivable_id FROM receivables WHERE fingerprint = ? OR document_root = ? "
        "ORDER BY receivable_id DESC LIMIT ?",
        2,
    ),
    ("order", "SELECT order_id FROM purchase_orders WHERE fingerprint = ? LIMIT ?", 1),
    ("lot", "SELECT lot_id FROM lots WHERE fingerprint = ? ORDER BY lot_id DESC LIMIT ?", 1),
    ("party", "SELECT id FROM parties_directory WHERE identity_hash = ? LIMIT ?", 1),
    ("offer", "SELECT id FROM quotes WHERE digest = ? LIMIT ?", 1),
    ("agreement", "SELECT id FROM agreements WHERE digest = ? LIMIT ?", 1),
    ("facility-proposal", "SELECT id FROM facility_proposals WHERE digest = ? LIMIT ?", 1),
    ("operation", "SELECT id FROM operations WHERE hash = ? LIMIT ?", 1),
)


def hashed(connection: Connection, digest: str, *, limit: int) -> list[tuple[str, str]]:
    """Kind and id of what has this fingerprint, document root, identity hash or digest."""
    return [
        (kind, str(row[0]))
        for kind, query, marks in _HASHES
        for row in run(connection, query, (*(digest,) * marks, limit))
    ]


def numbered_receivables(
    connection: Connection, token: str, *, account: str | None, limit: int
) -> list[int]:
    """Receivables whose invoice's number has this token, newest first.

    Args:
        account: of the seller or the debtor; None: anybody's.
    """
    whose = OF_RECEIVABLE.format(r="receivables.")
    values: tuple[str, ...] = (token, token)
    if account is not None:
        # Not as equalities: those lead SQLite to an index of all debts of the account.
        whose, values = f"? IN (seller, debtor) AND {whose}", (account, *values)
    query = (
        f"SELECT receivable_id FROM receivables WHERE {whose} ORDER BY receivable_id DESC LIMIT ?"
    )
    return [int(row.receivable_id) for row in run(connection, query, (*values, limit))]
