"""Pages load only the gateway's own files."""

from __future__ import annotations

import asyncio
import re
import uuid

import httpx
import pytest

from app.config import SettingInvalid, Settings, settings_from
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.main import build_app
from tests.support.browser import never_opened
from tests.support.settings import FINE
from tests.support.world import World

ORIGIN = "https://desk.example.com"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_page_loads_nothing_from_other_hosts_and_has_no_inline_script(
    world: World, path: str
) -> None:
    page = world.http.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    loaded = re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for item in loaded:
        assert item.startswith("/assets/"), item
        answer = world.http.get(item)
        assert answer.status_code == 200, item
        assert len(answer.content) > 100, item
        assert b"sourceMappingURL" not in answer.content
    assert re.search(r"<script(?![^>]+src=)|<style|\bon\w+=|style=", page.text) is None


def test_the_documentation_shows_the_gateways_own_description(world: World) -> None:
    assert 'url: "/openapi.json"' in world.http.get("/assets/docs.js").text
    assert "SwaggerUIBundle" in world.http.get("/assets/swagger-ui-bundle.js").text
    assert world.http.get("/redoc").status_code == 404
    assert world.http.get("/assets/nothing.js").json()["type"].endswith(":asset-unknown")


def test_first_page_links_onwards_in_html_and_json(world: World) -> None:
    page = world.http.get("/").text
    for path in ("/docs", "/openapi.json", "/readyz"):
        assert f'href="{path}"' in page
        # Each look has its seconds, which a busy machine may not keep; the next one does.
        assert 200 in (world.http.get(path).status_code for _ in range(5))
    links = world.http.get("/", headers={"Accept": "application/json"}).json()
    assert links["documentation"] == "/docs"


# -- bodies without a content type, or of another one


def send(world: World, content_type: str | None) -> httpx.Response:
    headers = world["buyer"].headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    if content_type is not None:
        headers["Content-Type"] = content_type
    body = f'{{"toPartyId": "{world.parties["bank"]}", "amount": {{"amount": "1.00", "currency": '
    return world.http.post(
        "/v1/cash/CNY/transfers", content=(body + '"CNY"}}').encode(), headers=headers
    )


@pytest.mark.parametrize("content_type", [None, "application/json", "application/problem+json"])
def test_body_is_read_as_json_with_or_without_content_type(
    world: World, content_type: str | None
) -> None:
    assert send(world, content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "", "?"]
)
def test_body_of_another_content_type_is_refused_with_what_to_send(
    world: World, content_type: str
) -> None:
    answer = send(world, content_type)
    assert answer.status_code == 415, answer.text
    assert answer.json()["field"] == "Content-Type"
    assert answer.json()["fix"] == "send Content-Type: application/json"


# -- pages of other origins


def send_from_origin(origins: str, method: str, path: str, **headers: str) -> httpx.Response:
    settings = Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY,
        master_key="m" * 32,
        keystore_password="k",
        cors_origins=origins,
    )
    transport = httpx.ASGITransport(build_app(never_opened, settings=settings))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "x-api-key,idempotency-key,prefer,content-type",
}


def test_no_other_origin_may_call_by_default() -> None:
    assert send_from_origin("", "OPTIONS", "/v1/claims/collections", **PREFLIGHT).status_code == 405
    answer = send_from_origin("", "GET", "/livez", Origin=ORIGIN)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_an_origin_that_the_operator_names_may_call() -> None:
    origins = f"http://localhost:3000, {ORIGIN}"
    answer = send_from_origin(origins, "OPTIONS", "/v1/claims/collections", **PREFLIGHT)
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers
    answer = send_from_origin(origins, "GET", "/livez", Origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "Location" in answer.headers["access-control-expose-headers"]
    other = PREFLIGHT | {"Origin": "https://elsewhere.example"}
    assert (
        send_from_origin(origins, "OPTIONS", "/v1/claims/collections", **other).status_code == 400
    )
    answer = send_from_origin(origins, "GET", "/livez", Origin="https://elsewhere.example")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "value",
    ["*", "desk.example.com", f"{ORIGIN}/", f"{ORIGIN}/app", "https://", "ftp://a", "null",
     "https://Desk.example.com", "https://a:port", f"{ORIGIN},*", "https://ana:pw@a"],
)  # fmt: skip
def test_malformed_origin_setting_gives_one_line(value: str) -> None:
    with pytest.raises(SettingInvalid) as refusal:
        settings_from(FINE | {"CESSION_CORS_ORIGINS": value})
    words = str(refusal.value)
    assert words.startswith("CESSION_CORS_ORIGINS: ")
    assert "\n" not in words
