"""Every page answers every role: with the page, or with the API's own refusal, never with a fault.

Each path parameter is filled with an id of the world, so that pages show things that are there. The
pages are in Chinese: no word of them stands in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from app.pages.languages import CHINESE
from app.pages.page import LANGUAGE
from app.pages.views import AREAS, live
from app.storage import run
from tests.support.bank_entries import came_in
from tests.support.days import day
from tests.support.evaluations import confirmed
from tests.support.goods import issued
from tests.support.lending import attested, lent, ordered, product
from tests.support.prices import USD, listed, posted
from tests.support.shown_text import latin_words, texts_of
from tests.support.visitor import Visitor
from tests.support.wallets import location_number
from tests.support.world import World, cny, invoice

OK, REFUSALS = 200, (403, 404)
ROLES = (
    *("supplier", "buyer", "bank", "rater", "first-appraiser", "warehouse"),
    *("auditor", "operator", "registrar", "cash-issuer", "regulator"),
)
#: Who asks for the page of one thing: its parties, one of another role, one who sees all.
PARTIES = ("supplier", "buyer", "bank", "rater", "warehouse", "auditor")
DOCUMENT = "0x" + "5a" * 32
FORM = "?form=smoke"  # a form's page makes no key of its own, so it does not redirect
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def _pages() -> list[str]:
    """Paths of all pages, in the order of the areas; streams of events do not end."""
    routes = [route for area in AREAS if area is not live for route in area.router.routes]
    assert all(isinstance(route, APIRoute) for route in routes)
    return [
        route.path
        for route in routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    ]


@pytest.fixture(scope="module")
def ids(world: World) -> dict[str, str]:
    """Ids for the parameters of the pages' paths."""
    facility, loan, _ = lent(world)
    receivable, claim = world.confirmed()
    draft = {"dueDate": day(90)}
    agreement = world["supplier"].post(f"/v1/loans/{loan}/extensions", draft).body["id"]
    proposal = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("100.00"),
        "lastDate": day(300),
    }
    until = f"{day(30)}T00:00:00Z"
    request = {"claimId": claim, "allFinanciers": True, "until": until}
    offer = {"claimId": claim, "value": cny("1000.00"), "price": cny("990.00")}
    entry, _ = came_in(world, loan, "10.00", day(0))
    order = ordered(world)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    lot, receipt = issued(world, orderId=order)
    delivery = {"lotId": lot, "amount": cny("100.00"), "evidence": "note 7"}
    attested(world)
    listed(world, USD["item"])
    posted(world, "7.10")
    numbers = {
        "receivable_id": receivable,
        "claim_id": claim,
        "credit_note_id": _credited(world, receivable),
        "facility_id": facility,
        "loan_id": loan,
        "agreement_id": agreement,
        "proposal_id": world["bank"].post("/v1/facility-proposals", proposal).body["id"],
        "request_id": world["supplier"].post("/v1/quote-requests", request).body["id"],
        "offer_id": _offered(world, offer),
        "entry_id": entry.rpartition("/")[2],
        "order_id": order,
        "lot_id": lot,
        "receipt_id": receipt,
        "delivery_id": world["supplier"]
        .post(f"/v1/orders/{order}/deliveries", delivery)
        .body["id"],
        "document_id": world.upload(invoice())["id"],
        "operation_id": world["supplier"].get("/v1/operations").body["items"][0]["id"],
        "evaluation_id": confirmed(world),
        "party_id": world.parties["supplier"],
        "key_label": _waiting_key(world),
        "held_party_id": (held := _held(world)),
        "court_order_id": _ordered_by_court(world, held),
        "currency": USD["currency"],
        "item": USD["item"],
        "product_id": product(world, "receivables-finance")["id"],
        "alert_id": "0",
        **_note_to_sign(world, receivable),
        "key": "0" * 32,  # of no form: it leads to the operations
    }
    return {name: str(value) for name, value in numbers.items()}


def _offered(world: World, offer: dict[str, object]) -> str:
    world["bank"].command("/v1/offers", offer)
    return str(world["bank"].get("/v1/offers").body["items"][0]["id"])


def _credited(world: World, receivable: int) -> str:
    """A credit note that waits for the buyer."""
    note = world.upload(invoice(kind="credit-note", amount="10.00"))
    path = f"/v1/receivables/{receivable}/credit-notes"
    return str(world["supplier"].post(path, {"documentId": note["id"]}).body["id"])


def _note_to_sign(world: World, receivable: int) -> dict[str, Any]:
    """An uploaded credit note, and until when it can be signed."""
    note = world.upload(invoice(kind="credit-note", amount="10.00"))["id"]
    path = f"/v1/receivables/{receivable}/credit-notes/terms"
    terms = world["supplier"].get(path, documentId=note).body
    return {"note_document_id": note, "deadline": terms["deadline"]}


