"""An independent bank: mock-bank reads pain.001 and writes pain.002, camt and pacs."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from mockbank.server import Config, make_server

from tests.support.bodies import Json

MONDAY = datetime.date(2026, 12, 7)


class Bank:
    """The bank's own interface, for one test."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        listed = http.get("/_mock/accounts").json()
        self.ibans = {item["id"]: item["iban"] for item in listed}

    def send(self, content: bytes) -> Json:
        """What the bank says at once to an order."""
        headers = {"Content-Type": "application/xml"}
        return dict(self._http.post("/payments", content=content, headers=headers).json())

    def advance(self, days: int) -> None:
        """Moves the bank's day."""
        self._http.post(f"/_mock/advance?days={days}").raise_for_status()

    def behave(self, account: str, **fields: Any) -> None:
        """Changes an account."""
        self._http.patch(f"/_mock/accounts/{account}", json=fields).raise_for_status()

    def credit(self, **fields: Any) -> None:
        """Lets money come in."""
        self._http.post("/_mock/credits", json=fields).raise_for_status()

    def messages(self, kind: str) -> list[bytes]:
        """Messages of a kind that nobody has taken."""
        answer = self._http.get("/_mock/mailbox", params={"type": kind}).json()
        return [item["body"].encode() for item in answer]


@contextmanager
def other_bank() -> Iterator[Bank]:
    """A bank on a free port, on the morning of a Monday."""
    config = Config(port=0, quiet=True, clock=f"{MONDAY}T09:00")
    server = make_server(config)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        port = server.server_address[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            yield Bank(http)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
