"""Requests to quote, and which of them an offer answers."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "quote_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("claim_id", whole, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", whole, nullable=False),
        sa.Column("to_all", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("block", whole, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", whole, nullable=False),
        sa.Column("withdrawn_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_requests")),
    )
    op.create_table(
        "quote_request_financiers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("financier", sa.Text(), nullable=False),
        sa.Column("declined_at", sa.Double(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_request_financiers")),
    )
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quote_request_id", sa.Text(), nullable=True))
        batch_op.create_index(
            op.f("ix_quotes_quote_request_id"), ["quote_request_id"], unique=False
        )
    for name, table, columns, unique in _INDEXES:
        op.create_index(name, table, columns, unique=unique)


_INDEXES = (
    ("ix_quote_requests_claim_id", "quote_requests", ["claim_id", "number"], True),
    ("ix_quote_requests_seller", "quote_requests", ["seller", "id"], False),
    (
        "ix_quote_request_financiers_request_id",
        "quote_request_financiers",
        ["request_id", "financier"],
        True,
    ),
    (
        "ix_quote_request_financiers_financier",
        "quote_request_financiers",
        ["financier", "request_id"],
        False,
    ),
)


def downgrade() -> None:
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_quotes_quote_request_id"))
        batch_op.drop_column("quote_request_id")
    op.drop_table("quote_request_financiers")
    op.drop_table("quote_requests")
