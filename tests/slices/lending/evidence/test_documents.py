"""Documents that draws need, through the API on a real chain."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from app.domain.calendar import day_of
from app.domain.trade import month_at
from tests.support.bodies import Json
from tests.support.lending import FAR, agreed_facility, attested, product
from tests.support.prices import confirmation, listed, posted
from tests.support.proofs import (
    accepted,
    bill_of_lading,
    declaration,
    limit_on_chain,
    order_delivered,
    submitted,
    tax_certificate,
    today_of,
    uploaded,
)
from tests.support.world import World, cny, refused

DRAW = {"amount": cny("900.00"), "tenor": 90}


def tax_facility(world: World, **terms: Any) -> int:
    """A facility of a tax loan for the supplier, which has a tier."""
    attested(world, tier=1)
    return agreed_facility(world, "tax-loan", annualRate=60_000, **terms)


def usd(amount: str) -> dict[str, str]:
    """An amount in dollars."""
    return {"amount": amount, "currency": "USD"}


def acceptance(facility: int, stored: Json) -> str:
    """The path on which a document of a facility is accepted."""
    return f"/v1/facilities/{facility}/documents/{stored['fingerprint']}/acceptance"


def test_a_draw_needs_a_tax_certificate_that_the_lender_accepted(own_world: World) -> None:
    world = own_world
    terms = product(world, "tax-loan")
    assert terms["documents"] == [["tax-certificate"]]
    assert (terms["documentsAccepted"], terms["maxDocumentDays"]) == (True, 180)
    facility = tax_facility(world)
    path = f"/v1/facilities/{facility}/draws"
    problem = refused(world["supplier"], path, DRAW)
    assert "DocumentMissing" in str(problem) and "tax certificate" in str(problem)
    document = tax_certificate(world)
    stored = submitted(world, facility, document)
    assert "DocumentNotAccepted" in str(refused(world["supplier"], path, DRAW))
    [shown] = world["bank"].get(f"/v1/facilities/{facility}/documents").body["items"]
    assert shown["content"]["taxpayerId"] == document["taxpayerId"]
    assert (shown["kind"], shown["loanId"], shown["acceptedBy"]) == ("tax-certificate", None, None)
    assert (shown["offered"], shown["root"]) == (True, stored["root"])
    world["bank"].command(acceptance(facility, stored))
    done = world["supplier"].command(path, DRAW).body
    loan = int(done["result"]["loanId"])
    [behind] = world["bank"].get(f"/v1/loans/{loan}/documents").body["items"]
    assert behind["content"] == shown["content"]
    assert (behind["loanId"], behind["offered"]) == (loan, False)
    assert behind["acceptedBy"]["partyId"] == world.parties["bank"]
    # Another draw needs another document.
    assert "DocumentMissing" in str(refused(world["supplier"], path, DRAW))


def test_a_document_serves_one_draw_over_all_lenders_however_its_number_is_written(
    own_world: World,
) -> None:
    world = own_world
    facility = tax_facility(world)
    other = agreed_facility(world, "tax-loan", annualRate=60_000)
    document = tax_certificate(world, number="4330 1626 0000 77")
    accepted(world, facility, document)
    loan = int(
        world["supplier"].command(f"/v1/facilities/{facility}/draws", DRAW).body["result"]["loanId"]
    )
    again = uploaded(world, document | {"number": "43301626000077"})
    body = {"documentIds": [again["id"]]}
    for number in (other, facility):
        problem = refused(world["supplier"], f"/v1/facilities/{number}/documents", body)
        assert "DocumentInUse" in str(problem), problem
    world.cash("supplier", "1000.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("1000.00")})
    assert world["bank"].get(f"/v1/loans/{loan}").body["status"] == "repaid"
    problem = refused(world["supplier"], f"/v1/facilities/{other}/documents", body)
    assert "DocumentInUse" in str(problem), "also once the loan is repaid"


def test_who_sees_and_accepts_the_documents(own_world: World) -> None:
    world = own_world
    facility = tax_facility(world)
    stored = accepted(world, facility, tax_certificate(world))
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", DRAW).body
    loan = done["result"]["loanId"]
    for path in (f"/v1/loans/{loan}/documents", f"/v1/facilities/{facility}/documents"):
        for name, status in (
            *(("supplier", 200), ("bank", 200), ("auditor", 200)),
            *(("buyer", 404), ("castor", 404), ("platform", 404)),
            *(("operator", 403), ("registrar", 403), ("rater", 403), ("warehouse", 403)),
            *(("first-appraiser", 403), ("cash-issuer", 403)),
        ):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == status, (path, name, answer.text)
    path = acceptance(facility, stored)
    for name, status in (
        *(("supplier", 403), ("buyer", 404), ("platform", 404), ("castor", 404)),
        *(("operator", 403), ("auditor", 403), ("rater", 403)),
    ):
        assert refused(world[name], path)["status"] == status, name
    assert "DocumentAcceptedAlready" in str(refused(world["bank"], path))


def test_the_named_attester_reads_and_accepts_documents(own_world: World) -> None:
    world = own_world
    facility = tax_facility(world)
    attester = f"/v1/facilities/{facility}/attester"
    named = {"partyId": world.parties["platform"]}
    for name, status in (("supplier", 403), ("castor", 404), ("platform", 404), ("rater", 403)):
        assert refused(world[name], attester, named)["status"] == status, name
    ours = refused(world["bank"], attester, {"partyId": world.parties["supplier"]})
    assert "SamePartyBothSides" in str(ours)
    world["bank"].command(attester, named)
    stored = submitted(world, facility, tax_certificate(world))
    assert world["platform"].get(f"/v1/facilities/{facility}/documents").body["items"]
    world["platform"].command(acceptance(facility, stored))
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", DRAW).body
    loan = done["result"]["loanId"]
    [behind] = world["platform"].get(f"/v1/loans/{loan}/documents").body["items"]
    assert behind["acceptedBy"]["partyId"] == world.parties["platform"]
    world["bank"].command(attester, {"partyId": None})
    answer = world.http.get(
        f"/v1/facilities/{facility}/documents", headers=world["platform"].headers
    )
    assert answer.status_code == 404


def test_only_the_owner_submits_a_document_and_only_the_borrower_to_a_facility(
    own_world: World,
) -> None:
    world = own_world
    facility = tax_facility(world)
    path = f"/v1/facilities/{facility}/documents"
    mine = uploaded(world, tax_certificate(world))
    theirs = uploaded(world, tax_certificate(world, owner="castor"), by="castor")
    problem = refused(world["supplier"], path, {"documentIds": [theirs["id"]]})
    assert (problem["status"], problem["field"]) == (422, "documentIds")
    body = {"documentIds": [mine["id"]]}
    for name, status in (("castor", 404), ("bank", 403), ("auditor", 403), ("operator", 403)):
        assert refused(world[name], path, body)["status"] == status, name
    twice = refused(world["supplier"], path, {"documentIds": [mine["id"], mine["id"]]})
    assert (twice["status"], twice["field"]) == (422, "documentIds")
    listed = world["castor"].get("/v1/draw-documents").body["items"]
    assert [item["id"] for item in listed] == [theirs["id"]]
    for name in ("bank", "auditor", "operator"):
        answer = world.http.get("/v1/draw-documents", headers=world[name].headers)
        assert answer.status_code == 403, name
        assert refused(world[name], "/v1/draw-documents", tax_certificate(world))["status"] == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"taxpayerId": "91330108MA27X00012"}, "taxpayerId"),
        ({"taxpayerId": "none"}, "taxpayerId"),
        ({"authority": ""}, "authority"),
        ({"number": "---"}, "number"),
        ({"arrears": cny("0.01")}, "arrears.amount"),
        ({"arrears": cny("nothing")}, "arrears.amount"),
        ({"periodFrom": "2099-01-01"}, "periodFrom"),
        ({"issuedDate": "2020-01-01"}, "periodTo"),
        ({"issuedDate": "2099-01-01"}, "issuedDate"),
        ({"stamp": "red"}, "stamp"),
    ],
)
def test_a_wrong_tax_certificate_names_its_field_and_the_fix(
    world: World, change: Json, field: str
) -> None:
    problem = refused(world["supplier"], "/v1/draw-documents", tax_certificate(world) | change)
    assert (problem["status"], problem["field"]) == (422, field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "31012026123456789"}, "number"),
        ({"number": "3101 2026 1234 5678 90"}, "number"),
        ({"number": "٣10120261234567890"}, "number"),
        ({"exporterId": "91330108MA27X00012"}, "exporterId"),
        ({"declaredDate": "2099-01-01"}, "declaredDate"),
        ({"amount": usd("0.00")}, "amount.amount"),
        ({"amount": {"amount": "1.00", "currency": "XXX"}}, "amount.currency"),
    ],
)
def test_a_wrong_customs_declaration_names_its_field(
    world: World, change: Json, field: str
) -> None:
    problem = refused(world["supplier"], "/v1/draw-documents", declaration(world) | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_a_wrong_bill_of_lading_or_order_names_its_field(world: World) -> None:
    path = "/v1/draw-documents"
    for change, field in (
        ({"shipperId": "91330108MA27X00012"}, "shipperId"),
        ({"shippedDate": "2099-01-01"}, "shippedDate"),
    ):
        problem = refused(world["supplier"], path, bill_of_lading(world) | change)
        assert (problem["status"], problem["field"]) == (422, field), problem
    assert refused(world["supplier"], path, {"kind": "photo"})["status"] == 422
    order, lot = order_delivered(world)
    linked = {"kind": "order", "orderId": order}
    assert refused(world["castor"], path, linked)["status"] == 404
    delivery = {"kind": "delivery", "orderId": order, "lotId": lot + 1_000}
    assert refused(world["buyer"], path, delivery)["field"] == "lotId"
    shown = uploaded(world, linked, by="buyer")["content"]
    assert (shown["orderId"], shown["amount"]) == (order, cny("900.00"))


def test_an_old_certificate_is_refused(own_world: World) -> None:
    world = own_world
    facility = tax_facility(world)
    today = today_of(world)
    old = {
        "periodFrom": (today - datetime.timedelta(days=300)).isoformat(),
        "periodTo": (today - datetime.timedelta(days=181)).isoformat(),
    }
    accepted(world, facility, tax_certificate(world) | old)
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", DRAW)
    assert "DocumentTooOld" in str(problem)


def test_the_document_of_an_announced_draw_may_serve_another_one_first(own_world: World) -> None:
    world = own_world
    cooling = tax_facility(world, coolingOffHours=24)
    other = agreed_facility(world, "tax-loan", annualRate=60_000)
    world["supplier"].command(f"/v1/facilities/{cooling}/announced-draw", {"amount": cny("900.00")})
    stored = submitted(world, cooling, tax_certificate(world))
    body = {"documentIds": [stored["id"]]}
    world["supplier"].command(f"/v1/facilities/{other}/documents", body)
    world["bank"].command(acceptance(other, stored))
    world["supplier"].command(f"/v1/facilities/{other}/draws", DRAW)
    world["bank"].command(
        f"/v1/facilities/{cooling}/announced-draw/signature", {"amount": cny("900.00")}
    )
    problem = refused(world["supplier"], f"/v1/facilities/{cooling}/draws", DRAW)
    assert "DocumentMissing" in str(problem)
    assert world["bank"].get(f"/v1/facilities/{cooling}/documents").body["items"] == []


def test_a_product_without_documents_takes_none(world: World) -> None:
    facility = agreed_facility(world)
    stored = uploaded(world, tax_certificate(world))
    body = {"documentIds": [stored["id"]]}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/documents", body)
    assert "DocumentNotNeeded" in str(problem)


def cross_border(world: World) -> int:
    """A cross-border facility of the bank for the supplier; the dollar is at 7.20."""
    listed(world, "USD", "0x" + "11" * 32)
    posted(world, "7.20")
    world["second-appraiser"].command("/v1/prices/confirmations", confirmation(world))
    money = {"toPartyId": world.parties["bank"], "amount": usd("90000.00")}
    world["cash-issuer"].command("/v1/cash/USD/mint", money)
    body = {
        "productId": product(world, "cross-border")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 60_000,
        "limit": cny("720000.00"),
        "lastDate": FAR,
    }
    proposal = world["bank"].post("/v1/facility-proposals", body).body
    path = f"/v1/facility-proposals/{proposal['id']}/signature"
    return int(world["supplier"].command(path).body["result"]["facilityId"])


def test_the_cross_border_limit_moves_with_the_accepted_declarations(own_world: World) -> None:
    world = own_world
    facility = cross_border(world)
    path = f"/v1/facilities/{facility}"
    draw = {"amount": usd("800.01"), "tenor": 30}
    # A bill of lading is enough as a document; it proves no amount.
    submitted(world, facility, bill_of_lading(world))
    assert "tradeLimit" in str(refused(world["supplier"], f"{path}/draws", draw))
    stored = submitted(world, facility, declaration(world, "1000.00"))
    assert world["bank"].get(path).body["trade"]["limit"] == usd("0.00")
    world["bank"].command(acceptance(facility, stored))
    trade = world["bank"].get(path).body["trade"]
    assert (trade["traded"], trade["limit"]) == (usd("1000.00"), usd("800.00"))
    assert (trade["share"], trade["measure"], len(trade["months"])) == (800_000, "sum", 6)
    assert trade["attester"]["partyId"] == world.parties["bank"]
    assert trade["months"][-1]["amount"] == usd("1000.00")
    limit = next(item for item in world["bank"].get(path).body["limits"] if item["kind"] == "trade")
    assert (limit["limit"], limit["free"]) == (usd("800.00"), usd("800.00"))
    assert "tradeLimit" in str(refused(world["supplier"], f"{path}/draws", draw))
    world["supplier"].command(f"{path}/draws", draw | {"amount": usd("800.00")})
    on_chain = limit_on_chain(world, facility)
    month = month_at(day_of(today_of(world)))
    assert (on_chain["firstMonth"], on_chain["lastMonth"]) == (month - 5, month)
    assert (on_chain["traded"], on_chain["limit"]) == (1_000_00, 800_00)


def test_a_declaration_in_another_currency_is_refused(own_world: World) -> None:
    world = own_world
    facility = cross_border(world)
    stored = uploaded(world, declaration(world) | {"amount": cny("7200.00")})
    body = {"documentIds": [stored["id"]]}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/documents", body)
    assert "DeclaredInOtherCurrency" in str(problem) and "in USD" in str(problem)
