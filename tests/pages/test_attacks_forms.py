"""A form pays once however it comes back, and nobody fills the store with drafts and views."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from app.pages import tables
from app.pages.forms import MAX_DRAFT_BYTES, MAX_DRAFTS
from app.storage import run
from tests.pages.test_sessions import visitor
from tests.support.visitor import Visitor, value_of

__all__ = ["visitor"]
PATH = "/app/money/CNY/transfers"


def drafted(visitor: Visitor, fields: dict[str, str], earlier: str) -> str:
    """The address to which a form comes back whose token is of before the sign-in."""
    answer = visitor.post(PATH, {"_place": PATH} | fields, token=earlier)
    assert answer.status_code == 303
    return answer.headers["location"]


def rows(visitor: Visitor, table: str, owner: str) -> int:
    storage = visitor.world.server.gateway.storage
    query = f"SELECT count(*) FROM {table} WHERE owner = ?"
    return int(storage.read_now(lambda c: run(c, query, (owner,)).scalar()) or 0)


def test_draft_that_is_looked_at_twice_pays_once(visitor: Visitor) -> None:
    world = visitor.world
    world.cash("supplier", "100.00")
    before = world.balance("castor")
    earlier = visitor.token()
    visitor.sign_in("supplier")
    typed = {"toPartyId": world.parties["castor"], "amount": "7.00", "amount.currency": "CNY"}
    draft = drafted(visitor, typed, earlier)
    pages = [visitor.http.get(draft).text for _ in range(2)]
    keys = {value_of(page, "_key") for page in pages}
    assert len(keys) == 1  # two tabs send the same command
    fields = {"_key": keys.pop() or ""} | typed
    places = {
        visitor.post(PATH, fields, token=visitor.token("/app")).headers["location"]
        for _ in range(2)
    }
    assert len(places) == 1
    assert visitor.get(draft).headers["location"] == places.pop()
    assert float(world.balance("castor")) - float(before) == 7.0


def test_drafts_of_a_person_are_bounded_in_size_and_number(visitor: Visitor) -> None:
    earlier = visitor.token()
    visitor.sign_in("vega")
    owner = visitor.world.parties["vega"]
    assert "draft=" not in drafted(visitor, {"amount": "9" * (MAX_DRAFT_BYTES + 1)}, earlier)
    for number in range(MAX_DRAFTS + 2):
        drafted(visitor, {"amount": str(number)}, earlier)
    assert rows(visitor, "page_drafts", owner) == MAX_DRAFTS


def test_views_of_a_person_are_bounded_in_size_and_number(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_MAX_VIEWS_OF_OWNER", 3)
    visitor.sign_in("vega")
    token = visitor.token("/app")

    def save(listing: str, name: str, query: str) -> None:
        fields = {"list": listing, "name": name, "query": query, "path": "/app/claims"}
        assert visitor.post("/app/views", fields, token=token).status_code == 303

    owner = visitor.world.parties["vega"]
    save("claims", "large", "text=" + "x" * 5_000)
    assert rows(visitor, "page_views", owner) == 0
    for number in range(5):
        save(f"list-{number}", "same", "a=b")
    assert rows(visitor, "page_views", owner) == 3
    save("list-0", "same", "a=c")  # at the bound, a view of one's own can still be replaced
    query = "SELECT query FROM page_views WHERE owner = ? AND list = 'list-0'"
    storage = visitor.world.server.gateway.storage
    assert storage.read_now(lambda c: run(c, query, (owner,)).scalar()) == "a=c"


@pytest.mark.parametrize("key", ["é", "a\r\nX-API-Key: b", "x" * 500])
def test_key_of_a_form_that_is_none_harms_nobody(visitor: Visitor, key: str) -> None:
    visitor.sign_in("supplier")
    answer = visitor.post(PATH, {"_key": key, "amount": "1"}, token=visitor.token("/app"))
    assert answer.status_code == 422


def test_form_of_a_visitor_with_too_many_fields_leads_to_the_sign_in(visitor: Visitor) -> None:
    visitor.get("/app/sign-in")
    body = urlencode([(f"a{number}", "1") for number in range(3_000)])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = visitor.http.post(PATH, content=body, headers=kind)
    assert answer.headers["location"].startswith("/app/sign-in")
