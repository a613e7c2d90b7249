"""A supplier asks for quotes, and a bank answers: two browsers, and what each of them sees."""

from __future__ import annotations

import datetime

from playwright.sync_api import Page

from tests.support.desk import Desk, says
from tests.support.visitor import Visitor, value_of
from tests.support.world import World, cny

BANK = "Bank of the East Lake Co., Ltd."
OTHER = "Bank of the West Hills Co., Ltd."


def _ask(supplier: Page, claim: int) -> None:
    """The supplier asks two financiers for offers for a part of its claim."""
    supplier.goto(f"/app/claims/{claim}")
    supplier.get_by_role("link", name="Ask for quotes").click()
    supplier.get_by_label(BANK).check()
    supplier.get_by_label(OTHER).check()
    supplier.get_by_label("Part of the claim").fill("400,000.00")
    supplier.get_by_label("Note to the financiers").fill("Delivered in full.\nGoods accepted.")
    supplier.get_by_role("button", name="Ask for quotes").click()
    supplier.wait_for_url(f"**/app/offers/compare/{claim}")
    says(supplier, "waits for offers", "0 open offers answer it")


def _answer(desk: Desk, bank: Page, claim: int) -> None:
    """The bank sees figures as it types, first for a price and then for a rate."""
    bank.goto("/app")
    waiting = bank.get_by_role("link", name="Requests to quote to answer")
    assert int(waiting.locator("strong").inner_text()) >= 1
    waiting.click()
    row = bank.locator("tbody tr", has_text=f"Request for claim {claim}")
    words = row.inner_text()
    assert "CN¥400,000.00" in words
    assert "\t60\t" in words
    row.get_by_role("link", name=f"Request for claim {claim}").click()
    says(bank, "Goods accepted.")
    bank.wait_for_load_state()
    assert OTHER not in bank.locator("main").inner_text()
    assert f"kind=claim&id={claim}" in str(
        bank.get_by_role("link", name="Verify the claim").get_attribute("href")
    )
    desk.check_accessibility(bank)
    bank.get_by_role("link", name="Answer with an offer").click()

    figures = bank.locator("#figures")
    bank.get_by_label("Price").press_sequentially("396000")
    figures.get_by_text("6.00%").wait_for()  # 4,000.00 of 400,000.00 in 60 days
    assert "6.06%" in figures.inner_text()  # 4,000.00 on 396,000.00 in 60 days
    bank.get_by_label("Price").fill("")
    figures.get_by_text("appear here").wait_for()
    bank.get_by_label("Discount a year (%)").press_sequentially("4.35")
    figures.get_by_text("CN¥397,100.00").wait_for()
    assert "CN¥2,900.00" in figures.inner_text()
    assert "4.38%" in figures.inner_text()
    desk.check_accessibility(bank)
    desk.check_width(bank)
    desk.end_session(bank)
    bank.get_by_label("Open for (hours)").fill("3")
    bank.get_by_label("Discount a year (%)").fill("4.2")
    figures.get_by_text("Your session has ended").wait_for()
    bank.get_by_role("button", name="Make the offer").click()
    desk.sign_in(bank, "bank")
    assert bank.get_by_label("Discount a year (%)").input_value() == "4.2"
    assert bank.get_by_label("Open for (hours)").input_value() == "3"
    bank.get_by_label("Discount a year (%)").fill("4.35")
    bank.get_by_role("button", name="Make the offer").click()
    bank.wait_for_url(lambda address: "/app/offers/" in address)
    says(bank, "4.35%", "4.38%")
    bank.goto("/app/offers")
    assert "4.38%" in bank.locator("tbody tr").first.inner_text()


def _declined(other: Page, claim: int) -> None:
    """The other bank, in Chinese, sees no offer of the first one, and declines."""
    other.goto("/app/quote-requests")
    row = other.locator("tbody tr", has_text=f"{claim}").first
    assert "等待报价" in row.inner_text()
    row.get_by_role("link").first.click()
    other.get_by_role("link", name="谢绝报价").click()
    other.get_by_label("理由").fill("本月额度已用完。")
    other.get_by_role("button", name="谢绝报价").click()
    other.get_by_text("本月额度已用完。").wait_for()


