"""The relayer's rows: taking operations up, storing signed transactions, putting things right.

Several gateways may share one store. A relay account belongs to one of them for the length of a
lease; operations are claimed under `FOR UPDATE SKIP LOCKED`; a signer with intents in flight stays
with the account that carries them, so that they arrive in order. What is stored is checked against
the claim again in the same transaction, so a gateway that slept through its lease stores nothing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection

from app.chain.outbox import (
    ACCEPTED_TOPIC,
    CHANGED_TOPIC,
    COLUMNS,
    REJECTED,
    Operation,
    OperationError,
    operation_of,
    to_json,
)
from app.storage import announce, run, run_many


class ClaimLost(Exception):
    """Another gateway took the operations, the account or a nonce meanwhile; nothing was stored."""


class Claim(msgspec.Struct):
    """Operations to be sent by one account, in order, with what is known of their signers."""

    account: str
    account_nonce: int
    operations: list[Operation]
    attempts: dict[str, int]
    in_flight: set[str]  # signers with intents on their way
    signer_nonces: dict[str, int]


class Signed(msgspec.Struct, frozen=True):
    """An operation with the intent that was signed for it."""

    id: str
    signer: str
    nonce: int
    gas: int
    deadline: int
    data: str
    signature: str


class Slot(msgspec.Struct, frozen=True):
    """A stored transaction of a relay account that is in no block yet."""

    account: str
    nonce: int
    attempt: int
    hash: str
    raw: str
    gas_price: int
    created_at: float


def lease_accounts(
    connection: Connection, *, me: str, accounts: Sequence[str], seconds: float
) -> dict[str, int]:
    """Takes or renews the accounts that nobody else holds; returns their next nonces."""
    now = time.time()
    mine = {}
    for address in accounts:
        row = run(
            connection,
            "UPDATE relay_accounts SET claimed_by = ?, claimed_until = ? WHERE address = ? "
            "AND (claimed_by IS NULL OR claimed_by = ? OR claimed_until < ?) RETURNING next_nonce",
            (me, now + seconds, address, me, now),
        ).first()
        if row is not None:
            mine[address] = int(row[0])
    return mine


def release(connection: Connection, *, me: str) -> None:
    """Gives back everything this gateway holds."""
    for table in ("relay_accounts", "operations"):
        run(
            connection,
            f"UPDATE {table} SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = ?",
            (me,),
        )


def add_account(connection: Connection, *, address: str, on_chain: int) -> None:
    """Makes an account known; its next nonce is never below the chain's."""
    run(
        connection,
        "INSERT INTO relay_accounts (address, next_nonce) VALUES (?, ?) ON CONFLICT (address) "
        "DO UPDATE SET next_nonce = CASE WHEN relay_accounts.next_nonce < excluded.next_nonce "
        "THEN excluded.next_nonce ELSE relay_accounts.next_nonce END",
        (address, on_chain),
    )


