"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("party_id", WHOLE, nullable=False),
        sa.Column("removed", sa.SmallInteger(), nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_accounts")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_party_id"), ["party_id"], unique=False)

    op.create_table(
        "api_keys",
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_api_keys")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_party_id"), ["party_id"], unique=False)

    op.create_table(
        "assignments",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("from_claim_id", WHOLE, nullable=False),
        sa.Column("to_claim_id", WHOLE, nullable=False),
        sa.Column("from_owner", sa.Text(), nullable=False),
        sa.Column("to_owner", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("papers_root", sa.Text(), nullable=True),
        sa.Column("court_order_hash", sa.Text(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assignments_from_claim_id"), ["from_claim_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignments_to_claim_id"), ["to_claim_id"], unique=False
        )

    op.create_table(
        "blocks",
        sa.Column(
            "number",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("parent_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("receipts_root", sa.Text(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_blocks")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index("ix_blocks_hash", ["hash"], unique=False)

    op.create_table(
        "cancelled_quotes",
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("funder", "nonce", name=op.f("pk_cancelled_quotes")),
    )
    op.create_table(
        "cash_balances",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("balance", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("currency", "account", name=op.f("pk_cash_balances")),
    )
    with op.batch_alter_table("cash_balances", schema=None) as batch_op:
        batch_op.create_index("ix_cash_balances_account", ["account"], unique=False)

    op.create_table(
        "cash_transfers",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_account", sa.Text(), nullable=False),
        sa.Column("to_account", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_cash_transfers")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("final_number", WHOLE, nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "claims",
        sa.Column(
            "claim_id",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("parent_id", WHOLE, nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("lienholder", sa.Text(), nullable=True),
        sa.Column("burned", sa.SmallInteger(), nullable=False),
        sa.Column(
            "collected_principal",
            WHOLE,
            nullable=False,
        ),
        sa.Column(
            "collected_late_charge",
            WHOLE,
            nullable=False,
        ),
        sa.Column("papers_root", sa.Text(), nullable=True),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claims")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index("ix_claims_owner", ["owner", "claim_id"], unique=False)
        batch_op.create_index("ix_claims_parent_id", ["parent_id"], unique=False)
        batch_op.create_index(
            "ix_claims_receivable_id", ["receivable_id", "claim_id"], unique=False
        )

    op.create_table(
        "collections",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("paid_to", sa.Text(), nullable=False),
        sa.Column("principal", WHOLE, nullable=False),
        sa.Column("late_charge", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_collections")),
    )
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collections_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_collections_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "court_orders",
        sa.Column(
            "order_id",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("order_hash", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("not_before", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_court_orders")),
    )
    with op.batch_alter_table("court_orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_court_orders_order_hash"), ["order_hash"], unique=False
        )

    op.create_table(
        "credit_note_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("note_json", sa.Text(), nullable=False),
        sa.Column("seller_signature", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note_drafts")),
    )
    with op.batch_alter_table("credit_note_drafts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_note_drafts_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "credit_notes",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("burned", WHOLE, nullable=False),
        sa.Column("paid_in", WHOLE, nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_credit_notes")),
    )
    with op.batch_alter_table("credit_notes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_notes_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "custody_keys",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("keystore_json", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_custody_keys")),
    )
    op.create_table(
        "disputes",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("papers_hash", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, nullable=True),
        sa.Column("end_papers_hash", sa.Text(), nullable=True),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_disputes")),
    )
    with op.batch_alter_table("disputes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disputes_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "documents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("model_json", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index("ix_documents_fingerprint", ["fingerprint"], unique=False)
        batch_op.create_index("ix_documents_owner_id", ["owner", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_documents_root"), ["root"], unique=False)

    op.create_table(
        "event_subjects",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("subject", "position", name=op.f("pk_event_subjects")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("transaction_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arguments_json", sa.Text(), nullable=False),
        sa.Column("receivable_id", WHOLE, nullable=True),
        sa.Column("claim_id", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers_json", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "liens",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("lienholder", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, nullable=True),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_liens")),
    )
    with op.batch_alter_table("liens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_liens_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_liens_lienholder"), ["lienholder"], unique=False)

    op.create_table(
        "logs",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("transaction_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_logs")),
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("arguments_json", sa.Text(), nullable=False),
        sa.Column("subject_json", sa.Text(), nullable=False),
        sa.Column("custody", sa.SmallInteger(), nullable=False),
        sa.Column("depends_on", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.Double(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("nonce", WHOLE, nullable=True),
        sa.Column("gas", WHOLE, nullable=True),
        sa.Column("deadline", WHOLE, nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("relay_account", sa.Text(), nullable=True),
        sa.Column("relay_nonce", WHOLE, nullable=True),
        sa.Column("batch_index", sa.Integer(), nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=True),
        sa.Column("block_number", WHOLE, nullable=True),
        sa.Column("block_hash", sa.Text(), nullable=True),
        sa.Column("gas_used", WHOLE, nullable=True),
        sa.Column("error_json", sa.Text(), nullable=True),
        sa.Column("result_json", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("submitted_at", sa.Double(), nullable=True),
        sa.Column("included_at", sa.Double(), nullable=True),
        sa.Column("final_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
    )
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.create_index("ix_operations_block_number", ["block_number"], unique=False)
        batch_op.create_index("ix_operations_party_id_id", ["party_id", "id"], unique=False)
        batch_op.create_index("ix_operations_relay", ["relay_account", "relay_nonce"], unique=False)
        batch_op.create_index("ix_operations_state_id", ["state", "id"], unique=False)
        batch_op.create_index(
            "uq_operations_signer_nonce",
            ["signer", "nonce"],
            unique=True,
            sqlite_where=sa.text("nonce IS NOT NULL AND state NOT IN ('prepared', 'accepted')"),
            postgresql_where=sa.text("nonce IS NOT NULL AND state NOT IN ('prepared', 'accepted')"),
        )

    op.create_table(
        "parties",
        sa.Column(
            "party_id",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("identity_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("frozen", sa.SmallInteger(), nullable=False),
        sa.Column("freeze_order_hash", sa.Text(), nullable=True),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_parties")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_parties_identity_hash")),
    )
    op.create_table(
        "parties_directory",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_id_scheme", sa.Text(), nullable=False),
        sa.Column("legal_id_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("legal_id_lookup", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("identity_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("custody", sa.SmallInteger(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties_directory")),
        sa.UniqueConstraint("account", name=op.f("uq_parties_directory_account")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_parties_directory_identity_hash")),
        sa.UniqueConstraint("legal_id_lookup", name=op.f("uq_parties_directory_legal_id_lookup")),
    )
    op.create_table(
        "payments",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("receivable_id", WHOLE, nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("principal", WHOLE, nullable=False),
        sa.Column("late_charge", WHOLE, nullable=False),
        sa.Column("unpaid", WHOLE, nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_payments")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payments_receivable_id"), ["receivable_id"], unique=False
        )

    op.create_table(
        "quotes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("terms_json", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("digest", name=op.f("uq_quotes_digest")),
    )
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.create_index("ix_quotes_claim_id", ["claim_id", "id"], unique=False)
        batch_op.create_index("ix_quotes_funder_id", ["funder", "id"], unique=False)
        batch_op.create_index("ix_quotes_seller_id", ["seller", "id"], unique=False)

    op.create_table(
        "receivables",
        sa.Column(
            "receivable_id",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("face_amount", WHOLE, nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("late_rate", sa.Integer(), nullable=False),
        sa.Column("dispute_days", sa.Integer(), nullable=False),
        sa.Column("max_depth", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("document_root", sa.Text(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("claim_id", WHOLE, nullable=True),
        sa.Column("debtor_signature", sa.Text(), nullable=True),
        sa.Column("requested_at", WHOLE, nullable=False),
        sa.Column("confirmed_at", WHOLE, nullable=True),
        sa.Column("principal_paid", WHOLE, nullable=False),
        sa.Column("late_charge_paid", WHOLE, nullable=False),
        sa.Column("credited", WHOLE, nullable=False),
        sa.Column("redeemed", WHOLE, nullable=False),
        sa.Column("created_block", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("receivable_id", name=op.f("pk_receivables")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_receivables_fingerprint")),
    )
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receivables_debtor"), ["debtor"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_receivables_document_root"), ["document_root"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_receivables_seller"), ["seller"], unique=False)
        batch_op.create_index("ix_receivables_status", ["status", "receivable_id"], unique=False)

    op.create_table(
        "relay_accounts",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("next_nonce", WHOLE, nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_relay_accounts")),
    )
    op.create_table(
        "relay_transactions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("nonce", WHOLE, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("gas_price", sa.Text(), nullable=False),
        sa.Column("gas_limit", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=True),
        sa.Column("block_hash", sa.Text(), nullable=True),
        sa.Column("gas_used", WHOLE, nullable=True),
        sa.Column("succeeded", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_relay_transactions")),
        sa.UniqueConstraint(
            "account", "nonce", "attempt", name=op.f("uq_relay_transactions_account_nonce_attempt")
        ),
    )
    with op.batch_alter_table("relay_transactions", schema=None) as batch_op:
        batch_op.create_index("ix_relay_transactions_block_number", ["block_number"], unique=False)
        batch_op.create_index(
            "ix_relay_transactions_state", ["state", "account", "nonce"], unique=False
        )

    op.create_table(
        "sales",
        sa.Column(
            "position",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("claim_id", WHOLE, nullable=False),
        sa.Column("sold_claim_id", WHOLE, nullable=False),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("price", WHOLE, nullable=False),
        sa.Column("recourse", sa.SmallInteger(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("legal_text_hash", sa.Text(), nullable=False),
        sa.Column("put_back_position", WHOLE, nullable=True),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_sales")),
    )
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_sold_claim_id"), ["sold_claim_id"], unique=False)

    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "signer_nonces",
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("next_nonce", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("signer", name=op.f("pk_signer_nonces")),
    )


def downgrade() -> None:
    op.drop_table("signer_nonces")
    op.drop_table("settings")
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_sold_claim_id"))
        batch_op.drop_index(batch_op.f("ix_sales_claim_id"))

    op.drop_table("sales")
    with op.batch_alter_table("relay_transactions", schema=None) as batch_op:
        batch_op.drop_index("ix_relay_transactions_state")
        batch_op.drop_index("ix_relay_transactions_block_number")

    op.drop_table("relay_transactions")
    op.drop_table("relay_accounts")
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        batch_op.drop_index("ix_receivables_status")
        batch_op.drop_index(batch_op.f("ix_receivables_seller"))
        batch_op.drop_index(batch_op.f("ix_receivables_document_root"))
        batch_op.drop_index(batch_op.f("ix_receivables_debtor"))

    op.drop_table("receivables")
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.drop_index("ix_quotes_seller_id")
        batch_op.drop_index("ix_quotes_funder_id")
        batch_op.drop_index("ix_quotes_claim_id")

    op.drop_table("quotes")
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payments_receivable_id"))

    op.drop_table("payments")
    op.drop_table("parties_directory")
    op.drop_table("parties")
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_operations_signer_nonce",
            sqlite_where=sa.text("nonce IS NOT NULL AND state NOT IN ('prepared', 'accepted')"),
            postgresql_where=sa.text("nonce IS NOT NULL AND state NOT IN ('prepared', 'accepted')"),
        )
        batch_op.drop_index("ix_operations_state_id")
        batch_op.drop_index("ix_operations_relay")
        batch_op.drop_index("ix_operations_party_id_id")
        batch_op.drop_index("ix_operations_block_number")

    op.drop_table("operations")
    op.drop_table("logs")
    with op.batch_alter_table("liens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_liens_lienholder"))
        batch_op.drop_index(batch_op.f("ix_liens_claim_id"))

    op.drop_table("liens")
    op.drop_table("idempotency_keys")
    op.drop_table("events")
    op.drop_table("event_subjects")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_documents_root"))
        batch_op.drop_index("ix_documents_owner_id")
        batch_op.drop_index("ix_documents_fingerprint")

    op.drop_table("documents")
    with op.batch_alter_table("disputes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disputes_receivable_id"))

    op.drop_table("disputes")
    op.drop_table("custody_keys")
    with op.batch_alter_table("credit_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_notes_receivable_id"))

    op.drop_table("credit_notes")
    with op.batch_alter_table("court_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_court_orders_order_hash"))

    op.drop_table("court_orders")
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collections_receivable_id"))
        batch_op.drop_index(batch_op.f("ix_collections_claim_id"))

    op.drop_table("collections")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index("ix_claims_receivable_id")
        batch_op.drop_index("ix_claims_parent_id")
        batch_op.drop_index("ix_claims_owner")

    op.drop_table("claims")
    op.drop_table("checkpoints")
    op.drop_table("cash_transfers")
    with op.batch_alter_table("cash_balances", schema=None) as batch_op:
        batch_op.drop_index("ix_cash_balances_account")

    op.drop_table("cash_balances")
    op.drop_table("cancelled_quotes")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_index("ix_blocks_hash")

    op.drop_table("blocks")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignments_to_claim_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_from_claim_id"))

    op.drop_table("assignments")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_keys_party_id"))

    op.drop_table("api_keys")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_party_id"))

    op.drop_table("accounts")
