"""Draws by hand: on goods, with documents, in the styles of the product, with their cost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from app.pages.languages import CHINESE
from app.pages.page import LANGUAGE
from tests.support.desk import Desk, finished, says
from tests.support.goods_on_loan import cloud_line, goods_facility, priced, stored
from tests.support.lending import agreed_facility, attested, ordered, product
from tests.support.proofs import (
    bill_of_lading,
    declaration,
    months_before,
    order_delivered,
    submitted,
    tax_certificate,
)
from tests.support.proofs import uploaded as uploaded_only
from tests.support.shown_text import latin_words, texts_of
from tests.support.visitor import Visitor, form_of, value_of
from tests.support.world import IDS, World, cny, ended


@pytest.fixture
def supplier(world: World) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        opened.sign_in("supplier")
        yield opened


def sent(visitor: Visitor, path: str, **fields: str | list[str]) -> str:
    """Sends a form that must be taken; where it leads."""
    _, key = form_of(visitor, path)
    answer = visitor.post(path, {"_key": key, **fields})
    assert answer.status_code == 303, re.findall(r'class="(?:fault|problem)[^§]{,400}', answer.text)
    return str(answer.headers["location"])


def drew(visitor: Visitor, facility: int, **fields: str | list[str]) -> int:
    """Draws by the form; the loan's id."""
    path = f"/app/facilities/{facility}/draws"
    operation = sent(visitor, path, do="draw", **fields).rpartition("/")[2]
    return int(ended(visitor.world["supplier"], operation)["result"]["loanId"])


def test_supplier_draws_on_its_goods(desk: Desk) -> None:
    world = desk.world
    priced(world, "tin-on-a-page")
    _, receipt = stored(world, "tin-on-a-page", 1_000)
    _, other = stored(world, "tin-on-a-page", 1_000, owner="castor")
    facility = goods_facility(world)
    page = desk.signed_in("supplier")
    page.goto(f"/app/facilities/{facility}")
    page.get_by_role("link", name="Draw", exact=True).click()
    page.get_by_label("Amount").fill("4,000.00")
    page.get_by_label("Tenor").fill("60")
    assert page.locator("#style option").all_inner_texts() == ["all at once, at the end"]
    expect(page.get_by_label(f"Warehouse receipt {other} ")).to_have_count(0)
    page.get_by_role("button", name="Show the cost").click()
    expect(page.locator("#quote .problem")).to_contain_text("No collateral is chosen")
    page.get_by_label(f"Warehouse receipt {receipt} ").check()
    page.get_by_role("button", name="Show the cost").click()
    expect(page.locator("#quote .problem")).to_have_count(0)
    expect(page.get_by_label(f"Warehouse receipt {receipt} ")).to_be_checked()
    desk.check_accessibility(page)
    page.get_by_role("button", name="Draw", exact=True).click()
    finished(page)
    loans = world["supplier"].get("/v1/loans", facilityId=facility).body["items"]
    assert loans[0]["drawn"] == cny("4000.00")
    assert world["supplier"].get(f"/v1/warehouse-receipts/{receipt}").body["lienholder"] is not None
    narrow = desk.signed_in("supplier", language="zh-CN", width=360, dark=True)
    narrow.goto(f"/app/facilities/{facility}/draws")
    desk.check_width(narrow)
    desk.check_accessibility(narrow)


def test_claims_stand_beside_goods_where_the_product_counts_them(supplier: Visitor) -> None:
    world = supplier.world
    priced(world, "zinc-on-a-page")
    _, receipt = stored(world, "zinc-on-a-page", 1_000)
    _, claim = world.confirmed(amount="5000.00", days=100)
    facility = cloud_line(world)
    text, _ = form_of(supplier, f"/app/facilities/{facility}/draws")
    items = [f"warehouse-receipt:{receipt}", f"claim:{claim}"]
    for item in items:
        assert f'value="{item}"' in text
    loan = drew(supplier, facility, amount="7000.00", style="bullet", tenor="60", items=items)
    collateral = world["supplier"].get(f"/v1/loans/{loan}").body["collateral"]
    assert len(collateral["items"]) == 2


