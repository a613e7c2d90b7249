"""What the gateway trusts: where two persons must agree, one is never enough."""

from __future__ import annotations

import asyncio
import datetime
import secrets
import stat
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from app.chain.evm.rpc import JsonRpc
from app.domain.calendar import day_of
from tests.support.bodies import Json
from tests.support.contract_calls import FOREIGN_TOKEN, result_of
from tests.support.days import ledger_today
from tests.support.world import World, cny, invoice, refused


def copied(world: World, receivable: int, *, seller: str, **changes: Any) -> Json:
    """The terms of a debt as another seller would copy them off the ledger."""
    body = world["auditor"].get(f"/v1/receivables/{receivable}").body
    gateway = world.server.gateway
    terms = {
        "seller": world[seller].get("/v1/parties/me").body["account"].lower(),
        "debtor": body["debtor"]["account"].lower(),
        "currency": gateway.contracts.address("SettlementToken:CNY"),
        "faceAmount": 100_000,
        "dueDay": day_of(ledger_today()) + 60,
        "graceDays": 5,
        "lateRate": 0,
        "disputeDays": 10,
        "maxDepth": 16,
        "fingerprint": "0x" + secrets.token_hex(32),
        "documentRoot": body["documentRoot"],
        "legalTextHash": body["legalTextHash"],
    }
    return terms | changes


# -- documents


def test_copied_document_root_opens_no_document_and_gets_no_signature(world: World) -> None:
    document = world.upload(invoice(amount="1000.00"))
    real = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = int(real.body["result"]["receivableId"])
    world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    terms = copied(world, receivable, seller="castor")
    filed = result_of(world, "castor", "Receivables", "request", terms)
    forged = int(filed["receivableId"])
    for path in (f"/v1/documents/{document['id']}", f"/v1/documents/{document['id']}/content"):
        assert world.http.get(path, headers=world["castor"].headers).status_code == 404
        assert world.http.get(path, headers=world["buyer"].headers).status_code == 200
    receivable_view = world["buyer"].get(f"/v1/receivables/{forged}").body
    assert receivable_view["document"]["documentId"] is None
    problem = refused(world["buyer"], f"/v1/receivables/{forged}/confirmation")
    assert problem["type"] == "urn:cession:problem:documents-unknown", problem
    # The debtor may confirm outside the gateway; a bank then sees that no document backs the debt.
    own = world.server.gateway
    digest = contract_digest(world, forged)
    account = world["buyer"].get("/v1/parties/me").body["account"].lower()
    signature = "0x" + own.keystore.signer(account).sign_hash(digest).hex()
    done = result_of(world, "buyer", "Receivables", "confirm", forged, signature)
    verification = world["bank"].get(f"/v1/verification/claims/{done['claimIds'][0]}").body
    failed = [check["name"] for check in verification["checks"] if not check["holds"]]
    assert failed == ["documents-match", "root-unique"]
    pack = world["supplier"].post(
        f"/v1/documents/{document['id']}/disclosure", {"fields": ["number"]}
    )
    about = pack.body | {"claimId": done["claimIds"][0]}
    assert world["bank"].post("/v1/verification/documents", about).body["holds"] is False


def contract_digest(world: World, receivable: int) -> bytes:
    """What the debtor of a receivable signs, as the contract reckons it."""

    async def ask() -> Any:
        rpc = JsonRpc(world.server.node.url)
        contracts = world.server.gateway.contracts
        try:
            data = "0x" + contracts.encode("Receivables", "confirmationDigest", [receivable]).hex()
            to = contracts.address("Receivables")
            answer = await rpc.call("eth_call", {"to": to, "data": data}, "latest")
            return contracts.decode_result("Receivables", "confirmationDigest", answer)
        finally:
            await rpc.close()

    return bytes.fromhex(asyncio.run(ask())[2:])


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"faceAmount": 100_001}, "faceAmount"),
        ({"dueDay": day_of(ledger_today()) + 90}, "dueDate"),
        ({"legalTextHash": "0x" + "77" * 32}, "legalTextHash"),
    ],
)
def test_gateway_signs_only_terms_that_equal_the_document(
    world: World, change: Json, differs: str
) -> None:
    document = world.upload(invoice(amount="1000.00"))
    account = world["supplier"].get("/v1/parties/me").body["account"].lower()
    debtor = world["buyer"].get("/v1/parties/me").body["account"].lower()
    due = document["invoice"]["dueDate"]
    terms = {
        "seller": account,
        "debtor": debtor,
        "currency": world.server.gateway.contracts.address("SettlementToken:CNY"),
        "faceAmount": 100_000,
        "dueDay": day_of(datetime.date.fromisoformat(due)),
        "graceDays": 5,
        "lateRate": 0,
        "disputeDays": 10,
        "maxDepth": 16,
        "fingerprint": document["fingerprint"],
        "documentRoot": document["root"],
        "legalTextHash": world.server.gateway.legal_text_hash,
    } | change
    filed = result_of(world, "supplier", "Receivables", "request", terms)
    problem = refused(world["buyer"], f"/v1/receivables/{filed['receivableId']}/confirmation")
    assert problem["type"] == "urn:cession:problem:documents-differ", problem
    assert problem["differs"] == [differs]


