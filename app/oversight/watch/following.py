"""Follows the warning levels of all lenders' loans, and tells what changed as alerts.

A running gateway assesses a lender's loans when the index has reached a new day, after so many
minutes of the chain's clock, and when a reorganisation has undone the block of the last assessment.
It compares the levels with those that were told last. So what is stored follows from the block of
the assessment and from what was told before it, and a level that an undone block had raised is told
as a fall; nothing is taken back.
"""

from __future__ import annotations

import time
from functools import partial

import msgspec
import structlog
from sqlalchemy import Connection

from app.domain.calendar import day_at
from app.domain.watch.assessing import watched
from app.domain.watch.changes import Change, Stand, Subject, changes
from app.gateway import own_tasks
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.oversight.watch import alert_rows, proposing, repository, webhook_rows
from app.oversight.watch.alert_rows import AssessmentRow
from app.oversight.watch.repository import Loaded, Scope
from app.storage.checkpoint import Checkpoint, read_checkpoint

log = structlog.get_logger(__name__)
EVERY_SECONDS = 2.0
_MINUTE = 60


class _Start(msgspec.Struct):
    """What one assessment starts from.

    Attributes:
        number: of the assessment.
        undone_hash: the block of the assessment before, if it was undone.
        before: how each subject stood when it was told last.
    """

    number: int
    at: Checkpoint
    undone_hash: str | None
    before: dict[Subject, Stand]
    loaded: Loaded


async def follow_levels(gateway: Gateway) -> None:
    """Runs until it is cancelled; a failed step is tried again later."""
    follower = Follower(gateway)
    await own_tasks.repeated(follower.step, every=EVERY_SECONDS, log=log, name="watch")


class Follower:
    """Assesses the loans of all lenders, in steps."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._last: Checkpoint | None = None  # the block of the last round
        self._lenders = own_tasks.Items(log, "watch")
        self._seconds = gateway.settings.watch_minutes * _MINUTE

    async def step(self) -> None:
        """Assesses each lender whose turn has come, and ends proposals that are too old."""
        gateway = self._gateway
        # While the index is behind, a block's levels are those of a day that is over.
        if not gateway.indexer.reached_head:
            return
        at, due = await gateway.storage.read(self._due)
        paused = self._lenders.paused()
        for lender in due:
            # What is wrong with one lender's loans does not silence the alerts of the others.
            if lender not in paused:
                with self._lenders.attempt(lender):
                    await self.assess(lender)
        self._last = at
        if await gateway.storage.read(proposing.any_too_old):
            await gateway.storage.write(proposing.end_too_old)

    async def assess(self, lender: str) -> int:
        """Assesses a lender's loans as of the newest block; returns how many alerts it stored.

        Where another gateway on the store is faster, this one stores nothing.
        """
        start = await self._gateway.storage.read(partial(self._start, lender=lender))
        if start is None:
            return 0
        levels = await self._gateway.documents.run(watched, start.loaded.facts)
        changed = changes(start.before, levels)
        write = partial(_store, lender=lender, start=start, changed=changed)
        return await self._gateway.storage.write(write)

    def _due(self, connection: Connection) -> tuple[Checkpoint | None, list[str]]:
        """The newest block, and the lenders to assess as of it."""
        at = read_checkpoint(connection)
        if at is None or not at.block_hash:
            return None, []
        if self._last is not None and not self._is_due(connection, self._last, at):
            return self._last, []
        known = alert_rows.assessments(connection)
        due = [
            lender
            for lender in alert_rows.lenders(connection)
            if lender not in known or self._is_due(connection, known[lender], at)
        ]
        return at, due

    def _is_due(
        self, connection: Connection, last: Checkpoint | AssessmentRow, at: Checkpoint
    ) -> bool:
        """Whether an assessment as of a block is followed by one as of the newest block."""
        if last.block_hash == at.block_hash:
            return False
        return (
            at.timestamp - last.timestamp >= self._seconds
            or self._day(at.timestamp) != self._day(last.timestamp)
            or not alert_rows.in_chain(connection, last.block_hash)
        )

    def _day(self, timestamp: int) -> int:
        return day_at(timestamp, zone_offset=self._gateway.zone_offset)

    def _start(self, connection: Connection, *, lender: str) -> _Start | None:
        gateway, at = self._gateway, read_checkpoint(connection)
        if at is None or not at.block_hash:
            return None
        last = alert_rows.assessments(connection).get(lender)
        undone = last is not None and not alert_rows.in_chain(connection, last.block_hash)
        codes = {
            gateway.contracts.address(CASH_PREFIX + code): code for code in gateway.currencies()
        }
        scope = Scope(lender=lender, codes=codes, now=at.timestamp, zone_offset=gateway.zone_offset)
        return _Start(
            number=1 if last is None else last.number + 1,
            at=at,
            undone_hash=last.block_hash if last is not None and undone else None,
            before=alert_rows.stands(connection, lender),
            loaded=repository.load(connection, scope),
        )


def _store(
    connection: Connection, *, lender: str, start: _Start, changed: tuple[Change, ...]
) -> int:
    """Stores an assessment with its alerts, and the steps that follow from them."""
    number, at = start.number, start.at
    if not alert_rows.count_assessment(connection, lender, number=number, at=at):
        return 0
    alerts = alert_rows.store(
        connection,
        changed,
        lender=lender,
        number=number,
        at=at,
        accounts=start.loaded.account_of,
        undone_hash=start.undone_hash,
    )
    webhook_rows.queue(connection, lender, alerts, now=time.time())
    for change, alert in zip(changed, alerts, strict=True):
        if change.subject.kind == "borrower":
            proposing.propose(connection, change, alert)
    return len(alerts)
