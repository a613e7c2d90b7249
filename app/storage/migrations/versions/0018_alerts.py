"""Alerts of the watch, their acknowledgements, proposed steps, and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "watch_assessments",
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("block_number", _WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("lender", name=op.f("pk_watch_assessments")),
    )
    op.create_table(
        "watch_levels",
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("stand_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lender", "subject", "subject_key", name=op.f("pk_watch_levels")),
    )
    _create_alerts()
    op.create_table(
        "watch_alert_ids",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_id", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watch_alert_ids")),
    )
    op.create_table(
        "watch_acknowledgements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", _WHOLE, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_acknowledgements")),
        sa.UniqueConstraint("alert_id", name=op.f("uq_watch_acknowledgements_alert_id")),
    )
    _create_proposals()
    _create_webhooks()


def _create_alerts() -> None:
    op.create_table(
        "watch_alerts",
        sa.Column("id", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", _WHOLE, nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("level_before", sa.SmallInteger(), nullable=False),
        sa.Column("level_after", sa.SmallInteger(), nullable=False),
        sa.Column("change_json", sa.Text(), nullable=False),
        sa.Column("block_number", _WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", _WHOLE, nullable=False),
        sa.Column("undone_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_alerts")),
        sa.UniqueConstraint(
            "lender",
            "assessment",
            "subject",
            "subject_key",
            name=op.f("uq_watch_alerts_lender_assessment_subject_subject_key"),
        ),
    )
    with op.batch_alter_table("watch_alerts", schema=None) as batch_op:
        batch_op.create_index("ix_watch_alerts_lender", ["lender", "id"], unique=False)


def _create_proposals() -> None:
    op.create_table(
        "watch_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", _WHOLE, nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("facility_id", _WHOLE, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", _WHOLE, nullable=False),
        sa.Column("expires_at", _WHOLE, nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_proposals")),
        sa.UniqueConstraint(
            "alert_id", "facility_id", name=op.f("uq_watch_proposals_alert_id_facility_id")
        ),
    )
    with op.batch_alter_table("watch_proposals", schema=None) as batch_op:
        batch_op.create_index("ix_watch_proposals_lender", ["lender", "id"], unique=False)
        batch_op.create_index("ix_watch_proposals_state", ["state"], unique=False)
    op.create_table(
        "watch_decisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_decisions")),
    )
    with op.batch_alter_table("watch_decisions", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_watch_decisions_proposal_id"), ["proposal_id"], unique=False)


def _create_webhooks() -> None:
    op.create_table(
        "watch_webhooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("min_level", sa.SmallInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_webhooks")),
    )
    with op.batch_alter_table("watch_webhooks", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_watch_webhooks_lender"), ["lender"], unique=False)
    op.create_table(
        "watch_deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("alert_id", _WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_deliveries")),
        sa.UniqueConstraint(
            "webhook_id", "alert_id", name=op.f("uq_watch_deliveries_webhook_id_alert_id")
        ),
    )
    with op.batch_alter_table("watch_deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_watch_deliveries_state", ["state", "next_at"], unique=False)


def downgrade() -> None:
    op.drop_table("watch_deliveries")
    op.drop_table("watch_webhooks")
    for name in ("decisions", "proposals", "acknowledgements", "alert_ids", "alerts", "levels"):
        op.drop_table(f"watch_{name}")
    op.drop_table("watch_assessments")
