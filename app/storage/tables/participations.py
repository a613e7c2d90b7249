"""Shares of loans that lenders sold, and what came in on these loans."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, SmallInteger, Table, Text

from app.storage.tables.base import Whole, metadata

loan_participations = Table(
    "loan_participations",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("loan_id", Whole, nullable=False),
    Column("place", SmallInteger, nullable=False),  # its number on the loan, from 0
    Column("lender", Text, nullable=False, index=True),
    Column("participant", Text, nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("share", Integer, nullable=False),  # parts per million
    Column("principal", Whole, nullable=False),  # outstanding at the sale
    Column("price", Whole, nullable=False),
    Column("joined_at", Whole, nullable=False),  # the loan's proceeds at the sale
    Column("paid", Whole, nullable=False),  # to the participant, so far
    Column("legal_text_hash", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_loan_participations_loan_id", "loan_id", "place"),
)

participation_entries = Table(
    "participation_entries",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("loan_id", Whole, nullable=False),
    Column("kind", Text, nullable=False),  # proceeds, paid
    Column("place", SmallInteger),  # of the participation that was paid
    Column("amount", Whole, nullable=False),  # below zero: taken back
    Column("total", Whole, nullable=False),  # the proceeds, or what was paid, with this amount
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_participation_entries_loan_id", "loan_id", "position"),
)
