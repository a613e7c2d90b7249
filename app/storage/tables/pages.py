"""Tables of the browser pages: who is signed in, and what a browser left half done."""

from __future__ import annotations

from sqlalchemy import Column, Double, LargeBinary, Table, Text

from app.storage.tables.base import metadata

page_sessions = Table(
    "page_sessions",
    metadata,
    Column("id", Text, primary_key=True),  # sha256 of the cookie
    Column("owner", Text, nullable=False, index=True),  # party or label of the caller
    Column("sealed", LargeBinary),  # credential and caller; None once it has ended
    Column("created_at", Double, nullable=False),
    Column("used_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("key_hash", Text),  # of the key that a wallet's session has, and that ends with it
    # Hashes of the tokens that forms of this browser had before, newest first, joined by blanks
    Column("earlier_tokens", Text, nullable=False, server_default=""),
)

page_nonces = Table(
    "page_nonces",
    metadata,
    Column("id", Text, primary_key=True),  # sha256 of the nonce, which signs in once
    Column("expires_at", Double, nullable=False),
)

page_drafts = Table(
    "page_drafts",
    metadata,
    Column("id", Text, primary_key=True),  # sha256 of the draft's name
    Column("owner", Text, nullable=False),  # only this caller gets the values back
    Column("sealed", LargeBinary, nullable=False),  # path and values of a form
    Column("created_at", Double, nullable=False),
)

page_forms = Table(
    "page_forms",
    metadata,
    Column("id", Text, primary_key=True),  # sha256 of owner and idempotency key
    Column("location", Text, nullable=False),  # the page that shows what the form did
    Column("created_at", Double, nullable=False),
)

page_views = Table(
    "page_views",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("list", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)
