"""A supplier's claims in a real browser, on a real chain."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.desk import Desk, finished

KEY = re.compile(r"form=(\w+)")


def test_supplier_finds_a_claim_and_reads_its_chain(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1234567.89")
    part = desk.world.assigned(claim, "castor", "1000.00")
    page = desk.signed_in("castor")
    page.get_by_role("link", name="Claims").click()
    page.get_by_role("link", name=f"Claim {part}").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"Claim {part}"
    chain = page.locator(".chain").inner_text()
    assert "Linghu Castings Co., Ltd. assigned CN¥1,000.00 to Castor Moulds Co., Ltd." in chain
    desk.check_accessibility(page)


def test_supplier_splits_and_assigns_with_live_sums(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    page = desk.signed_in("supplier")
    page.goto(f"/app/claims/{claim}/assignments")
    page.get_by_label("Recipient of part 1").select_option("Castor Moulds Co., Ltd.")
    page.get_by_label("Amount of part 1").fill("300.00")
    page.get_by_label("Recipient of part 2").select_option("Pollux Steel Trading Co., Ltd.")
    page.get_by_label("Amount of part 2").fill("800.00")
    assert page.locator("[data-sum-total]").inner_text() == "CN¥1,100.00"
    expect(page.get_by_text("The parts exceed the claim.")).to_be_visible()
    desk.check_accessibility(page)
    page.get_by_role("button", name="Assign the parts").click()
    assert "the parts sum to 1100.00" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Amount of part 2").input_value() == "800.00"
    page.get_by_label("Amount of part 2").fill("200.00")
    assert page.locator("[data-sum-left]").inner_text() == "CN¥500.00"
    page.get_by_role("button", name="Assign the parts").click()
    finished(page)
    assert desk.world["supplier"].get(f"/v1/claims/{claim}").body["value"]["amount"] == "500.00"


def test_going_back_to_a_sent_form_shows_its_operation(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    page = desk.signed_in("supplier")
    page.goto(f"/app/claims/{claim}/assignments")
    page.get_by_label("Recipient of part 1").select_option("Castor Moulds Co., Ltd.")
    page.get_by_label("Amount of part 1").fill("300.00")
    page.get_by_role("button", name="Assign the parts").click()
    finished(page)
    operation = page.url
    page.go_back()
    page.wait_for_url("**/app/operations/*")
    assert page.url == operation


def test_form_that_is_sent_twice_runs_once(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    page = desk.signed_in("supplier")
    page.goto(f"/app/claims/{claim}/assignments")
    page.get_by_label("Recipient of part 1").select_option("Castor Moulds Co., Ltd.")
    page.get_by_label("Amount of part 1").fill("300.00")
    body = page.evaluate(
        "new URLSearchParams(new FormData(document.querySelector('form.assign'))).toString()"
    )
    addresses = page.evaluate(
        """async body => Promise.all([1, 2].map(async () => (await fetch(location.pathname, {
          method: "POST", body, headers: {"Content-Type": "application/x-www-form-urlencoded"},
        })).url))""",
        body,
    )
    assert any("/app/operations/" in address for address in addresses)
    assert desk.world["supplier"].get(f"/v1/claims/{claim}").body["value"]["amount"] == "700.00"


def test_list_filters_hides_columns_and_saves_views(desk: Desk) -> None:
    receivable, _ = desk.world.confirmed(amount="77.00")
    desk.world.confirmed(amount="78.00")
    page = desk.signed_in("supplier")
    page.goto("/app/claims")
    page.locator("#filter-receivableId").fill(str(receivable))
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(f"**receivableId={receivable}**")
    rows = page.locator("tbody tr")
    rows.nth(1).wait_for(state="detached")
    expect(rows).to_have_count(1)
    assert "CN¥77.00" in rows.first.inner_text()
    page.locator(".columns summary").click()
    page.get_by_role("checkbox", name="Lienholder").uncheck()
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("columnheader", name="Lienholder").wait_for(state="detached")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill('<b>"mine" & ours</b>')
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name='<b>"mine" & ours</b>').wait_for()
    desk.check_accessibility(page)


def test_pages_work_without_scripts(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    page = desk.signed_in("supplier", scripts=False)
    page.goto(f"/app/claims/{claim}/assignments")
    page.get_by_label("Recipient of part 1").select_option("Castor Moulds Co., Ltd.")
    page.get_by_label("Amount of part 1").fill("100.00")
    page.get_by_role("button", name="Assign the parts").click()
    page.wait_for_url("**/app/operations/*")


def test_chinese_narrow_page_has_chinese_texts_and_amounts(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1234567.89")
    page = desk.signed_in("supplier", language="zh-CN", width=320, dark=True)
    page.goto(f"/app/claims/{claim}")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert "￥1,234,567.89" in page.locator("main").inner_text()
    expect(page.get_by_role("link", name="拆分并转让")).to_be_visible()
    desk.check_width(page)
    desk.check_accessibility(page)
    page.goto("/app/claims")
    desk.check_width(page)
    desk.check_accessibility(page)


def test_list_sorts_and_says_what_a_filter_lacks(desk: Desk) -> None:
    desk.world.confirmed(amount="9876543.21")
    page = desk.signed_in("supplier")
    page.goto("/app/claims")
    page.get_by_role("link", name="Outstanding").click()
    page.wait_for_url("**sort=largest**")
    assert page.locator("#filter-currency").input_value() == "CNY", "amounts of one currency"
    page.locator("#filter-currency").fill("")
    page.get_by_role("button", name="Apply").click()
    alert = page.locator("#list").get_by_role("alert")
    alert.wait_for()
    assert "currency" in alert.inner_text()
    page.locator("#filter-currency").fill("CNY")
    page.get_by_role("button", name="Apply").click()
    page.locator("tbody tr").first.wait_for()
    assert "CN¥9,876,543.21" in page.locator("tbody tr").first.inner_text()
    header = page.get_by_role("columnheader", name="Outstanding")
    assert header.get_attribute("aria-sort") == "descending"
    page.get_by_role("link", name="Outstanding").click()
    page.wait_for_url("**sort=smallest**")
    page.locator("th[aria-sort=ascending]").wait_for()
    assert "9,876,543.21" not in page.locator("tbody tr").first.inner_text()
