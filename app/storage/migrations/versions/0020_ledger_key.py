"""Parties are found by the identity hash that is on the ledger, keyed with the ledger's key."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    with op.batch_alter_table("parties_directory") as batch:
        batch.drop_constraint("uq_parties_directory_legal_id_lookup", type_="unique")
        batch.drop_column("legal_id_lookup")
        batch.drop_column("salt")


def downgrade() -> None:
    with op.batch_alter_table("parties_directory") as batch:
        batch.add_column(sa.Column("salt", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("legal_id_lookup", sa.Text(), nullable=True))
        batch.create_unique_constraint("uq_parties_directory_legal_id_lookup", ["legal_id_lookup"])
