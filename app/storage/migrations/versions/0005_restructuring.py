"""What a lender wrote off of a loan in part, and the loan's last restructuring."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.add_column(sa.Column("written_off", WHOLE, server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("restructured_json", sa.Text(), server_default="null", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.drop_column("restructured_json")
        batch_op.drop_column("written_off")
