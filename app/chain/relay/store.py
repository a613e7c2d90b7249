"""The relayer's rows: leases of accounts, claims of operations, and what a step writes.

Several gateways may share one store. One of them holds a relay account for the length of a lease;
it claims operations under `FOR UPDATE SKIP LOCKED`. The transaction that stores a signed
transaction checks the claim again, so a gateway that slept through its lease stores nothing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.index.recording import LATER, MAX_PAUSE
from app.chain.outbox import transitions
from app.chain.outbox.nonces import unreconciled
from app.chain.outbox.outbox import (
    ACCEPTED,
    CHANGED_TOPIC,
    COLUMNS,
    DONE,
    REJECTED,
    SUBMITTED,
    Operation,
    OperationError,
    operation_of,
    to_json,
)
from app.chain.relay.batch import SignedOperation
from app.chain.relay.slots import Slot, insert_slot
from app.storage import announce, run
from app.storage.checkpoint import Checkpoint, read_checkpoint

MAX_HOLD = 600.0  # seconds; a longer hold comes from a gateway whose clock is wrong
_FREE = "(claimed_by IS NULL OR claimed_by = ? OR claimed_until NOT BETWEEN ? AND ?)"
_MAX_PAGES = 32  # pages of operations to search for some that need not wait
_TRIED_BEFORE = 4  # one place in so many is for operations tried before


class ClaimLost(Exception):
    """Another gateway took the operations, the account or a nonce; nothing was stored."""


class Claim(msgspec.Struct):
    """Operations for one relay account to send, by id.

    Attributes:
        attempts: by operation, how often the operation was sent and put back.
        together: by operation, ids of the operations that must precede it in its transaction.
    """

    account: str
    account_nonce: int
    operations: list[Operation]
    attempts: dict[str, int]
    together: dict[str, list[str]]


def lease_accounts(
    connection: Connection, *, me: str, accounts: Sequence[str], seconds: float
) -> dict[str, int]:
    """Takes or renews the accounts that no other gateway holds; returns their next nonces."""
    now = time.time()
    nonces = {}
    for address in accounts:
        row = run(
            connection,
            "UPDATE relay_accounts SET claimed_by = ?, claimed_until = ? WHERE address = ? "
            f"AND {_FREE} RETURNING next_nonce",
            (me, now + seconds, address, me, now, now + MAX_HOLD),
        ).first()
        if row is not None:
            nonces[address] = int(row.next_nonce)
    return nonces


def release(connection: Connection, *, me: str) -> None:
    """Frees everything that this gateway holds."""
    freed = "claimed_by = NULL, claimed_until = NULL"
    run(connection, f"UPDATE relay_accounts SET {freed} WHERE claimed_by = ?", (me,))
    transitions.change(connection, ACCEPTED, changes=freed, where="claimed_by = ?", values=(me,))


def add_account(connection: Connection, *, address: str, on_chain: int) -> None:
    """Registers an account; its next nonce is never below the chain's."""
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
    waiting: Collection[str],
    limit: int,
    max_slots: int,
    seconds: float,
) -> Claim | None:
    """Claims up to `limit` accepted operations that one of our relay accounts may send now.

    `waiting` are ids of operations to pass over for now. None if there is nothing to do, if every
    account has `max_slots` transactions in no block yet, or if the store is held until it is
    reconciled with the chain.
    """
    if unreconciled(connection):
        return None
    rows = run(
        connection,
        "SELECT account, count(DISTINCT nonce) AS slots FROM relay_transactions "
        "WHERE state = 'stored' GROUP BY account",
    )
    slots = {str(row.account): int(row.slots) for row in rows}
    free = sorted(
        (slots.get(address, 0), place, address)
        for place, address in enumerate(accounts)
        if slots.get(address, 0) < max_slots
    )
    if not free:
        return None
    choice = _choose(connection, me=me, waiting=waiting, limit=limit)
    chosen = choice.operations
    if not chosen:
        return None
    account = free[0][2]
    transitions.change_each(
        connection,
        ACCEPTED,
        changes="claimed_by = ?, claimed_until = ?",
        where="id = ?",
        rows=[(me, time.time() + seconds, operation.id) for operation in chosen],
    )
    query = "SELECT next_nonce FROM relay_accounts WHERE address = ?"
    nonce = run(connection, query, (account,)).scalar()
    choice.account, choice.account_nonce = account, int(nonce)
    return choice


