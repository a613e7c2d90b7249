"""Finds the posting of a bank's entry, on the loan on which it is now."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.domain.postings import Posting, PostingKind
from app.lending import repository as lending
from app.lending.payments import repository
from app.lending.payments.repository import RECORDED, BankEntryRow
from app.lending.rows import EntryRow, LoanRow

_REFERENCE_BITS = 136


def bank_reference(reference: str) -> str:
    """The hash by which the ledger knows a bank's reference."""
    return "0x" + keccak(reference.encode()).hex()


class Recorded:
    """A recorded payment: the loan on which it is posted now, and its posting."""

    def __init__(self, row: LoanRow, posting: Posting) -> None:
        self.row = row
        self.posting = posting

    def is_lent_by(self, account: str) -> bool:
        """Whether this account's money is lent: the loan may have been sold meanwhile."""
        return account == (self.row.entruster or self.row.lender)


def recorded(connection: Connection, entry: BankEntryRow) -> Recorded | None:
    """The posting of an entry; None if it is not recorded, or was reversed or renounced."""
    reference = _reference_of(entry)
    for row in _loans_of(connection, entry):
        for posting in row.history().postings:
            if _is_of(posting, entry, reference):
                return Recorded(row, posting)
    return None


def is_renounced(connection: Connection, entry: BankEntryRow) -> bool:
    """Whether the borrower renounced what was recorded of an entry: it may be recorded anew."""
    if repository.state_of(entry) != RECORDED or recorded(connection, entry) is not None:
        return False
    reference = _reference_of(entry)
    is_there = renounced = False
    for row in _loans_of(connection, entry):
        is_there = renounced = False
        for event in lending.entries(connection, row.loan_id):
            if event.kind == "renounced":
                is_there, renounced = False, renounced or is_there
            elif _is_about(event, entry, reference):
                is_there = event.kind in ("recorded", "restated") or (is_there and _stays(event))
                renounced = renounced and not is_there
    return renounced


def _is_about(event: EntryRow, entry: BankEntryRow, reference: int) -> bool:
    """Whether a loan's event puts the posting of an entry on it, or takes it off."""
    posting = json.loads(event.details_json).get("posting")
    return posting is not None and _is_of(msgspec.convert(posting, Posting), entry, reference)


def _stays(event: EntryRow) -> bool:
    """Whether a correction leaves the payment on the loan, with another value day."""
    return event.kind == "moved" and "newPosting" in json.loads(event.details_json)


def _reference_of(entry: BankEntryRow) -> int:
    return int(bank_reference(entry.reference), 16) >> (256 - _REFERENCE_BITS)


def _loans_of(connection: Connection, entry: BankEntryRow) -> Iterator[LoanRow]:
    """The loans on which an entry was, in order."""
    if entry.operation_id is None:
        return
    reference = _reference_of(entry)
    loan_id = repository.repaid_loan(connection, entry.operation_id)
    visited: set[int] = set()
    while loan_id is not None and loan_id not in visited:
        visited.add(loan_id)
        row = lending.loan(connection, loan_id)
        if row is None:
            return
        yield row
        loan_id = _moved_to(connection, loan_id, entry, reference)


def _is_of(posting: Posting, entry: BankEntryRow, reference: int) -> bool:
    return (
        posting.kind is PostingKind.RECORDED
        and posting.amount == entry.amount
        and posting.reference == reference
    )


def _moved_to(
    connection: Connection, loan_id: int, entry: BankEntryRow, reference: int
) -> int | None:
    for row in reversed(lending.entries(connection, loan_id)):
        if row.kind != "moved":
            continue
        details = json.loads(row.details_json)
        if "toLoanId" in details and _is_about(row, entry, reference):
            return int(details["toLoanId"])
    return None
