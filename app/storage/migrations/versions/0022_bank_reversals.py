"""Payments that a bank took back before it told of them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "bank_reversals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Text(), nullable=False),
        sa.Column("names_json", sa.Text(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bank_reversals"),
    )
    columns = ["lender", "mark", "currency", "amount", "names_json", "end_to_end_id"]
    op.create_index("ix_bank_reversals_told", "bank_reversals", columns, unique=True)
    op.create_index("ix_bank_reversals_amount", "bank_reversals", ["lender", "currency", "amount"])


def downgrade() -> None:
    op.drop_table("bank_reversals")
