"""Receivables in a real browser: the buyer confirms, disputes and pays."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.desk import Desk, finished, says


def test_buyer_confirms_disputes_and_pays(desk: Desk) -> None:
    receivable = desk.world.requested(amount="2500.00")
    page = desk.signed_in("buyer")
    page.goto("/app/receivables?status=requested")
    row = page.get_by_role("row").filter(
        has=page.get_by_role("link", name=f"Receivable {receivable}", exact=True)
    )
    assert "0.00" not in row.inner_text().replace("2,500.00", "")  # nobody owes it yet
    page.get_by_role("link", name=f"Receivable {receivable}", exact=True).click()
    shown = page.locator("dl.facts > div").filter(has_text="Unpaid")
    assert shown.locator("dd").inner_text() == "–"
    page.get_by_role("link", name="Confirm the debt").click()
    page.get_by_role("button", name="Sign and confirm").wait_for()
    says(page, "CN¥2,500.00")
    expect(page.locator("#to-sign")).to_be_visible()
    number = desk.world["buyer"].get(f"/v1/receivables/{receivable}").body["document"]["documentId"]
    beside = page.locator("section", has=page.get_by_role("heading", name="The invoice behind it"))
    expect(beside.locator(f"a[href='/app/documents/{number}']")).to_be_visible()
    assert "CN¥2,500.00" in beside.inner_text()
    desk.check_accessibility(page)
    page.get_by_role("button", name="Sign and confirm").click()
    finished(page)
    page.goto(f"/app/receivables/{receivable}")
    assert shown.locator("dd").inner_text() == "CN¥2,500.00"
    page.get_by_role("link", name="Dispute the debt").click()
    page.get_by_label("What is wrong").fill("Three castings are cracked.")
    page.get_by_role("button", name="Dispute").click()
    finished(page)
    page.goto(f"/app/receivables/{receivable}")
    assert page.locator("main .badge").first.inner_text() == "disputed"
    page.get_by_role("link", name="Pay", exact=True).click()
    amount = page.get_by_label("Amount (CNY)")
    assert amount.input_value() == "2500.00"
    amount.fill("1,000.005")
    page.get_by_role("button", name="Pay now").click()
    fault = page.locator("#amount-fault")
    assert "too many decimals" in fault.inner_text()
    assert amount.input_value() == "1,000.005"
    amount.fill("1,000.00")
    page.get_by_role("button", name="Pay now").click()
    finished(page)
    page.goto(f"/app/receivables/{receivable}")
    assert "CN¥1,500.00" in page.locator("main").inner_text()
    desk.check_accessibility(page)
    unpaid = desk.world["buyer"].get(f"/v1/receivables/{receivable}").body["unpaid"]
    assert unpaid["amount"] == "1500.00"


def test_other_sides_see_no_command_of_the_buyer(desk: Desk) -> None:
    receivable = desk.world.requested(amount="90.00")
    page = desk.signed_in("supplier", language="zh-CN", width=360, dark=True)
    page.goto(f"/app/receivables/{receivable}")
    actions = page.locator(".actions a")
    assert actions.all_inner_texts() == ["撤回申请"]
    desk.check_width(page)
    desk.check_accessibility(page)
    page.goto(f"/app/receivables/{receivable}/confirmation")
    page.locator("form[data-once] button.btn-primary").click()
    assert "采购商" in page.get_by_role("alert").inner_text()
    assert desk.world["supplier"].get(f"/v1/receivables/{receivable}").body["status"] == "requested"