def _waiting_key(world: World) -> str:
    """A key of the supplier that waits for a second person; its label."""
    path, label = f"/v1/parties/{world.parties['supplier']}/api-keys", f"smoke-{location_number()}"
    world["registrar"].post(path, {"roles": ["supplier"], "label": label})
    return label


def _held(world: World) -> str:
    """A party that no other test uses, held by a regulator."""
    legal_id = {"scheme": "0088", "value": location_number()}
    body = {"name": "Spica Ltd.", "legalId": legal_id, "roles": ["supplier"]}
    party = str(world["registrar"].command("/v1/parties", body).body["party"]["id"])
    world["regulator"].command("/v1/holds", {"partyId": party, "orderHash": DOCUMENT})
    return party


def _ordered_by_court(world: World, party: str) -> int:
    """An order that waits; its number."""
    body = {"kind": "freeze", "partyId": party, "orderHash": DOCUMENT}
    result = world["regulator"].command("/v1/orders-of-court", body).body["result"]
    return int(result["events"][0]["arguments"]["orderId"])


@pytest.fixture(scope="module")
def visitors(world: World) -> Iterator[dict[str, Visitor]]:
    """A browser for each role, signed in, in Chinese."""
    opened = {name: Visitor(world) for name in ROLES}
    for name, visitor in opened.items():
        visitor.http.cookies.set(LANGUAGE, CHINESE)
        assert visitor.sign_in(name).is_redirect, name
    yield opened
    for visitor in opened.values():
        visitor.http.close()


@pytest.fixture(scope="module")
def answers(
    ids: dict[str, str], visitors: dict[str, Visitor]
) -> dict[str, dict[str, httpx.Response]]:
    """What each page answers each role."""
    answers: dict[str, dict[str, httpx.Response]] = {}
    for path in _pages():
        address = _PARAMETER.sub(lambda match: ids[match[1]], path)
        answers[path] = {
            name: visitors[name].http.get(address + FORM, follow_redirects=True)
            for name in (ROLES if address == path else PARTIES)
        }
    return answers


def test_every_page_answers_every_role(answers: dict[str, dict[str, httpx.Response]]) -> None:
    faults, unseen = [], []
    for path, by_role in answers.items():
        codes = {name: answer.status_code for name, answer in by_role.items()}
        wrong = {name: code for name, code in codes.items() if code not in (OK, *REFUSALS)}
        if wrong:
            faults.append(f"{path}: {wrong}")
        if OK not in codes.values():
            unseen.append(path)
    assert not faults, "\n".join(faults)
    assert not unseen, unseen


def test_no_page_in_chinese_has_a_word_in_english(
    answers: dict[str, dict[str, httpx.Response]], world: World
) -> None:
    codes = [product["code"] for product in world["auditor"].get("/v1/products").body["items"]]
    names = sorted([*_names(world), *codes], key=len, reverse=True)
    english: dict[str, str] = {}
    seen: set[str] = set()  # most texts stand on many pages
    for path, by_role in answers.items():
        for name, answer in by_role.items():
            if not answer.headers["content-type"].startswith("text/html"):
                continue  # a file
            for text in set(texts_of(answer.text)) - seen:
                seen.add(text)
                words = latin_words(text, names=names)
                if words:
                    english[text] = f"{path} as {name}: {words}"
    assert not english, "\n".join(f"{place} in {text!r}" for text, place in english.items())


def test_a_sentence_in_english_is_one_that_the_crawl_finds() -> None:
    page = (
        '<p title="Not possible">债权 7 <bdi>Linghu</bdi> <code>LoanDrawn</code> CNY T-3-67fa9a</p>'
        "<p>操作 01a228f4…fdcdef</p>"
        "<p>Vega Ltd. 的额度</p><p>the debt is owed</p>"
    )
    texts = list(texts_of(page))
    words = [word for text in texts for word in latin_words(text, names=["Vega Ltd."])]
    assert words == ["Not", "possible", "the", "debt", "is", "owed"]


def _names(world: World) -> list[str]:
    """Names of all parties, and of the views that tests save in the world they share."""
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"cursor": cursor} if cursor else {}
        page = world["auditor"].get("/v1/parties", limit=200, **query).body
        names += [party["name"] for party in page["items"]]
        cursor = page["nextCursor"]
    views = world.server.gateway.storage.read_now(
        lambda connection: run(connection, "SELECT name FROM page_views").scalars().all()
    )
    return [*names, *views]
