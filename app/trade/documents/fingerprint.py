"""The fingerprint: the same invoice gives the same 32 bytes, however its number is written.

It goes on the ledger, so it is keyed: without the ledger's key nobody can try numbers against it.
Seller, debtor and number are each normalised and length-prefixed, so that no two triples give the
same bytes. An invoice and a credit note with one number are two documents with two fingerprints.
Each instalment of an invoice has its own fingerprint, which follows from the invoice's.
"""

from __future__ import annotations

import hashlib
import hmac

from app.domain.numbering import letters_and_digits
from app.domain.numbering import normalised_number as normalised_number
from app.trade.documents.due import MAX_INSTALMENTS
from app.trade.documents.model import INVOICE, Kind

_DOMAIN = b"cession.fingerprint.v2"
_INSTALMENT = b"cession.fingerprint.instalment.v1"
MIN_KEY = 16


def fingerprint(
    *, key: bytes, seller_id: str, debtor_id: str, number: str, kind: Kind = INVOICE
) -> bytes:
    """The fingerprint of an invoice or credit note, 32 bytes (HMAC-SHA256).

    Args:
        key: the ledger's key for this purpose, at least 16 bytes.
        seller_id, debtor_id: always of the same kind for one party, such as its registered legal
            id with its scheme; blanks, punctuation and case do not matter.
        number: as in the document.
        kind: invoice or credit note.

    Raises:
        ValueError: the key is too short, or a part has neither letters nor digits.
    """
    parts = [letters_and_digits(seller_id), letters_and_digits(debtor_id)]
    return _digest(_DOMAIN, kind, [*parts, normalised_number(number)], key=key)


def _digest(domain: bytes, kind: Kind, texts: list[str], *, key: bytes) -> bytes:
    if len(key) < MIN_KEY:
        raise ValueError(f"the key has {len(key)} bytes, give at least {MIN_KEY}")
    parts = [text.encode() for text in texts]
    if not all(parts):
        raise ValueError("seller, debtor and number each need a letter or digit")
    message = b"".join(
        len(part).to_bytes(4, "big") + part for part in (domain, kind.encode(), *parts)
    )
    return hmac.new(key, message, hashlib.sha256).digest()


def instalment_fingerprint(invoice_fingerprint: str, number: int) -> str:
    """The fingerprint of an instalment (from 1) of an invoice; both fingerprints in hex with 0x."""
    message = (
        _INSTALMENT
        + bytes.fromhex(invoice_fingerprint.removeprefix("0x"))
        + number.to_bytes(4, "big")
    )
    return "0x" + hashlib.sha256(message).hexdigest()


def fingerprints_of(invoice_fingerprint: str) -> list[str]:
    """All fingerprints under which this invoice can be filed: as a whole, or by instalments."""
    return [
        invoice_fingerprint,
        *(
            instalment_fingerprint(invoice_fingerprint, number + 1)
            for number in range(MAX_INSTALMENTS)
        ),
    ]
