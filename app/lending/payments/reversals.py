"""Matches reversals with the payments that they take back, in whichever order the bank sends them.

A reversal names its payment by one of the bank's references. If it names none, the payer's
end-to-end id links the two. Payers reuse one id for each instalment, so the id counts for a few
days only, and only if one payment fits. The lender decides what cannot be matched.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import OperationError, new_id
from app.gateway.execution import end_prepared
from app.lending.payments.entries import Booked, Reversal
from app.lending.payments.known import details_of
from app.storage import run
from app.storage.sealing import Sealer

LINKED_DAYS = 14  # between a payment and a reversal that only the payer's id links to it
_MAX_REVERSALS = 500  # of one sum, newest first


class _StoredReversal(msgspec.Struct, frozen=True):
    """A reversal of an earlier message; `entry_id` is the payment that it took back, if any."""

    id: str
    entry_id: str | None
    reversal: Reversal


class _Candidate(msgspec.Struct, frozen=True):
    """A payment that a reversal may mean."""

    id: str
    account: str
    reference: str
    entry_reference: str
    end_to_end_id: str
    booked_on: datetime.date
    part: bool
    reversed: bool


def take_back(
    connection: Connection, sealer: Sealer, reversals: Sequence[Reversal], *, lender: str
) -> list[str | None]:
    """Marks the payment that each reversal of one message takes back, and returns their ids.

    The id is None if no stored payment matches, or several. The reversal is stored, and takes back
    its payment if a later message reports it.
    """
    entry_ids: list[str | None] = []
    taken: set[str] = set()
    for reversal in reversals:
        stored = _stored_reversal(connection, sealer, reversal, lender=lender, taken=taken)
        if stored is not None:
            taken.add(stored.id)
            entry_ids.append(stored.entry_id)
            continue
        entry_id = _entry_of(_candidates(connection, sealer, reversal, lender=lender), reversal)
        taken.add(_store(connection, sealer, reversal, lender=lender, entry_id=entry_id))
        if entry_id is not None:
            _mark_entry(connection, entry_id, reversed_by=_mark(reversal))
        entry_ids.append(entry_id)
    return entry_ids


def apply_earlier(
    connection: Connection, sealer: Sealer, identifier: str, entry: Booked, *, lender: str
) -> None:
    """Marks a new entry whose reversal the bank sent first."""
    new = _Candidate(
        *(identifier, entry.account, entry.reference, entry.entry_reference, entry.end_to_end_id),
        *(entry.booked_on, entry.part, False),
    )
    waiting = [
        stored
        for stored in _of_sum(
            connection, sealer, entry.currency, entry.amount, lender=lender, without_entry=True
        )
        if stored.reversal.booked_on >= entry.booked_on
        and _same_or_missing(stored.reversal.account, entry.account)
    ]
    by_name = [stored for stored in waiting if _names(stored.reversal, new)]
    by_payer = [stored for stored in waiting if _is_linked(stored.reversal, new)]
    for stored in (by_name or by_payer)[-1:]:  # the oldest one
        _mark_entry(connection, identifier, reversed_by=_mark(stored.reversal))
        run(
            connection,
            "UPDATE bank_reversals SET entry_id = ? WHERE id = ?",
            (identifier, stored.id),
        )


def _stored_reversal(
    connection: Connection, sealer: Sealer, reversal: Reversal, *, lender: str, taken: set[str]
) -> _StoredReversal | None:
    """The same reversal in an earlier message. Each stands for one reversal of this message."""
    for stored in reversed(
        _of_sum(connection, sealer, reversal.currency, reversal.amount, lender=lender)
    ):
        if stored.id not in taken and _is_same(stored.reversal, reversal):
            return stored
    return None


def _is_same(stored: Reversal, reversal: Reversal) -> bool:
    if stored.booked_on != reversal.booked_on:
        return False
    pairs = (
        (stored.account, reversal.account),
        (stored.own, reversal.own),
        (stored.entry_reference, reversal.entry_reference),
        (stored.end_to_end_id, reversal.end_to_end_id),
    )
    if not all(_same_or_missing(earlier, now) for earlier, now in pairs):
        return False
    equal = [earlier for earlier, now in pairs[1:] if earlier == now]
    return any(equal) or not any(earlier or now for earlier, now in pairs[1:])


def _entry_of(candidates: Sequence[_Candidate], reversal: Reversal) -> str | None:
    """The one payment that a reversal takes back; None if none or several match."""
    named = [
        entry for entry in candidates if _names(reversal, entry) or _names_batch(reversal, entry)
    ]
    if named:
        free = [entry for entry in named if not entry.reversed]
        if len(free) > 1 and reversal.end_to_end_id:
            free = [entry for entry in free if entry.end_to_end_id == reversal.end_to_end_id]
    else:
        free = [entry for entry in candidates if _is_linked(reversal, entry)]
        free = [entry for entry in free if not entry.reversed]
    return free[0].id if len(free) == 1 else None


def _names(reversal: Reversal, entry: _Candidate) -> bool:
    """Whether a reversal names the payment. A batch's reference names all its payments."""
    if entry.reference in reversal.names:
        return True
    by_entry = bool(entry.entry_reference) and entry.entry_reference in reversal.names
    same_payer = bool(reversal.end_to_end_id) and entry.end_to_end_id == reversal.end_to_end_id
    return by_entry and (same_payer or not entry.part)


