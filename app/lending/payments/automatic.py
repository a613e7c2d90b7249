"""Reverses on the ledger what was recorded and the bank took back.

The gateway does so for a lender that it signs for: at once if no other payment or correction of the
loan is under way, and otherwise as soon as that one is on the ledger.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from functools import partial

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.outbox.nonces import lock_signer
from app.chain.outbox.operation import Operation, to_json
from app.chain.outbox.outbox import RanBeforeRestore
from app.domain import postings
from app.gateway import own_tasks, own_work
from app.gateway.commands import Command
from app.gateway.execution import NewOperation, enqueue
from app.gateway.gateway import Gateway
from app.lending.history_parts import fits, with_parts
from app.lending.payments import repository
from app.lending.payments.corrections import Reversal
from app.lending.payments.held import why_held
from app.lending.payments.recorded import Recorded, recorded
from app.lending.payments.repository import BankEntryRow, StillRecorded
from app.lending.rows import History
from app.storage import RowConflict

log = structlog.get_logger(__name__)
BANK_REVERSED = "reversed by the bank"
EVERY_SECONDS = 1.0
_ATTEMPTS = 5  # with one history of the loan; after them the lender decides
_LOOK_AGAIN = 3600.0  # seconds until an entry is looked at again that waits for its lender


def reverse_free(
    connection: Connection, command: Command, entries: Sequence[BankEntryRow], *, lender: str
) -> list[Operation]:
    """Begins the reversals of recorded entries whose loans are free; one waits for the one before.

    `reverse_later` begins the others, and those of loans whose history runs in parts. A loan that
    was sold meanwhile is its new lender's matter, and a reversal that would lessen what
    others promised for the loan is the lender's own.
    """
    if not entries:
        return []
    lock_signer(connection, signer=lender)
    busy = repository.loans_under_correction(connection)
    expected: dict[int, History] = {}
    operations: list[Operation] = []
    for entry in entries:
        payment = recorded(connection, entry)
        if payment is None or payment.row.loan_id in busy or not payment.is_lent_by(lender):
            continue
        if why_held(command.gateway, connection, payment) is not None:
            continue
        loan_id = payment.row.loan_id
        history = expected.get(loan_id) or payment.row.history()
        if payment.posting not in history.postings:
            continue
        reversal = Reversal(payment, history, reason=BANK_REVERSED)
        if not fits(command.gateway, reversal.loans):
            continue
        new_operation = reversal.whole
        before = [operation.id for operation in operations]
        operations.append(enqueue(connection, command, new_operation, signer=lender, after=before))
        repository.note_reversal(connection, entry.id, operation_id=operations[-1].id)
        rest = postings.without(history.postings, payment.posting)
        expected[loan_id] = History(history.from_day, history.start, rest)
    return operations


async def reverse_later(gateway: Gateway) -> None:
    """Runs until it is cancelled: begins the reversals for which a message came too early."""
    absent: dict[str, float] = {}
    items = own_tasks.Items(log, "reversals")

    async def step() -> None:
        now, paused = time.monotonic(), items.paused()
        for entry in await gateway.storage.read(repository.still_recorded):
            if entry.id in paused or absent.get(entry.id, 0.0) > now:
                continue
            with items.attempt(entry.id), contextlib.suppress(RowConflict, RanBeforeRestore):
                if not await gateway.keystore.held(entry.lender):
                    continue
                write = partial(_reverse, gateway, entry=entry, ready=await _ready(gateway, entry))
                if not await gateway.storage.write(write):
                    absent[entry.id] = now + _LOOK_AGAIN

    await own_tasks.repeated(step, every=EVERY_SECONDS, log=log, name="reversals")


class _Ready(msgspec.Struct, frozen=True):
    """The next operation of a reversal: a part of the loan's history, or the reversal itself."""

    history: History
    purpose: str
    operation: NewOperation
    is_part: bool


async def _ready(gateway: Gateway, entry: StillRecorded) -> _Ready | None:
    """The next operation of an entry's reversal; None if there is nothing to reverse."""
    payment = await gateway.storage.read(partial(_payment, entry=entry))
    if payment is None:
        return None
    history = payment.row.history()
    reversal = Reversal(payment, history, reason=BANK_REVERSED)
    operation = await with_parts(gateway, reversal.loans, reversal.operation, signer=entry.lender)
    # What the ledger refused may be right once something else is posted on the loan.
    about = f"{entry.id}-{payment.row.loan_id}-{_mark(msgspec.json.encode(history))}"
    if not operation.first:
        return _Ready(history, f"reverse-entry-{about}", operation, is_part=False)
    part = operation.first[0]
    purpose = f"run-history-{about}-{_mark(to_json(part.arguments).encode())}"
    return _Ready(history, purpose, part, is_part=True)


def _mark(content: bytes) -> str:
    return keccak(content).hex()[:16]


def _reverse(
    gateway: Gateway, connection: Connection, *, entry: StillRecorded, ready: _Ready | None
) -> bool:
    """Begins the reversal of an entry, or the part that runs before it, if its loan is free.

    False if its lender has no such loan, or has to decide on it.
    """
    lock_signer(connection, signer=entry.lender)
    payment = _payment(connection, entry)
    if payment is None or why_held(gateway, connection, payment) is not None:
        return False
    if payment.row.loan_id in repository.loans_under_correction(connection):
        return True
    if ready is None or payment.row.history() != ready.history:
        return True

    def note(connection: Connection, operation: Operation) -> None:
        repository.note_reversal(connection, entry.id, operation_id=operation.id)

    own_work.begin(
        connection,
        ready.purpose,
        ready.operation.call(signer=entry.lender, party_id=entry.party_id),
        attempts=_ATTEMPTS,
        then=None if ready.is_part else note,
    )
    return True


def _payment(connection: Connection, entry: StillRecorded) -> Recorded | None:
    row = repository.by_id(connection, lender=entry.lender, identifier=entry.id)
    payment = None if row is None else recorded(connection, row)
    return payment if payment is not None and payment.is_lent_by(entry.lender) else None
