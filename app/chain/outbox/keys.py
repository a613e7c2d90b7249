"""Keys that sign for parties in custody and for the relay accounts.

All signing goes through the small `Signer` interface, so a remote signer can take a key's place.
"""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from app.chain.evm.signers import LocalSigner, PasswordWrong, Signer
from app.storage import Storage, run
from app.storage.tables.chain import custody_keys


class KeyUnknown(KeyError):
    """The keystore holds no key for this address."""


class Keystore:
    """Keys in custody: encrypted JSON in the store, decrypted once and then held in memory.

    `iterations` is scrypt's cost (n); the default is geth's. It applies to new keys; a stored key
    carries the cost it was written with. `before` is the previous password while the keys are
    encrypted again; it only opens keys.
    """

    def __init__(
        self,
        storage: Storage,
        password: str,
        *,
        iterations: int = 262_144,
        before: str | None = None,
    ) -> None:
        if not password:
            raise ValueError("the keystore needs a password")
        self._storage = storage
        self._password = password
        self._before = before
        self._iterations = iterations
        self._open: dict[str, LocalSigner] = {}

    def add(self, connection: Connection, signer: LocalSigner, *, label: str) -> LocalSigner:
        """Stores an existing key; adding it twice changes nothing.

        It runs scrypt inside the database transaction, so use it on the command line only. Where
        others wait for the store, call `encrypted` first and then `store`.
        """
        self.store(connection, signer, document=self.encrypted(signer), label=label)
        return signer

    def encrypted(self, signer: LocalSigner) -> str:
        """The key as the store holds it. Scrypt makes this slow (seconds) and large (256 MB)."""
        return json.dumps(signer.keystore(self._password, iterations=self._iterations))

    def store(
        self, connection: Connection, signer: LocalSigner, *, document: str, label: str
    ) -> None:
        """Stores a key that `encrypted` has encrypted."""
        run(
            connection,
            "INSERT INTO custody_keys (address, label, keystore_json, created_at) "
            "VALUES (?, ?, ?, ?) ON CONFLICT (address) DO NOTHING",
            (signer.address, label, document, time.time()),
        )
        self._open[signer.address] = signer

    def holds(self, address: str) -> bool:
        """Whether the gateway can sign for this address."""
        return address in self._open or self._document(address) is not None

    async def held(self, address: str) -> bool:
        """As `holds`, without blocking the event loop."""
        if address in self._open:
            return True
        return await self._storage.read(partial(_document, address=address)) is not None

    def held_in(self, connection: Connection, address: str) -> bool:
        """As `holds`, within a read of the store."""
        return address in self._open or _document(connection, address=address) is not None

    def cached(self, address: str) -> Signer | None:
        """The signer if its key is open already, else None: opening a key is slow."""
        return self._open.get(address)

    def signer(self, address: str) -> Signer:
        """The signer of an address in custody.

        Raises:
            KeyUnknown, PasswordWrong.
        """
        signer = self._open.get(address)
        if signer is None:
            document = self._document(address)
            if document is None:
                raise KeyUnknown(address)
            signer = self._open[address] = self._opened(document)
        return signer

    def _opened(self, document: str) -> LocalSigner:
        try:
            return LocalSigner.from_keystore(document, self._password)
        except PasswordWrong:
            if self._before is None:
                raise
            return LocalSigner.from_keystore(document, self._before)

    def encrypt_next(self, after: str) -> str | None:
        """Takes the first key after this address and encrypts it with the new password if needed.

        Returns the key's address, or None if there is no further key. Safe to repeat.

        Raises:
            PasswordWrong: neither password opens the key; the message names its address.
        """
        row = self._storage.read_now(
            lambda connection: run(
                connection,
                "SELECT address, keystore_json FROM custody_keys WHERE address > ? "
                "ORDER BY address LIMIT 1",
                (after,),
            ).first()
        )
        if row is None:
            return None
        address, document = row
        if self._before is not None:
            try:
                signer = LocalSigner.from_keystore(document, self._before)
            except PasswordWrong:
                self._require_new(address, document)
            else:
                change = (self.encrypted(signer), address, document)
                self._storage.write_now(
                    lambda connection: run(
                        connection,
                        "UPDATE custody_keys SET keystore_json = ? "
                        "WHERE address = ? AND keystore_json = ?",
                        change,
                    )
                )
        return str(address)

    def _require_new(self, address: str, document: str) -> None:
        try:
            LocalSigner.from_keystore(document, self._password)
        except PasswordWrong as error:
            raise PasswordWrong(f"neither password opens the key of {address}") from error

    def keep(self, signer: LocalSigner) -> None:
        """Holds a key in memory only, e.g. a well-known account of an embedded chain."""
        self._open[signer.address] = signer

    def _document(self, address: str) -> str | None:
        return self._storage.read_now(partial(_document, address=address))


def _document(connection: Connection, *, address: str) -> str | None:
    query = select(custody_keys.c.keystore_json).where(custody_keys.c.address == address)
    document: str | None = connection.execute(query).scalar()
    return document


def read_secret(path: Path) -> str:
    """A password or key in a file, without the end of its line."""
    return path.read_text().rstrip("\r\n")
