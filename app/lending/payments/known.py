"""Finds the stored entry that a bank's message reports again, under any of its references.

A notification (camt.054) and a statement (camt.053) name one payment differently: the notification
by the transaction's reference, the statement only by the entry's.
"""

from __future__ import annotations

import datetime
from collections.abc import Set
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import Conflict
from app.lending.payments.entries import Booked
from app.lending.payments.references import CreditorReference
from app.storage import run
from app.storage.sealing import Sealer


class Details(msgspec.Struct, frozen=True):
    """What the store holds encrypted for an entry.

    Attributes:
        expected: the account that the upload named; None if it named none.
        transaction_reference: the bank's own reference of the payment; empty where it has none.
        part: whether this is one of several payments of a bank's entry.
        payer_name, payer_account: the payer's; empty where the bank reports none, and for entries
            of an old version.
        valued_on: the bank's value date; None where it gave none.
    """

    account: str
    expected: str | None
    creditor_reference: CreditorReference | None
    paid: int | None
    payments: int
    transaction_reference: str = ""
    part: bool = False
    payer_name: str = ""
    payer_account: str = ""
    valued_on: datetime.date | None = None


def details_of(row: Any, sealer: Sealer) -> Details | None:
    """The decrypted details of a row; None for rows of an old version, which stored none."""
    if row.details is None:
        return None
    return msgspec.json.decode(sealer.open(bytes(row.details), about=about(row.id)), type=Details)


def about(identifier: str) -> str:
    """The label to which the encryption of an entry's details is bound."""
    return f"bank entry {identifier}"


def by_reference(
    connection: Connection, sealer: Sealer, entry: Booked, *, lender: str
) -> str | None:
    """Id of the stored entry with this account and reference; None if there is none.

    Raises:
        Conflict: the stored entry has another amount.
    """
    for row in _rows(connection, lender, "reference = ?", [entry.reference]):
        details = details_of(row, sealer)
        if details is not None and details.account != entry.account:
            continue
        if (row.currency, row.amount) != (entry.currency, entry.amount):
            raise Conflict(
                say(
                    "the bank used reference {reference} before, for another amount",
                    reference=entry.reference,
                ),
                name="reference-reused",
                field="file.AcctSvcrRef",
                fix="ask the bank which of the two entries is right",
            )
        return str(row.id)
    return None


def by_names(
    connection: Connection,
    sealer: Sealer,
    entry: Booked,
    *,
    lender: str,
    taken: Set[str],
    new: Set[str],
) -> str | None:
    """Id of the stored entry that is this payment under another reference; None if there is none.

    Account, day and sum must agree, and either the entry's reference or the payer's end-to-end id.
    An entry over a sum also matches its parts, and a part its entry, if all have the entry's
    reference.

    Args:
        taken: entries that this message has matched. Each stands for one payment of the message.
        new: entries that this message added.
    """
    names = [name for name in (entry.entry_reference, entry.transaction_reference) if name]
    wheres, values = [], [*names, *names]
    if names:
        marks = ", ".join("?" * len(names))
        wheres.append(f"entry_reference IN ({marks}) OR reference IN ({marks})")
    if entry.end_to_end_id:
        wheres.append("end_to_end_id = ?")
        values.append(entry.end_to_end_id)
    if not wheres:
        return None
    where = f"booked_on = ? AND currency = ? AND ({' OR '.join(wheres)})"
    parameters = [entry.booked_on.isoformat(), entry.currency, *values]
    for row in _rows(connection, lender, where, parameters):
        details = details_of(row, sealer)
        if row.id in new or (details is not None and details.account != entry.account):
            continue
        if _is_whole_of(row, details, entry):
            return str(row.id)
        if row.id not in taken and row.amount == entry.amount and _is_same(row, details, entry):
            return str(row.id)
    return None


def _is_whole_of(row: Any, details: Details | None, entry: Booked) -> bool:
    """Whether one of the two is an entry over a sum and the other a payment in it."""
    if details is None or not entry.entry_reference:
        return False
    return row.entry_reference == entry.entry_reference and details.part != entry.part


def _is_same(row: Any, details: Details | None, entry: Booked) -> bool:
    same_payer = bool(entry.end_to_end_id) and row.end_to_end_id == entry.end_to_end_id
    if details is None or (row.entry_reference is None and not details.transaction_reference):
        # An old version stored only one reference, so compare that one.
        return same_payer or row.reference in (entry.entry_reference, entry.transaction_reference)
    if _differ(row.entry_reference, entry.entry_reference):
        return False
    if _differ(details.transaction_reference, entry.transaction_reference):
        return False
    same_entry = bool(entry.entry_reference) and row.entry_reference == entry.entry_reference
    if details.part or entry.part:
        return (row.end_to_end_id or "") == entry.end_to_end_id and (same_entry or same_payer)
    return same_entry or same_payer


def _differ(stored: str | None, reported: str) -> bool:
    return bool(stored) and bool(reported) and stored != reported


def _rows(connection: Connection, lender: str, where: str, values: list[str]) -> list[Any]:
    query = (
        "SELECT id, reference, entry_reference, end_to_end_id, currency, amount, details "
        f"FROM bank_entries WHERE lender = ? AND {where} ORDER BY id"
    )
    return list(run(connection, query, (lender, *values)).all())
