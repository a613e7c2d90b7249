"""Reconciliation: what a restored store holds, what is missing, and when it may continue."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import Connection

from app.chain.index.outcomes import Outcome, RelayReceipt
from app.chain.index.recording import record, relevant_receipts
from app.chain.outbox.nonces import (
    SPACE_BITS,
    nonce_space,
    nonce_spaces,
    unknown_execution,
    unreconciled,
)
from app.chain.outbox.restored import QUIET_SECONDS, mark_restored, pending_restore, why_held
from app.errors import Conflict
from app.recovery.commands import report_lines
from app.recovery.reconcile import Report, accept, reconcile
from app.storage import Storage, run
from app.storage.tables import metadata

SIGNER, RELAY = "0x" + "a1" * 20, "0x" + "e1" * 20
HASH = "0x" + "1" * 64


class StandingIndexer:
    """An index that is at the chain's head already."""

    async def catch_up(self) -> None:
        """There is nothing to read."""


def reconciled(storage: Storage) -> Report | None:
    return asyncio.run(reconcile(storage, StandingIndexer()))  # type: ignore[arg-type]


def at_block(storage: Storage, *, timestamp: int) -> None:
    def write(connection: Connection) -> None:
        run(connection, "DELETE FROM checkpoints")
        run(
            connection,
            "INSERT INTO checkpoints (name, block_number, block_hash, timestamp, final_number, "
            "updated_at) VALUES ('index', 9, '0x99', ?, 9, 0)",
            (timestamp,),
        )

    storage.write_now(write)


def ran(
    connection: Connection, *, signer: str = SIGNER, sender: str = "", space: int | None = None
) -> None:
    """The index reads an execution that belongs to no operation."""
    nonce = (nonce_space(connection) if space is None else space) << SPACE_BITS
    outcome = Outcome(signer, nonce, HASH, True, [])
    receipt = RelayReceipt("0x77", sender, True, 1, 7, "0x07", [outcome])
    record(connection, relevant_receipts(connection, [receipt]), final_number=9)


def restored(connection: Connection) -> None:
    mark_restored(connection, backup_made_at=1.0, backup_sha256="ab")


def test_a_restored_store_is_held_has_another_nonce_space_and_knows_the_one_before(
    storage: Storage,
) -> None:
    assert storage.read_now(why_held) is None
    before = storage.read_now(nonce_space)
    storage.write_now(restored)
    assert "restored from a backup" in str(storage.read_now(why_held))
    assert storage.read_now(unreconciled) == 1
    assert storage.read_now(nonce_space) != before
    assert before in storage.read_now(nonce_spaces)


def test_a_store_is_released_only_when_nothing_signed_before_can_run(storage: Storage) -> None:
    now = int(time.time())
    storage.write_now(restored)
    at_block(storage, timestamp=now + 50)  # the chain's clock is ahead of ours
    first = reconciled(storage)
    assert first is not None and first.quiet_until == now + 50 + QUIET_SECONDS
    with pytest.raises(Conflict, match=f"for {QUIET_SECONDS + 1} s"):
        asyncio.run(accept(storage, first))
    assert storage.read_now(why_held) is not None

    at_block(storage, timestamp=now + 50 + QUIET_SECONDS)
    later = reconciled(storage)
    assert later is not None and later.quiet_until == first.quiet_until and not later.quiet
    at_block(storage, timestamp=now + 51 + QUIET_SECONDS)
    last = reconciled(storage)
    assert last is not None
    asyncio.run(accept(storage, last))
    assert storage.read_now(why_held) is None and storage.read_now(unreconciled) == 0
    assert reconciled(storage) is None


def test_restored_backup_of_a_held_store_waits_for_its_own_quiet_period(storage: Storage) -> None:
    now = int(time.time())
    storage.write_now(restored)
    at_block(storage, timestamp=now)
    first = reconciled(storage)
    assert first is not None
    later = first.quiet_until + 1
    storage.write_now(restored)  # from a backup that was made before the release
    at_block(storage, timestamp=later)
    report = reconciled(storage)
    assert report is not None and report.quiet_until == later + QUIET_SECONDS
    with pytest.raises(Conflict):
        asyncio.run(accept(storage, report))
    at_block(storage, timestamp=report.quiet_until + 1)
    last = reconciled(storage)
    assert last is not None
    asyncio.run(accept(storage, last))
    assert storage.read_now(why_held) is None


def company(connection: Connection) -> None:
    """A party whose key the gateway made."""
    run(
        connection,
        "INSERT INTO parties_directory (id, name, legal_id_scheme, legal_id_encrypted, "
        "identity_hash, roles, account, custody, created_at) "
        "VALUES ('p1', 'x', 'LEI', ?, 'h', 1, ?, 1, 0)",
        (b"", SIGNER),
    )


