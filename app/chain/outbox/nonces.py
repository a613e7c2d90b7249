"""Nonces for the forwarder, and executions under them that the store does not know.

A nonce is the store's nonce space * 2^64 + a counter of the signer's. An operation gets it in the
database transaction that creates the operation, and each new signature uses the same nonce. The
forwarder accepts a nonce once, so two signatures of one operation never both run. A restored store
gets a new space, so it never repeats a nonce that was given after the backup.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run

SPACE_BITS = 64
_SPACE = "nonce_space"
_MAX_MARKS = 500  # in one query; strangers decide how many signers a block has


class UnknownExecution(msgspec.Struct, frozen=True):
    """An intent that ran on the chain and belongs to no operation of the store.

    Attributes:
        ours: only this gateway can have sent it, so the store is older than the chain. Either one
            of its relay accounts sent it (they send only what the gateway accepted, even if the
            signer's key is lost since), or the gateway holds the signer's key. A party with its own
            wallet may sign anything, so its signature proves nothing about this gateway.
        reconciled_at: UTC seconds; None until an operator reconciles it.
    """

    signer: str
    nonce: int
    operation_hash: str
    succeeded: bool
    ours: bool
    transaction_hash: str
    block_number: int
    block_hash: str
    reconciled_at: float | None = None


_COLUMNS = (
    "signer, nonce, operation_hash, succeeded, ours, transaction_hash, block_number, block_hash, "
    "reconciled_at"
)


def give_nonce(connection: Connection, *, signer: str) -> int:
    """The signer's next nonce; nobody gets it again."""
    counter = run(
        connection,
        "INSERT INTO signer_nonces (signer, next_nonce) VALUES (?, 1) ON CONFLICT (signer) "
        "DO UPDATE SET next_nonce = signer_nonces.next_nonce + 1 RETURNING next_nonce",
        (signer,),
    ).scalar()
    return nonce_space(connection) << SPACE_BITS | int(counter) - 1


def lock_signer(connection: Connection, *, signer: str) -> None:
    """Until this transaction ends, no other transaction gives a nonce to this signer's operations.

    So what this transaction reads of them stays true, even if two gateways share the store.
    """
    run(
        connection,
        "INSERT INTO signer_nonces (signer, next_nonce) VALUES (?, 0) ON CONFLICT (signer) "
        "DO UPDATE SET next_nonce = signer_nonces.next_nonce",
        (signer,),
    )


def nonce_space(connection: Connection) -> int:
    """The store's part of all nonces: 64 bits."""
    query = "SELECT value FROM settings WHERE name = ?"
    return int(bytes(run(connection, query, (_SPACE,)).scalar()))


def nonce_spaces(connection: Connection) -> set[int]:
    """The current nonce space, and those that the store had before it was restored."""
    query = "SELECT value FROM settings WHERE name = ? OR name LIKE ?"
    return {int(bytes(row.value)) for row in run(connection, query, (_SPACE, f"{_SPACE}:%"))}


def renew_nonce_space(connection: Connection) -> int:
    """Gives a restored store a new nonce space, and records the previous one."""
    before, now = nonce_space(connection), secrets.randbits(SPACE_BITS)
    run(
        connection,
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (f"{_SPACE}:{before}", str(before).encode()),
    )
    run(
        connection,
        "UPDATE settings SET value = ? WHERE name = ?",
        (str(now).encode(), _SPACE),
    )
    return now


def signing_here(connection: Connection, signers: Collection[str]) -> set[str]:
    """The signers whose keys the gateway generated, so that nobody else can sign for them.

    An official's key comes from a file that the official has too, so its intents may reach the
    chain without this gateway.
    """
    ordered, custodial = sorted(signers), set()
    for start in range(0, len(ordered), _MAX_MARKS):
        part = ordered[start : start + _MAX_MARKS]
        marks = ", ".join("?" * len(part))
        query = f"SELECT account FROM parties_directory WHERE custody = 1 AND account IN ({marks})"
        custodial |= {str(row.account) for row in run(connection, query, tuple(part))}
    return custodial


def note_unknown(connection: Connection, execution: UnknownExecution) -> None:
    """Records an execution that belongs to no operation of the store; repeating it is harmless."""
    run(
        connection,
        "INSERT INTO unknown_executions (signer, nonce, operation_hash, succeeded, ours, "
        "transaction_hash, block_number, block_hash, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (signer, nonce) DO NOTHING",
        (
            *(execution.signer, str(execution.nonce), execution.operation_hash),
            *(int(execution.succeeded), int(execution.ours), execution.transaction_hash),
            *(execution.block_number, execution.block_hash, time.time()),
        ),
    )


def unreconciled(connection: Connection) -> int:
    """Number of our executions that the store does not know, plus restores not yet released.

    Above 0, nothing is sent.
    """
    query = "SELECT count(*) FROM restores WHERE released_at IS NULL"
    return unreconciled_executions(connection) + int(run(connection, query).scalar())


def unreconciled_executions(connection: Connection) -> int:
    """How many of our own executions the store does not know."""
    query = "SELECT count(*) FROM unknown_executions WHERE reconciled_at IS NULL AND ours = 1"
    return int(run(connection, query).scalar())


def unknown_execution(
    connection: Connection, operation_hash: str, *, signer: str | None
) -> UnknownExecution | None:
    """The signer's execution of an operation that the store does not know, or None.

    An operation's hash is public, so another signer may put it on its own intent.
    """
    row = run(
        connection,
        f"SELECT {_COLUMNS} FROM unknown_executions WHERE operation_hash = ? "
        "AND signer = ? LIMIT 1",
        (operation_hash, signer),
    ).first()
    return None if row is None else _execution(row)


def unknown_executions(connection: Connection) -> list[UnknownExecution]:
    """All unknown executions, in the chain's order."""
    query = f"SELECT {_COLUMNS} FROM unknown_executions ORDER BY block_number, signer, nonce"
    return [_execution(row) for row in run(connection, query)]


def _execution(row: Any) -> UnknownExecution:
    return record_of(
        UnknownExecution,
        row,
        nonce=int(row.nonce),
        succeeded=bool(row.succeeded),
        ours=bool(row.ours),
    )
