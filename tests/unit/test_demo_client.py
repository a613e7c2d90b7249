"""The demo's caller repeats a request whose connection ended, and nothing happens twice by it."""

from __future__ import annotations

import httpx
import pytest

from app.demo.client import Caller


def caller(failures: list[Exception], keys: list[str | None]) -> Caller:
    """A caller of a server that fails so often first; `keys` gets each request's key."""

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers.get("Idempotency-Key"))
        if failures:
            raise failures.pop(0)
        return httpx.Response(200, json={"done": True})

    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer))
    return Caller(http, "supplier", "ck_1")


@pytest.mark.parametrize("failure", [httpx.ReadError("reset"), httpx.RemoteProtocolError("ended")])
def test_a_command_is_repeated_with_its_key_when_the_connection_ended(failure: Exception) -> None:
    keys: list[str | None] = []
    assert caller([failure], keys).post("/v1/orders").body == {"done": True}
    assert len(keys) == 2
    assert keys[0] is not None and keys[0] == keys[1]


def test_a_second_failure_is_the_callers() -> None:
    keys: list[str | None] = []
    failures: list[Exception] = [httpx.ReadError("first"), httpx.ReadError("second")]
    with pytest.raises(httpx.ReadError, match="second"):
        caller(failures, keys).get("/v1/orders")
    assert len(keys) == 2
