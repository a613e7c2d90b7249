"""The indexer: writes the chain's blocks to the tables in order, each block wholly or not at all.

The indexer relies on polling; `wake` is only a hint. The checkpoint moves in the transaction that
writes the blocks, logs, events, read tables and outcomes of operations.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from functools import partial

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.contracts import Contracts
from app.chain.evm.crash import crash_point
from app.chain.evm.rpc import ChainError, JsonRpc, NodeUnreachable
from app.chain.index import recording
from app.chain.index.blocks import BlockReader, ChainMoved, Header, ReceiptsIncomplete
from app.chain.index.decoder import Batch, decode_blocks
from app.chain.index.failures import explain
from app.chain.index.finality import Finality
from app.chain.index.outcomes import RelayReceipt
from app.chain.index.projection import Projection
from app.chain.index.reorganisation import common_ancestor, rebuild, roll_back
from app.chain.nodes.identity import (
    BlockHash,
    ChainGuard,
    FinalityBroken,
    WrongChain,
    stored_hash,
)
from app.outage import Outage
from app.storage import (
    Storage,
    StorageError,
    StorageFull,
    StorageUnavailable,
    insert_many,
    run,
)
from app.storage.checkpoint import Checkpoint, read_checkpoint
from app.storage.tables.chain import blocks as blocks_table
from app.storage.tables.chain import event_subjects, events, logs

log = structlog.get_logger(__name__)
MAX_MOVES = 100  # in a row, before it is an error; it tries again after a pause
SILENT_SECONDS = 10.0  # without a head from the node, before the chain counts as silent


class IndexerSettings(msgspec.Struct, frozen=True):
    """Settings of the indexer. Durations are seconds.

    Attributes:
        start_block: the first block to read: that of the deployment.
        finality: "instant", "finalized" or a number of confirmations.
        verify_receipts: rebuild each block's `receiptsRoot` and compare.
        poll_busy, poll_idle: time between two polls of the head while operations are under way,
            and while none is.
        target_events: number of events that one step should write when catching up.
        max_blocks: maximum number of blocks that one step reads.
    """

    start_block: int = 0
    finality: str | int = "instant"
    verify_receipts: bool = True
    poll_busy: float = 0.01
    poll_idle: float = 0.25
    target_events: int = 4000
    max_blocks: int = 1024


class _CheckpointMoved(ChainMoved):
    """Another gateway on the same store has indexed these blocks."""


class Indexer:
    """Keeps the tables in step with the chain."""

    def __init__(
        self,
        *,
        storage: Storage,
        rpc: JsonRpc,
        contracts: Contracts,
        projections: Sequence[Projection] = (),
        settings: IndexerSettings | None = None,
        guard: ChainGuard | None = None,
    ) -> None:
        self.storage = storage
        self.rpc = rpc
        self.contracts = contracts
        self.projections = list(projections)
        self.settings = settings or IndexerSettings()
        self.guard = guard
        self.finality = Finality.parse(self.settings.finality)
        self.reader = BlockReader(rpc, verify=self.settings.verify_receipts)
        self.head_number: int | None = None
        self.head_read_at: float | None = None
        self.reached_head = False  # once since the start
        self.indexed_events = 0
        self.last_error: str | None = None
        self.wrong_chain: WrongChain | None = None
        self._final: BlockHash | None = None
        self._range = 16
        self._ahead: tuple[str, asyncio.Task[Batch]] | None = None
        self._busy_until = 0.0
        self._wake = asyncio.Event()
        self._stopping = False
        self._moves = 0  # steps in a row during which the chain moved

    # -- life

    @property
    def silent(self) -> bool:
        """Whether the chain does not answer: no head for `SILENT_SECONDS`, or none since an error.

        `head_number` and `head_read_at` are those of the last answer.
        """
        if self.head_read_at is None:
            return self.last_error is not None
        return time.time() - self.head_read_at > SILENT_SECONDS

    def wake(self, *, busy_for: float = 5.0) -> None:
        """Polls at once, and often for `busy_for` seconds: a transaction was sent."""
        self._busy_until = time.monotonic() + busy_for
        self._wake.set()

    def rest(self) -> None:
        """Polls less often: nothing is under way."""
        self._busy_until = 0.0

    async def stop(self) -> None:
        """Makes `run` return after the current step."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Follows the chain until stopped; waits while the node or the store is away."""
        try:
            await self._follow()
        finally:
            await self._drop_ahead()

    async def _follow(self) -> None:
        outage = Outage(log, "indexer")
        while not self._stopping:
            try:
                progressed = await self.step()
                outage.over()
                self.last_error, self.wrong_chain = None, None
            except Exception as error:  # the index stays where it is and tries again
                self.last_error = f"{type(error).__name__}: {error}"
                self.wrong_chain = error if isinstance(error, WrongChain) else None
                known = isinstance(
                    error, ChainError | StorageError | ReceiptsIncomplete | ChainMoved
                )
                outage.failed(
                    error, known=known, logged=isinstance(error, StorageFull | StorageUnavailable)
                )
                if isinstance(error, NodeUnreachable):
                    self._range = max(1, self._range // 2)  # a smaller answer arrives sooner
                await self._pause(min(5.0, 0.05 * 2 ** min(outage.failures, 7)))
                continue
            if not progressed:
                busy = time.monotonic() < self._busy_until
                await self._pause(self.settings.poll_busy if busy else self.settings.poll_idle)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()

    # -- one step

    async def step(self) -> bool:
        """Indexes new blocks, at most one range; returns False if there is nothing to do.

        Raises:
            NodeUnreachable, RpcError, ReceiptsIncomplete, StorageError.
            WrongChain, FinalityBroken: nothing is written until the node serves the chain again.
            ChainMoved: the chain has moved during each of many steps.
        """
        try:
            progressed = await self._step()
        except ChainMoved:
            self._moves += 1
            if self._moves >= MAX_MOVES:
                raise
            return True
        self._moves = 0
        return progressed

    async def _step(self) -> bool:
        at = await self._checkpoint()
        await self._update_guard(at)
        head = await self.reader.header("latest")
        if head is None:
            raise NodeUnreachable("the node has no blocks")
        self.head_number, self.head_read_at = head.height, time.time()
        final_number, final_hash = await self.finality.final_block(reader=self.reader, head=head)
        if head.height <= at.block_number:
            self.reached_head |= head.hash == at.block_hash
            if head.hash == at.block_hash or await self._is_behind(head):
                await self._finalize(at, final_number, final_hash)
                return False
            await self._reorganise(at, below=head.height)
            return True
        return await self._advance(at, head, final_number)

    async def catch_up(self) -> None:
        """Indexes up to the head; for the command line and tests."""
        try:
            while await self.step():
                pass
        finally:
            await self._drop_ahead()

    async def _advance(self, at: Checkpoint, head: Header, final_number: int) -> bool:
        batch = await self._take_ahead(at)
        if batch is None:
            first = at.block_number + 1
            batch = await self._read(first, self._last(at.block_number, head), head)
        if at.block_hash and batch.parent_hash != at.block_hash:
            await self._reorganise(at, below=at.block_number)
            return True
        self._require_identity(batch)
        last = batch.last.height
        batch.final_number = self.finality.within(final_number, last=last)
        if last < head.height:
            count, blocks = len(batch.events), len(batch.block_rows)
            next_range = self.settings.target_events / max(count, 1) * blocks
            self._range = int(min(max(1, next_range), self._range * 2, self.settings.max_blocks))
            # The next range is read while this one is written.
            following = self._read(last + 1, self._last(last, head), head)
            self._ahead = (batch.last.hash, asyncio.create_task(following))
        batch.receipts = await self._relevant_receipts(batch.receipts)
        await explain(batch.receipts, storage=self.storage, rpc=self.rpc, contracts=self.contracts)
        if batch.receipts:
            crash_point("indexer.fetched")
        await self.storage.write(partial(self._write, at=at, batch=batch))
        self.reached_head |= last >= head.height
        if batch.receipts:
            crash_point("indexer.stored")
        self.indexed_events += len(batch.events)
        return True

    def _require_identity(self, batch: Batch) -> None:
        """Compares the blocks with the chain's identity.

        A connection that has proved its chain may be redirected to another chain unnoticed, and
        before a block is final nothing else shows that.

        Raises:
            WrongChain.
        """
        if self.guard is None:
            return
        known = {0: self.guard.identity.genesis_hash} | dict(self.guard.identity.blocks)
        if batch.block_rows[0][0] - 1 > max(known):
            return
        for number, hash_, parent_hash, *_ in batch.block_rows:
            for height, actual in ((number, hash_), (number - 1, parent_hash)):
                expected = known.get(height)
                if expected is not None and actual.lower() != expected.lower():
                    what = f"the hash of block {height}"
                    raise WrongChain(
                        node=self.rpc.name, what=what, expected=expected, actual=actual
                    )

    def _last(self, number: int, head: Header) -> int:
        """The last block of the range after block `number`."""
        return min(head.height, number + self._range)

    async def _take_ahead(self, at: Checkpoint) -> Batch | None:
        """The range that was read ahead, if it is the next one."""
        if self._ahead is None:
            return None
        (follows, task), self._ahead = self._ahead, None
        if follows != at.block_hash:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return None
        return await task

    async def _drop_ahead(self) -> None:
        if self._ahead is not None:
            (_, task), self._ahead = self._ahead, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _read(self, first: int, last: int, head: Header) -> Batch:
        """Reads and decodes blocks `first` … `last`."""
        if first == head.height:
            headers = [head]
        else:
            headers = await self.reader.headers(first, last)
            if last == head.height and headers[-1].hash != head.hash:
                raise ChainMoved("the head moves while the blocks below it are read")
        return decode_blocks(self.contracts, await self.reader.blocks(headers))

    async def _checkpoint(self) -> Checkpoint:
        checkpoint = await self.storage.read(read_checkpoint)
        if checkpoint is not None:
            return checkpoint
        start = self.settings.start_block
        parent = await self.reader.header(start - 1) if start else None
        at = Checkpoint(start - 1, parent.hash if parent else "")
        await self.storage.write(
            lambda connection: run(
                connection,
                "INSERT INTO checkpoints (name, block_number, block_hash, timestamp, "
                "final_number, updated_at) VALUES ('index', ?, ?, 0, -1, ?) "
                "ON CONFLICT (name) DO NOTHING",
                (at.block_number, at.block_hash, time.time()),
            )
        )
        return at

    async def _is_behind(self, head: Header) -> bool:
        """Whether the node merely lags: its head is a stored block."""
        stored = await self.storage.read(
            lambda connection: run(
                connection, "SELECT hash FROM blocks WHERE number = ?", (head.height,)
            ).scalar()
        )
        return bool(stored == head.hash)

    async def _finalize(self, at: Checkpoint, final_number: int, final_hash: str | None) -> None:
        if final_hash is not None:
            stored = await self.storage.read(partial(stored_hash, number=final_number))
            if stored != final_hash:  # newer than the head, or on another fork
                return
        final_number = min(final_number, at.block_number)
        if final_number > at.final_number:
            await self.storage.write(partial(self._write_final, final_number=final_number))

    @staticmethod
    def _write_final(connection: Connection, *, final_number: int) -> None:
        run(
            connection,
            "UPDATE checkpoints SET final_number = ? WHERE name = 'index' AND final_number < ? "
            "AND block_number >= ?",
            (final_number, final_number, final_number),
        )
        recording.finalize(connection, final_number=final_number)

    async def _reorganise(self, at: Checkpoint, *, below: int) -> None:
        number, block_hash, timestamp = await common_ancestor(
            storage=self.storage,
            reader=self.reader,
            below=below,
            floor=self.settings.start_block - 1,
        )
        if number < at.final_number:
            await self._refuse_below_final(number + 1)
        log.warning("indexer.reorganisation", was_at=at.block_number, back_to=number)

        def write(connection: Connection) -> None:
            if read_checkpoint(connection) != at:
                raise _CheckpointMoved
            roll_back(
                connection,
                to=number,
                block_hash=block_hash,
                timestamp=timestamp,
                contracts=self.contracts,
                projections=self.projections,
            )

        await self.storage.write(write)

    async def _refuse_below_final(self, number: int) -> None:
        """Raises `FinalityBroken`: the node's chain differs at block `number`, which was final."""
        stored = await self.storage.read(partial(stored_hash, number=number))
        header = await self.reader.header(number)
        if stored is None or header is None or header.hash == stored:
            raise ChainMoved("the chain moves while it is compared with the index")
        raise FinalityBroken(node=self.rpc.name, number=number, expected=stored, actual=header.hash)

    async def _update_guard(self, at: Checkpoint) -> None:
        """Gives the guard of the nodes the last final block."""
        if self.guard is None:
            return
        if at.final_number != (-1 if self._final is None else self._final[0]):
            stored = await self.storage.read(partial(stored_hash, number=at.final_number))
            self._final = None if stored is None else (at.final_number, stored)
        self.guard.final = self._final

    async def rebuild(self) -> None:
        """Fills the read tables again from the raw logs in the store."""
        await self.storage.write(
            lambda connection: rebuild(
                connection, contracts=self.contracts, projections=self.projections
            )
        )

    # -- intents

    async def _relevant_receipts(self, receipts: list[RelayReceipt]) -> list[RelayReceipt]:
        """Receipts of transactions that carried intents or are of our relay accounts."""
        if not receipts:
            return []
        return await self.storage.read(partial(recording.relevant_receipts, receipts=receipts))

    # -- writing

    def _write(self, connection: Connection, *, at: Checkpoint, batch: Batch) -> None:
        last = batch.last
        update = run(
            connection,
            "UPDATE checkpoints SET block_number = ?, block_hash = ?, timestamp = ?, "
            "final_number = CASE WHEN final_number < ? THEN ? ELSE final_number END, "
            "updated_at = ? WHERE name = 'index' AND block_number = ? AND block_hash = ?",
            (
                last.height,
                last.hash,
                int(last.timestamp, 16),
                batch.final_number,
                batch.final_number,
                time.time(),
                at.block_number,
                at.block_hash,
            ),
        )
        if update.rowcount != 1:
            raise _CheckpointMoved
        insert_many(connection, blocks_table, batch.block_rows)
        insert_many(connection, logs, batch.log_rows)
        insert_many(connection, events, batch.event_rows)
        insert_many(connection, event_subjects, batch.subject_rows)
        if batch.events:
            for projection in self.projections:
                projection.apply(connection, batch.events)
        recording.record(connection, batch.receipts, final_number=batch.final_number)
        if self.finality.kind != "instant":
            recording.finalize(connection, final_number=batch.final_number)
