"""The first schema."""

from alembic import op

from app.storage import read_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    read_tables.parties.metadata.create_all(op.get_bind())


def downgrade() -> None:
    read_tables.parties.metadata.drop_all(op.get_bind())
