"""Tables of products, facilities, loans, agreements, losses and bank messages."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from app.storage.tables.base import Whole, metadata

# Signatures that their signer cancelled on the ledger.
withdrawn_signatures = Table(
    "withdrawn_signatures",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("contract", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True),
    Column("block_number", Whole, nullable=False),
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
    # IProducts.FloatingTerms; empty: the rate is fixed
    Column("floating_json", Text, nullable=False, server_default="{}"),
    Column("evidence_json", Text, nullable=False, server_default="{}"),  # IProducts.EvidenceTerms
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
    Column("correction_days", SmallInteger, nullable=False, server_default="0"),
    Column("spread", Integer, nullable=False, server_default="0"),  # on a reference rate
    Column("flat_fee", Whole, nullable=False, server_default="0"),  # service fees: IServiceFees
    Column("draw_fee", Integer, nullable=False, server_default="0"),
    Column("periodic_fee", Integer, nullable=False, server_default="0"),
    Column("legal_text_hash", Text, nullable=False),
    Column("outstanding", Whole, nullable=False),
    Column("drawn", Whole, nullable=False),
    Column("deposit_held", Whole, nullable=False),
    Column("closed", SmallInteger, nullable=False),
    Column("cooling_off_amount", Whole, nullable=False, server_default="0"),
    Column("cooling_off_hours", Integer, nullable=False, server_default="0"),
    Column("end_events", SmallInteger, nullable=False, server_default="0"),  # bits: see IFacilities
    Column("suspended_by", SmallInteger, nullable=False, server_default="0"),
    Column("announced_amount", Whole, nullable=False, server_default="0"),  # 0: none
    Column("drawable_from", Whole, nullable=False, server_default="0"),  # UTC seconds
    Column("drawable_until", Whole, nullable=False, server_default="0"),  # UTC seconds
    Column("on_tier", SmallInteger, nullable=False, server_default="0"),  # a tier is required
    Column("rule_set", Text),  # whose limits count its loans
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Column("origin_id", Whole, index=True),  # whose loans its lender bought; None: its own
)

# The group under which the ledger counts what a borrower owes under a rule set.
borrower_groups = Table(
    "borrower_groups",
    metadata,
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("rule_set", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("group_number", Whole, nullable=False),  # 0: none
    Column("changed_block", Whole, nullable=False),
)

# Who accepts documents of a facility besides its lender, and whose reports of trade count for it.
facility_attesters = Table(
    "facility_attesters",
    metadata,
    Column("facility_id", Whole, primary_key=True, autoincrement=False),
    Column("party_id", Whole, nullable=False),
    Column("account", Text, nullable=False),  # the account that was named
    Column("block_number", Whole, nullable=False),
)

# Documents that borrowers submitted to facilities, as the ledger knows them.
loan_documents = Table(
    "loan_documents",
    metadata,
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, primary_key=True),
    Column("facility_id", Whole, nullable=False),
    Column("kind", SmallInteger, nullable=False),  # IDrawEvidence.DocumentKind
    Column("document_root", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("amount", Whole, nullable=False),  # of a customs declaration
    Column("offered", SmallInteger, nullable=False),  # the next draw uses it
    Column("loan_id", Whole, index=True),
    Column("accepted_by", Text),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_loan_documents_facility_id", "facility_id", "kind"),
)

# What platforms reported of merchants' trade: each report and each correction.
trade_reports = Table(
    "trade_reports",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("platform_party", Whole, nullable=False),
    Column("merchant_party", Whole, nullable=False),
    Column("currency", Text, nullable=False),
    Column("month", Integer, nullable=False),  # year * 12 + month of the year - 1
    Column("amount", Whole, nullable=False),
    Column("returned", Whole, nullable=False),
    Column("revision", Whole, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_trade_reports_merchant_party", "merchant_party", "platform_party", "month"),
)

# Documents for draws as their owners uploaded them.
draw_documents = Table(
    "draw_documents",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("owner", Text, nullable=False),  # parties_directory.id
    Column("kind", SmallInteger, nullable=False),  # IDrawEvidence.DocumentKind
    Column("fingerprint", Text, nullable=False, index=True),
    Column("root", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the salts and the content
    Index("ix_draw_documents_owner_id", "owner", "id"),
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
    # What was posted since the draw or the last change of terms, and what is overpaid.
    Column("history_json", Text, nullable=False, server_default="{}"),
    # Principal that the lender has written off in part, and the last restructuring (null: none).
    Column("written_off", Whole, nullable=False, server_default="0"),
    Column("restructured_json", Text, nullable=False, server_default="null"),
    # How its rate follows a reference, and its own day of the next reset; None: it is fixed.
    Column("floating_json", Text),
    Column("next_reset_day", Integer, index=True),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_loans_facility_id", "facility_id", "loan_id"),
    Index("ix_loans_lender", "lender", "loan_id"),
    Index("ix_loans_borrower", "borrower", "loan_id"),
    Index("ix_loans_collateral", "collateral", "collateral_id"),
)

# The references that appraisers may post, with the bounds for the next rate.
reference_listings = Table(
    "reference_listings",
    metadata,
    Column("code", Text, primary_key=True),
    Column("max_step", Integer, nullable=False),  # parts per million a year
    Column("max_days", Integer, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

reference_rates = Table(
    "reference_rates",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    Column("appraiser", Text, nullable=False),  # who proposed it, or stands behind it too
    Column("confirmer", Text),  # None: only proposed
    Column("from_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("rate", Integer, nullable=False),  # parts per million a year
    Column("evidence", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_reference_rates_code", "code", "position"),
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
    Column("fee", Whole, nullable=False),  # for early repayment
    Column("service", Whole, nullable=False, server_default="0"),  # service fees
    Column("outstanding", Whole, nullable=False),
    Column("details_json", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Column("facility_id", Whole, nullable=False, server_default="0"),  # of the loan, after it
    Column("from_facility_id", Whole),  # of the loan before it was sold; None for other entries
    # As in `loans`, after the entry; 0: the entry is older than the column.
    Column("oldest_unpaid_day", Integer, nullable=False, server_default="0"),
    Index("ix_loan_entries_loan_id", "loan_id", "position"),
    Index("ix_loan_entries_facility_id", "facility_id", "position"),
    Index("ix_loan_entries_from_facility_id", "from_facility_id", "position"),
)

# Loans that got another lender: by a sale, or because their seller bought them back.
loan_sales = Table(
    "loan_sales",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("loan_id", Whole, nullable=False),
    Column("kind", Text, nullable=False),  # sold, bought-back
    Column("seller", Text, nullable=False, index=True),  # the lender before
    Column("buyer", Text, nullable=False, index=True),  # the lender after
    Column("borrower", Text, nullable=False, index=True),
    Column("facility_id", Whole, nullable=False),
    Column("from_facility_id", Whole, nullable=False),
    Column("currency", Text, nullable=False),
    Column("principal", Whole, nullable=False),
    Column("price", Whole, nullable=False),
    Column("buy_back", SmallInteger, nullable=False),  # bits: see ILoanSales; 0: nothing, or done
    Column("buy_back_price", Integer, nullable=False),  # parts per million of what is owed
    Column("buy_back_max", Whole, nullable=False),  # the most by the duty; 0: no duty
    Column("buy_back_first_day", Integer, nullable=False),
    Column("buy_back_last_day", Integer, nullable=False),
    Column("notice_hash", Text, nullable=False),
    Column("acknowledged_at", Whole),  # UTC seconds; None: not yet
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_loan_sales_loan_id", "loan_id", "position"),
)

# Texts of the notices to borrowers whose loans are sold; their hashes are on the ledger.
sale_notices = Table(
    "sale_notices",
    metadata,
    Column("loan_id", Whole, primary_key=True, autoincrement=False),
    Column("notice_hash", Text, primary_key=True),
    Column("salt", Text, nullable=False),  # hex; hashed before the text
    Column("notice", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)

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

# Hedges of the price of a loan's goods. Numbers are decimal text: they may exceed 63 bits.
hedges = Table(
    "hedges",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("loan_id", Whole, nullable=False, index=True),
    Column("contract_hash", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("price", Text, nullable=False),
    Column("max_price", Text, nullable=False),  # appraised when it was recorded
    Column("expiry_day", Integer, nullable=False),
    Column("venue", Text, nullable=False),
    Column("counterparty", Text),  # None: no party of the ledger
    Column("document_root", Text, nullable=False),
    Column("closed_position", Whole),  # None: not closed
    Column("block_number", Whole, nullable=False),
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
    Column("reversal_operation_id", Text),  # the newest that reverses what was recorded
    Index("ix_bank_entries_reference", "lender", "reference", "twin", unique=True),
    Index("ix_bank_entries_entry_reference", "lender", "entry_reference"),
    Index("ix_bank_entries_end_to_end_id", "lender", "end_to_end_id"),
    Index(
        "ix_bank_entries_reversed",
        "id",
        sqlite_where=text("reversed_by IS NOT NULL"),
        postgresql_where=text("reversed_by IS NOT NULL"),
    ),
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
