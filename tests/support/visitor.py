"""A browser without scripts: cookies, forms, and nothing that it is not told to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from types import TracebackType

import httpx

from tests.support.world import World

_TOKEN = re.compile(r'name="_csrf" value="([0-9a-f]+)"')
COOKIE = "cession-session"


class Visitor:
    """One browser at the gateway's pages."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.http = httpx.Client(base_url=world.server.url, timeout=60, trust_env=False)
        self.origin = world.server.url

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    @property
    def secret(self) -> str:
        """The cookie's value."""
        return self.http.cookies[COOKIE]

    def get(self, path: str) -> httpx.Response:
        """A page, without following redirects."""
        return self.http.get(path)

    def token(self, path: str = "/app/sign-in") -> str:
        """The CSRF token of a page's forms."""
        answer = self.http.get(path, follow_redirects=True)
        match = _TOKEN.search(answer.text)
        assert match is not None, answer.text[:400]
        return match[1]

    def post(
        self,
        path: str,
        fields: Mapping[str, str | list[str]],
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Sends a form, with the token of this browser unless told otherwise."""
        data = {"_csrf": self.token() if token is None else token, **fields}
        return self.http.post(path, data=data, headers={"Origin": self.origin} | (headers or {}))

    def sign_in(self, name: str, *, following: str = "") -> httpx.Response:
        """Signs in with a party's API key."""
        return self.post("/app/sign-in", {"apiKey": self.world[name].api_key, "next": following})


def value_of(page: str, name: str) -> str | None:
    """What a page shows in one of its fields."""
    match = re.search(rf'name="{re.escape(name)}"[^>]*? value="([^"]*)"', page)
    return None if match is None else unescape(match[1])


def form_of(visitor: Visitor, path: str) -> tuple[str, str]:
    """A page with a form, and the form's key."""
    page = visitor.http.get(path, follow_redirects=True)
    assert page.status_code == 200, page.text
    return page.text, value_of(page.text, "_key") or ""
