"""Tables of court orders and holds, and of what lenders state of themselves."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, Table, Text

from app.storage.tables.base import Whole, metadata

court_orders = Table(
    "court_orders",
    metadata,
    Column("order_id", Whole, primary_key=True, autoincrement=False),
    Column("order_hash", Text, nullable=False, index=True),
    Column("issuer", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("not_before", Whole, nullable=False),
    Column("state", Text, nullable=False),  # issued, executed, cancelled
    Column("closed_by", Text),
    Column("holder_party_id", Whole),  # for an order about tokens that a party holds
    Column("slot", Whole),
    Column("value_left", Whole),
    Column("objector", Text),  # the first of the two who must object
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

party_holds = Table(
    "party_holds",
    metadata,
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("order_hash", Text, nullable=False),
    Column("regulator", Text, nullable=False),
    Column("held_until", Whole, nullable=False),
    Column("order_id", Whole),  # None until another regulator confirms it
    Column("changed_block", Whole, nullable=False),
)

# Nothing changes or deletes a statement; the last one of the last day counts.
own_funds = Table(
    "own_funds",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("party", Text, nullable=False),  # parties_directory.id
    Column("lender_kind", Text, nullable=False),  # app.domain.portfolio.limits
    Column("currency", Text, nullable=False),  # code
    Column("day", Integer, nullable=False),  # as of which the figures are true
    Column("person", Text, nullable=False),  # the label of the caller's key
    Column("created_at", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # figures, source, hash of the document
    Index("ix_own_funds_party", "party", "currency", "day"),
)
