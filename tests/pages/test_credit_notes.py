"""Credit notes on the pages: the supplier signs, the buyer finds it, compares and signs it too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.chain.evm.signers import LocalSigner
from app.demo.client import Caller
from app.gateway.signing import terms_for
from app.pages.languages import CHINESE
from app.pages.page import LANGUAGE
from tests.support.bodies import Json
from tests.support.shown_text import latin_words, texts_of
from tests.support.visitor import Visitor, form_of
from tests.support.wallets import location_number, own_wallet, signed_operation
from tests.support.world import IDS, World, ended, invoice


@pytest.fixture
def supplier(world: World) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        opened.sign_in("supplier")
        yield opened


@pytest.fixture
def buyer(world: World) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        opened.sign_in("buyer")
        yield opened


def uploaded(world: World, amount: str) -> Json:
    return world.upload(invoice(kind="credit-note", amount=amount))


def drafts(world: World, name: str, receivable: int) -> list[Json]:
    """The credit notes of a receivable as a party sees them."""
    path = f"/v1/receivables/{receivable}/credit-notes"
    answer = world.http.get(path, headers=world[name].headers)
    assert answer.status_code == 200
    return list(answer.json())


def to_sign(visitor: Visitor) -> int:
    """How many receivables with credit notes to sign the person's overview counts."""
    text = visitor.get("/app").text
    shown = re.search(r"Credit notes to sign</span> <strong[^>]*>([0-9]+)<", text)
    return 0 if shown is None else int(shown[1])


def test_credit_note_waits_for_the_buyer_who_finds_and_signs_it(
    supplier: Visitor, buyer: Visitor
) -> None:
    world = buyer.world
    receivable, _ = world.confirmed(amount="700.00")
    note = uploaded(world, "70.00")
    page = f"/app/receivables/{receivable}"
    before = to_sign(buyer)
    path = f"/app/documents/{note['id']}/credit-note"
    _, key = form_of(supplier, path)
    sent = supplier.post(path, {"_key": key, "receivable_id": str(receivable)})
    assert sent.headers["location"] == page
    shown = supplier.get(page).text
    assert "waits for the buyer" in shown
    assert "/confirmation" not in shown

    assert to_sign(buyer) == before + 1
    assert "/app/receivables?creditNoteWaits=true" in buyer.get("/app").text
    listed = buyer.get("/app/receivables?creditNoteWaits=true").text
    assert f'href="{page}"' in listed
    draft = drafts(world, "buyer", receivable)[0]
    confirmation = f"{page}/credit-notes/{draft['id']}/confirmation"
    assert f'href="{confirmation}"' in buyer.get(page).text
    text, key = form_of(buyer, confirmation)
    for words in (note["invoice"]["number"], 'id="to-sign"', "CN¥70.00"):
        assert words in text
    assert buyer.get(f"/app/documents/{note['id']}").status_code == 200
    answer = buyer.post(confirmation, {"_key": key})
    assert answer.headers["location"].startswith("/app/operations/")
    operation = answer.headers["location"].rpartition("/")[2]
    ended(world["buyer"], operation)
    assert world["buyer"].get(f"/v1/receivables/{receivable}").body["credited"]["amount"] == "70.00"
    assert to_sign(buyer) == before
    assert "applied" in buyer.get(page).text
    assert confirmation not in buyer.get(page).text


def test_pages_of_a_credit_note_in_chinese_have_no_word_in_english(world: World) -> None:
    receivable, _ = world.confirmed(amount="350.00")
    path = f"/v1/receivables/{receivable}/credit-notes"
    draft = world["supplier"].post(path, {"documentId": uploaded(world, "35.00")["id"]}).body
    page = f"/app/receivables/{receivable}"
    pages = {
        "supplier": [page, f"{page}/credit-notes"],
        "buyer": ["/app", page, f"{page}/credit-notes/{draft['id']}/confirmation"],
    }
    names = sorted((name for name, _ in IDS.values()), key=len, reverse=True)
    for party, paths in pages.items():
        with Visitor(world) as visitor:
            visitor.http.cookies.set(LANGUAGE, CHINESE)
            visitor.sign_in(party)
            for path in paths:
                shown = visitor.http.get(path, follow_redirects=True).text
                words = [
                    word for text in texts_of(shown) for word in latin_words(text, names=names)
                ]
                assert words == [], path


def test_button_on_the_receivable_leads_to_the_uploaded_credit_notes(supplier: Visitor) -> None:
    world = supplier.world
    receivable, _ = world.confirmed(amount="600.00")
    note = uploaded(world, "60.00")
    bill = world.upload(invoice(amount="60.00"))
    page = f"/app/receivables/{receivable}"
    path = f"{page}/credit-notes"
    assert f'href="{path}"' in supplier.get(page).text
    text, key = form_of(supplier, path)
    assert f'value="{note["id"]}"' in text
    assert bill["id"] not in text, "an invoice is no credit note"
    assert supplier.post(path, {"_key": key, "documentId": note["id"]}).headers["location"] == page
    assert "waits for the buyer" in supplier.get(page).text


