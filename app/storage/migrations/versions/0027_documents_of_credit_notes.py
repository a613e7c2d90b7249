"""The document and the deadline of each credit note that waits, in columns of their own."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_AT_ONCE = 1000


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("credit_note_drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("deadline", whole, server_default="0", nullable=False))
        batch_op.create_index("ix_credit_note_drafts_document_id", ["document_id"])
        batch_op.create_index("ix_credit_note_drafts_deadline", ["deadline"])
    drafts = sa.table(
        "credit_note_drafts",
        *(sa.column("id", sa.Text()), sa.column("note_json", sa.Text())),
        *(sa.column("document_id", sa.Text()), sa.column("deadline", whole)),
    )
    documents = sa.table("documents", sa.column("id", sa.Text()), sa.column("root", sa.Text()))
    connection, last = op.get_bind(), ""
    page = sa.select(drafts.c.id, drafts.c.note_json).order_by(drafts.c.id).limit(_AT_ONCE)
    while rows := connection.execute(page.where(drafts.c.id > last)).all():
        for row in rows:
            note = json.loads(row.note_json)
            document = sa.select(documents.c.id).where(documents.c.root == note["documentRoot"])
            values = {
                "deadline": note["deadline"],
                "document_id": connection.execute(document.limit(1)).scalar(),
            }
            connection.execute(sa.update(drafts).where(drafts.c.id == row.id).values(values))
        last = rows[-1].id


def downgrade() -> None:
    with op.batch_alter_table("credit_note_drafts", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_note_drafts_deadline")
        batch_op.drop_index("ix_credit_note_drafts_document_id")
        batch_op.drop_column("deadline")
        batch_op.drop_column("document_id")