def _names_batch(reversal: Reversal, entry: _Candidate) -> bool:
    """Whether a reversal names the payment's batch and no payer's id."""
    by_entry = bool(entry.entry_reference) and entry.entry_reference in reversal.names
    return by_entry and not reversal.end_to_end_id


def _is_linked(reversal: Reversal, entry: _Candidate) -> bool:
    """Whether the payer's id links the two within `LINKED_DAYS`."""
    same = bool(reversal.end_to_end_id) and entry.end_to_end_id == reversal.end_to_end_id
    return same and (reversal.booked_on - entry.booked_on).days <= LINKED_DAYS


def _same_or_missing(earlier: str, now: str) -> bool:
    return not earlier or not now or earlier == now


def _mark_entry(connection: Connection, identifier: str, *, reversed_by: str) -> None:
    """Marks the entry as reversed, and ends a repayment that waits for the wallet's signature."""
    run(
        connection,
        "UPDATE bank_entries SET reversed_by = ? WHERE id = ?",
        (reversed_by, identifier),
    )
    operation_id = run(
        connection, "SELECT operation_id FROM bank_entries WHERE id = ?", (identifier,)
    ).scalar()
    if operation_id is not None:
        error = OperationError(
            "EntryReversed",
            f"the bank reversed the payment with its entry {reversed_by}",
            {"entryId": identifier},
            fix="sign nothing; ask the payer to pay again",
        )
        end_prepared(connection, str(operation_id), error=error)


# ------------------------------------------------------------------ rows


def _candidates(
    connection: Connection, sealer: Sealer, reversal: Reversal, *, lender: str
) -> list[_Candidate]:
    """Payments of the same sum and account that share a reference or the payer's id."""
    wheres, values = [], []
    if reversal.names:
        marks = ", ".join("?" * len(reversal.names))
        wheres.append(f"reference IN ({marks}) OR entry_reference IN ({marks})")
        values += [*reversal.names, *reversal.names]
    if reversal.end_to_end_id:
        wheres.append("end_to_end_id = ?")
        values.append(reversal.end_to_end_id)
    if not wheres:
        return []
    rows = run(
        connection,
        "SELECT id, reference, entry_reference, end_to_end_id, booked_on, reversed_by, details "
        "FROM bank_entries WHERE lender = ? AND currency = ? AND amount = ? AND booked_on <= ? "
        f"AND ({' OR '.join(wheres)}) ORDER BY id",
        (lender, reversal.currency, reversal.amount, reversal.booked_on.isoformat(), *values),
    ).all()
    candidates = [_candidate(row, sealer) for row in rows]
    return [entry for entry in candidates if _same_or_missing(entry.account, reversal.account)]


def _candidate(row: Any, sealer: Sealer) -> _Candidate:
    details = details_of(row, sealer)
    return _Candidate(
        id=str(row.id),
        account="" if details is None else details.account,
        reference=str(row.reference),
        entry_reference=row.entry_reference or "",
        end_to_end_id=row.end_to_end_id or "",
        booked_on=datetime.date.fromisoformat(row.booked_on),
        part=details is not None and details.part,
        reversed=row.reversed_by is not None,
    )


def _of_sum(
    connection: Connection,
    sealer: Sealer,
    currency: str,
    amount: int,
    *,
    lender: str,
    without_entry: bool = False,
) -> list[_StoredReversal]:
    """Reversals of a sum, newest first; with `without_entry`, only those without a payment."""
    waiting = "AND entry_id IS NULL " if without_entry else ""
    rows = run(
        connection,
        "SELECT id, entry_id, details FROM bank_reversals WHERE lender = ? AND currency = ? "
        f"AND amount = ? {waiting}ORDER BY id DESC LIMIT ?",
        (lender, currency, amount, _MAX_REVERSALS),
    ).all()
    return [
        _StoredReversal(
            row.id,
            row.entry_id,
            msgspec.json.decode(
                sealer.open(bytes(row.details), about=_about(row.id)), type=Reversal
            ),
        )
        for row in rows
    ]


def _store(
    connection: Connection, sealer: Sealer, reversal: Reversal, *, lender: str, entry_id: str | None
) -> str:
    identifier = new_id()
    sealed = sealer.seal(msgspec.json.encode(reversal), about=_about(identifier))
    run(
        connection,
        "INSERT INTO bank_reversals (id, lender, currency, amount, entry_id, details, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (identifier, lender, reversal.currency, reversal.amount, entry_id, sealed, time.time()),
    )
    return identifier


def _about(identifier: str) -> str:
    """The label to which the encryption of a reversal's details is bound."""
    return f"bank reversal {identifier}"


def _mark(reversal: Reversal) -> str:
    return reversal.reference or f"reversal of {reversal.booked_on.isoformat()}"
