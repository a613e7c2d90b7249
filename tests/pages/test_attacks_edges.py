"""Hosts, codes, tables and names that a stranger chooses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.names import body
from tests.support.visitor import Visitor
from tests.support.world import World


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    with Visitor(world) as visitor:
        assert visitor.sign_in("supplier").is_redirect
        yield visitor


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost:1",
        "127.0.0.1",
        "127.0.0.2:{port}",
        "h" * 1_900,
        "10.1.2.3:{port}",
    ],
)
def test_pages_answer_only_at_an_address_that_the_gateway_knows(
    visitor: Visitor, host: str
) -> None:
    headers = {"Host": host.format(port=visitor.http.base_url.port)}
    for path in ("/app", "/app/sign-in", "/app/verify/qr?kind=claim&id=1"):
        answer = visitor.http.get(path, headers=headers)
        assert answer.status_code in (400, 421), answer.text
        assert "CESSION_PAGES_URL" in answer.text or answer.status_code == 400
    login = {"_csrf": "0", "login": "supplier"}
    assert visitor.http.post("/app/sign-in/demo", data=login, headers=headers).status_code >= 400


def test_pages_answer_at_the_name_of_this_machine(visitor: Visitor) -> None:
    headers = {"Host": f"localhost:{visitor.http.base_url.port}"}
    assert visitor.http.get("/app", headers=headers).status_code == 200


def test_code_is_drawn_only_of_what_is_there(world: World, visitor: Visitor) -> None:
    _, claim = world.confirmed()
    path = f"/app/verify/qr?kind=claim&id={claim}"
    assert visitor.get(path).headers["content-type"] == "image/svg+xml"
    assert visitor.get("/app/verify/qr?kind=claim&id=999999").status_code == 404


@pytest.mark.parametrize("text", ["a" * 140_000, "a\rb"])
def test_lines_that_are_no_table_stay_at_their_field(
    world: World, visitor: Visitor, text: str
) -> None:
    _, claim = world.confirmed()
    path = f"/app/claims/{claim}/assignments"
    answer = visitor.post(path, {"pasted": text, "do": "paste"}, token=visitor.token(path))
    assert answer.status_code == 422
    assert "could not be read and stay in the box" in answer.text
    assert text.replace("\r", "\n") in answer.text


def test_part_of_a_path_leads_nowhere_else(world: World, visitor: Visitor) -> None:
    for address in (
        "/app/operations/..%2fparties",
        "/app/operations/%2e%2e",
        "/app/documents/a%2fb",
    ):
        assert visitor.get(address).status_code == 404, address


def test_parties_of_one_name_are_told_apart_by_their_accounts(
    world: World, visitor: Visitor
) -> None:
    name = f"Twin {world['supplier'].api_key[-6:]} Castings"
    accounts = [
        str(world["registrar"].command("/v1/parties", body(name)).body["party"]["account"])
        for _ in range(2)
    ]
    _, claim = world.confirmed()
    for path in ("/app/money/CNY/transfers", f"/app/claims/{claim}/assignments"):
        page = visitor.http.get(path, follow_redirects=True).text
        for account in accounts:
            assert f"{name} ({account})</option>" in page, path
