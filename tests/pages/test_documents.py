"""Documents in a real browser: a supplier uploads an invoice and asks the buyer to confirm."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.support.desk import Desk
from tests.support.world import invoice


def test_supplier_uploads_an_invoice_and_asks_the_buyer(desk: Desk) -> None:
    page = desk.signed_in("supplier")
    page.goto("/app/documents")
    page.get_by_role("link", name="Upload a document").first.click()
    document = invoice(amount="432.10")
    page.locator("input[type=file]").set_input_files(
        {
            "name": "invoice.json",
            "mimeType": "application/json",
            "buffer": json.dumps(document).encode(),
        }
    )
    desk.check_accessibility(page)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("heading", name=document["number"]).wait_for()
    assert "CN¥432.10" in page.locator("main").inner_text()
    desk.check_accessibility(page)
    page.get_by_role("link", name="Ask the buyer to confirm the debt").click()
    page.get_by_role("button", name="Ask the buyer").click()
    page.wait_for_url("**/app/receivables/*")
    receivable = int(page.url.rpartition("/")[2])
    asked = desk.world["supplier"].get(f"/v1/receivables/{receivable}").body
    assert (asked["status"], asked["faceAmount"]["amount"]) == ("requested", "432.10")
    page.goto(f"/app/documents/{asked['document']['documentId']}")
    expect(page.get_by_role("link", name=f"Receivable {receivable}")).to_be_visible()
    expect(page.get_by_role("link", name="Ask the buyer to confirm the debt")).to_have_count(0)
    buyer = desk.signed_in("buyer")
    buyer.goto(f"/app/documents/{asked['document']['documentId']}")
    expect(buyer.get_by_role("link", name="Ask the buyer to confirm the debt")).to_have_count(0)


def test_document_fits_a_narrow_screen_in_chinese(desk: Desk) -> None:
    document = desk.world.upload(invoice(amount="76.50"))
    page = desk.signed_in("supplier", language="zh-CN", width=360, dark=True)
    for address in (f"/app/documents/{document['id']}", "/app/documents", "/app/documents/new"):
        page.goto(address)
        desk.check_width(page)
        desk.check_accessibility(page)
