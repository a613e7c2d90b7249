"""Loans that got another lender, and the facility of each entry of a loan."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("origin_id", WHOLE, nullable=True))
        batch_op.create_index(batch_op.f("ix_facilities_origin_id"), ["origin_id"], unique=False)
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("facility_id", WHOLE, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("from_facility_id", WHOLE, nullable=True))
        batch_op.create_index(
            "ix_loan_entries_facility_id", ["facility_id", "position"], unique=False
        )
        batch_op.create_index(
            "ix_loan_entries_from_facility_id", ["from_facility_id", "position"], unique=False
        )
    # No loan was sold before this version.
    op.execute(
        "UPDATE loan_entries SET facility_id = (SELECT l.facility_id FROM loans l "
        "WHERE l.loan_id = loan_entries.loan_id) "
        "WHERE loan_id IN (SELECT loan_id FROM loans)"
    )
    op.create_table(
        "loan_sales",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("facility_id", WHOLE, nullable=False),
        sa.Column("from_facility_id", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("principal", WHOLE, nullable=False),
        sa.Column("price", WHOLE, nullable=False),
        sa.Column("buy_back", sa.SmallInteger(), nullable=False),
        sa.Column("buy_back_price", sa.Integer(), nullable=False),
        sa.Column("buy_back_max", WHOLE, nullable=False),
        sa.Column("buy_back_first_day", sa.Integer(), nullable=False),
        sa.Column("buy_back_last_day", sa.Integer(), nullable=False),
        sa.Column("notice_hash", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", WHOLE, nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_loan_sales")),
    )
    with op.batch_alter_table("loan_sales", schema=None) as batch_op:
        batch_op.create_index("ix_loan_sales_loan_id", ["loan_id", "position"], unique=False)
        for name in ("seller", "buyer", "borrower"):
            batch_op.create_index(batch_op.f(f"ix_loan_sales_{name}"), [name], unique=False)
    op.create_table(
        "sale_notices",
        sa.Column("loan_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("notice_hash", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "notice_hash", name=op.f("pk_sale_notices")),
    )


def downgrade() -> None:
    op.drop_table("sale_notices")
    op.drop_table("loan_sales")
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_loan_entries_from_facility_id")
        batch_op.drop_index("ix_loan_entries_facility_id")
        batch_op.drop_column("from_facility_id")
        batch_op.drop_column("facility_id")
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_facilities_origin_id"))
        batch_op.drop_column("origin_id")
