"""The parties whose accounts stand in the evidence of checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from app.gateway.views import PartyView, party_view
from app.oversight.verification.schemas import Check
from app.parties.registry import repository as parties

_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")


def parties_in(connection: Connection, checks: Sequence[Check]) -> list[PartyView]:
    """The parties in the order of their accounts; an account of no party is left out."""
    accounts = {text.lower() for item in checks for text in _accounts(item["evidence"])}
    names = parties.names(connection, accounts)
    return [party_view(account, names) for account in sorted(names)]


def _accounts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if _ACCOUNT.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _accounts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _accounts(item)
