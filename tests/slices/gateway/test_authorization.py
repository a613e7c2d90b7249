"""Every endpoint with every role: who may call it. Every endpoint with every owner: whose it is."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from app.gateway.callers import ROLES, authenticate
from app.main import ROUTERS
from tests.support.bodies import Json
from tests.support.registry import revoked
from tests.support.world import World, cny, invoice, refused

OPEN = {"/livez", "/readyz", "/metrics"}
ROUTES = [
    (method, route)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
CALLER_OF = {
    "supplier": "supplier",
    "buyer": "buyer",
    "financier": "bank",
    "rater": "rater",
    "appraiser": "first-appraiser",
    "warehouse": "warehouse",
    "auditor": "auditor",
    "operator": "operator",
    "regulator": "regulator",
    "registrar": "registrar",
    "cash-issuer": "cash-issuer",
}


def _dependencies(route: APIRoute) -> list[Any]:
    calls, waiting = [], [route.dependant]
    while waiting:
        dependant = waiting.pop()
        calls.append(dependant.call)
        waiting += dependant.dependencies
    return calls


def allowed_roles(route: APIRoute) -> frozenset[str] | None:
    """Roles that the route's guard lets through; None where any caller may come."""
    guards = [call.roles for call in _dependencies(route) if hasattr(call, "roles")]
    return guards[0] if guards else None


def _send(world: World, method: str, route: APIRoute, headers: dict[str, str]) -> httpx.Response:
    path = route.path
    for name in route.param_convertors:
        path = re.sub(rf"{{{name}(:\w+)?}}", "999999", path)
    headers_sent = headers | {"Idempotency-Key": uuid.uuid4().hex}
    return world.http.request(method, path, headers=headers_sent)


def test_every_route_except_health_requires_a_caller() -> None:
    for _, route in ROUTES:
        guarded = authenticate in _dependencies(route)
        assert guarded == (route.path not in OPEN), route.path


def test_every_command_names_the_roles_that_may_give_it() -> None:
    free = {"/v1/operations/{operation_id}/signature", "/v1/documents/{document_id}/disclosure"}
    free |= {"/v1/signing/description"}
    free |= {
        "/v1/verification/documents",
        "/v1/warehouse-receipts/{warehouse_receipt_id}/disclosure",
    }
    for method, route in ROUTES:
        if method != "GET" and route.path not in free:
            assert allowed_roles(route) is not None, f"{method} {route.path}"


@pytest.mark.parametrize("role", [*ROLES, "nobody", "a wrong key"])
def test_each_endpoint_accepts_only_its_roles(world: World, role: str) -> None:
    for method, route in ROUTES:
        if route.path in OPEN:
            continue
        headers = {}
        if role == "a wrong key":
            headers = {"X-API-Key": "ck_wrong"}
        elif role != "nobody":
            headers = {"X-API-Key": world[CALLER_OF[role]].api_key}
        answer = _send(world, method, route, headers)
        words = f"{role}: {method} {route.path} → {answer.status_code} {answer.text[:200]}"
        allowed = allowed_roles(route)
        if role in ("nobody", "a wrong key"):
            assert answer.status_code == 401, words
        elif allowed is not None and role not in allowed:
            assert answer.status_code == 403, words
            assert answer.json()["type"] == "urn:cession:problem:role-missing", words
        else:
            assert answer.status_code != 401, words
            assert "role-missing" not in answer.text, words
            assert answer.status_code < 500, words


def test_revoked_key_is_refused(world: World) -> None:
    registrar, party = world["registrar"], world.parties["vega"]
    registered = registrar.post(
        f"/v1/parties/{party}/api-keys", {"roles": ["supplier"], "label": "to-be-revoked"}
    )
    world["operator"].post(
        f"/v1/parties/{party}/api-keys/to-be-revoked/confirmation", {"keyId": registered.body["id"]}
    )
    headers = {"X-API-Key": registered.body["apiKey"]}
    assert world.http.get("/v1/claims", headers=headers).status_code == 200
    assert revoked(world, party, "to-be-revoked").status_code == 204
    assert world.http.get("/v1/claims", headers=headers).status_code == 401


# -- whose it is


