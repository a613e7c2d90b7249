"""Documents that draws need, and trade that bounds what is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("product_versions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("evidence_json", sa.Text(), server_default="{}", nullable=False)
        )
    op.create_table(
        "facility_attesters",
        sa.Column("facility_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("party_id", WHOLE, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_facility_attesters")),
    )
    op.create_table(
        "loan_documents",
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("facility_id", WHOLE, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("offered", sa.SmallInteger(), nullable=False),
        sa.Column("loan_id", WHOLE, nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("party_id", "fingerprint", name=op.f("pk_loan_documents")),
    )
    with op.batch_alter_table("loan_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loan_documents_loan_id"), ["loan_id"], unique=False)
        batch_op.create_index("ix_loan_documents_facility_id", ["facility_id", "kind"])
    op.create_table(
        "trade_reports",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("platform_party", WHOLE, nullable=False),
        sa.Column("merchant_party", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("returned", WHOLE, nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_trade_reports")),
    )
    with op.batch_alter_table("trade_reports", schema=None) as batch_op:
        batch_op.create_index(
            "ix_trade_reports_merchant_party", ["merchant_party", "platform_party", "month"]
        )
    op.create_table(
        "draw_documents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_documents")),
    )
    with op.batch_alter_table("draw_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draw_documents_fingerprint"), ["fingerprint"])
        batch_op.create_index("ix_draw_documents_owner_id", ["owner", "id"])


def downgrade() -> None:
    op.drop_table("draw_documents")
    op.drop_table("trade_reports")
    op.drop_table("loan_documents")
    op.drop_table("facility_attesters")
    with op.batch_alter_table("product_versions", schema=None) as batch_op:
        batch_op.drop_column("evidence_json")
