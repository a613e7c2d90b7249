"""Beginnings of documents' numbers, though the store holds no number in clear.

Each beginning is stored as a keyed hash (HMAC-SHA256, cut to 16 bytes), so that a thief of the
database reads no number. What it shows is which documents' numbers begin alike.
"""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import Connection

from app.domain.ledger_key import LedgerKey
from app.domain.prefixes import MIN_NUMBER, beginning_of, number_beginnings
from app.domain.texts import say
from app.errors import BadInput
from app.storage import run_many

_PURPOSE = "beginnings of document numbers"
_DIGITS = 32
# A receivable is behind a document as in `repository`: by its root, and by its seller. Both marks
# take the token. Without the seller, a copied root would tell the number of another's invoice.
OF_RECEIVABLE = (
    "({r}document_root IN (SELECT n.root FROM document_numbers n WHERE n.token = ?) AND EXISTS "
    "(SELECT 1 FROM document_numbers n JOIN parties_directory o ON o.id = n.owner "
    "JOIN parties p ON p.identity_hash = o.identity_hash "
    "JOIN accounts a ON a.party_id = p.party_id "
    "WHERE n.token = ? AND n.root = {r}document_root AND a.account = {r}seller))"
)


def _token(key: LedgerKey, beginning: str) -> str:
    digest = hmac.new(key.key(_PURPOSE), beginning.encode(), hashlib.sha256)
    return digest.hexdigest()[:_DIGITS]


def token_of(key: LedgerKey, text: str) -> str | None:
    """The token by which documents are found whose numbers begin with this text.

    None: the text has too few letters and digits.
    """
    beginning = beginning_of(text)
    return None if beginning is None else _token(key, beginning)


def required_token(key: LedgerKey, text: str) -> str:
    """The token of a text by which a list is filtered.

    Raises:
        BadInput: the text has too few letters and digits.
    """
    token = token_of(key, text)
    if token is None:
        raise BadInput(
            say("text has fewer than {min_number} letters and digits", min_number=MIN_NUMBER),
            field="text",
            fix="give more of the beginning of the invoice's number",
        )
    return token


def add(
    connection: Connection, key: LedgerKey, *, number: str, root: str, owner: str, document_id: str
) -> None:
    """Stores the beginnings of a document's number."""
    run_many(
        connection,
        "INSERT INTO document_numbers (token, root, owner, document_id) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (token, root) DO NOTHING",
        [
            (_token(key, beginning), root, owner, document_id)
            for beginning in number_beginnings(number)
        ],
    )
