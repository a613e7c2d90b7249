"""Which order took the place of each transfer, and all names of a bank's entry."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

STANDING = sa.text("replaced_by IS NULL")


def upgrade() -> None:
    op.add_column("pay_outs", sa.Column("replaced_by", sa.Text()))
    rows = op.get_bind().execute(
        sa.text(
            "SELECT p.message_id, p.loan_id FROM pay_outs p JOIN pay_out_orders o "
            "ON o.message_id = p.message_id ORDER BY o.created_at DESC, p.message_id DESC"
        )
    )
    later: dict[int, str] = {}
    for message_id, loan_id in rows.all():
        # Of a loan that stands in several orders the last one counts.
        if loan_id in later:
            op.get_bind().execute(
                sa.text(
                    "UPDATE pay_outs SET replaced_by = :later "
                    "WHERE message_id = :message_id AND loan_id = :loan_id"
                ),
                {"later": later[loan_id], "message_id": message_id, "loan_id": loan_id},
            )
        later[loan_id] = message_id
    op.create_index(
        "ix_pay_outs_standing",
        "pay_outs",
        ["loan_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.add_column("bank_entries", sa.Column("entry_reference", sa.Text()))
    op.add_column(
        "bank_entries", sa.Column("twin", sa.Integer(), nullable=False, server_default="0")
    )
    op.drop_index("ix_bank_entries_reference", "bank_entries")
    columns = ["lender", "reference", "twin"]
    op.create_index("ix_bank_entries_reference", "bank_entries", columns, unique=True)
    op.create_index(
        "ix_bank_entries_entry_reference", "bank_entries", ["lender", "entry_reference"]
    )


def downgrade() -> None:
    op.drop_index("ix_bank_entries_entry_reference", "bank_entries")
    op.drop_index("ix_bank_entries_reference", "bank_entries")
    columns = ["lender", "reference"]
    op.create_index("ix_bank_entries_reference", "bank_entries", columns, unique=True)
    op.drop_column("bank_entries", "twin")
    op.drop_column("bank_entries", "entry_reference")
    op.drop_index("ix_pay_outs_standing", "pay_outs")
    op.drop_column("pay_outs", "replaced_by")
