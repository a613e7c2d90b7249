"""Service fees of facilities, and what payments took for them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("flat_fee", WHOLE, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("draw_fee", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("periodic_fee", sa.Integer(), server_default="0", nullable=False)
        )
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("service", WHOLE, server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.drop_column("service")
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_column("periodic_fee")
        batch_op.drop_column("draw_fee")
        batch_op.drop_column("flat_fee")
