"""Debts that are not simply paid: time, disputes, defaults, courts, credit notes."""

from __future__ import annotations

from decimal import Decimal

from tests.support.bodies import Json
from tests.support.world import World, cny, invoice, refused

DAY = 86_400


def days_pass(world: World, days: int) -> None:
    world.later(days * DAY)


def status(world: World, receivable: int) -> str:
    return str(world["auditor"].get(f"/v1/receivables/{receivable}").body["status"])


def offered(world: World, claim: int, *, recourse: bool = False, by: str = "bank") -> str:
    body = {"claimId": claim, "value": cny("100.00"), "price": cny("97.00"), "recourse": recourse}
    return str(world[by].post("/v1/offers", body).body["id"])


def contract_error(problem: Json) -> str:
    error = problem.get("contractError") or problem["detail"]
    return str(error["name"])


def test_disputed_debt_can_be_paid_but_not_sold_or_encumbered(world: World) -> None:
    receivable, claim = world.confirmed()
    offer = offered(world, claim)
    statement = {"statement": "short delivery"}
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute", statement)
    problem = refused(world["supplier"], f"/v1/offers/{offer}/acceptance")
    assert contract_error(problem) == "NotSaleable"
    bank = {"lienholderPartyId": world.parties["bank"]}
    problem = refused(world["supplier"], f"/v1/claims/{claim}/lien", bank)
    assert contract_error(problem) == "StateForbids"
    problem = refused(
        world["bank"],
        "/v1/offers",
        {"claimId": claim, "value": cny("1.00"), "price": cny("1.00")},
    )
    assert problem["type"] == "urn:cession:problem:not-saleable"
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("1000.00")})
    assert status(world, receivable) == "settled"


def test_a_dispute_after_its_days_is_refused(own_world: World) -> None:
    receivable, _ = own_world.confirmed(disputeDays=3)
    days_pass(own_world, 4)
    problem = refused(
        own_world["buyer"], f"/v1/receivables/{receivable}/dispute", {"statement": "late"}
    )
    assert contract_error(problem) == "DisputeWindowClosed"


def test_an_expired_or_cancelled_offer_is_refused_and_nothing_moves(own_world: World) -> None:
    world = own_world
    _, claim = world.confirmed()
    before = world.balance("supplier"), world.balance("bank")
    expired, cancelled = offered(world, claim), offered(world, claim)
    headers = world["bank"].headers | {"Idempotency-Key": "cancel-it", "Prefer": "wait=50"}
    gone = world.http.delete(f"/v1/offers/{cancelled}", headers=headers)
    assert gone.json()["operation"]["state"] in ("included", "final")
    problem = refused(world["supplier"], f"/v1/offers/{cancelled}/acceptance")
    assert problem["type"] == "urn:cession:problem:offer-closed"
    days_pass(world, 1)
    problem = refused(world["supplier"], f"/v1/offers/{expired}/acceptance")
    assert contract_error(problem) == "QuoteExpired"
    assert (world.balance("supplier"), world.balance("bank")) == before


def test_an_offer_is_accepted_once(world: World) -> None:
    _, claim = world.confirmed()
    offer = offered(world, claim)
    world["supplier"].command(f"/v1/offers/{offer}/acceptance")
    assert world["bank"].get(f"/v1/offers/{offer}").body["state"] == "accepted"
    problem = refused(world["supplier"], f"/v1/offers/{offer}/acceptance")
    assert problem["type"] == "urn:cession:problem:offer-closed"


