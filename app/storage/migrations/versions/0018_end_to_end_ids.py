"""The end-to-end id of each transfer that was ordered: none is used twice."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("pay_outs", sa.Column("end_to_end_id", sa.Text()))
    rows = op.get_bind().execute(
        sa.text(
            "SELECT p.message_id, p.loan_id FROM pay_outs p JOIN pay_out_orders o "
            "ON o.message_id = p.message_id ORDER BY o.created_at, p.message_id"
        )
    )
    times: dict[int, int] = {}
    for message_id, loan_id in rows.all():
        count = times[loan_id] = times.get(loan_id, 0) + 1
        # As the messages had them: the loan, and from its second order on the count.
        name = f"LOAN-{loan_id}" if count == 1 else f"LOAN-{loan_id}/{count}"
        op.get_bind().execute(
            sa.text(
                "UPDATE pay_outs SET end_to_end_id = :name "
                "WHERE message_id = :message_id AND loan_id = :loan_id"
            ),
            {"name": name, "message_id": message_id, "loan_id": loan_id},
        )
    with op.batch_alter_table("pay_outs") as table:
        table.alter_column("end_to_end_id", existing_type=sa.Text(), nullable=False)
    op.create_index("ix_pay_outs_end_to_end_id", "pay_outs", ["end_to_end_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_pay_outs_end_to_end_id", "pay_outs")
    op.drop_column("pay_outs", "end_to_end_id")
