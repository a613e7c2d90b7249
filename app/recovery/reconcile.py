"""Reconciling a restored store with the chain: what ran since the backup, and what is missing.

The index reads the chain to its head first. Operations of the backup that ran since are settled by
that, by their hash in the forwarder's event. What the store cannot know any more is named.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

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
from app.errors import Conflict
from app.storage import Storage, run
from app.storage.checkpoint import read_checkpoint

_EMPTY_ROOT = "0x" + "0" * 64


class MissingKey(msgspec.Struct, frozen=True, rename="camel"):
    """An account that acted through this gateway, or a party's that it does not know, without a key
    in the store. `party_id` is the ledger's number, None: not registered."""

    account: str
    party_id: int | None
    acted: bool


class MissingPaper(msgspec.Struct, frozen=True, rename="camel"):
    """A root of documents on the chain whose documents are not in the store."""

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
    """What reconciliation found.

    Attributes:
        block, block_hash, timestamp: newest block in the index; `timestamp` is UTC seconds.
        quiet_until: the chain's time after which nothing signed before the restore can run.
        settled: operations of the backup that the chain has carried out since, or refused.
        under_way: operations of the backup that have not run; they are sent once released, under
            the nonces that they have.
    """

    block: int
    block_hash: str
    timestamp: int
    quiet_until: int
    settled: int
    under_way: int
    executions: list[Execution]
    keys: list[MissingKey]
    papers: list[MissingPaper]

    @property
    def quiet(self) -> bool:
        """Whether nothing that was signed before the restore can run any more."""
        return self.timestamp > self.quiet_until


async def reconcile(storage: Storage, indexer: Indexer) -> Report | None:
    """Reads the chain to its head and says what is missing; None: there is nothing to reconcile.

    A store that is older than the chain without having been restored by us (somebody copied a file
    back) is made a restored one here, with a nonce space of its own.

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
    """Releases the store: it takes commands and sends again.

    Raises:
        Conflict: something signed before the restore may still run.
    """
    if not report.quiet:
        left = report.quiet_until - report.timestamp + 1
        raise Conflict(
            f"an intent that was signed before the restore may still run for {left} s of the "
            f"chain's time (until {report.quiet_until})",
            name="not-quiet-yet",
            fix="run it again then",
        )
    content = msgspec.json.encode(report)
    named = [(one.signer, one.nonce) for one in report.executions]
    await storage.write(lambda connection: release(connection, report=content, executions=named))


def _report(connection: Connection) -> Report | None:
    restore, at = pending_restore(connection), read_checkpoint(connection)
    if restore is None or at is None or restore.quiet_until is None:
        return None
    spaces = nonce_spaces(connection)
    unknown = [
        one
        for one in unknown_executions(connection)
        if one.reconciled_at is None and (one.ours or one.nonce >> SPACE_BITS in spaces)
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
        executions=[_execution(one) for one in unknown],
        keys=_missing_keys(connection, unknown),
        papers=_missing_papers(connection),
    )


def _count(connection: Connection, query: str, *values: object) -> int:
    return int(run(connection, query, values).scalar() or 0)


def _settled(connection: Connection, restore: Restore) -> int:
    query = "SELECT count(*) FROM operations WHERE included_at >= ?"
    return _count(connection, query, restore.restored_at)


def _execution(one: UnknownExecution) -> Execution:
    return Execution(
        signer=one.signer,
        nonce=str(one.nonce),
        operation_hash=one.operation_hash,
        succeeded=one.succeeded,
        transaction_hash=one.transaction_hash,
        block_number=one.block_number,
    )


def _missing_keys(connection: Connection, unknown: list[UnknownExecution]) -> list[MissingKey]:
    kept = {str(row[0]) for row in run(connection, "SELECT address FROM custody_keys")}
    rows = run(connection, "SELECT account, party_id FROM accounts WHERE removed = 0")
    parties = {str(row[0]): int(row[1]) for row in rows}
    # Parties of the ledger that this store has no entry of: registered since the backup, or by
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
    # Keys that only live in the gateway's memory (of an embedded chain) sign for `known` too.
    query = "SELECT DISTINCT signer FROM operations WHERE custody = 1"
    known = {str(row[0]) for row in run(connection, query)}
    acted = {one.signer for one in unknown}
    return [
        MissingKey(account=account, party_id=parties.get(account), acted=account in acted)
        for account in sorted((acted - known) | strangers)
        if account not in kept
    ]


def _missing_papers(connection: Connection) -> list[MissingPaper]:
    have = {str(row[0]).lower() for row in run(connection, "SELECT root FROM documents")}
    found: dict[str, str] = {}
    sources: tuple[tuple[str, Callable[[object], str]], ...] = (
        ("SELECT document_root, receivable_id FROM receivables", lambda n: f"receivable {n}"),
        ("SELECT document_root, lot_id FROM lots", lambda n: f"lot {n}"),
    )
    for query, words in sources:
        for root, number in run(connection, query):
            found.setdefault(str(root).lower(), words(number))
    return [
        MissingPaper(root=root, what=what)
        for root, what in found.items()
        if root not in have and root != _EMPTY_ROOT
    ]
