"""What is stored sealed (AES-256-GCM), from one master key."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealBroken(ValueError):
    """The bytes were sealed with another key or for something else, or were altered."""


class Sealer:
    """Seals bytes; each use of the master key has a key of its own, derived by its name.

    Args:
        master_key: seals, and opens.
        before: the master key before it, while what it sealed is sealed anew; it only opens.
    """

    def __init__(self, master_key: str, *, before: str | None = None) -> None:
        self._master = master_key.encode()
        self._cipher = AESGCM(_derived(self._master, "sealed bytes"))
        self._before = None
        if before is not None:
            self._before = AESGCM(_derived(before.encode(), "sealed bytes"))

    @property
    def check(self) -> bytes:
        """32 bytes that tell one master key from another and do not tell it."""
        return _derived(self._master, "check value")

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Encrypts; `about` (an id) must be given again to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Decrypts, with the key before too where there is one.

        Raises:
            SealBroken.
        """
        plain = _opened(self._cipher, sealed, about)
        if plain is None and self._before is not None:
            plain = _opened(self._before, sealed, about)
        if plain is None:
            raise SealBroken(about)
        return plain

    def anew(self, sealed: bytes, *, about: str) -> bytes | None:
        """The same sealed with the master key; None where it is so already.

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
