"""A store that was restored from a backup: nothing is accepted or sent until it is reconciled.

What ran since the backup is on the chain, and the index reads it from there. What was signed before
the restore may still run for as long as its deadline allows, so the store is released only once the
chain's own time has passed that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.nonces import renew_nonce_space, unreconciled_executions
from app.chain.outbox.operation import WALLET_SECONDS
from app.storage import run, run_many

# No signed intent lives so long: one signed in custody `RelayerSettings.intent_seconds`, one of a
# wallet `WALLET_SECONDS`, which is an hour.
QUIET_SECONDS = WALLET_SECONDS + 300


class Restore(msgspec.Struct, frozen=True):
    """One restore of this store.

    Attributes:
        restored_at, backup_made_at: UTC seconds; the second is None when a file was laid back by
            hand and only the chain shows it.
        quiet_from: UTC seconds of the chain: nothing was signed here after it; None until the chain
            was first asked.
        released_at: UTC seconds; None while nothing may be accepted or sent.
    """

    id: int
    restored_at: float
    backup_made_at: float | None
    backup_sha256: str | None
    quiet_from: int | None
    released_at: float | None

    @property
    def quiet_until(self) -> int | None:
        """The chain's time after which no intent of before can run any more."""
        return None if self.quiet_from is None else self.quiet_from + QUIET_SECONDS


_COLUMNS = "id, restored_at, backup_made_at, backup_sha256, quiet_from, released_at"


def mark_restored(
    connection: Connection, *, backup_made_at: float | None, backup_sha256: str | None
) -> None:
    """Makes the store a restored one: with a nonce space of its own, and held until released."""
    renew_nonce_space(connection)
    number = int(run(connection, "SELECT coalesce(max(id), 0) + 1 FROM restores").scalar())
    run(
        connection,
        "INSERT INTO restores (id, restored_at, backup_made_at, backup_sha256) VALUES (?, ?, ?, ?)",
        (number, time.time(), backup_made_at, backup_sha256),
    )


def pending_restore(connection: Connection) -> Restore | None:
    """The newest restore that is not released yet, or None: a backup of a held store has the
    restore of before, which was quiet long ago."""
    query = f"SELECT {_COLUMNS} FROM restores WHERE released_at IS NULL ORDER BY id DESC LIMIT 1"
    row = run(connection, query).first()
    return None if row is None else Restore(*row)


def note_quiet(connection: Connection, restore: Restore, *, head_timestamp: int) -> None:
    """Keeps the chain's time when it was first seen after the restore."""
    run(
        connection,
        "UPDATE restores SET quiet_from = ? WHERE id = ? AND quiet_from IS NULL",
        (max(int(restore.restored_at) + 1, head_timestamp), restore.id),
    )


def release(
    connection: Connection, *, report: bytes, executions: Iterable[tuple[str, str]]
) -> None:
    """Lets the gateway accept and send again; what was found stays on record.

    Args:
        executions: signer and nonce of what the report names. What the index found since holds the
            store again.
    """
    now = time.time()
    run(
        connection,
        "UPDATE restores SET released_at = ?, report_json = ? WHERE released_at IS NULL",
        (now, report.decode()),
    )
    run_many(
        connection,
        "UPDATE unknown_executions SET reconciled_at = ? "
        "WHERE reconciled_at IS NULL AND signer = ? AND nonce = ?",
        [(now, signer, nonce) for signer, nonce in executions],
    )


def why_held(connection: Connection) -> str | None:
    """Why the store takes no command and sends nothing, or None."""
    if pending_restore(connection) is not None:
        return "the store was restored from a backup and is not reconciled with the chain yet"
    unknown = unreconciled_executions(connection)
    if unknown:
        return (
            f"{unknown} operations ran on the chain that the store does not know: it is older than "
            "the chain"
        )
    return None
