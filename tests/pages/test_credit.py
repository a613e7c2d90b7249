"""Credit cases in real browsers: a rater opens, the party consents, the steps follow."""

from __future__ import annotations

from tests.support.desk import Desk
from tests.support.evaluations import ROOT


def test_party_consents_before_the_rater_takes_a_step(desk: Desk) -> None:
    rater = desk.signed_in("rater")
    rater.goto("/app/credit")
    rater.get_by_role("link", name="Open a credit case").click()
    rater.get_by_label("Party", exact=True).select_option("Vega Coatings Co., Ltd.")
    rater.get_by_label("Purpose").fill("limit for purchase credit")
    rater.get_by_label("Scorecard").fill((ROOT / "scorecards" / "trade.yaml").read_text())
    rater.get_by_role("button", name="Open the case").click()
    rater.get_by_role("heading", name="Credit case of Vega").wait_for()
    address = rater.url
    desk.check_accessibility(rater)

    vega = desk.signed_in("vega", language="zh-CN", width=360, dark=True)
    vega.goto(address)
    desk.check_width(vega)
    desk.check_accessibility(vega)
    vega.locator(".actions a").first.click()
    vega.locator("form[data-once] button.btn-primary").click()
    vega.wait_for_url(address)

    rater.goto(address)
    rater.get_by_role("link", name="Take the next step").click()
    rater.get_by_label("Add what the ledger knows").check()
    rater.get_by_role("button", name="Take the step").click()
    rater.wait_for_url(address)
    case = desk.world["rater"].get(f"/v1/credit/evaluations/{address.rpartition('/')[2]}").body
    assert case["nextStep"] == "analyse"
