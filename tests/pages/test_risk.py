"""Risk in a real browser: the book, a stress test, the watch list, and the stop of new risk."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.desk import Desk, finished, says
from tests.support.lending import attested, lent
from tests.support.world import caught_up


def test_lender_reads_the_book_and_tests_it(desk: Desk) -> None:
    lent(desk.world)
    page = desk.signed_in("bank")
    page.get_by_role("link", name="Risk", exact=True).click()
    says(page, "By days past due")
    concentration = page.locator("section", has=page.get_by_role("heading", name="Concentration"))
    assert "Linghu Castings Co., Ltd." in concentration.first.inner_text()
    desk.check_accessibility(page)
    page.get_by_role("link", name="by debtor").click()
    says(page, "Donghai Motors Co., Ltd.")
    page.get_by_role("link", name="Stress test").click()
    page.get_by_label("Nobody pays for (days)").wait_for()
    expect(page.get_by_role("alert"), "nothing was tested, nothing is wrong").to_have_count(0)
    page.get_by_label("So many of the largest names default").fill("1")
    page.get_by_label("Nobody pays for (days)").fill("60")
    assert page.locator("output[for=delayDays]").inner_text() == "60"
    page.get_by_role("button", name="Test").click()
    page.wait_for_url("**largest=1**")
    row = page.locator("tbody tr", has_text="the largest names default")
    assert "CN¥0.00" not in row.locator("td").nth(3).inner_text()
    desk.check_accessibility(page)


def test_lender_reads_the_watch_list_in_chinese(desk: Desk) -> None:
    attested(desk.world, tier=2)
    lent(desk.world)
    caught_up(desk.world)
    attested(desk.world, tier=3)
    caught_up(desk.world)
    page = desk.signed_in("bank", language="zh-CN", width=360, dark=True)
    page.goto("/app/risk/watch")
    assert "Linghu Castings Co., Ltd." in page.locator("main").inner_text()
    expect(page.locator("main .badge", has_text="预警级")).not_to_have_count(0)
    desk.check_width(page)
    desk.check_accessibility(page)
    page.goto("/app/risk")
    desk.check_width(page)
    desk.check_accessibility(page)
    page.goto("/app/risk/stress")
    desk.check_width(page)


def test_one_official_stops_new_risk_and_two_resume_it(desk: Desk) -> None:
    operator = desk.signed_in("operator")
    operator.goto("/app/risk")
    operator.get_by_role("link", name="Stop new risk").click()
    operator.get_by_label("Reason").fill("INC-7: collection pays one claim twice")
    desk.check_accessibility(operator)
    operator.get_by_role("button", name="Stop new risk").click()
    finished(operator)
    assert desk.world["operator"].get("/v1/new-risk").body["state"] == "stopped"
    for name in ("operator", "regulator"):
        page = operator if name == "operator" else desk.signed_in(name)
        page.goto("/app/risk")
        assert "INC-7" in page.locator("main").inner_text()
        page.get_by_role("link", name="Resume new risk").click()
        page.get_by_role("button", name="Resume").click()
        finished(page)
    operator.goto("/app/risk")
    assert operator.locator("main .badge").first.inner_text() == "new risk is accepted"
