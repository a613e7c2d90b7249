"""Three browsers trade with each other on one chain, all open the whole time."""

from __future__ import annotations

import json
import re
import time

from playwright.sync_api import Page, expect

from tests.support.desk import Desk, finished, says
from tests.support.world import cny, invoice

NEWEST = re.compile(r"^(?:newest block|最新区块) ([\d,]+)")


def _stands(page: Page) -> int:
    """The newest block that the page's bar shows."""
    badge = page.locator("[data-newest-words]", has_text=NEWEST)
    badge.wait_for()
    number = NEWEST.match(badge.inner_text())
    assert number is not None
    return int(number[1].replace(",", ""))


def _opened(page: Page) -> int:
    """Notes that the page stands open; its newest block."""
    page.evaluate("window.stands = true")
    return _stands(page)


def _moved(page: Page, since: int) -> None:
    """The bar comes to show a newer block, and the page was not loaded again."""
    end = time.monotonic() + 60
    while _stands(page) <= since and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert _stands(page) > since
    page.locator("[data-newer]:visible").wait_for()
    assert _stands_still(page), f"{page.url} was loaded again"


def _stands_still(page: Page) -> bool:
    return page.evaluate("window.stands === true") is True


def _asked(supplier: Page) -> int:
    """The supplier uploads an invoice and asks the buyer; the receivable's id."""
    document = invoice(amount="8000.00", days=90)
    supplier.goto("/app/documents/new")
    file = json.dumps(document).encode()
    supplier.locator("#file").set_input_files(
        {"name": "invoice.json", "mimeType": "application/json", "buffer": file}
    )
    supplier.get_by_role("button", name="Upload", exact=True).click()
    supplier.get_by_role("heading", name=f"Invoice {document['number']}").wait_for()
    says(supplier, "CN¥8,000.00")
    supplier.get_by_role("link", name="Ask the buyer to confirm the debt").click()
    supplier.get_by_role("button", name="Ask the buyer").click()
    supplier.wait_for_url("**/app/receivables/*")
    expect(supplier.get_by_text("waits for the buyer")).to_be_visible()
    return int(supplier.url.rsplit("/", 1)[1])


def _confirmed(buyer: Page, receivable: int) -> None:
    """The buyer shows the newest state of its list, in Chinese, and confirms."""
    buyer.get_by_role("link", name="显示最新状态").click()
    buyer.get_by_role("link", name=f"应收账款 {receivable}", exact=True).click()
    says(buyer, "￥8,000.00")
    buyer.get_by_role("link", name="确认债务").click()
    buyer.get_by_role("button", name="签名并确认").click()
    finished(buyer)


def _offered(bank: Page, claim: int) -> None:
    """The bank verifies the claim and offers to buy it."""
    bank.get_by_role("link", name="Verify", exact=True).click()
    bank.get_by_label("Number, or the address in a code").fill(str(claim))
    bank.get_by_role("button", name="Verify", exact=True).click()
    bank.get_by_text("Every check holds").wait_for()
    bank.get_by_role("link", name="Make an offer").click()
    bank.get_by_label("Discount a year (%)").fill("4")
    bank.get_by_role("button", name="Make the offer").click()
    bank.wait_for_url(lambda address: "/app/offers/for/" not in address)
    bank.goto("/app/offers")
    assert "open to accept" in bank.locator("tbody tr").first.inner_text()


def _sold(supplier: Page, claim: int) -> None:
    """The supplier compares two offers and accepts the cheaper one."""
    supplier.goto(f"/app/claims/{claim}")
    supplier.get_by_role("link", name="Offers for it").click()
    rows = supplier.locator("tbody tr")
    expect(rows).to_have_count(2)
    assert "4.00%" in rows.first.inner_text()
    assert "CN¥100.00" in rows.last.inner_text()
    rows.first.get_by_role("link", name="Accept the offer").click()
    supplier.get_by_role("button", name="Accept and sell").click()
    finished(supplier)


def test_supplier_buyer_and_bank_trade_at_once(desk: Desk) -> None:
    supplier = desk.signed_in("supplier")
    buyer = desk.signed_in("buyer", language="zh-CN", dark=True)
    bank = desk.signed_in("bank")

    buyer.goto("/app/receivables?status=requested")
    before = _opened(buyer)
    receivable = _asked(supplier)
    _moved(buyer, before)

    before = _opened(supplier)
    _confirmed(buyer, receivable)
    _moved(supplier, before)
    expect(supplier.get_by_text("waits for the buyer")).to_be_visible()
    supplier.get_by_role("link", name="Show the newest state").click()
    supplier.locator("main .badge", has_text="confirmed").wait_for()
    claim = int(supplier.locator("main a[href^='/app/claims/']").first.inner_text().split()[-1])

    _offered(bank, claim)
    price = {"claimId": claim, "value": cny("8000.00"), "price": cny("7900.00")}
    desk.world.cash("second-bank", "8000.00")
    desk.world["second-bank"].command("/v1/offers", price)
    bank.goto("/app/claims")
    own = bank.get_by_role("link", name=f"Claim {claim}", exact=True)
    expect(own).to_have_count(0)
    before = _opened(bank)
    _sold(supplier, claim)
    _moved(bank, before)
    bank.get_by_role("link", name="Show the newest state").click()
    own.click()
    bank.get_by_role("heading", name=f"Claim {claim}").wait_for()
    says(bank, "CN¥8,000.00")

    buyer.goto(f"/app/receivables/{receivable}")
    assert buyer.locator("main .badge").first.inner_text() == "已确认"
    desk.check_accessibility(buyer)
    owner = desk.world["auditor"].get(f"/v1/claims/{claim}").body["owner"]
    assert owner["partyId"] == desk.world.parties["bank"]