def test_what_is_no_warehouse_receipt_stands_at_its_field(supplier: Visitor) -> None:
    facility = goods_facility(supplier.world)
    path = f"/app/facilities/{facility}/draws"
    _, key = form_of(supplier, path)
    fields = {"_key": key, "do": "quote", "amount": "10.00", "style": "bullet", "tenor": "30"}
    answer = supplier.post(path, fields | {"others": "7; eight"})
    assert answer.status_code == 422
    assert "Type numbers of warehouse receipts" in answer.text
    assert 'value="7; eight"' in answer.text


def test_supplier_draws_once_its_certificate_is_accepted(desk: Desk) -> None:
    world = desk.world
    facility = agreed_facility(world, "tax-loan")
    attested(world)
    certificate = tax_certificate(world)
    page = desk.signed_in("supplier")
    page.goto(f"/app/facilities/{facility}/draws")
    expect(page.locator("section[aria-labelledby=needs]")).to_contain_text("missing")
    page.get_by_role("link", name="Documents of the facility").click()
    page.get_by_role("link", name="Add: tax certificate").click()
    for name in ("number", "authority", "periodFrom", "periodTo", "issuedDate"):
        page.locator(f"#{name}").fill(certificate[name])
    expect(page.locator("#taxpayerId")).to_have_value(IDS["supplier"][1])
    page.locator("#paid").fill("186,240.55")
    expect(page.locator("#arrears")).to_have_value("0.00")
    desk.check_accessibility(page)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/documents")
    desk.check_accessibility(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("section[aria-labelledby=needs]")).to_contain_text("waits for the lender")

    bank = desk.signed_in("bank")
    bank.goto(f"/app/facilities/{facility}")
    bank.get_by_role("link", name="Documents", exact=True).last.click()
    says(bank, certificate["number"])
    desk.check_accessibility(bank)
    bank.get_by_role("button", name="Accept it as genuine").click()
    expect(bank.get_by_role("button", name="Accept it as genuine")).to_have_count(0)

    page.goto(f"/app/facilities/{facility}/draws")
    expect(page.locator("section[aria-labelledby=needs]")).to_contain_text("there")
    page.get_by_label("Amount").fill("3,000.00")
    page.locator("#style").select_option("equal-principal")
    page.get_by_label("Tenor").fill("6")
    page.get_by_role("button", name="Draw", exact=True).click()
    finished(page)
    loans = world["supplier"].get("/v1/loans", facilityId=facility).body["items"]
    assert loans[0]["drawn"] == cny("3000.00")


def uploaded(visitor: Visitor, facility: int, kind: str, **fields: str) -> None:
    """Uploads a document by its form and submits it."""
    path = f"/app/facilities/{facility}/documents"
    sent(visitor, f"{path}/new/{kind}", **fields)
    text, key = form_of(visitor, path)
    identifier = value_of(text, "documentId") or ""
    assert visitor.post(path, {"_key": key, "documentId": identifier}).status_code == 303


def test_customs_papers_are_uploaded_and_bound_what_is_owed(supplier: Visitor) -> None:
    world = supplier.world
    facility = agreed_facility(world, "cross-border")
    papers = declaration(world, "40000.00")
    amount = {"amount": papers["amount"]["amount"], "amount.currency": "USD"}
    names = ("number", "exporterName", "exporterId", "consigneeName", "declaredDate")
    uploaded(
        supplier,
        facility,
        "customs-declaration",
        **{name: papers[name] for name in names},
        **amount,
    )
    bill = bill_of_lading(world)
    del bill["kind"]
    uploaded(supplier, facility, "bill-of-lading", **bill)
    kinds = world["bank"].get(f"/v1/facilities/{facility}/documents").body["items"]
    assert {item["kind"] for item in kinds} == {"customs-declaration", "bill-of-lading"}


def test_order_and_delivery_of_the_ledger_serve_a_draw_on_a_bill(supplier: Visitor) -> None:
    world = supplier.world
    attested(world)
    lender = "bank" if product(world, "purchase-credit")["funding"] == "bank" else "platform"
    facility = agreed_facility(world, "purchase-credit", by=lender)
    order, lot = order_delivered(world)
    uploaded(supplier, facility, "order", orderId=str(order))
    uploaded(supplier, facility, "delivery", orderId=str(order), lotId=str(lot))
    drew(supplier, facility, amount="500.00", style="billing-cycle", tenor="0")


