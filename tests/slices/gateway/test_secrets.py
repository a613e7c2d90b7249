"""Secrets belong to their store: check values, and exchanges that survive a kill."""

from __future__ import annotations

import datetime
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import Connection, LargeBinary

from app.chain.evm.signers import LocalSigner, PasswordWrong
from app.chain.outbox.secrets import (
    exchange_all,
    exchange_state,
    exchange_step,
    foreign_master_key,
    open_secrets,
)
from app.commands.keys import add, expire, list_all, revoke, rotate
from app.config import SettingInvalid, Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway.callers import add_key, key_hash
from app.gateway.housekeeping import DAY_SECONDS, drop_answers
from app.storage import Storage, create_storage, run
from app.storage.sealed import COLUMNS
from app.storage.sealing import SealBroken, Sealer
from app.storage.tables.lending import loans
from tests.support.world import World

ONE, TWO, THREE = "1" * 40, "2" * 40, "3" * 40
ROWS = 450
# Columns of bytes that are not encrypted, and why.
PLAIN = {
    ("parties_directory", "salt"),  # public with the name it hides
    ("settings", "value"),  # check values and places; the exchange encrypts the root again
}


def settings_of(url: str, master: str = ONE, password: str = "one", **more: Any) -> Settings:
    return Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY,
        database_url=url,
        master_key=master,
        keystore_password=password,
        scrypt_cost=2,
        **more,
    )


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def storage(url: str) -> Iterator[Storage]:
    opened = create_storage(url)
    opened.migrate()
    yield opened
    opened.close()


def fill(storage: Storage, sealer: Sealer) -> None:
    """Stores an encrypted value in each encrypted column."""

    def write(connection: Connection) -> None:
        for number in range(ROWS):
            name = f"{number:05d}"
            run(
                connection,
                "INSERT INTO idempotency_keys (owner, key, method, path, body_hash, state, body, "
                "created_at) VALUES ('ana', ?, 'POST', '/', '', 'done', ?, ?)",
                (name, sealer.seal(name.encode(), about=f"answer ana {name}"), time.time()),
            )
        box = sealer.seal(b"legal id", about="p1")
        run(
            connection,
            "INSERT INTO parties_directory (id, name, legal_id_scheme, legal_id_encrypted, "
            "identity_hash, roles, account, custody, created_at) "
            "VALUES ('p1', 'x', 'LEI', ?, 'h', 1, 'a', 1, 0)",
            (box,),
        )
        run(
            connection,
            "INSERT INTO documents (id, owner, kind, content_type, fingerprint, root, created_at, "
            "encrypted, model_sealed) VALUES ('d1', 'p1', 'invoice', 'x', 'f', 'r', 0, ?, NULL)",
            (sealer.seal(b"document", about="document d1"),),
        )

    storage.write_now(write)


def rows_of(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in run(connection, query)]


def contents(storage: Storage, sealer: Sealer) -> dict[str, bytes]:
    """Every encrypted value, decrypted."""
    columns = {}
    for column in COLUMNS:
        query = (
            f"SELECT {', '.join(column.keys)}, {column.column} FROM {column.table} "
            f"WHERE {column.column} IS NOT NULL"
        )
        for row in storage.read_now(partial(rows_of, query=query)):
            about = column.about(tuple(row))
            columns[about] = sealer.open(bytes(row[-1]), about=about)
    return columns


