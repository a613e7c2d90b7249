"""Loans that move, through the API on a real chain: who sells, signs, reads and buys back."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from app.chain.evm.hashing import keccak
from tests.support.bank_entries import came_in, loan_of, taken_back
from tests.support.bank_files import entry, notification, uploaded
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.histories import names
from tests.support.lending import agreed_facility, attested, lent
from tests.support.proofs import traded
from tests.support.world import World, cny, refused

NOTICE = "Your loan now belongs to the second bank. You pay as before."


def sale_body(world: World, price: str = "490.00", **more: Any) -> Json:
    """A sale to the second bank."""
    buyer = world.parties["second-bank"]
    return {"buyerPartyId": buyer, "price": cny(price), "notice": NOTICE, **more}


def proposed(world: World, loan: int, **more: Any) -> Json:
    """A sale that waits for the buyer's signature."""
    world.cash("second-bank", "1000.00")
    return dict(world["bank"].post(f"/v1/loans/{loan}/sales", sale_body(world, **more)).body)


def sold(world: World, loan: int, **more: Any) -> Json:
    """A loan that the second bank bought."""
    draft = proposed(world, loan, **more)
    return dict(world["second-bank"].command(f"/v1/agreements/{draft['id']}/signature").body)


def sales(world: World, by: str, loan: int) -> list[Json]:
    """The sales of a loan that a caller sees."""
    return list(world[by].get("/v1/loan-sales", loanId=loan).body["items"])


def test_both_sign_and_the_loan_and_its_price_change_hands(world: World) -> None:
    facility, loan, _ = lent(world)
    draft = proposed(world, loan)
    assert (draft["state"], draft["missing"]) == ("waiting", ["buyer"])
    assert draft["typedData"]["primaryType"] == "SaleTerms"
    before = world.balance("bank")
    done = world["second-bank"].command(f"/v1/agreements/{draft['id']}/signature").body
    assert done["state"] in ("included", "final")
    assert Decimal(world.balance("bank")) - Decimal(before) == 490
    loan_view = world["second-bank"].get(f"/v1/loans/{loan}").body
    assert loan_view["lender"]["partyId"] == world.parties["second-bank"]
    assert [entry["kind"] for entry in loan_view["entries"]] == ["drawn", "sold"]
    bought = world["second-bank"].get(f"/v1/facilities/{loan_view['facilityId']}").body
    assert (bought["originId"], bought["closed"]) == (facility, True)
    assert (bought["outstanding"], bought["limit"]) == (cny("500.00"), cny("500.00"))
    origin = world["bank"].get(f"/v1/facilities/{facility}").body
    assert (origin["outstanding"], origin["originId"]) == (cny("0.00"), None)
    used = next(limit for limit in origin["limits"] if limit["kind"] == "facility")["used"]
    assert used == cny("500.00"), "a sale makes no room"


def test_a_sale_makes_no_room_under_the_limit_of_trade(own_world: World) -> None:
    world = own_world
    attested(world, tier=2)
    world.cash("platform", "10000.00")
    facility = agreed_facility(world, "merchant-credit", by="platform")
    traded(world, "1000.00")
    path = f"/v1/facilities/{facility}"
    free = trade_limit(world, path)["free"]
    body = {"amount": free, "tenor": 30}
    loan = world["supplier"].command(f"{path}/draws", body).body["result"]["loanId"]
    world.cash("second-bank", "10000.00")
    sale = world["platform"].post(f"/v1/loans/{loan}/sales", sale_body(world, free["amount"])).body
    world["second-bank"].command(f"/v1/agreements/{sale['id']}/signature")
    limit = trade_limit(world, path)
    assert (limit["used"], limit["free"]) == (free, cny("0.00"))
    problem = refused(world["supplier"], f"{path}/draws", body | {"amount": cny("0.01")})
    assert "tradeLimit" in str(problem)


def trade_limit(world: World, path: str) -> Json:
    """The limit of trade on a facility of the platform."""
    limits = world["platform"].get(path).body["limits"]
    return dict(next(item for item in limits if item["kind"] == "trade"))


