"""Exactly once: nonces of any order, hashes of operations, executions that the store knows not."""

import secrets

import sqlalchemy as sa
from alembic import op

from app.storage.errors import StorageError

revision = "0012"
down_revision = "0011"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    connection = op.get_bind()
    # Their intents are signed for the forwarder before this one, which no contract of a deployment
    # that this version works with trusts.
    under_way = connection.execute(
        sa.text("SELECT count(*) FROM operations WHERE state IN ('accepted', 'submitted')")
    ).scalar()
    if under_way:
        raise StorageError(
            f"{under_way} operations are under way; let the version before finish them, then "
            "deploy the contracts of this version and start again"
        )
    op.execute(
        "UPDATE operations SET state = 'rejected', nonce = NULL, "
        'error_json = \'{"name":"IntentExpired","message":"the gateway signs for another '
        'forwarder now; prepare and sign the command again","arguments":{},"contract":""}\' '
        "WHERE state = 'prepared'"
    )
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index("uq_operations_signer_nonce")
        batch_op.alter_column(
            "nonce", existing_type=WHOLE, type_=sa.Text(), postgresql_using="nonce::text"
        )
        batch_op.add_column(sa.Column("hash", sa.Text()))
        batch_op.create_index("uq_operations_signer_nonce", ["signer", "nonce"], unique=True)
        batch_op.create_index("uq_operations_hash", ["hash"], unique=True)
    op.create_table(
        "unknown_executions",
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("operation_hash", sa.Text(), nullable=False),
        sa.Column("succeeded", sa.SmallInteger(), nullable=False),
        sa.Column("ours", sa.SmallInteger(), nullable=False),
        sa.Column("transaction_hash", sa.Text(), nullable=False),
        sa.Column("block_number", WHOLE, nullable=False),
        sa.Column("block_hash", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("reconciled_at", sa.Double()),
        sa.PrimaryKeyConstraint("signer", "nonce", name=op.f("pk_unknown_executions")),
    )
    with op.batch_alter_table("unknown_executions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_unknown_executions_operation_hash", ["operation_hash"], unique=False
        )
        batch_op.create_index("ix_unknown_executions_block_number", ["block_number"], unique=False)
    connection.execute(
        sa.text("INSERT INTO settings (name, value) VALUES ('nonce_space', :value)"),
        {"value": str(secrets.randbits(64)).encode()},
    )


def downgrade() -> None:
    op.execute("DELETE FROM settings WHERE name LIKE 'nonce_space%'")
    op.drop_table("unknown_executions")
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index("uq_operations_hash")
        batch_op.drop_index("uq_operations_signer_nonce")
        batch_op.drop_column("hash")
        batch_op.drop_column("nonce")
        batch_op.add_column(sa.Column("nonce", WHOLE))
        batch_op.create_index(
            "uq_operations_signer_nonce",
            ["signer", "nonce"],
            unique=True,
            sqlite_where=sa.text("nonce IS NOT NULL AND state NOT IN ('prepared', 'accepted')"),
            postgresql_where=sa.text("nonce IS NOT NULL AND state NOT IN ('prepared', 'accepted')"),
        )
