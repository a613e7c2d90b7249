"""Indexes of what the relayer takes next: new operations, and those that it tried before."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_INDEXES = (
    ("ix_operations_new", ["state", "id"], "state = 'accepted' AND claimed_by IS NULL"),
    (
        "ix_operations_tried",
        ["state", "claimed_until", "id"],
        "state = 'accepted' AND claimed_by IS NOT NULL",
    ),
)


def upgrade() -> None:
    for name, columns, where in _INDEXES:
        op.create_index(
            name,
            "operations",
            columns,
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    for name, _, _ in _INDEXES:
        op.drop_index(name, table_name="operations")
