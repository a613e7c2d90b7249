"""Reorganisations: find the last common block, undo the blocks after it, and replay.

The rule is the simplest correct one: operations and logs of orphaned blocks are undone, and the
read tables are emptied and filled again from the remaining raw logs, all in one transaction.

An undone operation shows what the remaining chain says of it. It may have failed in an earlier
block and run again later, as its signer signed it twice. Its row knows the later run only, so the
earlier one is read from the remaining `IntentExecuted` events. They say that a run failed and not
why, so the error is then `Reverted`.
An operation that the gateway had rejected before it ran is rejected again, as a newer one may have
replaced it: its row keeps that rejection in `error_json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER, Contracts, RawLog
from app.chain.evm.events import DecodedEvent
from app.chain.evm.rpc import RpcError
from app.chain.index.blocks import BlockReader, Header
from app.chain.index.outcomes import EXECUTED, RelayReceipt, outcomes_in
from app.chain.index.projection import Projection
from app.chain.index.recording import put_back_strays, settle_again
from app.chain.outbox.operation import (
    COLUMNS,
    DONE,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
    Operation,
    State,
    operation_of,
)
from app.chain.outbox.outbox import CHANGED_TOPIC
from app.chain.outbox.transitions import move
from app.storage import Storage, announce, run
from app.storage.checkpoint import read_checkpoint
from app.storage.tables.base import POSITION_SHIFT, position_of

_STEP = 64
_REPLAY = 5000
_LAST = 2**63 - 1
_SIGNED = "custody = 1 OR signature IS NOT NULL"  # or will be, by the gateway


async def common_ancestor(
    *, storage: Storage, reader: BlockReader, below: int, floor: int
) -> tuple[int, str, int]:
    """Number, hash and timestamp of the newest stored block ≤ `below` that the node still has.

    `floor` is the number before the first indexed block; it is returned with an empty hash if the
    node has none of the stored blocks.
    """
    top = below
    while top > floor:
        first = max(floor + 1, top - _STEP + 1)
        stored = await storage.read(partial(_headers, first=first, last=top))
        answers = await reader.rpc.batch(
            [("eth_getBlockByNumber", [hex(row.number), False]) for row in stored],
            kind=Header | None,
        )
        for row, answer in zip(stored, answers, strict=True):
            if isinstance(answer, RpcError):
                raise answer
            if answer is not None and answer.hash == row.hash:
                return int(row.number), str(row.hash), int(row.timestamp)
        top = first - 1
    return floor, "", 0


def _headers(connection: Connection, *, first: int, last: int) -> list[Any]:
    return list(
        run(
            connection,
            "SELECT number, hash, timestamp FROM blocks WHERE number BETWEEN ? AND ? "
            "ORDER BY number DESC",
            (first, last),
        )
    )


def roll_back(
    connection: Connection,
    *,
    to: int,
    block_hash: str,
    timestamp: int,
    contracts: Contracts,
    projections: Sequence[Projection],
) -> None:
    """Undoes everything above block `to`, and rebuilds the read tables from the rest."""
    edge = position_of(to + 1, 0)
    for table in ("logs", "events", "event_subjects"):
        run(connection, f"DELETE FROM {table} WHERE position >= ?", (edge,))
    run(connection, "DELETE FROM blocks WHERE number > ?", (to,))
    run(
        connection,
        "UPDATE relay_transactions SET state = 'stored', block_number = NULL, block_hash = NULL, "
        "gas_used = NULL, succeeded = NULL WHERE block_number > ?",
        (to,),
    )
    run(connection, "DELETE FROM unknown_executions WHERE block_number > ?", (to,))
    changed = _undo_rejected_before(connection, to=to)
    # If somebody else sent a wallet's intent before the gateway got its signature, the operation
    # waits for the signature again.
    changed += _undo(connection, PREPARED, which=f"NOT ({_SIGNED})", to=to)
    changed += _undo(connection, SUBMITTED, which=_SIGNED, to=to)
    _settle_by_the_rest(connection, changed, contracts=contracts)
    put_back_strays(connection)
    if changed:
        announce(connection, CHANGED_TOPIC, changed)
    run(
        connection,
        "UPDATE checkpoints SET block_number = ?, block_hash = ?, timestamp = ?, "
        "final_number = CASE WHEN final_number > ? THEN ? ELSE final_number END "
        "WHERE name = 'index'",
        (to, block_hash, timestamp, to, to),
    )
    rebuild(connection, contracts=contracts, projections=projections)


_NO_BLOCK = (
    "block_number = NULL, block_hash = NULL, gas_used = NULL, result_json = NULL, "
    "included_at = NULL, final_at = NULL"
)
# SQLite would look through all operations that are done: it counts few rows to a state.
_UNDONE = "id IN (SELECT id FROM operations WHERE block_number > ?)"


def _undo_rejected_before(connection: Connection, *, to: int) -> list[Operation]:
    """Takes back the success of operations that the gateway had rejected; they are so again."""
    rows = move(
        connection,
        REJECTED,
        start=(INCLUDED, FINAL),
        changes=_NO_BLOCK,
        where=f"{_UNDONE} AND error_json IS NOT NULL",
        values=(to,),
        returning=COLUMNS,
    )
    return [operation_of(row) for row in rows]


def _undo(connection: Connection, state: State, *, which: str, to: int) -> list[Operation]:
    """Takes back what operations above block `to` have of their block; returns them."""
    rows = move(
        connection,
        state,
        start=DONE,
        changes=f"{_NO_BLOCK}, error_json = NULL",
        where=f"{_UNDONE} AND ({which})",
        values=(to,),
        returning=COLUMNS,
    )
    return [operation_of(row) for row in rows]


def _settle_by_the_rest(
    connection: Connection, undone: list[Operation], *, contracts: Contracts
) -> None:
    """Gives undone operations the outcomes of their earlier runs, which stand; see above."""
    keys = {(operation.signer, operation.hash) for operation in undone}
    receipts = []
    for number, transactions in _runs(connection, keys).items():
        before = position_of(number, 0)
        block = stored_events(
            connection, contracts=contracts, after=before - 1, before=position_of(number + 1, 0)
        )
        for transaction_hash in transactions:
            events = [event for event in block if event.transaction_hash == transaction_hash]
            receipts.append(_stored_receipt(connection, events))
    at = read_checkpoint(connection)
    if receipts and at is not None:
        settle_again(connection, undone, receipts, final_number=at.final_number)


def _runs(connection: Connection, keys: set[tuple[str, str]]) -> dict[int, list[str]]:
    """Transactions in which operations ran, by the number of their block, in the chain's order.

    It looks through all executions of their signers. `rebuild` reads far more.

    Args:
        keys: signer and hash of each operation.
    """
    executions = {}
    for signer in {signer for signer, _ in keys}:
        rows = run(
            connection,
            "SELECT events.position, events.transaction_hash, events.block_number, "
            "events.arguments_json FROM event_subjects JOIN events "
            "ON events.position = event_subjects.position WHERE event_subjects.subject = ? "
            "AND events.contract = ? AND events.name = ?",
            (signer, FORWARDER, EXECUTED),
        )
        for row in rows:
            arguments = msgspec.json.decode(row.arguments_json)
            if (str(arguments["signer"]), str(arguments["operation"])) in keys:
                executions[int(row.position)] = row
    runs: dict[int, list[str]] = {}
    for _, row in sorted(executions.items()):
        transactions = runs.setdefault(int(row.block_number), [])
        if row.transaction_hash not in transactions:
            transactions.append(str(row.transaction_hash))
    return runs


def _stored_receipt(connection: Connection, events: list[DecodedEvent]) -> RelayReceipt:
    """The transaction receipt of a transaction, as far as the store has it."""
    first = events[0]
    query = "SELECT gas_used FROM relay_transactions WHERE hash = ?"
    return RelayReceipt(
        hash=first.transaction_hash,
        sender="",
        succeeded=True,
        gas_used=run(connection, query, (first.transaction_hash,)).scalar(),
        block_number=first.block_number,
        block_hash=first.block_hash,
        outcomes=outcomes_in(events, to=""),
    )


def rebuild(
    connection: Connection, *, contracts: Contracts, projections: Sequence[Projection]
) -> None:
    """Empties the read tables and fills them from the raw logs in the store."""
    for projection in projections:
        for table in reversed(projection.tables):
            connection.execute(table.delete())
    after = -1
    while True:
        edge = _edge(connection, after=after)
        events = stored_events(connection, contracts=contracts, after=after, before=edge)
        for projection in projections:
            projection.apply(connection, events)
        if edge is None:
            return
        after = edge - 1


def _edge(connection: Connection, *, after: int) -> int | None:
    """Where the next part of a replay ends: `_REPLAY` logs on, between two blocks.

    A projection may relate the events of one transaction, so no block is cut. None: the rest is the
    last part.
    """
    query = "SELECT position FROM logs WHERE position > ? ORDER BY position LIMIT 1 OFFSET ?"
    position = run(connection, query, (after, _REPLAY - 1)).scalar()
    return None if position is None else position_of((int(position) >> POSITION_SHIFT) + 1, 0)


def stored_events(
    connection: Connection, *, contracts: Contracts, after: int, before: int | None
) -> list[DecodedEvent]:
    """Events decoded again from the raw logs between two positions (exclusive), in order."""
    rows = run(
        connection,
        "SELECT logs.position, logs.block_hash, logs.transaction_index, logs.log_index, "
        "logs.transaction_hash, logs.address, logs.topics, logs.data, blocks.timestamp FROM logs "
        "JOIN blocks ON blocks.hash = logs.block_hash WHERE logs.position > ? "
        "AND logs.position < ? ORDER BY logs.position",
        (after, _LAST if before is None else before),
    )
    events = []
    for row in rows:
        log = RawLog(
            address=row.address,
            topics=row.topics.split(","),
            data=row.data,
            block_number=hex(row.position >> POSITION_SHIFT),
            block_hash=row.block_hash,
            transaction_hash=row.transaction_hash,
            transaction_index=hex(row.transaction_index),
            log_index=hex(row.log_index),
        )
        event = contracts.decode_log(log, timestamp=row.timestamp)
        if event is not None:
            events.append(event)
    return events
