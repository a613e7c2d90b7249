"""Seals stored bytes (AES-256-GCM) with keys derived from one master key."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealBroken(ValueError):
    """The bytes were sealed with another key or for another purpose, or were altered."""


class Sealer:
    """Seals bytes. Each use of the master key has its own key, derived with the use's name.

    Args:
        master_key: the key that seals and opens.
        before: the previous master key, while its values are sealed again; it only opens.
    """

    def __init__(self, master_key: str, *, before: str | None = None) -> None:
        self._master = master_key.encode()
        self._cipher = AESGCM(_derived(self._master, "sealed bytes"))
        self._before = None
        if before is not None:
            self._before = AESGCM(_derived(before.encode(), "sealed bytes"))

    @property
    def check(self) -> bytes:
        """32 bytes that identify the master key without revealing it."""
        return _derived(self._master, "check value")

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Encrypts `plain`; to open it, pass the same `about` (an id)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Decrypts, if necessary with the previous master key.

        Raises:
            SealBroken.
        """
        plain = _opened(self._cipher, sealed, about)
        if plain is None and self._before is not None:
            plain = _opened(self._before, sealed, about)
        if plain is None:
            raise SealBroken(about)
        return plain

    def reseal(self, sealed: bytes, *, about: str) -> bytes | None:
        """The same bytes sealed with the master key; None if they are already.

        Raises:
            SealBroken.
        """
        if _opened(self._cipher, sealed, about) is not None:
            return None
        return self.seal(self.open(sealed, about=about), about=about)


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"cession {purpose}".encode()).derive(secret)


def _opened(cipher: AESGCM, sealed: bytes, about: str) -> bytes | None:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
    except InvalidTag:
        return None
