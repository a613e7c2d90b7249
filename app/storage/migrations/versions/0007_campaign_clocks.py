"""Campaigns: the time in which their currency stood still."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lost_before", WHOLE, nullable=False, server_default="0"))

    op.create_table(
        "campaign_clocks",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stopped_at", WHOLE, nullable=False),
        sa.Column("lost_seconds", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_campaign_clocks")),
    )


def downgrade() -> None:
    op.drop_table("campaign_clocks")
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_column("lost_before")
