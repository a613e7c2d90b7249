"""The migrations make exactly the schema that the code uses, on both databases."""

from __future__ import annotations

import json

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.storage import Storage, create_storage, run, run_many
from app.storage.migrations import configuration
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


def test_offers_of_before_have_the_value_of_their_terms(storage: Storage) -> None:
    config = configuration()
    with storage.writer.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0025")
    values = {f"{number:04d}": 2**59 + number for number in range(1500)}  # more than one part
    old = [(number, number, json.dumps({"value": value})) for number, value in values.items()]
    insert = (
        "INSERT INTO quotes (id, digest, terms_json, funder, seller, claim_id, nonce, state, "
        "expires_at, created_at) VALUES (?, ?, ?, '', '', 1, '1', 'open', 0, 0)"
    )
    storage.write_now(lambda c: run_many(c, insert, old))
    storage.migrate()
    rows = storage.read_now(lambda c: run(c, "SELECT id, value FROM quotes").all())
    assert {row.id: row.value for row in rows} == values


def test_credit_notes_of_before_have_their_document_and_deadline(storage: Storage) -> None:
    config = configuration()
    with storage.writer.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0026")
    document = (
        "INSERT INTO documents (id, owner, kind, content_type, fingerprint, root, created_at, "
        "encrypted) VALUES ('d', 'o', 'credit-note', '', '0x01', '0xaa', 0, ?)"
    )
    draft = (
        "INSERT INTO credit_note_drafts (id, receivable_id, note_json, seller_signature, "
        "created_at) VALUES (?, 1, ?, '', 0)"
    )
    notes = [
        (name, json.dumps({"documentRoot": root, "deadline": 2**39}))
        for name, root in (("a", "0xaa"), ("b", "0xbb"))
    ]
    storage.write_now(lambda c: run(c, document, (b"",)))
    storage.write_now(lambda c: run_many(c, draft, notes))
    storage.migrate()
    query = "SELECT id, document_id, deadline FROM credit_note_drafts ORDER BY id"
    rows = storage.read_now(lambda c: run(c, query).all())
    assert [tuple(row) for row in rows] == [("a", "d", 2**39), ("b", None, 2**39)]