def test_reported_trade_bounds_a_facility_by_hand(supplier: Visitor) -> None:
    world = supplier.world
    attested(world)
    facility = agreed_facility(world, "merchant-credit", by="platform")
    with Visitor(world) as platform:
        platform.sign_in("platform")
        party = world.parties["platform"]
        assert "Name who attests the trade" in platform.get(f"/app/facilities/{facility}").text
        sent(platform, f"/app/facilities/{facility}/attester", partyId=party)
        month = months_before(world, 1)[0]
        fields = {"amount": "90,000.00", "amount.currency": "CNY"}
        fields |= {"returned": "0", "returned.currency": "CNY"}
        merchant = world.parties["supplier"]
        sent(platform, "/app/trade-reports/new", merchantPartyId=merchant, month=month, **fields)
        assert "CN¥90,000.00" in platform.get("/app/trade-reports").text
    loan = drew(supplier, facility, amount="800.00", style="bullet", tenor="30")
    assert world["supplier"].get(f"/v1/loans/{loan}").body["drawn"] == cny("800.00")


def test_form_offers_what_the_product_allows(supplier: Visitor) -> None:
    world = supplier.world
    facility = agreed_facility(world, "quarterly-loan", annualRate=90_000)
    text, _ = form_of(supplier, f"/app/facilities/{facility}/draws")
    styles = re.findall(r'<option value="([a-z-]+)"', text.partition('id="style"')[2])[:2]
    assert styles == product(world, "quarterly-loan")["styles"]
    assert 'value="bullet"' not in text
    assert "Months for instalments: 3, 6, 9, 12." in text
    assert 'name="collateralId"' not in text
    order = ordered(world)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    facility = agreed_facility(world, "order-finance", annualRate=90_000)
    text, _ = form_of(supplier, f"/app/facilities/{facility}/draws")
    assert f'<option value="{order}">' in text
    assert "Days if all at once: 1 to 180." in text
    assert 'name="dueDayOfMonth"' not in text


def test_cost_is_shown_for_repaying_on_each_week_and_on_a_chosen_day(supplier: Visitor) -> None:
    world = supplier.world
    _, claim = world.confirmed(amount="2000.00", days=200)
    facility = agreed_facility(world)
    path = f"/app/facilities/{facility}/draws"
    _, key = form_of(supplier, path)
    fields = {"_key": key, "do": "quote", "amount": "1000.00", "style": "bullet", "tenor": "30"}
    table = supplier.post(path, fields | {"collateralId": str(claim)}).text.partition("payoffs")[2]
    assert table.count("<tr><td>") == 5  # four weeks and the due day
    assert "CN¥1,001.40" in table  # 1,000 at 7.2 % for 7 of 360 days
    assert "CN¥1,006.00" in table
    day = world["supplier"].post(
        f"/v1/facilities/{facility}/quotes", {"amount": cny("1000.00"), "tenor": 5}
    )
    chosen = day.body["schedule"][-1]["date"]
    shown = supplier.post(path, fields | {"repaidOn": chosen}).text.partition("payoffs")[2]
    assert shown.count("<tr><td>") == 6
    assert "CN¥1,001.00" in shown
    refused = supplier.post(path, fields | {"repaidOn": "2020-01-01"})
    assert refused.status_code == 422
    assert 'id="repaidOn-fault"' in refused.text


def test_pages_of_draws_in_chinese_have_no_word_in_english(world: World) -> None:
    priced(world, "lead-on-a-page")
    stored(world, "lead-on-a-page", 10)
    goods = goods_facility(world)
    papers = agreed_facility(world, "tax-loan")
    submitted(world, papers, tax_certificate(world))
    uploaded_only(world, tax_certificate(world))
    kinds = ("tax-certificate", "customs-declaration", "bill-of-lading", "order", "delivery")
    documents = f"/app/facilities/{papers}/documents"
    paths = [f"/app/facilities/{goods}/draws", f"/app/facilities/{papers}/draws", documents]
    paths += [f"{documents}/new/{kind}" for kind in kinds]
    names = sorted((name for name, _ in IDS.values()), key=len, reverse=True)
    for party, pages in (("supplier", paths), ("bank", [documents])):
        with Visitor(world) as visitor:
            visitor.http.cookies.set(LANGUAGE, CHINESE)
            visitor.sign_in(party)
            for path in pages:
                texts = texts_of(form_of(visitor, path)[0])
                words = [word for text in texts for word in latin_words(text, names=names)]
                assert words == [], path
