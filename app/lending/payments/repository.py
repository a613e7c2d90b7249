"""Stored entries of banks' messages, with their reversals."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.gateway.money import money_view
from app.gateway.signing import draft_state
from app.lending.payments import reversals
from app.lending.payments.entries import Booked, Reversal
from app.lending.payments.known import Details, about, by_names, by_reference, details_of
from app.lending.payments.schemas import BankEntry, ReturnedPayment
from app.storage import record_of, run
from app.storage.sealing import Sealer

_AT_ONCE = 500
RECORDED = "recorded"
_SELECT = (
    "SELECT b.id, b.reference, b.loan_id, b.currency, b.amount, b.booked_on, "
    "o.state AS operation_state, o.result_json, b.operation_id, b.end_to_end_id, b.reversed_by, "
    "b.reversal_operation_id, b.details "
    "FROM bank_entries b LEFT JOIN operations o ON o.id = b.operation_id "
)


class Overpaid(msgspec.Struct, frozen=True):
    """Minor units that a loan does not take; `final` once the repayment is recorded."""

    amount: int
    final: bool


class BankEntryRow(msgspec.Struct):
    """A stored entry.

    Attributes:
        operation_state, result_json: of the repayment's operation; None: there is none.
        reversal_operation_id: the newest operation that reverses what was recorded, if any.
        details: sealed; None for an entry of an old version.
    """

    id: str
    reference: str
    loan_id: int | None
    currency: str
    amount: int
    booked_on: str
    operation_state: str | None
    result_json: str | None
    operation_id: str | None
    end_to_end_id: str | None
    reversed_by: str | None
    reversal_operation_id: str | None
    details: bytes | None


class StillRecorded(msgspec.Struct, frozen=True):
    """An entry that the bank reversed while it is on the ledger, and the party that lends."""

    id: str
    lender: str
    party_id: str


def by_id(connection: Connection, *, lender: str, identifier: str) -> BankEntryRow | None:
    """An entry; None if the lender has no such entry."""
    row = run(connection, _SELECT + "WHERE b.id = ? AND b.lender = ?", (identifier, lender)).first()
    return None if row is None else record_of(BankEntryRow, row)


def of_any_lender(connection: Connection, identifier: str) -> BankEntryRow | None:
    """An entry, whoever recorded it: its loan may have another lender now."""
    row = run(connection, _SELECT + "WHERE b.id = ?", (identifier,)).first()
    return None if row is None else record_of(BankEntryRow, row)


def repaid_loan(connection: Connection, operation_id: str) -> int | None:
    """The loan on which an entry's operation records it."""
    query = "SELECT subject_json FROM operations WHERE id = ?"
    subject = run(connection, query, (operation_id,)).scalar()
    return None if subject is None else msgspec.json.decode(str(subject)).get("loanId")


def loans_under_correction(connection: Connection, *, but: str = "") -> set[int]:
    """Loans on which a payment outside the ledger is being recorded or corrected.

    Args:
        but: the operation that does not count.
    """
    rows = run(
        connection,
        "SELECT subject_json FROM operations WHERE state IN ('accepted', 'submitted') "
        "AND function IN ('recordPayment', 'correctPayment') AND id <> ?",
        (but,),
    )
    subjects = [msgspec.json.decode(str(row.subject_json)) for row in rows]
    return {
        int(subject[name])
        for subject in subjects
        for name in ("loanId", "toLoanId")
        if name in subject
    }


def note_reversal(connection: Connection, identifier: str, *, operation_id: str) -> None:
    """Notes the operation that reverses what was recorded of an entry."""
    run(
        connection,
        "UPDATE bank_entries SET reversal_operation_id = ? WHERE id = ?",
        (operation_id, identifier),
    )


def release(connection: Connection, identifier: str) -> None:
    """Lets an entry be recorded anew."""
    run(connection, "UPDATE bank_entries SET operation_id = NULL WHERE id = ?", (identifier,))


def still_recorded(connection: Connection) -> list[StillRecorded]:
    """Entries that the bank reversed and that are recorded, of lenders for whom the gateway signs.

    Not those whose reversal is under way or done.
    """
    rows = run(
        connection,
        "SELECT b.id, b.lender, d.id AS party_id FROM bank_entries b "
        "JOIN operations o ON o.id = b.operation_id "
        "JOIN parties_directory d ON d.account = b.lender AND d.custody = 1 "
        "LEFT JOIN operations r ON r.id = b.reversal_operation_id "
        "WHERE b.reversed_by IS NOT NULL AND o.function = 'recordPayment' "
        "AND o.state IN ('included', 'final') AND (r.id IS NULL OR r.state = 'rejected') "
        "ORDER BY b.id",
    )
    return [record_of(StillRecorded, row) for row in rows]


