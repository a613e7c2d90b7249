"""The migrations make exactly the schema that the code uses, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.storage import Storage, create_storage, run
from app.storage.tables.lending import loans


def test_migrated_schema_is_the_one_the_code_uses(storage: Storage) -> None:
    with storage.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, loans.metadata) == []


def test_migrating_again_changes_nothing(storage: Storage, storage_url: str) -> None:
    storage.write_now(lambda c: run(c, "INSERT INTO signer_nonces VALUES ('a', 1)"))
    again = create_storage(storage_url)
    again.migrate()
    stored = again.read_now(lambda c: run(c, "SELECT next_nonce FROM signer_nonces").scalar())
    assert stored == 1
    again.close()
