"""What is stored sealed (AES-256-GCM) or looked up by keyed hash, all from one master key."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealBroken(ValueError):
    """The bytes were sealed with another key or for something else, or were altered."""


class Sealer:
    """Seals bytes and makes keyed hashes. Each use has a key of its own, derived by its name."""

    def __init__(self, master_key: str) -> None:
        self._master = master_key.encode()
        self._cipher = AESGCM(self.key("sealed bytes"))

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF-SHA256)."""
        return HKDF(SHA256(), 32, salt=None, info=f"cession {purpose}".encode()).derive(
            self._master
        )

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Encrypts; `about` (an id) must be given again to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Decrypts.

        Raises:
            SealBroken.
        """
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode()
            )
        except InvalidTag as error:
            raise SealBroken(about) from error

    def lookup(self, text: str, *, purpose: str) -> str:
        """A keyed hash under which equal texts are found again."""
        return hmac.new(self.key(purpose), text.encode(), hashlib.sha256).hexdigest()
