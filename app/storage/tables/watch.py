"""Tables of the watch after the loan: alerts, what people did about them, and proposed steps."""

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
)

from app.storage.tables.base import Whole, metadata

# The newest assessment of each lender's loans. Its number makes each assessment count once,
# whichever gateway on the store makes it.
watch_assessments = Table(
    "watch_assessments",
    metadata,
    Column("lender", Text, primary_key=True),  # account
    Column("number", Integer, nullable=False),  # from 1
    Column("block_number", Whole, nullable=False),
    Column("block_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),  # of the block
)

# How each subject stood when it was told last; one without a row is clear.
watch_levels = Table(
    "watch_levels",
    metadata,
    Column("lender", Text, primary_key=True),
    Column("subject", Text, primary_key=True),  # borrower, debtor, product, portfolio
    Column("subject_key", Whole, primary_key=True, autoincrement=False),  # 0: portfolio
    Column("level", SmallInteger, nullable=False),
    Column("stand_json", Text, nullable=False),
)

# Nothing changes or deletes an alert. Ids rise in the order of the commits, so that a reader that
# goes on after the last id misses none.
watch_alerts = Table(
    "watch_alerts",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("lender", Text, nullable=False),
    Column("assessment", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_key", Whole, nullable=False),
    Column("account", Text),  # of the borrower or debtor
    Column("level_before", SmallInteger, nullable=False),
    Column("level_after", SmallInteger, nullable=False),
    Column("change_json", Text, nullable=False),
    Column("block_number", Whole, nullable=False),
    Column("block_hash", Text, nullable=False),
    Column("timestamp", Whole, nullable=False),  # of the block
    Column("undone_hash", Text),  # the assessment before was as of this block, which was undone
    UniqueConstraint("lender", "assessment", "subject", "subject_key"),
    Index("ix_watch_alerts_lender", "lender", "id"),
)

# The last id that was given to an alert; its row is locked until those alerts are committed.
watch_alert_ids = Table(
    "watch_alert_ids",
    metadata,
    Column("name", Text, primary_key=True),  # "alerts"
    Column("last_id", Whole, nullable=False),
)

watch_acknowledgements = Table(
    "watch_acknowledgements",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("alert_id", Whole, nullable=False, unique=True),
    Column("person", Text, nullable=False),  # the label of the caller's key
    Column("taken_at", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the note
    Column("person_way", Text),  # key, oidc, wallet; None: before 0025
    Column("person_id", Text),  # of the key, or issuer and subject
)

watch_proposals = Table(
    "watch_proposals",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("alert_id", Whole, nullable=False),
    Column("lender", Text, nullable=False),
    Column("borrower", Text, nullable=False),  # account, as the facility has it
    Column("facility_id", Whole, nullable=False),
    Column("level", SmallInteger, nullable=False),  # from which on the rule allows the step
    Column("rule_set", Text, nullable=False),
    Column("source", Text, nullable=False),  # of the rule that allows the step
    Column("state", Text, nullable=False),  # proposed, confirmed, refused, expired
    Column("created_at", Whole, nullable=False),  # UTC seconds
    Column("expires_at", Whole, nullable=False),  # exclusive
    Column("operation_id", Text),  # that carries it out
    UniqueConstraint("alert_id", "facility_id"),
    Index("ix_watch_proposals_lender", "lender", "id"),
    Index("ix_watch_proposals_state", "state"),
)

# Nothing changes or deletes a decision.
watch_decisions = Table(
    "watch_decisions",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("proposal_id", Text, nullable=False, index=True),
    Column("outcome", Text, nullable=False),  # confirmed, refused, expired, level-fell
    Column("person", Text),  # None: the gateway
    Column("taken_at", Double, nullable=False),
    Column("operation_id", Text),  # of a confirmation
    Column("sealed", LargeBinary),  # what the person wrote
    Column("person_way", Text),  # key, oidc, wallet; None: before 0025, or the gateway
    Column("person_id", Text),  # of the key, or issuer and subject
)

watch_webhooks = Table(
    "watch_webhooks",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("lender", Text, nullable=False, index=True),  # account
    Column("url", Text, nullable=False),
    Column("min_level", SmallInteger, nullable=False),
    Column("person", Text, nullable=False),  # the label of the caller's key
    Column("created_at", Double, nullable=False),
    Column("deleted_at", Double),
    Column("sealed", LargeBinary, nullable=False),  # the secret
)

watch_deliveries = Table(
    "watch_deliveries",
    metadata,
    Column("id", Text, primary_key=True),  # UUIDv7
    Column("webhook_id", Text, nullable=False),
    Column("alert_id", Whole, nullable=False),
    Column("state", Text, nullable=False),  # waiting, delivered, abandoned, stopped
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("status", Integer),  # HTTP, of the last answer
    Column("error", Text),
    Column("ended_at", Double),
    UniqueConstraint("webhook_id", "alert_id"),
    Index("ix_watch_deliveries_state", "state", "next_at"),
)
