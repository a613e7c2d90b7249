"""The API as pages call it: in process, with the credential of the person who is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal
from urllib.parse import quote

import httpx
import msgspec
from fastapi import FastAPI
from starlette.responses import Response

from app.gateway.said import FOR_A_PAGE
from app.pages.languages import current, t
from app.pages.problem_words import for_people

Json = dict[str, Any]
WAIT_SECONDS = 10
_HTTP_ERROR = 400
_PAGE, _MAX_PAGES = 200, 25  # of a list that is read to its end


class Credential(msgspec.Struct, frozen=True):
    """What authenticates a person at the API."""

    kind: Literal["key", "token"]
    value: str
    expires_at: float | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries it."""
        if self.kind == "key":
            return {"X-API-Key": self.value}
        return {"Authorization": f"Bearer {self.value}"}


class Problem(Exception):
    """The API refused: its problem document (RFC 9457).

    Attributes:
        name: last part of the problem's type.
        fix: what to do about it.
        field: path of the wrong input, such as `parts.0.amount`.
        errors: what is wrong, by field.
    """

    def __init__(self, document: Json) -> None:
        super().__init__(document.get("detail") or document.get("title") or "")
        self.document = document
        self.status = int(document.get("status") or 500)
        self.title = str(document.get("title") or "")
        self.name = str(document.get("type") or "").rpartition(":")[2]
        self.field: str | None = document.get("field")
        self.operation: Json | None = document.get("operation")
        self.call_fields({})

    def call_fields(self, labels: Mapping[str, str]) -> Problem:
        """Says the same with the labels of a page's fields, by their names in the API."""
        document = self.document
        errors = [
            (str(item["field"]), str(item["detail"])) for item in document.get("errors") or ()
        ]
        own = () if self.field is None else (self.field,)
        fields = (*own, *(field for field, _ in errors))

        def say(text: object) -> str:
            return for_people(str(text), labels=labels, fields=fields)

        self.detail = say(document.get("detail") or "")
        fix = document.get("fix")
        self.fix: str | None = None if fix is None else say(fix)
        self.errors: dict[str, str] = {}
        for field, detail in errors:
            self.errors.setdefault(field, say(detail))
        if self.field is not None:
            self.errors.setdefault(self.field, self.detail)
        return self


class Api:
    """The API for one request of one person.

    Args:
        address: of the person's browser; unknown keys are limited by address.
    """

    def __init__(self, app: FastAPI, credential: Credential | None, *, address: str) -> None:
        self._app = app
        self._credential = credential
        self._address = address

    async def get(self, path: str, **query: Any) -> Json:
        """The answer to a question. A parameter that is None or "" is left out.

        Raises:
            Problem.
        """
        return _json(await self.send("GET", path, query=query))

    async def pages(self, path: str, **query: Any) -> AsyncIterator[Json]:
        """The pages of a list, up to 5,000 items, for what the API does not filter.

        One page may have none of that, and the next one may. The last page has a `nextCursor` only
        if the list goes on after that bound.

        Raises:
            Problem.
        """
        cursor = None
        for _ in range(_MAX_PAGES):
            answer = await self.get(path, **{"limit": _PAGE} | query, cursor=cursor)
            yield answer
            cursor = answer.get("nextCursor")
            if cursor is None:
                break

    async def every(self, path: str, **query: Any) -> list[Json]:
        """The items of all pages of a list, up to 5,000.

        Raises:
            Problem.
        """
        return [item async for answer in self.pages(path, **query) for item in answer["items"]]

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, wait: int = WAIT_SECONDS
    ) -> Json:
        """The answer to a command.

        Args:
            key: the form's idempotency key.
            wait: seconds to wait for the operation's end.

        Raises:
            Problem.
        """
        return _json(await self.send("POST", path, json=body, headers=_command(key, wait)))

    async def delete(
        self, path: str, *, key: str | None = None, wait: int = WAIT_SECONDS, **query: Any
    ) -> Json:
        """The answer to a command that deletes. It has no body; `query` names what was shown.

        Raises:
            Problem.
        """
        return _json(await self.send("DELETE", path, query=query, headers=_command(key, wait)))

    async def upload(
        self,
        path: str,
        *,
        name: str,
        content: bytes,
        media_type: str,
        fields: dict[str, str] | None = None,
        key: str | None = None,
        field: str = "file",
    ) -> Json:
        """Sends a file as a form.

        Raises:
            Problem.
        """
        answer = await self.send(
            "POST",
            path,
            files={field: (name, content, media_type)},
            data=fields or {},
            headers=_command(key, WAIT_SECONDS),
        )
        return _json(answer)

    async def download(self, path: str, **query: Any) -> httpx.Response:
        """The answer as it is: for files, in the language of the page.

        Raises:
            Problem.
        """
        return _refused(await self.send("GET", path, query=query))

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        """One request in the language of the page, in a task of its own.

        What it notes in its context stays there.
        """
        client_address = (self._address, 0)
        transport = httpx.ASGITransport(app=self._served, client=client_address)
        own = {"Accept-Language": current.get()}
        own |= {} if self._credential is None else self._credential.headers
        params = {name: _text(value) for name, value in (query or {}).items() if _said(value)}
        if body.get("json", ...) is None:
            del body["json"]
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            request = client.request(
                method, path, params=params, headers=own | (headers or {}), **body
            )
            return await asyncio.create_task(request)

    async def _served(self, scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {FOR_A_PAGE: True}  # as a server gives each request
        await self._app(scope, receive, send)


def passed_on(answer: httpx.Response) -> Response:
    """A file of the API as the page's own answer, with its name and language."""
    names = ("Content-Disposition", "Content-Language")
    headers = {name: answer.headers[name] for name in names if name in answer.headers}
    return Response(answer.content, media_type=answer.headers.get("content-type"), headers=headers)


def part(value: object) -> str:
    """A value as one part of a path.

    Raises:
        Problem: it would be more than one part, or lead elsewhere.
    """
    text = str(value)
    if text in ("", ".", "..") or "/" in text:
        document = {"status": 404, "title": t("Not found"), "detail": t("There is no such thing.")}
        raise Problem(document)
    return quote(text, safe="")


def _command(key: str | None, wait: int) -> dict[str, str]:
    headers = {"Prefer": f"wait={wait}"} if wait else {}
    return headers | ({} if key is None else {"Idempotency-Key": key})


def _said(value: Any) -> bool:
    return value is not None and value != ""


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _refused(answer: httpx.Response) -> httpx.Response:
    if answer.status_code < _HTTP_ERROR:
        return answer
    try:
        document = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        document = {}
    if not isinstance(document, dict):
        document = {}
    raise Problem({"status": answer.status_code, "title": answer.reason_phrase} | document)


def _json(answer: httpx.Response) -> Json:
    content = _refused(answer).content
    body: Any = msgspec.json.decode(content) if content else {}
    return body if isinstance(body, dict) else {"items": body}
