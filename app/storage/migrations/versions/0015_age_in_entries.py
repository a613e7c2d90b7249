"""How old a loan's oldest unpaid instalment was after each entry."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("oldest_unpaid_day", sa.Integer(), server_default="0", nullable=False)
        )
    # Of the newest entry of a loan it is what the loan has now. Earlier entries stay unknown.
    op.execute(
        "UPDATE loan_entries SET oldest_unpaid_day = (SELECT loans.oldest_unpaid_day FROM loans "
        "WHERE loans.loan_id = loan_entries.loan_id) WHERE position IN "
        "(SELECT max(position) FROM loan_entries GROUP BY loan_id) AND EXISTS "
        "(SELECT 1 FROM loans WHERE loans.loan_id = loan_entries.loan_id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("loan_entries", schema=None) as batch_op:
        batch_op.drop_column("oldest_unpaid_day")
