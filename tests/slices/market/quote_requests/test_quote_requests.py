"""Requests to quote: who may ask, answer, see and end them."""

from __future__ import annotations

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.chain.evm.hashing import keccak
from app.market.quote_requests import service
from app.storage import run
from tests.support.bodies import Json
from tests.support.officials import sent_by
from tests.support.wallets import location_number, own_wallet
from tests.support.world import World, caught_up, cny, invoice, refused

PATH = "/v1/quote-requests"


def soon(**more: float) -> str:
    """A time in the future, in an hour unless told otherwise."""
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(**(more or {"hours": 1}))
    return at.isoformat()


def body(world: World, claim: int, *financiers: str, **more: Any) -> Json:
    """A request to these financiers, or to all."""
    to = {"financierPartyIds": [world.parties[name] for name in financiers]} if financiers else {}
    return {"claimId": claim, "until": soon(), **(to or {"allFinanciers": True}), **more}


def asked(world: World, claim: int, *financiers: str, **more: Any) -> Json:
    answer = world["supplier"].post(PATH, body(world, claim, *financiers, **more))
    assert answer.status == 201
    return answer.body


def seen(world: World, name: str, request: Json) -> Json:
    return world[name].get(f"{PATH}/{request['id']}").body


def offered(world: World, claim: int, *, by: str, price: str = "97.00", **more: Any) -> Json:
    terms = {"claimId": claim, "value": cny("100.00"), "price": cny(price), **more}
    return world[by].post("/v1/offers", terms).body


def hidden(world: World, name: str, request: Json) -> None:
    """This party learns nothing of the request, by no way."""
    path = f"{PATH}/{request['id']}"
    assert world.http.get(path, headers=world[name].headers).status_code == 404
    items = world[name].get(PATH, limit=200).body["items"]
    assert request["id"] not in [item["id"] for item in items]


# -- the main path


def test_named_financier_answers_and_the_claim_is_sold(world: World) -> None:
    _, claim = world.confirmed(amount="100.00")
    request = asked(world, claim, "bank", "platform", note="From Ningbo.\nDue in two months.")
    assert request["state"] == "open"
    assert request["value"] == cny("100.00")
    assert [each["partyId"] for each in request["financiers"]] == [
        world.parties["bank"],
        world.parties["platform"],
    ]

    to_bank = seen(world, "bank", request)
    assert to_bank["note"] == "From Ningbo.\nDue in two months."
    assert to_bank["seller"]["partyId"] == world.parties["supplier"]
    assert to_bank["debtor"]["partyId"] == world.parties["buyer"]
    assert (to_bank["financiers"], to_bank["allFinanciers"], to_bank["answers"]) == (None, None, 0)

    offer = offered(world, claim, by="bank")
    assert offer["quoteRequestId"] == request["id"]
    assert seen(world, "bank", request)["state"] == "answered"
    assert seen(world, "supplier", request)["answers"] == 1
    # The other financier does not learn that somebody has answered.
    to_platform = seen(world, "platform", request)
    assert (to_platform["state"], to_platform["answers"]) == ("open", 0)

    world["supplier"].command(f"/v1/offers/{offer['id']}/acceptance")
    for name in ("supplier", "bank", "platform", "auditor"):
        assert seen(world, name, request)["state"] == "sold"
    assert seen(world, "supplier", request)["answers"] == 1


def test_offer_that_is_cancelled_or_for_another_value_is_no_answer(world: World) -> None:
    _, claim = world.confirmed(amount="100.00")
    before = offered(world, claim, by="bank")
    request = asked(world, claim, "bank")
    assert before["quoteRequestId"] is None
    assert seen(world, "supplier", request)["state"] == "open"
    other = offered(world, claim, by="bank", value=cny("90.00"), price="80.00")
    stranger = offered(world, claim, by="platform")
    assert (other["quoteRequestId"], stranger["quoteRequestId"]) == (None, None)
    assert seen(world, "supplier", request)["answers"] == 0
    answer = offered(world, claim, by="bank")
    assert seen(world, "supplier", request)["answers"] == 1
    path = f"/v1/offers/{answer['id']}"
    headers = world["bank"].headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    assert world.http.delete(path, headers=headers).status_code == 200
    assert seen(world, "supplier", request)["state"] == "open"


