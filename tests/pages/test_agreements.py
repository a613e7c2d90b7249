"""Agreements in real browsers: one side proposes, all sign the same text, the ledger does it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.days import day
from tests.support.desk import Desk, finished, says
from tests.support.lending import lent
from tests.support.world import cny


def test_borrower_proposes_more_time_and_the_lender_signs(desk: Desk) -> None:
    _, loan, _ = lent(desk.world)
    due = day(90)  # also when midnight passes before the end
    borrower = desk.signed_in("supplier")
    borrower.goto(f"/app/loans/{loan}")
    borrower.get_by_role("link", name="Propose more time").click()
    borrower.get_by_label("New due day").fill(due)
    desk.check_accessibility(borrower)
    borrower.get_by_role("button", name="Propose").click()
    borrower.get_by_role("heading", name="More time for a loan").wait_for()
    address = borrower.url
    assert borrower.locator("main .badge").first.inner_text() == "waits for signatures"
    expect(borrower.get_by_role("link", name="Sign the agreement")).to_have_count(0)
    desk.check_accessibility(borrower)

    lender = desk.signed_in("bank")
    lender.goto("/app/agreements")
    desk.check_accessibility(lender)
    lender.locator("tbody a").first.click()
    assert lender.url.partition("?")[0] == address.partition("?")[0]
    lender.get_by_role("link", name="Sign the agreement").click()
    lender.locator("#to-sign").wait_for()
    desk.check_accessibility(lender)
    lender.get_by_role("button", name="Sign", exact=True).click()
    lender.wait_for_url(address)
    assert lender.locator("main .badge").first.inner_text() == "agreed"
    schedule = desk.world["bank"].get(f"/v1/loans/{loan}").body["schedule"]
    assert schedule[-1]["date"] == due


def test_borrower_signs_costs_in_chinese_and_the_lender_carries_them_out(desk: Desk) -> None:
    _, loan, _ = lent(desk.world)
    lender = desk.signed_in("bank")
    lender.goto(f"/app/loans/{loan}/costs")
    lender.get_by_label("Amount (CNY)").fill("35.00")
    lender.get_by_label("What they are").fill("the bailiff's bill of today")
    lender.get_by_role("button", name="Propose").click()
    lender.get_by_role("heading", name="Costs of enforcement", exact=True).wait_for()
    expect(lender.get_by_role("link", name="Carry the agreement out")).to_have_count(0)

    borrower = desk.signed_in("supplier", language="zh-CN", width=360, dark=True)
    borrower.goto("/app/agreements")
    desk.check_width(borrower)
    desk.check_accessibility(borrower)
    borrower.locator("tbody a").first.click()
    assert borrower.get_by_role("heading", level=1).inner_text() == "实现债权的费用"
    desk.check_width(borrower)
    desk.check_accessibility(borrower)
    borrower.get_by_role("link", name="签署协议").click()
    says(borrower, "35.00")
    borrower.get_by_role("button", name="签名", exact=True).click()
    borrower.locator(".badge", has_text="各方均已签署").wait_for()

    lender.reload()
    lender.get_by_role("link", name="Carry the agreement out").click()
    lender.get_by_role("button", name="Carry out").click()
    finished(lender)
    due = desk.world["bank"].get(f"/v1/loans/{loan}").body["due"]
    assert due["costs"] == cny("35.00")


def test_a_signature_is_withdrawn_for_good(desk: Desk) -> None:
    _, loan, _ = lent(desk.world)
    path = f"/v1/loans/{loan}/extensions"
    agreement = desk.world["supplier"].post(path, {"dueDate": day(90)}).body["id"]
    page = desk.signed_in("supplier")
    page.goto(f"/app/agreements/{agreement}")
    page.get_by_role("link", name="Withdraw your signature").click()
    page.get_by_role("button", name="Withdraw").click()
    finished(page)
    page.goto(f"/app/agreements/{agreement}")
    assert page.locator("main .badge").first.inner_text() == "withdrawn"
    expect(page.locator(".actions a")).to_have_count(0)
    assert desk.world["bank"].get(f"/v1/agreements/{agreement}").body["state"] == "withdrawn"
