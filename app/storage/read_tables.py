"""The tables of the slices: read tables, which only projections fill, and tables off the chain.

`created_block` and `changed_block` are the blocks of a row's first and last state.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)

from app.storage.tables import Whole, metadata

# -- read tables

parties = Table(
    "parties",
    metadata,
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("identity_hash", Text, nullable=False, unique=True),
    Column("roles", Integer, nullable=False),
    Column("valid_until", Text, nullable=False),  # uint64, decimal
    Column("frozen", SmallInteger, nullable=False),
    Column("freeze_order_hash", Text),
    Column("held_until", Whole, nullable=False),  # UTC seconds: treated as frozen until then
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("party_id", Whole, nullable=False, index=True),
    Column("removed", SmallInteger, nullable=False),
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

receivables = Table(
    "receivables",
    metadata,
    Column("receivable_id", Whole, primary_key=True, autoincrement=False),
    Column("seller", Text, nullable=False, index=True),
    Column("debtor", Text, nullable=False, index=True),
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
    Index("ix_claims_receivable_id", "receivable_id", "claim_id"),
    Index("ix_claims_owner", "owner", "claim_id"),
    Index("ix_claims_parent_id", "parent_id"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("from_claim_id", Whole, nullable=False, index=True),
    Column("to_claim_id", Whole, nullable=False, index=True),
    Column("from_owner", Text, nullable=False),
    Column("to_owner", Text, nullable=False),
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

# Money that a contract could not pay out.
unclaimed = Table(
    "unclaimed",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("owner", Text, primary_key=True),  # a party's number, or else an account
    Column("currency", Text, primary_key=True),
    Column("amount", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

# Signatures that their signer cancelled on the ledger.
withdrawn_signatures = Table(
    "withdrawn_signatures",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("contract", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True),
    Column("block_number", Whole, nullable=False),
)

sales = Table(
    "sales",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("claim_id", Whole, nullable=False, index=True),
    Column("sold_claim_id", Whole, nullable=False, index=True),
    Column("funder", Text, nullable=False),
    Column("seller", Text, nullable=False),
    Column("value", Whole, nullable=False),
    Column("price", Whole, nullable=False),
    Column("recourse", SmallInteger, nullable=False),
    Column("nonce", Text, nullable=False),  # of the quote, decimal
    Column("legal_text_hash", Text, nullable=False),
    Column("put_back_position", Whole),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

cancelled_quotes = Table(
    "cancelled_quotes",
    metadata,
    Column("funder", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
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

court_orders = Table(
    "court_orders",
    metadata,
    Column("order_id", Whole, primary_key=True, autoincrement=False),
    Column("order_hash", Text, nullable=False, index=True),
    Column("issuer", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("not_before", Whole, nullable=False),
    Column("state", Text, nullable=False),  # issued, executed, cancelled
    Column("closed_by", Text),
    Column("holder_party_id", Whole),  # for an order about tokens that a party holds
    Column("slot", Whole),
    Column("value_left", Whole),
    Column("objector", Text),  # the first of the two who must object
    Column("created_block", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
)

party_holds = Table(
    "party_holds",
    metadata,
    Column("party_id", Whole, primary_key=True, autoincrement=False),
    Column("order_hash", Text, nullable=False),
    Column("regulator", Text, nullable=False),
    Column("held_until", Whole, nullable=False),
    Column("order_id", Whole),  # None until another regulator confirms it
    Column("changed_block", Whole, nullable=False),
)

cash_transfers = Table(
    "cash_transfers",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("currency", Text, nullable=False),
    Column("from_account", Text, nullable=False),
    Column("to_account", Text, nullable=False),
    Column("amount", Whole, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("block_number", Whole, nullable=False),
)

cash_balances = Table(
    "cash_balances",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("balance", Whole, nullable=False),
    Column("changed_block", Whole, nullable=False),
    Index("ix_cash_balances_account", "account"),
)

# -- off the chain

parties_directory = Table(
    "parties_directory",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("name", Text, nullable=False),
    Column("legal_id_scheme", Text, nullable=False),
    Column("legal_id_encrypted", LargeBinary, nullable=False),
    Column("identity_hash", Text, nullable=False, unique=True),  # of the legal id, keyed
    Column("roles", Integer, nullable=False),
    Column("account", Text, nullable=False, unique=True),
    Column("custody", SmallInteger, nullable=False),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Column("name_skeleton", Text, index=True),  # the name's look; see app.domain.names
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_hash", Text, primary_key=True),  # sha256 of the key
    Column("party_id", Text, index=True),  # parties_directory.id
    Column("account", Text),  # acts on the ledger; None: the party's account
    Column("roles", Text, nullable=False),  # joined by commas
    Column("label", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("revoked_at", Double),
    Column(
        "waiting", SmallInteger, nullable=False, server_default="0"
    ),  # 1: it waits for a second person
    Column("expires_at", Double),  # None: never
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner", Text, primary_key=True),  # party or label of the caller
    Column("key", Text, primary_key=True),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("state", Text, nullable=False),  # running, done
    Column("status", Integer),
    Column("headers_json", Text),
    Column("body", LargeBinary),  # sealed; None once it is deleted
    Column("created_at", Double, nullable=False),
    Index(
        "ix_idempotency_keys_created_at",
        "created_at",
        sqlite_where=text("body IS NOT NULL"),
        postgresql_where=text("body IS NOT NULL"),
    ),
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
    Index("ix_documents_owner_id", "owner", "id"),
    Index("ix_documents_fingerprint", "fingerprint"),
)

corrections = Table(
    "corrections",
    metadata,
    # An invoice that replaces another: documents.id, and the other's fingerprint.
    Column("document_id", Text, primary_key=True),
    Column("original", Text, primary_key=True, index=True),
)

quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("funder", Text, nullable=False),  # address
    Column("seller", Text, nullable=False),  # address
    Column("claim_id", Whole, nullable=False),
    Column("nonce", Text, nullable=False),  # decimal
    Column("terms_json", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("signature", Text),
    Column("state", Text, nullable=False),  # prepared, open, accepted, cancelled
    Column("expires_at", Whole, nullable=False),
    Column("operation_id", Text),
    Column("created_at", Double, nullable=False),
    Index("ix_quotes_claim_id", "claim_id", "id"),
    Index("ix_quotes_funder_id", "funder", "id"),
    Index("ix_quotes_seller_id", "seller", "id"),
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
)
