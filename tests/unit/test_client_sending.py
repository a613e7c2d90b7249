"""The Python client sends a request again where that is safe, under the same key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from cession_client import Client, GatewayRefused, StillUnderWay

Step = Exception | tuple[int, dict[str, Any]]
IN_USE = {"type": "urn:cession:problem:idempotency-key-in-use"}
OPERATION = {"id": "01a2", "kind": "pay", "state": "submitted", "transactionHash": None}


def client(
    steps: Sequence[Step],
    keys: list[str | None],
    *,
    patience: float = 60.0,
    end_seconds: float = 60.0,
) -> Client:
    """A client of a server that goes through the steps; `keys` gets each request's key."""
    left = list(steps)

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers.get("Idempotency-Key"))
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step[0], json=step[1], headers={"Retry-After": "0"})

    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer))
    return Client(http, "ck_1", patience=patience, end_seconds=end_seconds)


DONE: Step = (200, {"done": True})


@pytest.mark.parametrize("failure", [httpx.ReadError("reset"), httpx.RemoteProtocolError("ended")])
def test_a_command_is_repeated_with_its_key_when_the_connection_ended(failure: Exception) -> None:
    keys: list[str | None] = []
    assert client([failure, DONE], keys, patience=0).post("/v1/orders").body == {"done": True}
    assert len(keys) == 2
    assert keys[0] is not None and keys[0] == keys[1]


def test_a_second_failure_is_the_callers_who_has_no_patience() -> None:
    keys: list[str | None] = []
    steps = [httpx.ReadError("first"), httpx.ReadError("second")]
    with pytest.raises(httpx.ReadError, match="second"):
        client(steps, keys, patience=0).get("/v1/orders")
    assert len(keys) == 2


@pytest.mark.parametrize("busy", [(429, {}), (503, {}), (409, IN_USE)])
def test_a_request_is_sent_again_while_the_gateway_is_busy(busy: Step) -> None:
    keys: list[str | None] = []
    patient = client([busy, busy, DONE], keys)
    assert patient.post("/v1/orders", key="order-4711").body == {"done": True}
    assert keys == ["order-4711"] * 3


def test_a_refusal_that_does_not_pass_is_not_repeated() -> None:
    keys: list[str | None] = []
    with pytest.raises(GatewayRefused):
        client([(409, {"type": "urn:cession:problem:not-saleable"})], keys).post("/v1/orders")
    assert len(keys) == 1


def test_an_operation_that_does_not_end_is_named() -> None:
    forever = client([(202, {"operation": OPERATION}), (200, OPERATION)], [], end_seconds=0)
    with pytest.raises(StillUnderWay, match="operation 01a2 is submitted") as caught:
        forever.command("/v1/orders")
    assert caught.value.operation["id"] == "01a2"
