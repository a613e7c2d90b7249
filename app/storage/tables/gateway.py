"""Tables of API keys and of the answers to commands."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from app.storage.tables.base import Whole, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_hash", Text, primary_key=True),  # sha256 of the key
    Column("party_id", Text, index=True),  # parties_directory.id
    Column("account", Text),  # acts on the ledger; None: the party's account
    Column("roles", Text, nullable=False),  # joined by commas
    Column("label", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("revoked_at", Double),
    Column(
        "waiting", SmallInteger, nullable=False, server_default="0"
    ),  # 1: it waits for a second person
    Column("expires_at", Double),  # None: never
    Column("last_used_at", Double),  # the minute, UTC seconds; None: never
    # Who made a key that waits: label, way in, id and party; None: it never waited, or before 0025
    Column("maker_json", Text),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner", Text, primary_key=True),  # party or label of the caller
    Column("key", Text, primary_key=True),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("state", Text, nullable=False),  # running, done
    Column("status", Integer),
    Column("headers_json", Text),
    Column("body", LargeBinary),  # sealed; None once it is deleted
    Column("created_at", Double, nullable=False),
    Index(
        "ix_idempotency_keys_created_at",
        "created_at",
        sqlite_where=text("body IS NOT NULL"),
        postgresql_where=text("body IS NOT NULL"),
    ),
)

# Who saw what of others; nothing changes or deletes a row. See app.gateway.access_log.
access_log = Table(
    "access_log",
    metadata,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("taken_at", Whole, nullable=False),  # microseconds of UTC
    Column("person", Text, nullable=False),
    Column("party", Text),  # parties_directory.id
    Column("kind", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("owner", Text),  # parties_directory.id
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_access_log_owner", "owner", "number"),
    Index("ix_access_log_subject_id", "subject_id", "number"),
)
