"""Shares of loans that lenders sold, and what came in on these loans."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "loan_participations",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("principal", WHOLE, nullable=False),
        sa.Column("price", WHOLE, nullable=False),
        sa.Column("joined_at", WHOLE, nullable=False),
        sa.Column("paid", WHOLE, nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_loan_participations")),
    )
    with op.batch_alter_table("loan_participations", schema=None) as batch_op:
        batch_op.create_index("ix_loan_participations_loan_id", ["loan_id", "place"], unique=False)
        for name in ("lender", "participant"):
            batch_op.create_index(
                batch_op.f(f"ix_loan_participations_{name}"), [name], unique=False
            )
    op.create_table(
        "participation_entries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=True),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("total", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_participation_entries")),
    )
    with op.batch_alter_table("participation_entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_participation_entries_loan_id", ["loan_id", "position"], unique=False
        )


def downgrade() -> None:
    op.drop_table("participation_entries")
    op.drop_table("loan_participations")
