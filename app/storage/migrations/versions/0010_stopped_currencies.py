"""Days that loans lost while their currency stood still; unclaimed money; accepted debtors."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # What was drafted before has another digest, which the ledger takes no more.
    op.execute("DELETE FROM facility_proposals WHERE operation_id IS NULL")
    op.execute(
        "DELETE FROM agreement_signers WHERE agreement_id IN "
        "(SELECT id FROM agreements WHERE operation_id IS NULL)"
    )
    op.execute("DELETE FROM agreements WHERE operation_id IS NULL")
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("lost_days", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("stopped_day", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("stops_json", sa.Text(), nullable=False, server_default="[]"))
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
        "withdrawn_signatures",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_withdrawn_signatures")),
    )
    with op.batch_alter_table("withdrawn_signatures", schema=None) as batch_op:
        batch_op.create_index("ix_withdrawn_signatures_digest", ["digest"], unique=False)
    op.create_table(
        "facility_debtors",
        sa.Column("facility_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("facility_id", "party_id", name=op.f("pk_facility_debtors")),
    )


def downgrade() -> None:
    op.drop_table("facility_debtors")
    op.drop_table("withdrawn_signatures")
    op.drop_table("unclaimed")
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.drop_column("stops_json")
        batch_op.drop_column("stopped_day")
        batch_op.drop_column("lost_days")