def test_part_of_the_value_is_asked_for(world: World) -> None:
    _, claim = world.confirmed(amount="250.00")
    request = asked(world, claim, "bank", value=cny("100.00"))
    assert seen(world, "bank", request)["value"] == cny("100.00")
    assert offered(world, claim, by="bank")["quoteRequestId"] == request["id"]


def test_every_financier_sees_a_request_to_all(world: World) -> None:
    _, claim = world.confirmed()
    request = asked(world, claim)
    assert (request["allFinanciers"], request["financiers"]) == (True, None)
    for name in ("bank", "second-bank", "platform"):
        assert seen(world, name, request)["allFinanciers"] is None
    for name in ("buyer", "castor", "rater", "warehouse", "first-appraiser"):
        hidden(world, name, request)


# -- who


def test_financier_that_is_not_asked_sees_and_declines_nothing(world: World) -> None:
    _, claim = world.confirmed()
    request = asked(world, claim, "bank")
    for name in ("second-bank", "platform", "buyer", "castor", "registrar", "cash-issuer"):
        hidden(world, name, request)
    for name in ("auditor", "operator", "regulator"):
        assert seen(world, name, request)["financiers"][0]["partyId"] == world.parties["bank"]
        assert request["id"] in str(world[name].get(PATH, claimId=claim).body)
    for name, verb, more in (
        ("second-bank", "decline", {"reason": "no"}),
        ("castor", "withdrawal", None),
        ("second-bank", "withdrawal", None),
    ):
        problem = refused(world[name], f"{PATH}/{request['id']}/{verb}", more)
        assert problem["status"] == 404, (name, verb, problem)


def test_financier_sees_no_more_of_the_claim_than_before(world: World) -> None:
    receivable, claim = world.confirmed()
    request = asked(world, claim, "bank")
    for path in (f"/v1/claims/{claim}", f"/v1/receivables/{receivable}"):
        assert world.http.get(path, headers=world["bank"].headers).status_code == 404
    assert seen(world, "bank", request)["claimId"] == claim


@pytest.mark.parametrize(
    ("name", "status"), [("castor", 404), ("bank", 404), ("buyer", 403), ("auditor", 403)]
)
def test_only_the_holder_asks(world: World, name: str, status: int) -> None:
    _, claim = world.confirmed()
    assert refused(world[name], PATH, body(world, claim, "second-bank"))["status"] == status


def test_former_holder_does_not_ask_and_the_new_one_does(world: World) -> None:
    _, claim = world.confirmed(amount="100.00")
    world.assigned(claim, "castor", "100.00")
    problem = refused(world["supplier"], PATH, body(world, claim, "bank"))
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (403, "not-holder")
    answer = world["castor"].post(PATH, body(world, claim, "bank"))
    assert answer.body["seller"]["partyId"] == world.parties["castor"]
    hidden(world, "supplier", answer.body)


def test_only_the_seller_withdraws_and_only_a_financier_declines(world: World) -> None:
    _, claim = world.confirmed()
    request = asked(world, claim, "bank")
    path = f"{PATH}/{request['id']}"
    assert refused(world["bank"], f"{path}/withdrawal")["status"] == 403
    assert refused(world["supplier"], f"{path}/decline", {"reason": "x"})["status"] == 403
    assert world["supplier"].post(f"{path}/withdrawal", None).body["state"] == "withdrawn"
    for name, verb, more in (
        ("supplier", "withdrawal", None),
        ("bank", "decline", {"reason": "too late"}),
    ):
        problem = refused(world[name], f"{path}/{verb}", more)
        assert problem["type"].endswith(":request-closed"), problem
    assert offered(world, claim, by="bank")["quoteRequestId"] is None
    assert asked(world, claim, "bank")["state"] == "open"


