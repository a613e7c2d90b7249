"""Sessions hold against forged forms, foreign cookies, and their own end."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from starlette.responses import Response

from app.gateway.callers import add_key
from app.pages import sessions
from app.pages.forms import local
from app.pages.sessions import digest
from app.storage import run
from tests.support.visitor import COOKIE, Visitor, value_of
from tests.support.world import World


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        yield opened


def aged(visitor: Visitor, seconds: float, *columns: str) -> None:
    """Moves times of the browser's session into the past."""
    changes = ", ".join(f"{column} = {column} - ?" for column in columns)
    values = (*[seconds] * len(columns), digest(visitor.secret))
    storage = visitor.world.server.gateway.storage
    storage.write_now(lambda c: run(c, f"UPDATE page_sessions SET {changes} WHERE id = ?", values))


def test_signing_in_gives_a_new_secret_that_scripts_cannot_read(visitor: Visitor) -> None:
    before = visitor.http.get("/app/sign-in").cookies[COOKIE]
    answer = visitor.sign_in("supplier")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app")
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert visitor.secret != before
    with Visitor(visitor.world) as attacker:  # who had planted the first secret
        attacker.http.cookies.set(COOKIE, before)
        assert attacker.get("/app").headers["location"].startswith("/app/sign-in")


def test_cookie_over_tls_is_secure_and_bound_to_the_host() -> None:
    response = Response()
    sessions.set_cookie(response, "secret", secure=True)
    flags = response.headers["set-cookie"].lower()
    assert flags.startswith("__host-cession-session=secret")
    assert "secure" in flags
    assert "path=/;" in flags
    assert "domain" not in flags


def test_store_has_no_secret_and_no_key_in_the_clear(visitor: Visitor) -> None:
    visitor.sign_in("supplier")
    storage = visitor.world.server.gateway.storage
    row = storage.read_now(
        lambda c: run(
            c, "SELECT id, sealed FROM page_sessions WHERE id = ?", (digest(visitor.secret),)
        ).one()
    )
    assert visitor.secret not in row.id
    assert visitor.world["supplier"].api_key.encode() not in bytes(row.sealed)


def test_wrong_key_signs_nobody_in_and_says_so(visitor: Visitor) -> None:
    answer = visitor.post("/app/sign-in", {"apiKey": "ck_nobody"})
    assert answer.status_code == 401
    assert "the API key is unknown or was revoked" in answer.text
    assert visitor.get("/app").status_code == 303


def test_form_needs_the_token_of_its_own_browser(visitor: Visitor) -> None:
    _, claim = visitor.world.confirmed(amount="10.00")
    visitor.sign_in("supplier")
    with Visitor(visitor.world) as other:
        other.sign_in("castor")
        foreign = other.token("/app")
    path, fields = f"/app/claims/{claim}/collection", {"_key": "k1"}
    assert visitor.http.post(path, data=fields).status_code == 403
    for token in ("", foreign):
        assert visitor.post(path, fields, token=token).status_code == 403
    own = visitor.token("/app")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.post(path, fields, token=own, headers=headers).status_code == 403
    with_origin = visitor.post(path, fields, token=own, headers={"Sec-Fetch-Site": "same-origin"})
    assert with_origin.status_code == 422  # the API's own refusal: nothing was paid yet


def drafts(world: World) -> int:
    storage = world.server.gateway.storage
    return int(storage.read_now(lambda c: run(c, "SELECT count(*) FROM page_drafts").scalar()))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {},
    ],
)
def test_form_with_a_token_of_no_page_of_this_browser_plants_nothing(
    visitor: Visitor, headers: dict[str, str]
) -> None:
    visitor.sign_in("supplier")
    before = drafts(visitor.world)
    path = "/app/money/CNY/transfers"
    fields = {"toPartyId": visitor.world.parties["pollux"], "amount": "99,999.00"}
    with Visitor(visitor.world) as other:
        other.sign_in("supplier")
        foreign = other.token("/app")
    for token in ("x", foreign):
        sent = fields | {"_csrf": token, "_place": path}
        assert visitor.http.post(path, data=sent, headers=headers).status_code == 403
    assert drafts(visitor.world) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),  # by our referrer policy
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_form_of_an_earlier_page_comes_back_only_if_it_came_from_a_page_of_ours(
    visitor: Visitor, headers: dict[str, str], status: int
) -> None:
    visitor.sign_in("supplier")
    earlier = visitor.token("/app")
    visitor.sign_in("supplier")
    visitor.sign_in("supplier")
    path = "/app/money/CNY/transfers"
    sent = {"amount": "12.34", "_csrf": earlier, "_place": path}
    answer = visitor.http.post(path, data=sent, headers=headers)
    assert answer.status_code == status
    if status == 303:
        page = visitor.http.get(answer.headers["location"], follow_redirects=True)
        assert value_of(page.text, "amount") == "12.34"
        assert "nothing was sent" in page.text


