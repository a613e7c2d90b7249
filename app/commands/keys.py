"""`cession keys`: officials' API keys, and the exchange of the store's secrets.

All commands work on the store alone; the gateway may run or not.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from secrets import token_hex
from typing import ParamSpec

import msgspec
from sqlalchemy import Connection

from app.chain.deployment.deployer import DeploymentError
from app.chain.deployment.officials import ACTING, OFFICIALS, holds_role
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import checksum_address
from app.chain.evm.rpc import ChainError, JsonRpc
from app.chain.evm.signers import LocalSigner, PasswordWrong
from app.chain.nodes.nodes import NodeError
from app.chain.outbox.keys import read_secret
from app.chain.outbox.secrets import Secrets, exchange_all, open_secrets
from app.config import DATABASE_URL, SettingInvalid, Settings, is_scrypt_cost, settings_from
from app.domain.ledger_key import DIGITS, LedgerKey, LedgerKeyInvalid
from app.gateway.callers import ROLES, add_key, has_live_key, is_reserved, key_hash
from app.network import standing_ledger
from app.storage import Storage, StorageError, run
from app.storage.durable import write_new
from app.storage.opening import open_storage
from app.storage.sealing import SealBroken

Arguments = ParamSpec("Arguments")
DAY_SECONDS = 86_400
_ID_DIGITS = 12
MIN_PASSWORD = 12
_MAX_LABEL = 100
_ADDRESS = re.compile("0x[0-9a-f]{40}")
_REFUSALS = (
    *(StorageError, PasswordWrong, SealBroken, OSError),
    *(NodeError, ChainError, DeploymentError),
)


class OptionInvalid(ValueError):
    """An option of the command line is not valid; one line says why."""


class _OpenStore(msgspec.Struct, frozen=True):
    settings: Settings
    storage: Storage
    secrets: Secrets


@contextlib.contextmanager
def _opened() -> Iterator[_OpenStore]:
    settings = settings_from()
    storage = open_storage(settings)
    try:
        yield _OpenStore(settings, storage, open_secrets(storage, settings))
    finally:
        storage.close()


def _command(function: Callable[Arguments, None]) -> Callable[Arguments, int]:
    """The function as a command with an exit status.

    0; 2 and one line for an invalid setting or option; 1 and one line for any other error.
    """

    @wraps(function)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> int:
        try:
            function(*args, **kwargs)
        except (SettingInvalid, OptionInvalid) as error:
            print(f"keys: {error}", file=sys.stderr)
            return 2
        except _REFUSALS as error:
            print(f"keys: {' '.join(str(error).split())}", file=sys.stderr)
            return 1
        return 0

    return guarded


@_command
def add(
    *,
    role: str,
    label: str,
    keystore: Path | None,
    password_file: Path | None,
    until: datetime.datetime | None,
    account: str | None = None,
) -> None:
    """Prints a new API key for an official role.

    Args:
        keystore: the key of the account that holds the role on the ledger; it goes into custody.
        account: instead of a keystore, if the official signs with its own wallet.
    """
    if role in set(ROLES) - set(OFFICIALS):
        raise OptionInvalid(
            f"role {role!r} is a party's, and the registrar makes its keys: "
            "POST /v1/parties/{id}/api-keys"
        )
    if role not in OFFICIALS:
        raise OptionInvalid(f"role {role!r}: use one of {', '.join(OFFICIALS)}")
    if role in ACTING and (keystore is None) == (account is None):
        raise OptionInvalid(
            f"a {role} acts with the account that holds the role on the ledger: give its key as "
            "--keystore FILE, or its address as --account if it signs with its own wallet"
        )
    if role not in ACTING and (keystore or account):
        raise OptionInvalid(f"a {role} only reads: leave out --keystore and --account")
    if account is not None:
        account = _address(account)
    _require_label(label)
    expires_at = None if until is None else _end_of(until)
    _require_store()
    with _opened() as opened:
        signer = document = None
        if keystore is not None:
            signer = _official_signer(opened.settings, keystore, password_file)
            account = signer.address
        if account is not None:
            _require_role(opened.settings, role, account)
        if signer is not None:
            document = opened.secrets.keystore.encrypted(signer)

        def write(connection: Connection) -> str:
            _require_free_label(connection, label)
            if signer is not None and document is not None:
                opened.secrets.keystore.store(connection, signer, document=document, label=label)
            return add_key(
                connection,
                roles=[role],
                label=label,
                account=account,
                expires_at=expires_at,
            )

        print(opened.storage.write_now(write))


def _require_label(label: str) -> None:
    if not label or not label.isprintable() or len(label) > _MAX_LABEL:
        raise OptionInvalid(f"--label: give 1 to {_MAX_LABEL} printable characters")
    if is_reserved(label):
        raise OptionInvalid(f"--label {label!r}: the gateway gives this label itself; use another")


def _require_free_label(connection: Connection, label: str) -> None:
    if has_live_key(connection, party_id=None, label=label):
        raise OptionInvalid(
            f"--label {label!r}: an official has a key with this label, and a label names a "
            "person; use another label, or revoke that key first: cession keys revoke"
        )


def _require_store() -> None:
    """Refuses to make a key in a store that no gateway opens: no gateway would know the key."""
    settings_from()  # another invalid setting is reported first
    if not {"CESSION_DATABASE_URL", "CESSION_DATABASE_URL_FILE"} & os.environ.keys():
        path = Path(DATABASE_URL.removeprefix("sqlite:///"))
        if not path.exists():
            raise SettingInvalid(
                f"CESSION_DATABASE_URL: there is no store at {path}; name the store of the gateway "
                "that is to know the key"
            )


def _require_role(settings: Settings, role: str, account: str) -> None:
    node, deployment, artifacts = standing_ledger(settings)

    async def ask() -> bool:
        rpc = JsonRpc(node.url, timeout=settings.rpc_timeout)
        try:
            contracts = Contracts(deployment, artifacts)
            return await holds_role(rpc, contracts, role=role, account=account)
        finally:
            await rpc.close()

    if not asyncio.run(ask()):
        raise OptionInvalid(
            f"{checksum_address(account)} is no {role} on this ledger; give the account that is"
        )


def _address(text: str) -> str:
    address = text.lower()
    if not _ADDRESS.fullmatch(address):
        raise OptionInvalid(f"--account {text!r}: give an address, 0x and 40 digits")
    return address


def _state(expires_at: float | None, revoked_at: float | None) -> tuple[bool, str]:
    """Whether a key has ended, and its state in words."""
    if revoked_at is not None:
        return True, f"revoked {_day(revoked_at)}"
    if expires_at is None:
        return False, "in force"
    ended = expires_at <= time.time()
    return ended, f"{'expired' if ended else 'expires'} {_day(expires_at)}"


@_command
def check(*, key: str) -> None:
    """Says whose an API key is and whether it is valid; OptionInvalid if it is not."""
    with _opened() as opened:
        row = opened.storage.read_now(
            lambda connection: run(
                connection,
                "SELECT roles, label, account, party_id, waiting, expires_at, revoked_at "
                "FROM api_keys WHERE key_hash = ?",
                (key_hash(key.strip()),),
            ).first()
        )
    if row is None:
        raise OptionInvalid("this store has no such key")
    ended, state = _state(row.expires_at, row.revoked_at)
    if ended:
        raise OptionInvalid(f"the key {row.label} {state} and opens nothing; add another one")
    if row.waiting:
        raise OptionInvalid(
            f"the key {row.label} waits for the party or the operator to confirm it"
        )
    whose = f"party {row.party_id}" if row.party_id else f"account {row.account or '-'}"
    print(f"{state}  {row.roles}  {row.label}  {whose}")


@_command
def new_keystore(*, file: Path, password_file: Path, cost: int) -> None:
    """Writes the encrypted key of a new account and prints its address."""
    if file.exists():
        raise OptionInvalid(f"{file} exists already; give the name of a new file")
    password = read_secret(password_file)
    if len(password) < MIN_PASSWORD:
        raise OptionInvalid(
            f"{password_file}: give a password of at least {MIN_PASSWORD} characters"
        )
    if not is_scrypt_cost(cost):
        raise OptionInvalid("--scrypt-cost: give a power of two")
    signer = LocalSigner.generate()
    write_new(file, json.dumps(signer.keystore(password, iterations=cost)).encode())
    print(checksum_address(signer.address))


def _official_signer(settings: Settings, keystore: Path, password_file: Path | None) -> LocalSigner:
    password = settings.keystore_password
    if password_file is not None:
        password = read_secret(password_file)
    try:
        return LocalSigner.from_keystore(keystore.read_text(), password)
    except ValueError as error:
        raise OptionInvalid(f"--keystore {keystore}: {error}") from error


@_command
def list_all() -> None:
    """Prints officials' keys, each with its id, state, roles, label and account."""
    with _opened() as opened:
        rows = opened.storage.read_now(
            lambda connection: run(
                connection,
                "SELECT key_hash, roles, label, account, created_at, expires_at, revoked_at "
                "FROM api_keys WHERE party_id IS NULL ORDER BY created_at, key_hash",
            ).all()
        )
    for row in rows:
        _, state = _state(row.expires_at, row.revoked_at)
        print(
            f"{row.key_hash[:_ID_DIGITS]}  {state:<20}  made {_day(row.created_at)}  "
            f"{row.roles:<12}  {row.label}  {row.account or '-'}"
        )