def test_decline_is_between_its_financier_and_the_seller(world: World) -> None:
    _, claim = world.confirmed(amount="100.00")
    request = asked(world, claim)
    path = f"{PATH}/{request['id']}/decline"
    for reason in ("Our limit for the buyer is used.", "The buyer is unknown to us."):
        answer = world["bank"].post(path, {"reason": reason}).body
        assert [item["reason"] for item in answer["declined"]] == [reason]
    world["platform"].post(path, {"reason": "Not this month."})
    whole = seen(world, "supplier", request)
    assert whole["declines"] == 2
    assert {item["financier"]["partyId"]: item["reason"] for item in whole["declined"]} == {
        world.parties["bank"]: "The buyer is unknown to us.",
        world.parties["platform"]: "Not this month.",
    }
    assert seen(world, "second-bank", request)["declined"] == []
    assert seen(world, "platform", request)["declines"] == 1
    # Who declined may think again; whose offer is open may not decline.
    assert offered(world, claim, by="bank")["quoteRequestId"] == request["id"]
    problem = refused(world["bank"], path, {"reason": "again"})
    assert problem["type"].endswith(":offer-open")


# -- bounds


def test_terms_out_of_bounds_are_refused(world: World) -> None:
    _, claim = world.confirmed(amount="100.00")
    bank = world.parties["bank"]
    for more, field in (
        ({"value": cny("100.01")}, "value.amount"),
        ({"value": cny("0.00")}, "value.amount"),
        ({"value": {"amount": "1.00", "currency": "EUR"}}, "value.currency"),
        ({"until": soon(hours=-1)}, "until"),
        ({"until": soon(days=91)}, "until"),
        ({"until": soon().replace("+00:00", "")}, "until"),
        ({"until": "9999-12-31T23:59:59Z"}, "until"),
        ({"note": "a\u202eb"}, "note"),
        ({"note": "a" * 1001}, "note"),
        ({"note": ""}, "note"),
        ({"financierPartyIds": []}, "financierPartyIds"),
        ({"financierPartyIds": [bank] * 51}, "financierPartyIds"),
        ({"financierPartyIds": [bank, bank]}, "financierPartyIds.1"),
        ({"financierPartyIds": [str(uuid.uuid4())]}, "financierPartyIds.0"),
        ({"financierPartyIds": [world.parties["buyer"]]}, "financierPartyIds.0"),
        ({"financierPartyIds": [world.parties["supplier"]]}, "financierPartyIds.0"),
        ({"allFinanciers": True}, "financierPartyIds"),
        ({"financierPartyIds": None}, "financierPartyIds"),
        ({"claimId": 2**63}, "claimId"),
        ({"price": cny("1.00")}, "price"),
    ):
        problem = refused(world["supplier"], PATH, body(world, claim, "bank") | more)
        fields = [problem.get("field"), *(item["field"] for item in problem.get("errors", ()))]
        assert (problem["status"], field in fields) == (422, True), (more, problem)
    assert world["supplier"].get(PATH, claimId=claim).body["items"] == []


def test_reason_has_bounds(world: World) -> None:
    _, claim = world.confirmed()
    request = asked(world, claim, "bank")
    for reason in ("", "a" * 1001, "a\u202eb"):
        problem = refused(world["bank"], f"{PATH}/{request['id']}/decline", {"reason": reason})
        assert problem["status"] == 422, problem


def test_second_request_for_a_claim_waits_for_the_first(world: World) -> None:
    _, claim = world.confirmed()
    asked(world, claim, "bank")
    problem = refused(world["supplier"], PATH, body(world, claim, "platform"))
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (409, "request-open")


def test_two_requests_at_once_make_one(world: World) -> None:
    _, claim = world.confirmed()
    new = body(world, claim, "bank")
    headers = world["supplier"].headers

    def send(key: str) -> int:
        own = headers | {"Idempotency-Key": key}
        return world.http.post(PATH, json=new, headers=own).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(send, [uuid.uuid4().hex for _ in range(6)]))
    assert sorted(statuses) == [201] + [409] * 5
    assert len(world["supplier"].get(PATH, claimId=claim).body["items"]) == 1