def _choose(connection: Connection, *, me: str, waiting: Collection[str], limit: int) -> Claim:
    """Operations that no other gateway holds and that need not wait for others.

    Some places are for those tried before, the one that is due longest first; the others are for
    new ones, oldest first, and what is left is again for those tried before. So nobody waits for a
    crowd that is tried again and again, and the crowd does not wait for a stream of new ones.
    """
    now = time.time()
    tried = partial(
        _pages,
        connection,
        f"claimed_by IS NOT NULL AND {_FREE}",
        ("claimed_until", "id"),
        (me, now, now + MAX_HOLD),
        limit * 4,
    )
    new = partial(_pages, connection, "claimed_by IS NULL", ("id",), (), limit * 4)
    choice = Claim("", 0, [], {}, {})
    for pages, places in ((tried, limit // _TRIED_BEFORE), (new, limit), (tried, limit)):
        rows = pages()
        while len(choice.operations) < places and (row := next(rows, None)) is not None:
            if row.id not in waiting and row.id not in choice.attempts:
                _add(connection, choice, row)
    choice.operations.sort(key=lambda operation: operation.id)
    return choice


def _pages(
    connection: Connection, where: str, order: Sequence[str], values: tuple[Any, ...], size: int
) -> Iterator[Any]:
    """Accepted operations in an order, a page at a time, locked against other gateways."""
    lock = "" if connection.dialect.name == "sqlite" else "FOR UPDATE SKIP LOCKED"
    columns, marks = ", ".join(order), ", ".join("?" * len(order))
    at: tuple[Any, ...] = ()
    for _ in range(_MAX_PAGES):
        after = f"AND ({columns}) > ({marks})" if at else ""
        page = run(
            connection,
            f"SELECT {COLUMNS}, depends_on, attempts, claimed_until FROM operations "
            f"WHERE state = 'accepted' AND {where} {after} ORDER BY {columns} LIMIT ? {lock}",
            (*values, *at, size),
        ).all()
        yield from page
        if len(page) < size:
            return
        at = tuple(getattr(page[-1], name) for name in order)


def _add(connection: Connection, choice: Claim, row: Any) -> None:
    """Adds an operation to the choice, unless it must wait for others."""
    operation = operation_of(row)
    if row.depends_on:
        together = _before(connection, operation, row.depends_on.split(","), choice)
        if together is None:
            return
        choice.together[operation.id] = together
    choice.operations.append(operation)
    choice.attempts[operation.id] = int(row.attempts)


def _before(
    connection: Connection, operation: Operation, after: list[str], choice: Claim
) -> list[str] | None:
    """Ids of the chosen operations that this operation must follow in one transaction.

    None if it must wait for others; it is rejected if one that must succeed was rejected. One that
    must only be done first may be in the same transaction: the gateway signs both with one
    deadline, so the forwarder does not pass over just one of them.
    """
    required = {entry.removeprefix("~"): not entry.startswith("~") for entry in after}
    marks = ", ".join("?" * len(required))
    query = f"SELECT id, state FROM operations WHERE id IN ({marks})"
    states = {str(row.id): str(row.state) for row in run(connection, query, tuple(required))}
    chosen = {item.id for item in choice.operations if item.custody and operation.custody}
    together = []
    for identifier, must_succeed in required.items():
        state = states.get(identifier, REJECTED)
        if must_succeed and state == REJECTED:
            reject(
                connection,
                operation,
                OperationError(
                    "DependencyRejected",
                    f"operation {identifier}, which has to come first, was rejected",
                    {"operationId": identifier},
                    fix=f"look at that operation: GET /v1/operations/{identifier}",
                ),
            )
            return None
        if state in DONE:
            continue
        if must_succeed or identifier not in chosen:
            return None
        together.append(identifier)
    return together


def standing(
    connection: Connection, *, operations: Sequence[Operation]
) -> tuple[Checkpoint | None, dict[str, int]]:
    """The index's checkpoint, and how many earlier siblings of each operation are not done.

    A sibling is an operation of the same signer; a failing operation may depend on an earlier one.
    """
    earlier = {}
    for operation in operations:
        count = run(
            connection,
            "SELECT count(*) FROM operations WHERE state IN ('accepted', 'submitted') "
            "AND signer = ? AND id < ?",
            (operation.signer, operation.id),
        ).scalar()
        earlier[operation.id] = int(count)
    return read_checkpoint(connection), earlier


def put_off(connection: Connection, *, me: str, operations: Sequence[Operation]) -> None:
    """Puts claimed operations off, longer for older ones."""
    now = time.time()
    transitions.change_each(
        connection,
        ACCEPTED,
        changes="claimed_by = ?, claimed_until = ?",
        where="id = ? AND claimed_by = ?",
        rows=[
            (LATER, now + min(MAX_PAUSE, max(0.25, (now - item.created_at) / 4)), item.id, me)
            for item in operations
        ],
    )


def give_back(connection: Connection, *, me: str, operations: Sequence[Operation]) -> None:
    """Frees claimed operations for which there was no room: they are as new as before."""
    transitions.change_each(
        connection,
        ACCEPTED,
        changes="claimed_by = NULL, claimed_until = NULL",
        where="id = ? AND claimed_by = ?",
        rows=[(operation.id, me) for operation in operations],
    )


def reject(connection: Connection, operation: Operation, error: OperationError) -> bool:
    """Rejects an operation that was not carried out; False if it is done already."""
    rejected = transitions.move(
        connection,
        REJECTED,
        start=(ACCEPTED, SUBMITTED),
        changes="error_json = ?, claimed_by = NULL",
        where="id = ?",
        values=(to_json(msgspec.to_builtins(error)), operation.id),
    )
    if not rejected:
        return False
    operation.state, operation.error = REJECTED, error
    announce(connection, CHANGED_TOPIC, [operation])
    return True


def store(
    connection: Connection,
    *,
    me: str,
    slot: Slot,
    gas_limit: int,
    signed: Sequence[SignedOperation],
) -> None:
    """Stores the signed transaction and updates its operations: all of it or nothing.

    Raises:
        ClaimLost: another gateway now has the account or one of the operations.
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
    submitted = transitions.move_each(
        connection,
        SUBMITTED,
        start=(ACCEPTED,),
        changes=(
            "gas = ?, deadline = ?, data = ?, signature = ?, relay_account = ?, relay_nonce = ?, "
            "batch_index = ?, transaction_hash = ?, submitted_at = ?, claimed_by = NULL"
        ),
        where="id = ? AND claimed_by = ? AND nonce = ?",
        rows=[
            (
                *(item.intent.gas, item.intent.deadline, "0x" + item.intent.data.hex()),
                *("0x" + item.signature.hex(), slot.account, slot.nonce, place, slot.hash, now),
                *(item.operation.id, me, str(item.intent.nonce)),
            )
            for place, item in enumerate(signed)
        ],
    )
    if submitted != len(signed):
        raise ClaimLost("operations")


def release_all(connection: Connection) -> None:
    """Frees all leases and claims, for a store that only one gateway can use."""
    claimed, freed = "claimed_by IS NOT NULL", "claimed_by = NULL"
    run(connection, f"UPDATE relay_accounts SET {freed} WHERE {claimed}")
    transitions.change(connection, ACCEPTED, changes=freed, where=claimed, values=())
