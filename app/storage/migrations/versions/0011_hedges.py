"""Hedges of the price of a loan's goods."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "hedges",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_hash", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("max_price", sa.Text(), nullable=False),
        sa.Column("expiry_day", sa.Integer(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("closed_position", sa.BigInteger(), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_hedges")),
    )
    with op.batch_alter_table("hedges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hedges_loan_id"), ["loan_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("hedges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hedges_loan_id"))
    op.drop_table("hedges")