@_command
def expire(*, key: str, until: datetime.datetime) -> None:
    """Sets the day after which officials' keys (by label or id) expire."""
    expires_at = _end_of(until)
    count = _change(key, "expires_at = ?", expires_at)
    print(f"{count} {'key' if count == 1 else 'keys'} good through {until:%Y-%m-%d} UTC")


@_command
def revoke(*, key: str) -> None:
    """Revokes officials' keys (by label or id) at once."""
    count = _change(key, "revoked_at = ?", time.time())
    print(f"{count} {'key' if count == 1 else 'keys'} revoked")


def _change(key: str, what: str, value: float) -> int:
    def write(connection: Connection) -> int:
        chosen, values = "label = ?", (value, key)
        if len(key) == _ID_DIGITS and not set(key) - set("0123456789abcdef"):
            chosen, values = "key_hash LIKE ?", (value, f"{key}%")
        changed = run(
            connection,
            f"UPDATE api_keys SET {what} WHERE party_id IS NULL AND revoked_at IS NULL "
            f"AND {chosen}",
            values,
        )
        return int(changed.rowcount)

    with _opened() as opened:
        count = opened.storage.write_now(write)
    if not count:
        raise OptionInvalid(f"no official has a key {key!r}; see `cession keys list`")
    return count


@_command
def ledger(*, file: Path) -> None:
    """Prints the hash of the ledger's key in a file.

    If there is no file, it makes a key first, which only the file's owner may read.
    """
    if not file.exists():
        write_new(file, f"{token_hex(DIGITS // 2)}\n".encode())
        print(
            f"{file}: a new key; every gateway of the ledger needs it; keep copies", file=sys.stderr
        )
    try:
        print(LedgerKey(file.read_text(encoding="ascii")).commitment)
    except (LedgerKeyInvalid, UnicodeDecodeError) as error:
        raise OptionInvalid(f"{file}: {error}") from None


