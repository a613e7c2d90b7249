"""Sends a request, and sends it again where that is safe."""

from __future__ import annotations

import itertools
import time
from http import HTTPStatus
from typing import Any

import httpx

_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_KEY_IN_USE = "urn:cession:problem:idempotency-key-in-use"
_FIRST_PAUSE, _MAX_PAUSE = 0.25, 5.0
_ENDED = (httpx.ReadError, httpx.RemoteProtocolError)
_LOST = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError)


def send(
    http: httpx.Client, method: str, path: str, *, patience: float, **more: Any
) -> httpx.Response:
    """The response to a request.

    Nothing happens twice: a read changes nothing, and a command has its idempotency key. So the
    request is sent once more at once if the connection ended before an answer began: a server ends
    a connection that was idle, and a request may cross with that end.

    Args:
        patience: seconds in which the request is sent again while the gateway cannot be reached,
            is busy (429, 503), or still carries out the same command.

    Raises:
        httpx.HTTPError: the gateway cannot be reached.
    """
    end = time.monotonic() + patience
    for attempt in itertools.count():
        try:
            response = http.request(method, path, **more)
        except _LOST as error:
            if attempt == 0 and isinstance(error, _ENDED):
                continue
            pause = _pause(attempt, None)
            if time.monotonic() + pause > end:
                raise
        else:
            pause = _pause(attempt, response.headers.get("Retry-After"))
            if not _is_busy(response) or time.monotonic() + pause > end:
                return response
        time.sleep(pause)
    raise AssertionError("a count does not end")


def _is_busy(response: httpx.Response) -> bool:
    if response.status_code == HTTPStatus.CONFLICT:
        return bool(document_of(response).get("type") == _KEY_IN_USE)
    return response.status_code in _BUSY


def _pause(attempt: int, seconds: str | None) -> float:
    """Seconds to the next attempt: those that the gateway names, or twice as many each time."""
    if seconds is not None and seconds.isdecimal():
        return float(seconds)
    return min(_MAX_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, 10))


def document_of(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of a response; another text, as of a proxy, becomes its `detail`."""
    try:
        body = response.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"detail": response.text[:500]}
