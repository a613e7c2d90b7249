"""Entries of banks' messages as they are kept, with what took them back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.gateway.money import money_view
from app.lending.payments import reversals
from app.lending.payments.entries import Booked, Undone
from app.lending.payments.known import Details, about, by_names, by_reference, details_of
from app.storage import run
from app.storage.sealing import Sealer

_STATES = {
    "accepted": "under-way",
    "submitted": "under-way",
    "included": "recorded",
    "final": "recorded",
}
_AT_ONCE = 500
_SELECT = (
    "SELECT b.id, b.reference, b.loan_id, b.currency, b.amount, b.booked_on, o.state, "
    "b.operation_id, b.end_to_end_id, b.reversed_by, b.details "
    "FROM bank_entries b LEFT JOIN operations o ON o.id = b.operation_id "
)


def by_id(connection: Connection, *, lender: str, identifier: str) -> Any:
    """A row; None: the lender has no such entry."""
    return run(
        connection, _SELECT + "WHERE b.id = ? AND b.lender = ?", (identifier, lender)
    ).first()


def by_ids(connection: Connection, identifiers: Sequence[str]) -> list[Any]:
    """Rows in the order in which they were kept."""
    rows: list[Any] = []
    for start in range(0, len(identifiers), _AT_ONCE):
        part = identifiers[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        rows += run(connection, _SELECT + f"WHERE b.id IN ({marks})", tuple(part))
    return sorted(rows, key=lambda row: str(row.id))


def newest(connection: Connection, lender: str, *, before: str | None, limit: int) -> list[Any]:
    """A page of rows, newest first."""
    wheres, values = ["b.lender = ?"], [lender]
    if before is not None:
        wheres.append("b.id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} ORDER BY b.id DESC LIMIT ?"
    return list(run(connection, _SELECT + where, (*values, limit)))


def keep(
    connection: Connection,
    sealer: Sealer,
    told: Sequence[Booked],
    *,
    lender: str,
    expected: str | None,
) -> tuple[list[str], list[str]]:
    """Keeps the entries of one message; the ids of the new ones, and of those that were known.

    Raises:
        Conflict: a reference stood for another amount on the same account.
    """
    known: list[str] = []
    rest: list[Booked] = []
    for one in told:
        found = by_reference(connection, sealer, one, lender=lender)
        if found is None:
            rest.append(one)
        else:
            known.append(found)
    taken: set[str] = set(known)
    anew: list[str] = []
    for one in rest:
        found = by_names(connection, sealer, one, lender=lender, taken=taken, new=set(anew))
        if found is None:
            found = _add(connection, sealer, one, lender=lender, expected=expected)
            anew.append(found)
        else:
            known.append(found)
            taken.add(found)
    return anew, list(dict.fromkeys(known))


def _add(
    connection: Connection, sealer: Sealer, one: Booked, *, lender: str, expected: str | None
) -> str:
    identifier = new_id()
    details = Details(
        *(one.account, expected, one.creditor_reference, one.paid, one.payments),
        *(one.transaction_reference, one.part),
    )
    sealed = sealer.seal(msgspec.json.encode(details), about=about(identifier))
    twins = run(
        connection,
        "SELECT count(*) FROM bank_entries WHERE lender = ? AND reference = ?",
        (lender, one.reference),
    ).scalar()
    run(
        connection,
        "INSERT INTO bank_entries (id, lender, reference, loan_id, currency, amount, booked_on, "
        "created_at, end_to_end_id, details, entry_reference, twin) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(identifier, lender, one.reference, one.loan_id, one.currency, one.amount),
            *(one.booked_on.isoformat(), time.time(), one.end_to_end_id or None, sealed),
            *(one.entry_reference or None, twins),
        ),
    )
    reversals.told_before(connection, sealer, identifier, one, lender=lender)
    return identifier


def view(row: Any, sealer: Sealer) -> dict[str, Any]:
    """An entry as it is shown."""
    state = _STATES.get(row.state or "", "waiting")
    if row.reversed_by is not None and state == "waiting":
        state = "reversed"
    shown = {
        "id": row.id,
        "reference": row.reference,
        "loanId": row.loan_id,
        "amount": money_view(row.amount, currency=row.currency),
        "bookedOn": row.booked_on,
        "state": state,
        "operationId": row.operation_id,
        "endToEndId": row.end_to_end_id,
        "reversedBy": row.reversed_by,
    }
    details = details_of(row, sealer)
    if details is None:
        return shown
    named = details.creditor_reference
    paid = details.paid
    return shown | {
        "account": details.account or None,
        "accountExpected": None
        if details.expected is None
        else details.expected == "".join(details.account.split()).upper(),
        "creditorReference": None
        if named is None
        else {"type": named.kind, "value": named.value, "valid": named.valid},
        "paid": None if paid is None else money_view(paid, currency=row.currency),
        "charges": None if paid is None else money_view(paid - row.amount, currency=row.currency),
        "payments": details.payments,
    }


def undone_view(one: Undone, entry_id: str | None) -> dict[str, Any]:
    """A payment that came back as it is shown."""
    return {
        "reference": one.reference,
        "amount": money_view(one.amount, currency=one.currency),
        "bookedOn": one.booked_on.isoformat(),
        "loanId": one.loan_id,
        "endToEndId": one.end_to_end_id or None,
        "reason": one.reason or None,
        "entryId": entry_id,
    }