def test_default_put_back_along_the_chain_write_off_and_late_recovery(own_world: World) -> None:
    world = own_world
    receivable, claim = world.confirmed(days=30, lateRate=100_000)
    part = world.assigned(claim, "castor", "100.00")
    offer = offered(world, part, recourse=True)
    world["castor"].command(f"/v1/offers/{offer}/acceptance")
    assert world.balance("castor") == "97.00"
    problem = refused(world["bank"], f"/v1/claims/{part}/put-back")
    assert contract_error(problem) == "NotDefaulted"
    problem = refused(world["bank"], f"/v1/receivables/{receivable}/default")
    assert contract_error(problem) == "TooEarly"
    lien = {"lienholderPartyId": world.parties["bank"]}
    world["supplier"].command(f"/v1/claims/{claim}/lien", lien)
    days_pass(world, 40)
    world["bank"].command(f"/v1/receivables/{receivable}/default")
    assert status(world, receivable) == "defaulted"
    before = world.balance("bank")
    world["bank"].command(f"/v1/claims/{part}/put-back")
    assert Decimal(world.balance("bank")) - Decimal(before) == 97
    assert world.balance("castor") == "0.00"
    owner = world["auditor"].get(f"/v1/claims/{part}").body["owner"]["partyId"]
    assert owner == world.parties["castor"]
    days_pass(world, 180)
    world["bank"].command(f"/v1/receivables/{receivable}/write-off")  # by its lien
    world["bank"].command(f"/v1/claims/{claim}/release")
    assert status(world, receivable) == "written-off"
    # Write-off forgives nothing: a late payment with its charge still reaches the holders.
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("5000.00")})
    assert status(world, receivable) == "settled"
    for name, held in (("supplier", claim), ("castor", part)):
        world[name].command(f"/v1/claims/{held}/collection")
    assert Decimal(world.balance("castor")) > 100
    charge = world["auditor"].get(f"/v1/receivables/{receivable}").body["lateChargePaid"]
    total = Decimal(world.balance("castor")) + Decimal(world.balance("supplier"))
    assert total == 1000 + Decimal(charge["amount"])


def test_frozen_party_sends_and_receives_nothing_until_the_court_unfreezes_it(
    own_world: World,
) -> None:
    world = own_world
    _, claim = world.confirmed()
    part = world.assigned(claim, "vega", "100.00")
    order = "0x" + "ab" * 32
    issued = world["regulator"].command(
        "/v1/orders-of-court",
        {"kind": "freeze", "orderHash": order, "partyId": world.parties["vega"]},
    )
    number = issued.body["result"]["orderId"]
    execution = f"/v1/orders-of-court/{number}/execution"
    assert contract_error(refused(world["second-regulator"], execution)) == "OrderTooEarly"
    days_pass(world, 1)
    assert contract_error(refused(world["regulator"], execution)) == "SecondPersonNeeded"
    world["second-regulator"].command(execution)
    party_view = world["auditor"].get(f"/v1/parties/{world.parties['vega']}").body
    assert party_view["frozen"] is True
    to_vega = {"parts": [{"toPartyId": world.parties["vega"], "amount": cny("1.00")}]}
    problem = refused(world["supplier"], f"/v1/claims/{claim}/assignments", to_vega)
    assert contract_error(problem) == "PartyNotValid"
    to_castor = {"parts": [{"toPartyId": world.parties["castor"], "amount": cny("1.00")}]}
    problem = refused(world["vega"], f"/v1/claims/{part}/assignments", to_castor)
    assert contract_error(problem) == "PartyNotValid"
    checks = world["bank"].get(f"/v1/verification/claims/{part}").body
    failed = [check["name"] for check in checks["checks"] if not check["holds"]]
    assert failed == ["parties-in-good-standing"]
    forced = world["second-regulator"].command(
        "/v1/orders-of-court",
        {
            "kind": "forced-transfer",
            "orderHash": order,
            "claimId": part,
            "toPartyId": world.parties["castor"],
        },
    )
    days_pass(world, 1)
    number = forced.body["result"]["orderId"]
    world["regulator"].command(f"/v1/orders-of-court/{number}/execution")
    moved = world["auditor"].get(f"/v1/claims/{part}").body
    assert moved["owner"]["partyId"] == world.parties["castor"]
    assert moved["lineage"][-1]["assignment"]["courtOrderHash"] == order
    checks = world["bank"].get(f"/v1/verification/claims/{part}").body
    assert checks["holds"] is True, checks


