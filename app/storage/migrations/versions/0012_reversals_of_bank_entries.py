"""Which operation reverses a bank's entry that was recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("bank_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reversal_operation_id", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_bank_entries_reversed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("reversed_by IS NOT NULL"),
            postgresql_where=sa.text("reversed_by IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("bank_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_bank_entries_reversed")
        batch_op.drop_column("reversal_operation_id")
