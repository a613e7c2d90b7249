"""A caller of the gateway: plain HTTP, as a bank or supplier would write it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

WAIT_SECONDS = 30


class GatewayRefused(Exception):
    """The gateway answered with a problem document (RFC 9457).

    Attributes:
        problem: the document; `status` is one of its members.
    """

    def __init__(self, problem: dict[str, Any]) -> None:
        words = problem.get("detail") or problem.get("title") or "refused"
        error = (problem.get("contractError") or {}).get("name")
        named = "" if error is None else f" ({error})"
        super().__init__(f"{problem.get('status')}: {words}{named}")
        self.problem = problem

    @property
    def kind(self) -> str:
        """The last part of the problem's type: `urn:cession:problem:<kind>`."""
        return str(self.problem.get("type", "")).rsplit(":", 1)[-1]


@dataclass
class Answer:
    """The answer to a request, and the time that the caller waited, in milliseconds."""

    body: dict[str, Any]
    milliseconds: float
    status: int = 200


@dataclass
class Caller:
    """One role's access to the gateway."""

    http: httpx.Client
    name: str
    api_key: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"X-API-Key": self.api_key}

    def get(self, path: str, **query: Any) -> Answer:
        """Reads from the gateway.

        Raises:
            GatewayRefused.
        """
        began = time.perf_counter()
        return _answer(self._send("GET", path, params=query, headers=self.headers), began)

    def text(self, path: str, **query: Any) -> str:
        """Reads something that is not JSON (a CSV export)."""
        response = self._send("GET", path, params=query, headers=self.headers)
        response.raise_for_status()
        return response.text

    def upload(self, path: str, *, name: str, content: bytes, media_type: str) -> Answer:
        """Sends a file as a form.

        Raises:
            GatewayRefused.
        """
        began = time.perf_counter()
        headers = self.headers | {"Idempotency-Key": uuid.uuid4().hex}
        files = {"file": (name, content, media_type)}
        return _answer(self._send("POST", path, files=files, headers=headers), began)

    def command(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Sends a command and waits until the chain has executed it.

        Raises:
            GatewayRefused: refused at once, or rejected by a contract.
        """
        began = time.perf_counter()
        return self._carried_out(path, self.post(path, body), began)

    def command_with_files(
        self,
        path: str,
        *,
        fields: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes, str]],
        **query: Any,
    ) -> Answer:
        """Sends a form with files, and waits until the chain has executed what it commands.

        Args:
            files: by field of the form: name, content and media type.

        Raises:
            GatewayRefused: refused at once, or rejected by a contract.
        """
        began = time.perf_counter()
        form = {"data": dict(fields), "files": dict(files)}
        response = self._send("POST", path, params=query, headers=self._new_headers(), **form)
        answer = _answer(response, began)
        if answer.body["operation"] is None:
            return answer
        return self._carried_out(path, answer, began)

    def _carried_out(self, path: str, answer: Answer, began: float) -> Answer:
        operation = answer.body.get("operation", answer.body)
        while operation["state"] in ("accepted", "submitted"):
            if time.perf_counter() - began > 4 * WAIT_SECONDS:
                raise TimeoutError(f"{path}: operation {operation['id']} is {operation['state']}")
            operation = self.get(f"/v1/operations/{operation['id']}", wait=WAIT_SECONDS).body
        if operation["state"] == "rejected":
            error = operation.get("error") or {}
            raise GatewayRefused(
                {
                    "status": 409,
                    "type": "urn:cession:problem:contract-refused",
                    "detail": f"the ledger refuses: {error.get('message')}",
                    "fix": error.get("fix"),
                    "contractError": error,
                }
            )
        return Answer(answer.body | operation, (time.perf_counter() - began) * 1000)

    def post(self, path: str, body: Mapping[str, Any] | None = None, **query: Any) -> Answer:
        """Sends a command and returns the first answer.

        Raises:
            GatewayRefused.
        """
        began = time.perf_counter()
        headers = self._new_headers()
        response = self._send("POST", path, json=body or {}, params=query, headers=headers)
        return _answer(response, began)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Sends a request; once more where the connection ended before an answer began.

        A server ends a connection that was idle, and a request may cross with that end. Nothing
        happens twice: a read changes nothing, and a command has its idempotency key.
        """
        try:
            return self.http.request(method, path, **more)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            return self.http.request(method, path, **more)

    def _new_headers(self) -> dict[str, str]:
        """The headers of a new command."""
        return self.headers | {
            "Idempotency-Key": uuid.uuid4().hex,
            "Prefer": f"wait={WAIT_SECONDS}",
        }

    def delete(self, path: str) -> Answer:
        """Sends a command that takes something back, and returns the first answer.

        Raises:
            GatewayRefused.
        """
        began = time.perf_counter()
        return _answer(self._send("DELETE", path, headers=self._new_headers()), began)


def _answer(response: httpx.Response, began: float) -> Answer:
    milliseconds = (time.perf_counter() - began) * 1000
    try:
        body = response.json()
    except ValueError:
        body = {"detail": response.text[:500]}
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise GatewayRefused({"status": response.status_code} | body)
    return Answer(body, milliseconds, response.status_code)
