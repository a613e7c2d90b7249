"""The first page in a real browser: what waits for each person, and where it is done."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.desk import Desk


def test_buyer_sees_what_waits_and_goes_there(desk: Desk) -> None:
    desk.world.confirmed(amount="41.00")
    desk.world.requested(amount="40.00")
    own = desk.world["buyer"].get("/v1/receivables", status="requested", limit=100).body["items"]
    page = desk.signed_in("buyer")
    page.goto("/app")
    link = page.get_by_role("link", name="Debts to confirm or reject")
    assert link.locator("strong").inner_text() == str(len(own))
    desk.check_accessibility(page)
    link.click()
    page.wait_for_url("**/app/receivables?status=requested")
    expect(page.locator("tbody tr")).to_have_count(len(own))
    page.goto("/app/operations")
    names = page.locator("tbody a").all_inner_texts()
    assert names and all(name[0].isupper() for name in names), names


def test_who_has_nothing_to_do_reads_so_in_chinese(desk: Desk) -> None:
    page = desk.signed_in("auditor", language="zh-CN", width=360, dark=True)
    page.goto("/app")
    assert "没有待办事项" in page.locator("main").inner_text()
    desk.check_width(page)
    desk.check_accessibility(page)


def test_menu_marks_the_overview_only_on_the_overview(desk: Desk) -> None:
    page = desk.signed_in("supplier")
    page.goto("/app")
    assert page.locator("nav.menu [aria-current]").all_inner_texts() == ["Overview"]
    page.goto("/app/search?q=1")
    expect(page.locator("nav.menu [aria-current]")).to_have_count(0)


def test_search_names_things_and_their_amounts_as_other_pages_do(desk: Desk) -> None:
    desk.world.confirmed(amount="1234.50")
    page = desk.signed_in("supplier")
    page.goto("/app/search?q=1")
    rows = page.locator("tbody tr").all_inner_texts()
    assert any("\tClaim 1\t" in row and "CN¥" in row for row in rows), rows
    assert not any(" CNY" in row for row in rows), rows
