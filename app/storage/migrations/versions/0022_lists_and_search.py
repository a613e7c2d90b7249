"""What searches and long lists need: folded names, beginnings of numbers, indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"


def upgrade() -> None:
    _search()


def _search() -> None:
    folded = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    with op.batch_alter_table("parties_directory", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_folded", folded, nullable=True))
        batch_op.create_index(
            op.f("ix_parties_directory_name_folded"), ["name_folded"], unique=False
        )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("numbered", sa.SmallInteger(), server_default="0", nullable=False)
        )
        batch_op.create_index(
            "ix_documents_unnumbered",
            ["id"],
            unique=False,
            sqlite_where=sa.text("numbered = 0"),
            postgresql_where=sa.text("numbered = 0"),
        )
    op.create_table(
        "document_numbers",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", "root", name=op.f("pk_document_numbers")),
        sqlite_with_rowid=False,
    )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns, unique=False)


_INDEXES = (
    ("ix_document_numbers_owner", "document_numbers", ["owner", "token", "document_id"]),
    ("ix_events_transaction_hash", "events", ["transaction_hash"]),
    ("ix_operations_transaction_hash", "operations", ["transaction_hash"]),
)


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_table("document_numbers")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index("ix_documents_unnumbered")
        batch_op.drop_column("numbered")
    with op.batch_alter_table("parties_directory", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_parties_directory_name_folded"))
        batch_op.drop_column("name_folded")
