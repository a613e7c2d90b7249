"""Stored goods in a real browser: the warehouse issues and hands over, the holder asks."""

from __future__ import annotations

from tests.support.days import day
from tests.support.desk import Desk, finished
from tests.support.goods import STATEMENT, lot_number


def test_warehouse_issues_a_lot_and_hands_over_what_the_holder_asks_for(desk: Desk) -> None:
    warehouse = desk.signed_in("warehouse")
    warehouse.goto("/app/lots")
    warehouse.get_by_role("link", name="Issue a lot").click()
    typed = {
        "lotNumber": lot_number(),
        "sku": "06901234567892",
        "grade": "A356.2",
        "unit": "KGM",
        "quantity": "1,000.000",
        "storedDate": day(-1),
        "expiryDate": day(400),
    }
    for name, text in (typed | {f"statement.{name}": v for name, v in STATEMENT.items()}).items():
        warehouse.locator(f"[name='{name}']").fill(text)
    warehouse.get_by_label("Depositor").select_option("Linghu Castings Co., Ltd.")
    desk.check_accessibility(warehouse)
    warehouse.get_by_role("button", name="Issue the lot").click()
    finished(warehouse)

    supplier = desk.signed_in("supplier")
    supplier.goto("/app/warehouse-receipts")
    supplier.locator("tbody a").first.click()
    desk.check_accessibility(supplier)
    address = supplier.url
    supplier.get_by_role("link", name="Ask for the goods").click()
    supplier.get_by_role("button", name="Ask for the goods").click()
    finished(supplier)

    warehouse.goto(address)
    warehouse.get_by_role("link", name="Hand the goods over").click()
    warehouse.get_by_role("button", name="Handed over").click()
    finished(warehouse)
    receipt = address.rpartition("/")[2]
    ended = desk.world["warehouse"].get(f"/v1/warehouse-receipts/{receipt}").body["ended"]
    assert ended is not None
