"""Who took a step that needs two persons; what ends with a session of the pages."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_STEPS = ("credit_evaluation_steps", "watch_acknowledgements", "watch_decisions")
_PERSON = ("person_way", "person_id")


def upgrade() -> None:
    for table in _STEPS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in _PERSON:
                batch_op.add_column(sa.Column(column, sa.Text(), nullable=True))
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("maker_json", sa.Text(), nullable=True))
    with op.batch_alter_table("page_sessions", schema=None) as batch_op:
        batch_op.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=True)
        batch_op.add_column(sa.Column("key_hash", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("earlier_tokens", sa.Text(), server_default="", nullable=False)
        )
    op.execute("UPDATE page_sessions SET sealed = NULL WHERE ended_at IS NOT NULL")


def downgrade() -> None:
    op.execute("DELETE FROM page_sessions WHERE sealed IS NULL")
    with op.batch_alter_table("page_sessions", schema=None) as batch_op:
        batch_op.drop_column("earlier_tokens")
        batch_op.drop_column("key_hash")
        batch_op.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_column("maker_json")
    for table in _STEPS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in reversed(_PERSON):
                batch_op.drop_column(column)
