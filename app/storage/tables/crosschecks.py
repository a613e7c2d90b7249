"""What people decided about findings of the cross-checks, and records that they handed in."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from app.storage.tables.base import metadata

# Nothing changes or deletes a decision: the last one of a finding counts.
finding_decisions = Table(
    "finding_decisions",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("finding_id", Text, nullable=False),
    Column("number", Integer, nullable=False),  # of the finding's decisions, from 1
    Column("decision", Text, nullable=False),  # confirmed, dismissed, needs-documents
    Column("person", Text, nullable=False),  # the label of the caller's key
    Column("party", Text),  # parties_directory.id; None: an official
    Column("decided_at", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the reason, and the finding as it was
    UniqueConstraint("finding_id", "number"),
)

# Nothing changes or deletes a file: of one source the later one counts.
cross_check_files = Table(
    "cross_check_files",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("kind", Text, nullable=False),  # tax, registry
    Column("source", Text, nullable=False),  # who made the records
    Column("as_of_day", Integer, nullable=False),
    Column("first_day", Integer),  # the period of tax records
    Column("last_day", Integer),
    Column("document_hash", Text, nullable=False),  # SHA-256 of the file
    Column("records", Integer, nullable=False),  # rows under its header
    Column("person", Text, nullable=False),  # the label of the caller's key
    Column("party", Text),  # parties_directory.id; None: an official
    Column("created_at", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the file
    Index("ix_cross_check_files_kind", "kind", "as_of_day"),
)
