"""Evaluations of parties by raters, and their steps."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from app.storage.tables.base import metadata

credit_evaluations = Table(
    "credit_evaluations",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("rater", Text, nullable=False),  # parties_directory.id, as the subject
    Column("subject", Text, nullable=False),
    Column("next_step", Text),  # None: it is confirmed
    Column("consent_since", Integer),  # days; None: the subject has not consented
    Column("consent_until", Integer),
    Column("consent_withdrawn", Integer),
    Column("evidence_root", Text),  # once it is confirmed
    Column("created_at", Double, nullable=False),
    Index("ix_credit_evaluations_rater", "rater", "id"),
    Index("ix_credit_evaluations_subject", "subject", "id"),
)

# Nothing changes or deletes a step that was taken.
credit_evaluation_steps = Table(
    "credit_evaluation_steps",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("evaluation_id", Text, nullable=False),
    Column("number", SmallInteger, nullable=False),  # from 1
    Column("step", Text, nullable=False),
    Column("person", Text, nullable=False),  # the label of the caller's key
    Column("taken_at", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # inputs and result
    Column("person_way", Text),  # key, oidc, wallet; None: before 0025
    Column("person_id", Text),  # of the key, or issuer and subject
    UniqueConstraint("evaluation_id", "number"),  # no two persons take one step
)