def test_the_same_key_asks_once(world: World) -> None:
    _, claim = world.confirmed()
    new, key = body(world, claim, "bank"), uuid.uuid4().hex
    headers = world["supplier"].headers | {"Idempotency-Key": key}
    answers = [world.http.post(PATH, json=new, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_open_requests_of_a_party_are_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = world.confirmed(by="vega")
    _, second = world.confirmed(by="vega")
    monkeypatch.setattr(service, "MAX_OPEN", 1)
    request = world["vega"].post(PATH, body(world, first, "bank")).body
    problem = refused(world["vega"], PATH, body(world, second, "bank"))
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (409, "requests-full")
    world["vega"].post(f"{PATH}/{request['id']}/withdrawal", None)
    assert world["vega"].post(PATH, body(world, second, "bank")).status == 201


def test_requests_of_a_day_are_bounded_whatever_became_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks and withdraws again and again does not fill the lists of all financiers."""
    _, claim = world.confirmed(by="pollux")
    monkeypatch.setattr(service, "MAX_IN_A_DAY", 2)
    for _ in range(2):
        request = world["pollux"].post(PATH, body(world, claim, "bank")).body
        world["pollux"].post(f"{PATH}/{request['id']}/withdrawal", None)
    problem = refused(world["pollux"], PATH, body(world, claim, "bank"))
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (409, "requests-in-a-day")
    assert "24 hours" in problem["fix"]
    _a_day_earlier(world, claim)
    assert world["pollux"].post(PATH, body(world, claim, "bank")).status == 201


def _a_day_earlier(world: World, claim: int) -> None:
    query = "UPDATE quote_requests SET created_at = created_at - 86401 WHERE claim_id = ?"
    world.server.gateway.storage.write_now(lambda connection: run(connection, query, (claim,)))


# -- ends


def test_debt_that_is_not_confirmed_is_not_for_sale(world: World) -> None:
    receivable, claim = world.confirmed()
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute", {"statement": "short"})
    problem = refused(world["supplier"], PATH, body(world, claim, "bank"))
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (409, "not-saleable")


def _assign(world: World, claim: int, receivable: int) -> None:
    world.assigned(claim, "castor", "100.00")


def _split(world: World, claim: int, receivable: int) -> None:
    world.assigned(claim, "castor", "1.00")


def _lien(world: World, claim: int, receivable: int) -> None:
    lien = {"lienholderPartyId": world.parties["bank"]}
    world["supplier"].command(f"/v1/claims/{claim}/lien", lien)


def _pay(world: World, claim: int, receivable: int) -> None:
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("10.00")})


def _credit(world: World, claim: int, receivable: int) -> None:
    note = world.upload(invoice(kind="credit-note", amount="20.00"))
    path = f"/v1/receivables/{receivable}/credit-notes"
    draft = world["supplier"].post(path, {"documentId": note["id"]}).body
    world["buyer"].command(f"{path}/{draft['id']}/confirmation")


def _dispute(world: World, claim: int, receivable: int) -> None:
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute", {"statement": "short"})


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (_assign, "assigned"),
        (_split, "changed"),
        (_lien, "encumbered"),
        (_pay, "paid"),
        (_credit, "changed"),
        (_dispute, "disputed"),
    ],
)
def test_request_ends_when_something_happens_to_the_claim(
    world: World, happens: Any, reason: str
) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    request = asked(world, claim, "bank")
    happens(world, claim, receivable)
    for name in ("supplier", "bank"):
        view = seen(world, name, request)
        assert (view["state"], view["endReason"]) == ("ended", reason)
    for caller, verb, more in (
        ("supplier", "withdrawal", None),
        ("bank", "decline", {"reason": "late"}),
    ):
        problem = refused(world[caller], f"{PATH}/{request['id']}/{verb}", more)
        assert problem["type"].endswith(":request-closed"), problem


@pytest.mark.parametrize("amount", ["0.01", "1.00", "50.00"])
def test_payment_of_a_rival_ends_no_request(world: World, amount: str) -> None:
    """Anybody may pay on a debt: a holder of one yuan does not end what the others ask."""
    receivable, claim = world.confirmed(amount="1000.00")
    world.assigned(claim, "bank", "1.00")
    request = asked(world, claim, "second-bank")
    world["bank"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny(amount)})
    for name in ("supplier", "second-bank"):
        view = seen(world, name, request)
        assert (view["state"], view["endReason"]) == ("open", None)
    whole = cny("999.00")
    offer = offered(world, claim, by="second-bank", value=whole, price="990.00")
    assert offer["quoteRequestId"] == request["id"]
    # The holder takes its part of the money: less of the claim is left, and the request for it.
    if amount != "0.01":
        world["supplier"].command(f"/v1/claims/{claim}/collection")
        left = world["supplier"].get(f"/v1/claims/{claim}").body["value"]
        view = seen(world, "second-bank", request)
        assert (view["state"], view["value"]) == ("open", left)
        assert view["requestedValue"] == whole != left
        assert seen(world, "supplier", request)["answers"] == 0, "nobody can accept that offer"


class Rival:
    """A financier with an account of its own, which calls the contracts itself."""

    def __init__(self, world: World) -> None:
        self.world, number = world, location_number()
        self.wallet, self.caller = own_wallet(
            world, role="financier", api_role="financier", legal_id=number
        )
        world.cash(number, "10.00")
        token, receivables = "SettlementToken:CNY", self.address("Receivables")
        self.calls(token, "approve", receivables, 1000)

    def address(self, contract: str) -> str:
        return self.world.server.gateway.contracts.address(contract)

    def calls(self, contract: str, function: str, *arguments: Any) -> None:
        data = self.world.server.gateway.contracts.encode(contract, function, list(arguments))
        self.sends(contract, data)

    def sends(self, contract: str, data: bytes) -> None:
        sent_by(self.world, self.wallet.address, self.address(contract), data)
        caught_up(self.world)

    def gives(self, cents: int, *, from_claim: int, to_claim: int) -> None:
        """Moves value into the claim of another (ERC-3525)."""
        words = b"".join(each.to_bytes(32, "big") for each in (from_claim, to_claim, cents))
        self.sends("Receivables", keccak(b"transferFrom(uint256,uint256,uint256)")[:4] + words)

    def pays_and_collects(self, receivable: int, claim: int, *, cents: int = 1) -> None:
        self.calls("Receivables", "pay", receivable, cents)
        self.calls("Receivables", "collect", claim)


@pytest.fixture(scope="module")
def rival(world: World) -> Rival:
    return Rival(world)


def test_rival_that_pays_a_cent_and_collects_it_ends_no_request(world: World, rival: Rival) -> None:
    """Anybody may collect for a holder: who is asked cannot send the others away so."""
    receivable, claim = world.confirmed(amount="100.00")
    request = asked(world, claim)
    before = offered(world, claim, by="second-bank", price="95.00")
    rival.pays_and_collects(receivable, claim)

    for name in ("supplier", "bank", "second-bank"):
        view = seen(world, name, request)
        assert (view["state"], view["endReason"], view["answers"]) == ("open", None, 0)
        assert (view["value"], view["requestedValue"]) == (cny("99.99"), cny("100.00"))
        assert view["id"] in str(world[name].get(PATH, state="open", claimId=claim).body)
    problem = refused(world["supplier"], PATH, body(world, claim, "bank"))
    assert problem["type"].endswith(":request-open"), problem

    # The offer of before binds its funder as signed, and says that it is for too much.
    path = f"/v1/offers/{before['id']}"
    assert (before["exceedsClaim"], before["quoteRequestId"]) == (False, request["id"])
    old = world["second-bank"].get(path).body
    assert (old["state"], old["exceedsClaim"]) == ("open", True)
    problem = refused(world["supplier"], f"{path}/acceptance")
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (409, "offer-exceeds-claim")
    assert "99.99" in problem["fix"]
    too_much = {"claimId": claim, "value": cny("100.00"), "price": cny("97.00")}
    problem = refused(world["bank"], "/v1/offers", too_much)
    assert problem["type"].endswith(":value-exceeds-claim"), problem

    # The others answer for what is left, again after each cent, and the claim is sold.
    for left in ("99.99", "99.98"):
        if left == "99.98":
            rival.pays_and_collects(receivable, claim)
        offer = offered(world, claim, by="bank", value=cny(left))
        assert (offer["quoteRequestId"], offer["exceedsClaim"]) == (request["id"], False)
        assert seen(world, "supplier", request)["answers"] == 1
        assert seen(world, "bank", request)["state"] == "answered"
        assert seen(world, "second-bank", request)["state"] == "open"
    world["supplier"].command(f"/v1/offers/{offer['id']}/acceptance")
    view = seen(world, "supplier", request)
    assert (view["state"], view["answers"], view["value"]) == ("sold", 1, cny("100.00"))


def test_part_that_is_asked_for_stays_whole_while_the_claim_holds_it(
    world: World, rival: Rival
) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    request = asked(world, claim, "bank", value=cny("99.99"))
    offer = offered(world, claim, by="bank", value=cny("99.99"))
    rival.pays_and_collects(receivable, claim)
    view = seen(world, "bank", request)
    assert (view["state"], view["value"]) == ("answered", view["requestedValue"])
    world["supplier"].command(f"/v1/offers/{offer['id']}/acceptance")
    assert seen(world, "supplier", request)["state"] == "sold"


def test_value_that_a_rival_gives_to_the_claim_ends_no_request(world: World, rival: Rival) -> None:
    _, claim = world.confirmed(amount="100.00")
    part = world["supplier"].command(
        f"/v1/claims/{claim}/assignments",
        {"parts": [{"toPartyId": world.parties[rival.caller.name], "amount": cny("1.00")}]},
    )
    (part_claim,) = part.body["result"]["claimIds"]
    request = asked(world, claim, "bank")
    for cents in (0, 1):
        rival.gives(cents, from_claim=part_claim, to_claim=claim)
        view = seen(world, "bank", request)
        assert (view["state"], view["value"]) == ("open", cny("99.00"))
    offer = offered(world, claim, by="bank", value=cny("99.00"), price="98.00")
    assert offer["quoteRequestId"] == request["id"]


def test_what_ends_a_request_ends_it_after_a_rivals_cent_too(world: World, rival: Rival) -> None:
    for happens, reason in (
        (_pay, "paid"),
        (_split, "changed"),
        (_lien, "encumbered"),
        (_credit, "changed"),
        (_dispute, "disputed"),
    ):
        receivable, claim = world.confirmed(amount="100.00")
        request = asked(world, claim, "bank")
        rival.pays_and_collects(receivable, claim)
        assert seen(world, "bank", request)["state"] == "open"
        happens(world, claim, receivable)
        view = seen(world, "bank", request)
        assert (view["state"], view["endReason"]) == ("ended", reason)
        assert view["value"] == cny("100.00"), "as it was asked for"


def test_collection_of_what_the_debtor_paid_before_leaves_the_rest_for_sale(
    world: World, rival: Rival
) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    _pay(world, claim, receivable)
    request = asked(world, claim, "bank")
    assert request["value"] == cny("100.00")
    rival.calls("Receivables", "collect", claim)
    view = seen(world, "bank", request)
    assert (view["state"], view["value"]) == ("open", cny("90.00"))
    offer = offered(world, claim, by="bank", value=cny("90.00"), price="89.00")
    assert offer["quoteRequestId"] == request["id"]


def test_draft_of_an_offer_for_more_than_is_left_is_not_signed(world: World, rival: Rival) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    terms = {"claimId": claim, "value": cny("100.00"), "price": cny("97.00")}
    draft = rival.caller.post("/v1/offers", terms).body
    assert (draft["state"], draft["exceedsClaim"]) == ("prepared", False)
    rival.pays_and_collects(receivable, claim)
    path = f"/v1/offers/{draft['id']}"
    assert rival.caller.get(path).body["exceedsClaim"] is True
    signature = {"signature": "0x" + "11" * 65}
    answer = world.http.post(f"{path}/signature", json=signature, headers=rival.caller.headers)
    assert answer.json()["type"].endswith(":offer-exceeds-claim"), answer.text


def test_rivals_own_claim_that_changes_ends_no_request_for_another(world: World) -> None:
    _, claim = world.confirmed(amount="1000.00")
    part = world.assigned(claim, "bank", "100.00")
    request = asked(world, claim, "second-bank")
    world.assigned(part, "castor", "1.00", by="bank")
    lien = {"lienholderPartyId": world.parties["platform"]}
    world["bank"].command(f"/v1/claims/{part}/lien", lien)
    assert seen(world, "supplier", request)["state"] == "open"


def test_a_debt_paid_in_full_by_anybody_ends_the_request(world: World) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    world.assigned(claim, "bank", "1.00")
    request = asked(world, claim, "second-bank")
    world["bank"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("100.00")})
    view = seen(world, "supplier", request)
    assert (view["state"], view["endReason"]) == ("ended", "paid")


def test_earlier_payment_is_not_why_a_later_request_ends(world: World) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    _pay(world, claim, receivable)
    request = asked(world, claim, "bank")
    assert request["state"] == "open"
    _split(world, claim, receivable)
    view = seen(world, "supplier", request)
    assert (view["state"], view["endReason"]) == ("ended", "changed")


def test_dispute_that_ends_opens_no_request_again(world: World) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    request = asked(world, claim, "bank")
    _dispute(world, claim, receivable)
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute-end", {"statement": "settled"})
    view = seen(world, "supplier", request)
    assert (view["state"], view["endReason"]) == ("ended", "changed")


def test_lien_that_is_released_opens_no_request_again(world: World) -> None:
    receivable, claim = world.confirmed(amount="100.00")
    request = asked(world, claim, "bank")
    _lien(world, claim, receivable)
    problem = refused(world["supplier"], PATH, body(world, claim, "bank"))
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (409, "not-saleable")
    world["bank"].command(f"/v1/claims/{claim}/release")
    view = seen(world, "supplier", request)
    assert (view["state"], view["endReason"]) == ("ended", "changed")
    assert offered(world, claim, by="bank")["quoteRequestId"] is None
    assert asked(world, claim, "bank")["state"] == "open"


def test_request_and_its_answers_expire(own_world: World) -> None:
    world = own_world
    _, claim = world.confirmed(amount="100.00")
    request = asked(world, claim, "bank", until=soon(hours=2))
    offered(world, claim, by="bank", validSeconds=3600)
    assert seen(world, "supplier", request)["state"] == "answered"
    world.later(4000)
    view = seen(world, "supplier", request)
    assert (view["state"], view["answers"]) == ("open", 0)
    world.later(4000)
    assert seen(world, "bank", request)["state"] == "expired"
    problem = refused(world["bank"], f"{PATH}/{request['id']}/decline", {"reason": "late"})
    assert problem["type"].endswith(":request-closed"), problem
    later = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)).isoformat()
    assert offered(world, claim, by="bank")["quoteRequestId"] is None
    assert asked(world, claim, "bank", until=later)["state"] == "open"


# -- lists


def test_list_goes_on_where_the_page_ended_and_filters_by_state(world: World) -> None:
    requests = []
    for _ in range(3):
        _, claim = world.confirmed(amount="100.00", by="altair")
        new = body(world, claim, "second-bank")
        requests.append(world["altair"].post(PATH, new).body)
    world["altair"].post(f"{PATH}/{requests[1]['id']}/withdrawal", None)
    offered(world, requests[2]["claimId"], by="second-bank")

    first = world["altair"].get(PATH, limit=2).body
    second = world["altair"].get(PATH, limit=2, cursor=first["nextCursor"]).body
    newest = [item["id"] for item in (*first["items"], *second["items"])]
    assert newest == [request["id"] for request in reversed(requests)]
    for name in ("altair", "second-bank"):
        states = {
            state: [item["id"] for item in world[name].get(PATH, state=state).body["items"]]
            for state in ("open", "answered", "withdrawn", "expired")
        }
        for place, state in enumerate(("open", "withdrawn", "answered")):
            assert requests[place]["id"] in states[state], (name, state)
        assert states["expired"] == []
        current = [item["id"] for item in world[name].get(PATH, state="current").body["items"]]
        assert requests[0]["id"] in current
        assert requests[2]["id"] in current
        assert requests[1]["id"] not in current
    assert world["second-bank"].get(PATH, claimId=requests[0]["claimId"]).body["items"] != []
    assert world["bank"].get(PATH, claimId=requests[0]["claimId"]).body["items"] == []
