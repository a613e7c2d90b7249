"""Lending: tiers, orders, products, lines, loans, and lines that wait for signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "credit_tiers",
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
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
        "purchase_orders",
        sa.Column("order_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("invoiced", WHOLE, nullable=False),
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
        "product_versions",
        sa.Column("product_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("terms_json", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "version", name=op.f("pk_product_versions")),
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
        "loans",
        sa.Column("loan_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("facility_id", WHOLE, nullable=False),
        sa.Column("product_id", WHOLE, nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("entruster", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cover", sa.Text(), nullable=False),
        sa.Column("cover_id", WHOLE, nullable=True),
        sa.Column("drawn", WHOLE, nullable=False),
        sa.Column("outstanding", WHOLE, nullable=False),
        sa.Column("start_day", sa.Integer(), nullable=False),
        sa.Column("last_due_day", sa.Integer(), nullable=False),
        sa.Column("oldest_unpaid_day", sa.Integer(), nullable=False),
        sa.Column("marked_overdue", sa.SmallInteger(), nullable=False),
        sa.Column("loss", WHOLE, nullable=False),
        sa.Column("loss_covered", WHOLE, nullable=False),
        sa.Column("state_json", sa.Text(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loans")),
    )
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.create_index("ix_loans_borrower", ["borrower", "loan_id"], unique=False)
        batch_op.create_index("ix_loans_cover", ["cover", "cover_id"], unique=False)
        batch_op.create_index("ix_loans_facility_id", ["facility_id", "loan_id"], unique=False)
        batch_op.create_index("ix_loans_lender", ["lender", "loan_id"], unique=False)

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
        "campaigns",
        sa.Column("campaign_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("creator", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("goal", WHOLE, nullable=False),
        sa.Column("deadline", WHOLE, nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("details_json", sa.Text(), nullable=False),
        sa.Column("pledged", WHOLE, nullable=False),
        sa.Column("released", WHOLE, nullable=False),
        sa.Column("refunded", WHOLE, nullable=False),
        sa.Column("milestones_released", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.SmallInteger(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaigns")),
    )
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaigns_creator"), ["creator"], unique=False)

    op.create_table(
        "campaign_pledges",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("campaign_id", WHOLE, nullable=False),
        sa.Column("backer", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_campaign_pledges")),
    )
    with op.batch_alter_table("campaign_pledges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_pledges_backer"), ["backer"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_campaign_pledges_campaign_id"), ["campaign_id"], unique=False
        )

    op.create_table(
        "facility_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("entruster", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
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


def downgrade() -> None:
    op.drop_table("facility_proposals")
    op.drop_table("campaign_pledges")
    op.drop_table("campaigns")
    op.drop_table("loan_entries")
    op.drop_table("loans")
    op.drop_table("facilities")
    op.drop_table("product_versions")
    op.drop_table("products")
    op.drop_table("purchase_orders")
    op.drop_table("credit_tiers")
