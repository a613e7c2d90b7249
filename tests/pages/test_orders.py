"""Orders in real browsers: a supplier asks, the buyer confirms and signs for the goods."""

from __future__ import annotations

import re
import secrets

from tests.support.days import day
from tests.support.desk import Desk, finished
from tests.support.goods import issued


def test_buyer_confirms_an_order_and_signs_for_its_goods(desk: Desk) -> None:
    supplier = desk.signed_in("supplier")
    supplier.goto("/app/orders")
    supplier.get_by_role("link", name="Ask a buyer to confirm an order").click()
    supplier.get_by_label("Buyer").select_option("Donghai Motors Co., Ltd.")
    supplier.locator("#number").fill(f"PO-{secrets.token_hex(4)}")
    supplier.locator("#amount").fill("1,000.00")
    supplier.locator("[name='amount.currency']").select_option("CNY")
    supplier.locator("#deliveryDate").fill(day(30))
    supplier.get_by_label("Loans on it until").fill(day(60))
    supplier.get_by_label("What is ordered").fill("castings")
    supplier.get_by_role("button", name="Ask the buyer").click()
    supplier.wait_for_url(re.compile(r"/app/orders/\d+$"))
    address = supplier.url
    order = int(address.rpartition("/")[2])
    desk.check_accessibility(supplier)

    buyer = desk.signed_in("buyer", language="zh-CN", width=360, dark=True)
    buyer.goto(address)
    desk.check_width(buyer)
    desk.check_accessibility(buyer)
    buyer.locator(".actions a").first.click()
    buyer.locator("#to-sign").wait_for()
    buyer.locator("form[data-once] button.btn-primary").click()
    finished(buyer)

    lot, _ = issued(desk.world, orderId=order)
    supplier.goto(f"{address}/deliveries")
    supplier.locator("#lotId").fill(str(lot))
    supplier.get_by_label("Price of these goods").fill("400.00")
    supplier.get_by_label("Delivery note").fill("note 7")
    supplier.get_by_role("button", name="State the delivery").click()
    supplier.wait_for_url(address)
    supplier.locator("tbody a[href*='/app/deliveries/']").click()
    supplier.get_by_role("heading", name="Delivery of order").wait_for()
    buyer.goto(supplier.url)
    buyer.locator(".actions a").first.click()
    buyer.locator("form[data-once] button.btn-primary").click()
    buyer.wait_for_url("**/app/deliveries/*")
    supplier.reload()
    supplier.get_by_role("link", name="Record the delivery").click()
    supplier.get_by_role("button", name="Record").click()
    finished(supplier)
    delivered = desk.world["buyer"].get(f"/v1/orders/{order}").body["delivered"]
    assert delivered["amount"] == "400.00"
