"""Tables of blocks, events, operations, relay accounts and keys."""

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
    UniqueConstraint,
    text,
)

from app.storage.tables.base import Whole, metadata

# Events that change a breaker of a product or a stop; a closed product is opened by a change. They
# are few among many, so an index has them alone; a query has this condition word for word.
STOPS = (
    "name IN ('NewRiskStop', 'ResumptionProposed', 'NewRiskResumed', 'ProductAdded', "
    "'ProductChangeProposed', 'ProductChanged', 'ProductOpened', 'NewLiensStopped')"
)

blocks = Table(
    "blocks",
    metadata,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("parent_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("receipts_root", Text, nullable=False),
    Column("event_count", Integer, nullable=False),
    Index("ix_blocks_hash", "hash"),
)

logs = Table(
    "logs",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("block_hash", Text, nullable=False),
    Column("transaction_index", Integer, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("topics", Text, nullable=False),  # joined by commas
    Column("data", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("block_number", Whole, nullable=False),
    Column("block_hash", Text, nullable=False),
    Column("transaction_index", Integer, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("transaction_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("contract", Text, nullable=False),  # name in the deployment record
    Column("name", Text, nullable=False),
    Column("arguments_json", Text, nullable=False),
    Column("receivable_id", Whole),  # argument receivableId, if any
    Column("claim_id", Whole),  # argument claimId, tokenId, fromTokenId …, if any
    Index("ix_events_transaction_hash", "transaction_hash"),
    Index("ix_events_stops", "position", sqlite_where=text(STOPS), postgresql_where=text(STOPS)),
)

# The subjects of each event: "receivable:N", "claim:N" (each claim that it names), "party:N",
# "order:N", "court-order:N", "product:N", "facility:N", "loan:N", "campaign:N", "lot:N",
# "warehouse-receipt:N", and addresses.
event_subjects = Table(
    "event_subjects",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("position", Whole, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("name", Text, primary_key=True),  # "index"
    Column("block_number", Whole, nullable=False),
    Column("block_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),  # of that block
    Column("final_number", Whole, nullable=False),  # last final block; -1: none
    Column("updated_at", Double, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7: the order of acceptance
    Column("kind", Text, nullable=False),
    Column("party_id", Text),  # the gateway's id of the party that gave the command
    Column("signer", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("function", Text, nullable=False),
    Column("arguments_json", Text, nullable=False),
    Column("subject_json", Text, nullable=False),
    Column("custody", SmallInteger, nullable=False),  # 1: the gateway signs; 0: the party's wallet
    # Ids of operations that must be included first, joined by commas; ~id: it must be done first,
    # whatever its outcome.
    Column("depends_on", Text),
    Column("state", Text, nullable=False),
    Column("claimed_by", Text),  # the relayer that works on it
    Column("claimed_until", Double),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("nonce", Text),  # for the forwarder, decimal: nonce space * 2^64 + signer's counter
    Column("gas", Whole),
    Column("deadline", Whole),
    Column("data", Text),  # calldata, hexadecimal
    Column("signature", Text),
    Column("relay_account", Text),
    Column("relay_nonce", Whole),
    Column("batch_index", Integer),
    Column("transaction_hash", Text),
    Column("block_number", Whole),
    Column("block_hash", Text),
    Column("gas_used", Whole),  # of the whole transaction, shared by its intents
    # Why it was rejected. The gateway's own rejection stays here if the chain runs it after all.
    Column("error_json", Text),
    Column("result_json", Text),
    Column("created_at", Double, nullable=False),
    Column("submitted_at", Double),
    Column("included_at", Double),
    Column("final_at", Double),
    Column("hash", Text),  # identifies it in the chain's event; see app.chain.outbox.intents
    Index("ix_operations_state_id", "state", "id"),
    *(
        Index(name, "state", *columns, sqlite_where=text(where), postgresql_where=text(where))
        for name, columns, where in (
            ("ix_operations_new", ("id",), "state = 'accepted' AND claimed_by IS NULL"),
            (
                *("ix_operations_tried", ("claimed_until", "id")),
                "state = 'accepted' AND claimed_by IS NOT NULL",
            ),
        )
    ),
    Index("ix_operations_party_id_id", "party_id", "id"),
    Index("ix_operations_relay", "relay_account", "relay_nonce"),
    Index("ix_operations_block_number", "block_number"),
    Index("ix_operations_transaction_hash", "transaction_hash"),
    # An operation gets its nonce once, when it is created; each new signature uses it again.
    Index("uq_operations_signer_nonce", "signer", "nonce", unique=True),
    Index("uq_operations_hash", "hash", unique=True),
)

# One row for each signed transaction; a fee bump is a second row for the same account and nonce.
relay_transactions = Table(
    "relay_transactions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("nonce", Whole, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("raw", Text, nullable=False),
    Column("gas_price", Text, nullable=False),  # wei, decimal
    Column("gas_limit", Whole, nullable=False),
    Column("state", Text, nullable=False),  # stored, included, replaced
    Column("created_at", Double, nullable=False),
    Column("block_number", Whole),
    Column("block_hash", Text),
    Column("gas_used", Whole),
    Column("succeeded", SmallInteger),
    UniqueConstraint("account", "nonce", "attempt"),
    Index("ix_relay_transactions_state", "state", "account", "nonce"),
    Index("ix_relay_transactions_block_number", "block_number"),
)

relay_accounts = Table(
    "relay_accounts",
    metadata,
    Column("address", Text, primary_key=True),
    Column("next_nonce", Whole, nullable=False),
    Column("claimed_by", Text),
    Column("claimed_until", Double),
)

# Each signer's counter in the store's nonce space (`settings`, "nonce_space"); never decreases.
signer_nonces = Table(
    "signer_nonces",
    metadata,
    Column("signer", Text, primary_key=True),
    Column("next_nonce", Whole, nullable=False),
)

# Intents that ran and belong to no operation of the store: another gateway's, or this gateway's
# from before a restore. While one of `ours` is not reconciled, the relayer sends nothing.
unknown_executions = Table(
    "unknown_executions",
    metadata,
    Column("signer", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),  # decimal
    Column("operation_hash", Text, nullable=False),
    Column("succeeded", SmallInteger, nullable=False),
    Column("ours", SmallInteger, nullable=False),  # 1: only this gateway can have sent it
    Column("transaction_hash", Text, nullable=False),
    Column("block_number", Whole, nullable=False),
    Column("block_hash", Text, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("reconciled_at", Double),
    Index("ix_unknown_executions_operation_hash", "operation_hash"),
    Index("ix_unknown_executions_block_number", "block_number"),
)

# One row for each restore of a backup. While one is not released, the gateway accepts no command
# and sends nothing.
restores = Table(
    "restores",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("restored_at", Double, nullable=False),
    Column("backup_made_at", Double),  # None: restored by hand; only the chain shows it
    Column("backup_sha256", Text),
    Column("quiet_from", Whole),  # UTC seconds of the chain: nothing was signed here after it
    Column("released_at", Double),
    Column("report_json", Text),  # the reconciliation report at the release
)

custody_keys = Table(
    "custody_keys",
    metadata,
    Column("address", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("keystore_json", Text, nullable=False),  # encrypted, as geth writes it
    Column("created_at", Double, nullable=False),
)

# The gateway's own key material never leaves `keystore_json`; a remote signer stores its reference.
# "nonce_space": the store's part of the forwarder's nonces, decimal; a new store and each restore
# get a new one. "nonce_space:N": a previous one.
settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