def test_supplier_asks_and_banks_answer(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="500000.00", days=60)
    supplier, bank = desk.signed_in("supplier"), desk.signed_in("bank")
    other = desk.signed_in("second-bank", language="zh-CN", dark=True)
    _ask(supplier, claim)
    _answer(desk, bank, claim)
    _declined(other, claim)

    supplier.goto(f"/app/offers/compare/{claim}")
    main = supplier.locator("main").inner_text()
    assert "1 open offer answers it" in main
    assert "本月额度已用完。" in main
    row = supplier.locator("tbody tr").first.inner_text()
    for text in (BANK, "answers your request", "CN¥397,100.00", "CN¥2,900.00", "4.35%"):
        assert text in row
    assert "4.38%" not in row, "the yield is the bank's"
    desk.check_accessibility(supplier)
    supplier.get_by_role("link", name="Withdraw the request to quote").click()
    supplier.get_by_role("button", name="Withdraw the request to quote").click()
    supplier.wait_for_url("**/app/quote-requests/*")
    supplier.locator("main .badge", has_text="withdrawn").wait_for()
    bank.goto("/app/quote-requests?state=withdrawn")
    assert f"Request for claim {claim}" in bank.locator("tbody").inner_text()


def test_forms_say_at_their_fields_what_is_wrong(world: World) -> None:
    _, claim = world.confirmed(amount="100.00", days=60)
    path = f"/app/quote-requests/for/{claim}"
    day = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)).date().isoformat()
    with Visitor(world) as supplier, Visitor(world) as bank:
        supplier.sign_in("supplier")
        bank.sign_in("bank")
        token = supplier.token(path)
        for fields, words in (
            ({"value": "100.00", "until": day}, "name the financiers, or ask all of them"),
            ({"value": "100.01", "until": day, "allFinanciers": "true"}, "holds 100.00"),
            ({"value": "100.00", "until": "soon", "allFinanciers": "true"}, "Fill this in."),
            ({"value": "100.00", "until": "2020-01-01", "allFinanciers": "true"}, "next 90 days"),
        ):
            answer = supplier.post(path, fields, token=token)
            assert (answer.status_code, words in answer.text) == (422, True), answer.text
        sent = {"value": "100.00", "until": day, "allFinanciers": "true"}
        assert supplier.post(path, sent, token=token).is_redirect
        request = world["supplier"].get("/v1/quote-requests", claimId=claim).body["items"][0]

        path = f"/app/quote-requests/{request['id']}/offer"
        token = bank.token(path)
        for fields, words in (
            ({}, "Type a price or a rate."),
            ({"price": "99.00", "rate": "4"}, "Type either a price or a rate."),
            ({"price": "100.01"}, "up to the face value"),
            ({"price": "x"}, "up to the face value"),
            ({"rate": "4.00001"}, "up to four decimals"),
            ({"rate": "101"}, "100 % or less"),
            ({"rate": "-1"}, "0 % or more"),
            ({"rate": "NaN"}, "up to four decimals"),
            ({"rate": "4", "hours": "1.5"}, "whole number without a point"),
            ({"rate": "4", "hours": "99999"}, "it must be at most"),
        ):
            sent = {"do": "offer", "value": "100.00", **fields}
            answer = bank.post(path, sent, token=token)
            assert (answer.status_code, words in answer.text) == (422, True), (fields, answer.text)
        unseen = bank.post(path, {"do": "offer", "price": "99.00"}, token=token)
        assert (unseen.status_code, "Look at the face value" in unseen.text) == (422, True)
        shown = bank.post(path, {"do": "figures", "price": "99.00"}, token=token)
        assert (shown.status_code, "6.06%" in shown.text) == (200, True), shown.text
        world["supplier"].post(f"/v1/quote-requests/{request['id']}/withdrawal", None)
        late = bank.post(path, {"do": "offer", "value": "100.00", "price": "99.00"}, token=token)
        assert (late.status_code, "no longer open" in late.text) == (422, True)
    assert world["bank"].get("/v1/offers", claimId=claim).body["items"] == []


