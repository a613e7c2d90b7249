"""The fingerprint under which one invoice is known, whoever sends it and in whichever format."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata


def normalised_number(number: str) -> str:
    """An invoice number without what people write differently: case, spaces, punctuation."""
    text = unicodedata.normalize("NFKC", number).upper()
    kept = "".join(letter for letter in text if letter.isalnum())
    return kept or text


def fingerprint(*, key: bytes, kind: str, seller_id: str, debtor_id: str, number: str) -> bytes:
    """32 bytes: HMAC-SHA256 over kind, seller, debtor and number, under the platform's key.

    Keyed, so that nobody can try out on the ledger whether two parties deal with each other.
    """
    parts = (kind, seller_id, debtor_id, normalised_number(number))
    text = "\x1f".join(parts)
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
