"""More of what a bank says of an entry, and which entry took it back."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("bank_entries", sa.Column("end_to_end_id", sa.Text()))
    op.add_column("bank_entries", sa.Column("reversed_by", sa.Text()))
    op.add_column("bank_entries", sa.Column("details", sa.LargeBinary()))
    op.create_index("ix_bank_entries_end_to_end_id", "bank_entries", ["lender", "end_to_end_id"])


def downgrade() -> None:
    op.drop_index("ix_bank_entries_end_to_end_id", "bank_entries")
    for column in ("details", "reversed_by", "end_to_end_id"):
        op.drop_column("bank_entries", column)
