"""Sessions and their short keys in the store: what ends together, and what goes."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy import Connection

from app.domain.persons import WALLET_LABEL
from app.gateway.callers import add_key, has_live_key, key_hash
from app.pages import sessions
from app.pages.short_keys import drop_ended
from app.parties.registry import repository
from app.storage import Storage, run

HOUR = 3_600.0


def key(storage: Storage, *, label: str = WALLET_LABEL, age: float = 0.0, party: str = "p1") -> str:
    """The hash of a new key that is so many seconds old."""

    def write(connection: Connection) -> str:
        now = time.time()
        api_key = add_key(
            connection, roles=["supplier"], label=label, party_id=party, expires_at=now + HOUR
        )
        digest = key_hash(api_key)
        run(
            connection,
            "UPDATE api_keys SET created_at = ? WHERE key_hash = ?",
            (now - age, digest),
        )
        return digest

    return storage.write_now(write)


def session(
    storage: Storage,
    name: str,
    digest: str | None,
    *,
    idle: float,
    age: float,
    owner: str = "p1",
) -> None:
    now = time.time()
    values = (name, owner, b"sealed", now - age, now - idle, digest)
    storage.write_now(
        lambda c: run(
            c,
            "INSERT INTO page_sessions (id, owner, sealed, created_at, used_at, key_hash) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )
    )


def live(storage: Storage) -> dict[str, bool]:
    """The sessions that the store has, and whether each has its credential still."""
    rows = storage.read_now(lambda c: run(c, "SELECT id, sealed FROM page_sessions").all())
    return {row.id: row.sealed is not None for row in rows}


def keys(storage: Storage) -> set[str]:
    """The keys that open something."""
    query = "SELECT key_hash FROM api_keys WHERE revoked_at IS NULL"
    return {row.key_hash for row in storage.read_now(lambda c: run(c, query).all())}


def test_sessions_that_are_over_end_with_their_short_keys(storage: Storage) -> None:
    used, idle, long, orphan = (key(storage, age=HOUR) for _ in range(4))
    young, own = key(storage), key(storage, label="desk", age=HOUR)
    session(storage, "used", used, idle=60, age=HOUR)
    session(storage, "idle", idle, idle=sessions.IDLE_SECONDS + 1, age=HOUR)
    session(storage, "long", long, idle=60, age=sessions.MAX_SECONDS + 1)
    session(storage, "by key", own, idle=sessions.IDLE_SECONDS + 1, age=HOUR)
    ancient = sessions.MAX_SECONDS + sessions.KEEP_SECONDS + 1
    session(storage, "ancient", None, idle=ancient, age=ancient)
    assert orphan in keys(storage)
    storage.write_now(drop_ended)
    assert live(storage) == {"used": True, "idle": False, "long": False, "by key": False}
    assert keys(storage) == {used, young, own}
    query = "SELECT count(*) FROM api_keys WHERE label = ?"
    assert storage.read_now(lambda c: run(c, query, (WALLET_LABEL,)).scalar()) == 2


def test_label_is_taken_by_a_live_key_of_the_same_owner_alone(storage: Storage) -> None:
    def taken(party: str | None, label: str) -> bool:
        return storage.read_now(lambda c: has_live_key(c, party_id=party, label=label))

    digest = key(storage, label="desk")
    assert taken("p1", "desk")
    assert not taken("p2", "desk")
    assert not taken(None, "desk")
    assert not taken("p1", "erp")
    query = "UPDATE api_keys SET expires_at = ? WHERE key_hash = ?"
    storage.write_now(lambda c: run(c, query, (time.time() - 1, digest)))
    assert not taken("p1", "desk")
    key(storage, label="desk")
    assert taken("p1", "desk")
    keys = storage.read_now(lambda c: repository.keys_to_revoke(c, party_id="p1", label="desk"))
    for hashed in keys.values():
        storage.write_now(partial(repository.revoke_key, party_id="p1", hashed=hashed))
    assert not taken("p1", "desk")


def test_sessions_by_wallet_above_the_bound_end_those_with_the_earliest_use_first(
    storage: Storage,
) -> None:
    bound = sessions.MAX_BY_WALLET
    mine = [key(storage) for _ in range(bound + 2)]
    for place, digest in enumerate(mine):
        session(storage, f"s{place:02}", digest, idle=10.0 * place, age=HOUR)
    others, own = key(storage, party="p2"), key(storage, label="desk")
    session(storage, "of another party", others, idle=HOUR, age=HOUR, owner="p2")
    session(storage, "by key", own, idle=HOUR, age=HOUR)
    ended = storage.write_now(lambda c: sessions.end_surplus(c, "p1", time.time()))
    assert set(ended) == set(mine[bound:])
    assert keys(storage) == {*mine[:bound], others, own}
    assert {name for name, is_live in live(storage).items() if not is_live} == {"s20", "s21"}
    assert storage.write_now(lambda c: sessions.end_surplus(c, "p1", time.time())) == []
