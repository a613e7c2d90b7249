"""Tables of prices, losses and who bears them, agreements about loans, and bank messages.

Only projections fill the read tables, which come first.
"""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from app.storage.tables import Whole, metadata

price_items = Table(
    "price_items",
    metadata,
    Column("item", Text, primary_key=True),  # 0x and 64 digits
    Column("currency", Text, primary_key=True),
    Column("max_jump", Integer, nullable=False),  # parts per million
    Column("max_age", Whole, nullable=False),  # seconds; 0: no longer listed
    Column("changed_block", Whole, nullable=False),
)

prices = Table(
    "prices",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("item", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("appraiser", Text, nullable=False),
    Column("in_force", SmallInteger, nullable=False),  # 0: only proposed
    Column("value", Whole, nullable=False),
    Column("haircut", Integer, nullable=False),
    Column("as_of", Whole, nullable=False),
    Column("valid_until", Whole, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_prices_item", "item", "currency", "position"),
)

risk_entries = Table(
    "risk_entries",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # the event's name
    Column("product_id", Whole),
    Column("facility_id", Whole),
    Column("loan_id", Whole),
    Column("party", Text),  # account that paid, received, agreed or owes
    Column("amount", Whole, nullable=False),
    Column("details_json", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_risk_entries_product_id", "product_id", "position"),
    Index("ix_risk_entries_facility_id", "facility_id", "position"),
    Index("ix_risk_entries_loan_id", "loan_id", "position"),
)

# -- off the chain

agreements = Table(
    "agreements",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("kind", Text, nullable=False),
    Column("subject_id", Whole, nullable=False),  # loan, product or facility, by kind
    Column("currency", Text, nullable=False),
    Column("terms_json", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
)

bank_entries = Table(
    "bank_entries",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("lender", Text, nullable=False),
    Column("reference", Text, nullable=False),  # the bank's own, unique for each account
    Column("loan_id", Whole),  # None: the payer named no loan
    Column("currency", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("booked_on", Text, nullable=False),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Column("end_to_end_id", Text),  # the payer's own, if any
    Column("reversed_by", Text),  # the bank's reference of the entry that reversed it
    Column("details", LargeBinary),  # sealed: the account, the payer's reference, charges
    Column("entry_reference", Text),  # the bank's own, of the whole entry or batch
    Column(
        "twin", Integer, nullable=False, server_default="0"
    ),  # number of entries with this reference before it
    Index("ix_bank_entries_reference", "lender", "reference", "twin", unique=True),
    Index("ix_bank_entries_entry_reference", "lender", "entry_reference"),
    Index("ix_bank_entries_end_to_end_id", "lender", "end_to_end_id"),
)

bank_reversals = Table(
    "bank_reversals",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("lender", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("entry_id", Text),  # of the reversed payment; None: not known yet
    Column("details", LargeBinary, nullable=False),  # sealed: the bank's details of it
    Column("created_at", Double, nullable=False),
    Index("ix_bank_reversals_amount", "lender", "currency", "amount"),
)

pay_out_orders = Table(
    "pay_out_orders",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("lender", Text, nullable=False),  # account
    Column("request_hash", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the message as it was issued
    Column("replaced_by", Text),  # the last order that replaces all or some of it
    Column("created_at", Double, nullable=False),
)

pay_outs = Table(
    "pay_outs",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("loan_id", Whole, primary_key=True, autoincrement=False),
    Column("end_to_end_id", Text, nullable=False),
    Column("replaced_by", Text),  # the order that replaces this transfer
    Index("ix_pay_outs_loan_id", "loan_id"),
    Index(
        "ix_pay_outs_standing",
        "loan_id",
        unique=True,
        sqlite_where=text("replaced_by IS NULL"),
        postgresql_where=text("replaced_by IS NULL"),
    ),
    Index("ix_pay_outs_end_to_end_id", "end_to_end_id", unique=True),
)

agreement_signers = Table(
    "agreement_signers",
    metadata,
    Column("agreement_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("signature", Text),
)
