"""The key of a ledger: all gateways of one ledger have it, and the ledger has its hash.

It keys hashes on the ledger that must be the same at every gateway: the identity of a party, and
the fingerprints of invoices, orders and lots. So nobody can register one company twice, or file one
invoice twice, through two gateways. Without the key nobody can test guessed numbers against the
hashes on the ledger.

Imports the standard library only, because the deployment plan does.
"""

from __future__ import annotations

import hashlib
import hmac

from app.domain.id_schemes import kind_of
from app.domain.numbering import letters_and_digits

DIGITS = 64
_MIN_DISTINCT_BYTES = 8  # a random key has more; a repeated word has fewer
_COMMITMENT = b"cession ledger key\0"
# The key of ledgers that the development mnemonic deploys; it is public.
DEVELOPMENT_LEDGER_KEY = hashlib.sha256(b"Cession development ledger key").hexdigest()


class LedgerKeyInvalid(ValueError):
    """The text is not a ledger key."""


class LedgerKey:
    """A key of 32 bytes.

    Args:
        digits: the key, 64 hex digits; `0x` and spaces around it are ignored.

    Raises:
        LedgerKeyInvalid.
    """

    def __init__(self, digits: str) -> None:
        text = digits.strip().removeprefix("0x")
        try:
            key = bytes.fromhex(text) if len(text) == DIGITS else b""
        except ValueError:
            key = b""
        if len(key) != DIGITS // 2 or len(set(key)) < _MIN_DISTINCT_BYTES:
            raise LedgerKeyInvalid(
                f"give the ledger's key, {DIGITS} random hex digits; `cession keys ledger` makes "
                "one for a new ledger"
            )
        self._key = key

    @property
    def commitment(self) -> str:
        """The ledger's record of the key (`PartyRegistry.ledgerKeyHash`): 0x and 64 digits.

        It is a SHA-256 and does not reveal the key.
        """
        return "0x" + hashlib.sha256(_COMMITMENT + self._key).hexdigest()

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose, HMAC-SHA256."""
        return hmac.new(self._key, b"cession " + purpose.encode(), hashlib.sha256).digest()

    def identity(self, *, scheme: str, value: str) -> str:
        """The identity hash of the party with this legal id: 0x and 64 digits.

        Args:
            scheme: of the legal id, such as `LEI`; codes of the same kind of id are equal.
            value: the legal id; punctuation and spaces are ignored.
        """
        parts = (kind_of(scheme).encode(), letters_and_digits(value).encode())
        text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return "0x" + hmac.new(self.key("party identity"), text, hashlib.sha256).hexdigest()
