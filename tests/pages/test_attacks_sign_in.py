"""A wallet's session ends with what it came from, and is for the gateway's own host alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import httpx
import msgspec
import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from sqlalchemy import Connection

from app.domain.party_roles import BITS
from app.domain.persons import WALLET_LABEL
from app.gateway.callers import add_key, key_hash
from app.gateway.rate_limits import BUCKETS
from app.pages import sessions, short_keys
from app.pages.sessions import digest
from app.pages.views import live
from app.storage import run
from tests.pages.test_sessions import aged, visitor
from tests.support.registry import revoked
from tests.support.visitor import Visitor
from tests.support.wallets import location_number, registered
from tests.support.world import World

__all__ = ["visitor"]


@pytest.fixture(scope="module")
def account(world: World) -> LocalAccount:
    created: LocalAccount = Account.create()
    registered(world, created)
    return created


def by_wallet(visitor: Visitor, account: LocalAccount) -> int:
    asked = visitor.post("/app/sign-in/wallet/message", {"account": account.address})
    message = str(asked.json()["message"])
    signature = bytes(Account.sign_message(encode_defunct(text=message), account.key).signature)
    fields = {"message": message.replace("\n", "\r\n"), "signature": "0x" + signature.hex()}
    return visitor.post("/app/sign-in/wallet", fields).status_code


def changed(world: World, statement: str, *values: object) -> None:
    def write(connection: Connection) -> None:
        run(connection, statement, tuple(values))

    world.server.gateway.storage.write_now(write)
    world.server.gateway.cache.clear()


def test_other_host_gets_no_message_to_sign(world: World, account: LocalAccount) -> None:
    with Visitor(world) as attacker:
        token = attacker.token()
        answer = attacker.http.post(
            "/app/sign-in/wallet/message",
            data={"_csrf": token, "account": account.address},
            headers={"Host": "evil.example", "Origin": "http://evil.example"},
        )
        assert (answer.status_code, "evil.example" in answer.text) == (421, False)
        page = attacker.http.get("/app/sign-in", headers={"Host": "evil.example"}).text
        assert 'action="/app/sign-in/wallet"' not in page
        assert 'action="/app/sign-in/wallet"' in attacker.get("/app/sign-in").text


@pytest.mark.parametrize("label", ["own"])
def test_revoked_key_ends_the_sessions_that_its_partys_wallet_began(
    world: World, account: LocalAccount, label: str
) -> None:
    party = world.parties["own"]
    with Visitor(world) as visitor:
        assert by_wallet(visitor, account) == 303
        assert visitor.get("/app").status_code == 200
        assert revoked(world, party, label).status_code == 204
        try:
            assert visitor.get("/app").headers["location"].startswith("/app/sign-in")
        finally:
            changed(world, "UPDATE api_keys SET revoked_at = NULL WHERE label = ?", label)


def test_account_that_the_ledger_took_away_is_signed_out_and_signs_nobody_in(
    world: World, account: LocalAccount
) -> None:
    lost = account.address.lower()
    statement = "UPDATE accounts SET removed = ? WHERE account = ?"
    with Visitor(world) as visitor, Visitor(world) as thief:
        assert by_wallet(visitor, account) == 303
        changed(world, statement, 1, lost)
        try:
            assert visitor.get("/app").headers["location"].startswith("/app/sign-in")
            assert by_wallet(thief, account) == 401
        finally:
            changed(world, statement, 0, lost)
        assert by_wallet(thief, account) == 303


def test_wallets_session_ends_no_later_than_the_key_behind_it(
    world: World, account: LocalAccount
) -> None:
    end = time.time() + 600
    statement = "UPDATE api_keys SET expires_at = ? WHERE party_id = ? AND label = ?"
    changed(world, statement, end, world.parties["own"], "own")
    try:
        with Visitor(world) as visitor:
            assert by_wallet(visitor, account) == 303
        ends = world.server.gateway.storage.read_now(
            lambda c: run(
                c, "SELECT expires_at FROM api_keys ORDER BY created_at DESC LIMIT 1"
            ).scalar()
        )
        assert float(ends or 0) <= end
    finally:
        changed(world, statement, None, world.parties["own"], "own")


def newest_roles(world: World) -> str:
    """The roles of the key that was made last."""
    query = "SELECT roles FROM api_keys ORDER BY created_at DESC LIMIT 1"
    return str(world.server.gateway.storage.read_now(lambda c: run(c, query).scalar()))


def test_wallet_has_no_role_that_the_ledger_or_every_key_withholds(
    world: World, account: LocalAccount
) -> None:
    party = world.parties["own"]
    other = world.server.gateway.storage.write_now(
        partial(
            add_key, roles=["auditor", "buyer", "supplier"], label="of the auditor", party_id=party
        )
    )
    of_party = (
        "UPDATE parties SET roles = ? WHERE identity_hash = "
        "(SELECT identity_hash FROM parties_directory WHERE id = ?)"
    )
    try:
        with Visitor(world) as visitor:
            assert by_wallet(visitor, account) == 303
            assert newest_roles(world) == "supplier"
        changed(world, of_party, BITS["supplier"] | BITS["buyer"] | BITS["financier"], party)
        with Visitor(world) as visitor:
            assert by_wallet(visitor, account) == 303
            assert newest_roles(world) == "buyer,supplier"
        changed(world, of_party, BITS["platform"], party)
        with Visitor(world) as visitor:
            assert by_wallet(visitor, account) == 401  # no key of the party lends
        changed(
            world, "UPDATE api_keys SET roles = ? WHERE label = 'of the auditor'", "financier,rater"
        )
        with Visitor(world) as visitor:
            assert by_wallet(visitor, account) == 303
            assert newest_roles(world) == "financier"
    finally:
        changed(world, "DELETE FROM api_keys WHERE key_hash = ?", key_hash(other))
        changed(world, of_party, BITS["supplier"], party)


def test_attempts_with_one_account_do_not_keep_another_from_signing_in(
    world: World, account: LocalAccount
) -> None:
    gateway = world.server.gateway
    plain, victim = gateway.settings, Account.create()
    own = world.parties["own"]
    registered(world, victim, number=location_number())
    world.parties["own"] = own
    gateway.settings = msgspec.structs.replace(plain, rate_limit=0.001, rate_burst=3)
    try:
        with Visitor(world) as attacker:
            token, codes = attacker.token(), []
            for _ in range(5):
                fields = {"account": victim.address}
                path = "/app/sign-in/wallet/message"
                codes.append(attacker.post(path, fields, token=token).status_code)
            assert codes == [200, 200, 200, 429, 429]
            for number in range(4):
                stranger = {"account": f"0x{number:040x}"}
                attacker.post("/app/sign-in/wallet/message", stranger, token=token)
            keys = [{"apiKey": f"ck_{number}"} for number in range(4)]
            codes = [attacker.post("/app/sign-in", key, token=token).status_code for key in keys]
            assert set(codes) == {429}
        with Visitor(world) as visitor:
            assert by_wallet(visitor, account) == 303
        with Visitor(world) as visitor:
            valid = {"apiKey": world["castor"].api_key}
            assert visitor.post("/app/sign-in", valid).status_code == 303
    finally:
        gateway.settings = plain
        gateway.cache.forget(BUCKETS)


def keys_of_sessions(world: World) -> int:
    """Keys of sessions of the party's wallet that open something."""
    query = (
        "SELECT count(*) FROM api_keys WHERE label = ? AND party_id = ? AND revoked_at IS NULL "
        "AND expires_at > ?"
    )
    storage = world.server.gateway.storage
    values = (WALLET_LABEL, world.parties["own"], time.time())
    return int(storage.read_now(lambda c: run(c, query, values).scalar()))


