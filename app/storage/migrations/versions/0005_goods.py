"""Stored goods: lots, receipts and what happened to them; papers, stock movements, valuations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lots",
        sa.Column("lot_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("depositor", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("sku_hash", sa.Text(), nullable=False),
        sa.Column("grade_word", sa.Text(), nullable=False),
        sa.Column("unit_word", sa.Text(), nullable=False),
        sa.Column("stored_day", sa.Integer(), nullable=False),
        sa.Column("expiry_day", sa.Integer(), nullable=False),
        sa.Column("max_depth", sa.Integer(), nullable=False),
        sa.Column("negotiable", sa.SmallInteger(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("issued", WHOLE, nullable=False),
        sa.Column("released", WHOLE, nullable=False),
        sa.Column("impaired", WHOLE, nullable=False),
        sa.Column("counted", WHOLE, nullable=False),
        sa.Column("counted_day", sa.Integer(), nullable=True),
        sa.Column("order_id", WHOLE, nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("receipt_id", WHOLE, nullable=False),
        sa.Column("issued_at", WHOLE, nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lots")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_lots_fingerprint")),
    )
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lots_depositor"), ["depositor"], unique=False)
        batch_op.create_index(batch_op.f("ix_lots_item"), ["item"], unique=False)
        batch_op.create_index(batch_op.f("ix_lots_warehouse"), ["warehouse"], unique=False)

    op.create_table(
        "receipts",
        sa.Column("receipt_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("parent_id", WHOLE, nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("lienholder", sa.Text(), nullable=True),
        sa.Column("release_asked", sa.SmallInteger(), nullable=False),
        sa.Column("acknowledged_to", sa.Text(), nullable=True),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("papers_root", sa.Text(), nullable=True),
        sa.Column("created_position", WHOLE, nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipts")),
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index("ix_receipts_lienholder", ["lienholder", "receipt_id"], unique=False)
        batch_op.create_index("ix_receipts_lot_id", ["lot_id", "receipt_id"], unique=False)
        batch_op.create_index("ix_receipts_owner", ["owner", "receipt_id"], unique=False)

    op.create_table(
        "receipt_assignments",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("from_receipt_id", WHOLE, nullable=False),
        sa.Column("to_receipt_id", WHOLE, nullable=False),
        sa.Column("from_owner", sa.Text(), nullable=False),
        sa.Column("to_owner", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("papers_root", sa.Text(), nullable=True),
        sa.Column("court_order_hash", sa.Text(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_receipt_assignments")),
    )
    with op.batch_alter_table("receipt_assignments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receipt_assignments_from_receipt_id"), ["from_receipt_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receipt_assignments_to_receipt_id"), ["to_receipt_id"], unique=False
        )

    op.create_table(
        "lot_entries",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("receipt_id", WHOLE, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=True),
        sa.Column("outstanding", WHOLE, nullable=True),
        sa.Column("as_of_day", sa.Integer(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("papers_root", sa.Text(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_lot_entries")),
    )
    with op.batch_alter_table("lot_entries", schema=None) as batch_op:
        batch_op.create_index("ix_lot_entries_lot_id", ["lot_id", "position"], unique=False)

    op.create_table(
        "pledge_stops",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("stopped", sa.SmallInteger(), nullable=False),
        sa.Column("papers_hash", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_pledge_stops")),
    )
    with op.batch_alter_table("pledge_stops", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_stops_warehouse"), ["warehouse"], unique=False)

    op.create_table(
        "lot_papers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_papers")),
    )
    with op.batch_alter_table("lot_papers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lot_papers_fingerprint"), ["fingerprint"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lot_papers_root"), ["root"], unique=False)

    op.create_table(
        "stock_files",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("first_sequence", WHOLE, nullable=False),
        sa.Column("last_sequence", WHOLE, nullable=False),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("papers_root", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_files")),
    )
    with op.batch_alter_table("stock_files", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_files_warehouse", ["warehouse", "first_sequence"], unique=True
        )

    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("movement_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_movements_movement_id", ["warehouse", "movement_id"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_stock_movements_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            "ix_stock_movements_lot_id", ["warehouse", "lot_id", "day"], unique=False
        )

    op.create_table(
        "stock_differences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("lot_id", WHOLE, nullable=False),
        sa.Column("as_of_day", sa.Integer(), nullable=False),
        sa.Column("stock", WHOLE, nullable=False),
        sa.Column("outstanding", WHOLE, nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_differences")),
    )
    with op.batch_alter_table("stock_differences", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_differences_warehouse", ["warehouse", "lot_id"], unique=False
        )

    op.create_table(
        "goods_names",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_goods_names")),
    )

    op.create_table(
        "valuations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("appraiser", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuations")),
    )
    with op.batch_alter_table("valuations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_valuations_appraiser"), ["appraiser"], unique=False)
        batch_op.create_index(batch_op.f("ix_valuations_evidence"), ["evidence"], unique=False)


def downgrade() -> None:
    op.drop_table("valuations")
    op.drop_table("goods_names")
    op.drop_table("stock_differences")
    op.drop_table("stock_movements")
    op.drop_table("stock_files")
    op.drop_table("lot_papers")
    op.drop_table("pledge_stops")
    op.drop_table("lot_entries")
    op.drop_table("receipt_assignments")
    op.drop_table("receipts")
    op.drop_table("lots")
