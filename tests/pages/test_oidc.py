"""People sign in at an identity provider, and nobody signs in with somebody else's answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.desk import Desk
from tests.support.identity_provider import CLIENT, Provider, identity_provider
from tests.support.served import served_world
from tests.support.visitor import Visitor
from tests.support.world import World


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with identity_provider() as opened:
        yield opened


@pytest.fixture(scope="module")
def world(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CESSION_RPC_TIMEOUT", "60")
        for name, value in provider.settings().items():
            patch.setenv(name, value)
        with served_world(tmp_path_factory.mktemp("oidc") / "gateway") as world:
            provider.claims = {
                "cession_party": world.parties["supplier"],
                "cession_roles": ["supplier"],
            }
            yield world


def answer_of(visitor: Visitor) -> str:
    """The address to which the provider sends the browser back."""
    start = visitor.get("/app/sign-in/oidc?next=%2Fapp%2Fclaims")
    assert start.status_code == 303
    with_code = visitor.http.get(start.headers["location"])
    return str(with_code.headers["location"])


def test_clerk_signs_in_at_the_identity_provider_in_a_browser(desk: Desk) -> None:
    page = desk.visitor()
    page.goto("/app/claims")
    page.get_by_role("link", name="Go to the identity provider").click()
    page.locator("nav.menu").wait_for()
    assert page.url.endswith("/app/claims")
    assert "Linghu Castings Co., Ltd." in page.locator(".person").inner_text()


def test_authorization_asks_for_a_code_with_proof_and_nothing_else(world: World) -> None:
    with Visitor(world) as visitor:
        start = visitor.get("/app/sign-in/oidc")
        address = start.headers["location"]
        for part in ("response_type=code", "code_challenge_method=S256", f"client_id={CLIENT}"):
            assert part in address
        flags = start.headers["set-cookie"].lower()
        assert "httponly" in flags
        assert "samesite=lax" in flags


def test_answer_belongs_to_the_browser_that_asked_and_works_once(world: World) -> None:
    with Visitor(world) as visitor, Visitor(world) as victim:
        back = answer_of(visitor)
        assert victim.get(back).status_code == 401  # it asked for nothing
        answer_of(victim)
        assert victim.get(back).status_code == 401  # it asked for something else
        forged = back.replace("state=", "state=x")
        assert victim.get(forged).status_code == 401
    with Visitor(world) as visitor:
        back = answer_of(visitor)
        answer = visitor.get(back)
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/claims")
        assert visitor.get("/app/claims").status_code == 200
        assert visitor.get(back).status_code == 401


def test_sign_in_cannot_be_planted_in_another_browser(world: World) -> None:
    with Visitor(world) as attacker, Visitor(world) as victim:
        victim.get("/app/sign-in")
        own = dict(victim.http.cookies)
        back = answer_of(attacker)
        (planted,) = [name for name in attacker.http.cookies if "oidc" in name]
        victim.http.cookies.set(planted, attacker.http.cookies[planted])
        assert own.items() <= dict(victim.http.cookies).items()
        answer = victim.get(back)
        assert answer.status_code == 401
        assert "did not begin in this browser" in answer.text
        assert victim.get("/app").status_code == 303
        assert attacker.get(back).status_code == 303  # the code was not used up


@pytest.mark.parametrize("said", ["soon", [60], {"seconds": 60}, -5, "NaN", 1e400, True])
def test_lifetime_that_is_no_number_is_refused_in_words(
    world: World, provider: Provider, said: object
) -> None:
    provider.expires_in = said
    try:
        with Visitor(world) as visitor:
            answer = visitor.get(answer_of(visitor))
            assert answer.status_code == 401
            assert "answer is not valid" in answer.text
            assert visitor.get("/app").status_code == 303
    finally:
        provider.expires_in = None


def test_identity_with_another_nonce_signs_nobody_in(world: World, provider: Provider) -> None:
    provider.nonce = "of another sign-in"
    try:
        with Visitor(world) as visitor:
            answer = visitor.get(answer_of(visitor))
            assert answer.status_code == 401
            assert "answer is not valid" in answer.text
            assert visitor.get("/app").status_code == 303
    finally:
        provider.nonce = None


def test_session_ends_with_its_token(world: World, provider: Provider) -> None:
    provider.lifetime = 0
    try:
        with Visitor(world) as visitor:
            assert visitor.get(answer_of(visitor)).status_code in (303, 401)
            assert visitor.get("/app").status_code == 303
    finally:
        provider.lifetime = 3_600


def test_clerk_of_an_unknown_party_reads_why(world: World, provider: Provider) -> None:
    before = provider.claims
    provider.claims = before | {"cession_party": "nobody"}
    try:
        with Visitor(world) as visitor:
            answer = visitor.get(answer_of(visitor))
            assert answer.status_code == 401
            assert "names the party nobody, which is unknown" in answer.text
    finally:
        provider.claims = before