def test_sign_in_form_of_an_earlier_page_leaves_no_key_in_a_draft(visitor: Visitor) -> None:
    earlier = visitor.token()
    visitor.sign_in("supplier")
    before = drafts(visitor.world)
    key = visitor.world["castor"].api_key
    assert visitor.post("/app/sign-in", {"apiKey": key}, token=earlier).status_code == 403
    assert drafts(visitor.world) == before


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/app",
        "//evil.example",
        "/\\evil.example",
        "/app//evil.example",
        "/app\\..\\evil",
        "javascript:alert(1)",
        "/app/claims\r\nSet-Cookie: a=b",
        "/v1/claims",
        "app",
    ],
)
def test_signing_in_leads_to_pages_of_ours_alone(visitor: Visitor, following: str) -> None:
    assert local(following) == "/app"
    assert visitor.sign_in("supplier", following=following).headers["location"] == "/app"


def test_signing_in_leads_to_the_page_that_was_asked_for(visitor: Visitor) -> None:
    asked = visitor.get("/app/claims?burned=true").headers["location"]
    assert asked == "/app/sign-in?next=%2Fapp%2Fclaims%3Fburned%3Dtrue"
    answer = visitor.sign_in("supplier", following="/app/claims?burned=true")
    assert answer.headers["location"] == "/app/claims?burned=true"


def test_signing_out_ends_the_session_for_good(visitor: Visitor) -> None:
    visitor.sign_in("supplier")
    secret = visitor.secret
    answer = visitor.post("/app/sign-out", {}, token=visitor.token("/app"))
    assert answer.headers["location"] == "/app/sign-in?out=1"
    with Visitor(visitor.world) as thief:
        thief.http.cookies.set(COOKIE, secret)
        assert thief.get("/app/claims").status_code == 303


@pytest.mark.parametrize(
    ("seconds", "columns"),
    [
        (sessions.IDLE_SECONDS + 1, ("used_at",)),
        (sessions.MAX_SECONDS + 1, ("created_at",)),
    ],
)
def test_session_ends_when_idle_and_after_twelve_hours(
    visitor: Visitor, seconds: float, columns: tuple[str, ...]
) -> None:
    visitor.sign_in("supplier")
    assert visitor.get("/app").status_code == 200
    aged(visitor, seconds, *columns)
    assert visitor.get("/app").headers["location"].startswith("/app/sign-in")


def test_expired_session_in_mid_form_loses_nothing_and_shows_it_to_its_party_alone(
    visitor: Visitor,
) -> None:
    _, claim = visitor.world.confirmed(amount="1000.00")
    visitor.sign_in("supplier")
    path = f"/app/claims/{claim}/assignments"
    form = visitor.http.get(path, follow_redirects=True)
    token = visitor.token("/app")
    key = value_of(form.text, "_key") or ""
    fields = {
        "_place": f"{path}?form={key}",
        "_key": key,
        "parts.0.toPartyId": visitor.world.parties["castor"],
        "parts.0.amount": '12"<3',
        "do": "assign",
    }
    aged(visitor, sessions.IDLE_SECONDS + 1, "used_at")
    answer = visitor.post(path, fields, token=token)
    assert answer.status_code == 303
    page = visitor.http.get(answer.headers["location"])
    assert "what you typed is still there" in page.text
    following = value_of(page.text, "next") or ""
    assert "draft%3D" in following or "draft=" in following
    with Visitor(visitor.world) as other:
        other.sign_in("castor")
        assert '12"<3' not in other.http.get(following, follow_redirects=True).text
        assert "12&#34;&lt;3" not in other.http.get(following, follow_redirects=True).text
    location = visitor.sign_in("supplier", following=following).headers["location"]
    back = visitor.http.get(location, follow_redirects=True)
    assert value_of(back.text, "parts.0.amount") == '12"<3'
    assert value_of(back.text, "_key") == key
    assert "Nothing was sent yet" in back.text