def claim(
    connection: Connection,
    *,
    me: str,
    accounts: Sequence[str],
    blocked: Collection[str],
    limit: int,
    most_slots: int,
    seconds: float,
) -> Claim | None:
    """Takes up to `limit` accepted operations that one of our accounts may send now.

    `blocked` are signers to leave alone for the moment. None when there is nothing to do or every
    account has `most_slots` transactions on their way.
    """
    now = time.time()
    marks = ", ".join("?" * len(accounts))
    rows = run(
        connection,
        "SELECT account, count(DISTINCT nonce) FROM relay_transactions WHERE state = 'stored' "
        "GROUP BY account",
    )
    slots = {str(row[0]): int(row[1]) for row in rows}
    free = sorted(
        (slots.get(address, 0), place, address)
        for place, address in enumerate(accounts)
        if slots.get(address, 0) < most_slots
    )
    if not free:
        return None
    where, values = "", []
    if blocked:
        where = f"AND signer NOT IN ({', '.join('?' * len(blocked))})"
        values = list(blocked)
    lock = "" if connection.dialect.name == "sqlite" else "FOR UPDATE SKIP LOCKED"
    found = run(
        connection,
        f"SELECT {COLUMNS}, depends_on, attempts FROM operations WHERE state = 'accepted' "
        f"AND (claimed_by IS NULL OR claimed_by = ? OR claimed_until < ?) {where} "
        f"ORDER BY id LIMIT ? {lock}",
        (me, now, *values, limit * 4),
    ).all()
    if not found:
        return None
    carriers = {
        str(row[0]): str(row[1])
        for row in run(
            connection,
            "SELECT signer, relay_account FROM operations WHERE state = 'submitted' "
            "GROUP BY signer, relay_account",
        )
    }
    # A signed intent that was put back keeps its nonce, so it goes before the unsigned ones.
    found = sorted(
        found, key=lambda row: (row[10] is None or row[14] is None, row[10] or 0, row[0])
    )
    account: str | None = None
    chosen: list[Operation] = []
    attempts: dict[str, int] = {}
    held: set[str] = set()
    open_accounts = {address for _, _, address in free}
    for row in found:
        operation = operation_of(row[:25])
        if operation.signer in held or len(chosen) >= limit:
            continue
        if row[25] and not _ready(connection, operation, row[25].split(",")):
            held.add(operation.signer)
            continue
        carrier = carriers.get(operation.signer)
        if account is None:
            if carrier is not None and carrier not in open_accounts:
                held.add(operation.signer)
                continue
            account = carrier or free[0][2]
        if carrier not in (None, account):
            held.add(operation.signer)
            continue
        chosen.append(operation)
        attempts[operation.id] = int(row[26])
    if account is None or not chosen:
        return None
    run_many(
        connection,
        "UPDATE operations SET claimed_by = ?, claimed_until = ? WHERE id = ?",
        [(me, now + seconds, operation.id) for operation in chosen],
    )
    nonce = run(
        connection,
        f"SELECT next_nonce FROM relay_accounts WHERE address = ? AND address IN ({marks})",
        (account, *accounts),
    ).scalar()
    signers = sorted({operation.signer for operation in chosen})
    nonces = run(
        connection,
        "SELECT signer, next_nonce FROM signer_nonces WHERE signer IN "
        f"({', '.join('?' * len(signers))})",
        tuple(signers),
    )
    return Claim(
        account=account,
        account_nonce=int(nonce),
        operations=chosen,
        attempts=attempts,
        in_flight={signer for signer in signers if signer in carriers},
        signer_nonces={str(row[0]): int(row[1]) for row in nonces},
    )


def _ready(connection: Connection, operation: Operation, after: list[str]) -> bool:
    """Whether what the operation waits for is done; rejects it when that was rejected."""
    marks = ", ".join("?" * len(after))
    rows = run(connection, f"SELECT id, state FROM operations WHERE id IN ({marks})", tuple(after))
    states = {str(row[0]): str(row[1]) for row in rows}
    for identifier in after:
        if states.get(identifier, REJECTED) == REJECTED:
            reject(
                connection,
                operation,
                OperationError(
                    "DependencyRejected",
                    f"the operation {identifier} that had to come first was rejected",
                    {"operationId": identifier},
                ),
            )
            return False
    return all(state in ("included", "final") for state in states.values())


def reject(connection: Connection, operation: Operation, error: OperationError) -> None:
    """Ends an operation that was never carried out."""
    operation.state, operation.error = REJECTED, error
    operation.nonce = operation.signature = None
    run(
        connection,
        "UPDATE operations SET state = 'rejected', error_json = ?, claimed_by = NULL, "
        "nonce = NULL, signature = NULL WHERE id = ? AND state IN ('accepted', 'prepared')",
        (to_json(msgspec.to_builtins(error)), operation.id),
    )
    announce(connection, CHANGED_TOPIC, [operation])


