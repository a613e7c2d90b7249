"""Papers and answers are sealed; an API key may wait for a second person.

Nothing is lost: what was read of a paper is read again from its sealed bytes, and an answer that is
gone makes its idempotency key refuse instead of starting the command anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_column("model_json")
        batch_op.add_column(sa.Column("model_sealed", sa.LargeBinary(), nullable=True))

    op.execute("UPDATE idempotency_keys SET body = NULL")

    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("waiting", sa.SmallInteger(), nullable=False, server_default="0")
        )


def downgrade() -> None:
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_column("waiting")

    op.execute("DELETE FROM idempotency_keys")

    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_column("model_sealed")
        batch_op.add_column(sa.Column("model_json", sa.Text(), nullable=False, server_default="{}"))
