"""Evaluations of parties by raters, and their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "credit_evaluations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("consent_since", sa.Integer(), nullable=True),
        sa.Column("consent_until", sa.Integer(), nullable=True),
        sa.Column("consent_withdrawn", sa.Integer(), nullable=True),
        sa.Column("evidence_root", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_evaluations")),
    )
    with op.batch_alter_table("credit_evaluations", schema=None) as batch_op:
        for name in ("rater", "subject"):
            batch_op.create_index(f"ix_credit_evaluations_{name}", [name, "id"], unique=False)
    op.create_table(
        "credit_evaluation_steps",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("evaluation_id", sa.Text(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_evaluation_steps")),
        sa.UniqueConstraint(
            "evaluation_id",
            "number",
            name=op.f("uq_credit_evaluation_steps_evaluation_id_number"),
        ),
    )


def downgrade() -> None:
    op.drop_table("credit_evaluation_steps")
    op.drop_table("credit_evaluations")