def test_every_encrypted_column_is_encrypted_again() -> None:
    binary = {
        (table.name, column.name)
        for table in loans.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert binary - PLAIN == {(item.table, item.column) for item in COLUMNS}


# -- check values


@pytest.mark.parametrize(
    ("secret", "variable"),
    [({"master": TWO}, "CESSION_MASTER_KEY"), ({"password": "x"}, "CESSION_KEYSTORE_PASSWORD")],
)
def test_secret_is_refused_by_name_when_it_is_not_the_stores(
    storage: Storage, url: str, secret: dict[str, str], variable: str
) -> None:
    open_secrets(storage, settings_of(url))
    open_secrets(storage, settings_of(url))
    with pytest.raises(SettingInvalid, match=f"^{variable}: ") as refusal:
        open_secrets(storage, settings_of(url, **secret))
    assert "\n" not in str(refusal.value)


def test_secrets_are_tried_on_stored_data_when_a_store_has_no_check_values(
    storage: Storage, url: str
) -> None:
    fill(storage, Sealer(ONE))
    keystore = open_secrets(storage, settings_of(url)).keystore
    storage.write_now(lambda c: keystore.add(c, LocalSigner.generate(), label="x"))
    storage.write_now(lambda c: run(c, "DELETE FROM settings WHERE name LIKE 'check.%'"))
    with pytest.raises(SettingInvalid, match=r"^CESSION_MASTER_KEY: "):
        open_secrets(storage, settings_of(url, master=TWO))
    with pytest.raises(SettingInvalid, match=r"^CESSION_KEYSTORE_PASSWORD: "):
        open_secrets(storage, settings_of(url, password="x"))
    open_secrets(storage, settings_of(url))


def test_readiness_names_a_master_key_that_is_no_longer_the_stores(
    storage: Storage, url: str
) -> None:
    before = settings_of(url)
    open_secrets(storage, before)
    assert storage.read_now(lambda c: foreign_master_key(c, before)) is None
    open_secrets(storage, settings_of(url, master=TWO, master_key_before=ONE))
    complaint = storage.read_now(lambda c: foreign_master_key(c, before))
    assert str(complaint).startswith("CESSION_MASTER_KEY: ")


def test_a_gateway_whose_master_key_was_changed_elsewhere_is_not_ready(world: World) -> None:
    def looked() -> httpx.Response:
        """An answer for which the store was read in time."""
        for _ in range(20):  # each look waits some seconds for the store
            answer = world.http.get("/readyz")
            if answer.json()["checks"]["store"]["holds"]:
                return answer
        raise AssertionError(answer.text)

    gateway = world.server.gateway
    assert looked().json()["checks"]["masterKey"]["holds"] is True
    plain = gateway.settings
    gateway.settings = msgspec.structs.replace(plain, master_key=TWO)
    try:
        answer = looked()
    finally:
        gateway.settings = plain
    assert answer.status_code == 503
    assert answer.json()["checks"]["masterKey"]["error"].startswith("CESSION_MASTER_KEY: ")


def test_check_values_do_not_hold_the_secrets(storage: Storage, url: str) -> None:
    open_secrets(storage, settings_of(url))
    rows = storage.read_now(lambda c: run(c, "SELECT value FROM settings").all())
    assert rows
    for (value,) in rows:
        assert ONE.encode() not in bytes(value) and b"one" not in bytes(value)


# -- the master key


def test_master_key_changes_while_both_keys_open(storage: Storage, url: str) -> None:
    first = open_secrets(storage, settings_of(url))
    fill(storage, first.sealer)
    plain = contents(storage, first.sealer)
    changing = settings_of(url, master=TWO, master_key_before=ONE)
    second = open_secrets(storage, changing)
    assert contents(storage, second.sealer) == plain
    for _ in range(4):
        assert exchange_step(storage, second)
    assert exchange_state(storage)["master key"] > 0
    # Half is done: the two keys together open everything, neither alone is taken.
    half = open_secrets(storage, changing)
    assert contents(storage, half.sealer) == plain
    for alone, variable in ((ONE, "CESSION_MASTER_KEY"), (TWO, "CESSION_MASTER_KEY_BEFORE")):
        with pytest.raises(SettingInvalid, match=f"^{variable}: "):
            open_secrets(storage, settings_of(url, master=alone))
    with pytest.raises(SettingInvalid, match=r"^CESSION_MASTER_KEY: another change"):
        open_secrets(storage, settings_of(url, master=THREE, master_key_before=TWO))
    exchange_all(storage, half)
    done = open_secrets(storage, settings_of(url, master=TWO))
    assert contents(storage, done.sealer) == plain
    with pytest.raises(SealBroken):
        contents(storage, Sealer(ONE))
    again = open_secrets(storage, settings_of(url, master=THREE, master_key_before=TWO))
    exchange_all(storage, again)
    last = open_secrets(storage, settings_of(url, master=THREE)).sealer
    assert contents(storage, last) == plain


def test_a_row_written_during_a_step_is_not_overwritten(
    storage: Storage, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_secrets(storage, settings_of(url))
    fill(storage, first.sealer)
    second = open_secrets(storage, settings_of(url, master=TWO, master_key_before=ONE))
    plain_anew = Sealer.reseal
    about = "answer ana 00007"
    newer = second.sealer.seal(b"newer", about=about)
    change = "UPDATE idempotency_keys SET body = ? WHERE key = '00007'"

    def anew(self: Sealer, sealed: bytes, *, about: str) -> bytes | None:
        if about == "answer ana 00007":
            storage.write_now(lambda c: run(c, change, (newer,)))
        return plain_anew(self, sealed, about=about)

    monkeypatch.setattr(Sealer, "reseal", anew)
    exchange_all(storage, second)
    assert contents(storage, Sealer(TWO))[about] == b"newer"


KILLED = """
import os, signal, sys
from app.chain.outbox import secrets
from app.config import Settings
from app.storage import create_storage
from app.storage.engine import Storage
import msgspec

settings = msgspec.convert(msgspec.json.decode(sys.argv[1]), Settings)
storage = create_storage(settings.database_url)
opened = secrets.open_secrets(storage, settings)
steps = int(sys.argv[2])
plain = Storage.write_now

def write_now(self, function):
    global steps
    steps -= 1
    def killed(connection):
        result = function(connection)
        if steps <= 0:
            os.kill(os.getpid(), signal.SIGKILL)  # done, and not committed
        return result
    return plain(self, killed)

Storage.write_now = write_now
secrets.exchange_all(storage, opened)
"""


def exchange_killed(settings: Settings, steps: int) -> None:
    words = [sys.executable, "-c", KILLED, msgspec.json.encode(settings).decode(), str(steps)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 11])
def test_a_change_of_the_master_key_goes_on_after_a_kill(
    storage: Storage, url: str, steps: int
) -> None:
    first = open_secrets(storage, settings_of(url))
    fill(storage, first.sealer)
    plain = contents(storage, first.sealer)
    changing = settings_of(url, master=TWO, master_key_before=ONE)
    exchange_killed(changing, steps)
    again = open_secrets(storage, changing)
    assert contents(storage, again.sealer) == plain
    exchange_all(storage, again)
    assert exchange_state(storage) == {}
    assert contents(storage, open_secrets(storage, settings_of(url, master=TWO)).sealer) == plain


# -- the keystore password


@pytest.mark.parametrize("steps", [1, 2, 5, 9])
def test_a_change_of_the_keystore_password_goes_on_after_a_kill(
    storage: Storage, url: str, steps: int
) -> None:
    first = open_secrets(storage, settings_of(url)).keystore
    signers = [
        storage.write_now(lambda c: first.add(c, LocalSigner.generate(), label="x"))
        for _ in range(4)
    ]
    changing = settings_of(url, password="two", keystore_password_before="one")
    exchange_killed(changing, steps)
    half = open_secrets(storage, changing)
    assert {half.keystore.signer(signer.address).address for signer in signers} == {
        signer.address for signer in signers
    }
    for alone, variable in (
        ("one", "CESSION_KEYSTORE_PASSWORD"),
        ("two", "CESSION_KEYSTORE_PASSWORD_BEFORE"),
    ):
        with pytest.raises(SettingInvalid, match=f"^{variable}: "):
            open_secrets(storage, settings_of(url, password=alone))
    exchange_all(storage, half)
    done = open_secrets(storage, settings_of(url, password="two")).keystore
    documents = storage.read_now(lambda c: run(c, "SELECT keystore_json FROM custody_keys").all())
    assert len(documents) == len(signers)
    for (document,) in documents:
        with pytest.raises(PasswordWrong):
            LocalSigner.from_keystore(document, "one")
    digest = bytes(32)
    for signer in signers:
        assert done.signer(signer.address).sign_hash(digest) == signer.sign_hash(digest)


def environment(patch: pytest.MonkeyPatch, settings: Settings, **more: str) -> None:
    names = ("database_url", "ledger_key", "master_key", "keystore_password", "scrypt_cost")
    for name in names:
        patch.setenv(f"CESSION_{name.upper()}", str(getattr(settings, name)))
    for name, value in more.items():
        patch.setenv(f"CESSION_{name.upper()}", value)


def test_rotate_encrypts_the_relay_accounts_files_too(
    storage: Storage,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    open_secrets(storage, settings_of(url))
    signer, file = LocalSigner.generate(), tmp_path / "relay.json"
    file.write_text(json.dumps(signer.keystore("one", iterations=2)))
    environment(monkeypatch, settings_of(url, password="two"))
    assert rotate() == 2  # without the password before
    monkeypatch.delenv("CESSION_KEYSTORE_PASSWORD")
    environment(
        monkeypatch,
        settings_of(url, password="two"),
        keystore_password_before="one",
        relay_keystores=str(file),
    )
    assert rotate() == 0
    assert rotate() == 0
    assert LocalSigner.from_keystore(file.read_text(), "two").address == signer.address
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []
    assert "done" in capsys.readouterr().out


# -- officials' keys


def test_officials_keys_are_listed_expire_and_end(
    storage: Storage,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment(monkeypatch, settings_of(url))
    options = dict(keystore=None, password_file=None)
    day = datetime.datetime(2999, 1, 31)
    assert add(role="king", label="x", until=None, **options) == 2
    assert add(role="auditor", label="ana\x1b", until=None, **options) == 2
    assert add(role="auditor", label="ana", until=None, **options) == 0
    first = capsys.readouterr().out
    for label, words in (
        ("ana", "an official has a key with this label"),
        ("signed in with its wallet", "the gateway gives this label itself"),
        ("oidc:ana", "the gateway gives this label itself"),
    ):
        assert add(role="auditor", label=label, until=None, **options) == 2
        assert words in capsys.readouterr().err
    assert add(role="auditor", label="ben", until=day, **options) == 0
    both = first + capsys.readouterr().out
    output = [line for line in both.splitlines() if line.startswith("ck_")]
    storage.write_now(lambda c: add_key(c, roles=["financier"], label="ana", party_id="p1"))
    assert list_all() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for key in output:
        assert not any(key in line for line in lines)
    identifier = key_hash(output[0])[:12]
    assert lines[0].startswith(f"{identifier}  in force")
    assert "expires 2999-02-01" in lines[1]
    assert expire(key=identifier, until=datetime.datetime(2001, 1, 1)) == 0
    assert revoke(key=key_hash(output[1])[:12]) == 0
    capsys.readouterr()
    assert list_all() == 0
    lines = capsys.readouterr().out.splitlines()
    assert "expired 2001-01-02" in lines[0] and "revoked" in lines[1]
    assert revoke(key="nobody") == 2
    assert "cession keys list" in capsys.readouterr().err
    # A party's key of the same label is the registrar's to end.
    assert revoke(key="ana") == 0
    ended = storage.read_now(
        lambda c: run(c, "SELECT revoked_at FROM api_keys WHERE party_id = 'p1'").scalar()
    )
    assert ended is None


def test_expired_key_is_refused(world: World) -> None:
    def make(seconds: float) -> str:
        return world.server.gateway.storage.write_now(
            lambda c: add_key(c, roles=["auditor"], label="old", expires_at=time.time() + seconds)
        )

    over, good = make(-1), make(3600)
    answer = world.http.get("/v1/parties", headers={"X-API-Key": over})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:cession:problem:key-expired")
    assert world.http.get("/v1/parties", headers={"X-API-Key": good}).status_code == 200


# -- answers to commands


def test_expired_answer_is_deleted_and_its_key_never_runs_again(world: World) -> None:
    body = {"toPartyId": world.parties["bank"], "amount": {"amount": "3.00", "currency": "CNY"}}
    headers = world["cash-issuer"].headers | {
        "Idempotency-Key": "kept for a time",
        "Prefer": "wait=50",
    }
    first = world.http.post("/v1/cash/CNY/mint", json=body, headers=headers)
    assert first.status_code == 200
    held = world.balance("bank")
    storage = world.server.gateway.storage
    storage.write_now(
        lambda c: run(
            c,
            "UPDATE idempotency_keys SET created_at = ? WHERE key = 'kept for a time'",
            (time.time() - 401 * DAY_SECONDS,),
        )
    )
    before = time.time() - 400 * DAY_SECONDS
    assert storage.write_now(lambda c: drop_answers(c, before=before)) == 1
    again = world.http.post("/v1/cash/CNY/mint", json=body, headers=headers)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:cession:problem:answer-gone"
    assert first.json()["operation"]["id"] in again.json()["fix"]
    other = world.http.post(
        "/v1/cash/CNY/mint", json=body | {"toPartyId": world.parties["buyer"]}, headers=headers
    )
    assert other.status_code == 422
    assert world.balance("bank") == held
