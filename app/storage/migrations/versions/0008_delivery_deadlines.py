"""Deliveries: until when the buyer's signature counts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # What was drafted before has another digest, which the ledger takes no more.
    op.execute("DELETE FROM delivery_drafts")
    with op.batch_alter_table("delivery_drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deadline", WHOLE, nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("delivery_drafts", schema=None) as batch_op:
        batch_op.drop_column("deadline")
