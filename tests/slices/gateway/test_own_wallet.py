"""Borrowing with a wallet of its own: the gateway prepares, the wallet signs, nobody else can."""

from __future__ import annotations

import uuid

from eth_account import Account

from app.demo.client import Caller, GatewayRefused
from tests.support.bodies import Json
from tests.support.lending import FAR, product
from tests.support.wallets import NUMBER, own_wallet, registered, sent, signed, word
from tests.support.world import World, cny, invoice


def refused_for(caller: Caller, path: str, signature: str) -> Json:
    try:
        caller.post(path, {"signature": signature})
    except GatewayRefused as error:
        return error.problem
    raise AssertionError(f"{path} took the signature of a stranger")


def test_a_party_draws_a_loan_with_its_own_wallet_and_no_other_wallet_can(world: World) -> None:
    wallet, stranger = Account.create(), Account.create()
    caller = registered(world, wallet)
    world.cash("bank", "1000.00")

    line = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["own"],
        "annualRate": 72_000,
        "limit": cny("1000.00"),
        "lastDate": FAR,
    }
    path = f"/v1/facility-proposals/{world['bank'].post('/v1/facility-proposals', line).body['id']}"
    typed = caller.get(path).body["typedData"]
    problem = refused_for(caller, f"{path}/signature", word(stranger, typed))
    assert problem["type"] == "urn:cession:problem:signature-invalid"
    assert caller.get(path).body["missing"] == ["borrower"]
    agreed = caller.post(f"{path}/signature", {"signature": word(wallet, typed)})
    facility = sent(caller, agreed, wallet)["result"]["facilityId"]

    invoice_body = invoice(amount="1000.00") | {
        "seller": {"name": "Own wallet, borrower", "id": NUMBER, "scheme": "0088"}
    }
    world.callers["own"] = caller
    document = world.upload(invoice_body, by="own")
    filed = caller.post("/v1/receivables", {"documentId": document["id"]})
    receivable = sent(caller, filed, wallet)["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation").body
    claim = int(confirmed["result"]["claimIds"][0])

    draws = f"/v1/facilities/{facility}/draws"
    body = {"amount": cny("800.00"), "tenor": 30, "collateralId": claim}
    approval_request = caller.post(draws, body)
    assert approval_request.body["operation"]["kind"] == "approval"
    assert "repeat this request" in approval_request.body["next"]
    sent(caller, approval_request, wallet)

    prepared = caller.post(draws, body)
    operation = prepared.body["operation"]
    assert (operation["kind"], operation["signer"]) == ("draw-loan", wallet.address.lower())
    problem = refused_for(
        caller,
        f"/v1/operations/{operation['id']}/signature",
        word(stranger, prepared.body["typedData"]),
    )
    assert problem["type"] == "urn:cession:problem:signature-invalid"
    assert caller.get("/v1/loans").body["items"] == []
    assert world.balance("own") == "0.00"

    loan = sent(caller, prepared, wallet)["result"]["loanId"]
    assert world.balance("own") == "800.00"
    loan_view = caller.get(f"/v1/loans/{loan}").body
    assert (loan_view["outstanding"], loan_view["collateral"]) == (
        cny("800.00"),
        {"kind": "claim", "id": claim},
    )
    assert caller.get(f"/v1/claims/{claim}").body["lienholder"] is not None


def test_contract_wallet_submits_a_signature_that_its_contract_accepts(world: World) -> None:
    """It answers isValidSignature with yes to anything (ERC-1271).

    A wallet of several owners would answer so to the signatures of enough of them.
    """
    wallet, number = "0x" + "5c" * 20, "9501101000056"
    world.server.node.ask("anvil_setCode", wallet, "0x631626ba7e60e01b60005260206000f3")
    body = {
        "name": "Contract wallet",
        "legalId": {"scheme": "0088", "value": number},
        "roles": ["supplier"],
        "account": wallet,
    }
    party = world["registrar"].command("/v1/parties", body).body["party"]
    registered = world["registrar"].post(
        f"/v1/parties/{party['id']}/api-keys", {"roles": ["supplier"], "label": "own"}
    )
    caller = Caller(world.http, "contract wallet", registered.body["apiKey"])
    mint = {"toPartyId": party["id"], "amount": cny("5.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", mint)
    request = {"toPartyId": world.parties["supplier"], "amount": cny("2.00")}
    operation = caller.post("/v1/cash/CNY/transfers", request).body["operation"]
    path = f"/v1/operations/{operation['id']}"
    caller.post(f"{path}/signature", {"signature": "0x" + "ab" * 195})
    done = caller.get(path, wait=50).body
    assert done["state"] in ("included", "final"), done
    assert caller.get("/v1/cash").body["items"][0]["balance"] == cny("3.00")


def test_command_is_refused_alike_in_custody_and_for_a_wallet(
    world: World,
) -> None:
    _, own = own_wallet(world, role="buyer", api_role="buyer", legal_id="9501101000070")
    body = {"toPartyId": world.parties["bank"], "amount": cny("999999999.00")}
    path = "/v1/cash/CNY/transfers"
    problems = []
    for caller in (world["buyer"], own):
        headers = caller.headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
        answers = [world.http.post(path, json=body, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [409, 409], "also when it is repeated"
        assert {answer.headers["content-type"] for answer in answers} == {
            "application/problem+json"
        }
        problems.append(answers[0].json())
        if caller is not own:
            assert answers[1].json() == problems[0]
            assert problems[0]["operation"]["state"] == "rejected"
            assert problems[0]["operation"]["error"]["fix"] == problems[0]["fix"]
    custody, by_wallet = problems
    for name in ("type", "title", "status", "fix"):
        assert custody[name] == by_wallet[name], name
    assert custody["type"] == "urn:cession:problem:contract-refused"
    assert custody["fix"] == "pay money in first, or pay less"
    assert custody["detail"].partition(" has ")[2].endswith("999,999,999.00 CNY are needed")
    assert (
        custody["detail"].partition(" has ")[2].split()[-4:]
        == (by_wallet["detail"].partition(" has ")[2].split()[-4:])
    )
    assert custody["contractError"]["name"] == by_wallet["contractError"]["name"]


def test_signature_request_waits_for_the_outcome_with_prefer(world: World) -> None:
    wallet, own = own_wallet(world, role="supplier", api_role="supplier", legal_id="9501101000186")
    approval = {"contract": "Facilities", "amount": cny("1.00")}
    prepared = own.post("/v1/cash/CNY/approvals", approval)
    path = f"/v1/operations/{prepared.body['operation']['id']}/signature"
    handed_in = {"signature": signed(world, wallet, prepared.body["typedData"])}
    answer = world.http.post(path, json=handed_in, headers=own.headers | {"Prefer": "wait=50"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] in ("included", "final")
    assert answer.headers["Preference-Applied"] == "wait=50"
    again = world.http.post(path, json=handed_in, headers=own.headers)
    assert again.status_code == 202, "without it the answer comes at once"
