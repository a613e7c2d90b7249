"""One rule for numbers that people type: the server and the browser read them alike."""

from __future__ import annotations

import re

import pytest

from app.domain.money import AmountInvalid, minor_units
from app.pages.typed import Unreadable, amounts, share, share_text, whole
from tests.pages.test_sessions import visitor
from tests.support.desk import Desk
from tests.support.visitor import Visitor

__all__ = ["visitor"]

WHOLE: dict[str, int | None] = {
    "72000": 72_000,
    "72,000": 72_000,
    "72，000": 72_000,
    "72 000": 72_000,
    "１２": 12,
    "-5": -5,
    "0": 0,
    "72.000": None,
    "1.0": None,
    "7.": None,
    "+1": None,
    "1_0": None,
    "1e3": None,
    "1,5": None,
    "1,234.5": None,
    "12 %": None,
}
SHARES: dict[str, int | None] = {
    "6": 60_000,
    "6.5": 65_000,
    "6.5 %": 65_000,
    "６.５％": 65_000,
    "4.35": 43_500,
    "4.125": 41_250,
    "0.0001": 1,
    "7.50": 75_000,
    "-0.5": -5_000,
    "0": 0,
    "100": 1_000_000,
    "0.29": 2_900,
    "60.000": None,
    "6.500": None,
    "60,000": None,
    "43500": None,
    "100.01": None,
    "6,5": None,
    "6.": None,
    ".5": None,
    "0.00001": None,
    "+6": None,
    "%": None,
}
AMOUNTS: dict[str, dict[str, int | None]] = {
    "CNY": {
        "60": 6_000,
        "60.00": 6_000,
        "60.5": 6_050,
        "60,000": 6_000_000,
        "1,234,567.80": 123_456_780,
        "CN¥1,234.00": 123_400,
        "￥1，234.00": 123_400,
        "CNY 1 234.00": 123_400,
        "1'234": 123_400,
        "60.000": None,
        "60.001": None,
        "1.234,50": None,
        "1,50": None,
        "1 2": None,
        "$5": None,
        "1e3": None,
        "007": None,
        "0,123": None,
        ".5": None,
        "5.": None,
        "１２": None,
    },
    "JPY": {"500": 500, "¥500": 500, "500.0": None},
    "BHD": {"60.000": 60_000, "60.0000": None},
    "USD": {"$5.00": 500, "€5.00": None},
}


def _minor(text: str, currency: str) -> int | None:
    try:
        return minor_units(
            amounts({"amount": text}, currency=currency)["amount"], currency=currency
        )
    except AmountInvalid:
        return None


def _share(text: str) -> int | None:
    try:
        return share(text)
    except Unreadable:
        return None


def _whole(text: str) -> int | None:
    try:
        return whole(text)
    except Unreadable:
        return None


def test_server_reads_numbers_by_the_table() -> None:
    assert {text: _whole(text) for text in WHOLE} == WHOLE
    assert {text: _share(text) for text in SHARES} == SHARES
    for currency, table in AMOUNTS.items():
        assert {text: _minor(text, currency) for text in table} == table, currency


def test_browser_reads_numbers_by_the_same_table(desk: Desk) -> None:
    page = desk.signed_in("bank")
    page.goto("/app")
    script = "([name, table, digits, currency]) => Object.fromEntries(table.map((text) => {"
    script += "const read = {whole: typedWhole, share: typedShare, money: units}[name]"
    script += "(text, ...(name === 'money' ? [digits, currency] : []));"
    script += "return [text, read === null ? null : Number(read)]; }))"
    assert page.evaluate(script, ["whole", list(WHOLE), 0, ""]) == WHOLE
    assert page.evaluate(script, ["share", list(SHARES), 0, ""]) == SHARES
    for currency, table in AMOUNTS.items():
        digits = page.evaluate("(currency) => digitsOf(currency)", currency)
        read = page.evaluate(script, ["money", list(table), digits, currency])
        assert read == table, currency


@pytest.mark.parametrize("millionths", [0, 1, 43_500, 72_000, 1_000_000, -5_000])
def test_share_comes_back_as_it_is_shown(millionths: int) -> None:
    assert share(share_text(millionths)) == millionths


def test_more_than_the_most_that_a_field_takes_is_refused() -> None:
    assert share("20", maximum=200_000) == 200_000
    with pytest.raises(Unreadable, match="20 % or less"):
        share("20.01", maximum=200_000)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("60.000", "60 is 60 %"),
        ("60,000", "100 % or less"),
        ("6,5", "with a point"),
    ],
)
def test_offer_at_an_unclear_rate_is_refused_at_its_field(
    visitor: Visitor, typed: str, says: str
) -> None:
    world = visitor.world
    _, claim = world.confirmed(amount="1000000.00")
    visitor.sign_in("bank")
    path = f"/app/offers/for/{claim}"
    fields = {"value": "1,000,000.00", "discountRate": typed, "_key": f"rate-{claim}"}
    answer = visitor.post(path, fields, token=visitor.token(path))
    assert answer.status_code == 422
    fault = re.search(r'class="fault" id="discountRate-fault">([^<]*)', answer.text)
    assert fault is not None
    assert says in fault[1]
    assert f'value="{typed}"' in answer.text, "what was typed stays"
    items = world["bank"].get("/v1/offers").body["items"]
    assert [item for item in items if item["claimId"] == claim] == []


def test_offer_at_six_per_cent_is_one_at_six_per_cent(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000000.00", days=60)
    page = desk.signed_in("bank", language="zh-CN", width=360)
    page.goto(f"/app/offers/for/{claim}")
    rate = page.locator("#discountRate")
    rate.fill("6.500")
    assert "%" not in page.locator("output[for=discountRate]").inner_text()
    rate.fill("6")
    assert page.locator("output[for=discountRate]").inner_text() == "= 6 %"
    assert page.locator("output[for=value]").inner_text() == "= 1,000,000.00 CNY"
    desk.check_width(page)
    desk.check_accessibility(page)
    page.locator("main form button").click()
    page.wait_for_url("**/app/offers/*")
    items = desk.world["bank"].get("/v1/offers").body["items"]
    offer = next(item for item in items if item["claimId"] == claim)
    assert 985_000 < float(offer["price"]["amount"]) < 995_000


def test_parts_with_a_sum_that_cannot_be_read_show_none(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    page = desk.signed_in("supplier")
    page.goto(f"/app/claims/{claim}/assignments")
    page.get_by_label("Amount of part 1").fill("60.000")
    assert page.locator("[data-sum-total]").inner_text() == "?"
    page.get_by_label("Amount of part 1").fill("60.00")
    assert page.locator("[data-sum-total]").inner_text() == "CN¥60.00"