def left(world: World, secret: str) -> tuple[bool, bool]:
    """Whether the session has ended, and whether the store still has its credential."""
    row = world.server.gateway.storage.read_now(
        lambda c: run(
            c, "SELECT ended_at, sealed FROM page_sessions WHERE id = ?", (digest(secret),)
        ).one()
    )
    return row.ended_at is not None, row.sealed is not None


def test_next_sign_in_ends_the_key_of_the_session_before(
    world: World, account: LocalAccount
) -> None:
    before = keys_of_sessions(world)
    with Visitor(world) as visitor:
        assert by_wallet(visitor, account) == 303
        first = visitor.secret
        for _ in range(3):
            assert by_wallet(visitor, account) == 303
        assert keys_of_sessions(world) == before + 1
        assert left(world, first) == (True, False)
        assert left(world, visitor.secret) == (False, True)
        visitor.post("/app/sign-out", {}, token=visitor.token("/app"))
    assert keys_of_sessions(world) == before


def test_sign_in_above_the_bound_ends_the_session_that_was_used_the_longest_time_ago(
    world: World, account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_BY_WALLET", 2)
    own_key = world.server.gateway.storage.write_now(
        lambda c: add_key(c, roles=["supplier"], label="till", party_id=world.parties["own"])
    )
    with ExitStack() as stack:
        first, second, third, by_key = (stack.enter_context(Visitor(world)) for _ in range(4))
        by_key.post("/app/sign-in", {"apiKey": own_key})
        assert by_wallet(first, account) == 303
        assert by_wallet(second, account) == 303
        aged(second, 300, "used_at")
        before = keys_of_sessions(world)
        assert by_wallet(third, account) == 303
        assert keys_of_sessions(world) == before
        assert left(world, second.secret) == (True, False)
        assert second.get("/app").headers["location"].startswith("/app/sign-in")
        for goes_on in (first, third, by_key):
            assert left(world, goes_on.secret) == (False, True)
            assert goes_on.get("/app").status_code == 200


def test_session_that_its_browser_left_ends_with_its_key(
    world: World, account: LocalAccount
) -> None:
    storage = world.server.gateway.storage
    with Visitor(world) as visitor, Visitor(world) as by_key:
        by_key.sign_in("supplier")
        assert by_wallet(visitor, account) == 303
        before = keys_of_sessions(world)
        storage.write_now(short_keys.drop_ended)
        assert keys_of_sessions(world) == before
        aged(visitor, sessions.IDLE_SECONDS + 1, "used_at")
        aged(by_key, sessions.IDLE_SECONDS + 1, "used_at")
        storage.write_now(short_keys.drop_ended)
        assert keys_of_sessions(world) == before - 1
        assert left(world, visitor.secret) == left(world, by_key.secret) == (True, False)
    assert world["supplier"].get("/v1/caller").body["label"]  # a key of its own goes on


def test_short_keys_without_a_session_are_deleted_after_a_minute(
    world: World, account: LocalAccount
) -> None:
    storage = world.server.gateway.storage
    query = "SELECT key_hash FROM api_keys WHERE key_hash IN (?, ?)"

    def short_key(connection: Connection, seconds_ago: float) -> str:
        now = time.time()
        new = add_key(connection, roles=["supplier"], label=WALLET_LABEL, expires_at=now + 3_600)
        query = "UPDATE api_keys SET created_at = ? WHERE key_hash = ?"
        run(connection, query, (now - seconds_ago, key_hash(new)))
        return key_hash(new)

    def dropped(connection: Connection) -> tuple[list[str], list[str], list[str]]:
        """The keys; those in the store before and after. At once: the gateway drops keys too."""
        keys = [short_key(connection, seconds_ago) for seconds_ago in (5, 90)]
        before = [row.key_hash for row in run(connection, query, tuple(keys))]
        short_keys.drop_ended(connection)
        return keys, before, [row.key_hash for row in run(connection, query, tuple(keys))]

    keys, before, after = storage.write_now(dropped)
    assert sorted(before) == sorted(keys)
    assert after == keys[:1]


def test_account_whose_code_refuses_signs_nobody_in_by_its_key(
    world: World, account: LocalAccount
) -> None:
    wallet: LocalAccount = Account.create()
    own = world.parties["own"]
    registered(world, wallet, number=location_number())
    world.parties["own"] = own
    ask = world.server.node.ask
    with Visitor(world) as visitor:
        assert by_wallet(visitor, wallet) == 303
        ask("anvil_setCode", wallet.address, "0x600060005260206000f3")  # answers zero to all
        try:
            assert by_wallet(visitor, wallet) == 401
        finally:
            ask("anvil_setCode", wallet.address, "0x")
        assert by_wallet(visitor, wallet) == 303


def lines(visitor: Visitor, path: str) -> Iterator[str]:
    with visitor.http.stream("GET", path, timeout=60) as answer:
        assert answer.status_code == 200
        yield from answer.iter_lines()


def test_stream_ends_with_its_session_and_keeps_none_alive(visitor: Visitor) -> None:
    visitor.sign_in("supplier")
    aged(visitor, sessions.IDLE_SECONDS - 60, "used_at")
    stream = lines(visitor, "/app/live")
    assert next(stream) == "event: block"
    storage = visitor.world.server.gateway.storage
    query = "SELECT used_at FROM page_sessions WHERE id = ?"
    seen = storage.read_now(lambda c: run(c, query, (digest(visitor.secret),)).scalar())
    assert float(seen or 0) < time.time() - sessions.IDLE_SECONDS + 120
    with Visitor(visitor.world) as same:
        same.http.cookies.update(visitor.http.cookies)
        same.post("/app/sign-out", {}, token=same.token("/app"))
    assert list(stream)[-1:] != []  # it ends; it would otherwise last for ten minutes


def test_person_has_no_more_streams_than_the_bound(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_STREAMS", 1)
    visitor.sign_in("supplier")
    stream = lines(visitor, "/app/live")
    next(stream)
    with Visitor(visitor.world) as second:
        second.http.cookies.update(visitor.http.cookies)
        assert second.get("/app/live").status_code == 429


@pytest.mark.parametrize("key", ["é", "ck_\r\nX: y", "\x00"])
def test_key_that_is_none_is_refused_in_words(visitor: Visitor, key: str) -> None:
    answer = visitor.post("/app/sign-in", {"apiKey": key})
    assert answer.status_code == 401


def test_path_with_an_endless_number_is_refused(world: World) -> None:
    for path in ("/app/claims/", "/v1/claims/"):
        answer = httpx.get(world.server.url + path + "9" * 5000, trust_env=False)
        assert answer.status_code == 414
