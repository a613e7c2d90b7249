"""Prices, losses and who bears them, agreements, bank messages; limits in another currency."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("credit_tiers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("currency", sa.Text(), nullable=False, server_default="CNY"))

    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("limit_currency", sa.Text(), nullable=True))

    with op.batch_alter_table("facility_proposals", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("limit_currency", sa.Text(), nullable=False, server_default="CNY")
        )
    op.execute("UPDATE facility_proposals SET limit_currency = currency")

    # A court's orders and purchase orders no longer share a name in history.
    op.execute(
        "UPDATE event_subjects SET subject = 'court-' || subject WHERE subject LIKE 'order:%' "
        "AND position IN (SELECT position FROM events WHERE contract = 'CourtOrders')"
    )

    op.create_table(
        "price_items",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("most_jump", sa.Integer(), nullable=False),
        sa.Column("most_age", WHOLE, nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entries")),
    )
    with op.batch_alter_table("bank_entries", schema=None) as batch_op:
        batch_op.create_index("ix_bank_entries_reference", ["lender", "reference"], unique=True)

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


def downgrade() -> None:
    op.drop_table("agreement_signers")
    op.drop_table("bank_entries")
    op.drop_table("agreements")
    op.drop_table("risk_entries")
    op.drop_table("prices")
    op.drop_table("price_items")
    op.execute(
        "UPDATE event_subjects SET subject = substr(subject, 7) WHERE subject LIKE 'court-order:%'"
    )

    with op.batch_alter_table("facility_proposals", schema=None) as batch_op:
        batch_op.drop_column("limit_currency")

    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_column("limit_currency")

    with op.batch_alter_table("credit_tiers", schema=None) as batch_op:
        batch_op.drop_column("currency")
