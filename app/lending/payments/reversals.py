"""Payments that a bank took back, whichever of both it told first.

A reversal names its payment by one of the bank's references. Where it names none, the payer's
end-to-end id ties them: payers use one id again for each instalment, so it counts for a few days
only, and only where one payment can be meant. What cannot be tied is left to the lender.
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
from app.lending.payments.entries import Booked, Undone
from app.lending.payments.known import details_of
from app.storage import run
from app.storage.sealing import Sealer

TIED_DAYS = 14  # between a payment and a reversal that only the payer's id ties to it
_LOOKED_AT = 500  # reversals of one sum, newest first


class _Kept(msgspec.Struct, frozen=True):
    """A reversal that was told before; `entry_id` of the payment that it took back."""

    id: str
    entry_id: str | None
    told: Undone


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
    connection: Connection, sealer: Sealer, told: Sequence[Undone], *, lender: str
) -> list[str | None]:
    """Marks the payment that each reversal of one message takes back, and gives their ids.

    None: it names none that is known, or several. It is kept, and takes back the payment when that
    is told.
    """
    found: list[str | None] = []
    taken: set[str] = set()
    for one in told:
        known = _known(connection, sealer, one, lender=lender, taken=taken)
        if known is not None:
            taken.add(known.id)
            found.append(known.entry_id)
            continue
        entry_id = _meant(_candidates(connection, sealer, one, lender=lender), one)
        taken.add(_keep(connection, sealer, one, lender=lender, entry_id=entry_id))
        if entry_id is not None:
            _mark_entry(connection, entry_id, reversed_by=_mark(one))
        found.append(entry_id)
    return found


def told_before(
    connection: Connection, sealer: Sealer, identifier: str, one: Booked, *, lender: str
) -> None:
    """Marks a new entry that a reversal took back before the bank told of it."""
    new = _Candidate(
        *(identifier, one.account, one.reference, one.entry_reference, one.end_to_end_id),
        *(one.booked_on, one.part, False),
    )
    waiting = [
        kept
        for kept in _of_sum(
            connection, sealer, one.currency, one.amount, lender=lender, without_entry=True
        )
        if kept.told.booked_on >= one.booked_on and _same_or_unsaid(kept.told.account, one.account)
    ]
    by_name = [kept for kept in waiting if _names(kept.told, new)]
    by_payer = [kept for kept in waiting if _tied(kept.told, new)]
    for kept in (by_name or by_payer)[-1:]:  # the oldest one
        _mark_entry(connection, identifier, reversed_by=_mark(kept.told))
        run(
            connection,
            "UPDATE bank_reversals SET entry_id = ? WHERE id = ?",
            (identifier, kept.id),
        )


def _known(
    connection: Connection, sealer: Sealer, one: Undone, *, lender: str, taken: set[str]
) -> _Kept | None:
    """The same reversal as a message before told it. Each stands for one of this message."""
    for kept in reversed(_of_sum(connection, sealer, one.currency, one.amount, lender=lender)):
        if kept.id not in taken and _is_same(kept.told, one):
            return kept
    return None


def _is_same(kept: Undone, one: Undone) -> bool:
    if kept.booked_on != one.booked_on:
        return False
    pairs = (
        (kept.account, one.account),
        (kept.own, one.own),
        (kept.entry_reference, one.entry_reference),
        (kept.end_to_end_id, one.end_to_end_id),
    )
    if not all(_same_or_unsaid(before, now) for before, now in pairs):
        return False
    tying = [before for before, now in pairs[1:] if before == now]
    return any(tying) or not any(before or now for before, now in pairs[1:])


def _meant(candidates: Sequence[_Candidate], one: Undone) -> str | None:
    """The one payment that a reversal takes back."""
    named = [entry for entry in candidates if _names(one, entry) or _names_batch(one, entry)]
    if named:
        free = [entry for entry in named if not entry.reversed]
        if len(free) > 1 and one.end_to_end_id:
            free = [entry for entry in free if entry.end_to_end_id == one.end_to_end_id]
    else:
        free = [entry for entry in candidates if _tied(one, entry)]
        free = [entry for entry in free if not entry.reversed]
    return free[0].id if len(free) == 1 else None


def _names(told: Undone, entry: _Candidate) -> bool:
    """Whether a reversal has a reference of the payment's. That of a batch is all its payments'."""
    if entry.reference in told.names:
        return True
    by_entry = bool(entry.entry_reference) and entry.entry_reference in told.names
    same_payer = bool(told.end_to_end_id) and entry.end_to_end_id == told.end_to_end_id
    return by_entry and (same_payer or not entry.part)


def _names_batch(told: Undone, entry: _Candidate) -> bool:
    """Whether it has the batch's, and says nothing of the payer."""
    by_entry = bool(entry.entry_reference) and entry.entry_reference in told.names
    return by_entry and not told.end_to_end_id