def store(
    connection: Connection,
    *,
    me: str,
    slot: Slot,
    gas_limit: int,
    signed: Sequence[Signed],
    next_nonces: dict[str, int],
) -> None:
    """Keeps the signed transaction with its operations: all of it or nothing.

    Raises:
        ClaimLost: somebody else has the account or one of the operations by now.
    """
    now = time.time()
    moved = run(
        connection,
        "UPDATE relay_accounts SET next_nonce = ? WHERE address = ? AND next_nonce = ? "
        "AND claimed_by = ?",
        (slot.nonce + 1, slot.account, slot.nonce, me),
    )
    if moved.rowcount != 1:
        raise ClaimLost(slot.account)
    insert_slot(connection, slot, gas_limit=gas_limit)
    touched = run_many(
        connection,
        "UPDATE operations SET state = 'submitted', nonce = ?, gas = ?, deadline = ?, data = ?, "
        "signature = ?, relay_account = ?, relay_nonce = ?, batch_index = ?, transaction_hash = ?, "
        "submitted_at = ?, claimed_by = NULL WHERE id = ? AND state = 'accepted' "
        "AND claimed_by = ?",
        [
            (
                one.nonce,
                one.gas,
                one.deadline,
                one.data,
                one.signature,
                slot.account,
                slot.nonce,
                place,
                slot.hash,
                now,
                one.id,
                me,
            )
            for place, one in enumerate(signed)
        ],
    )
    if touched != len(signed):
        raise ClaimLost("operations")
    run_many(
        connection,
        "INSERT INTO signer_nonces (signer, next_nonce) VALUES (?, ?) "
        "ON CONFLICT (signer) DO UPDATE SET next_nonce = excluded.next_nonce",
        list(next_nonces.items()),
    )


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
    """Stores a dearer attempt of a transaction; its operations show the new hash."""
    insert_slot(connection, slot, gas_limit=gas_limit)
    run(
        connection,
        "UPDATE operations SET transaction_hash = ? WHERE relay_account = ? AND relay_nonce = ? "
        "AND state = 'submitted'",
        (slot.hash, slot.account, slot.nonce),
    )


def open_slots(connection: Connection, *, account: str) -> list[Slot]:
    """Stored attempts of one account that no block holds, oldest nonce first."""
    rows = run(
        connection,
        "SELECT account, nonce, attempt, hash, raw, gas_price, created_at FROM relay_transactions "
        "WHERE state = 'stored' AND account = ? ORDER BY nonce, attempt",
        (account,),
    )
    return [
        Slot(account, nonce, attempt, hash_, raw, int(price), created_at)
        for account, nonce, attempt, hash_, raw, price, created_at in rows
    ]


def account_state(connection: Connection, *, account: str) -> tuple[list[Slot], int]:
    """The account's open slots and its next nonce, as stored."""
    query = "SELECT next_nonce FROM relay_accounts WHERE address = ?"
    following = int(run(connection, query, (account,)).scalar())
    return open_slots(connection, account=account), following


def give_up_slot(connection: Connection, *, account: str, nonce: int) -> None:
    """The account's nonce was used by something else: its intents go back into the outbox."""
    run(
        connection,
        "UPDATE relay_transactions SET state = 'replaced' "
        "WHERE account = ? AND nonce = ? AND state = 'stored'",
        (account, nonce),
    )
    run(
        connection,
        "DELETE FROM signer_nonces WHERE signer IN (SELECT signer FROM operations "
        "WHERE relay_account = ? AND relay_nonce = ? AND state = 'submitted')",
        (account, nonce),
    )
    run(
        connection,
        "UPDATE operations SET state = 'accepted', claimed_by = NULL, relay_account = NULL, "
        "relay_nonce = NULL, batch_index = NULL, transaction_hash = NULL, submitted_at = NULL, "
        "attempts = attempts + 1 "
        "WHERE relay_account = ? AND relay_nonce = ? AND state = 'submitted'",
        (account, nonce),
    )
    announce(connection, ACCEPTED_TOPIC, "")


def attempts(connection: Connection, *, account: str, nonce: int) -> int:
    """How many transactions were ever stored for this nonce."""
    query = "SELECT count(*) FROM relay_transactions WHERE account = ? AND nonce = ?"
    return int(run(connection, query, (account, nonce)).scalar())


def release_all(connection: Connection) -> None:
    """Frees all leases and claims: for a store that only one gateway can use."""
    for table in ("relay_accounts", "operations"):
        run(connection, f"UPDATE {table} SET claimed_by = NULL WHERE claimed_by IS NOT NULL")
