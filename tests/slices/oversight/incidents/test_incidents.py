"""The stop of new risk through the API: who may stop, what it shows, and two persons end it."""

from __future__ import annotations

import time

from app.gateway.ledger import RISK_STOP
from tests.support.world import World, cny, invoice, refused


def test_one_official_stops_and_two_resume_through_the_api(own_world: World) -> None:
    world = own_world
    regulator, operator, second = world["regulator"], world["operator"], world["second-operator"]
    supplier, buyer = world["supplier"], world["buyer"]
    open_debt, _ = world.confirmed(amount="100.00")
    assert supplier.get("/v1/new-risk").body == {
        "state": "open",
        "reasonHash": None,
        "reason": None,
        "resumptionProposedBy": None,
    }
    nothing = refused(operator, "/v1/new-risk/resumptions", {"reasonHash": "0x" + "11" * 32})
    assert nothing["type"].endswith("not-stopped")
    for name in ("supplier", "bank", "registrar", "auditor"):
        assert refused(world[name], "/v1/new-risk/stops", {"reason": "mine"})["status"] == 403

    done = regulator.command("/v1/new-risk/stops", {"reason": "a fault in collection"}).body
    reason_hash = done["subject"]["reasonHash"]
    time.sleep(1.1)
    new_risk = supplier.get("/v1/new-risk").body
    assert (new_risk["state"], new_risk["reason"]) == ("stopped", "a fault in collection")
    document = world.upload(invoice())
    problem = refused(supplier, "/v1/receivables", {"documentId": document["id"]})
    assert problem["type"] == "urn:cession:problem:new-risk-stopped"
    assert (problem["status"], problem["reasonHash"]) == (409, reason_hash)
    buyer.command(f"/v1/receivables/{open_debt}/payments", {"amount": cny("100.00")})

    other = refused(operator, "/v1/new-risk/resumptions", {"reasonHash": "0x" + "11" * 32})
    assert other["type"].endswith("reason-differs") and other["reasonHash"] == reason_hash
    body = {"reasonHash": reason_hash}
    operator.command("/v1/new-risk/resumptions", body)
    assert supplier.get("/v1/new-risk").body["resumptionProposedBy"] is not None
    alone = refused(operator, "/v1/new-risk/resumptions", body)
    assert alone["type"].endswith("another-person")
    second.command("/v1/new-risk/resumptions", body)
    time.sleep(1.1)
    assert supplier.get("/v1/new-risk").body["state"] == "open"
    supplier.command("/v1/receivables", {"documentId": document["id"]})


def test_a_command_that_was_accepted_before_the_stop_is_rejected_by_its_name(
    own_world: World,
) -> None:
    world = own_world
    world.requested()  # asks the ledger and remembers for a second that nothing is stopped
    world["regulator"].command("/v1/new-risk/stops", {"reason": "a fault"})
    gateway = world.server.gateway
    gateway.cache.set(RISK_STOP, (time.monotonic() + 60, None))
    document = world.upload(invoice())
    problem = refused(world["supplier"], "/v1/receivables", {"documentId": document["id"]})
    assert problem["type"] == "urn:cession:problem:new-risk-stopped"
    assert problem["operation"]["error"]["name"] == "NewRiskStopped"


def test_a_party_sees_its_own_approvals_and_auditors_see_all(world: World) -> None:
    debt, _ = world.confirmed(amount="100.00")
    world["buyer"].command(f"/v1/receivables/{debt}/payments", {"amount": cny("100.00")})
    own = world["buyer"].get("/v1/approvals").body["items"]
    approval = {"contract": "SettlementToken:CNY", "spender": "Receivables", "kind": "cash"}
    # Other tests of the same world may have approved more.
    matching = [item for item in own if approval.items() <= item.items()]
    assert [item["amount"] for item in matching] == ["unlimited"]
    assert (
        world["auditor"].get("/v1/approvals", partyId=world.parties["buyer"]).body["items"] == own
    )
    answer = world.http.get(
        "/v1/approvals",
        params={"partyId": world.parties["buyer"]},
        headers=world["supplier"].headers,
    )
    assert answer.status_code == 403
