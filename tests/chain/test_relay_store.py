"""Leases of relay accounts and claims of operations, stored as rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.chain.index.recording import LATER
from app.chain.relay import store as relay_store
from app.storage import Storage, create_storage, run

ACCOUNT = "0x" + "11" * 20


def test_lease_too_far_in_the_future_is_taken_over(tmp_path: Path) -> None:
    storage = create_storage(f"sqlite:///{tmp_path}/gateway.db")
    storage.migrate()
    storage.write_now(lambda c: relay_store.add_account(c, address=ACCOUNT, on_chain=0))

    def leased(me: str) -> bool:
        return bool(
            storage.write_now(
                lambda c: relay_store.lease_accounts(c, me=me, accounts=[ACCOUNT], seconds=15)
            )
        )

    def held_until(seconds: float) -> None:
        row = (time.time() + seconds,)
        query = "UPDATE relay_accounts SET claimed_by = 'first', claimed_until = ?"
        storage.write_now(lambda c: run(c, query, row))

    held_until(10)
    assert leased("first") and not leased("second")
    held_until(relay_store.MAX_HOLD - 60)
    assert not leased("second")
    held_until(3600)
    assert leased("second")
    assert not leased("first")
    storage.close()


LIMIT = 8
CROWD = [f"0-{number:04}" for number in range(2_200)]


@pytest.fixture
def store(storage_url: str) -> Iterator[Storage]:
    storage = create_storage(storage_url)
    storage.migrate()
    storage.write_now(lambda c: relay_store.add_account(c, address=ACCOUNT, on_chain=0))
    yield storage
    storage.close()


@pytest.fixture
def accept(store: Storage) -> Callable[..., None]:
    """Stores accepted operations; `due` seconds ago, if they were tried before."""

    def accept(*ids: str, due: float | None = None) -> None:
        tried = (None, None) if due is None else (LATER, time.time() - due)
        store.write_now(
            lambda c: [
                run(
                    c,
                    "INSERT INTO operations (id, kind, signer, contract, function, arguments_json, "
                    "subject_json, custody, state, created_at, claimed_by, claimed_until) VALUES "
                    "(?, 'transfer', 'signer', 'Cash', 'transfer', '[]', '{}', 1, 'accepted', 0, "
                    "?, ?)",
                    (identifier, *tried),
                )
                for identifier in ids
            ]
        )

    return accept


@pytest.fixture
def chosen(store: Storage) -> Callable[..., list[str]]:
    """Ids of the operations of the next claim."""

    def chosen(*waiting: str) -> list[str]:
        claim = store.write_now(
            lambda c: relay_store.claim(
                c,
                me="me",
                accounts=[ACCOUNT],
                waiting=waiting,
                limit=LIMIT,
                max_slots=1,
                seconds=60,
            )
        )
        return [] if claim is None else [operation.id for operation in claim.operations]

    return chosen


both_stores = pytest.mark.parametrize("storage_url", ["sqlite", "postgresql"], indirect=True)


@both_stores
def test_new_operation_does_not_wait_for_a_crowd_that_was_tried_before(
    accept: Callable[..., None], chosen: Callable[..., list[str]]
) -> None:
    accept(*CROWD, due=5)
    accept("1-new")
    assert "1-new" in chosen()


@both_stores
def test_operation_tried_before_waits_neither_for_new_ones_nor_for_a_crowd_due_later(
    accept: Callable[..., None], chosen: Callable[..., list[str]]
) -> None:
    accept(*CROWD, due=5)
    accept("1-tried", due=9)
    accept(*(f"2-{number}" for number in range(LIMIT)))
    first = chosen()
    assert "1-tried" in first and len(first) == LIMIT
    assert [identifier for identifier in first if identifier.startswith("2-")] == [
        f"2-{number}" for number in range(LIMIT - 2)
    ]


@both_stores
def test_claim_is_full_where_all_were_tried_before_and_passes_over_those_that_wait(
    accept: Callable[..., None], chosen: Callable[..., list[str]]
) -> None:
    accept(*CROWD, due=5)
    accept("1-not-due", due=-60)
    waiting = CROWD[:500]
    seen = [chosen(*waiting) for _ in range(10)]
    assert all(ids == sorted(ids) for ids in seen)
    assert [one for ids in seen for one in ids] == CROWD[500 : 500 + 10 * LIMIT]
