"""Tables of notices to debtors and of filings in a public register."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from app.storage.tables.base import Whole, metadata

debtor_notices = Table(
    "debtor_notices",
    metadata,
    Column("notice_id", Whole, primary_key=True, autoincrement=False),
    Column("claim_id", Whole, nullable=False),
    Column("receivable_id", Whole, nullable=False, index=True),
    Column("basis", Text, nullable=False),  # assignment or lien
    Column("debtor", Text, nullable=False),  # accounts, down to the notifier
    Column("assignor", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("notifier", Text, nullable=False),
    Column("loan_id", Whole),
    Column("value", Whole, nullable=False),
    Column("day", Integer, nullable=False),
    Column("text_version", Integer, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_day", Integer),
    Column("transaction_hash", Text, nullable=False),
    Column("acknowledgement_hash", Text),  # of its transaction
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_debtor_notices_claim_id", "claim_id", "notice_id"),
    Index("ix_debtor_notices_debtor", "debtor", "notice_id"),
)

filings = Table(
    "filings",
    metadata,
    Column("filing_id", Whole, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),  # loan or claim
    Column("subject_id", Whole, nullable=False),
    Column("registrant", Text, nullable=False),  # accounts
    Column("grantor", Text, nullable=False, index=True),
    Column("number", Text, nullable=False, index=True),
    Column("day", Integer, nullable=False),
    Column("end_day", Integer, nullable=False),
    Column("secured_amount", Whole, nullable=False),
    Column("discharge_number", Text),
    Column("discharged_day", Integer),
    Column("transaction_hash", Text, nullable=False),  # of the last entry
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_filings_subject", "subject", "subject_id", "filing_id"),
    Index("ix_filings_registrant", "registrant", "filing_id"),
)

filing_entries = Table(
    "filing_entries",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("filing_id", Whole, nullable=False, index=True),
    Column("kind", Text, nullable=False),  # recorded, amended or discharged
    Column("number", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("end_day", Integer),
    Column("secured_amount", Whole),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)
