"""What people decided about findings of the cross-checks."""

from __future__ import annotations

from sqlalchemy import Column, Double, Integer, LargeBinary, Table, Text, UniqueConstraint

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
