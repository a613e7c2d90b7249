"""Purchase orders and credit tiers through the API: life, owners, bad input."""

from __future__ import annotations

import pytest

from tests.support.bodies import Json
from tests.support.days import day
from tests.support.goods_on_loan import stored
from tests.support.lending import FAR, agreed_facility, attested, ordered, product, revocation
from tests.support.proofs import accepted, bought, tax_certificate
from tests.support.world import World, cny, refused

# -- orders


def test_order_is_confirmed_by_the_buyers_signature_and_secures_a_loan(world: World) -> None:
    order = ordered(world)
    answer_body = world["buyer"].get(f"/v1/orders/{order}").body
    assert (answer_body["status"], answer_body["amount"]) == ("requested", cny("1000.00"))
    assert answer_body["typedData"]["primaryType"] == "OrderTerms"
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    facility = agreed_facility(world, "order-finance", annualRate=90_000)
    body = {"amount": cny("700.00"), "tenor": 60, "collateralId": order}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    loan = done["result"]["loanId"]
    assert world["supplier"].get(f"/v1/orders/{order}").body["underLien"] is True
    receivable = world.requested(amount="1000.00")
    conversion = {"receivableId": receivable}
    assert refused(world["supplier"], f"/v1/loans/{loan}/conversion", conversion)["status"] == 403
    world["buyer"].command(f"/v1/loans/{loan}/conversion", conversion)
    answer_body = world["supplier"].get(f"/v1/loans/{loan}").body
    assert answer_body["collateral"]["kind"] == "claim"
    assert [entry["kind"] for entry in answer_body["entries"]] == [
        "drawn",
        "order-converted-to-claim",
    ]
    assert world["supplier"].get(f"/v1/orders/{order}").body["status"] == "invoiced"
    claim = world["supplier"].get(f"/v1/claims/{answer_body['collateral']['id']}").body
    assert claim["lienholder"] is not None


def test_order_is_rejected_only_by_the_buyer_and_withdrawn_only_by_the_seller(world: World) -> None:
    first, second = ordered(world), ordered(world)
    attempts: list[tuple[str, str, Json | None, int]] = [
        ("supplier", f"/v1/orders/{first}/confirmation", None, 403),
        ("supplier", f"/v1/orders/{first}/rejection", {"reason": "x"}, 403),
        ("buyer", f"/v1/orders/{first}/withdrawal", None, 403),
        ("castor", f"/v1/orders/{first}/withdrawal", None, 404),
        ("bank", f"/v1/orders/{first}/withdrawal", None, 403),
    ]
    for name, path, body, status in attempts:
        assert refused(world[name], path, body)["status"] == status, f"{name} {path}"
    for name, status in (("castor", 404), ("bank", 404), ("auditor", 200), ("buyer", 200)):
        answer = world.http.get(f"/v1/orders/{first}", headers=world[name].headers)
        assert answer.status_code == status, name
    assert world["castor"].get("/v1/orders").body["items"] == []
    world["buyer"].command(f"/v1/orders/{first}/rejection", {"reason": "not ours"})
    world["supplier"].command(f"/v1/orders/{second}/withdrawal")
    statuses = {
        item["id"]: item["status"] for item in world["buyer"].get("/v1/orders").body["items"]
    }
    assert (statuses[first], statuses[second]) == ("rejected", "withdrawn")
    late = refused(world["buyer"], f"/v1/orders/{first}/confirmation")
    assert "StateForbids" in str(late)


