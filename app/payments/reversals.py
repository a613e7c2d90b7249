"""Payments that a bank took back, whichever of both it told first."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import Connection

from app.chain.operation import OperationError, new_id
from app.http.acting import end_prepared
from app.payments.entries import Booked, Undone
from app.storage import run

_LOOKED_AT = 500


def reverse(connection: Connection, one: Undone, *, lender: str) -> str | None:
    """Marks the one entry that a reversal takes back, and gives its id.

    The entry is of the same sum, and the reversal names it: by the bank's reference, or else by the
    payer's end-to-end id. None: it names none, or several. One that names none is kept, and takes
    back the entry when that is told.
    """
    marks = ", ".join("?" * len(one.names))
    either = f"(reference IN ({marks}) OR entry_reference IN ({marks}))"
    named = [(either, [*one.names, *one.names])] if one.names else []
    if one.end_to_end_id:
        named.append(("end_to_end_id = ?", [one.end_to_end_id]))
    known = False
    for condition, values in named:
        rows = run(
            connection,
            "SELECT id, reversed_by FROM bank_entries WHERE lender = ? AND currency = ? "
            f"AND amount = ? AND booked_on <= ? AND {condition}",
            (lender, one.currency, one.amount, one.booked_on.isoformat(), *values),
        ).all()
        again = [str(row.id) for row in rows if row.reversed_by == _mark(one)]
        if again:
            return again[0]
        free = [str(row.id) for row in rows if row.reversed_by is None]
        if len(free) == 1:
            _take_back(connection, free[0], reversed_by=_mark(one))
            return free[0]
        known = known or bool(rows)
    if named and not known:
        _keep(connection, one, lender=lender)
    return None


def told_before(connection: Connection, identifier: str, one: Booked, *, lender: str) -> None:
    """Marks a new entry that a reversal took back before the bank told of it."""
    rows = run(
        connection,
        "SELECT id, mark, names_json, end_to_end_id FROM bank_reversals WHERE lender = ? "
        "AND currency = ? AND amount = ? AND booked_on >= ? ORDER BY id LIMIT ?",
        (lender, one.currency, one.amount, one.booked_on.isoformat(), _LOOKED_AT),
    ).all()
    by_payer = [row for row in rows if row.end_to_end_id == one.end_to_end_id != ""]
    # The name of a batch is that of all its payments.
    named = [row for row in rows if not one.part or row in by_payer or not row.end_to_end_id]
    by_name = [row for row in rows if one.reference in msgspec.json.decode(row.names_json)] or [
        row for row in named if one.entry_reference in msgspec.json.decode(row.names_json)
    ]
    for row in (by_name or by_payer)[:1]:
        _take_back(connection, identifier, reversed_by=row.mark)
        run(connection, "DELETE FROM bank_reversals WHERE id = ?", (row.id,))


def _take_back(connection: Connection, identifier: str, *, reversed_by: str) -> None:
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


def _keep(connection: Connection, one: Undone, *, lender: str) -> None:
    """Keeps a reversal whose entry is not known yet, once however often the bank tells it."""
    names = msgspec.json.encode(sorted(one.names)).decode()
    run(
        connection,
        "INSERT INTO bank_reversals (id, lender, mark, currency, amount, booked_on, names_json, "
        "end_to_end_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (lender, mark, currency, amount, names_json, end_to_end_id) DO NOTHING",
        (
            *(new_id(), lender, _mark(one), one.currency, one.amount, one.booked_on.isoformat()),
            *(names, one.end_to_end_id, time.time()),
        ),
    )


def _mark(one: Undone) -> str:
    return one.reference or f"reversal of {one.booked_on.isoformat()}"