def _tied(told: Undone, entry: _Candidate) -> bool:
    """Whether the payer's id ties the two, and nothing else says more."""
    same = bool(told.end_to_end_id) and entry.end_to_end_id == told.end_to_end_id
    return same and (told.booked_on - entry.booked_on).days <= TIED_DAYS


def _same_or_unsaid(before: str, now: str) -> bool:
    return not before or not now or before == now


def _mark_entry(connection: Connection, identifier: str, *, reversed_by: str) -> None:
    """Marks the entry. A repayment that its wallet was asked to sign is not signed any more."""
    run(
        connection,
        "UPDATE bank_entries SET reversed_by = ? WHERE id = ?",
        (reversed_by, identifier),
    )
    prepared = run(
        connection, "SELECT operation_id FROM bank_entries WHERE id = ?", (identifier,)
    ).scalar()
    if prepared is not None:
        error = OperationError(
            "EntryReversed",
            f"the bank took the money back, by its entry {reversed_by}",
            {"entryId": identifier},
            fix="sign nothing; ask the payer to pay again",
        )
        end_prepared(connection, str(prepared), error=error)


# ------------------------------------------------------------------ rows


def _candidates(
    connection: Connection, sealer: Sealer, one: Undone, *, lender: str
) -> list[_Candidate]:
    """Payments of the sum and account that a reversal has a reference or the payer's id of."""
    wheres, values = [], []
    if one.names:
        marks = ", ".join("?" * len(one.names))
        wheres.append(f"reference IN ({marks}) OR entry_reference IN ({marks})")
        values += [*one.names, *one.names]
    if one.end_to_end_id:
        wheres.append("end_to_end_id = ?")
        values.append(one.end_to_end_id)
    if not wheres:
        return []
    rows = run(
        connection,
        "SELECT id, reference, entry_reference, end_to_end_id, booked_on, reversed_by, details "
        "FROM bank_entries WHERE lender = ? AND currency = ? AND amount = ? AND booked_on <= ? "
        f"AND ({' OR '.join(wheres)}) ORDER BY id",
        (lender, one.currency, one.amount, one.booked_on.isoformat(), *values),
    ).all()
    found = [_candidate(row, sealer) for row in rows]
    return [entry for entry in found if _same_or_unsaid(entry.account, one.account)]


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
) -> list[_Kept]:
    """Reversals of a sum, newest first; those alone that took back nothing yet, where asked."""
    waiting = "AND entry_id IS NULL " if without_entry else ""
    rows = run(
        connection,
        "SELECT id, entry_id, details FROM bank_reversals WHERE lender = ? AND currency = ? "
        f"AND amount = ? {waiting}ORDER BY id DESC LIMIT ?",
        (lender, currency, amount, _LOOKED_AT),
    ).all()
    return [
        _Kept(
            row.id,
            row.entry_id,
            msgspec.json.decode(sealer.open(bytes(row.details), about=_about(row.id)), type=Undone),
        )
        for row in rows
    ]


def _keep(
    connection: Connection, sealer: Sealer, one: Undone, *, lender: str, entry_id: str | None
) -> str:
    identifier = new_id()
    sealed = sealer.seal(msgspec.json.encode(one), about=_about(identifier))
    run(
        connection,
        "INSERT INTO bank_reversals (id, lender, currency, amount, entry_id, details, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (identifier, lender, one.currency, one.amount, entry_id, sealed, time.time()),
    )
    return identifier


def _about(identifier: str) -> str:
    """What the details of a reversal are sealed about."""
    return f"bank reversal {identifier}"


def _mark(one: Undone) -> str:
    return one.reference or f"reversal of {one.booked_on.isoformat()}"