@_command
def rotate() -> None:
    """Finishes a change of the master key or of the keystore password.

    The settings name both: the new secret, and the earlier one as `CESSION_…_BEFORE`.
    """
    with _opened() as opened:
        settings = opened.settings
        if settings.master_key_before is None and settings.keystore_password_before is None:
            raise OptionInvalid(
                "nothing to change: give the new secret, and the one before as "
                "CESSION_MASTER_KEY_BEFORE or CESSION_KEYSTORE_PASSWORD_BEFORE"
            )
        exchange_all(opened.storage, opened.secrets, report=_progress)
        if settings.keystore_password_before is not None:
            for name in filter(None, map(str.strip, settings.relay_keystores.split(","))):
                _encrypt_file(Path(name), settings)
    print("done: remove CESSION_…_BEFORE from the settings")


def _progress(state: dict[str, int]) -> None:
    for secret, count in state.items():
        print(f"{secret}: {count} changed", file=sys.stderr)


def _encrypt_file(file: Path, settings: Settings) -> None:
    """Encrypts a relay account's keystore file again, whole or not at all."""
    text = file.read_text()
    try:
        LocalSigner.from_keystore(text, settings.keystore_password)
        return
    except ValueError:
        pass
    try:
        signer = LocalSigner.from_keystore(text, str(settings.keystore_password_before))
    except ValueError as error:
        raise SettingInvalid(f"CESSION_RELAY_KEYSTORES: {file}: {error}") from error
    document = signer.keystore(settings.keystore_password, iterations=settings.scrypt_cost)
    draft = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(document, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
    print(f"{file}: encrypted again", file=sys.stderr)


def _end_of(day: datetime.datetime) -> float:
    return day.replace(tzinfo=datetime.UTC).timestamp() + DAY_SECONDS


def _day(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d")
