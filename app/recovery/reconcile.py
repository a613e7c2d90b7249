"""Reconciles a restored store with the chain: what ran since the backup, and what is missing.

The index first reads the chain to its head. That settles the operations of the backup that ran
since, by their hash in the forwarder's event. The report names what the store no longer knows.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_HASH
from app.chain.index.indexer import Indexer
from app.chain.outbox.nonces import SPACE_BITS, UnknownExecution, nonce_spaces, unknown_executions
from app.chain.outbox.restored import (
    Restore,
    mark_restored,
    note_quiet,
    pending_restore,
    release,
    why_held,
)
from app.domain.texts import say
from app.errors import Conflict
from app.storage import Storage, run
from app.storage.checkpoint import read_checkpoint


class MissingKey(msgspec.Struct, frozen=True, rename="camel"):
    """An account without a key in the store.

    It acted through this gateway (`acted`), or belongs to a party that the store does not know.
    `party_id` is the ledger's number; None: not registered.
    """

    account: str
    party_id: int | None
    acted: bool


class MissingDocument(msgspec.Struct, frozen=True, rename="camel"):
    """A document root on the chain whose documents are not in the store."""

    root: str
    what: str


class Execution(msgspec.Struct, frozen=True, rename="camel"):
    """An operation on the chain whose command, with its answer, is not in the store."""

    signer: str
    nonce: str
    operation_hash: str
    succeeded: bool
    transaction_hash: str
    block_number: int


class Report(msgspec.Struct, frozen=True, rename="camel"):
    """The result of a reconciliation.

    Attributes:
        block, block_hash, timestamp: newest block in the index; `timestamp` is UTC seconds.
        quiet_until: the chain's time after which nothing signed before the restore can run.
        settled: number of the backup's operations that ran on the chain since, or failed there.
        under_way: number of the backup's operations that have not run; they are sent after the
            release, with the nonces that they have.
    """

    block: int
    block_hash: str
    timestamp: int
    quiet_until: int
    settled: int
    under_way: int
    executions: list[Execution]
    keys: list[MissingKey]
    documents: list[MissingDocument]

    @property
    def quiet(self) -> bool:
        """Whether no intent that was signed before the restore can still run."""
        return self.timestamp > self.quiet_until


async def reconcile(storage: Storage, indexer: Indexer) -> Report | None:
    """Reads the chain to its head and reports what is missing; None: nothing to reconcile.

    A store may be older than the chain although `cession restore` did not restore it (somebody
    copied a file back). This function marks it as restored, with a new nonce space.

    Raises:
        ChainError, StorageError.
    """
    await indexer.catch_up()

    def mark(connection: Connection) -> None:
        if pending_restore(connection) is None and why_held(connection) is not None:
            mark_restored(connection, backup_made_at=None, backup_sha256=None)
        restore, at = pending_restore(connection), read_checkpoint(connection)
        if restore is not None and at is not None:
            note_quiet(connection, restore, head_timestamp=at.timestamp)

    await storage.write(mark)
    return await storage.read(_report)


async def accept(storage: Storage, report: Report) -> None:
    """Releases the store: the gateway accepts commands and sends again.

    Raises:
        Conflict: an intent that was signed before the restore may still run.
    """
    if not report.quiet:
        left = report.quiet_until - report.timestamp + 1
        raise Conflict(
            say(
                "an intent that was signed before the restore may still run for {left} s of "
                "the chain's time (until {quiet_until})",
                left=left,
                quiet_until=report.quiet_until,
            ),
            name="not-quiet-yet",
            fix="run the command again after that",
        )
    content = msgspec.json.encode(report)
    executions = [(execution.signer, execution.nonce) for execution in report.executions]
    await storage.write(
        lambda connection: release(connection, report=content, executions=executions)
    )


def _report(connection: Connection) -> Report | None:
    restore, at = pending_restore(connection), read_checkpoint(connection)
    if restore is None or at is None or restore.quiet_until is None:
        return None
    spaces = nonce_spaces(connection)
    unknown = [
        item
        for item in unknown_executions(connection)
        if item.reconciled_at is None and (item.ours or item.nonce >> SPACE_BITS in spaces)
    ]
    return Report(
        block=at.block_number,
        block_hash=at.block_hash,
        timestamp=at.timestamp,
        quiet_until=restore.quiet_until,
        settled=_settled(connection, restore),
        under_way=_count(
            connection, "SELECT count(*) FROM operations WHERE state IN ('accepted', 'submitted')"
        ),
        executions=[_execution(item) for item in unknown],
        keys=_missing_keys(connection, unknown),
        documents=_missing_documents(connection),
    )


def _count(connection: Connection, query: str, *values: object) -> int:
    return int(run(connection, query, values).scalar() or 0)


def _settled(connection: Connection, restore: Restore) -> int:
    query = "SELECT count(*) FROM operations WHERE included_at >= ?"
    return _count(connection, query, restore.restored_at)


def _execution(unknown: UnknownExecution) -> Execution:
    return Execution(
        signer=unknown.signer,
        nonce=str(unknown.nonce),
        operation_hash=unknown.operation_hash,
        succeeded=unknown.succeeded,
        transaction_hash=unknown.transaction_hash,
        block_number=unknown.block_number,
    )


def _missing_keys(connection: Connection, unknown: list[UnknownExecution]) -> list[MissingKey]:
    stored = {str(row[0]) for row in run(connection, "SELECT address FROM custody_keys")}
    rows = run(connection, "SELECT account, party_id FROM accounts WHERE removed = 0")
    parties = {str(row[0]): int(row[1]) for row in rows}
    # Parties of the ledger that this store does not know: registered since the backup, or by
    # another gateway.
    strangers = {
        str(row[0])
        for row in run(
            connection,
            "SELECT accounts.account FROM accounts JOIN parties "
            "ON parties.party_id = accounts.party_id WHERE accounts.removed = 0 "
            "AND parties.identity_hash NOT IN (SELECT identity_hash FROM parties_directory) "
            "AND accounts.account NOT IN (SELECT account FROM parties_directory)",
        )
    }
    # `known` includes signers whose keys are only in the gateway's memory (of an embedded chain).
    query = "SELECT DISTINCT signer FROM operations WHERE custody = 1"
    known = {str(row[0]) for row in run(connection, query)}
    acted = {item.signer for item in unknown}
    return [
        MissingKey(account=account, party_id=parties.get(account), acted=account in acted)
        for account in sorted((acted - known) | strangers)
        if account not in stored
    ]


def _missing_documents(connection: Connection) -> list[MissingDocument]:
    have = {str(row[0]).lower() for row in run(connection, "SELECT root FROM documents")}
    roots: dict[str, str] = {}
    sources: tuple[tuple[str, Callable[[object], str]], ...] = (
        ("SELECT document_root, receivable_id FROM receivables", lambda n: f"receivable {n}"),
        ("SELECT document_root, lot_id FROM lots", lambda n: f"lot {n}"),
    )
    for query, describe in sources:
        for root, number in run(connection, query):
            roots.setdefault(str(root).lower(), describe(number))
    return [
        MissingDocument(root=root, what=what)
        for root, what in roots.items()
        if root not in have and root != ZERO_HASH
    ]