def test_a_credit_note_burns_the_sellers_claim_first_and_the_rest_is_paid_in(
    world: World,
) -> None:
    receivable, claim = world.confirmed(amount="500.00")
    world.assigned(claim, "castor", "450.00")
    world.cash("supplier", "100.00")
    before = Decimal(world.balance("supplier"))
    note = world.upload(invoice(kind="credit-note", amount="80.00"))
    path = f"/v1/receivables/{receivable}/credit-notes"
    blind = {"documentId": note["id"], "signature": "0x" + "11" * 65}
    assert refused(world["supplier"], path, blind)["field"] == "claimId"
    draft = world["supplier"].post(path, {"documentId": note["id"]}).body
    assert draft["state"] == "waiting"
    assert draft["typedData"]["message"]["claimId"] == claim, "both sign which claim bears it"
    assert world["buyer"].http.get(path, headers=world["buyer"].headers).json()[0] == draft
    world["buyer"].command(f"{path}/{draft['id']}/confirmation")
    receivable_view = world["auditor"].get(f"/v1/receivables/{receivable}").body
    assert receivable_view["credited"] == cny("50.00")
    assert receivable_view["principalPaid"] == cny("30.00")
    assert receivable_view["unpaid"] == cny("420.00")
    assert before - Decimal(world.balance("supplier")) == 30
    problem = refused(world["buyer"], f"{path}/{draft['id']}/confirmation")
    assert problem["type"] == "urn:cession:problem:under-way"
    assert world["buyer"].http.get(path, headers=world["buyer"].headers).json()[0]["state"] == (
        "applied"
    )


def test_verification_shows_lien_recourse_and_every_step_of_the_lineage(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "200.00")
    further = world.assigned(part, "pollux", "100.00", by="castor")
    offer = offered(world, further, recourse=True)
    world["pollux"].command(f"/v1/offers/{offer}/acceptance")
    verification = world["bank"].get(f"/v1/verification/claims/{further}").body
    assert verification["holds"] is True
    checks = {check["name"]: check for check in verification["checks"]}
    steps = checks["assignment-chain"]["evidence"]["steps"]
    assert [step["claimId"] for step in steps] == [part, further, further]
    assert checks["recourse"]["evidence"]["price"] == cny("97.00")
    world["castor"].command(f"/v1/claims/{part}/lien", {"lienholderPartyId": world.parties["bank"]})
    verification_of_part = world["bank"].get(f"/v1/verification/claims/{part}").body
    assert [item["name"] for item in verification_of_part["checks"] if not item["holds"]] == [
        "free-of-liens"
    ]
    assert world["bank"].get("/v1/claims", underMyLien=True).body["items"][0]["id"] == part


def test_a_document_pack_shows_chosen_fields_and_nothing_else(world: World) -> None:
    document = world.upload(invoice(amount="321.00"))
    filed = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = filed.body["result"]["receivableId"]
    world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    pack = (
        world["supplier"]
        .post(
            f"/v1/documents/{document['id']}/disclosure", {"fields": ["payableAmount", "currency"]}
        )
        .body
    )
    assert "castings" not in str(pack)
    verification = world["bank"].post("/v1/verification/documents", pack).body
    assert verification["holds"] is True, verification
    assert verification["receivableIds"] == [receivable]
    names = [check["name"] for check in verification["checks"]]
    assert "face-amount-matches" in names
    pack["fields"][0]["value"] = "322.00"
    altered = world["bank"].post("/v1/verification/documents", pack).body
    assert altered["holds"] is False


def test_pages_of_history_contain_all_of_it(world: World) -> None:
    receivable, _ = world.confirmed()
    pages, cursor = [], None
    while True:
        query = {"receivable": receivable, "limit": 2}
        if cursor is not None:
            query["cursor"] = cursor
        page = world["auditor"].get("/v1/history", **query).body
        pages += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    whole = world["auditor"].get("/v1/history", receivable=receivable).body["items"]
    assert pages == whole
