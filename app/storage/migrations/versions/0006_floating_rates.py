"""Reference rates, and loans whose rate follows one."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reference_listings",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("max_step", sa.Integer(), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=False),
        sa.Column("changed_block", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reference_listings")),
    )
    op.create_table(
        "reference_rates",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("appraiser", sa.Text(), nullable=False),
        sa.Column("confirmer", sa.Text(), nullable=True),
        sa.Column("from_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("timestamp", WHOLE, nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_reference_rates")),
    )
    op.create_index("ix_reference_rates_code", "reference_rates", ["code", "position"])
    with op.batch_alter_table("product_versions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("floating_json", sa.Text(), server_default="{}", nullable=False)
        )
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spread", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.add_column(sa.Column("floating_json", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("next_reset_day", sa.Integer(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_loans_next_reset_day"), ["next_reset_day"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loans_next_reset_day"))
        batch_op.drop_column("next_reset_day")
        batch_op.drop_column("floating_json")
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_column("spread")
    with op.batch_alter_table("product_versions", schema=None) as batch_op:
        batch_op.drop_column("floating_json")
    op.drop_index("ix_reference_rates_code", table_name="reference_rates")
    op.drop_table("reference_rates")
    op.drop_table("reference_listings")
