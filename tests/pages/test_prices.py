"""Prices in a real browser: an appraiser posts, a second one confirms, everybody reads."""

from __future__ import annotations

from tests.support.desk import Desk
from tests.support.prices import USD, listed


def test_second_appraiser_confirms_a_first_price(desk: Desk) -> None:
    listed(desk.world, USD["item"])
    first = desk.signed_in("first-appraiser")
    first.goto("/app/prices")
    desk.check_accessibility(first)
    first.get_by_role("link", name="Post a price").click()
    first.get_by_label("Item").select_option(f"{USD['item']} {USD['currency']}")
    first.get_by_label("Price of one unit").fill("7.10")
    first.get_by_label("Haircut").fill("2")
    first.get_by_role("button", name="Post the price").click()
    first.wait_for_url("**/app/operations/*")

    second = desk.signed_in("second-appraiser")
    second.goto("/app/prices")
    second.get_by_role("link", name="Confirm a price that waits").click()
    second.get_by_label("Item").select_option(f"{USD['item']} {USD['currency']}")
    second.get_by_label("Price that you confirm").fill("7.10")
    second.get_by_role("button", name="Confirm the price").click()
    second.wait_for_url("**/app/operations/*")

    bank = desk.signed_in("bank", language="zh-CN", width=360, dark=True)
    bank.goto("/app/prices/history?item=USD&currency=CNY")
    assert "7.1" in bank.locator("main").inner_text()
    desk.check_width(bank)
    desk.check_accessibility(bank)
    newest = desk.world["bank"].get("/v1/prices", item="USD", currency="CNY").body["items"][0]
    assert newest["inForce"]
