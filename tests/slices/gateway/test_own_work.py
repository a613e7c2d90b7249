"""Operations that the gateway begins by itself: each attempt once, on each of the databases."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import Connection

from app.chain.outbox.intents import operation_hash
from app.chain.outbox.operation import ACCEPTED, REJECTED, Operation
from app.chain.outbox.outbox import GATEWAY, Call, RanBeforeRestore
from app.chain.outbox.restored import mark_restored
from app.chain.outbox.transitions import move
from app.gateway.own_work import FIRST_PAUSE, begin
from app.storage import RowConflict, Storage, run
from tests.support.stores import storage, storage_url
from tests.support.world import World

__all__ = ["storage", "storage_url"]
CALL = Call(
    kind="follow-group",
    party_id=None,
    signer="0x" + "a1" * 20,
    contract="Facilities",
    function="followGroup",
    arguments=[],
)


def attempt(
    storage: Storage, *, purpose: str = "this", attempts: int | None = None
) -> Operation | None:
    return storage.write_now(partial(begin, purpose=purpose, call=CALL, attempts=attempts))


def ended(storage: Storage, operation: Operation | None, *, ago: float) -> None:
    """The ledger refused the operation, which began so many seconds ago."""
    assert operation is not None

    def write(connection: Connection) -> None:
        move(
            connection,
            REJECTED,
            start=(ACCEPTED,),
            changes="created_at = created_at - ?",
            where="id = ?",
            values=(ago, operation.id),
        )

    storage.write_now(write)


def test_attempt_under_way_is_the_only_one(storage: Storage) -> None:
    assert attempt(storage) is not None
    assert attempt(storage) is None
    assert attempt(storage, purpose="other") is not None


def test_failed_attempt_is_repeated_after_pauses_that_grow(storage: Storage) -> None:
    """A debt whose first `followGroup` was rejected is not stuck for ever."""
    ended(storage, attempt(storage), ago=FIRST_PAUSE - 30)
    assert attempt(storage) is None
    storage.write_now(lambda c: run(c, "UPDATE operations SET created_at = created_at - 31"))
    ended(storage, attempt(storage), ago=FIRST_PAUSE + 1)
    assert attempt(storage) is None, "the second pause is longer"
    storage.write_now(
        lambda c: run(c, "UPDATE operations SET created_at = created_at - ?", (4 * FIRST_PAUSE,))
    )
    assert attempt(storage, attempts=2) is None
    assert attempt(storage) is not None


def test_held_store_begins_nothing(storage: Storage) -> None:
    storage.write_now(partial(mark_restored, backup_made_at=1.0, backup_sha256="ab"))
    assert attempt(storage) is None


def test_attempt_that_another_gateway_began_first_changes_nothing(storage: Storage) -> None:
    """The other gateway's row is committed after this one has looked."""
    digest = "0x" + operation_hash(GATEWAY, "this", place=0).hex()
    assert attempt(storage) is not None

    def hidden(connection: Connection) -> None:
        run(connection, "UPDATE operations SET hash = 'x' WHERE hash = ?", (digest,))
        begin(connection, "this", CALL, then=clash)

    def clash(connection: Connection, operation: Operation) -> None:
        run(connection, "UPDATE operations SET hash = ? WHERE hash = 'x'", (digest,))

    with pytest.raises(RowConflict):
        storage.write_now(hidden)
    assert storage.read_now(lambda c: run(c, "SELECT count(*) FROM operations").scalar()) == 1


def test_attempt_that_the_chain_carried_out_before_a_restore_is_not_repeated(
    storage: Storage,
) -> None:
    digest = "0x" + operation_hash(GATEWAY, "this", place=0).hex()
    storage.write_now(
        lambda c: run(
            c,
            "INSERT INTO unknown_executions (signer, nonce, operation_hash, succeeded, ours, "
            "transaction_hash, block_number, block_hash, seen_at, reconciled_at) "
            "VALUES (?, '1', ?, 1, 1, '0x', 1, '0x', 0, 1)",
            (CALL.signer, digest),
        )
    )
    with pytest.raises(RanBeforeRestore):
        attempt(storage)


def test_readiness_names_each_task_and_says_that_it_works(world: World) -> None:
    check = world.http.get("/readyz").json()["checks"]["ownWork"]
    assert check["holds"]
    assert {name: task["state"] for name, task in check["tasks"].items()} == dict.fromkeys(
        (
            *("housekeeping", "key-use", "sessions", "numbers", "groups", "rates", "reversals"),
            "watch",
            "webhooks",
        ),
        "working",
    )
    text = world.http.get("/metrics").text
    assert 'cession_own_work{state="working",task="webhooks"} 1.0' in text
