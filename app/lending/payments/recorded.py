"""Finds the posting of a bank's entry, on the loan on which it is now."""

from __future__ import annotations

import json

from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.domain.postings import Posting, PostingKind
from app.lending import repository as lending
from app.lending.payments import repository
from app.lending.payments.repository import BankEntryRow
from app.lending.rows import LoanRow

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
    """The posting of an entry; None if the entry is not recorded, or was reversed."""
    if entry.operation_id is None:
        return None
    reference = int(bank_reference(entry.reference), 16) >> (256 - _REFERENCE_BITS)
    loan_id = repository.repaid_loan(connection, entry.operation_id)
    visited: set[int] = set()
    while loan_id is not None and loan_id not in visited:
        visited.add(loan_id)
        row = lending.loan(connection, loan_id)
        if row is None:
            return None
        for posting in row.history().postings:
            if _is_of(posting, entry, reference):
                return Recorded(row, posting)
        loan_id = _moved_to(connection, loan_id, entry, reference)
    return None


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
        kind, _, amount, _, known = details["posting"]
        posting = Posting(PostingKind(kind), 0, amount, 0, known)
        if "toLoanId" in details and _is_of(posting, entry, reference):
            return int(details["toLoanId"])
    return None