def by_ids(connection: Connection, identifiers: Sequence[str]) -> list[BankEntryRow]:
    """Entries in the order in which they were stored."""
    rows: list[BankEntryRow] = []
    for start in range(0, len(identifiers), _AT_ONCE):
        part = identifiers[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        stored_rows = run(connection, _SELECT + f"WHERE b.id IN ({marks})", tuple(part))
        rows += [record_of(BankEntryRow, row) for row in stored_rows]
    return sorted(rows, key=lambda row: row.id)


def newest(
    connection: Connection, lender: str, *, before: str | None, limit: int
) -> list[BankEntryRow]:
    """A page of entries, newest first."""
    wheres, values = ["b.lender = ?"], [lender]
    if before is not None:
        wheres.append("b.id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} ORDER BY b.id DESC LIMIT ?"
    rows = run(connection, _SELECT + where, (*values, limit))
    return [record_of(BankEntryRow, row) for row in rows]


def store(
    connection: Connection,
    sealer: Sealer,
    entries: Sequence[Booked],
    *,
    lender: str,
    expected: str | None,
) -> tuple[list[str], list[str]]:
    """Stores the new entries of one message.

    Returns:
        The ids of the new entries, and of those that were stored before.

    Raises:
        Conflict: an entry on the same account has the same reference and another amount.
    """
    known: list[str] = []
    unmatched: list[Booked] = []
    for entry in entries:
        identifier = by_reference(connection, sealer, entry, lender=lender)
        if identifier is None:
            unmatched.append(entry)
        else:
            known.append(identifier)
    taken: set[str] = set(known)
    added: list[str] = []
    for entry in unmatched:
        identifier = by_names(connection, sealer, entry, lender=lender, taken=taken, new=set(added))
        if identifier is None:
            identifier = _add(connection, sealer, entry, lender=lender, expected=expected)
            added.append(identifier)
        else:
            known.append(identifier)
            taken.add(identifier)
    return added, list(dict.fromkeys(known))


def _add(
    connection: Connection, sealer: Sealer, entry: Booked, *, lender: str, expected: str | None
) -> str:
    identifier = new_id()
    details = Details(
        *(entry.account, expected, entry.creditor_reference, entry.paid, entry.payments),
        *(entry.transaction_reference, entry.part, entry.payer_name, entry.payer_account),
        entry.valued_on,
    )
    sealed = sealer.seal(msgspec.json.encode(details), about=about(identifier))
    twins = run(
        connection,
        "SELECT count(*) FROM bank_entries WHERE lender = ? AND reference = ?",
        (lender, entry.reference),
    ).scalar()
    run(
        connection,
        "INSERT INTO bank_entries (id, lender, reference, loan_id, currency, amount, booked_on, "
        "created_at, end_to_end_id, details, entry_reference, twin) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(identifier, lender, entry.reference, entry.loan_id, entry.currency, entry.amount),
            *(entry.booked_on.isoformat(), time.time(), entry.end_to_end_id or None, sealed),
            *(entry.entry_reference or None, twins),
        ),
    )
    reversals.apply_earlier(connection, sealer, identifier, entry, lender=lender)
    return identifier


def value_date(row: BankEntryRow, sealer: Sealer) -> datetime.date:
    """The bank's value date, or the day of the booking where it gave none."""
    details = details_of(row, sealer)
    valued_on = None if details is None else details.valued_on
    return valued_on or datetime.date.fromisoformat(row.booked_on)


def state_of(row: BankEntryRow) -> str:
    """waiting, under-way, recorded, or reversed before it was recorded."""
    state = draft_state(row.operation_state, done=RECORDED)
    return "reversed" if row.reversed_by is not None and state == "waiting" else state


def view(
    row: BankEntryRow,
    sealer: Sealer,
    *,
    overpaid: Overpaid | None = None,
    why_held: str | None = None,
    renounced: bool = False,
) -> BankEntry:
    """An entry as callers see it."""
    details = details_of(row, sealer)
    body: BankEntry = {
        "id": row.id,
        "reference": row.reference,
        "loanId": row.loan_id,
        "amount": money_view(row.amount, currency=row.currency),
        "bookedOn": row.booked_on,
        "valueDate": value_date(row, sealer).isoformat(),
        "state": "renounced" if renounced else state_of(row),
        "operationId": row.operation_id,
        "endToEndId": row.end_to_end_id,
        "reversedBy": row.reversed_by,
        "reversalOperationId": row.reversal_operation_id,
        "reversalHeld": why_held,
        "overpaid": None
        if overpaid is None
        else {
            "amount": money_view(overpaid.amount, currency=row.currency),
            "toAccount": (details and details.payer_account) or None,
            "toName": (details and details.payer_name) or None,
            "final": overpaid.final,
        },
    }
    if details is None:
        return body
    reference = details.creditor_reference
    paid = details.paid
    return {
        **body,
        "account": details.account or None,
        "payerAccount": details.payer_account or None,
        "payerName": details.payer_name or None,
        "accountExpected": None
        if details.expected is None
        else details.expected == "".join(details.account.split()).upper(),
        "creditorReference": None
        if reference is None
        else {"type": reference.kind, "value": reference.value, "valid": reference.valid},
        "paid": None if paid is None else money_view(paid, currency=row.currency),
        "charges": None if paid is None else money_view(paid - row.amount, currency=row.currency),
        "payments": details.payments,
    }


def reversal_view(reversal: Reversal, entry_id: str | None) -> ReturnedPayment:
    """A reversed or returned payment as callers see it."""
    return {
        "reference": reversal.reference,
        "amount": money_view(reversal.amount, currency=reversal.currency),
        "bookedOn": reversal.booked_on.isoformat(),
        "loanId": reversal.loan_id,
        "endToEndId": reversal.end_to_end_id or None,
        "reason": reversal.reason or None,
        "entryId": entry_id,
    }