def test_seller_no_longer_sees_the_loan_and_keeps_its_statement_until_the_sale(
    world: World,
) -> None:
    facility, loan, _ = lent(world)
    sold(world, loan)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    for path in (f"/v1/loans/{loan}", f"/v1/loans/{loan}/statement"):
        assert world.http.get(path, headers=world["bank"].headers).status_code == 404
    statement = world["bank"].get(f"/v1/facilities/{facility}/statement").body
    entries = [entry for entry in statement["entries"] if entry["loanId"] == loan]
    assert [entry["kind"] for entry in entries] == ["drawn", "sold"]
    assert entries[-1]["outstanding"] == cny("0.00")
    bought = world["second-bank"].get(f"/v1/loans/{loan}").body["facilityId"]
    statement = world["second-bank"].get(f"/v1/facilities/{bought}/statement").body
    entries = [entry for entry in statement["entries"] if entry["loanId"] == loan]
    assert [entry["kind"] for entry in entries] == ["sold", "repaid"]
    assert entries[-1]["outstanding"] == bought_outstanding(world, bought)


def bought_outstanding(world: World, facility: int) -> Json:
    """What is outstanding on a facility."""
    return dict(world["second-bank"].get(f"/v1/facilities/{facility}").body["outstanding"])


def test_borrower_reads_the_notice_without_the_price_and_acknowledges_it(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/sale-acknowledgement"
    assert refused(world["supplier"], path)["type"].endswith("nothing-to-acknowledge")
    sold(world, loan)
    (sale,) = sales(world, "supplier", loan)
    assert (sale["notice"], sale["price"], sale["acknowledgedAt"]) == (NOTICE, None, None)
    assert sale["buyer"]["partyId"] == world.parties["second-bank"]
    for name, status in (("castor", 404), ("bank", 403), ("second-bank", 403), ("rater", 403)):
        assert refused(world[name], path)["status"] == status, name
    world["supplier"].command(path)
    (sale,) = sales(world, "second-bank", loan)
    assert sale["acknowledgedAt"] is not None
    assert sale["price"] == cny("490.00")
    assert refused(world["supplier"], path)["status"] == 409
    assert {"LoanSold", "SaleAcknowledged"} <= set(names(world, by="supplier", loan=loan))


def test_equal_notices_of_two_loans_have_other_hashes_and_each_its_own_text(world: World) -> None:
    _, first, _ = lent(world)
    _, second, _ = lent(world)
    hashes = set()
    for loan in (first, second):
        sold(world, loan)
        (sale,) = sales(world, "supplier", loan)
        hashes.add(sale["noticeHash"])
        assert sale["notice"] == NOTICE
        salted = bytes.fromhex(sale["noticeSalt"]) + NOTICE.encode()
        assert sale["noticeHash"] == "0x" + keccak(salted).hex()
    assert len(hashes) == 2
    assert "0x" + keccak(NOTICE.encode()).hex() not in hashes


def test_facility_that_a_sale_opened_is_not_insured(world: World) -> None:
    _, loan, _ = lent(world)
    sold(world, loan)
    bought = world["second-bank"].get(f"/v1/loans/{loan}").body["facilityId"]
    body = {
        "insurerPartyId": world.parties["platform"],
        "insuredAmount": cny("100.00"),
        "lastDate": day(100),
    }
    problem = refused(world["second-bank"], f"/v1/facilities/{bought}/insurances", body)
    assert problem["type"].endswith("insurance-of-bought-loans"), problem


def test_only_sides_and_those_who_see_all_see_a_sale(world: World) -> None:
    _, loan, _ = lent(world)
    sold(world, loan)
    for name, count in (
        *(("bank", 1), ("second-bank", 1), ("supplier", 1), ("auditor", 1), ("operator", 1)),
        *(("castor", 0), ("buyer", 0), ("platform", 0)),
    ):
        assert len(sales(world, name, loan)) == count, name


def test_seller_buys_back_by_its_right(world: World) -> None:
    facility, loan, _ = lent(world)
    right = {"sellerMay": True, "price": 1_000_000, "lastDate": day(20)}
    sold(world, loan, buyBack=right)
    path = f"/v1/loans/{loan}/sale-buy-back"
    assert sales(world, "bank", loan)[0]["buyBack"]["sellerMay"] is True
    assert refused(world["second-bank"], path)["type"].endswith("buy-back-not-due")
    for name, status in (("platform", 404), ("supplier", 403), ("castor", 403)):
        assert refused(world[name], path)["status"] == status, name
    again = (
        world["second-bank"]
        .post(f"/v1/loans/{loan}/sales", sale_body(world) | {"buyerPartyId": world.parties["bank"]})
        .body
    )
    problem = refused(world["bank"], f"/v1/agreements/{again['id']}/signature")
    assert "LoanNotSaleable" in str(problem)
    problem = refused(world["bank"], path, {"maxPrice": cny("1.00")})
    assert problem["type"].endswith("buy-back-costs-more"), problem
    world["bank"].command(path, {"maxPrice": cny("1000.00")})
    assert world["bank"].get(f"/v1/loans/{loan}").body["facilityId"] == facility
    kinds = [sale["kind"] for sale in sales(world, "bank", loan)]
    assert kinds == ["bought-back", "sold"]
    assert refused(world["bank"], path)["type"].endswith("buy-back-not-due")


def test_holder_calls_by_the_sellers_duty_once_the_loan_is_in_default(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent(world)
    duty = {"sellerMust": True, "price": 900_000, "lastDate": day(200)}
    sold(world, loan, buyBack=duty)
    path = f"/v1/loans/{loan}/sale-buy-back"
    assert sales(world, "bank", loan)[0]["buyBack"]["max"] == cny("900.00")
    assert refused(world["second-bank"], path)["type"].endswith("buy-back-not-due")
    assert refused(world["bank"], path)["type"].endswith("buy-back-not-due")
    world.later(60 * 86_400)
    world["second-bank"].command(f"/v1/loans/{loan}/default")
    problem = refused(world["second-bank"], path, {"maxPrice": cny("1.00")})
    assert (problem["status"], problem["field"]) == (422, "maxPrice")
    world["second-bank"].command(path)
    assert world["bank"].get(f"/v1/loans/{loan}").body["status"] == "defaulted"


def test_new_terms_of_holder_and_borrower_end_the_sellers_duty(world: World) -> None:
    _, loan, _ = lent(world)
    both = {"sellerMay": True, "sellerMust": True, "price": 900_000, "lastDate": day(200)}
    sold(world, loan, buyBack=both)
    draft = world["supplier"].post(f"/v1/loans/{loan}/extensions", {"dueDate": day(90)}).body
    world["second-bank"].command(f"/v1/agreements/{draft['id']}/signature")
    left = sales(world, "bank", loan)[0]["buyBack"]
    assert (left["sellerMay"], left["sellerMust"], left["max"]) == (True, False, None)
    assert "BuyBackChanged" in names(world, by="second-bank", loan=loan)


def test_seller_names_the_most_that_its_duty_costs(world: World) -> None:
    _, loan, _ = lent(world)
    sold(
        world,
        loan,
        buyBack={
            "sellerMust": True,
            "price": 900_000,
            "max": cny("450.00"),
            "lastDate": day(200),
        },
    )
    assert sales(world, "bank", loan)[0]["buyBack"]["max"] == cny("450.00")


def test_gateway_leaves_a_reversal_that_ends_the_sellers_duty_to_the_lender(world: World) -> None:
    _, loan, _ = lent(world)
    sold(world, loan, buyBack={"sellerMust": True, "price": 900_000, "lastDate": day(200)})
    start = loan_of(world, loan, by="second-bank")["startDate"]
    path, mark = came_in(world, loan, "100.00", start, by="second-bank")
    world["second-bank"].command(f"{path}/repayment")
    debit = notification(taken_back("100.00", mark)).replace(b"M1", mark.encode())
    body = uploaded(world, debit, by="second-bank")
    assert body["reversalOperationIds"] == []
    items = world["second-bank"].get("/v1/bank-entries", limit=200).body["items"]
    (held,) = [other for other in items if path.endswith(other["id"])]
    assert "the seller's duty" in held["reversalHeld"]
    world["second-bank"].command(f"{path}/reversal", {"reason": "returned by the bank"})
    items = world["second-bank"].get("/v1/bank-entries", limit=200).body["items"]
    (done,) = [other for other in items if path.endswith(other["id"])]
    assert done["reversalHeld"] is None and done["reversalOperationId"] is not None


def test_repayment_between_signing_and_sending_ends_the_terms(world: World) -> None:
    _, loan, _ = lent(world)
    draft = proposed(world, loan)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("1.00")})
    problem = refused(world["second-bank"], f"/v1/agreements/{draft['id']}/signature")
    assert "LoanChanged" in str(problem)


