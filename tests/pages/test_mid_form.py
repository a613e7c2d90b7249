"""What was typed into a form stays, whatever comes between the form and its command."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from app.pages import sessions
from app.pages.forms import MAX_DRAFT_BYTES
from tests.pages.test_sessions import aged, drafts
from tests.support.desk import Desk
from tests.support.visitor import Visitor, value_of
from tests.support.world import World, invoice

TRANSFERS = "/app/money/CNY/transfers"
ENDED = "Here is what you typed before your session ended"


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        opened.sign_in("supplier")
        yield opened


def box(page: str, name: str) -> str:
    """What a page shows in a field of several lines."""
    match = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert match is not None, page
    return html.unescape(match[1])


@pytest.mark.parametrize("rows", [{}, {"parts.0.amount": "1.00"}])
def test_nothing_is_assigned_while_pasted_lines_are_not_filled_in(
    visitor: Visitor, rows: dict[str, str]
) -> None:
    _, claim = visitor.world.confirmed(amount="100.00")
    path = f"/app/claims/{claim}/assignments"
    if rows:
        rows = rows | {"parts.0.toPartyId": visitor.world.parties["castor"]}
    pasted = f"{visitor.world.parties['castor']},2.00\nPollux，3.00"
    answer = visitor.post(path, rows | {"pasted": pasted, "do": "assign"})
    assert answer.status_code == 422
    assert "Nothing was assigned" in answer.text
    assert box(answer.text, "pasted") == pasted
    if rows:
        assert value_of(answer.text, "parts.0.amount") == "1.00"
    held = visitor.world["supplier"].get(f"/v1/claims/{claim}").body["value"]["amount"]
    assert held == "100.00"


def test_lines_that_cannot_be_read_stay_in_the_box_by_number(visitor: Visitor) -> None:
    _, claim = visitor.world.confirmed(amount="100.00")
    path = f"/app/claims/{claim}/assignments"
    castor = visitor.world.parties["castor"]
    pasted = f'{castor}，10\n{castor}\n"{castor},20\n{castor};30'
    answer = visitor.post(path, {"pasted": pasted, "do": "paste"})
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert f"line 2: “{castor}”" in page and f'line 3: “"{castor},20”' in page
    assert box(answer.text, "pasted") == f'{castor}\n"{castor},20'
    amounts = [value_of(answer.text, f"parts.{place}.amount") for place in range(2)]
    assert amounts == ["10", "30"]


def come_back(visitor: Visitor, location: str, name: str) -> str:
    """The form that comes back after the same party has signed in again, and for nobody else."""
    target = urlsplit(location)
    assert target.path == "/app/sign-in", location
    (following,) = parse_qs(target.query)["next"]
    with Visitor(visitor.world) as other:
        other.sign_in("castor" if name != "castor" else "supplier")
        assert ENDED not in other.http.get(following, follow_redirects=True).text
    visitor.sign_in(name)
    answer = visitor.get(following)
    assert answer.status_code == 200, answer.headers
    assert ENDED in answer.text
    return answer.text


def ended(visitor: Visitor) -> None:
    """The browser's session has ended."""
    aged(visitor, sessions.IDLE_SECONDS + 1, "used_at")


def test_pasted_lines_outlive_the_session(visitor: Visitor) -> None:
    _, claim = visitor.world.confirmed(amount="100.00")
    path = f"/app/claims/{claim}/assignments"
    token = visitor.token(path)
    ended(visitor)
    answer = visitor.post(path, {"_place": path, "pasted": "Castor,1\nPollux,2"}, token=token)
    page = come_back(visitor, answer.headers["location"], "supplier")
    assert box(page, "pasted") == "Castor,1\nPollux,2"


@pytest.mark.parametrize("refused", [False, True])
def test_chosen_fields_of_a_document_outlive_the_session(visitor: Visitor, refused: bool) -> None:
    document = visitor.world.upload(invoice(amount="5.00"))["id"]
    page, path = f"/app/documents/{document}", f"/app/documents/{document}/disclosure"
    token = visitor.token(page)
    fields: dict[str, str | list[str]] = {"_place": page, "fields": ["number", "currency"]}
    if refused:
        wrong = {**fields, "fields": ["number", "currency", "nothing"]}
        shown = visitor.post(path, wrong, token=token)
        assert shown.status_code == 422
        assert ticked(shown.text) == ["currency", "number"]
        assert value_of(shown.text, "_place") == page
        return
    ended(visitor)
    answer = visitor.post(path, fields, token=token)
    assert ticked(come_back(visitor, answer.headers["location"], "supplier")) == [
        "currency",
        "number",
    ]


