"""Keys: who signs for a party in custody and for the relayer's accounts.

Signing goes through the small `Signer` interface, behind which a remote signer fits too.
"""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from app.chain.evm.signers import LocalSigner, PasswordWrong, Signer
from app.storage import Storage, run
from app.storage.tables import custody_keys


class KeyUnknown(KeyError):
    """The keystore holds no key for this address."""


class Keystore:
    """Keys in custody: encrypted JSON in the store, opened once and then kept in memory.

    `iterations` is scrypt's cost (n); the default is geth's. A new key is written with it; a key is
    opened with the cost it was written with. `before` is the password before this one, while keys
    are encrypted anew; it only opens.
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

    def create(self, connection: Connection, *, label: str) -> LocalSigner:
        """Makes a key, stores it encrypted and returns it."""
        return self.add(connection, LocalSigner.generate(), label=label)

    def add(self, connection: Connection, signer: LocalSigner, *, label: str) -> LocalSigner:
        """Stores a key that is already there; adding it twice changes nothing.

        It derives the file's key inside the transaction: on the command line only. Where others
        wait for the store, `encrypted` comes first and `store` then.
        """
        self.store(connection, signer, document=self.encrypted(signer), label=label)
        return signer

    def encrypted(self, signer: LocalSigner) -> str:
        """The key as the store keeps it. Scrypt makes this slow (seconds) and large (256 MB)."""
        return json.dumps(signer.keystore(self._password, iterations=self._iterations))

    def store(
        self, connection: Connection, signer: LocalSigner, *, document: str, label: str
    ) -> None:
        """Stores a key that `encrypted` has made ready."""
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
        """As `holds`, without keeping the event loop waiting."""
        if address in self._open:
            return True
        return await self._storage.read(partial(_document, address=address)) is not None

    def cached(self, address: str) -> Signer | None:
        """The signer when its key is open already: opening one takes long."""
        return self._open.get(address)

    def signer(self, address: str) -> Signer:
        """The signer of an address in custody.

        Raises:
            KeyUnknown, PasswordWrong.
        """
        found = self._open.get(address)
        if found is None:
            document = self._document(address)
            if document is None:
                raise KeyUnknown(address)
            found = self._open[address] = self._opened(document)
        return found

    def _opened(self, document: str) -> LocalSigner:
        try:
            return LocalSigner.from_keystore(document, self._password)
        except PasswordWrong:
            if self._before is None:
                raise
            return LocalSigner.from_keystore(document, self._before)

    def encrypt_next(self, after: str) -> str | None:
        """Encrypts the first key past this address anew where it has the password before.

        Returns its address; None when there is no further key. Safe to repeat.

        Raises:
            PasswordWrong: neither password opens it; the message names the address.
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
        """Holds a key in memory only, e.g. those of an embedded chain's well-known accounts."""
        self._open[signer.address] = signer

    def _document(self, address: str) -> str | None:
        return self._storage.read_now(partial(_document, address=address))


def _document(connection: Connection, *, address: str) -> str | None:
    query = select(custody_keys.c.keystore_json).where(custody_keys.c.address == address)
    found: str | None = connection.execute(query).scalar()
    return found


def read_secret(path: Path) -> str:
    """A password or key kept in a file, without its line's end."""
    return path.read_text().rstrip("\r\n")
