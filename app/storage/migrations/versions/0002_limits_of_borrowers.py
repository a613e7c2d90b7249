"""Limits of borrowers over all facilities, and draws that lender and borrower hold back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NUMBERS = {
    "cooling_off_amount": WHOLE,
    "cooling_off_hours": sa.Integer(),
    "end_events": sa.SmallInteger(),
    "suspended_by": sa.SmallInteger(),
    "announced_amount": WHOLE,
    "drawable_from": WHOLE,
    "drawable_until": WHOLE,
    "on_tier": sa.SmallInteger(),
}


def upgrade() -> None:
    op.create_table(
        "borrower_groups",
        sa.Column("party_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("group_number", WHOLE, nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint(
            "party_id", "rule_set", "currency", name=op.f("pk_borrower_groups")
        ),
    )
    with op.batch_alter_table("parties", schema=None) as batch_op:
        batch_op.add_column(sa.Column("group_number", WHOLE, server_default="0", nullable=False))
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        for name, kind in NUMBERS.items():
            batch_op.add_column(sa.Column(name, kind, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("rule_set", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_column("rule_set")
        for name in reversed(NUMBERS):
            batch_op.drop_column(name)
    with op.batch_alter_table("parties", schema=None) as batch_op:
        batch_op.drop_column("group_number")
    op.drop_table("borrower_groups")
