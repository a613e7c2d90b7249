"""Tables of lots, warehouse receipts, stock and prices."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, SmallInteger, Table, Text

from app.storage.tables.base import Whole, metadata

lots = Table(
    "lots",
    metadata,
    Column("lot_id", Whole, primary_key=True, autoincrement=False),
    Column("warehouse", Text, nullable=False, index=True),
    Column("depositor", Text, nullable=False, index=True),
    Column("item", Text, nullable=False, index=True),  # PriceFeed's hash of the goods
    Column("sku_hash", Text, nullable=False),
    Column("grade_word", Text, nullable=False),  # as on the ledger, 0x and 32 digits
    Column("unit_word", Text, nullable=False),
    Column("stored_day", Integer, nullable=False),
    Column("expiry_day", Integer, nullable=False),
    Column("max_depth", Integer, nullable=False),
    Column("negotiable", SmallInteger, nullable=False),
    Column("condition", Text, nullable=False),  # in the contract's words
    Column("issued", Whole, nullable=False),
    Column("released", Whole, nullable=False),
    Column("impaired", Whole, nullable=False),
    Column("counted", Whole, nullable=False),
    Column("counted_day", Integer),  # None: not counted since its issue
    Column("order_id", Whole),
    Column("fingerprint", Text, nullable=False, index=True),  # a warehouse's party uses it once
    Column("document_root", Text, nullable=False),
    Column("legal_text_hash", Text, nullable=False),
    Column("warehouse_receipt_id", Whole, nullable=False),  # the first one, for the whole lot
    Column("issued_at", Whole, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

warehouse_receipts = Table(
    "warehouse_receipts",
    metadata,
    Column("warehouse_receipt_id", Whole, primary_key=True, autoincrement=False),
    Column("lot_id", Whole, nullable=False),
    Column("owner", Text, nullable=False),
    Column("quantity", Whole, nullable=False),
    Column("parent_id", Whole),
    Column("depth", Integer, nullable=False),
    Column("lienholder", Text),
    Column("release_requested", SmallInteger, nullable=False),
    Column("acknowledged_to", Text),
    Column("ended", Text),  # released, impaired or merged; None: in force
    Column("document_root", Text),
    Column("created_position", Whole, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_warehouse_receipts_lot_id", "lot_id", "warehouse_receipt_id"),
    Index("ix_warehouse_receipts_owner", "owner", "warehouse_receipt_id"),
    Index("ix_warehouse_receipts_lienholder", "lienholder", "warehouse_receipt_id"),
)

warehouse_receipt_assignments = Table(
    "warehouse_receipt_assignments",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("from_warehouse_receipt_id", Whole, nullable=False, index=True),
    Column("to_warehouse_receipt_id", Whole, nullable=False, index=True),
    Column("from_owner", Text, nullable=False),
    Column("to_owner", Text, nullable=False),
    Column("quantity", Whole, nullable=False),
    Column("document_root", Text),
    Column("court_order_hash", Text),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

lot_entries = Table(
    "lot_entries",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("lot_id", Whole, nullable=False),
    Column("warehouse_receipt_id", Whole),
    Column("kind", Text, nullable=False),  # inspected, impaired, released, counted
    Column("quantity", Whole),
    Column("outstanding", Whole),  # for a count
    Column("as_of_day", Integer),  # for a count
    Column("condition", Text),  # for an inspection
    Column("document_root", Text),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_lot_entries_lot_id", "lot_id", "position"),
)

lien_stops = Table(
    "lien_stops",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("warehouse", Text, nullable=False, index=True),
    Column("stopped", SmallInteger, nullable=False),
    Column("evidence_hash", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

lot_documents = Table(
    "lot_documents",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("owner", Text, nullable=False),  # party id of the warehouse
    Column("fingerprint", Text, nullable=False, index=True),
    Column("root", Text, nullable=False, index=True),
    Column(
        "encrypted", LargeBinary, nullable=False
    ),  # the warehouse receipt's content, and the salts
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
)

stock_files = Table(
    "stock_files",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("warehouse", Text, nullable=False),  # its party id
    Column("first_sequence", Whole, nullable=False),
    Column("last_sequence", Whole, nullable=False),
    Column("movements", Integer, nullable=False),
    Column("as_of_day", Integer, nullable=False),
    Column("format", Text, nullable=False),  # csv or epcis
    Column("document_root", Text, nullable=False),  # keccak-256 of the file
    Column("encrypted", LargeBinary, nullable=False),  # the file
    Column("operation_id", Text),  # the first operation that sends its count
    Column("created_at", Double, nullable=False),
    Index("ix_stock_files_warehouse", "warehouse", "first_sequence", unique=True),
)

stock_movements = Table(
    "stock_movements",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7, in the order of the files
    Column("warehouse", Text, nullable=False),
    Column("movement_id", Text, nullable=False),
    Column("file_id", Text, nullable=False, index=True),
    Column("sequence", Whole, nullable=False),
    Column("lot_id", Whole, nullable=False),
    Column("day", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", Whole, nullable=False),  # its change of the stock, with sign
    Index("ix_stock_movements_movement_id", "warehouse", "movement_id", unique=True),
    Index("ix_stock_movements_lot_id", "warehouse", "lot_id", "day"),
)

stock_differences = Table(
    "stock_differences",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("warehouse", Text, nullable=False),
    Column("lot_id", Whole, nullable=False),
    Column("as_of_day", Integer, nullable=False),
    Column("stock", Whole, nullable=False),  # by the movements
    Column("outstanding", Whole, nullable=False),  # on the ledger
    Column("file_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("closed_by", Text),  # the file that ended the difference
    Column("closed_at", Double),
    Index("ix_stock_differences_warehouse", "warehouse", "lot_id"),
)

goods_names = Table(
    "goods_names",
    metadata,
    Column("item", Text, primary_key=True),
    Column("sku", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("unit", Text, nullable=False),
)

valuations = Table(
    "valuations",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("appraiser", Text, nullable=False, index=True),  # its party id
    Column("evidence", Text, nullable=False, index=True),
    Column("item", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("encrypted", LargeBinary, nullable=False),  # the answer, and the files behind it
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
)

price_items = Table(
    "price_items",
    metadata,
    Column("item", Text, primary_key=True),  # 0x and 64 digits
    Column("currency", Text, primary_key=True),
    Column("max_jump", Integer, nullable=False),  # parts per million
    Column("max_age", Whole, nullable=False),  # seconds; 0: no longer listed
    Column("changed_block", Whole, nullable=False),
)

prices = Table(
    "prices",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("item", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("appraiser", Text, nullable=False),
    Column("in_force", SmallInteger, nullable=False),  # 0: only proposed
    Column("value", Whole, nullable=False),
    Column("haircut", Integer, nullable=False),
    Column("as_of", Whole, nullable=False),
    Column("valid_until", Whole, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_prices_item", "item", "currency", "position"),
)
