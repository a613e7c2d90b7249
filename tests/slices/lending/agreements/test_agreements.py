"""What several sides sign: extensions, set-offs, costs, and several loans repaid at once."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from app.demo.client import GatewayRefused
from app.storage import run
from tests.support.bodies import Json
from tests.support.contract_calls import sent
from tests.support.days import day
from tests.support.goods_on_loan import (
    collateral_of,
    kinds,
    lent_on_goods,
    lent_on_order,
    stored,
)
from tests.support.lending import drawn, lent
from tests.support.world import World, cny, refused


def proposed(world: World, by: str, path: str, body: Json) -> Json:
    """A draft."""
    return dict(world[by].post(path, body).body)


def test_a_loan_is_extended_once_both_have_signed(world: World) -> None:
    _, loan, _ = lent(world)
    draft = proposed(world, "supplier", f"/v1/loans/{loan}/extensions", {"dueDate": day(90)})
    assert (draft["state"], draft["missing"]) == ("waiting", ["lender"])
    assert draft["typedData"]["primaryType"] == "Extension"
    path = f"/v1/agreements/{draft['id']}"
    assert refused(world["supplier"], f"{path}/execution")["status"] == 409
    waiting = world["bank"].get("/v1/agreements").body["items"]
    assert waiting[0]["id"] == draft["id"]
    done = world["bank"].command(f"{path}/signature").body
    assert done["state"] in ("included", "final")
    assert world["bank"].get(path).body["state"] == "agreed"
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert loan_view["schedule"][0]["date"] == day(90)
    assert [entry["kind"] for entry in loan_view["entries"]] == ["drawn", "extended"]
    assert refused(world["bank"], f"{path}/execution")["status"] == 409


def test_an_earlier_day_is_refused_by_the_ledger_and_can_be_drafted_anew(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/extensions"
    draft = proposed(world, "bank", path, {"dueDate": day(5)})
    problem = refused(world["supplier"], f"/v1/agreements/{draft['id']}/signature")
    assert problem["status"] == 409, problem
    draft = proposed(world, "bank", path, {"dueDate": day(60)})
    world["supplier"].command(f"/v1/agreements/{draft['id']}/signature")


def test_claim_is_set_off_at_a_signed_value(world: World) -> None:
    _, loan, _ = lent(world)
    _, other = world.confirmed(amount="300.00")
    body = {"claimId": other, "claimValue": cny("300.00"), "credit": cny("290.00")}
    draft = proposed(world, "supplier", f"/v1/loans/{loan}/set-offs", body)
    world["bank"].command(f"/v1/agreements/{draft['id']}/signature")
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert loan_view["outstanding"] == cny("210.00")
    assert world["bank"].get(f"/v1/claims/{other}").body["lienholder"] is None
    assert [item["id"] for item in world["bank"].get("/v1/claims").body["items"]].count(other) == 1


def test_costs_are_charged_by_the_lender_with_the_borrowers_signature(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/costs"
    body = {"amount": cny("35.00"), "evidence": "the bailiff's bill of today"}
    assert refused(world["supplier"], path, body)["status"] == 403
    draft = proposed(world, "bank", path, body)
    agreement = f"/v1/agreements/{draft['id']}"
    early = refused(world["bank"], f"{agreement}/execution")
    assert (early["status"], early["type"][-17:]) == (409, "signature-missing")
    signed = world["supplier"].post(f"{agreement}/signature").body
    assert signed["state"] == "signed"
    assert refused(world["supplier"], f"{agreement}/execution")["status"] == 403
    world["bank"].command(f"{agreement}/execution")
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert loan_view["payoff"]["costs"] == cny("35.00")


def test_nobody_else_sees_signs_or_carries_out_an_agreement(world: World) -> None:
    _, loan, _ = lent(world)
    draft = proposed(world, "bank", f"/v1/loans/{loan}/extensions", {"dueDate": day(90)})
    path = f"/v1/agreements/{draft['id']}"
    for name in ("castor", "buyer", "rater"):
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == 404, name
    for name, suffix, status in (
        *(("castor", "signature", 404), ("castor", "execution", 404)),
        *(("rater", "signature", 403), ("operator", "execution", 403)),
    ):
        assert refused(world[name], f"{path}/{suffix}")["status"] == status, name
    assert world["auditor"].get(path).body["id"] == draft["id"]
    for suffix, body in (
        ("extensions", {"dueDate": day(90)}),
        ("set-offs", {"claimId": 1, "claimValue": cny("1.00"), "credit": cny("1.00")}),
        ("costs", {"amount": cny("1.00"), "evidence": "x"}),
    ):
        assert refused(world["castor"], f"/v1/loans/{loan}/{suffix}", body)["status"] == 404
    wrong = {"signature": "0x" + "11" * 64 + "1b"}
    assert refused(world["supplier"], f"{path}/signature", wrong)["status"] in (409, 422)
    assert world["bank"].get(path).body["missing"] == ["borrower"]


@pytest.mark.parametrize(
    ("suffix", "body", "field"),
    [
        ("extensions", {}, "dueDate"),
        ("extensions", {"months": 3}, "dueDate"),
        ("extensions", {"dueDate": "soon"}, "dueDate"),
        ("set-offs", {"claimId": 0, "claimValue": cny("1.00"), "credit": cny("1.00")}, "claimId"),
        (
            "set-offs",
            {
                "claimId": 1,
                "claimValue": cny("1.00"),
                "credit": {"amount": "1.00", "currency": "EUR"},
            },
            "credit.currency",
        ),
        ("costs", {"amount": cny("0.00"), "evidence": "x"}, "amount.amount"),
        ("costs", {"amount": cny("1.00"), "evidence": ""}, "evidence"),
    ],
)
def test_invalid_draft_names_its_field(world: World, suffix: str, body: Json, field: str) -> None:
    _, loan, _ = lent(world)
    problem = refused(world["bank"], f"/v1/loans/{loan}/{suffix}", body)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_several_loans_are_repaid_at_once_the_first_one_first(world: World) -> None:
    facility, first, _ = lent(world, "100.00")
    _, claim = world.confirmed(amount="1000.00")
    second = drawn(world, facility, claim, "200.00")
    body = {"loanIds": [first, second], "amount": cny("150.00")}
    world["supplier"].command("/v1/repayments", body)
    assert world["supplier"].get(f"/v1/loans/{first}").body["status"] == "repaid"
    assert world["supplier"].get(f"/v1/loans/{second}").body["outstanding"] == cny("150.00")
    assert refused(world["castor"], "/v1/repayments", body)["status"] == 404
    twice = refused(world["supplier"], "/v1/repayments", body | {"loanIds": [second, second]})
    assert (twice["status"], twice["field"]) == (422, "loanIds")


def test_a_day_before_the_ledgers_first_is_refused(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/extensions"
    assert refused(world["supplier"], path, {"dueDate": "0001-01-01"})["status"] == 422


# -- goods


def test_goods_settle_a_debt_at_a_signed_value(world: World) -> None:
    _, loan, receipt = lent_on_goods(world, "tin", "3000.00")
    path = f"/v1/loans/{loan}/settlements-in-kind"
    body = {"warehouseReceiptId": receipt, "quantity": "100.000", "credit": cny("900.00")}
    draft = proposed(world, "bank", path, body)
    assert (draft["kind"], draft["missing"]) == ("settle-in-kind", ["borrower"])
    assert draft["typedData"]["primaryType"] == "InKind"
    world["supplier"].command(f"/v1/agreements/{draft['id']}/signature")
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body
    assert (loan_view["status"], loan_view["outstanding"]) == ("running", cny("2100.00"))
    assert loan_view["collateral"]["items"][0]["quantity"] == "900.000"
    assert kinds(world, loan) == ["drawn", "collateral-reduced", "in-kind", "repaid"]
    assert loan_view["entries"][2]["details"] | {"documentRoot": ""} == {
        **{
            "warehouseReceiptId": receipt,
            "quantity": "100.000",
            "credit": cny("900.00"),
            "documentRoot": "",
        }
    }
    assert refused(world["bank"], f"/v1/agreements/{draft['id']}/execution")["status"] == 409
    # Signing the same terms again makes another agreement: each has its own nonce.
    again = proposed(world, "supplier", path, body | {"credit": cny("2100.01")})
    problem = refused(world["bank"], f"/v1/agreements/{again['id']}/signature")
    assert "SetOffExceedsDebt" in str(problem)
    _, free = stored(world, "tin", 50)
    last = proposed(
        *(world, "supplier", path),
        {"warehouseReceiptId": free, "quantity": "50.000", "credit": cny("2100.00")},
    )
    world["bank"].command(f"/v1/agreements/{last['id']}/signature")
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body
    assert (loan_view["status"], loan_view["collateral"]["items"]) == ("repaid", [])


def test_signature_for_a_settlement_in_goods_is_used_once(world: World) -> None:
    _, loan, receipt = lent_on_goods(world, "brass", "3000.00")
    body = {"warehouseReceiptId": receipt, "quantity": "10.000", "credit": cny("90.00")}
    draft = proposed(world, "bank", f"/v1/loans/{loan}/settlements-in-kind", body)
    path = f"/v1/agreements/{draft['id']}"
    done = world["supplier"].command(f"{path}/signature").body
    operation = world["supplier"].get(f"/v1/operations/{done['operation']['id']}").body
    assert refused(world["supplier"], f"{path}/signature")["status"] == 409

    def stored_signatures(connection: Connection) -> list[str]:
        query = "SELECT signature FROM agreement_signers WHERE agreement_id = ? ORDER BY role DESC"
        return [row[0] for row in run(connection, query, (draft["id"],))]

    signatures = world.server.gateway.storage.read_now(stored_signatures)
    terms = {
        name: int(value) if isinstance(value, str) and not value.startswith("0x") else value
        for name, value in draft["typedData"]["message"].items()
    }
    with pytest.raises(GatewayRefused, match="TermsUsed"):
        sent(
            *(world, operation["signer"].lower(), "Facilities", "settleInKind"),
            *(terms, *signatures),
        )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1.0005"}, "quantity"),
        ({"quantity": "all"}, "quantity"),
        ({"warehouseReceiptId": 0}, "warehouseReceiptId"),
        ({"credit": {"amount": "1.00", "currency": "EUR"}}, "credit.currency"),
        ({"credit": cny("0.00")}, "credit.amount"),
        ({"documentRoot": "0x12"}, "documentRoot"),
    ],
)
def test_invalid_settlement_in_goods_names_its_field(world: World, body: Json, field: str) -> None:
    _, loan, _ = lent(world)
    request = {"warehouseReceiptId": 1, "quantity": "1.000", "credit": cny("1.00")} | body
    problem = refused(world["bank"], f"/v1/loans/{loan}/settlements-in-kind", request)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_settlement_is_refused_for_goods_of_another_loan_or_owner(world: World) -> None:
    _, first, receipt = lent_on_goods(world, "pewter", "100.00")
    _, second, _ = lent_on_goods(world, "pewter", "100.00")
    _, others = stored(world, "pewter", owner="castor")
    for number, word in ((receipt, "CollateralInUse"), (others, "CollateralNotOfBorrower")):
        body = {"warehouseReceiptId": number, "quantity": "1.000", "credit": cny("1.00")}
        draft = proposed(world, "bank", f"/v1/loans/{second}/settlements-in-kind", body)
        problem = refused(world["supplier"], f"/v1/agreements/{draft['id']}/signature")
        assert word in str(problem), problem
    assert collateral_of(world, first)["items"][0]["quantity"] == "1000.000"
    body = {"warehouseReceiptId": receipt, "quantity": "1.000", "credit": cny("1.00")}
    for name in ("castor", "platform"):
        path = f"/v1/loans/{first}/settlements-in-kind"
        assert refused(world[name], path, body)["status"] == 404


def test_buy_back_undertaking_is_signed_by_the_undertaker_and_sent_by_the_lender(
    world: World,
) -> None:
    _, loan = lent_on_order(world)
    facility = world["supplier"].get(f"/v1/loans/{loan}").body["facilityId"]
    path = f"/v1/facilities/{facility}/buy-backs"
    body = {
        **{"undertakerPartyId": world.parties["buyer"], "share": 900_000},
        **{"maxTotal": cny("500.00"), "lastDate": day(100)},
    }
    assert refused(world["supplier"], path, body)["status"] == 403
    assert refused(world["castor"], path, body)["status"] == 404
    for change, field in (
        ({"undertakerPartyId": world.parties["supplier"]}, "undertakerPartyId"),
        ({"undertakerPartyId": world.parties["bank"]}, "undertakerPartyId"),
        ({"undertakerPartyId": "nobody"}, "undertakerPartyId"),
        ({"share": 2_000_001}, "share"),
        ({"maxTotal": cny("0.00")}, "maxTotal.amount"),
        ({"lastDate": day(-2)}, "lastDate"),
    ):
        problem = refused(world["bank"], path, body | change)
        assert (problem["status"], problem["field"]) == (422, field), problem
    draft = proposed(world, "bank", path, body)
    agreement = f"/v1/agreements/{draft['id']}"
    assert draft["typedData"]["primaryType"] == "BuyBack"
    early = refused(world["bank"], f"{agreement}/execution")
    assert (early["status"], early["type"][-17:]) == (409, "signature-missing")
    assert refused(world["supplier"], f"{agreement}/signature")["status"] == 404
    assert world["buyer"].post(f"{agreement}/signature").body["state"] == "signed"
    assert refused(world["buyer"], f"{agreement}/execution")["status"] == 403
    world["bank"].command(f"{agreement}/execution")
    facility_view = world["supplier"].get(f"/v1/facilities/{facility}").body["buyBack"]
    assert (facility_view["undertaker"]["partyId"], facility_view["left"]) == (
        world.parties["buyer"],
        cny("500.00"),
    )
    assert refused(world["bank"], f"{agreement}/execution")["status"] == 409
    later = proposed(world, "bank", path, body | {"maxTotal": cny("700.00")})
    world["buyer"].post(f"/v1/agreements/{later['id']}/signature")
    world["bank"].command(f"/v1/agreements/{later['id']}/execution")
    facility_view = world["supplier"].get(f"/v1/facilities/{facility}").body["buyBack"]
    assert facility_view["maxTotal"] == cny("700.00"), "a later one takes its place"


def test_a_signature_is_withdrawn_of_an_agreement_that_counts_as_carried_out(world: World) -> None:
    _, loan, _ = lent(world)
    body = {"amount": cny("7.00"), "evidence": "the same bill"}
    drafts = [proposed(world, "bank", f"/v1/loans/{loan}/costs", body) for _ in range(2)]
    paths = [f"/v1/agreements/{draft['id']}" for draft in drafts]
    for path in paths:
        world["supplier"].post(f"{path}/signature")
    world["bank"].command(f"{paths[0]}/execution")
    assert world["supplier"].get(paths[0]).body["state"] == "agreed"
    # The gateway may have taken the event of other terms for that of these: no harm if it did not.
    for path in paths:
        world["supplier"].command(f"{path}/withdrawal")
    assert [world["bank"].get(path).body["state"] for path in paths] == ["agreed", "withdrawn"]
    assert "signature-withdrawn" in str(refused(world["bank"], f"{paths[1]}/execution"))
