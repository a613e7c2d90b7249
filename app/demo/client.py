"""The demo's callers: the client library, with the names of the roles."""

from __future__ import annotations

import httpx
from cession_client import Answer as Answer
from cession_client import Client
from cession_client import GatewayRefused as GatewayRefused


class Caller(Client):
    """One role's access to the gateway."""

    def __init__(self, http: httpx.Client, name: str, api_key: str) -> None:
        """Reports what a busy gateway answers, instead of sending the request again."""
        super().__init__(http, api_key, patience=0)
        self.name = name