def ticked(page: str) -> list[str]:
    """The fields of a document that are chosen."""
    return sorted(re.findall(r'name="fields" value="([^"]*)" checked', page))


@pytest.mark.parametrize(
    ("name", "place", "path", "file", "fields"),
    [
        ("supplier", "/app/verify", "/app/uploads/disclosed-documents", "pack", {"claimId": "73"}),
        (
            "warehouse",
            "/app/stock/new",
            "/app/uploads/stock-movements",
            "file",
            {"asOf": "2026-02-03"},
        ),
        ("supplier", "/app/documents/new", "/app/uploads/documents", "file", {}),
    ],
)
def test_upload_whose_session_has_ended_leads_back_to_its_form(
    visitor: Visitor, name: str, place: str, path: str, file: str, fields: dict[str, str]
) -> None:
    visitor.sign_in(name)
    data = {"_csrf": visitor.token(place), "_place": place} | fields
    content = {file: ("a.json", b"x" * 3_000_000, "application/json")}
    ended(visitor)
    answer = visitor.http.post(path, data=data, files=content, headers={"Origin": visitor.origin})
    assert answer.status_code == 303
    page = come_back(visitor, answer.headers["location"], name)
    assert "Choose the file again" in page
    for field, value in fields.items():
        assert value_of(page, field) == value


def test_upload_that_was_refused_knows_its_own_page(visitor: Visitor) -> None:
    place, path = "/app/verify", "/app/uploads/disclosed-documents"
    refused = visitor.post(path, {"_place": place, "claimId": "73"}, token=visitor.token(place))
    assert refused.status_code == 422
    assert value_of(refused.text, "_place") == value_of(refused.text, "next") == place


@pytest.mark.parametrize("damage", ["token", "boundary", "large"])
def test_upload_that_is_forged_or_no_form_leaves_no_draft(visitor: Visitor, damage: str) -> None:
    place, path = "/app/verify", "/app/uploads/disclosed-documents"
    token = "0" * 64 if damage == "token" else visitor.token(place)
    value = "7" * (MAX_DRAFT_BYTES + 1 if damage == "large" else 1)
    data = {"_csrf": token, "_place": place, "claimId": value}
    headers = {"Origin": visitor.origin}
    if damage == "boundary":
        headers["Content-Type"] = "multipart/form-data"
    before = drafts(visitor.world)
    ended(visitor)
    content = {"pack": ("a.json", b"{}", "application/json")}
    answer = visitor.http.post(path, data=data, files=content, headers=headers)
    assert answer.headers["location"].startswith("/app/sign-in")
    assert drafts(visitor.world) == before


def transfer(visitor: Visitor, amount: str) -> dict[str, str]:
    """What one types to transfer cash."""
    to = visitor.world.parties["castor"]
    return {"_place": TRANSFERS, "toPartyId": to, "amount": amount, "amount.currency": "CNY"}


def test_second_tab_with_other_values_reads_what_the_first_one_did(visitor: Visitor) -> None:
    visitor.world.cash("supplier", "100.00")
    first, key = visitor.http.get(TRANSFERS, follow_redirects=True).text, ""
    key = value_of(first, "_key") or ""
    token = visitor.token("/app")
    done = visitor.post(TRANSFERS, {"_key": key} | transfer(visitor, "1.00"), token=token)
    other = visitor.post(TRANSFERS, {"_key": key} | transfer(visitor, "2.00"), token=token)
    assert other.status_code == 422
    assert "idempotency" not in other.text
    assert "This form was sent before, with other values" in other.text
    link = re.search(r'href="(/app/sent/[^"]+)"', other.text)
    assert link is not None
    assert visitor.get(link[1]).headers["location"] == done.headers["location"]
    with Visitor(visitor.world) as stranger:
        stranger.sign_in("castor")
        assert stranger.get(link[1]).headers["location"] == "/app/operations"
    fresh = value_of(other.text, "_key") or ""
    assert fresh != key
    assert value_of(other.text, "amount") == "2.00"
    again = visitor.post(TRANSFERS, {"_key": fresh} | transfer(visitor, "2.00"), token=token)
    assert again.headers["location"] not in (None, done.headers["location"])


