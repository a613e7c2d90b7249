"""Which entry of a bank's message is kept already, whatever the message calls it.

A notification (camt.054) and a statement (camt.053) tell one payment by different names: the first
one by the transaction's reference, the second one by the entry's alone.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.errors import Conflict
from app.lending.payments.entries import Booked
from app.lending.payments.references import CreditorReference
from app.storage import run
from app.storage.sealing import Sealer


class Details(msgspec.Struct, frozen=True):
    """What is kept sealed of an entry.

    Attributes:
        expected: the account that the upload named; None: it named none.
        transaction_reference: the bank's own of the payment; empty where it has none.
        part: whether it is one of several payments of an entry of the bank's.
    """

    account: str
    expected: str | None
    creditor_reference: CreditorReference | None
    paid: int | None
    payments: int
    transaction_reference: str = ""
    part: bool = False


def details_of(row: Any, sealer: Sealer) -> Details | None:
    """What is kept sealed of a row; None: a version before kept it, without."""
    if row.details is None:
        return None
    return msgspec.json.decode(sealer.open(bytes(row.details), about=about(row.id)), type=Details)


def about(identifier: str) -> str:
    """What the details of an entry are sealed about."""
    return f"bank entry {identifier}"


def by_reference(connection: Connection, sealer: Sealer, one: Booked, *, lender: str) -> str | None:
    """The id of the entry of this account and reference; None: there is none.

    Raises:
        Conflict: the reference stood for another amount.
    """
    for row in _rows(connection, lender, "reference = ?", [one.reference]):
        details = details_of(row, sealer)
        if details is not None and details.account != one.account:
            continue
        if (row.currency, row.amount) != (one.currency, one.amount):
            raise Conflict(
                f"the bank's reference {one.reference} stood for another amount before",
                name="reference-reused",
                field="file.AcctSvcrRef",
            )
        return str(row.id)
    return None


def by_names(
    connection: Connection,
    sealer: Sealer,
    one: Booked,
    *,
    lender: str,
    taken: Set[str],
    new: Set[str],
) -> str | None:
    """The id of the entry that is this one under another name: account, day and sum agree, and the
    entry's reference or the payer's end-to-end id does. None: there is none.

    An entry of one sum is also known by its parts, and a part by its entry, where all have the
    entry's reference.

    Args:
        taken: entries that this message told before. Each stands for one payment of the message.
        new: entries that this message brought.
    """
    names = [name for name in (one.entry_reference, one.transaction_reference) if name]
    wheres, values = [], [*names, *names]
    if names:
        marks = ", ".join("?" * len(names))
        wheres.append(f"entry_reference IN ({marks}) OR reference IN ({marks})")
    if one.end_to_end_id:
        wheres.append("end_to_end_id = ?")
        values.append(one.end_to_end_id)
    if not wheres:
        return None
    where = f"booked_on = ? AND currency = ? AND ({' OR '.join(wheres)})"
    found = [one.booked_on.isoformat(), one.currency, *values]
    for row in _rows(connection, lender, where, found):
        details = details_of(row, sealer)
        if row.id in new or (details is not None and details.account != one.account):
            continue
        if _is_whole_of(row, details, one):
            return str(row.id)
        if row.id not in taken and row.amount == one.amount and _is_same(row, details, one):
            return str(row.id)
    return None


def _is_whole_of(row: Any, details: Details | None, one: Booked) -> bool:
    """Whether one of both is an entry as a sum, and the other a payment of it."""
    if details is None or not one.entry_reference:
        return False
    return row.entry_reference == one.entry_reference and details.part != one.part


def _is_same(row: Any, details: Details | None, one: Booked) -> bool:
    same_payer = bool(one.end_to_end_id) and row.end_to_end_id == one.end_to_end_id
    if details is None or (row.entry_reference is None and not details.transaction_reference):
        # Kept without its names: it goes by the one that it has.
        return same_payer or row.reference in (one.entry_reference, one.transaction_reference)
    if _differ(row.entry_reference, one.entry_reference):
        return False
    if _differ(details.transaction_reference, one.transaction_reference):
        return False
    same_entry = bool(one.entry_reference) and row.entry_reference == one.entry_reference
    if details.part or one.part:
        return (row.end_to_end_id or "") == one.end_to_end_id and (same_entry or same_payer)
    return same_entry or same_payer


def _differ(kept: str | None, told: str) -> bool:
    return bool(kept) and bool(told) and kept != told


def _rows(connection: Connection, lender: str, where: str, values: list[str]) -> list[Any]:
    query = (
        "SELECT id, reference, entry_reference, end_to_end_id, currency, amount, details "
        f"FROM bank_entries WHERE lender = ? AND {where} ORDER BY id"
    )
    return list(run(connection, query, (lender, *values)).all())
