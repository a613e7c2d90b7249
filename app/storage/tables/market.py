"""Tables of offers and the requests for them, sales, campaigns, cash and unclaimed money."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, SmallInteger, Table, Text

from app.storage.tables.base import Whole, metadata

# Money that a contract could not pay out.
unclaimed = Table(
    "unclaimed",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("owner", Text, primary_key=True),  # a party's number, or else an account
    Column("currency", Text, primary_key=True),
    Column("amount", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

sales = Table(
    "sales",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("claim_id", Whole, nullable=False, index=True),
    Column("sold_claim_id", Whole, nullable=False, index=True),
    Column("funder", Text, nullable=False),
    Column("seller", Text, nullable=False),
    Column("value", Whole, nullable=False),
    Column("price", Whole, nullable=False),
    Column("recourse", SmallInteger, nullable=False),
    Column("nonce", Text, nullable=False),  # of the quote, decimal
    Column("legal_text_hash", Text, nullable=False),
    Column("put_back_position", Whole),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

cancelled_quotes = Table(
    "cancelled_quotes",
    metadata,
    Column("funder", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("block_number", Whole, nullable=False),
)

cash_transfers = Table(
    "cash_transfers",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("currency", Text, nullable=False),
    Column("from_account", Text, nullable=False),
    Column("to_account", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

cash_balances = Table(
    "cash_balances",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("balance", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_cash_balances_account", "account"),
)

quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("funder", Text, nullable=False),  # address
    Column("seller", Text, nullable=False),  # address
    Column("claim_id", Whole, nullable=False),
    Column("nonce", Text, nullable=False),  # decimal
    Column("terms_json", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("signature", Text),
    Column("state", Text, nullable=False),  # prepared, open, accepted, cancelled
    Column("expires_at", Whole, nullable=False),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Column("quote_request_id", Text, index=True),  # of the request that it answers
    Column("value", Whole, nullable=False, server_default="0"),  # as in the terms
    Index("ix_quotes_claim_id", "claim_id", "id"),
    Index("ix_quotes_funder_id", "funder", "id"),
    Index("ix_quotes_seller_id", "seller", "id"),
)

quote_requests = Table(
    "quote_requests",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("seller", Text, nullable=False),  # address
    Column("claim_id", Whole, nullable=False),
    Column("number", Integer, nullable=False),  # of the claim's requests, from 1
    Column("value", Whole, nullable=False),
    Column("to_all", SmallInteger, nullable=False),  # 1: to every financier of the ledger
    Column("note", LargeBinary),  # sealed
    Column("block", Whole, nullable=False),  # the newest one when it was made
    Column("created_at", Double, nullable=False),
    Column("expires_at", Whole, nullable=False),  # UTC seconds, exclusive
    Column("withdrawn_at", Double),
    Index("ix_quote_requests_claim_id", "claim_id", "number", unique=True),
    Index("ix_quote_requests_seller", "seller", "id"),
)

# The financiers that a request names, and those of all that declined it.
quote_request_financiers = Table(
    "quote_request_financiers",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("request_id", Text, nullable=False),
    Column("financier", Text, nullable=False),  # address
    Column("declined_at", Double),
    Column("reason", LargeBinary),  # sealed
    Index("ix_quote_request_financiers_request_id", "request_id", "financier", unique=True),
    Index("ix_quote_request_financiers_financier", "financier", "request_id"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Whole, primary_key=True, autoincrement=False),
    Column("creator", Text, nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("goal", Whole, nullable=False),
    Column("deadline", Whole, nullable=False),  # UTC seconds
    Column("reviewer", Text, nullable=False),
    Column("category", SmallInteger, nullable=False, server_default="6"),  # 6: other
    Column("details_json", Text, nullable=False),  # tiers, milestones, roots
    Column("contributed", Whole, nullable=False),
    Column("released", Whole, nullable=False),
    Column("refunded", Whole, nullable=False),
    Column("milestones_released", Integer, nullable=False),
    Column("cancelled", SmallInteger, nullable=False),
    Column("lost_before", Whole, nullable=False, server_default="0"),  # lost_seconds at its opening
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_campaigns_category_campaign_id", "category", "campaign_id"),
)

campaign_clocks = Table(
    "campaign_clocks",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("stopped_at", Whole, nullable=False),  # UTC seconds; 0: not stopped
    Column("lost_seconds", Whole, nullable=False),  # seconds of the ended stops
    Column("changed_block", Whole, nullable=False),
)

contributions = Table(
    "contributions",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("campaign_id", Whole, nullable=False, index=True),
    Column("backer", Text, nullable=False, index=True),
    Column("tier", Integer),  # None: a refund
    Column("places", Integer, nullable=False),
    Column("amount", Whole, nullable=False),  # below zero: a refund
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)