def test_nobody_but_the_lender_proposes_and_nobody_but_the_buyer_signs(world: World) -> None:
    _, loan, _ = lent(world)
    path, body = f"/v1/loans/{loan}/sales", sale_body(world)
    for name, status in (
        *(("supplier", 403), ("castor", 403), ("buyer", 403), ("rater", 403)),
        *(("auditor", 403), ("operator", 403), ("platform", 404), ("second-bank", 404)),
    ):
        assert refused(world[name], path, body)["status"] == status, name
    draft = proposed(world, loan)
    for name in ("platform", "castor"):
        assert refused(world[name], f"/v1/agreements/{draft['id']}/signature")["status"] == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": cny("0.00")}, "price.amount"),
        ({"price": {"amount": "1.00", "currency": "EUR"}}, "price.currency"),
        ({"notice": ""}, "notice"),
        ({"buyerPartyId": "nobody"}, "buyerPartyId"),
        ({"buyBack": {"price": 1, "lastDate": day(9)}}, "buyBack"),
        ({"buyBack": {"sellerMay": True, "price": 0, "lastDate": day(9)}}, "buyBack.price"),
        (
            {
                "buyBack": {
                    "sellerMay": True,
                    "price": 1,
                    "max": cny("1.00"),
                    "lastDate": day(9),
                }
            },
            "buyBack.max",
        ),
        (
            {"buyBack": {"sellerMay": True, "price": 1, "lastDate": "2020-01-01"}},
            "buyBack.lastDate",
        ),
        (
            {
                "buyBack": {
                    "sellerMay": True,
                    "price": 1,
                    "firstDate": day(10),
                    "lastDate": day(9),
                }
            },
            "buyBack.firstDate",
        ),
    ],
)
def test_invalid_sale_names_its_field(world: World, change: Json, field: str) -> None:
    _, loan, _ = lent(world)
    problem = refused(world["bank"], f"/v1/loans/{loan}/sales", sale_body(world) | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_a_loan_is_not_sold_to_its_borrower_or_to_no_financier(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/sales"
    for name in ("supplier", "bank"):
        body = sale_body(world) | {"buyerPartyId": world.parties[name]}
        assert refused(world["bank"], path, body)["field"] == "buyerPartyId"
    body = sale_body(world) | {"buyerPartyId": world.parties["castor"]}
    draft = world["bank"].post(path, body).body
    problem = refused(world["castor"], f"/v1/agreements/{draft['id']}/signature")
    assert "RoleMissing" in str(problem)


def test_a_loan_is_not_sold_to_who_owes_its_collateral(world: World) -> None:
    _, loan, _ = lent(world)
    body = sale_body(world) | {"buyerPartyId": world.parties["buyer"]}
    problem = refused(world["bank"], f"/v1/loans/{loan}/sales", body)
    assert (problem["status"], problem["field"]) == (422, "buyerPartyId")
    assert "owes what secures the loan" in problem["detail"]


def test_repaid_loan_is_not_sold(world: World) -> None:
    _, loan, _ = lent(world)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    problem = refused(world["bank"], f"/v1/loans/{loan}/sales", sale_body(world))
    assert problem["type"].endswith("loan-not-saleable")


def test_new_lender_reverses_what_the_old_one_recorded(world: World) -> None:
    _, loan, _ = lent(world)
    mark = uuid.uuid4().hex[:20]
    content = notification(entry("100.00", reference=mark, remittance=f"LOAN-{loan}"))
    (item,) = uploaded(world, content)["items"]
    path = f"/v1/bank-entries/{item['id']}"
    drawn_on = world["bank"].get(f"/v1/loans/{loan}").body["startDate"]
    world["bank"].command(f"{path}/repayment", {"valueDate": drawn_on})
    assert world["bank"].get(f"/v1/loans/{loan}").body["outstanding"] != cny("500.00")
    reason = {"reason": "returned by the bank"}
    assert refused(world["second-bank"], f"{path}/reversal", reason)["status"] == 404
    sold(world, loan)
    assert refused(world["bank"], f"{path}/reversal", reason)["type"].endswith("loan-sold")
    assert refused(world["platform"], f"{path}/reversal", reason)["status"] == 404
    world["second-bank"].command(f"{path}/reversal", reason)
    loan_view = world["second-bank"].get(f"/v1/loans/{loan}").body
    assert loan_view["outstanding"] == cny("500.00")
    (other,) = uploaded(
        world, notification(entry("1.00", reference=mark[::-1], remittance=f"LOAN-{loan}"))
    )["items"]
    problem = refused(world["bank"], f"/v1/bank-entries/{other['id']}/repayment")
    assert problem["status"] == 404, "the old lender records nothing more"
