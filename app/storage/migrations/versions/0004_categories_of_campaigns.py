"""The category of a campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("category", sa.SmallInteger(), server_default="6", nullable=False)
        )
        batch_op.create_index(
            batch_op.f("ix_campaigns_category_campaign_id"),
            ["category", "campaign_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaigns_category_campaign_id"))
        batch_op.drop_column("category")
