"""Breakers in a real browser: who sees them, two operators change one, one closes a product."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from app.pages.typed import share_text
from tests.support.desk import Desk, finished, says
from tests.support.lending import product

CODE = "receivables-line"


def row(page: Page, code: str = CODE) -> str:
    """The product's row of the table, as it reads."""
    return page.get_by_role("row", name=code).first.inner_text()


def test_lender_reads_breakers_and_changes_none(desk: Desk) -> None:
    page = desk.signed_in("bank", width=360, dark=True)
    page.goto("/app/breakers")
    assert "draws go on" in row(page)
    expect(page.get_by_role("link", name="Stop new liens")).to_have_count(0)
    expect(page.locator("a[href*='/app/breakers/products/']")).to_have_count(0)
    desk.check_width(page)
    desk.check_accessibility(page)
    page.get_by_role("link", name="History of breakers").click()
    expect(page.locator("tbody tr", has_text=CODE).first).to_be_visible()
    desk.check_width(page)
    desk.check_accessibility(page)


def test_two_operators_change_a_breaker(desk: Desk) -> None:
    before = product(desk.world, CODE)
    higher = before["breaker"] + 10_000
    first, second = desk.signed_in("operator"), desk.signed_in("second-operator")
    for page in (first, second):
        page.goto("/app/breakers")
        page.get_by_role("link", name=f"Change the breaker of {CODE}", exact=True).click()
        page.get_by_label("Breaker (%)").fill("100.1")
        page.get_by_role("button", name="Send").click()
        assert "100 % or less" in page.locator("main .fault").inner_text()
        page.get_by_label("Breaker (%)").fill(share_text(higher))
        desk.check_accessibility(page)
        page.get_by_role("button", name="Send").click()
        finished(page)
    changed = product(desk.world, CODE)
    assert (changed["version"], changed["breaker"]) == (before["version"] + 1, higher)
    first.goto("/app/breakers")
    assert "facilities agreed before" in first.locator("main").inner_text()
    desk.check_accessibility(first)
    first.goto("/app/breakers/history")
    newest = first.locator("tbody tr").first.inner_text()
    assert "change of a product approved" in newest and CODE in newest


def test_operator_closes_a_product_and_two_open_it(desk: Desk) -> None:
    first, second = desk.signed_in("operator"), desk.signed_in("second-operator")
    first.goto("/app/breakers")
    first.get_by_role("link", name=f"Close {CODE}", exact=True).click()
    says(first, "What is lent runs on")
    first.get_by_role("button", name="Close the product").click()
    finished(first)
    assert product(desk.world, CODE)["open"] is False
    for page in (first, second):
        page.goto("/app/breakers")
        assert "closed" in row(page)
        page.get_by_role("link", name=f"Open {CODE} again").click()
        page.get_by_role("button", name="Send").click()
        finished(page)
    assert product(desk.world, CODE)["open"] is True


def test_operator_stops_new_liens_of_a_warehouse_and_allows_them(desk: Desk) -> None:
    page = desk.signed_in("operator")
    for link, words in (("Stop new liens", "stopped since"), ("Allow new liens", "No operator")):
        page.goto("/app/breakers")
        page.get_by_role("link", name=link).click()
        page.get_by_label("Warehouse").select_option("Beilun Warehousing Co., Ltd.")
        page.get_by_label("Reason").fill("no count for three weeks")
        page.get_by_role("button", name=link).click()
        finished(page)
        page.goto("/app/breakers")
        assert words in page.locator("main").inner_text()


def test_product_that_does_not_exist_has_no_page(desk: Desk) -> None:
    page = desk.signed_in("operator")
    answer = page.goto("/app/breakers/products/999/breaker")
    assert answer is not None and answer.status == 404