def test_key_that_is_revoked_ends_its_session(visitor: Visitor) -> None:
    world = visitor.world
    party = world.parties["pollux"]
    visitor.sign_in("pollux")
    labels = "UPDATE api_keys SET revoked_at = ? WHERE party_id = ?"
    storage = world.server.gateway.storage
    storage.write_now(lambda c: run(c, labels, (time.time(), party)))
    world.server.gateway.cache.clear()
    try:
        assert visitor.get("/app").headers["location"].startswith("/app/sign-in")
        assert visitor.get("/app/sign-in").status_code == 200
    finally:
        storage.write_now(lambda c: run(c, labels, (None, party)))
        world.server.gateway.cache.clear()


def test_two_parties_see_their_own(world: World) -> None:
    _, claim = world.confirmed(amount="10.00")
    with Visitor(world) as first, Visitor(world) as second:
        first.sign_in("supplier")
        second.sign_in("vega")
        assert first.get(f"/app/claims/{claim}").status_code == 200
        assert second.get(f"/app/claims/{claim}").status_code == 404
        first.post(
            "/app/views",
            {"list": "claims", "name": "mine", "query": "burned=true", "path": "/app/claims"},
            token=first.token("/app"),
        )
        assert "mine" in first.get("/app/claims").text
        assert "mine" not in second.get("/app/claims").text


def test_keys_of_one_label_without_a_party_have_their_own_saved_views(world: World) -> None:
    label, path = "night-desk", "/app/running/keys"
    keys = [
        world.server.gateway.storage.write_now(
            lambda connection: add_key(connection, roles=["operator"], label=label)
        )
        for _ in range(2)
    ]
    with Visitor(world) as first, Visitor(world) as second, Visitor(world) as again:
        for visitor, key in ((first, keys[0]), (second, keys[1]), (again, keys[0])):
            assert visitor.post("/app/sign-in", {"apiKey": key}).status_code == 303
        view = {"list": "api-keys", "name": "mine alone", "query": "size=25", "path": path}
        assert first.post("/app/views", view, token=first.token(path)).status_code == 303
        assert "mine alone" in first.get(path).text
        assert "mine alone" in again.get(path).text
        assert "mine alone" not in second.get(path).text


def test_demo_logins_are_absent_outside_the_demo(visitor: Visitor) -> None:
    assert "/app/sign-in/demo" not in visitor.get("/app/sign-in").text
    answer = visitor.post("/app/sign-in/demo", {"login": "supplier"})
    assert answer.status_code == 404
    assert visitor.get("/app").status_code == 303


def test_errors_below_app_are_pages_with_the_content_policy(visitor: Visitor) -> None:
    visitor.sign_in("supplier")
    for path, status in (
        ("/app/nothing", 404),
        ("/app/claims/999999", 404),
        ("/app/operations/none", 404),
    ):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "text/html; charset=utf-8",
        ), path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
    large = visitor.http.post("/app/uploads/documents", content=b"x" * 30_000_000)
    assert large.status_code == 413
    assert "the limit is 20,000,000 bytes" in large.text
    assert large.headers["content-type"].startswith("text/html")


def test_pages_have_no_inline_script_or_style_and_load_from_here_alone(visitor: Visitor) -> None:
    visitor.world.confirmed(amount="10.00")
    visitor.sign_in("supplier")
    loaded = set()
    for path in ("/app/sign-in", "/app", "/app/claims", "/app/operations", "/app/search?q=x"):
        page = visitor.http.get(path, follow_redirects=True).text
        assert re.search(r"<script(?![^>]+src=)|<style|\son\w+=|\sstyle=", page) is None, path
        loaded |= set(re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page))
    assert loaded
    size = 0
    for address in loaded:
        assert address.startswith("/app/assets/"), address
        answer = visitor.http.get(address, headers={"Accept-Encoding": "gzip"})
        assert "immutable" in answer.headers["cache-control"]
        assert b"sourceMappingURL" not in answer.content
        size += int(answer.headers["content-length"])
    assert size < 190_000
