"""Tables of parties, their accounts and credit tiers."""

from __future__ import annotations

from sqlalchemy import Column, Double, Integer, LargeBinary, SmallInteger, Table, Text

from app.storage.tables.base import Whole, metadata

parties = Table(
    "parties",
    metadata,
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("identity_hash", Text, nullable=False, unique=True),
    Column("roles", Integer, nullable=False),
    Column("valid_until", Text, nullable=False),  # uint64, decimal
    Column("frozen", SmallInteger, nullable=False),
    Column("freeze_order_hash", Text),
    Column("held_until", Whole, nullable=False),  # UTC seconds: treated as frozen until then
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Column("group_number", Whole, nullable=False, server_default="0"),  # under one control; 0: none
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("party_id", Whole, nullable=False, index=True),
    Column("removed", SmallInteger, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

parties_directory = Table(
    "parties_directory",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("name", Text, nullable=False),
    Column("legal_id_scheme", Text, nullable=False),
    Column("legal_id_encrypted", LargeBinary, nullable=False),
    Column("identity_hash", Text, nullable=False, unique=True),  # of the legal id, keyed
    Column("roles", Integer, nullable=False),
    Column("account", Text, nullable=False, unique=True),
    Column("custody", SmallInteger, nullable=False),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Column("name_skeleton", Text, index=True),  # the name's look; see app.domain.names
    # The name as searches compare it; see app.domain.prefixes.
    Column("name_folded", Text().with_variant(Text(collation="C"), "postgresql"), index=True),
)

credit_tiers = Table(
    "credit_tiers",
    metadata,
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("rater", Text, nullable=False),
    Column("tier", Integer, nullable=False),  # 0: revoked
    Column("currency", Text, nullable=False, server_default="CNY"),
    Column("credit_limit", Whole, nullable=False),
    Column("trading_since_day", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("evidence_root", Text, nullable=False),
    Column("issued_at", Whole, nullable=False),
    Column("expires_at", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)