def test_rejected_operation_is_tried_again_with_what_was_typed(visitor: Visitor) -> None:
    castor = visitor.world.parties["castor"]
    typed = transfer(visitor, "99999999.00")
    token = visitor.token("/app")
    refused = visitor.post(TRANSFERS, typed, token=token)
    location = refused.headers["location"]
    page = visitor.get(location).text
    assert "CN¥99,999,999.00" in page and "Castor Moulds Co., Ltd." in page
    assert "CN¥99,999,999.00" in visitor.get("/app/operations").text
    link = re.search(r'href="([^"]+)">Try again<', page)
    assert link is not None, page
    form = visitor.get(html.unescape(link[1])).text
    assert "the ledger refused it, so nothing was carried out" in form
    assert value_of(form, "amount") == "99999999.00"
    assert re.search(rf'<option value="{castor}" selected>', form)
    key = value_of(form, "_key") or ""
    visitor.world.cash("supplier", "10.00")
    sent = visitor.post(TRANSFERS, typed | {"_key": key, "amount": "1.00"}, token=token)
    assert sent.headers["location"] != location
    with Visitor(visitor.world) as auditor:
        auditor.sign_in("auditor")
        assert "Try again" not in auditor.get(location).text
        assert ENDED not in auditor.http.get(html.unescape(link[1]), follow_redirects=True).text


def test_form_of_a_page_that_is_loaded_anew_belongs_to_its_owner(visitor: Visitor) -> None:
    token = visitor.token("/app")
    typed = transfer(visitor, "3.00") | {"_place": f"{TRANSFERS}?form=ab12"}
    place = visitor.post("/app/drafts", typed, token=token).json()["place"]
    assert value_of(visitor.get(place).text, "amount") == "3.00"
    with Visitor(visitor.world) as other:
        other.sign_in("castor")
        assert value_of(other.http.get(place, follow_redirects=True).text, "amount") == ""
    before = drafts(visitor.world)
    assert visitor.post("/app/drafts", typed, token="0" * 64).status_code == 403
    large = typed | {"amount": "9" * (MAX_DRAFT_BYTES + 1)}
    assert visitor.post("/app/drafts", large, token=token).json() == {"place": None}
    with Visitor(visitor.world) as nobody:
        assert nobody.post("/app/drafts", typed).headers["location"].startswith("/app/sign-in")
    assert drafts(visitor.world) == before


@pytest.mark.parametrize("choice", ["theme", "language", "newest"])
def test_what_was_typed_stays_when_its_page_is_loaded_anew(desk: Desk, choice: str) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    page = desk.signed_in("supplier")
    page.goto(f"/app/claims/{claim}/assignments")
    page.get_by_label("Amount of part 1").fill("300.00")
    page.locator("#to-1").select_option("Castor Moulds Co., Ltd.")
    before = page.url
    if choice == "newest":
        page.locator("[data-newer]").evaluate("link => { link.hidden = false; link.click(); }")
    else:
        page.locator(f".preferences button[name={choice}]").click()
    page.wait_for_url(lambda address: "draft=" in address and address != before)
    expect(page.locator("#amount-0")).to_have_value("300.00")
    expect(page.locator("#to-1 option:checked")).to_have_text("Castor Moulds Co., Ltd.")
    if choice == "language":
        assert page.locator("html").get_attribute("lang") == "zh-Hans"
    if choice == "theme":
        assert page.locator("html").get_attribute("data-theme") == "light"


def test_what_is_typed_to_sign_in_is_not_stored(desk: Desk) -> None:
    page = desk.visitor()
    page.goto("/app/sign-in")
    page.locator("[name=apiKey]").evaluate("field => { field.value = 'ck_secret'; }")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator(".preferences button[name=theme]").click()
    page.locator("html[data-theme=light]").wait_for()
    assert not any(url.endswith("/app/drafts") for url in sent)
