"""Lending in real browsers: a bank proposes, a supplier signs, draws and repays."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.desk import Desk, finished, says
from tests.support.goods_on_loan import appraised, lent_on_goods
from tests.support.lending import FAR, agreed_facility, attested, drawn, lent, product


def test_bank_proposes_and_supplier_signs_draws_and_repays(desk: Desk) -> None:
    attested(desk.world)
    bank = desk.signed_in("bank")
    bank.goto("/app/facility-proposals/new")
    offered = product(desk.world, "receivables-finance")
    bank.get_by_label("Product").select_option(str(offered["id"]))
    bank.get_by_label("Borrower").select_option("Linghu Castings Co., Ltd.")
    bank.get_by_label("Limit").fill("100,000.00")
    bank.get_by_label("Currency").select_option("CNY")
    bank.get_by_label("Rate a year (%)").fill("7,2")
    bank.get_by_label("Draws until").fill(FAR)
    bank.get_by_role("button", name="Propose").click()
    assert "such as 6.5" in bank.locator("#annualRate-fault").inner_text()
    bank.get_by_label("Rate a year (%)").fill("7.2")
    bank.get_by_label("Draws until").fill(FAR)
    desk.check_accessibility(bank)
    bank.get_by_role("button", name="Propose").click()
    bank.get_by_role("heading", name="Proposal of a facility").wait_for()
    address = bank.url
    assert "Borrower" in bank.locator("main p").first.inner_text()

    supplier = desk.signed_in("supplier")
    supplier.goto(address)
    assert "7.20%" in supplier.locator("main").inner_text()
    supplier.get_by_role("link", name="Sign the facility").click()
    supplier.locator("#to-sign").wait_for()
    supplier.get_by_role("button", name="Sign", exact=True).click()
    finished(supplier)
    supplier.goto("/app/facilities")
    supplier.get_by_role("link", name="Facility").last.wait_for()
    supplier.locator("tbody a").first.click()
    supplier.get_by_role("link", name="Draw", exact=True).click()
    _, claim = desk.world.confirmed(amount="1000.00", days=200)
    supplier.get_by_label("Amount").fill("500.00")
    supplier.get_by_label("Tenor").fill("30")
    supplier.locator("#collateralId").fill(str(claim))
    supplier.get_by_role("button", name="Show the cost").click()
    quote = supplier.locator("#quote")
    expect(quote).to_contain_text("CN¥503.00")  # 500 at 7.2 % for 30 of 360 days
    desk.check_accessibility(supplier)
    supplier.get_by_role("button", name="Draw", exact=True).click()
    finished(supplier)
    supplier.goto("/app/loans?status=running")
    supplier.locator("tbody a").first.click()
    supplier.get_by_role("link", name="Repay", exact=True).click()
    supplier.get_by_label("Amount (CNY)").fill("200.00")
    supplier.get_by_role("button", name="Repay").click()
    finished(supplier)
    loans = desk.world["supplier"].get("/v1/loans", status="running").body["items"]
    assert loans[0]["outstanding"]["amount"] == "300.00"


def test_lender_reads_a_loan_on_another_day_in_chinese(desk: Desk) -> None:
    facility = agreed_facility(desk.world)
    _, claim = desk.world.confirmed(amount="1000.00", days=200)
    loan = drawn(desk.world, facility, claim, "500.00")
    page = desk.signed_in("bank", language="zh-CN", width=360, dark=True)
    page.goto(f"/app/loans/{loan}")
    schedule = desk.world["bank"].get(f"/v1/loans/{loan}").body["schedule"]
    page.locator("#date").fill(schedule[-1]["date"])
    page.locator("#what-if button").click()
    says(page, "￥503.00")
    desk.check_width(page)
    desk.check_accessibility(page)
    page.locator("#amount").fill("200.00")
    page.locator("#what-if button").click()
    quote = page.locator("section[aria-labelledby=quote]")
    expect(quote).to_contain_text("￥303.00")  # 503.00 are owed on that day
    desk.check_width(page)
    desk.check_accessibility(page)
    page.locator("#amount").fill("0")
    page.locator("#what-if button").click()
    expect(page.locator("#what-if .problem")).to_be_visible()
    expect(quote).to_have_count(0)
    with page.expect_download() as saved:
        page.get_by_role("link", name="对账单（PDF）").click()
    assert saved.value.suggested_filename.endswith(".pdf")
    page.goto("/app/loans")
    desk.check_width(page)
    desk.check_accessibility(page)
    page.goto(f"/app/facilities/{facility}/suspension")
    page.get_by_role("button", name="暂停提款").click()
    finished(page)
    suspended = desk.world["bank"].get(f"/v1/facilities/{facility}").body["suspendedBy"]
    assert suspended == ["lender"]


def test_supplier_compares_offers_and_sells(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00", days=90)
    bank = desk.signed_in("bank")
    bank.goto(f"/app/offers/for/{claim}")
    bank.get_by_label("Discount a year (%)").fill("4")
    bank.get_by_role("button", name="Make the offer").click()
    bank.get_by_role("heading", level=1).wait_for()
    other = {"claimId": claim, "value": {"amount": "1000.00", "currency": "CNY"}}
    desk.world.cash("second-bank", "5000.00")
    price = {"amount": "995.00", "currency": "CNY"}
    desk.world["second-bank"].command("/v1/offers", other | {"price": price})
    page = desk.signed_in("supplier")
    page.goto(f"/app/offers/compare/{claim}")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    assert "Bank of the West Hills" in rows.first.inner_text()
    assert "CN¥5.00" in rows.first.inner_text()
    assert "4.00%" in rows.last.inner_text()
    desk.check_accessibility(page)
    rows.first.get_by_role("link", name="Accept the offer").click()
    page.get_by_role("button", name="Accept and sell").click()
    finished(page)
    owner = desk.world["second-bank"].get(f"/v1/claims/{claim}").body["owner"]
    assert owner["partyId"] == desk.world.parties["second-bank"]


def test_lender_sees_the_coverage_of_a_loan_on_goods_over_time(desk: Desk) -> None:
    _, loan, _ = lent_on_goods(desk.world, "copper-on-a-page", "6000.00")
    appraised(desk.world, "copper-on-a-page", "9.50")
    page = desk.signed_in("bank")
    page.goto(f"/app/loans/{loan}")
    page.get_by_role("link", name="Coverage over time").click()
    page.locator("[data-chart] canvas").wait_for()
    levels = page.locator("tbody tr td:nth-child(7)").all_inner_texts()
    assert levels == ["95.00%", "100.00%"]
    legend = page.locator(".u-legend").inner_text()
    assert "Call at" in legend
    assert "Liquidation at" in legend
    desk.check_accessibility(page)
    narrow = desk.signed_in("supplier", language="zh-CN", width=360, dark=True)
    narrow.goto(f"/app/loans/{loan}/coverage")
    desk.check_width(narrow)
    desk.check_accessibility(narrow)
    _, plain, _ = lent(desk.world)
    page.goto(f"/app/loans/{plain}/coverage")
    expect(page.get_by_role("heading", name="Not on goods")).to_be_visible()
