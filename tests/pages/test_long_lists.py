"""Lists of many thousand claims and debts in a real browser, over a store that has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.demo.client import Caller
from app.domain.calendar import day_at
from app.domain.money import decimal_text
from tests.support.desk import Desk
from tests.support.long_lists import Book, clear, fill
from tests.support.wallets import location_number
from tests.support.world import World

COUNT, FIRST, ON_PAGE = 2_000, 9_000_000_000, 50
HOLDER = "holder-of-many"


def _account(world: World, name: str) -> str:
    answer = world.http.get("/v1/caller", headers=world[name].headers)
    return str(answer.json()["account"]).lower()


def _book(world: World, *, first: int, count: int, **terms: Any) -> Book:
    gateway = world.server.gateway
    return Book(
        first=first,
        count=count,
        seller=_account(world, "supplier"),
        currency=gateway.token_of("CNY"),
        today=day_at(gateway.earliest(0), zone_offset=gateway.zone_offset),
        **terms,
    )


@pytest.fixture(scope="module")
def book(world: World) -> Iterator[Book]:
    """A financier of its own with many thousand claims."""
    body = {
        "name": "Fund of many claims",
        "legalId": {"scheme": "0088", "value": location_number()},
        "roles": ["financier"],
    }
    registrar = world["registrar"]
    party = registrar.command("/v1/parties", body).body["party"]["id"]
    key = registrar.post(
        f"/v1/parties/{party}/api-keys", {"roles": ["financier"], "label": "many"}
    ).body["apiKey"]
    world.callers[HOLDER] = Caller(world.http, HOLDER, key)
    account = _account(world, HOLDER)
    other = _account(world, "second-bank")
    filled = _book(world, first=FIRST, count=COUNT, debtor=other, holder=account, lienholder=other)
    fill(world.server.gateway.storage, [filled])
    yield filled
    clear(world.server.gateway.storage, [filled])
    del world.callers[HOLDER]


def _numbers(page: Page) -> list[int]:
    """The claims on the page, in its order."""
    return [int(text.removeprefix("Claim ")) for text in _first_cells(page).all_inner_texts()]


def _first_cells(page: Page) -> Locator:
    return page.locator("tbody tr td:first-child")


def _has(page: Page, numbers: Sequence[int]) -> None:
    """Waits until the page shows these claims, in this order."""
    expect(_first_cells(page)).to_have_text([f"Claim {number}" for number in numbers])


def _follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def _apply(page: Page) -> None:
    page.get_by_role("button", name="Apply").click()


def _shown(amount: int) -> str:
    """An amount of yuan as an English page shows it."""
    whole, _, rest = decimal_text(amount, currency="CNY").partition(".")
    return f"CN¥{int(whole):,}.{rest}"


def test_pages_of_a_long_list_follow_each_other_in_its_order(desk: Desk, book: Book) -> None:
    newest = sorted(book.numbers, reverse=True)
    page = desk.signed_in(HOLDER)
    page.goto("/app/claims")
    _has(page, newest[:ON_PAGE])
    for place in (1, 2, 3):
        _follow(page, "Next page")
        _has(page, newest[place * ON_PAGE : (place + 1) * ON_PAGE])
    page.go_back()
    _has(page, newest[2 * ON_PAGE : 3 * ON_PAGE])
    assert page.url.endswith(f"?cursor={newest[2 * ON_PAGE - 1]}")
    _follow(page, "First page")
    _has(page, newest[:ON_PAGE])
    _follow(page, "Claim")
    _has(page, newest[::-1][:ON_PAGE])


def test_all_pages_together_have_each_claim_once(desk: Desk, book: Book) -> None:
    page = desk.signed_in(HOLDER)
    page.goto("/app/claims?size=200&currency=CNY&sort=smallest")
    following = page.get_by_role("link", name="Next page")
    seen = _numbers(page)
    while following.count():
        with page.expect_response(lambda answer: "cursor=" in answer.url):
            following.click()
        expect(page.get_by_text(f"Claim {seen[-1]}", exact=True)).to_have_count(0)
        seen += _numbers(page)
    assert seen == sorted(book.numbers, key=lambda number: (book.amount(number), number))
    expect(page.get_by_role("link", name="First page")).to_be_visible()


def test_a_long_list_is_sorted_filtered_and_saved_as_a_view(desk: Desk, book: Book) -> None:
    largest = sorted(book.numbers, key=lambda n: (book.amount(n), n), reverse=True)
    page = desk.signed_in(HOLDER)
    page.goto("/app/claims")
    page.locator("#filter-currency").fill("CNY")
    _apply(page)
    page.wait_for_url("**currency=CNY**")
    page.locator("th a[href*='currency=CNY']", has_text="Outstanding").click()
    page.locator("th[aria-sort=descending]", has_text="Outstanding").wait_for()
    _has(page, largest[:ON_PAGE])
    cells = page.locator("tbody tr").first.locator("td.number").all_inner_texts()
    assert cells[0] == _shown(book.amount(largest[0]))
    page.locator(".columns summary").click()
    page.get_by_role("checkbox", name="Lienholder").uncheck()
    page.get_by_role("checkbox", name="Holder", exact=True).check()
    page.locator("select[name=size]").select_option("200")
    _apply(page)
    _has(page, largest[:200])
    headers = page.get_by_role("columnheader").all_inner_texts()
    assert "Holder" in headers
    assert "Lienholder" not in headers
    assert set(page.locator("td[data-label=Holder]").all_inner_texts()) == {"Fund of many claims"}
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("largest")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="largest").wait_for()

    page.goto("/app/claims")
    page.get_by_role("link", name="largest").click()
    page.wait_for_url("**size=200**")
    _has(page, largest[:200])
    assert page.get_by_role("columnheader").all_inner_texts() == headers
    assert page.locator(".views a[aria-current=true]").inner_text() == "largest"
    _follow(page, "Next page")
    _has(page, largest[200:400])
    assert page.get_by_role("columnheader").all_inner_texts() == headers


def test_the_last_of_two_quick_clicks_is_what_the_list_shows(desk: Desk, book: Book) -> None:
    page = desk.signed_in(HOLDER)
    page.goto("/app/claims")
    page.route(
        f"**receivableId={FIRST}**", lambda route: None
    )  # the answer to the first never comes
    page.locator("#filter-receivableId").fill(str(FIRST))
    with page.expect_request(lambda request: f"receivableId={FIRST}" in request.url):
        _apply(page)
    with page.expect_event("requestfailed"):
        _follow(page, "Claim")
    desk.faults.clear()  # htmx reports that it gave the first up
    page.locator("th[aria-sort=ascending]", has_text="Claim").wait_for()
    _has(page, list(book.numbers)[:ON_PAGE])
    assert "sort=oldest" in page.url


def test_filters_find_single_claims_among_thousands(desk: Desk, book: Book) -> None:
    page = desk.signed_in(HOLDER)
    page.goto("/app/claims")
    page.locator("#filter-receivableId").fill(str(FIRST + 77))
    _apply(page)
    _has(page, [FIRST + 77])
    page.goto("/app/claims")
    page.locator("#filter-burned").select_option("true")
    _apply(page)
    page.get_by_role("heading", name="Nothing matches").wait_for()
    page.locator("#search").fill(f"claim {FIRST + 78}")
    page.locator("#search").press("Enter")
    page.wait_for_url(f"**/app/claims/{FIRST + 78}")
    lienholder = desk.signed_in("second-bank")
    lienholder.goto("/app/claims")
    lienholder.locator("#filter-underMyLien").select_option("true")
    _apply(lienholder)
    with_lien = [n for n in sorted(book.numbers, reverse=True) if book.lien_of(n)]
    _has(lienholder, with_lien[:ON_PAGE])


@pytest.fixture(scope="module")
def debts(world: World) -> Iterator[Book]:
    """Some hundred debts of the buyer that fall due before all of its others."""
    account = _account(world, "buyer")
    holder = _account(world, "second-bank")
    filled = _book(world, first=FIRST + COUNT, count=350, debtor=account, holder=holder, days=1)
    fill(world.server.gateway.storage, [filled])
    yield filled
    clear(world.server.gateway.storage, [filled])


def _pick(page: Page, number: int) -> None:
    page.get_by_label(f"Pay receivable {number}", exact=True).check()


def _turn(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def test_debts_are_chosen_over_pages_and_paid_to_the_cent(desk: Desk, debts: Book) -> None:
    real, _ = desk.world.confirmed(amount="1234.56", days=300)
    first, second = debts.numbers[3], debts.numbers[103]
    page = desk.signed_in("buyer")
    page.goto("/app/due")
    total = page.locator("[data-chosen-sum]")
    _pick(page, first)
    assert total.inner_text() == _shown(debts.amount(first))
    _turn(page, "Next page")
    assert total.inner_text() == _shown(debts.amount(first))
    _pick(page, second)
    assert total.inner_text() == _shown(debts.amount(first) + debts.amount(second))
    desk.check_accessibility(page)
    _turn(page, "First page")
    box = page.get_by_label(f"Pay receivable {first}", exact=True)
    expect(box).to_be_checked()
    box.uncheck()
    assert total.inner_text() == _shown(debts.amount(second))
    assert page.locator("[data-chosen-count]").inner_text() == "1"
    for _ in range(20):  # every debt can be reached, that of this test among the last
        if page.get_by_label(f"Pay receivable {real}", exact=True).count():
            break
        _turn(page, "Next page")
    _pick(page, real)
    assert total.inner_text() == _shown(debts.amount(second) + 123456)
    page.get_by_role("button", name="Pay what is ticked").click()
    page.get_by_role("heading", name="Payments").wait_for()
    expect(page.locator("main .plain-list li")).to_have_count(2)
    lines = page.locator("main .plain-list li").all_inner_texts()
    assert f"Receivable {second} {_shown(debts.amount(second))} not paid" in _spaced(lines[0])
    assert f"Receivable {real} CN¥1,234.56 paid" in _spaced(lines[1])
    unpaid = desk.world["buyer"].get(f"/v1/receivables/{real}").body["unpaid"]
    assert unpaid["amount"] == "0.00"


def _spaced(text: str) -> str:
    return " ".join(text.split())


def test_more_debts_than_are_paid_at_once_are_refused_and_stay_chosen(
    desk: Desk, debts: Book
) -> None:
    page = desk.signed_in("buyer", scripts=False)
    page.goto("/app/due")
    for _ in range(3):
        boxes = page.locator("input[type=checkbox][name=receivable]")
        boxes.evaluate_all("all => all.forEach(box => { box.checked = true; })")
        _turn(page, "Next page")
    page.get_by_role("button", name="Pay what is ticked").click()
    assert "You chose 300 debts." in page.get_by_role("alert").inner_text()
    assert page.locator("[data-chosen-count]").inner_text() == "300"
    amounts = sum(debts.amount(number) for number in debts.numbers[:300])
    assert page.locator("[data-chosen-sum]").inner_text() == _shown(amounts)
