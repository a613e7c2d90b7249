"""A restored store accepts and sends nothing until it is reconciled with the chain.

Operations that ran since the backup are on the chain, and the index reads them from there. An
intent that was signed before the restore may still run until its deadline, so the store is released
only when the chain's own time is past every such deadline.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.nonces import renew_nonce_space, unreconciled_executions
from app.chain.outbox.operation import WALLET_SECONDS
from app.domain.texts import Text, say
from app.storage import record_of, run, run_many

# No signed intent is valid so long: one signed in custody is valid for
# `RelayerSettings.intent_seconds`, a wallet's for `WALLET_SECONDS`, which is an hour.
QUIET_SECONDS = WALLET_SECONDS + 300


class Restore(msgspec.Struct, frozen=True):
    """One restore of this store.

    Attributes:
        restored_at, backup_made_at: UTC seconds; the second is None if somebody put a file back by
            hand and only the chain shows it.
        quiet_from: UTC seconds of the chain: nothing was signed here after it; None until the
            gateway first reads the chain's time.
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
        """The chain's time after which no intent from before the restore can run."""
        return None if self.quiet_from is None else self.quiet_from + QUIET_SECONDS


_COLUMNS = "id, restored_at, backup_made_at, backup_sha256, quiet_from, released_at"


def mark_restored(
    connection: Connection, *, backup_made_at: float | None, backup_sha256: str | None
) -> None:
    """Marks the store as restored: it gets a new nonce space and is held until released."""
    renew_nonce_space(connection)
    number = int(run(connection, "SELECT coalesce(max(id), 0) + 1 FROM restores").scalar())
    run(
        connection,
        "INSERT INTO restores (id, restored_at, backup_made_at, backup_sha256) VALUES (?, ?, ?, ?)",
        (number, time.time(), backup_made_at, backup_sha256),
    )


def pending_restore(connection: Connection) -> Restore | None:
    """The newest restore that is not released yet, or None.

    There may be several: the backup of a held store contains that store's own restore.
    """
    query = f"SELECT {_COLUMNS} FROM restores WHERE released_at IS NULL ORDER BY id DESC LIMIT 1"
    row = run(connection, query).first()
    return None if row is None else record_of(Restore, row)


def note_quiet(connection: Connection, restore: Restore, *, head_timestamp: int) -> None:
    """Records the chain's time when it is first read after the restore."""
    run(
        connection,
        "UPDATE restores SET quiet_from = ? WHERE id = ? AND quiet_from IS NULL",
        (max(int(restore.restored_at) + 1, head_timestamp), restore.id),
    )


def release(
    connection: Connection, *, report: bytes, executions: Iterable[tuple[str, str]]
) -> None:
    """Lets the gateway accept and send again; the report and the executions stay on record.

    Args:
        executions: signer and nonce of each execution in the report. One that the index finds
            later holds the store again.
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


def why_held(connection: Connection) -> Text | None:
    """Why the store takes no command and sends nothing, or None."""
    if pending_restore(connection) is not None:
        return say("the store was restored from a backup and is not reconciled with the chain yet")
    unknown = unreconciled_executions(connection)
    if unknown:
        return say(
            "{count} operations ran on the chain that the store does not know: it is older than "
            "the chain",
            count=unknown,
        )
    return None