@pytest.mark.parametrize(
    ("signer", "sender", "space", "counts"),
    [
        ("somebody", "somebody", "ours", True),
        ("somebody", "relay", "lost", True),  # of a nonce space that a restore has forgotten
        ("custody", "somebody", "lost", True),
        ("official", "somebody", "lost", False),  # whose key is in a file elsewhere, too
        ("somebody", "somebody", "lost", False),
    ],
)
def test_execution_is_recognised_by_nonce_space_sender_or_custody_key(
    storage: Storage, signer: str, sender: str, space: str, counts: bool
) -> None:
    official = "0x" + "d1" * 20
    accounts = {"custody": SIGNER, "relay": RELAY, "somebody": "0x" + "c1" * 20}
    accounts["official"] = official

    def write(connection: Connection) -> None:
        company(connection)
        run(
            connection,
            "INSERT INTO custody_keys (address, label, keystore_json, created_at) "
            "VALUES (?, 'registrar', '{}', 0)",
            (official,),
        )
        query = "INSERT INTO relay_accounts (address, next_nonce) VALUES (?, 0)"
        run(connection, query, (RELAY,))

    storage.write_now(write)
    space_of_intent = storage.read_now(nonce_space) + (space == "lost")

    def execution(connection: Connection) -> None:
        ran(connection, signer=accounts[signer], sender=accounts[sender], space=space_of_intent)

    storage.write_now(execution)
    # Whoever signed it: a repeated key must learn that its operation ran.
    unknown = storage.read_now(lambda c: unknown_execution(c, HASH, signer=accounts[signer]))
    assert unknown is not None
    storage.write_now(restored)
    at_block(storage, timestamp=int(time.time()))
    report = reconciled(storage)
    assert report is not None
    assert [execution.signer for execution in report.executions] == (
        [accounts[signer]] if counts else []
    )


def test_store_copied_by_hand_is_detected_and_gets_its_own_nonce_space(
    storage: Storage,
) -> None:
    at_block(storage, timestamp=int(time.time()))

    def write(connection: Connection) -> None:
        run(
            connection,
            "INSERT INTO custody_keys (address, label, keystore_json, created_at) "
            "VALUES (?, 'x', '{}', 0)",
            (SIGNER,),
        )
        company(connection)
        ran(connection)

    before = storage.read_now(nonce_space)
    storage.write_now(write)
    assert "older than the chain" in str(storage.read_now(why_held))
    report = reconciled(storage)
    assert report is not None and [
        execution.transaction_hash for execution in report.executions
    ] == ["0x77"]
    assert report.keys == []
    assert storage.read_now(nonce_space) != before
    pending = storage.read_now(pending_restore)
    assert pending is not None and pending.backup_made_at is None


def test_execution_after_the_report_holds_the_store_again(storage: Storage) -> None:
    now = int(time.time())
    storage.write_now(restored)
    storage.write_now(
        lambda c: run(c, "INSERT INTO relay_accounts (address, next_nonce) VALUES (?, 1)", (RELAY,))
    )
    storage.write_now(lambda connection: ran(connection, sender=RELAY))
    at_block(storage, timestamp=now)
    first = reconciled(storage)
    assert first is not None
    at_block(storage, timestamp=first.quiet_until + 1)
    report = reconciled(storage)
    assert report is not None and len(report.executions) == 1
    other = "0x" + "b2" * 20
    storage.write_now(lambda connection: ran(connection, signer=other, sender=RELAY))
    asyncio.run(accept(storage, report))
    assert "older than the chain" in str(storage.read_now(why_held))
    again = reconciled(storage)
    assert again is not None and [execution.signer for execution in again.executions] == [other]


@pytest.mark.parametrize(("sender", "held"), [(RELAY, True), (SIGNER, False)])
def test_unknown_signer_holds_the_store_only_when_our_relay_account_sent_it(
    storage: Storage, sender: str, held: bool
) -> None:
    """A stranger may sign what it likes under any nonce; our accounts send only our intents."""

    def write(connection: Connection) -> None:
        run(connection, "INSERT INTO relay_accounts (address, next_nonce) VALUES (?, 1)", (RELAY,))
        ran(connection, sender=sender)

    storage.write_now(write)
    assert (storage.read_now(why_held) is not None) is held


def test_lost_keys_and_documents_are_named(storage: Storage) -> None:
    stranger = "0x" + "b2" * 20

    def insert(connection: Connection, table: str, **values: Any) -> None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        run(connection, f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))

    def write(connection: Connection) -> None:
        restored(connection)
        ran(connection)
        common: dict[str, Any] = {"created_block": 1, "changed_block": 1}
        insert(
            connection,
            "parties",
            party_id=4,
            identity_hash="0x44",
            roles=1,
            valid_until="0",
            frozen=0,
            held_until=0,
            **common,
        )
        insert(connection, "accounts", account=stranger, party_id=4, removed=0, **common)
        insert(
            connection,
            "lots",
            **_row(storage, "lots") | {"lot_id": 3, "document_root": "0x" + "d" * 64},
        )

    storage.write_now(write)
    at_block(storage, timestamp=1)
    report = reconciled(storage)
    assert report is not None
    assert {(key.account, key.party_id, key.acted) for key in report.keys} == {
        (SIGNER, None, True),
        (stranger, 4, False),
    }
    assert [(document.root, document.what) for document in report.documents] == [
        ("0x" + "d" * 64, "lot 3")
    ]
    words = "\n".join(report_lines(report))
    for named in (SIGNER, stranger, "0x77", HASH, "lot 3", "party 4", "may still run"):
        assert named in words


def _row(storage: Storage, table: str) -> dict[str, Any]:
    """A row with a value in every column that needs one."""
    return {
        column.name: "0" if column.type.python_type is str else 0
        for column in metadata.tables[table].columns
        if not column.nullable
    }
