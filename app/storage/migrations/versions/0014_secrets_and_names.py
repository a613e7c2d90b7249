"""Officials' keys expire; names are compared by how they look; answers are kept for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("expires_at", sa.Double()))
    op.add_column("parties_directory", sa.Column("name_skeleton", sa.Text()))
    op.create_index("ix_parties_directory_name_skeleton", "parties_directory", ["name_skeleton"])
    op.create_index(
        "ix_idempotency_keys_created_at",
        "idempotency_keys",
        ["created_at"],
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_idempotency_keys_created_at", "idempotency_keys")
    op.drop_index("ix_parties_directory_name_skeleton", "parties_directory")
    with op.batch_alter_table("parties_directory", schema=None) as batch_op:
        batch_op.drop_column("name_skeleton")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_column("expires_at")