def test_a_stranger_sees_no_receivable_claim_document_operation_or_offer(world: World) -> None:
    document = world.upload(invoice(amount="700.00"))
    answer = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = answer.body["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    claim = confirmed.body["result"]["claimIds"][0]
    offer = world["bank"].post(
        "/v1/offers", {"claimId": claim, "value": cny("100.00"), "price": cny("99.00")}
    )
    asked = _asked(world, claim)
    paths = [
        f"/v1/receivables/{receivable}",
        f"/v1/receivables/{receivable}/confirmation",
        f"/v1/receivables/{receivable}/credit-notes",
        f"/v1/claims/{claim}",
        f"/v1/documents/{document['id']}",
        f"/v1/documents/{document['id']}/content",
        f"/v1/operations/{answer.body['id']}",
        f"/v1/offers/{offer.body['id']}",
        f"/v1/quote-requests/{asked}",
        f"/v1/verification/claims/{claim}",
        f"/v1/history?receivable={receivable}",
        f"/v1/history?claim={claim}",
        f"/v1/history/receivables/{receivable}/balances?block={confirmed.body['block']['blockNumber']}",
    ]
    for path in paths:
        for name in ("altair", "pollux"):
            reply = world.http.get(path, headers=world[name].headers)
            assert reply.status_code == 404, f"{name} {path}: {reply.text[:200]}"
        for name in ("auditor", "supplier"):
            reply = world.http.get(path, headers=world[name].headers)
            assert reply.status_code == 200, f"{name} {path}: {reply.text[:200]}"
    lists = (
        *("/v1/receivables", "/v1/claims", "/v1/documents", "/v1/offers"),
        *("/v1/quote-requests", "/v1/operations"),
    )
    for path in lists:
        items = world["pollux"].get(path).body["items"]
        assert str(document["id"]) not in str(items)
        ids = [item.get("id") for item in items]
        assert answer.body["id"] not in ids
        assert asked not in ids
    assert world["pollux"].get("/v1/claims", receivableId=receivable).body["items"] == []
    for text in (
        *(f"claim {claim}", f"receivable {receivable}", document["id"], document["root"]),
        *(document["invoice"]["number"], answer.body["id"], offer.body["id"]),
        answer.body["transactionHash"],
    ):
        assert world["pollux"].get("/v1/search", q=text).body["items"] == [], text
        assert world["supplier"].get("/v1/search", q=text).body["items"] != [], text


def _asked(world: World, claim: int) -> str:
    """A request to the bank to quote for a claim of the supplier's."""
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)).isoformat()
    body = {"claimId": claim, "financierPartyIds": [world.parties["bank"]], "until": until}
    return str(world["supplier"].post("/v1/quote-requests", body).body["id"])


def test_nobody_reads_another_partys_cash_or_history(world: World) -> None:
    for path in ("/v1/cash?partyId=", "/v1/history?party="):
        answer = world.http.get(path + world.parties["buyer"], headers=world["supplier"].headers)
        assert answer.status_code == 403, answer.text
        answer = world.http.get(path + world.parties["buyer"], headers=world["auditor"].headers)
        assert answer.status_code == 200, answer.text


def test_commands_are_refused_for_all_but_the_owner(world: World) -> None:
    receivable, claim = world.confirmed()
    other = world.assigned(claim, "castor", "10.00")
    waiting = world.requested()
    document = world.upload(invoice(), by="supplier")
    offer = (
        world["bank"]
        .post("/v1/offers", {"claimId": claim, "value": cny("10.00"), "price": cny("9.00")})
        .body["id"]
    )
    asked = f"/v1/quote-requests/{_asked(world, claim)}"
    part = {"parts": [{"toPartyId": world.parties["vega"], "amount": cny("1.00")}]}
    bank = {"lienholderPartyId": world.parties["bank"]}
    attempts: list[tuple[str, str, Json | None, tuple[int, ...]]] = [
        ("castor", f"/v1/claims/{claim}/assignments", part, (403,)),
        ("castor", f"/v1/claims/{claim}/merge", {"intoClaimId": other}, (403,)),
        ("castor", f"/v1/claims/{claim}/lien", bank, (403,)),
        ("castor", f"/v1/claims/{claim}/release", None, (403,)),
        ("castor", f"/v1/claims/{claim}/put-back", None, (403,)),
        ("altair", f"/v1/claims/{claim}/assignments", part, (404,)),
        ("altair", f"/v1/claims/{claim}/collection", None, (404,)),
        ("altair", "/v1/claims/collections", {"claimIds": [claim, other]}, (404,)),
        ("altair", f"/v1/receivables/{receivable}/payments", {"amount": cny("1.00")}, (404,)),
        ("altair", f"/v1/receivables/{receivable}/default", None, (404,)),
        ("altair", f"/v1/receivables/{waiting}/withdrawal", None, (404,)),
        ("castor", f"/v1/receivables/{receivable}/withdrawal", None, (403,)),
        ("castor", "/v1/receivables", {"documentId": document["id"]}, (422,)),
        (
            "castor",
            f"/v1/receivables/{receivable}/credit-notes",
            {"documentId": document["id"]},
            (403,),
        ),
        ("castor", f"/v1/offers/{offer}/acceptance", None, (404,)),
        ("bank", f"/v1/offers/{offer}/acceptance", None, (403,)),
        ("castor", f"{asked}/withdrawal", None, (404,)),
        ("bank", f"{asked}/withdrawal", None, (403,)),
        ("second-bank", f"{asked}/decline", {"reason": "no"}, (404,)),
    ]
    for name, path, body, expected in attempts:
        problem = refused(world[name], path, body)
        assert problem["status"] in expected, f"{name} {path}: {problem}"
    assert (
        world["auditor"].get(f"/v1/claims/{claim}").body["owner"]["partyId"]
        == (world.parties["supplier"])
    )


def test_no_role_but_the_debtor_confirms(world: World) -> None:
    receivable = world.requested()
    for name in ("supplier", "bank", "operator", "regulator", "registrar", "cash-issuer"):
        problem = refused(world[name], f"/v1/receivables/{receivable}/confirmation")
        assert problem["status"] == 403, f"{name}: {problem}"
    receivable_view = world["supplier"].get(f"/v1/receivables/{receivable}").body
    assert receivable_view["status"] == "requested"
