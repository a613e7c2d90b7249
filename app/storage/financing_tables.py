"""Tables of lending: tiers, orders, products, facilities, loans, goods, proposals to sign.

Only projections fill the read tables. A loan's `state_json` is the loan as of its last event,
computed as the contracts do; the columns beside it are for reports about many loans.
"""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, SmallInteger, Table, Text

from app.storage.tables import Whole, metadata

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

purchase_orders = Table(
    "purchase_orders",
    metadata,
    Column("order_id", Whole, primary_key=True, autoincrement=False),
    Column("seller", Text, nullable=False, index=True),
    Column("buyer", Text, nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("invoiced", Whole, nullable=False),
    Column("delivered", Whole, nullable=False, server_default="0"),  # delivered and not invoiced
    Column("delivery_day", Integer, nullable=False),
    Column("expiry_day", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("document_root", Text, nullable=False),
    Column("legal_text_hash", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("lienholder", Text),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

order_deliveries = Table(
    "order_deliveries",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("order_id", Whole, nullable=False),
    # Text, because seller and buyer may sign any number, even one that no lot has.
    Column("lot_id", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("uninvoiced", Whole, nullable=False),
    Column("document_root", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_order_deliveries_order_id", "order_id", "lot_id"),
)

products = Table(
    "products",
    metadata,
    Column("product_id", Whole, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("open", SmallInteger, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

product_versions = Table(
    "product_versions",
    metadata,
    Column("product_id", Whole, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("currency", Text, nullable=False),
    Column("terms_json", Text, nullable=False),  # IProducts.ProductTerms
    Column("goods_json", Text, nullable=False, server_default="{}"),  # IProducts.GoodsTerms
    Column("block_number", Whole, nullable=False),
)

facilities = Table(
    "facilities",
    metadata,
    Column("facility_id", Whole, primary_key=True, autoincrement=False),
    Column("product_id", Whole, nullable=False),
    Column("version", Integer, nullable=False),
    Column("lender", Text, nullable=False, index=True),
    Column("borrower", Text, nullable=False, index=True),
    Column("entruster", Text, index=True),
    Column("currency", Text, nullable=False),
    Column("limit_currency", Text),  # None: `currency`
    Column("annual_rate", Integer, nullable=False),
    Column("administration_fee", Integer, nullable=False),
    Column("credit_limit", Whole, nullable=False),
    Column("deposit", Whole, nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("legal_text_hash", Text, nullable=False),
    Column("outstanding", Whole, nullable=False),
    Column("drawn", Whole, nullable=False),
    Column("deposit_held", Whole, nullable=False),
    Column("closed", SmallInteger, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

# The debtors whose debts a lender accepts for a facility.
facility_debtors = Table(
    "facility_debtors",
    metadata,
    Column("facility_id", Whole, primary_key=True, autoincrement=False),
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("debtor", Text, nullable=False),  # the account that was named
    Column("block_number", Whole, nullable=False),
)

loans = Table(
    "loans",
    metadata,
    Column("loan_id", Whole, primary_key=True, autoincrement=False),
    Column("facility_id", Whole, nullable=False),
    Column("product_id", Whole, nullable=False),
    Column("lender", Text, nullable=False),
    Column("borrower", Text, nullable=False),
    Column("entruster", Text),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("collateral", Text, nullable=False),  # none, claim, order, warehouse-receipt
    Column("collateral_id", Whole),
    Column("drawn", Whole, nullable=False),
    Column("outstanding", Whole, nullable=False),
    Column("start_day", Integer, nullable=False),
    Column("last_due_day", Integer, nullable=False),
    # Due day of the oldest unpaid instalment since the loan was last up to date, or the next one.
    Column("oldest_unpaid_day", Integer, nullable=False),
    Column("marked_overdue", SmallInteger, nullable=False),
    Column("loss", Whole, nullable=False),
    Column("loss_absorbed", Whole, nullable=False),
    # Days since the draw on which the currency was stopped; `stopped_day` (a calendar day) while it
    # is stopped. All other days of a loan are its own: calendar days less the lost days.
    Column("lost_days", Integer, nullable=False, server_default="0"),
    Column("stopped_day", Integer),
    Column("stops_json", Text, nullable=False, server_default="[]"),
    Column("state_json", Text, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_loans_facility_id", "facility_id", "loan_id"),
    Index("ix_loans_lender", "lender", "loan_id"),
    Index("ix_loans_borrower", "borrower", "loan_id"),
    Index("ix_loans_collateral", "collateral", "collateral_id"),
)

loan_entries = Table(
    "loan_entries",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("loan_id", Whole, nullable=False),
    Column("kind", Text, nullable=False),  # drawn, repaid, overdue, defaulted, …
    Column("day", Integer, nullable=False),
    Column("payer", Text),
    Column("costs", Whole, nullable=False),
    Column("penalty", Whole, nullable=False),
    Column("interest", Whole, nullable=False),
    Column("principal", Whole, nullable=False),
    Column("fee", Whole, nullable=False),
    Column("outstanding", Whole, nullable=False),
    Column("details_json", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_loan_entries_loan_id", "loan_id", "position"),
)

# -- loans on goods

collateral_items = Table(
    "collateral_items",
    metadata,
    Column("added_position", Whole, primary_key=True, autoincrement=False),
    Column("loan_id", Whole, nullable=False),
    Column("kind", Text, nullable=False),  # claim, order, warehouse-receipt
    Column("item_id", Whole, nullable=False),
    Column("removed_position", Whole),  # None: still collateral
    Index("ix_loan_pieces_loan_id", "loan_id", "added_position"),
    Index("ix_loan_pieces_kind", "kind", "item_id"),
)

# Margin calls and auctions under way. Factors are parts per million of the goods' value at the last
# valid appraisal.
loan_margins = Table(
    "loan_margins",
    metadata,
    Column("loan_id", Whole, primary_key=True, autoincrement=False),
    Column("called_day", Integer),  # None: no margin call
    Column("last_day", Integer),  # last day to cure
    Column("auction_start", Whole),  # UTC seconds of the round; None: no auction
    Column("auction_end", Whole),  # as called; later if the currency is stopped
    Column("start_factor", Integer),
    Column("floor_factor", Integer),
    Column("round", Integer),
    Column("changed_block", Whole, nullable=False),
)

goods_sales = Table(
    "goods_sales",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("loan_id", Whole, nullable=False, index=True),
    Column("kind", Text, nullable=False),  # auction, buy-back
    Column("buyer", Text, nullable=False, index=True),
    Column("price", Text, nullable=False),
    Column("taken", Text, nullable=False),
    Column("to_owner", Text, nullable=False),
    Column("items_json", Text, nullable=False),  # warehouse receipt, buyer's token, quantity, price
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

buy_backs = Table(
    "buy_backs",
    metadata,
    Column("facility_id", Whole, primary_key=True, autoincrement=False),
    Column("undertaker", Text, nullable=False, index=True),
    Column("share", Integer, nullable=False),
    Column("max_total", Whole, nullable=False),
    Column("unused", Whole, nullable=False),  # part of `max_total`
    Column("last_day", Integer, nullable=False),
    Column("legal_text_hash", Text, nullable=False),
    Column("changed_block", Whole, nullable=False),
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
    Column("details_json", Text, nullable=False),  # tiers, milestones, roots
    Column("contributed", Whole, nullable=False),
    Column("released", Whole, nullable=False),
    Column("refunded", Whole, nullable=False),
    Column("milestones_released", Integer, nullable=False),
    Column("cancelled", SmallInteger, nullable=False),
    Column("lost_before", Whole, nullable=False, server_default="0"),  # lost_seconds at its opening
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
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

# -- off the chain

facility_proposals = Table(
    "facility_proposals",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("lender", Text, nullable=False),
    Column("borrower", Text, nullable=False),
    Column("entruster", Text),
    Column("currency", Text, nullable=False),
    Column("limit_currency", Text, nullable=False, server_default="CNY"),
    Column("terms_json", Text, nullable=False),  # FacilityTerms that all sign
    Column("digest", Text, nullable=False, unique=True),
    Column("lender_signature", Text),
    Column("borrower_signature", Text),
    Column("entruster_signature", Text),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Index("ix_facility_proposals_lender", "lender", "id"),
    Index("ix_facility_proposals_borrower", "borrower", "id"),
)

delivery_drafts = Table(
    "delivery_drafts",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("order_id", Whole, nullable=False),
    Column("lot_id", Whole, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("document_root", Text, nullable=False),
    Column("deadline", Whole, nullable=False, server_default="0"),  # UTC seconds, exclusive
    Column("digest", Text, nullable=False, unique=True),
    Column("signature", Text),  # the buyer's
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Index("ix_delivery_drafts_order_id", "order_id", "id"),
)
