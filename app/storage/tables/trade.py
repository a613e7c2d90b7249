"""Tables of documents, receivables, claims and purchase orders."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, SmallInteger, Table, Text, text

from app.storage.tables.base import Whole, metadata

receivables = Table(
    "receivables",
    metadata,
    Column("receivable_id", Whole, primary_key=True, autoincrement=False),
    Column("seller", Text, nullable=False),
    Column("debtor", Text, nullable=False),
    Column("currency", Text, nullable=False),  # address of the settlement token
    Column("face_amount", Whole, nullable=False),
    Column("due_day", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("late_rate", Integer, nullable=False),
    Column("dispute_days", Integer, nullable=False),
    Column("max_depth", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("document_root", Text, nullable=False, index=True),
    Column("legal_text_hash", Text, nullable=False),
    Column("status", Text, nullable=False),  # as stored on the chain, in the contract's words
    Column("claim_id", Whole),  # the first claim, minted by the confirmation
    Column("debtor_signature", Text),
    Column("requested_at", Whole, nullable=False),
    Column("confirmed_at", Whole),
    Column("principal_paid", Whole, nullable=False),
    Column("late_charge_paid", Whole, nullable=False),
    Column("credited", Whole, nullable=False),
    Column("redeemed", Whole, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_receivables_status", "status", "receivable_id"),
    Index("ix_receivables_seller", "seller", "receivable_id"),
    Index("ix_receivables_debtor", "debtor", "receivable_id"),
    Index("ix_receivables_due_day", "due_day", "receivable_id"),
    Index("ix_receivables_seller_due", "seller", "due_day", "receivable_id"),
    Index("ix_receivables_debtor_due", "debtor", "due_day", "receivable_id"),
    Index("ix_receivables_amount", "currency", "face_amount", "receivable_id"),
    Index("ix_receivables_seller_amount", "seller", "currency", "face_amount", "receivable_id"),
    Index("ix_receivables_debtor_amount", "debtor", "currency", "face_amount", "receivable_id"),
)

claims = Table(
    "claims",
    metadata,
    Column("claim_id", Whole, primary_key=True, autoincrement=False),
    Column("receivable_id", Whole, nullable=False),
    Column("owner", Text, nullable=False),
    Column("value", Whole, nullable=False),
    Column("parent_id", Whole),
    Column("depth", Integer, nullable=False),
    Column("lienholder", Text),
    Column("burned", SmallInteger, nullable=False),
    Column("collected_principal", Whole, nullable=False),
    Column("collected_late_charge", Whole, nullable=False),
    Column("document_root", Text),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    # Of its receivable, so that an index finds a holder's claims in the order of these.
    Column("due_day", Integer, nullable=False, server_default="0"),
    Column("currency", Text, nullable=False, server_default=""),
    Index("ix_claims_receivable_id", "receivable_id", "claim_id"),
    Index("ix_claims_owner", "owner", "claim_id"),
    Index("ix_claims_lienholder", "lienholder", "claim_id"),
    Index("ix_claims_parent_id", "parent_id"),
    *(
        Index(
            f"ix_claims_{name}",
            *columns,
            sqlite_where=text("burned = 0"),
            postgresql_where=text("burned = 0"),
        )
        for name, columns in (
            ("due", ("due_day", "claim_id")),
            ("owner_due", ("owner", "due_day", "claim_id")),
            ("amount", ("currency", "value", "claim_id")),
            ("owner_amount", ("owner", "currency", "value", "claim_id")),
        )
    ),
)

assignments = Table(
    "assignments",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("from_claim_id", Whole, nullable=False, index=True),
    Column("to_claim_id", Whole, nullable=False, index=True),
    Column("from_owner", Text, nullable=False, index=True),
    Column("to_owner", Text, nullable=False, index=True),
    Column("value", Whole, nullable=False),
    Column("document_root", Text),
    Column("court_order_hash", Text),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

payments = Table(
    "payments",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("receivable_id", Whole, nullable=False, index=True),
    Column("payer", Text, nullable=False),
    Column("principal", Whole, nullable=False),
    Column("late_charge", Whole, nullable=False),
    Column("unpaid", Whole, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

collections = Table(
    "collections",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("claim_id", Whole, nullable=False, index=True),
    Column("receivable_id", Whole, nullable=False, index=True),
    Column("paid_to", Text, nullable=False),
    Column("principal", Whole, nullable=False),
    Column("late_charge", Whole, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

credit_notes = Table(
    "credit_notes",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("receivable_id", Whole, nullable=False, index=True),
    Column("fingerprint", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("burned", Whole, nullable=False),
    Column("paid_in", Whole, nullable=False),
    Column("document_root", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

liens = Table(
    "liens",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("claim_id", Whole, nullable=False, index=True),
    Column("lienholder", Text, nullable=False, index=True),
    Column("since", Whole, nullable=False),
    Column("until", Whole),
    Column("block_number", Whole, nullable=False),
)

disputes = Table(
    "disputes",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("receivable_id", Whole, nullable=False, index=True),
    Column("evidence_hash", Text, nullable=False),
    Column("since", Whole, nullable=False),
    Column("until", Whole),
    Column("end_evidence_hash", Text),
    Column("block_number", Whole, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("owner", Text, nullable=False),  # parties_directory.id
    Column("kind", Text, nullable=False),  # invoice, credit-note
    Column("content_type", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("root", Text, nullable=False, index=True),
    Column("encrypted", LargeBinary, nullable=False),  # the salts and the uploaded bytes
    Column("created_at", Double, nullable=False),
    Column("model_sealed", LargeBinary),  # the parsed document; None: parse it again
    Column("numbered", SmallInteger, nullable=False, server_default="0"),  # see document_numbers
    Index("ix_documents_owner_id", "owner", "id"),
    Index("ix_documents_fingerprint", "fingerprint"),
    Index(
        "ix_documents_unnumbered",
        "id",
        sqlite_where=text("numbered = 0"),
        postgresql_where=text("numbered = 0"),
    ),
)

# The beginnings of documents' numbers, each as a keyed hash: see app.trade.documents.numbers.
document_numbers = Table(
    "document_numbers",
    metadata,
    Column("token", Text, primary_key=True),
    Column("root", Text, primary_key=True),  # documents.root
    Column("owner", Text, nullable=False),  # parties_directory.id
    Column("document_id", Text, nullable=False),
    Index("ix_document_numbers_owner", "owner", "token", "document_id"),
    sqlite_with_rowid=False,
)

corrections = Table(
    "corrections",
    metadata,
    # An invoice that replaces another: documents.id, and the other's fingerprint.
    Column("document_id", Text, primary_key=True),
    Column("original", Text, primary_key=True, index=True),
)

credit_note_drafts = Table(
    "credit_note_drafts",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("receivable_id", Whole, nullable=False, index=True),
    Column("note_json", Text, nullable=False),  # the CreditNote that both sign
    Column("seller_signature", Text, nullable=False),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Column("document_id", Text, index=True),
    Column("deadline", Whole, nullable=False, server_default="0", index=True),  # UTC seconds
)

purchase_orders = Table(
    "purchase_orders",
    metadata,
    Column("order_id", Whole, primary_key=True, autoincrement=False),
    Column("seller", Text, nullable=False, index=True),
    Column("buyer", Text, nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("invoiced", Whole, nullable=False),
    Column("delivered", Whole, nullable=False, server_default="0"),  # delivered and not invoiced
    Column("delivery_day", Integer, nullable=False),
    Column("expiry_day", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("document_root", Text, nullable=False),
    Column("legal_text_hash", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("lienholder", Text),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

order_deliveries = Table(
    "order_deliveries",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("order_id", Whole, nullable=False),
    # Text, because seller and buyer may sign any number, even one that no lot has.
    Column("lot_id", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("uninvoiced", Whole, nullable=False),
    Column("document_root", Text, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
    Index("ix_order_deliveries_order_id", "order_id", "lot_id"),
)

delivery_drafts = Table(
    "delivery_drafts",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("order_id", Whole, nullable=False),
    Column("lot_id", Whole, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("document_root", Text, nullable=False),
    Column("deadline", Whole, nullable=False, server_default="0"),  # UTC seconds, exclusive
    Column("digest", Text, nullable=False, unique=True),
    Column("signature", Text),  # the buyer's
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Index("ix_delivery_drafts_order_id", "order_id", "id"),
)
