"""Addresses of nodes: their parts, and texts that show none of their secrets."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

_MIN_SECRET = 8  # characters; a shorter part of an address is a word such as `v1`


def split_url(url: str) -> SplitResult:
    """The parts of a node's address.

    Raises:
        ValueError: it is not the address of a node; the message contains no secret.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:  # its message may quote a password
        pass
    raise ValueError(
        "not the address of a node; give http(s)://HOST:PORT, and write special characters of a "
        "user or password as %XX"
    )


def public_url(url: str) -> str:
    """A node's address for messages and logs: scheme, host and port.

    It omits user, password, path and query, because providers put keys there.
    """
    try:
        parts = split_url(url)
    except ValueError:
        return "(not an address)"
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def secrets_of(parts: SplitResult) -> list[str]:
    """Parts of an address that must occur in no message, longest first."""
    texts = {parts.username, parts.password, *re.split("[/&=]", f"{parts.path}/{parts.query}")}
    known = {text for text in texts if text}
    known |= {unquote(text) for text in known}
    login = (parts.username, parts.password)
    secret = (text for text in known if text in login or len(text) >= _MIN_SECRET)
    return sorted(secret, key=len)[::-1]


def without_secrets(url: str, text: str) -> str:
    """The text without users, passwords, paths and queries of a node's address.

    Raises:
        ValueError: `url` is not the address of a node.
    """
    for secret in secrets_of(split_url(url)):
        text = text.replace(secret, "…")
    return text
