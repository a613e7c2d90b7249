"""Check values that bind the master key and the password to a store, and how to change either.

Row of the table `settings` | holds
`check.master_key` | check value of the master key
`check.keystore_password` | check value of the password: salt and scrypt digest
`rotation.master_key`, `rotation.keystore_password` | how far a change has come, while one is open
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from app.chain.evm.signers import LocalSigner, PasswordWrong
from app.chain.outbox.keys import Keystore
from app.config import SettingInvalid, Settings
from app.storage import Storage, run
from app.storage.sealed import Resealing, any_sealed, reseal_step
from app.storage.sealing import SealBroken, Sealer

_MASTER, _PASSWORD = "check.master_key", "check.keystore_password"
_RESEALING, _ENCRYPTING = "rotation.master_key", "rotation.keystore_password"
UNDER_WAY = (
    "the change to the new value is not finished; set this to the previous value until it is"
)


class PasswordCheck(msgspec.Struct, frozen=True):
    """Recognises a password, at the cost of one scrypt."""

    salt: bytes
    cost: int
    digest: bytes

    @classmethod
    def of(cls, password: str, *, cost: int, salt: bytes | None = None) -> PasswordCheck:
        """The check value of a password."""
        salt = salt or os.urandom(16)
        digest = hashlib.scrypt(
            password.encode(), salt=salt, n=cost, r=8, p=1, maxmem=2 * 1024 * cost + 2**20
        )
        return cls(salt, cost, digest)

    def fits(self, password: str) -> bool:
        """Whether this is the check value of `password`."""
        again = PasswordCheck.of(password, cost=self.cost, salt=self.salt)
        return hmac.compare_digest(self.digest, again.digest)


class Encrypting(msgspec.Struct):
    """How far a change of the keystore password has come.

    Attributes:
        before: check value of the previous password.
        after: address of the last key that is encrypted with the new password.
    """

    before: PasswordCheck
    after: str = ""


class Secrets(msgspec.Struct, frozen=True):
    """The sealer and the keystore of a store, after both secrets passed their check."""

    sealer: Sealer
    keystore: Keystore


def open_secrets(storage: Storage, settings: Settings) -> Secrets:
    """Compares the master key and the keystore password with the store's check values.

    Begins a change of a secret if the settings give a previous one. At a store's first start it
    stores the check values.

    Raises:
        SettingInvalid: a secret is not the store's; the message names its variable.
    """
    sealer = storage.write_now(lambda connection: _sealer(connection, settings))
    keystore = Keystore(
        storage,
        settings.keystore_password,
        iterations=settings.scrypt_cost,
        before=settings.keystore_password_before,
    )
    _check_password(storage, settings)
    return Secrets(sealer, keystore)


def foreign_master_key(connection: Connection, settings: Settings) -> str | None:
    """For `/readyz`: a sentence if the store is sealed with another master key, else None.

    The password is only checked when the gateway starts, because the check takes a scrypt.
    """
    stored = _value(connection, _MASTER)
    if stored is not None and stored != Sealer(settings.master_key).check:
        return "CESSION_MASTER_KEY: the store is now sealed with another master key"
    return None


# -- master key


def _sealer(connection: Connection, settings: Settings) -> Sealer:
    new, before = Sealer(settings.master_key), settings.master_key_before
    old = None if before is None else Sealer(before)
    stored = _value(connection, _MASTER)
    if stored is None:
        stored = _first_check(connection, new, old)
        _put(connection, _MASTER, stored)
    state = _value(connection, _RESEALING)
    if stored == new.check:
        if state is not None:
            resealing = msgspec.msgpack.decode(state, type=Resealing)
            if old is None or old.check != resealing.check:
                raise SettingInvalid(f"CESSION_MASTER_KEY_BEFORE: {UNDER_WAY}")
        return Sealer(settings.master_key, before=before)
    if old is None or stored != old.check:
        raise SettingInvalid(
            "CESSION_MASTER_KEY: this store is sealed with another master key; set that one here, "
            "or set it as CESSION_MASTER_KEY_BEFORE to change to the new one"
        )
    if state is not None:
        raise SettingInvalid(
            "CESSION_MASTER_KEY: another change of the master key is not finished; finish it with "
            "its two keys first"
        )
    _put(connection, _MASTER, new.check)
    _put(connection, _RESEALING, msgspec.msgpack.encode(Resealing(old.check)))
    return Sealer(settings.master_key, before=before)


def _first_check(connection: Connection, new: Sealer, old: Sealer | None) -> bytes:
    """For a store without a check value: that of the key which opens a sealed value of the store.

    Raises:
        SettingInvalid: neither key opens it.
    """
    sealed = any_sealed(connection)
    for sealer in (new, old):
        if sealer is None:
            continue
        if sealed is None:
            return sealer.check
        column, row = sealed
        try:
            sealer.open(bytes(row[-1]), about=column.about(row))
        except SealBroken:
            continue
        return sealer.check
    raise SettingInvalid(
        "CESSION_MASTER_KEY: this store is sealed with another master key; set that one here"
    )


# -- keystore password


def _check_password(storage: Storage, settings: Settings) -> None:
    password, before = settings.keystore_password, settings.keystore_password_before
    checks = storage.read_now(
        lambda connection: (_value(connection, _PASSWORD), _value(connection, _ENCRYPTING))
    )
    if checks[0] is None:
        if not _opens_keys(storage, password):
            if before is None or not _opens_keys(storage, before):
                raise SettingInvalid(
                    "CESSION_KEYSTORE_PASSWORD: it does not open the keys in this store's custody"
                )
            _begin_encrypting(storage, settings, None)
            return
        check = PasswordCheck.of(password, cost=settings.scrypt_cost)
        _put_now(storage, {_PASSWORD: check})
        return
    stored = msgspec.msgpack.decode(checks[0], type=PasswordCheck)
    if stored.fits(password):
        if checks[1] is not None:
            encrypting = msgspec.msgpack.decode(checks[1], type=Encrypting)
            if before is None or not encrypting.before.fits(before):
                raise SettingInvalid(f"CESSION_KEYSTORE_PASSWORD_BEFORE: {UNDER_WAY}")
        return
    if before is None or not stored.fits(before):
        raise SettingInvalid(
            "CESSION_KEYSTORE_PASSWORD: this store's keys have another password; set that one "
            "here, or set it as CESSION_KEYSTORE_PASSWORD_BEFORE to change to the new one"
        )
    if checks[1] is not None:
        raise SettingInvalid(
            "CESSION_KEYSTORE_PASSWORD: another change of the password is not finished; finish it "
            "with its two passwords first"
        )
    _begin_encrypting(storage, settings, stored)


def _begin_encrypting(storage: Storage, settings: Settings, stored: PasswordCheck | None) -> None:
    cost = settings.scrypt_cost
    before = stored or PasswordCheck.of(str(settings.keystore_password_before), cost=cost)
    after = PasswordCheck.of(settings.keystore_password, cost=cost)
    _put_now(storage, {_PASSWORD: after, _ENCRYPTING: Encrypting(before)})


def _opens_keys(storage: Storage, password: str) -> bool:
    """Whether a password opens a key in custody; true if there is no key."""
    document = storage.read_now(
        lambda connection: run(
            connection, "SELECT keystore_json FROM custody_keys ORDER BY address LIMIT 1"
        ).scalar()
    )
    if document is None:
        return True
    try:
        LocalSigner.from_keystore(document, password)
    except PasswordWrong:
        return False
    return True


# -- changing a secret


def exchange_step(storage: Storage, secrets: Secrets) -> bool:
    """One bounded step of a change; returns true while there is more to do.

    It may be interrupted at any point; the next step continues from what is stored.

    Raises:
        SealBroken, PasswordWrong: neither secret opens a value; the message names it.
    """
    sealed, encrypted = storage.read_now(
        lambda connection: (_value(connection, _RESEALING), _value(connection, _ENCRYPTING))
    )
    if sealed is not None:
        resealing = msgspec.msgpack.decode(sealed, type=Resealing)
        reseal_step(storage, secrets.sealer, resealing, name=_RESEALING)
        return True
    if encrypted is None:
        return False
    place = msgspec.msgpack.decode(encrypted, type=Encrypting)
    address = secrets.keystore.encrypt_next(place.after)
    if address is None:
        storage.write_now(
            lambda connection: run(
                connection, "DELETE FROM settings WHERE name = ?", (_ENCRYPTING,)
            )
        )
    else:
        _put_now(storage, {_ENCRYPTING: Encrypting(place.before, address)}, only_present=True)
    return True


def exchange_state(storage: Storage) -> dict[str, int]:
    """Progress of open changes: how many values are sealed again, how many keys encrypted again."""

    def read(connection: Connection) -> dict[str, int]:
        progress: dict[str, int] = {}
        sealed, encrypted = _value(connection, _RESEALING), _value(connection, _ENCRYPTING)
        if sealed is not None:
            progress["master key"] = msgspec.msgpack.decode(sealed, type=Resealing).total
        if encrypted is not None:
            place = msgspec.msgpack.decode(encrypted, type=Encrypting)
            count = "SELECT count(*) FROM custody_keys WHERE address <= ?"
            progress["keystore password"] = run(connection, count, (place.after,)).scalar()
        return progress

    return storage.read_now(read)


def exchange_all(
    storage: Storage, secrets: Secrets, *, report: Callable[[dict[str, int]], None] | None = None
) -> None:
    """Completes all open changes, and calls `report` with the progress after each step."""
    while exchange_step(storage, secrets):
        if report is not None:
            report(exchange_state(storage))


# -- rows


def _value(connection: Connection, name: str) -> bytes | None:
    value = run(connection, "SELECT value FROM settings WHERE name = ?", (name,)).scalar()
    return None if value is None else bytes(value)


def _put(connection: Connection, name: str, value: bytes) -> None:
    run(
        connection,
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _put_now(
    storage: Storage, values: dict[str, msgspec.Struct], *, only_present: bool = False
) -> None:
    def write(connection: Connection) -> None:
        for name, value in values.items():
            if only_present and _value(connection, name) is None:
                continue
            _put(connection, name, msgspec.msgpack.encode(value))

    storage.write_now(write)
