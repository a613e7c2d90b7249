"""Prices in a real browser: an appraiser posts, a second one confirms, everybody reads."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.desk import Desk, finished, says
from tests.support.prices import USD, listed, withdrawal


def test_second_appraiser_confirms_a_first_price(desk: Desk) -> None:
    listed(desk.world, USD["item"])
    first = desk.signed_in("first-appraiser")
    first.goto("/app/prices")
    desk.check_accessibility(first)
    first.get_by_role("link", name="Post a price").click()
    first.get_by_label("Item").select_option(f"{USD['item']} {USD['currency']}")
    first.get_by_label("Price of one unit").fill("7.10")
    first.get_by_label("Haircut (%)").fill("2")
    first.get_by_role("button", name="Post the price").click()
    finished(first)

    second = desk.signed_in("second-appraiser")
    second.goto("/app")
    second.get_by_role("link", name="Prices to confirm").click()
    row = second.locator("tbody tr", has_text="USD")
    assert "waits for another appraiser" in row.inner_text()
    second.get_by_role("link", name="Confirm a price that waits").click()
    choices = second.get_by_label("Item").locator("option", has_text=": 7.1 waits")
    expect(choices).not_to_have_count(0)
    second.get_by_label("Item").select_option(f"{USD['item']} {USD['currency']}")
    second.get_by_role("button", name="Show what waits").click()
    says(second, "7.1 CNY", "2.0000%", "Valid until", "Proposed by")
    desk.check_accessibility(second)
    second.get_by_label("Price that you confirm").select_option(index=1)
    second.get_by_role("button", name="Confirm the price").click()
    finished(second)

    bank = desk.signed_in("bank", language="zh-CN", width=360, dark=True)
    bank.goto("/app/prices/history?item=USD&currency=CNY")
    assert "7.1" in bank.locator("main").inner_text()
    desk.check_width(bank)
    desk.check_accessibility(bank)
    newest = desk.world["bank"].get("/v1/prices", item="USD", currency="CNY").body["items"][0]
    assert newest["inForce"]
    assert newest["haircut"] == 20_000


def test_a_price_that_changed_after_it_was_shown_is_not_confirmed(desk: Desk) -> None:
    world = desk.world
    listed(world, "EUR")
    euro = {"item": "EUR", "currency": "CNY"}
    first = euro | {"price": "7.9", "haircut": 300_000, "validHours": 2}
    world["first-appraiser"].command("/v1/prices", {"prices": [first]})
    second = desk.signed_in("second-appraiser", language="zh-CN", width=360)
    second.goto("/app/prices/confirmation/EUR/CNY")
    desk.check_width(second)
    second.locator("#priceHash").select_option(index=1)
    gone = withdrawal(world, item="EUR")
    world["first-appraiser"].command("/v1/prices/withdrawals", gone)
    changed = first | {"haircut": 0, "validHours": 80_000}
    world["first-appraiser"].command("/v1/prices", {"prices": [changed]})
    second.locator("main form button").click()
    second.get_by_role("alert").wait_for()
    (waits,) = world["bank"].get("/v1/prices/waiting", **euro).body["items"]
    assert waits["haircut"] == 0
    says(second, "0.0000%")  # the page shows what waits now
