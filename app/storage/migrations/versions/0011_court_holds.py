"""Courts: holds of parties, and orders over what a party holds."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("parties", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_until", WHOLE, nullable=False, server_default="0"))
    with op.batch_alter_table("court_orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holder_party_id", WHOLE))
        batch_op.add_column(sa.Column("slot", WHOLE))
        batch_op.add_column(sa.Column("value_left", WHOLE))
        batch_op.add_column(sa.Column("objector", sa.Text()))

    op.create_table(
        "party_holds",
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("order_hash", sa.Text(), nullable=False),
        sa.Column("regulator", sa.Text(), nullable=False),
        sa.Column("held_until", WHOLE, nullable=False),
        sa.Column("order_id", WHOLE),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_party_holds")),
    )


def downgrade() -> None:
    op.drop_table("party_holds")
    with op.batch_alter_table("court_orders", schema=None) as batch_op:
        for column in ("objector", "value_left", "slot", "holder_party_id"):
            batch_op.drop_column(column)
    with op.batch_alter_table("parties", schema=None) as batch_op:
        batch_op.drop_column("held_until")
