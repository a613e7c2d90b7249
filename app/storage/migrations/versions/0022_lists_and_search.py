"""What searches, long lists and the access log need."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    _search()
    _lists()
    _access_log()


def _access_log() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "access_log",
        sa.Column("number", whole, autoincrement=False, nullable=False),
        sa.Column("taken_at", whole, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_log")),
    )
    for column in ("owner", "subject_id"):
        op.create_index(f"ix_access_log_{column}", "access_log", [column, "number"], unique=False)


def _lists() -> None:
    for side in _SIDES:
        op.drop_index(f"ix_receivables_{side}", table_name="receivables")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_day", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("currency", sa.Text(), server_default="", nullable=False))
    op.execute(
        "UPDATE claims SET due_day = (SELECT r.due_day FROM receivables r "
        "WHERE r.receivable_id = claims.receivable_id), currency = (SELECT r.currency "
        "FROM receivables r WHERE r.receivable_id = claims.receivable_id) WHERE EXISTS "
        "(SELECT 1 FROM receivables r WHERE r.receivable_id = claims.receivable_id)"
    )
    for name, table, columns in _OF_LISTS:
        op.create_index(name, table, columns, unique=False)
    for name, columns in _IN_FORCE:
        op.create_index(
            name,
            "claims",
            columns,
            unique=False,
            sqlite_where=sa.text("burned = 0"),
            postgresql_where=sa.text("burned = 0"),
        )


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


_SIDES = ("seller", "debtor")
_OF_LISTS = (
    ("ix_receivables_seller", "receivables", ["seller", "receivable_id"]),
    ("ix_receivables_debtor", "receivables", ["debtor", "receivable_id"]),
    ("ix_receivables_due_day", "receivables", ["due_day", "receivable_id"]),
    ("ix_receivables_seller_due", "receivables", ["seller", "due_day", "receivable_id"]),
    ("ix_receivables_debtor_due", "receivables", ["debtor", "due_day", "receivable_id"]),
    ("ix_receivables_amount", "receivables", ["currency", "face_amount", "receivable_id"]),
    (
        "ix_receivables_seller_amount",
        "receivables",
        ["seller", "currency", "face_amount", "receivable_id"],
    ),
    (
        "ix_receivables_debtor_amount",
        "receivables",
        ["debtor", "currency", "face_amount", "receivable_id"],
    ),
    ("ix_claims_lienholder", "claims", ["lienholder", "claim_id"]),
    ("ix_assignments_from_owner", "assignments", ["from_owner"]),
    ("ix_assignments_to_owner", "assignments", ["to_owner"]),
)
_IN_FORCE = (
    ("ix_claims_due", ["due_day", "claim_id"]),
    ("ix_claims_owner_due", ["owner", "due_day", "claim_id"]),
    ("ix_claims_amount", ["currency", "value", "claim_id"]),
    ("ix_claims_owner_amount", ["owner", "currency", "value", "claim_id"]),
)


def downgrade() -> None:
    op.drop_table("access_log")
    for name, _ in _IN_FORCE:
        op.drop_index(name, table_name="claims")
    for name, table, _ in reversed(_OF_LISTS):
        op.drop_index(name, table_name=table)
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_column("currency")
        batch_op.drop_column("due_day")
    for side in _SIDES:
        op.create_index(f"ix_receivables_{side}", "receivables", [side], unique=False)
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_table("document_numbers")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index("ix_documents_unnumbered")
        batch_op.drop_column("numbered")
    with op.batch_alter_table("parties_directory", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_parties_directory_name_folded"))
        batch_op.drop_column("name_folded")
