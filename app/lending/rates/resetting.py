"""Resets floating rates on their days.

Anyone may send a reset. Once the rate of a reset day is in force, the gateway sends it for a lender
that it signs for, with the loan's history, so that a late rate counts from its day. A history that
one transaction cannot take runs in parts first.
"""

from __future__ import annotations

import contextlib
from collections.abc import Hashable
from functools import partial

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import to_json
from app.chain.outbox.outbox import GATEWAY, Call, Origin, RanBeforeRestore
from app.gateway import own_tasks
from app.gateway.execution import NewOperation
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending.history_parts import with_parts
from app.lending.rates import repository, resets
from app.lending.repository import loan
from app.lending.rows import LoanRow
from app.storage import RowConflict

log = structlog.get_logger(__name__)
EVERY_SECONDS = 5.0
AT_ONCE = 100  # loans of one round


class _Reset(msgspec.Struct, frozen=True):
    """A reset that is due, and who sends it."""

    loan: LoanRow
    lender_id: str
    today: int

    @property
    def origin(self) -> Origin:
        """The same for all gateways on one store, so that only one of them sends it.

        If the loan changed meanwhile, the ledger refuses the reset, and the next round sends it
        with the new history. What it refused for another reason is sent once more each day: a third
        appraiser may have confirmed the rate by then.
        """
        row = self.loan
        key = f"{row.loan_id}-{row.next_reset_day}-{row.changed_block}-{self.today}"
        return Origin(GATEWAY, f"reset-rate-{key}")

    def part_origin(self, part: NewOperation) -> Origin:
        """Likewise for a part of the loan's history."""
        mark = keccak(to_json(part.arguments).encode()).hex()[:16]
        return Origin(GATEWAY, f"run-history-{self.origin.key}-{mark}")

    def call(self, new_operation: NewOperation) -> Call:
        """The call of the ledger, for the lender."""
        return new_operation.call(signer=self.loan.lender, party_id=self.lender_id)


async def reset_rates(gateway: Gateway) -> None:
    """Runs until it is cancelled."""
    begun: set[Origin] = set()
    items = own_tasks.Items(log, "rates")

    async def step() -> None:
        passed_over = items.paused() | begun
        for reset in await gateway.storage.read(partial(_due, gateway, passed_over=passed_over)):
            with items.attempt(reset.origin):
                if await _send(gateway, reset):
                    begun.add(reset.origin)

    await own_tasks.repeated(step, every=EVERY_SECONDS, log=log, name="rates")


async def _send(gateway: Gateway, reset: _Reset) -> bool:
    """Sends a reset, or the next part that runs before it; whether it was the reset."""
    row = reset.loan
    rerun = await gateway.storage.read(partial(resets.rerun, row=row))
    build = partial(resets.operation, row.loan_id)
    new_operation = await with_parts(gateway, [rerun], build, signer=row.lender)
    origin = reset.origin
    if new_operation.first:
        new_operation = new_operation.first[0]
        origin = reset.part_origin(new_operation)
    # Another gateway on this store may have begun it, or this one before its restart.
    with contextlib.suppress(RowConflict, RanBeforeRestore):
        await gateway.storage.write(
            partial(gateway.operations.enqueue, call=reset.call(new_operation), origin=origin)
        )
    return origin == reset.origin


def _due(
    gateway: Gateway, connection: Connection, *, passed_over: frozenset[Hashable]
) -> list[_Reset]:
    """The loans whose reset day has come and has a rate; at most `AT_ONCE`.

    Those that were begun or failed, or that this gateway cannot sign for, take no place of another.
    """
    now, _ = moment(connection)
    today = business_day(gateway, now)
    due: list[_Reset] = []
    for loan_id, lender_id in repository.due_loans(connection, today=today):
        row = loan(connection, loan_id)
        if row is None or not row.reset_due(today):
            continue
        floating, day = row.floating(), row.next_reset_day
        assert floating is not None
        assert day is not None
        if repository.rate_on(connection, floating.reference, day=day) is None:
            continue
        reset = _Reset(row, lender_id, today)
        if reset.origin in passed_over or not gateway.keystore.held_in(connection, row.lender):
            continue
        due.append(reset)
        if len(due) == AT_ONCE:
            break
    return due
