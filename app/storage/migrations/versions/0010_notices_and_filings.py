"""Notices to debtors and filings in a public register."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "debtor_notices",
        sa.Column("notice_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("assignor", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("notifier", sa.Text(), nullable=False),
        sa.Column("loan_id", WHOLE, nullable=True),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_day", sa.Integer(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("acknowledgement_hash", sa.Text(), nullable=True),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_debtor_notices")),
    )
    op.create_table(
        "filings",
        sa.Column("filing_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", WHOLE, nullable=False),
        sa.Column("registrant", sa.Text(), nullable=False),
        sa.Column("grantor", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("end_day", sa.Integer(), nullable=False),
        sa.Column("secured_amount", WHOLE, nullable=False),
        sa.Column("discharge_number", sa.Text(), nullable=True),
        sa.Column("discharged_day", sa.Integer(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("filing_id", name=op.f("pk_filings")),
    )
    op.create_table(
        "filing_entries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("filing_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("end_day", sa.Integer(), nullable=True),
        sa.Column("secured_amount", WHOLE, nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_filing_entries")),
    )
    for table, name, columns in INDEXES:
        op.create_index(op.f(name), table, list(columns), unique=False)


def downgrade() -> None:
    for table, name, _ in reversed(INDEXES):
        op.drop_index(op.f(name), table_name=table)
    for table in ("filing_entries", "filings", "debtor_notices"):
        op.drop_table(table)


INDEXES = (
    ("debtor_notices", "ix_debtor_notices_receivable_id", ("receivable_id",)),
    ("debtor_notices", "ix_debtor_notices_claim_id", ("claim_id", "notice_id")),
    ("debtor_notices", "ix_debtor_notices_debtor", ("debtor", "notice_id")),
    ("filings", "ix_filings_grantor", ("grantor",)),
    ("filings", "ix_filings_number", ("number",)),
    ("filings", "ix_filings_subject", ("subject", "subject_id", "filing_id")),
    ("filings", "ix_filings_registrant", ("registrant", "filing_id")),
    ("filing_entries", "ix_filing_entries_filing_id", ("filing_id",)),
)
