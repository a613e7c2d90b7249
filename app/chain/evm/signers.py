"""Signing keys and the check of signatures: secp256k1 with low s."""

from __future__ import annotations

from typing import Any, Protocol

from coincurve import PrivateKey, PublicKey
from eth_account import Account

from app.chain.evm.hashing import keccak

_SIGNATURE_BYTES = 65
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


class SignatureInvalid(ValueError):
    """Ethereum contracts do not accept the signature: wrong length or recovery byte, or high s."""


class Signer(Protocol):
    """Signs 32-byte digests for one address."""

    @property
    def address(self) -> str:
        """The address, lower case."""

    def sign_hash(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v (27 or 28) over a 32-byte digest."""


class LocalSigner:
    """A key in this process's memory."""

    def __init__(self, secret: bytes) -> None:
        self._key = PrivateKey(secret)
        self.address = address_of(self._key.public_key)

    @classmethod
    def generate(cls) -> LocalSigner:
        """A new key from the system's randomness."""
        return cls(PrivateKey().secret)

    def sign_hash(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v over a 32-byte digest; s is low, as contracts require."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes((signature[64] + 27,))

    def keystore(self, password: str, *, iterations: int | None = None) -> dict[str, Any]:
        """The key as encrypted JSON (geth's version 3, scrypt)."""
        encrypted: dict[str, Any] = Account.encrypt(
            self._key.secret, password, kdf="scrypt", iterations=iterations
        )
        return encrypted

    @classmethod
    def from_keystore(cls, keystore: dict[str, Any] | str, password: str) -> LocalSigner:
        """Opens encrypted JSON.

        Raises:
            PasswordWrong.
        """
        try:
            return cls(bytes(Account.decrypt(keystore, password)))
        except ValueError as error:
            raise PasswordWrong("the password does not open this keystore") from error


def address_of(key: PublicKey) -> str:
    """The address of a public key."""
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def recover(digest: bytes, signature: bytes) -> str:
    """Address of the key that signed `digest`, by the rules of OpenZeppelin's ECDSA.

    Raises:
        SignatureInvalid.
    """
    if len(signature) != _SIGNATURE_BYTES or signature[64] not in (27, 28):
        raise SignatureInvalid("a signature has 65 bytes, r, s and v, and its v is 27 or 28")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise SignatureInvalid("the signature has the higher s value; only the lower one counts")
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes((signature[64] - 27,)), digest, hasher=None
        )
    except Exception as error:  # the library raises bare exceptions
        raise SignatureInvalid("the signature is malformed: no key can have made it") from error
    return address_of(key)


class PasswordWrong(ValueError):
    """The password does not open the keystore."""
