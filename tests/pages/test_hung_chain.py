"""What the pages say while the chain does not answer, and after a session has ended."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from app.chain.index import indexer
from app.chain.nodes.engines import RunningNode
from app.pages import sessions
from tests.pages.test_sessions import aged
from tests.support.desk import Desk
from tests.support.halting import halted
from tests.support.visitor import Visitor
from tests.support.world import World, cny

NEWEST = re.compile("^newest block")
SILENT = "the chain has not answered since"


@contextmanager
def hung(world: World) -> Iterator[None]:
    """The node has the connection, and answers nothing."""
    node = world.server.node
    assert isinstance(node, RunningNode)
    with halted(node.process_id):
        yield


def assigned(world: World, claim: int) -> str:
    """The page of an operation that waits."""
    parts = [{"toPartyId": world.parties["castor"], "amount": cny("1.00")}]
    own = {"Idempotency-Key": secrets.token_hex(8), "Prefer": "wait=0"}
    answer = world.http.post(
        f"/v1/claims/{claim}/assignments",
        json={"parts": parts},
        headers=world["supplier"].headers | own,
    )
    return f"/app/operations/{answer.json()['operation']['id']}"


def test_pages_say_that_the_chain_does_not_answer(world: World) -> None:
    _, claim = world.confirmed(amount="100.00")
    with Visitor(world) as supplier, Visitor(world) as operator:
        supplier.sign_in("supplier")
        operator.sign_in("operator")
        assert SILENT not in supplier.get("/app/claims").text
        with hung(world):
            waits = assigned(world, claim)
            time.sleep(indexer.SILENT_SECONDS + 2)
            page = supplier.get("/app/claims").text
            assert SILENT in page
            assert "at the head" not in page
            page = supplier.get(waits).text
            assert "data-silent>" in page, "the notice is not hidden"
            with supplier.http.stream("GET", "/app/live") as stream:
                lines = stream.iter_lines()
                assert next(lines) == "event: block"
                news = next(lines)
            assert SILENT in news
            assert '"tone":"bad"' in news
            health = operator.get("/app/running")
            assert health.status_code == 200
            for words in ("Queue of operations", "balances and nonces are not known", "Own work"):
                assert words in health.text
            assert "does not hold" in health.text
        end = time.monotonic() + 60
        while SILENT in supplier.get("/app/claims").text:
            assert time.monotonic() < end
            time.sleep(0.5)


def test_stream_of_a_session_that_ended_says_so(world: World) -> None:
    operation = world["supplier"].get("/v1/operations", limit=1).body["items"][0]["id"]
    with Visitor(world) as supplier:
        supplier.sign_in("supplier")
        aged(supplier, sessions.IDLE_SECONDS + 60, "used_at")
        for path in ("/app/live", f"/app/live/operations/{operation}"):
            answer = supplier.get(path)
            assert (answer.status_code, answer.text) == (200, "event: ended\ndata: {}\n\n")
            assert answer.headers["content-type"].startswith("text/event-stream")
        assert supplier.get("/app").status_code == 303, "asking keeps no session alive"


def test_open_page_says_that_its_session_has_ended(desk: Desk) -> None:
    page = desk.signed_in("supplier")
    page.goto("/app/claims")
    page.get_by_text(NEWEST).wait_for()
    second = page.context.new_page()
    second.goto("/app/orders")
    second.get_by_text(NEWEST).wait_for()
    desk.end_session(page)
    for tab in (page, second):
        tab.get_by_text("your session has ended").wait_for()
        expect(tab.get_by_text(NEWEST)).to_have_count(0)
    desk.check_accessibility(page)
    with page.context.expect_page() as opened:
        second.get_by_role("link", name="Sign in again").click()
    third = opened.value
    desk.sign_in(third, "supplier")
    for tab in (third, second, page):
        tab.get_by_text(NEWEST).wait_for()
        expect(tab.get_by_text("your session has ended")).to_have_count(0)
        expect(tab.get_by_role("link", name="Sign in again")).to_be_hidden()


def test_open_page_says_that_its_connection_is_broken_until_it_is_back(desk: Desk) -> None:
    page = desk.signed_in("supplier", width=360)
    page.route("**/app/live", lambda route: route.abort())
    page.goto("/app/claims")
    page.get_by_text("the gateway cannot be reached").wait_for()
    desk.check_width(page)
    page.unroute("**/app/live")
    page.get_by_text(NEWEST).wait_for(timeout=60_000)


def test_open_page_of_an_operation_says_that_the_chain_does_not_answer(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="100.00")
    page = desk.signed_in("supplier", width=360, dark=True)
    with hung(desk.world):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(indexer, "SILENT_SECONDS", 3600.0)  # until the page was looked at
            page.goto(assigned(desk.world, claim))
            notice = page.get_by_text("do not give it again")
            expect(notice).to_have_count(1)
            expect(notice).to_be_hidden()
        expect(notice).to_be_visible()
        expect(page.get_by_text(SILENT)).to_be_visible()
        desk.check_width(page)
        desk.check_accessibility(page)
    page.locator("#operation .badge", has_text="final").first.wait_for(timeout=60_000)
    page.get_by_text(NEWEST).wait_for()
    expect(page.get_by_text(SILENT)).to_have_count(0)
