"""What changes while a page is open."""

from __future__ import annotations

import re

from playwright.sync_api import Request, expect

from tests.support.desk import Desk


def test_new_block_shows_in_all_tabs_without_loading_the_page(desk: Desk) -> None:
    page = desk.signed_in("supplier")
    page.goto("/app/claims")
    second = page.context.new_page()
    second.goto("/app/claims")
    for tab in (page, second):
        tab.get_by_text(re.compile("^newest block")).wait_for()
        expect(tab.get_by_text("Show the newest state")).to_be_hidden()
    desk.world.cash("buyer", "1.00")
    for tab in (page, second):
        tab.get_by_text("Show the newest state").wait_for()
    page.get_by_text("Show the newest state").click()
    page.get_by_text(re.compile("^newest block")).wait_for()
    expect(page.get_by_text("Show the newest state")).to_be_hidden()


def test_list_that_is_sorted_says_of_which_block_it_is(desk: Desk) -> None:
    desk.world.confirmed(amount="12.00")
    page = desk.signed_in("supplier")
    page.goto("/app/claims")
    before = page.locator("#as-of").get_attribute("data-number")
    desk.world.cash("buyer", "1.00")
    page.get_by_text("Show the newest state").wait_for()
    page.get_by_role("columnheader").get_by_role("link", name="Claim").click()
    page.locator("th[aria-sort=ascending]", has_text="Claim").wait_for()
    expect(page.get_by_text("Show the newest state")).to_be_hidden()
    after = page.locator("#as-of").get_attribute("data-number")
    assert int(str(after)) > int(str(before))


def test_list_of_columns_closes_with_escape(desk: Desk) -> None:
    page = desk.signed_in("supplier")
    page.goto("/app/claims")
    columns = page.locator("summary", has_text="Columns")
    columns.click()
    box = page.locator("details.columns input").first
    box.focus()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(columns).to_be_focused()


def test_search_box_says_what_it_finds(desk: Desk) -> None:
    page = desk.signed_in("supplier")
    page.goto("/app/search")
    expect(page.get_by_role("heading", name="Search the ledger")).to_be_visible()
    desk.check_accessibility(page)


def test_theme_and_language_are_remembered(desk: Desk) -> None:
    page = desk.visitor()
    page.goto("/app/sign-in")
    page.get_by_role("button", name="Theme: as the system").click()
    page.get_by_role("button", name="Theme: light").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("button", name="简体中文").click()
    assert page.get_by_role("heading", level=1).inner_text() == "登录"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    desk.check_accessibility(page)
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"


def test_first_page_is_small_and_interactive_without_a_third_party(desk: Desk) -> None:
    page = desk.visitor()
    requests: list[Request] = []

    def note(request: Request) -> None:
        requests.append(request)

    page.on("requestfinished", note)
    page.goto("/app/sign-in", wait_until="networkidle")
    sizes = [request.sizes() for request in requests]
    hosts = {request.url.split("/")[2] for request in requests}
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert hosts == {desk.world.server.url.removeprefix("http://")}
    assert 10_000 < total < 200_000, total
