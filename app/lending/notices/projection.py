"""Notices and filings, from the events of Notices."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many
from app.storage.rows import Rows
from app.storage.tables.notices import debtor_notices, filing_entries, filings

CONTRACT = "Notices"
BASES = ("none", "assignment", "lien")
SUBJECTS = ("none", "loan", "claim")
RECORDED, AMENDED, DISCHARGED = "recorded", "amended", "discharged"


class NoticeRow(msgspec.Struct):
    """A notice; its fields are the table's columns."""

    notice_id: int
    claim_id: int
    receivable_id: int
    basis: str
    debtor: str
    assignor: str
    assignee: str
    notifier: str
    loan_id: int | None
    value: int
    day: int
    text_version: int
    text_hash: str
    acknowledged_by: str | None
    acknowledged_day: int | None
    transaction_hash: str
    acknowledgement_hash: str | None
    created_block: int
    changed_block: int


class FilingRow(msgspec.Struct):
    """A filing; its fields are the table's columns."""

    filing_id: int
    subject: str
    subject_id: int
    registrant: str
    grantor: str
    number: str
    day: int
    end_day: int
    secured_amount: int
    discharge_number: str | None
    discharged_day: int | None
    transaction_hash: str
    created_block: int
    changed_block: int


class NoticesProjection:
    """Fills `debtor_notices`, `filings` and `filing_entries`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [debtor_notices, filings, filing_entries]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        own = [event for event in events if event.contract == CONTRACT]
        notice_rows = Rows(connection, debtor_notices, NoticeRow)
        filing_rows = Rows(connection, filings, FilingRow)
        for rows, key in ((notice_rows, "noticeId"), (filing_rows, "filingId")):
            rows.load({event.arguments[key] for event in own if key in event.arguments})
        entries: list[tuple[Any, ...]] = []
        for event in own:
            if event.name == "DebtorNotified":
                notice_rows.add(_notified(event))
            elif event.name == "NoticeAcknowledged":
                _acknowledge(notice_rows.get(event.arguments["noticeId"]), event)
            elif event.name in _FILED:
                entries.append(_filed(filing_rows, event))
        notice_rows.write()
        filing_rows.write()
        insert_many(connection, filing_entries, entries)


_FILED = {
    "FilingRecorded": RECORDED,
    "FilingAmended": AMENDED,
    "FilingDischarged": DISCHARGED,
}


def number_text(word: str) -> str:
    """A register's number as text, from the 32 bytes in which the ledger stores it."""
    return bytes.fromhex(word.removeprefix("0x")).rstrip(b"\0").decode("ascii", "replace")


def number_word(number: str) -> str:
    """A register's number as the ledger stores it: 32 bytes, padded with zeros."""
    return "0x" + number.encode().ljust(32, b"\0").hex()


def _notified(event: DecodedEvent) -> NoticeRow:
    notice = event.arguments["notice"]
    facts = notice["facts"]
    return NoticeRow(
        notice_id=event.arguments["noticeId"],
        claim_id=facts["claimId"],
        receivable_id=facts["receivableId"],
        basis=BASES[facts["basis"]],
        debtor=facts["debtor"],
        assignor=facts["assignor"],
        assignee=facts["assignee"],
        notifier=notice["notifier"],
        loan_id=facts["loanId"] or None,
        value=facts["value"],
        day=notice["day"],
        text_version=notice["textVersion"],
        text_hash=notice["textHash"],
        acknowledged_by=None,
        acknowledged_day=None,
        transaction_hash=event.transaction_hash,
        acknowledgement_hash=None,
        created_block=event.block_number,
        changed_block=event.block_number,
    )


def _acknowledge(row: NoticeRow, event: DecodedEvent) -> None:
    row.acknowledged_by = event.arguments["account"]
    row.acknowledged_day = event.arguments["day"]
    row.acknowledgement_hash = event.transaction_hash
    row.changed_block = event.block_number


def _filed(rows: Rows[FilingRow], event: DecodedEvent) -> tuple[Any, ...]:
    """Changes the filing, and returns the entry of its history."""
    arguments, kind = event.arguments, _FILED[event.name]
    filing_id = arguments["filingId"]
    end_day = amount = None
    if kind == DISCHARGED:
        row = rows.get(filing_id)
        number, day = number_text(arguments["number"]), arguments["day"]
        row.discharge_number, row.discharged_day = number, day
    else:
        terms = arguments["terms"]
        number, day = number_text(terms["number"]), terms["day"]
        end_day, amount = terms["endDay"], terms["securedAmount"]
        if kind == RECORDED:
            row = rows.add(_recorded(event))
        else:
            row = rows.get(filing_id)
            row.number, row.day, row.end_day, row.secured_amount = number, day, end_day, amount
    row.transaction_hash, row.changed_block = event.transaction_hash, event.block_number
    return (
        *(event.position, filing_id, kind, number, day, end_day, amount),
        *(event.transaction_hash, event.timestamp, event.block_number),
    )


def _recorded(event: DecodedEvent) -> FilingRow:
    arguments = event.arguments
    terms = arguments["terms"]
    return FilingRow(
        filing_id=arguments["filingId"],
        subject=SUBJECTS[terms["subject"]],
        subject_id=terms["subjectId"],
        registrant=arguments["registrant"],
        grantor=arguments["grantor"],
        number=number_text(terms["number"]),
        day=terms["day"],
        end_day=terms["endDay"],
        secured_amount=terms["securedAmount"],
        discharge_number=None,
        discharged_day=None,
        transaction_hash=event.transaction_hash,
        created_block=event.block_number,
        changed_block=event.block_number,
    )