def test_order_is_accepted_once_however_its_number_is_written(world: World) -> None:
    ordered(world, number="PO 2026-77")
    with pytest.raises(Exception, match="FingerprintUsed"):
        ordered(world, number="po-2026/77")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": cny("0.00")}, "amount.amount"),
        ({"amount": {"amount": "1.00", "currency": "XXX"}}, "amount.currency"),
        ({"buyerPartyId": "nobody"}, "buyerPartyId"),
        ({"number": "---"}, "number"),
        ({"expiryDate": day(1), "deliveryDate": day(2)}, "expiryDate"),
        ({"description": ""}, "description"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_invalid_order_names_its_field(world: World, change: Json, field: str) -> None:
    body = {
        "buyerPartyId": world.parties["buyer"],
        "number": "PO-9",
        "amount": cny("1.00"),
        "deliveryDate": day(10),
        "expiryDate": day(20),
        "description": "castings",
    }
    problem = refused(world["supplier"], "/v1/orders", body | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


# -- deliveries


def test_a_delivery_is_signed_by_the_buyer_and_recorded_where_nobody_has_a_lien(
    world: World,
) -> None:
    order = ordered(world)
    path = f"/v1/orders/{order}/deliveries"
    lot, _ = stored(world, "castings", order=order)
    body = {"lotId": lot, "amount": cny("400.00"), "evidence": "note 7"}
    early = refused(world["supplier"], path, body)
    assert (early["status"], early["type"][-14:]) == (409, "order-not-open")
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    draft = world["supplier"].post(path, body).body
    assert (draft["state"], draft["typedData"]["primaryType"]) == ("waiting", "Delivery")
    assert refused(world["supplier"], path, body)["type"][-14:] == "delivery-known"
    address_of_draft = f"/v1/deliveries/{draft['id']}"
    unsigned = refused(world["supplier"], f"{address_of_draft}/execution")
    assert (unsigned["status"], unsigned["type"][-17:]) == (409, "signature-missing")
    for name, path_of, status in (
        *(
            ("castor", f"{address_of_draft}/execution", 404),
            ("bank", f"{address_of_draft}/signature", 403),
        ),
        *(
            ("supplier", f"{address_of_draft}/signature", 403),
            ("buyer", f"{address_of_draft}/execution", 403),
        ),
    ):
        assert refused(world[name], path_of)["status"] == status, f"{name} {path_of}"
    for name, status in (("castor", 404), ("bank", 404), ("auditor", 200), ("buyer", 200)):
        for address in (address_of_draft, path):
            answer = world.http.get(address, headers=world[name].headers)
            assert answer.status_code == status, f"{name} {address}"
    wrong = {"signature": "0x" + "11" * 64 + "1b"}
    assert refused(world["buyer"], f"{address_of_draft}/signature", wrong)["status"] == 422
    assert world["buyer"].post(f"{address_of_draft}/signature").body["state"] == "signed"
    world["supplier"].command(f"{address_of_draft}/execution")
    order_view = world["buyer"].get(f"/v1/orders/{order}").body
    assert (order_view["delivered"], order_view["invoiced"]) == (cny("400.00"), cny("0.00"))
    assert [
        address_of_draft["state"] for address_of_draft in order_view["deliveries"]["items"]
    ] == ["recorded"]
    assert order_view["deliveries"]["recorded"][0]["notInvoiced"] == cny("400.00")
    assert refused(world["supplier"], f"{address_of_draft}/execution")["status"] == 409
    again = world["supplier"].post(path, body | {"evidence": "note 8"}).body
    world["buyer"].post(f"/v1/deliveries/{again['id']}/signature")
    twice = refused(world["supplier"], f"/v1/deliveries/{again['id']}/execution")
    assert "DeliveredAlready" in str(twice), "each lot serves an order once"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": cny("1000.01")}, "amount.amount"),
        ({"amount": cny("0.00")}, "amount.amount"),
        ({"amount": {"amount": "1.00", "currency": "USD"}}, "amount.currency"),
        ({"lotId": 999_999}, "lotId"),
        ({"lotId": 0}, "lotId"),
        ({"evidence": ""}, "evidence"),
        ({"documentRoot": "0x12"}, "documentRoot"),
    ],
)
def test_invalid_delivery_names_its_field(world: World, change: Json, field: str) -> None:
    order = ordered(world)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    lot, _ = stored(world, "castings", order=order)
    body = {"lotId": lot, "amount": cny("1.00"), "evidence": "note"}
    problem = refused(world["supplier"], f"/v1/orders/{order}/deliveries", body | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_lot_of_a_delivery_is_named_only_by_the_seller(world: World) -> None:
    order = ordered(world)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    path = f"/v1/orders/{order}/deliveries"
    lot, _ = stored(world, "castings")
    body = {"lotId": lot, "amount": cny("1.00"), "evidence": "note"}
    problem = refused(world["supplier"], path, body)
    assert (problem["field"], problem["type"][-18:]) == ("lotId", "lot-of-other-order")
    assert refused(world["castor"], path, body)["status"] == 404
    assert refused(world["buyer"], path, body)["status"] == 403
    both = body | {"documentRoot": "0x" + "11" * 32}
    assert refused(world["supplier"], path, both)["status"] == 422


# -- tiers


def test_tier_allows_draws_that_require_one_until_it_is_revoked(
    own_world: World,
) -> None:
    world = own_world
    attested(world)
    party = world.parties["supplier"]
    credit_view = world["bank"].get(f"/v1/credit/{party}").body
    assert (credit_view["tier"], credit_view["limit"]) == (2, cny("500000.00"))
    facility = agreed_facility(world, "tax-loan", annualRate=60_000)
    accepted(world, facility, tax_certificate(world))
    body = {"amount": cny("900.00"), "tenor": 3, "style": "equal-principal"}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    loan = world["supplier"].get(f"/v1/loans/{done['result']['loanId']}").body
    assert [item["principal"] for item in loan["schedule"]] == [cny("300.00")] * 3
    revoked = revocation(world, "supplier", "accounts were not true")
    world["rater"].command(f"/v1/credit/{party}/revocation", revoked)
    assert world["bank"].get(f"/v1/credit/{party}").body["tier"] is None
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", body)
    assert "TierMissing" in str(problem)


def test_draw_is_refused_when_the_tier_or_its_limit_is_too_low(own_world: World) -> None:
    world = own_world
    attested(world, tier=4)
    facility = agreed_facility(world, "tax-loan", annualRate=60_000)
    path = f"/v1/facilities/{facility}/draws"
    body = {"amount": cny("900.00"), "tenor": 3, "style": "equal-principal"}
    assert "TierTooLow" in str(refused(world["supplier"], path, body))
    world.later(5)
    world.requested()
    attested(world, tier=1, limit=cny("100.00"))
    assert "attestedLimit" in str(refused(world["supplier"], path, body))


def test_tier_is_attested_by_raters_and_read_by_its_parties(world: World) -> None:
    attested(world, "vega", tier=3)
    path = f"/v1/credit/{world.parties['vega']}"
    for name, status in (
        *(("vega", 200), ("bank", 200), ("rater", 200), ("auditor", 200)),
        *(("supplier", 404), ("buyer", 404), ("castor", 404)),
    ):
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == status, name
    body = {
        "partyId": world.parties["rater"],
        "tier": 1,
        "limit": cny("1.00"),
        "tradingSince": "2020-01-01",
        "modelVersion": "x",
        "evidenceRoot": "0x" + "11" * 32,
    }
    assert "RaterIsRated" in str(refused(world["rater"], "/v1/credit", body))
    for name in ("bank", "supplier", "operator", "registrar"):
        assert refused(world[name], "/v1/credit", body)["status"] == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tier": 0}, "tier"),
        ({"tier": 6}, "tier"),
        ({"limit": {"amount": "1.00", "currency": "XXX"}}, "limit.currency"),
        ({"tradingSince": "yesterday"}, "tradingSince"),
        ({"evidenceRoot": "0x11"}, "evidenceRoot"),
        ({"validDays": 0}, "validDays"),
        ({"partyId": "nobody"}, "partyId"),
        ({"modelVersion": ""}, "modelVersion"),
    ],
)
def test_invalid_attestation_names_its_field(world: World, change: Json, field: str) -> None:
    body = {
        "partyId": world.parties["supplier"],
        "tier": 1,
        "limit": cny("1.00"),
        "tradingSince": "2020-01-01",
        "modelVersion": "x",
        "evidenceRoot": "0x" + "11" * 32,
    }
    problem = refused(world["rater"], "/v1/credit", body | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_bill_becomes_instalments_and_an_entrusted_facility_needs_three_signatures(
    own_world: World,
) -> None:
    world = own_world
    attested(world, tier=1)
    world.cash("platform", "10000.00")
    body = {
        "productId": product(world, "purchase-credit")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 150_000,
        "limit": cny("9000.00"),
        "lastDate": FAR,
    }
    proposal = world["platform"].post("/v1/facility-proposals", body).body
    path = f"/v1/facility-proposals/{proposal['id']}/signature"
    facility = world["supplier"].command(path).body["result"]["facilityId"]
    bought(world, facility)
    bill = {"amount": cny("900.00"), "style": "billing-cycle"}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", bill).body
    loan = done["result"]["loanId"]
    assert "TermOutOfRange" in str(
        refused(world["supplier"], f"/v1/loans/{loan}/instalments", {"months": 4})
    )
    world["supplier"].command(f"/v1/loans/{loan}/instalments", {"months": 3})
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert loan_view["style"] == "equal-instalment"
    assert len(loan_view["schedule"]) == 3

    bought(world, facility)
    later = world["supplier"].command(f"/v1/facilities/{facility}/draws", bill).body
    later = later["result"]["loanId"]
    half = {"amount": cny("400.00")}
    world["supplier"].command(f"/v1/loans/{later}/repayments", half)
    account = world["platform"].get(f"/v1/facilities/{facility}/statement").body
    assert [entry["kind"] for entry in account["entries"]] == [
        "drawn",
        "instalments",
        "drawn",
        "repaid",
    ]
    assert account["entries"][-1]["outstanding"] == cny("1400.00")
    assert account["facility"]["outstanding"] == cny("1400.00")
    (open_bill,) = account["bills"]
    assert open_bill["loanIds"] == [later]
    assert (open_bill["billed"], open_bill["owed"]) == (cny("900.00"), cny("500.00"))
    path = f"/v1/facilities/{facility}/statement"
    for name, status in (("supplier", 200), ("auditor", 200), ("buyer", 404), ("castor", 404)):
        assert world.http.get(path, headers=world[name].headers).status_code == status, name

    entrusted = {
        "productId": product(world, "entrusted-loan")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "entrusterPartyId": world.parties["buyer"],
        "administrationFee": 50_000,
        "annualRate": 60_000,
        "limit": cny("1000.00"),
        "lastDate": FAR,
    }
    proposal = world["bank"].post("/v1/facility-proposals", entrusted).body
    assert proposal["missing"] == ["borrower", "entruster"]
    path = f"/v1/facility-proposals/{proposal['id']}/signature"
    waiting = world["supplier"].post(path).body
    assert (waiting["state"], waiting["missing"]) == ("waiting", ["entruster"])
    done = world["buyer"].command(path).body
    assert done["result"]["facilityId"]
    problem = refused(world["buyer"], path)
    assert problem["status"] == 409, problem
