"""The fingerprint: the same invoice gives the same 32 bytes, however its number is written.

It goes on chain, so it is keyed: who lacks the platform's key cannot try numbers against it.
Seller, debtor and number are each normalised and length-prefixed, so that no two triples run
together. An invoice and a credit note of one number are two papers and have two fingerprints.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from app.documents.model import INVOICE, Kind

_DOMAIN = b"cession.fingerprint.v1"
LEAST_KEY = 16


# Capitals of Cyrillic and Greek that look like Latin ones (Unicode's confusables, UTS #39).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ", "ABESIJKMHOPCTYXQW" + "ABEZHIKMNOPTYXCM"
)


def normalised_number(number: str) -> str:
    """Letters and digits alone, in capitals; compatibility forms (NFKC), digits and letters that
    look alike folded; zeros in front dropped.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).upper())
    kept = []
    for letter in folded:
        digit = unicodedata.decimal(letter, None)
        if digit is not None:
            kept.append(str(digit))
        elif letter.isalnum():
            kept.append(letter.translate(_LOOKALIKES))
    text = "".join(kept)
    return text.lstrip("0") or text[:1]


def fingerprint(
    *, key: bytes, seller_id: str, debtor_id: str, number: str, kind: Kind = INVOICE
) -> bytes:
    """The fingerprint of an invoice or credit note, 32 bytes (HMAC-SHA256).

    Args:
        key: the platform's, at least 16 bytes; another key gives other fingerprints.
        seller_id, debtor_id: always of the same kind for one party, such as its registered legal
            id with its scheme; blanks, punctuation and case do not matter.
        number: as the paper has it.

    Raises:
        ValueError: the key is too short, or a part has neither letters nor digits.
    """
    if len(key) < LEAST_KEY:
        raise ValueError(f"the key has {len(key)} bytes, at least {LEAST_KEY} are needed")
    parts = [normalised_number(part).encode() for part in (seller_id, debtor_id, number)]
    if not all(parts):
        raise ValueError("seller, debtor and number each need a letter or digit")
    message = b"".join(
        len(part).to_bytes(4, "big") + part for part in (_DOMAIN, kind.encode(), *parts)
    )
    return hmac.new(key, message, hashlib.sha256).digest()
