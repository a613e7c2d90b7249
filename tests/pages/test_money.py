"""Money in a real browser: what falls due is paid, money is sent, all of it in its currency."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import expect

from app.domain.money import decimal_text, minor_units
from tests.support.desk import Desk, finished


def test_buyer_pays_a_debt_of_the_due_calendar_and_sends_money(desk: Desk) -> None:
    receivable, _ = desk.world.confirmed(amount="321.00")
    page = desk.signed_in("buyer")
    page.goto("/app/due")
    desk.check_accessibility(page)
    page.get_by_label(f"Pay receivable {receivable}", exact=True).check()
    page.get_by_role("button", name="Pay what is ticked").click()
    page.get_by_role("heading", name="Payments").wait_for()
    page.locator("main").get_by_text("paid", exact=True).first.wait_for()
    unpaid = desk.world["buyer"].get(f"/v1/receivables/{receivable}").body["unpaid"]
    assert unpaid["amount"] == "0.00"

    before = desk.world.balance("castor")
    page.goto("/app/money")
    desk.check_accessibility(page)
    page.get_by_role("link", name="Pay a party").first.click()
    page.get_by_label("Payee").select_option("Castor Moulds Co., Ltd.")
    page.get_by_label("Amount (CNY)").fill("1.00")
    page.get_by_role("button", name="Pay now").click()
    finished(page)
    assert Decimal(desk.world.balance("castor")) == Decimal(before) + 1


def test_due_calendar_and_money_fit_a_narrow_screen_in_chinese(desk: Desk) -> None:
    desk.world.confirmed(amount="123.00")
    page = desk.signed_in("buyer", language="zh-CN", width=360, dark=True)
    for address in ("/app/due", "/app/money"):
        page.goto(address)
        desk.check_width(page)
        desk.check_accessibility(page)


def test_approval_without_limit_must_be_ticked(desk: Desk) -> None:
    page = desk.signed_in("buyer")
    page.goto("/app/money/CNY/approvals")
    page.locator("#contract").select_option("ClaimMarket")
    page.get_by_role("button", name="Set", exact=True).click()
    page.locator("#amount-fault").wait_for()
    page.get_by_label("Without limit").check()
    page.get_by_role("button", name="Set", exact=True).click()
    page.wait_for_url("**/app/operations/*")


def test_of_two_debts_the_one_that_the_money_does_not_reach_is_named(desk: Desk) -> None:
    world = desk.world
    part = minor_units(world.balance("buyer"), currency="CNY") * 3 // 5
    amount = decimal_text(part, currency="CNY")
    first, second = (world.confirmed(amount=amount)[0] for _ in range(2))
    page = desk.signed_in("buyer")
    page.goto("/app/due")
    for number in (first, second):
        page.get_by_label(f"Pay receivable {number}", exact=True).check()
    page.get_by_role("button", name="Pay what is ticked").click()
    page.get_by_role("heading", name="Payments").wait_for()
    lines = page.locator("main .plain-list li")
    expect(lines).to_have_count(2)
    for number, word in ((first, "paid"), (second, "not paid")):
        line = lines.filter(has_text=f"Receivable {number} ")
        line.get_by_text(word, exact=True).wait_for()
        unpaid = world["buyer"].get(f"/v1/receivables/{number}").body["unpaid"]["amount"]
        assert unpaid == ("0.00" if word == "paid" else amount)
    world.cash("buyer", amount)
