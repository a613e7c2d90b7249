"""What was posted on a loan, and the days in which a lender alone corrects it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("correction_days", sa.SmallInteger(), server_default="0", nullable=False)
        )
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("history_json", sa.Text(), server_default="{}", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.drop_column("history_json")
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_column("correction_days")
