"""Restores of the store from a backup, each held until it is reconciled with the chain."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0016"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "restores",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("restored_at", sa.Double(), nullable=False),
        sa.Column("backup_made_at", sa.Double()),
        sa.Column("backup_sha256", sa.Text()),
        sa.Column("quiet_from", WHOLE),
        sa.Column("released_at", sa.Double()),
        sa.Column("report_json", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restores")),
    )


def downgrade() -> None:
    op.drop_table("restores")