def test_pages_show_what_a_collection_left_and_offer_for_no_other_value(world: World) -> None:
    receivable, claim = world.confirmed(amount="1000.00", days=60)
    world.assigned(claim, "platform", "1.00")
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    body = {"claimId": claim, "allFinanciers": True, "until": until.isoformat()}
    request = world["supplier"].post("/v1/quote-requests", body).body["id"]
    path = f"/app/quote-requests/{request}"
    with Visitor(world) as supplier, Visitor(world) as bank:
        supplier.sign_in("supplier")
        bank.sign_in("bank")
        form = bank.http.get(f"{path}/offer", follow_redirects=True).text
        assert value_of(form, "value") == "999.00"
        assert "were collected" not in form
        token, sent = bank.token(f"{path}/offer"), {"do": "offer", "price": "980.00"}
        # A holder can also bring value back: the figures would be for more than what is signed.
        figures = bank.get(f"{path}/figures?price=980.00&value=998.00").text
        assert "has changed since you looked" in figures
        more = bank.post(f"{path}/offer", {"value": "998.00", **sent}, token=token)
        assert (more.status_code, "has changed since you looked" in more.text) == (422, True)
        before = bank.post(f"{path}/offer", {"value": "999.00", **sent}, token=token)
        assert before.is_redirect, before.text

        _paid_by_another(world, receivable, claim)
        left = world["supplier"].get(f"/v1/claims/{claim}").body["value"]["amount"]
        assert 980 < float(left) < 999
        # The figures that the bank saw were for more than it would get.
        late = bank.post(f"{path}/offer", {"value": "999.00", **sent}, token=token)
        assert (late.status_code, "has changed since you looked" in late.text) == (422, True)
        assert value_of(late.text, "value") == left
        assert "were collected" in late.text

        old = str(before.headers["location"])
        for visitor in (bank, supplier):
            shown = visitor.get(old).text
            assert "it cannot be accepted now" in shown
            assert f"{old}/acceptance" not in shown
            assert "for more than the claim holds" in visitor.get("/app/offers").text
            main = visitor.get(path).text
            for words in ("waits for offers", "were collected", "Face value at first", left):
                assert words in main, words
        assert f"{path}/offer" in bank.get(path).text
        compared = supplier.get(f"/app/offers/compare/{claim}").text
        assert "for more than the claim holds" in compared
        assert f"{old}/acceptance" not in compared
        refused = supplier.post(f"{old}/acceptance", {}, token=supplier.token(f"{old}/acceptance"))
        assert (refused.status_code, f"{left} or less" in refused.text) == (409, True)

        again = bank.post(f"{path}/offer", {"value": left, **sent}, token=bank.token(path))
        assert again.is_redirect, again.text
        new = str(again.headers["location"])
        assert f"{new}/acceptance" in supplier.get(f"/app/offers/compare/{claim}").text
        assert "answers your request" in supplier.get(f"/app/offers/compare/{claim}").text
    answer = world["bank"].get(f"/v1/offers/{new.rpartition('/')[2]}").body
    assert (answer["quoteRequestId"], answer["value"]["amount"]) == (request, left)


def _paid_by_another(world: World, receivable: int, claim: int) -> None:
    """The holder of another claim on the debt pays, and the money is collected."""
    world.cash("platform", "10.00")
    money = {"amount": cny("10.00")}
    world["platform"].command(f"/v1/receivables/{receivable}/payments", money)
    world["platform"].command(f"/v1/claims/{claim}/collection")


def test_financier_that_is_not_asked_gets_no_page(world: World) -> None:
    _, claim = world.confirmed()
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    body = {
        "claimId": claim,
        "value": cny("10.00"),
        "financierPartyIds": [world.parties["bank"]],
        "until": until.isoformat(),
    }
    request = world["supplier"].post("/v1/quote-requests", body).body["id"]
    with Visitor(world) as visitor:
        visitor.sign_in("second-bank")
        for path in ("", "/offer", "/figures", "/decline", "/withdrawal"):
            page = f"/app/quote-requests/{request}{path}?form=k&price=1"
            assert visitor.get(page).status_code == 404, path
