"""The migrations make exactly the schema that the code uses, on both databases."""

from __future__ import annotations

import json

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from app.storage import Storage, StorageError, create_storage, run
from app.storage.financing_tables import loans
from app.storage.migrations import upgrade


def test_migrated_schema_is_the_one_the_code_uses(storage: Storage) -> None:
    with storage.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, loans.metadata) == []


def test_migrating_again_changes_nothing(storage: Storage, storage_url: str) -> None:
    storage.write_now(lambda c: run(c, "INSERT INTO signer_nonces VALUES ('a', 1)"))
    again = create_storage(storage_url)
    again.migrate()
    kept = again.read_now(lambda c: run(c, "SELECT next_nonce FROM signer_nonces").scalar())
    assert kept == 1
    again.close()


def put(connection: Connection, identifier: str, state: str, nonce: int) -> None:
    """An operation as the version before kept it."""
    run(
        connection,
        "INSERT INTO operations (id, kind, signer, contract, function, arguments_json, "
        "subject_json, custody, state, nonce, created_at) "
        "VALUES (?, 'pay', '0x1', 'C', 'f', '[]', '{}', 1, ?, ?, 0)",
        (identifier, state, nonce),
    )


def test_nonces_of_the_forwarder_before_are_kept_as_text(storage_url: str) -> None:
    store = create_storage(storage_url)
    upgrade(store.writer, revision="0011")
    store.write_now(lambda c: put(c, "a", "final", 7))
    store.write_now(lambda c: put(c, "b", "prepared", 7))
    store.migrate()
    query = "SELECT id, state, nonce, error_json FROM operations ORDER BY id"
    first, second = store.read_now(lambda c: run(c, query).all())
    assert tuple(first) == ("a", "final", "7", None)
    assert tuple(second[:3]) == ("b", "rejected", None)
    assert json.loads(second[3])["name"] == "IntentExpired"
    store.close()


def test_a_store_with_operations_under_way_is_left_to_the_version_before(
    storage_url: str,
) -> None:
    store = create_storage(storage_url)
    upgrade(store.writer, revision="0011")
    store.write_now(lambda c: put(c, "a", "submitted", 7))
    with pytest.raises(StorageError, match="1 operations are under way; let the version before"):
        store.migrate()
    state = store.read_now(lambda c: run(c, "SELECT state FROM operations").scalar())
    assert state == "submitted"
    store.close()


def test_pay_outs_of_before_keep_the_end_to_end_ids_that_their_messages_have(
    storage_url: str,
) -> None:
    store = create_storage(storage_url)
    upgrade(store.writer, revision="0015")

    def order(connection: Connection, message_id: str, made_at: float) -> None:
        run(
            connection,
            "INSERT INTO pay_out_orders (message_id, lender, request_hash, sealed, created_at) "
            "VALUES (?, '0x1', 'h', ?, ?)",
            (message_id, b"x", made_at),
        )
        run(connection, "INSERT INTO pay_outs (message_id, loan_id) VALUES (?, 7)", (message_id,))

    store.write_now(lambda c: order(c, "b", 1.0))
    store.write_now(lambda c: order(c, "a", 2.0))
    store.migrate()
    query = "SELECT message_id, end_to_end_id FROM pay_outs ORDER BY message_id"
    rows = store.read_now(lambda c: run(c, query).all())
    assert [tuple(row) for row in rows] == [("a", "LOAN-7/2"), ("b", "LOAN-7")]
    again = "INSERT INTO pay_outs (message_id, loan_id, end_to_end_id) VALUES ('c', 8, 'LOAN-7')"
    with pytest.raises(StorageError):
        store.write_now(lambda c: run(c, again))
    store.close()


def test_of_a_loan_in_several_orders_of_before_the_last_one_stands(storage_url: str) -> None:
    store = create_storage(storage_url)
    upgrade(store.writer, revision="0020")

    def order(connection: Connection, name: str, numbers: tuple[int, ...], made_at: float) -> None:
        run(
            connection,
            "INSERT INTO pay_out_orders (message_id, lender, request_hash, sealed, created_at, "
            "replaced_by) VALUES (?, '0x1', 'h', ?, ?, ?)",
            (name, b"x", made_at, "second" if name == "first" else None),
        )
        for loan in numbers:
            run(
                connection,
                "INSERT INTO pay_outs (message_id, loan_id, end_to_end_id) VALUES (?, ?, ?)",
                (name, loan, f"{name}{loan}"),
            )

    store.write_now(lambda c: order(c, "first", (1, 2), 1.0))
    store.write_now(lambda c: order(c, "second", (2,), 2.0))
    store.write_now(lambda c: order(c, "third", (2,), 3.0))
    store.migrate()
    query = "SELECT end_to_end_id, replaced_by FROM pay_outs ORDER BY end_to_end_id"
    rows = store.read_now(lambda c: run(c, query).all())
    assert [tuple(row) for row in rows] == [
        *(("first1", None), ("first2", "second"), ("second2", "third"), ("third2", None)),
    ]
    again = "INSERT INTO pay_outs (message_id, loan_id, end_to_end_id) VALUES ('x', 2, 'x')"
    with pytest.raises(StorageError):
        store.write_now(lambda c: run(c, again))
    store.close()