def test_buyer_reads_the_document_and_sees_similar_debts(world: World) -> None:
    first = world.requested(amount="777.77")
    second = world.requested(amount="777.77")
    receivable_view = world["buyer"].get(f"/v1/receivables/{second}").body
    assert first in receivable_view["document"]["alike"]
    document = world["buyer"].get(f"/v1/documents/{receivable_view['document']['documentId']}").body
    assert document["invoice"]["payableAmount"] == "777.77"
    _, claim = world.confirmed(amount="12.00")
    world["supplier"].command(
        f"/v1/claims/{claim}/assignments",
        {"parts": [{"toPartyId": world.parties["castor"], "amount": cny("12.00")}]},
    )
    receivable = world["castor"].get(f"/v1/claims/{claim}").body["receivableId"]
    assert "document" not in world["castor"].get(f"/v1/receivables/{receivable}").body


def test_document_pack_fails_for_a_rejected_or_disputed_debt(world: World) -> None:
    def pack(document: Json, **more: Any) -> Json:
        path = f"/v1/documents/{document['id']}/disclosure"
        body = world["supplier"].post(path, {"fields": ["number", "payableAmount"]}).body
        return dict(world["bank"].post("/v1/verification/documents", body | more).body)

    def failed(verification: Json) -> list[str]:
        return [check["name"] for check in verification["checks"] if not check["holds"]]

    document = world.upload(invoice(amount="50.00"))
    filed = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = filed.body["result"]["receivableId"]
    assert failed(pack(document)) == ["confirmed"]
    world["buyer"].command(f"/v1/receivables/{receivable}/rejection", {"reason": "not ours"})
    assert failed(pack(document)) == ["confirmed"]

    document = world.upload(invoice(amount="51.00"))
    filed = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = filed.body["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    claim = confirmed.body["result"]["claimIds"][0]
    assert failed(pack(document, claimId=claim)) == []
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute", {"statement": "broken"})
    assert failed(pack(document, claimId=claim)) == ["claim", "confirmed"]


def test_false_document_pack_does_not_reveal_the_amount(world: World) -> None:
    document = world.upload(invoice(amount="654.32"))
    world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    path = f"/v1/documents/{document['id']}/disclosure"
    pack = world["supplier"].post(path, {"fields": ["payableAmount"]}).body
    pack["fields"][0]["value"] = "1.00"
    verification = world["altair"].post("/v1/verification/documents", pack).body
    assert verification["holds"] is False
    assert "654.32" not in str(verification)


@pytest.mark.parametrize("proof", [["0xabc"], ["zz"], ["0x" + "0" * 63]])
def test_malformed_proof_is_refused(world: World, proof: list[str]) -> None:
    body = {
        "root": "0x" + "0" * 64,
        "fields": [{"field": "a", "value": "b", "salt": "0x" + "0" * 64, "proof": proof}],
    }
    problem = refused(world["bank"], "/v1/verification/documents", body)
    assert (problem["status"], problem["field"]) == (422, "fields.0.proof.0")


def test_parsed_documents_are_encrypted_in_the_store(world: World) -> None:
    secret = f"SECRET-{secrets.token_hex(6)}"
    document = world.upload(invoice(number=secret, amount="4242.42"))
    world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    folder = Path(world.server.ledger.folder)
    stored = b"".join(file.read_bytes() for file in folder.glob("cession.sqlite*"))
    assert document["id"].encode() in stored
    assert secret.encode() not in stored
    for file in folder.glob("cession.sqlite*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


# -- offers


def test_funder_reads_the_debt_only_while_its_offer_is_open(own_world: World) -> None:
    world = own_world
    receivable, claim = world.confirmed()

    def status() -> int:
        path = f"/v1/receivables/{receivable}"
        return world.http.get(path, headers=world["bank"].headers).status_code

    def offered(seconds: int) -> str:
        price = {"value": cny("0.01"), "price": cny("0.01"), "validSeconds": seconds}
        return str(world["bank"].post("/v1/offers", {"claimId": claim} | price).body["id"])

    assert status() == 404
    offer = offered(3_600)
    assert status() == 200
    headers = world["bank"].headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    assert world.http.delete(f"/v1/offers/{offer}", headers=headers).status_code == 200
    assert status() == 404
    offered(60)
    assert status() == 200
    world.later(120)
    world.requested()
    assert status() == 404


def test_offer_accepted_twice_at_once_has_one_operation(world: World) -> None:
    _, claim = world.confirmed()
    body = {"claimId": claim, "value": cny("10.00"), "price": cny("9.00")}
    offer = world["bank"].post("/v1/offers", body).body["id"]
    path = f"/v1/offers/{offer}/acceptance"
    first = world["supplier"].post(path).body["operation"]
    problem = refused(world["supplier"], path)
    assert problem["status"] == 409
    offer_view = world["bank"].get(f"/v1/offers/{offer}").body
    assert offer_view["operationId"] == first["id"]


def order_terms(world: World, **changes: Any) -> Json:
    """An order of the supplier's to the buyer."""
    today = day_of(ledger_today())
    return {
        "seller": world["supplier"].get("/v1/parties/me").body["account"].lower(),
        "buyer": world["buyer"].get("/v1/parties/me").body["account"].lower(),
        "currency": world.server.gateway.contracts.address("SettlementToken:CNY"),
        "amount": 100_000,
        "deliveryDay": today + 30,
        "expiryDay": today + 60,
        "fingerprint": "0x" + secrets.token_hex(32),
        "documentRoot": "0x" + "22" * 32,
        "legalTextHash": world.server.gateway.legal_text_hash,
    } | changes


@pytest.mark.parametrize(
    "change", [{"legalTextHash": "0x" + "77" * 32}, {"currency": FOREIGN_TOKEN}]
)
def test_gateway_signs_no_order_with_another_document_or_unknown_currency(
    world: World, change: dict[str, str]
) -> None:
    filed = result_of(world, "supplier", "PurchaseOrders", "request", order_terms(world, **change))
    problem = refused(world["buyer"], f"/v1/orders/{filed['orderId']}/confirmation")
    assert problem["type"] == "urn:cession:problem:documents-differ", problem
    assert world["buyer"].get("/v1/orders").body["items"][0]["id"] == filed["orderId"]


def test_campaign_opened_outside_the_api_appears_in_lists(own_world: World) -> None:
    world, strange = own_world, FOREIGN_TOKEN
    # A token that the gateway does not know, with the code of one that it does.
    node, known = world.server.node, world.server.gateway.contracts.address("SettlementToken:CNY")
    node.ask("anvil_setCode", strange, node.ask("eth_getCode", known, "latest"))
    none = "0x" + "00" * 32
    terms = {
        **{"currency": strange, "goal": 1, "deadline": int(time.time()) + 86_400},
        "reviewer": world["bank"].get("/v1/parties/me").body["account"].lower(),
        **{"category": 6, "documentRoot": none, "legalTextHash": none},
    }
    tiers = [{"price": 1, "places": 1, "kind": 0, "descriptionHash": none}]
    last_day = day_of(ledger_today()) + 3_000
    milestones = [{"part": 1_000_000, "lastDay": last_day, "descriptionHash": none}]
    result_of(world, "supplier", "Campaigns", "open", terms, tiers, milestones)
    campaigns = world["buyer"].get("/v1/campaigns").body["items"][0]
    assert campaigns["goal"] == {"amount": "1", "currency": strange}
    categories = world["buyer"].get("/v1/campaign-categories").body["items"]
    strange_sums = {"goals": campaigns["goal"], "contributed": campaigns["contributed"]}
    assert strange_sums in categories[-1]["sums"], "the category is other"
    contribution = {"tier": 0, "places": 1}
    assert (
        refused(world["buyer"], f"/v1/campaigns/{campaigns['id']}/contributions", contribution)[
            "status"
        ]
        == 409
    )


def test_part_keeps_its_lineage_when_the_rest_is_assigned_later(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "10.00")
    world.assigned(claim, "altair", "990.00")
    for number in (part, claim):
        verification = world["bank"].get(f"/v1/verification/claims/{number}").body
        assert verification["holds"], [
            check for check in verification["checks"] if not check["holds"]
        ]
    lineage = world["castor"].get(f"/v1/claims/{part}").body["lineage"]
    assert [item["assignment"] is None for item in lineage] == [True, False]
