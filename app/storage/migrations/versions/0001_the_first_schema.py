"""The first schema."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("party_id", WHOLE, nullable=False),
        sa.Column("removed", sa.SmallInteger(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_accounts")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_party_id"), ["party_id"], unique=False)

    op.create_table(
        "agreement_signers",
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("agreement_id", "role", name=op.f("pk_agreement_signers")),
    )
    with op.batch_alter_table("agreement_signers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_signers_account"), ["account"], unique=False)

    op.create_table(
        "agreements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("terms_json", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("digest", name=op.f("uq_agreements_digest")),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("waiting", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_api_keys")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_party_id"), ["party_id"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("from_claim_id", WHOLE, nullable=False),
        sa.Column("to_claim_id", WHOLE, nullable=False),
        sa.Column("from_owner", sa.Text(), nullable=False),
        sa.Column("to_owner", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("document_root", sa.Text(), nullable=True),
        sa.Column("court_order_hash", sa.Text(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assignments_from_claim_id"), ["from_claim_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignments_to_claim_id"), ["to_claim_id"], unique=False
        )

    op.create_table(
        "bank_entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("loan_id", WHOLE, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("booked_on", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=True),
        sa.Column("reversed_by", sa.Text(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("entry_reference", sa.Text(), nullable=True),
        sa.Column("twin", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entries")),
    )
    with op.batch_alter_table("bank_entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bank_entries_end_to_end_id", ["lender", "end_to_end_id"], unique=False
        )
        batch_op.create_index(
            "ix_bank_entries_entry_reference", ["lender", "entry_reference"], unique=False
        )
        batch_op.create_index(
            "ix_bank_entries_reference", ["lender", "reference", "twin"], unique=True
        )

    op.create_table(
        "bank_reversals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_reversals")),
    )
    with op.batch_alter_table("bank_reversals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bank_reversals_amount", ["lender", "currency", "amount"], unique=False
        )

    op.create_table(
        "blocks",
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("parent_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("receipts_root", sa.Text(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_blocks")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index("ix_blocks_hash", ["hash"], unique=False)

    op.create_table(
        "buy_backs",
        sa.Column("facility_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("undertaker", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("max_total", WHOLE, nullable=False),
        sa.Column("unused", WHOLE, nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_buy_backs")),
    )
    with op.batch_alter_table("buy_backs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_buy_backs_undertaker"), ["undertaker"], unique=False)

    op.create_table(
        "campaign_clocks",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stopped_at", WHOLE, nullable=False),
        sa.Column("lost_seconds", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_campaign_clocks")),
    )
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("creator", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("goal", WHOLE, nullable=False),
        sa.Column("deadline", WHOLE, nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("details_json", sa.Text(), nullable=False),
        sa.Column("contributed", WHOLE, nullable=False),
        sa.Column("released", WHOLE, nullable=False),
        sa.Column("refunded", WHOLE, nullable=False),
        sa.Column("milestones_released", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.SmallInteger(), nullable=False),
        sa.Column("lost_before", WHOLE, server_default="0", nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaigns")),
    )
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaigns_creator"), ["creator"], unique=False)

    op.create_table(
        "cancelled_quotes",
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("funder", "nonce", name=op.f("pk_cancelled_quotes")),
    )
    op.create_table(
        "cash_balances",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("balance", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("currency", "account", name=op.f("pk_cash_balances")),
    )
    with op.batch_alter_table("cash_balances", schema=None) as batch_op:
        batch_op.create_index("ix_cash_balances_account", ["account"], unique=False)

    op.create_table(
        "cash_transfers",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_account", sa.Text(), nullable=False),
        sa.Column("to_account", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_cash_transfers")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("final_number", WHOLE, nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "claims",
        sa.Column("claim_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("parent_id", WHOLE, nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("lienholder", sa.Text(), nullable=True),
        sa.Column("burned", sa.SmallInteger(), nullable=False),
        sa.Column("collected_principal", WHOLE, nullable=False),
        sa.Column("collected_late_charge", WHOLE, nullable=False),
        sa.Column("document_root", sa.Text(), nullable=True),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claims")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index("ix_claims_owner", ["owner", "claim_id"], unique=False)
        batch_op.create_index("ix_claims_parent_id", ["parent_id"], unique=False)
        batch_op.create_index(
            "ix_claims_receivable_id", ["receivable_id", "claim_id"], unique=False
        )

    op.create_table(
        "collateral_items",
        sa.Column("added_position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=False),
        sa.Column("removed_position", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("added_position", name=op.f("pk_collateral_items")),
    )
    with op.batch_alter_table("collateral_items", schema=None) as batch_op:
        batch_op.create_index("ix_loan_pieces_kind", ["kind", "item_id"], unique=False)
        batch_op.create_index("ix_loan_pieces_loan_id", ["loan_id", "added_position"], unique=False)

    op.create_table(
        "collections",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("paid_to", sa.Text(), nullable=False),
        sa.Column("principal", WHOLE, nullable=False),
        sa.Column("late_charge", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_collections")),
    )
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collections_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_collections_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "contributions",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("campaign_id", WHOLE, nullable=False),
        sa.Column("backer", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_contributions")),
    )
    with op.batch_alter_table("contributions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contributions_backer"), ["backer"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_contributions_campaign_id"), ["campaign_id"], unique=False
        )

    op.create_table(
        "corrections",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "original", name=op.f("pk_corrections")),
    )
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrections_original"), ["original"], unique=False)

    op.create_table(
        "court_orders",
        sa.Column("order_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("order_hash", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("not_before", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("holder_party_id", WHOLE, nullable=True),
        sa.Column("slot", WHOLE, nullable=True),
        sa.Column("value_left", WHOLE, nullable=True),
        sa.Column("objector", sa.Text(), nullable=True),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_court_orders")),
    )
    with op.batch_alter_table("court_orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_court_orders_order_hash"), ["order_hash"], unique=False
        )

    op.create_table(
        "credit_note_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("note_json", sa.Text(), nullable=False),
        sa.Column("seller_signature", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note_drafts")),
    )
    with op.batch_alter_table("credit_note_drafts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_note_drafts_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "credit_notes",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("burned", WHOLE, nullable=False),
        sa.Column("paid_in", WHOLE, nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_credit_notes")),
    )
    with op.batch_alter_table("credit_notes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_notes_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "credit_tiers",
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), server_default="CNY", nullable=False),
        sa.Column("credit_limit", WHOLE, nullable=False),
        sa.Column("trading_since_day", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("evidence_root", sa.Text(), nullable=False),
        sa.Column("issued_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_credit_tiers")),
    )
    op.create_table(
        "custody_keys",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("keystore_json", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_custody_keys")),
    )
    op.create_table(
        "delivery_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", WHOLE, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("deadline", WHOLE, server_default="0", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_drafts")),
        sa.UniqueConstraint("digest", name=op.f("uq_delivery_drafts_digest")),
    )
    with op.batch_alter_table("delivery_drafts", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_drafts_order_id", ["order_id", "id"], unique=False)

    op.create_table(
        "disputes",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, nullable=True),
        sa.Column("end_evidence_hash", sa.Text(), nullable=True),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_disputes")),
    )
    with op.batch_alter_table("disputes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disputes_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "documents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("model_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index("ix_documents_fingerprint", ["fingerprint"], unique=False)
        batch_op.create_index("ix_documents_owner_id", ["owner", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_documents_root"), ["root"], unique=False)

    op.create_table(
        "event_subjects",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "position", name=op.f("pk_event_subjects")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("transaction_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arguments_json", sa.Text(), nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=True),
        sa.Column("claim_id", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    op.create_table(
        "facilities",
        sa.Column("facility_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("entruster", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("limit_currency", sa.Text(), nullable=True),
        sa.Column("annual_rate", sa.Integer(), nullable=False),
        sa.Column("administration_fee", sa.Integer(), nullable=False),
        sa.Column("credit_limit", WHOLE, nullable=False),
        sa.Column("deposit", WHOLE, nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("outstanding", WHOLE, nullable=False),
        sa.Column("drawn", WHOLE, nullable=False),
        sa.Column("deposit_held", WHOLE, nullable=False),
        sa.Column("closed", sa.SmallInteger(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facilities")),
    )
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_facilities_borrower"), ["borrower"], unique=False)
        batch_op.create_index(batch_op.f("ix_facilities_entruster"), ["entruster"], unique=False)
        batch_op.create_index(batch_op.f("ix_facilities_lender"), ["lender"], unique=False)

    op.create_table(
        "facility_debtors",
        sa.Column("facility_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("facility_id", "party_id", name=op.f("pk_facility_debtors")),
    )
    op.create_table(
        "facility_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("entruster", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("limit_currency", sa.Text(), server_default="CNY", nullable=False),
        sa.Column("terms_json", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lender_signature", sa.Text(), nullable=True),
        sa.Column("borrower_signature", sa.Text(), nullable=True),
        sa.Column("entruster_signature", sa.Text(), nullable=True),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_proposals")),
        sa.UniqueConstraint("digest", name=op.f("uq_facility_proposals_digest")),
    )
    with op.batch_alter_table("facility_proposals", schema=None) as batch_op:
        batch_op.create_index("ix_facility_proposals_borrower", ["borrower", "id"], unique=False)
        batch_op.create_index("ix_facility_proposals_lender", ["lender", "id"], unique=False)

    op.create_table(
        "goods_names",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_goods_names")),
    )
    op.create_table(
        "goods_sales",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("to_owner", sa.Text(), nullable=False),
        sa.Column("items_json", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_goods_sales")),
    )
    with op.batch_alter_table("goods_sales", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goods_sales_buyer"), ["buyer"], unique=False)
        batch_op.create_index(batch_op.f("ix_goods_sales_loan_id"), ["loan_id"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers_json", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(
            "ix_idempotency_keys_created_at",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("body IS NOT NULL"),
            postgresql_where=sa.text("body IS NOT NULL"),
        )

    op.create_table(
        "lien_stops",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("stopped", sa.SmallInteger(), nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_lien_stops")),
    )
    with op.batch_alter_table("lien_stops", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lien_stops_warehouse"), ["warehouse"], unique=False)

    op.create_table(
        "liens",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("lienholder", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, nullable=True),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_liens")),
    )
    with op.batch_alter_table("liens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_liens_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_liens_lienholder"), ["lienholder"], unique=False)

    op.create_table(
        "loan_entries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("costs", WHOLE, nullable=False),
        sa.Column("penalty", WHOLE, nullable=False),
        sa.Column("interest", WHOLE, nullable=False),
        sa.Column("principal", WHOLE, nullable=False),
        sa.Column("fee", WHOLE, nullable=False),
        sa.Column("outstanding", WHOLE, nullable=False),
        sa.Column("details_json", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_loan_entries")),
    )
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.create_index("ix_loan_entries_loan_id", ["loan_id", "position"], unique=False)

    op.create_table(
        "loan_margins",
        sa.Column("loan_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("called_day", sa.Integer(), nullable=True),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("auction_start", WHOLE, nullable=True),
        sa.Column("auction_end", WHOLE, nullable=True),
        sa.Column("start_factor", sa.Integer(), nullable=True),
        sa.Column("floor_factor", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loan_margins")),
    )
    op.create_table(
        "loans",
        sa.Column("loan_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("facility_id", WHOLE, nullable=False),
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("entruster", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("collateral", sa.Text(), nullable=False),
        sa.Column("collateral_id", WHOLE, nullable=True),
        sa.Column("drawn", WHOLE, nullable=False),
        sa.Column("outstanding", WHOLE, nullable=False),
        sa.Column("start_day", sa.Integer(), nullable=False),
        sa.Column("last_due_day", sa.Integer(), nullable=False),
        sa.Column("oldest_unpaid_day", sa.Integer(), nullable=False),
        sa.Column("marked_overdue", sa.SmallInteger(), nullable=False),
        sa.Column("loss", WHOLE, nullable=False),
        sa.Column("loss_absorbed", WHOLE, nullable=False),
        sa.Column("lost_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stopped_day", sa.Integer(), nullable=True),
        sa.Column("stops_json", sa.Text(), server_default="[]", nullable=False),
        sa.Column("state_json", sa.Text(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loans")),
    )
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.create_index("ix_loans_borrower", ["borrower", "loan_id"], unique=False)
        batch_op.create_index("ix_loans_collateral", ["collateral", "collateral_id"], unique=False)
        batch_op.create_index("ix_loans_facility_id", ["facility_id", "loan_id"], unique=False)
        batch_op.create_index("ix_loans_lender", ["lender", "loan_id"], unique=False)

    op.create_table(
        "logs",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("transaction_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_logs")),
    )
    op.create_table(
        "lot_documents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_documents")),
    )
    with op.batch_alter_table("lot_documents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lot_documents_fingerprint"), ["fingerprint"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lot_documents_root"), ["root"], unique=False)

    op.create_table(
        "lot_entries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("warehouse_receipt_id", WHOLE, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=True),
        sa.Column("outstanding", WHOLE, nullable=True),
        sa.Column("as_of_day", sa.Integer(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("document_root", sa.Text(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_lot_entries")),
    )
    with op.batch_alter_table("lot_entries", schema=None) as batch_op:
        batch_op.create_index("ix_lot_entries_lot_id", ["lot_id", "position"], unique=False)

    op.create_table(
        "lots",
        sa.Column("lot_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("depositor", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("sku_hash", sa.Text(), nullable=False),
        sa.Column("grade_word", sa.Text(), nullable=False),
        sa.Column("unit_word", sa.Text(), nullable=False),
        sa.Column("stored_day", sa.Integer(), nullable=False),
        sa.Column("expiry_day", sa.Integer(), nullable=False),
        sa.Column("max_depth", sa.Integer(), nullable=False),
        sa.Column("negotiable", sa.SmallInteger(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("issued", WHOLE, nullable=False),
        sa.Column("released", WHOLE, nullable=False),
        sa.Column("impaired", WHOLE, nullable=False),
        sa.Column("counted", WHOLE, nullable=False),
        sa.Column("counted_day", sa.Integer(), nullable=True),
        sa.Column("order_id", WHOLE, nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("warehouse_receipt_id", WHOLE, nullable=False),
        sa.Column("issued_at", WHOLE, nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lots")),
    )
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lots_depositor"), ["depositor"], unique=False)
        batch_op.create_index(batch_op.f("ix_lots_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_lots_item"), ["item"], unique=False)
        batch_op.create_index(batch_op.f("ix_lots_warehouse"), ["warehouse"], unique=False)

    op.create_table(
        "operations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("arguments_json", sa.Text(), nullable=False),
        sa.Column("subject_json", sa.Text(), nullable=False),
        sa.Column("custody", sa.SmallInteger(), nullable=False),
        sa.Column("depends_on", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.Double(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("gas", WHOLE, nullable=True),
        sa.Column("deadline", WHOLE, nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("relay_account", sa.Text(), nullable=True),
        sa.Column("relay_nonce", WHOLE, nullable=True),
        sa.Column("batch_index", sa.Integer(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=True),
        sa.Column("block_number", WHOLE, nullable=True),
        sa.Column("block_hash", sa.Text(), nullable=True),
        sa.Column("gas_used", WHOLE, nullable=True),
        sa.Column("error_json", sa.Text(), nullable=True),
        sa.Column("result_json", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("submitted_at", sa.Double(), nullable=True),
        sa.Column("included_at", sa.Double(), nullable=True),
        sa.Column("final_at", sa.Double(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
    )
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.create_index("ix_operations_block_number", ["block_number"], unique=False)
        batch_op.create_index("ix_operations_party_id_id", ["party_id", "id"], unique=False)
        batch_op.create_index("ix_operations_relay", ["relay_account", "relay_nonce"], unique=False)
        batch_op.create_index("ix_operations_state_id", ["state", "id"], unique=False)
        batch_op.create_index("uq_operations_hash", ["hash"], unique=True)
        batch_op.create_index("uq_operations_signer_nonce", ["signer", "nonce"], unique=True)

    op.create_table(
        "order_deliveries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("order_id", WHOLE, nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("uninvoiced", WHOLE, nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_order_deliveries")),
    )
    with op.batch_alter_table("order_deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_order_deliveries_order_id", ["order_id", "lot_id"], unique=False)

    op.create_table(
        "parties",
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("identity_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("frozen", sa.SmallInteger(), nullable=False),
        sa.Column("freeze_order_hash", sa.Text(), nullable=True),
        sa.Column("held_until", WHOLE, nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_parties")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_parties_identity_hash")),
    )
    op.create_table(
        "parties_directory",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_id_scheme", sa.Text(), nullable=False),
        sa.Column("legal_id_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("identity_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("custody", sa.SmallInteger(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("name_skeleton", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties_directory")),
        sa.UniqueConstraint("account", name=op.f("uq_parties_directory_account")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_parties_directory_identity_hash")),
    )
    with op.batch_alter_table("parties_directory", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_parties_directory_name_skeleton"), ["name_skeleton"], unique=False
        )

    op.create_table(
        "party_holds",
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("order_hash", sa.Text(), nullable=False),
        sa.Column("regulator", sa.Text(), nullable=False),
        sa.Column("held_until", WHOLE, nullable=False),
        sa.Column("order_id", WHOLE, nullable=True),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_party_holds")),
    )
    op.create_table(
        "pay_out_orders",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_pay_out_orders")),
    )
    op.create_table(
        "pay_outs",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("loan_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", "loan_id", name=op.f("pk_pay_outs")),
    )
    with op.batch_alter_table("pay_outs", schema=None) as batch_op:
        batch_op.create_index("ix_pay_outs_end_to_end_id", ["end_to_end_id"], unique=True)
        batch_op.create_index("ix_pay_outs_loan_id", ["loan_id"], unique=False)
        batch_op.create_index(
            "ix_pay_outs_standing",
            ["loan_id"],
            unique=True,
            sqlite_where=sa.text("replaced_by IS NULL"),
            postgresql_where=sa.text("replaced_by IS NULL"),
        )

    op.create_table(
        "payments",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("principal", WHOLE, nullable=False),
        sa.Column("late_charge", WHOLE, nullable=False),
        sa.Column("unpaid", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_payments")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payments_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "price_items",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("max_jump", sa.Integer(), nullable=False),
        sa.Column("max_age", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("item", "currency", name=op.f("pk_price_items")),
    )
    op.create_table(
        "prices",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("appraiser", sa.Text(), nullable=False),
        sa.Column("in_force", sa.SmallInteger(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("haircut", sa.Integer(), nullable=False),
        sa.Column("as_of", WHOLE, nullable=False),
        sa.Column("valid_until", WHOLE, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_prices")),
    )
    with op.batch_alter_table("prices", schema=None) as batch_op:
        batch_op.create_index("ix_prices_item", ["item", "currency", "position"], unique=False)

    op.create_table(
        "product_versions",
        sa.Column("product_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("terms_json", sa.Text(), nullable=False),
        sa.Column("goods_json", sa.Text(), server_default="{}", nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "version", name=op.f("pk_product_versions")),
    )
    op.create_table(
        "products",
        sa.Column("product_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.SmallInteger(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_products")),
        sa.UniqueConstraint("code", name=op.f("uq_products_code")),
    )
    op.create_table(
        "purchase_orders",
        sa.Column("order_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("invoiced", WHOLE, nullable=False),
        sa.Column("delivered", WHOLE, server_default="0", nullable=False),
        sa.Column("delivery_day", sa.Integer(), nullable=False),
        sa.Column("expiry_day", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("lienholder", sa.Text(), nullable=True),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_purchase_orders")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_purchase_orders_fingerprint")),
    )
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_orders_buyer"), ["buyer"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_orders_seller"), ["seller"], unique=False)

    op.create_table(
        "quotes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("terms_json", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("digest", name=op.f("uq_quotes_digest")),
    )
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.create_index("ix_quotes_claim_id", ["claim_id", "id"], unique=False)
        batch_op.create_index("ix_quotes_funder_id", ["funder", "id"], unique=False)
        batch_op.create_index("ix_quotes_seller_id", ["seller", "id"], unique=False)

    op.create_table(
        "receivables",
        sa.Column("receivable_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("face_amount", WHOLE, nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("late_rate", sa.Integer(), nullable=False),
        sa.Column("dispute_days", sa.Integer(), nullable=False),
        sa.Column("max_depth", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("claim_id", WHOLE, nullable=True),
        sa.Column("debtor_signature", sa.Text(), nullable=True),
        sa.Column("requested_at", WHOLE, nullable=False),
        sa.Column("confirmed_at", WHOLE, nullable=True),
        sa.Column("principal_paid", WHOLE, nullable=False),
        sa.Column("late_charge_paid", WHOLE, nullable=False),
        sa.Column("credited", WHOLE, nullable=False),
        sa.Column("redeemed", WHOLE, nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("receivable_id", name=op.f("pk_receivables")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_receivables_fingerprint")),
    )
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receivables_debtor"), ["debtor"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_receivables_document_root"), ["document_root"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_receivables_seller"), ["seller"], unique=False)
        batch_op.create_index("ix_receivables_status", ["status", "receivable_id"], unique=False)

    op.create_table(
        "relay_accounts",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("next_nonce", WHOLE, nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_relay_accounts")),
    )
    op.create_table(
        "relay_transactions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("nonce", WHOLE, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("gas_price", sa.Text(), nullable=False),
        sa.Column("gas_limit", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=True),
        sa.Column("block_hash", sa.Text(), nullable=True),
        sa.Column("gas_used", WHOLE, nullable=True),
        sa.Column("succeeded", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_relay_transactions")),
        sa.UniqueConstraint(
            "account", "nonce", "attempt", name=op.f("uq_relay_transactions_account_nonce_attempt")
        ),
    )
    with op.batch_alter_table("relay_transactions", schema=None) as batch_op:
        batch_op.create_index("ix_relay_transactions_block_number", ["block_number"], unique=False)
        batch_op.create_index(
            "ix_relay_transactions_state", ["state", "account", "nonce"], unique=False
        )

    op.create_table(
        "restores",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("restored_at", sa.Double(), nullable=False),
        sa.Column("backup_made_at", sa.Double(), nullable=True),
        sa.Column("backup_sha256", sa.Text(), nullable=True),
        sa.Column("quiet_from", WHOLE, nullable=True),
        sa.Column("released_at", sa.Double(), nullable=True),
        sa.Column("report_json", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restores")),
    )
    op.create_table(
        "risk_entries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("product_id", WHOLE, nullable=True),
        sa.Column("facility_id", WHOLE, nullable=True),
        sa.Column("loan_id", WHOLE, nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("details_json", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_risk_entries")),
    )
    with op.batch_alter_table("risk_entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_risk_entries_facility_id", ["facility_id", "position"], unique=False
        )
        batch_op.create_index("ix_risk_entries_loan_id", ["loan_id", "position"], unique=False)
        batch_op.create_index(
            "ix_risk_entries_product_id", ["product_id", "position"], unique=False
        )

    op.create_table(
        "sales",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("sold_claim_id", WHOLE, nullable=False),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("price", WHOLE, nullable=False),
        sa.Column("recourse", sa.SmallInteger(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("put_back_position", WHOLE, nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_sales")),
    )
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_sold_claim_id"), ["sold_claim_id"], unique=False)

    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "signer_nonces",
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("next_nonce", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("signer", name=op.f("pk_signer_nonces")),
    )
    op.create_table(
        "stock_differences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("stock", WHOLE, nullable=False),
        sa.Column("outstanding", WHOLE, nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_differences")),
    )
    with op.batch_alter_table("stock_differences", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_differences_warehouse", ["warehouse", "lot_id"], unique=False
        )

    op.create_table(
        "stock_files",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("first_sequence", WHOLE, nullable=False),
        sa.Column("last_sequence", WHOLE, nullable=False),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_files")),
    )
    with op.batch_alter_table("stock_files", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_files_warehouse", ["warehouse", "first_sequence"], unique=True
        )

    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("movement_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_movements_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            "ix_stock_movements_lot_id", ["warehouse", "lot_id", "day"], unique=False
        )
        batch_op.create_index(
            "ix_stock_movements_movement_id", ["warehouse", "movement_id"], unique=True
        )

    op.create_table(
        "unclaimed",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("contract", "owner", "currency", name=op.f("pk_unclaimed")),
    )
    op.create_table(
        "unknown_executions",
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("operation_hash", sa.Text(), nullable=False),
        sa.Column("succeeded", sa.SmallInteger(), nullable=False),
        sa.Column("ours", sa.SmallInteger(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("reconciled_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("signer", "nonce", name=op.f("pk_unknown_executions")),
    )
    with op.batch_alter_table("unknown_executions", schema=None) as batch_op:
        batch_op.create_index("ix_unknown_executions_block_number", ["block_number"], unique=False)
        batch_op.create_index(
            "ix_unknown_executions_operation_hash", ["operation_hash"], unique=False
        )

    op.create_table(
        "valuations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("appraiser", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuations")),
    )
    with op.batch_alter_table("valuations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_valuations_appraiser"), ["appraiser"], unique=False)
        batch_op.create_index(batch_op.f("ix_valuations_evidence"), ["evidence"], unique=False)

    op.create_table(
        "warehouse_receipt_assignments",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("from_warehouse_receipt_id", WHOLE, nullable=False),
        sa.Column("to_warehouse_receipt_id", WHOLE, nullable=False),
        sa.Column("from_owner", sa.Text(), nullable=False),
        sa.Column("to_owner", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("document_root", sa.Text(), nullable=True),
        sa.Column("court_order_hash", sa.Text(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_warehouse_receipt_assignments")),
    )
    with op.batch_alter_table("warehouse_receipt_assignments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_warehouse_receipt_assignments_from_warehouse_receipt_id"),
            ["from_warehouse_receipt_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_warehouse_receipt_assignments_to_warehouse_receipt_id"),
            ["to_warehouse_receipt_id"],
            unique=False,
        )

    op.create_table(
        "warehouse_receipts",
        sa.Column("warehouse_receipt_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("parent_id", WHOLE, nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("lienholder", sa.Text(), nullable=True),
        sa.Column("release_requested", sa.SmallInteger(), nullable=False),
        sa.Column("acknowledged_to", sa.Text(), nullable=True),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("document_root", sa.Text(), nullable=True),
        sa.Column("created_position", WHOLE, nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("warehouse_receipt_id", name=op.f("pk_warehouse_receipts")),
    )
    with op.batch_alter_table("warehouse_receipts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_warehouse_receipts_lienholder", ["lienholder", "warehouse_receipt_id"], unique=False
        )
        batch_op.create_index(
            "ix_warehouse_receipts_lot_id", ["lot_id", "warehouse_receipt_id"], unique=False
        )
        batch_op.create_index(
            "ix_warehouse_receipts_owner", ["owner", "warehouse_receipt_id"], unique=False
        )

    op.create_table(
        "withdrawn_signatures",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_withdrawn_signatures")),
    )
    with op.batch_alter_table("withdrawn_signatures", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_withdrawn_signatures_digest"), ["digest"], unique=False
        )
    # Nonces of one store are never those of another one, nor of this one laid back.
    op.get_bind().execute(
        sa.text("INSERT INTO settings (name, value) VALUES ('nonce_space', :value)"),
        {"value": str(secrets.randbits(64)).encode()},
    )


def downgrade() -> None:
    with op.batch_alter_table("withdrawn_signatures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_withdrawn_signatures_digest"))

    op.drop_table("withdrawn_signatures")
    with op.batch_alter_table("warehouse_receipts", schema=None) as batch_op:
        batch_op.drop_index("ix_warehouse_receipts_owner")
        batch_op.drop_index("ix_warehouse_receipts_lot_id")
        batch_op.drop_index("ix_warehouse_receipts_lienholder")

    op.drop_table("warehouse_receipts")
    with op.batch_alter_table("warehouse_receipt_assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warehouse_receipt_assignments_to_warehouse_receipt_id"))
        batch_op.drop_index(
            batch_op.f("ix_warehouse_receipt_assignments_from_warehouse_receipt_id")
        )

    op.drop_table("warehouse_receipt_assignments")
    with op.batch_alter_table("valuations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_valuations_evidence"))
        batch_op.drop_index(batch_op.f("ix_valuations_appraiser"))

    op.drop_table("valuations")
    with op.batch_alter_table("unknown_executions", schema=None) as batch_op:
        batch_op.drop_index("ix_unknown_executions_operation_hash")
        batch_op.drop_index("ix_unknown_executions_block_number")

    op.drop_table("unknown_executions")
    op.drop_table("unclaimed")
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_movements_movement_id")
        batch_op.drop_index("ix_stock_movements_lot_id")
        batch_op.drop_index(batch_op.f("ix_stock_movements_file_id"))

    op.drop_table("stock_movements")
    with op.batch_alter_table("stock_files", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_files_warehouse")

    op.drop_table("stock_files")
    with op.batch_alter_table("stock_differences", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_differences_warehouse")

    op.drop_table("stock_differences")
    op.drop_table("signer_nonces")
    op.drop_table("settings")
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_sold_claim_id"))
        batch_op.drop_index(batch_op.f("ix_sales_claim_id"))

    op.drop_table("sales")
    with op.batch_alter_table("risk_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_risk_entries_product_id")
        batch_op.drop_index("ix_risk_entries_loan_id")
        batch_op.drop_index("ix_risk_entries_facility_id")

    op.drop_table("risk_entries")
    op.drop_table("restores")
    with op.batch_alter_table("relay_transactions", schema=None) as batch_op:
        batch_op.drop_index("ix_relay_transactions_state")
        batch_op.drop_index("ix_relay_transactions_block_number")

    op.drop_table("relay_transactions")
    op.drop_table("relay_accounts")
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        batch_op.drop_index("ix_receivables_status")
        batch_op.drop_index(batch_op.f("ix_receivables_seller"))
        batch_op.drop_index(batch_op.f("ix_receivables_document_root"))
        batch_op.drop_index(batch_op.f("ix_receivables_debtor"))

    op.drop_table("receivables")
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.drop_index("ix_quotes_seller_id")
        batch_op.drop_index("ix_quotes_funder_id")
        batch_op.drop_index("ix_quotes_claim_id")

    op.drop_table("quotes")
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_orders_seller"))
        batch_op.drop_index(batch_op.f("ix_purchase_orders_buyer"))

    op.drop_table("purchase_orders")
    op.drop_table("products")
    op.drop_table("product_versions")
    with op.batch_alter_table("prices", schema=None) as batch_op:
        batch_op.drop_index("ix_prices_item")

    op.drop_table("prices")
    op.drop_table("price_items")
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payments_receivable_id"))

    op.drop_table("payments")
    with op.batch_alter_table("pay_outs", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_pay_outs_standing",
            sqlite_where=sa.text("replaced_by IS NULL"),
            postgresql_where=sa.text("replaced_by IS NULL"),
        )
        batch_op.drop_index("ix_pay_outs_loan_id")
        batch_op.drop_index("ix_pay_outs_end_to_end_id")

    op.drop_table("pay_outs")
    op.drop_table("pay_out_orders")
    op.drop_table("party_holds")
    with op.batch_alter_table("parties_directory", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parties_directory_name_skeleton"))

    op.drop_table("parties_directory")
    op.drop_table("parties")
    with op.batch_alter_table("order_deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_order_deliveries_order_id")

    op.drop_table("order_deliveries")
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index("uq_operations_signer_nonce")
        batch_op.drop_index("uq_operations_hash")
        batch_op.drop_index("ix_operations_state_id")
        batch_op.drop_index("ix_operations_relay")
        batch_op.drop_index("ix_operations_party_id_id")
        batch_op.drop_index("ix_operations_block_number")

    op.drop_table("operations")
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lots_warehouse"))
        batch_op.drop_index(batch_op.f("ix_lots_item"))
        batch_op.drop_index(batch_op.f("ix_lots_fingerprint"))
        batch_op.drop_index(batch_op.f("ix_lots_depositor"))

    op.drop_table("lots")
    with op.batch_alter_table("lot_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_lot_entries_lot_id")

    op.drop_table("lot_entries")
    with op.batch_alter_table("lot_documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_documents_root"))
        batch_op.drop_index(batch_op.f("ix_lot_documents_fingerprint"))

    op.drop_table("lot_documents")
    op.drop_table("logs")
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.drop_index("ix_loans_lender")
        batch_op.drop_index("ix_loans_facility_id")
        batch_op.drop_index("ix_loans_collateral")
        batch_op.drop_index("ix_loans_borrower")

    op.drop_table("loans")
    op.drop_table("loan_margins")
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_loan_entries_loan_id")

    op.drop_table("loan_entries")
    with op.batch_alter_table("liens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_liens_lienholder"))
        batch_op.drop_index(batch_op.f("ix_liens_claim_id"))

    op.drop_table("liens")
    with op.batch_alter_table("lien_stops", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lien_stops_warehouse"))

    op.drop_table("lien_stops")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_idempotency_keys_created_at",
            sqlite_where=sa.text("body IS NOT NULL"),
            postgresql_where=sa.text("body IS NOT NULL"),
        )

    op.drop_table("idempotency_keys")
    with op.batch_alter_table("goods_sales", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goods_sales_loan_id"))
        batch_op.drop_index(batch_op.f("ix_goods_sales_buyer"))

    op.drop_table("goods_sales")
    op.drop_table("goods_names")
    with op.batch_alter_table("facility_proposals", schema=None) as batch_op:
        batch_op.drop_index("ix_facility_proposals_lender")
        batch_op.drop_index("ix_facility_proposals_borrower")

    op.drop_table("facility_proposals")
    op.drop_table("facility_debtors")
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_facilities_lender"))
        batch_op.drop_index(batch_op.f("ix_facilities_entruster"))
        batch_op.drop_index(batch_op.f("ix_facilities_borrower"))

    op.drop_table("facilities")
    op.drop_table("events")
    op.drop_table("event_subjects")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_documents_root"))
        batch_op.drop_index("ix_documents_owner_id")
        batch_op.drop_index("ix_documents_fingerprint")

    op.drop_table("documents")
    with op.batch_alter_table("disputes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disputes_receivable_id"))

    op.drop_table("disputes")
    with op.batch_alter_table("delivery_drafts", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_drafts_order_id")

    op.drop_table("delivery_drafts")
    op.drop_table("custody_keys")
    op.drop_table("credit_tiers")
    with op.batch_alter_table("credit_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_notes_receivable_id"))

    op.drop_table("credit_notes")
    with op.batch_alter_table("credit_note_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_note_drafts_receivable_id"))

    op.drop_table("credit_note_drafts")
    with op.batch_alter_table("court_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_court_orders_order_hash"))

    op.drop_table("court_orders")
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_corrections_original"))

    op.drop_table("corrections")
    with op.batch_alter_table("contributions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contributions_campaign_id"))
        batch_op.drop_index(batch_op.f("ix_contributions_backer"))

    op.drop_table("contributions")
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collections_receivable_id"))
        batch_op.drop_index(batch_op.f("ix_collections_claim_id"))

    op.drop_table("collections")
    with op.batch_alter_table("collateral_items", schema=None) as batch_op:
        batch_op.drop_index("ix_loan_pieces_loan_id")
        batch_op.drop_index("ix_loan_pieces_kind")

    op.drop_table("collateral_items")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index("ix_claims_receivable_id")
        batch_op.drop_index("ix_claims_parent_id")
        batch_op.drop_index("ix_claims_owner")

    op.drop_table("claims")
    op.drop_table("checkpoints")
    op.drop_table("cash_transfers")
    with op.batch_alter_table("cash_balances", schema=None) as batch_op:
        batch_op.drop_index("ix_cash_balances_account")

    op.drop_table("cash_balances")
    op.drop_table("cancelled_quotes")
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaigns_creator"))

    op.drop_table("campaigns")
    op.drop_table("campaign_clocks")
    with op.batch_alter_table("buy_backs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_buy_backs_undertaker"))

    op.drop_table("buy_backs")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_index("ix_blocks_hash")

    op.drop_table("blocks")
    with op.batch_alter_table("bank_reversals", schema=None) as batch_op:
        batch_op.drop_index("ix_bank_reversals_amount")

    op.drop_table("bank_reversals")
    with op.batch_alter_table("bank_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_bank_entries_reference")
        batch_op.drop_index("ix_bank_entries_entry_reference")
        batch_op.drop_index("ix_bank_entries_end_to_end_id")

    op.drop_table("bank_entries")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignments_to_claim_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_from_claim_id"))

    op.drop_table("assignments")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_keys_party_id"))

    op.drop_table("api_keys")
    op.drop_table("agreements")
    with op.batch_alter_table("agreement_signers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_signers_account"))

    op.drop_table("agreement_signers")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_party_id"))

    op.drop_table("accounts")
