"""Auctions of goods: what is asked is a share of their value, in rounds; sales piece by piece."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # Both are filled from the chain: an index that finds them empty reads it anew.
    with op.batch_alter_table("loan_margins", schema=None) as batch_op:
        batch_op.drop_column("start_price")
        batch_op.drop_column("floor_price")
        batch_op.drop_column("sale")
        batch_op.add_column(sa.Column("start_factor", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("floor_factor", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("round", sa.Integer(), nullable=True))
    # Another warehouse may use the same mark: it counts within a party.
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.drop_constraint("uq_lots_fingerprint", type_="unique")
        batch_op.create_index("ix_lots_fingerprint", ["fingerprint"], unique=False)
    with op.batch_alter_table("goods_sales", schema=None) as batch_op:
        batch_op.drop_column("receipts_json")
        batch_op.add_column(
            sa.Column("pieces_json", sa.Text(), nullable=False, server_default="[]")
        )


def downgrade() -> None:
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.drop_index("ix_lots_fingerprint")
        batch_op.create_unique_constraint("uq_lots_fingerprint", ["fingerprint"])
    with op.batch_alter_table("goods_sales", schema=None) as batch_op:
        batch_op.drop_column("pieces_json")
        batch_op.add_column(
            sa.Column("receipts_json", sa.Text(), nullable=False, server_default="[]")
        )
    with op.batch_alter_table("loan_margins", schema=None) as batch_op:
        batch_op.drop_column("round")
        batch_op.drop_column("floor_factor")
        batch_op.drop_column("start_factor")
        batch_op.add_column(sa.Column("sale", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("floor_price", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("start_price", sa.Text(), nullable=True))
