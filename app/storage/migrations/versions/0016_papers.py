"""What corrects what among papers, and which loans were ordered to be paid out."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "original", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_original"), "corrections", ["original"])
    op.create_table(
        "pay_out_orders",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("replaced_by", sa.Text()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_pay_out_orders")),
    )
    op.create_table(
        "pay_outs",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("loan_id", WHOLE, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "loan_id", name=op.f("pk_pay_outs")),
    )
    op.create_index("ix_pay_outs_loan_id", "pay_outs", ["loan_id"])


def downgrade() -> None:
    for table in ("pay_outs", "pay_out_orders", "corrections"):
        op.drop_table(table)
