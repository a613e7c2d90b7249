"""The value of each offer in a column of its own, to compare it with what the claim holds."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_AT_ONCE = 1000


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("value", whole, server_default="0", nullable=False))
    quotes = sa.table(
        "quotes",
        sa.column("id", sa.Text()),
        sa.column("terms_json", sa.Text()),
        sa.column("value", whole),
    )
    connection, last = op.get_bind(), ""
    page = sa.select(quotes.c.id, quotes.c.terms_json).order_by(quotes.c.id).limit(_AT_ONCE)
    while rows := connection.execute(page.where(quotes.c.id > last)).all():
        for row in rows:
            value = json.loads(row.terms_json)["value"]
            connection.execute(sa.update(quotes).where(quotes.c.id == row.id).values(value=value))
        last = rows[-1].id


def downgrade() -> None:
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.drop_column("value")
