"""Slots: the stored transactions of each nonce of a relay account, and their repair."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.chain.index.recording import put_back
from app.chain.outbox import transitions
from app.chain.outbox.operation import SUBMITTED
from app.storage import record_of, run
from app.storage.checkpoint import Checkpoint, read_checkpoint


class Slot(msgspec.Struct, frozen=True):
    """A stored transaction for one nonce of a relay account, in no block yet."""

    account: str
    nonce: int
    attempt: int
    hash: str
    raw: str
    gas_price: int
    created_at: float


def insert_slot(connection: Connection, slot: Slot, *, gas_limit: int) -> None:
    """Stores a raw transaction."""
    run(
        connection,
        "INSERT INTO relay_transactions (hash, account, nonce, attempt, raw, gas_price, gas_limit, "
        "state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'stored', ?)",
        (
            slot.hash,
            slot.account,
            slot.nonce,
            slot.attempt,
            slot.raw,
            str(slot.gas_price),
            gas_limit,
            slot.created_at,
        ),
    )


def replace_attempt(connection: Connection, *, slot: Slot, gas_limit: int) -> None:
    """Stores a new attempt for a nonce; the nonce's operations get the new hash."""
    insert_slot(connection, slot, gas_limit=gas_limit)
    transitions.change(
        connection,
        SUBMITTED,
        changes="transaction_hash = ?",
        where="relay_account = ? AND relay_nonce = ?",
        values=(slot.hash, slot.account, slot.nonce),
    )


def open_slots(connection: Connection, *, account: str) -> list[Slot]:
    """Stored attempts of one account that are in no block, lowest nonce first."""
    rows = run(
        connection,
        "SELECT account, nonce, attempt, hash, raw, gas_price, created_at FROM relay_transactions "
        "WHERE state = 'stored' AND account = ? ORDER BY nonce, attempt",
        (account,),
    )
    return [record_of(Slot, row, gas_price=int(row.gas_price)) for row in rows]


def account_state(
    connection: Connection, *, account: str
) -> tuple[list[Slot], int, Checkpoint | None]:
    """The account's open slots, its next nonce as stored, and the index's checkpoint."""
    query = "SELECT next_nonce FROM relay_accounts WHERE address = ?"
    following = int(run(connection, query, (account,)).scalar())
    return open_slots(connection, account=account), following, read_checkpoint(connection)


def give_up_slot(connection: Connection, *, account: str, nonce: int, at: Checkpoint) -> bool:
    """Puts the nonce's operations back into the outbox: another transaction used the nonce.

    At block `at` the nonce was already used. If the index no longer holds that block, it does
    nothing and returns False.
    """
    query = "SELECT hash FROM blocks WHERE number = ?"
    if run(connection, query, (at.block_number,)).scalar() != at.block_hash:
        return False
    run(
        connection,
        "UPDATE relay_transactions SET state = 'replaced' "
        "WHERE account = ? AND nonce = ? AND state = 'stored'",
        (account, nonce),
    )
    rows = run(
        connection,
        "SELECT id FROM operations WHERE relay_account = ? AND relay_nonce = ? "
        "AND state = 'submitted'",
        (account, nonce),
    )
    put_back(connection, [str(row.id) for row in rows])
    return True


def attempts(connection: Connection, *, account: str, nonce: int) -> int:
    """How many transactions were stored for this nonce, ever."""
    query = "SELECT count(*) FROM relay_transactions WHERE account = ? AND nonce = ?"
    return int(run(connection, query, (account, nonce)).scalar())