def test_credit_note_is_seen_by_its_buyer_alone(supplier: Visitor, buyer: Visitor) -> None:
    world = buyer.world
    receivable, claim = world.confirmed(amount="500.00")
    world.assigned(claim, "castor", "100.00")
    note = uploaded(world, "50.00")
    document = f"/v1/documents/{note['id']}"
    headers = world["buyer"].headers
    assert world.http.get(document, headers=headers).status_code == 404, "nobody has signed it"
    path = f"/v1/receivables/{receivable}/credit-notes"
    draft = world["supplier"].post(path, {"documentId": note["id"]}).body
    assert draft["documentId"] == note["id"]
    for name in ("castor", "bank"):  # castor holds a part of the debt
        assert world.http.get(document, headers=world[name].headers).status_code == 404
    assert drafts(world, "castor", receivable)[0]["documentId"] is None
    assert world["buyer"].get(document).body["invoice"]["number"] == note["invoice"]["number"]
    with Visitor(world) as other:
        other.sign_in("castor")
        page = f"/app/receivables/{receivable}"
        assert "Compare and sign" not in other.get(page).text
        path = f"{page}/credit-notes/{draft['id']}/confirmation"
        _, key = form_of(other, path)
        assert other.post(path, {"_key": key}).status_code == 403


def test_expired_credit_note_waits_for_nobody(supplier: Visitor, buyer: Visitor) -> None:
    world = buyer.world
    receivable, _ = world.confirmed(amount="400.00")
    note = uploaded(world, "40.00")
    head = int(world.server.node.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    path = f"/v1/receivables/{receivable}/credit-notes"
    world["supplier"].post(path, {"documentId": note["id"], "deadline": head + 3_600})
    query = {"creditNoteWaits": True, "debtorPartyId": world.parties["buyer"]}
    waiting = [item["id"] for item in world["buyer"].get("/v1/receivables", **query).body["items"]]
    assert receivable in waiting
    world.later(7_200)
    waiting = [item["id"] for item in world["buyer"].get("/v1/receivables", **query).body["items"]]
    assert receivable not in waiting
    page = buyer.get(f"/app/receivables/{receivable}").text
    assert "expired" in page
    assert "Compare and sign" not in page


def test_buyer_with_its_own_wallet_signs_the_credit_note(world: World) -> None:
    number = location_number()
    wallet, caller = own_wallet(world, role="buyer", api_role="buyer", legal_id=number)
    world.callers["own-buyer"] = caller
    bill = {"buyer": {"name": "Own wallet, buyer", "id": number, "scheme": "0088"}}
    document = world.upload(invoice(amount="300.00") | bill)
    filed = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = filed.body["result"]["receivableId"]
    _confirmed_by_wallet(world, wallet, caller, receivable)
    note = world.upload(invoice(kind="credit-note", amount="30.00") | bill)
    draft = (
        world["supplier"]
        .post(f"/v1/receivables/{receivable}/credit-notes", {"documentId": note["id"]})
        .body
    )
    path = f"/app/receivables/{receivable}/credit-notes/{draft['id']}/confirmation"
    with Visitor(world) as own:
        own.sign_in("own-buyer")
        text, key = form_of(own, path)
        assert "data-wallet" in text
        assert "CreditNote" in text
        signature = _signature(world, wallet, draft["typedData"])
        answer = own.post(path, {"_key": key, "signature": signature})
    operation = answer.headers["location"].rpartition("/")[2]
    waiting = world["own-buyer"].get(f"/v1/operations/{operation}").body
    assert waiting["kind"] == "apply-credit-note"
    assert waiting["state"] == "prepared"  # its wallet sends what it has signed


def test_supplier_with_its_own_wallet_signs_the_credit_note(world: World) -> None:
    number = location_number()
    wallet, caller = own_wallet(world, role="supplier", api_role="supplier", legal_id=number)
    world.callers["own-supplier"] = caller
    bill = {"seller": {"name": "Own wallet, supplier", "id": number, "scheme": "0088"}}
    document = world.upload(invoice(amount="300.00") | bill, by="own-supplier")
    prepared = caller.post("/v1/receivables", {"documentId": document["id"]}).body
    receivable = signed_operation(world, wallet, caller, prepared)["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation").body
    (claim,) = confirmed["result"]["claimIds"]
    note = world.upload(invoice(kind="credit-note", amount="30.00") | bill, by="own-supplier")
    page = f"/app/receivables/{receivable}"
    for path, sent in (
        (f"/app/documents/{note['id']}/credit-note", {"receivable_id": str(receivable)}),
        (f"{page}/credit-notes", {"documentId": note["id"]}),
    ):
        with Visitor(world) as own:
            own.sign_in("own-supplier")
            _, key = form_of(own, path)
            place = own.post(path, {"_key": key, **sent}).headers["location"]
            assert place.startswith(f"{page}/credit-notes/of/{note['id']}/{claim}/")
            assert drafts(world, "own-supplier", receivable) == [], "nothing is signed"
            text, key = form_of(own, place)
            for words in ("data-wallet", "CN¥30.00", note["invoice"]["number"]):
                assert words in text
    deadline = int(place.rpartition("/")[2])
    query = {"documentId": note["id"], "claimId": claim, "deadline": deadline}
    terms = caller.get(f"/v1/receivables/{receivable}/credit-notes/terms", **query).body
    with Visitor(world) as own:
        own.sign_in("own-supplier")
        _, key = form_of(own, place)
        wrong = _signature(world, LocalSigner.generate(), terms["typedData"])
        refused = own.post(place, {"_key": key, "signature": wrong})
        assert (refused.status_code, "the signature is by" in refused.text) == (422, True)
        _, key = form_of(own, place)
        signature = _signature(world, wallet, terms["typedData"])
        assert own.post(place, {"_key": key, "signature": signature}).is_redirect
        assert "waits for the buyer" in own.get(page).text
    (draft,) = drafts(world, "own-supplier", receivable)
    assert draft["typedData"] == terms["typedData"]
    done = world["buyer"].command(f"{path_of(receivable)}/{draft['id']}/confirmation").body
    assert done["state"] in ("included", "final")
    assert caller.get(f"/v1/receivables/{receivable}").body["credited"]["amount"] == "30.00"


def test_terms_of_a_credit_note_are_for_its_seller_alone(world: World) -> None:
    receivable, claim = world.confirmed(amount="450.00")
    world.assigned(claim, "castor", "100.00")
    note = uploaded(world, "45.00")
    path = f"{path_of(receivable)}/terms"
    terms = world["supplier"].get(path, documentId=note["id"]).body
    assert terms["amount"] == {"amount": "45.00", "currency": "CNY"}
    message = terms["typedData"]["message"]
    assert (terms["claimId"], terms["deadline"]) == (claim, int(message["deadline"]))
    assert drafts(world, "supplier", receivable) == []
    for name, status in (("castor", 403), ("altair", 404), ("buyer", 403), ("bank", 403)):
        query = {"documentId": note["id"]}
        answer = world.http.get(path, params=query, headers=world[name].headers)
        assert answer.status_code == status, f"{name}: {answer.text}"
    bill = world.upload(invoice(amount="45.00"))
    for query, field in (
        ({}, "documentId"),
        ({"documentId": bill["id"]}, "documentId"),
        ({"documentId": note["id"], "claimId": -1}, "claimId"),
        ({"documentId": note["id"], "claimId": 2**63}, "claimId"),
        ({"documentId": note["id"], "deadline": 0}, "deadline"),
        ({"documentId": note["id"], "deadline": 2**40}, "deadline"),
    ):
        answer = world.http.get(path, params=query, headers=world["supplier"].headers)
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


def test_a_link_of_another_chooses_neither_claim_nor_deadline(supplier: Visitor) -> None:
    world = supplier.world
    receivable, claim = world.confirmed(amount="450.00")
    note = uploaded(world, "45.00")
    terms = world["supplier"].get(f"{path_of(receivable)}/terms", documentId=note["id"]).body
    page = f"/app/receivables/{receivable}/credit-notes/of/{note['id']}"
    assert supplier.http.get(f"{page}/{claim}/{terms['deadline']}?form=k").status_code == 200
    for other, deadline in ((0, terms["deadline"]), (claim, 2**40 - 1), (claim, 1)):
        path = f"{page}/{other}/{deadline}"
        assert supplier.http.get(f"{path}?form=k").status_code == 409
        assert supplier.post(path, {}, token=supplier.token("/app")).status_code == 409
    assert drafts(world, "supplier", receivable) == []


def path_of(receivable: int) -> str:
    """Where the credit notes of a receivable are in the API."""
    return f"/v1/receivables/{receivable}/credit-notes"


def _signature(world: World, wallet: LocalSigner, typed: Json) -> str:
    terms = terms_for(world.server.gateway, "Receivables", typed["primaryType"], typed["message"])
    return "0x" + wallet.sign_hash(terms.digest()).hex()


def _confirmed_by_wallet(
    world: World, wallet: LocalSigner, caller: Caller, receivable: int
) -> None:
    path = f"/v1/receivables/{receivable}/confirmation"
    signature = _signature(world, wallet, caller.get(path).body)
    prepared = caller.post(path, {"signature": signature}).body
    signed_operation(world, wallet, caller, prepared)
