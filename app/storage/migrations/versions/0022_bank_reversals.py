"""Payments that a bank took back, also before it told of them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "bank_reversals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Text()),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bank_reversals"),
    )
    op.create_index("ix_bank_reversals_amount", "bank_reversals", ["lender", "currency", "amount"])


def downgrade() -> None:
    op.drop_table("bank_reversals")
