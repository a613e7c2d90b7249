"""Loans on goods: cover, margin calls, auctions, sales, buy-backs; deliveries of orders."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delivered", WHOLE, nullable=False, server_default="0"))

    with op.batch_alter_table("product_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("goods_json", sa.Text(), nullable=False, server_default="{}"))

    op.create_table(
        "order_deliveries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("order_id", WHOLE, nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("uninvoiced", WHOLE, nullable=False),
        sa.Column("papers_root", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_order_deliveries")),
    )
    with op.batch_alter_table("order_deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_order_deliveries_order_id", ["order_id", "lot_id"], unique=False)

    op.create_table(
        "loan_pieces",
        sa.Column("added_position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("piece_id", WHOLE, nullable=False),
        sa.Column("removed_position", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("added_position", name=op.f("pk_loan_pieces")),
    )
    with op.batch_alter_table("loan_pieces", schema=None) as batch_op:
        batch_op.create_index("ix_loan_pieces_kind", ["kind", "piece_id"], unique=False)
        batch_op.create_index("ix_loan_pieces_loan_id", ["loan_id", "added_position"], unique=False)

    op.create_table(
        "loan_margins",
        sa.Column("loan_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("called_day", sa.Integer(), nullable=True),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("auction_start", WHOLE, nullable=True),
        sa.Column("auction_end", WHOLE, nullable=True),
        sa.Column("start_price", sa.Text(), nullable=True),
        sa.Column("floor_price", sa.Text(), nullable=True),
        sa.Column("sale", sa.Text(), nullable=True),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loan_margins")),
    )

    op.create_table(
        "goods_sales",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("loan_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("to_owner", sa.Text(), nullable=False),
        sa.Column("receipts_json", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_goods_sales")),
    )
    with op.batch_alter_table("goods_sales", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goods_sales_buyer"), ["buyer"], unique=False)
        batch_op.create_index(batch_op.f("ix_goods_sales_loan_id"), ["loan_id"], unique=False)

    op.create_table(
        "buy_backs",
        sa.Column("facility_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("undertaker", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("most", WHOLE, nullable=False),
        sa.Column("unused", WHOLE, nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_buy_backs")),
    )
    with op.batch_alter_table("buy_backs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_buy_backs_undertaker"), ["undertaker"], unique=False)

    op.create_table(
        "delivery_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", WHOLE, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("papers_root", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_drafts")),
        sa.UniqueConstraint("digest", name=op.f("uq_delivery_drafts_digest")),
    )
    with op.batch_alter_table("delivery_drafts", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_drafts_order_id", ["order_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("delivery_drafts")
    op.drop_table("buy_backs")
    op.drop_table("goods_sales")
    op.drop_table("loan_margins")
    op.drop_table("loan_pieces")
    op.drop_table("order_deliveries")

    with op.batch_alter_table("product_versions", schema=None) as batch_op:
        batch_op.drop_column("goods_json")

    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.drop_column("delivered")
