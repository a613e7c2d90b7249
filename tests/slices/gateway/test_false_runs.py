"""A wallet that runs another call under the hash of an operation carries nothing out."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from app.chain.index.evidence import EVIDENCE
from app.chain.outbox.intents import Intent, execute_calldata
from app.demo.client import Answer, Caller, GatewayRefused
from app.lending.agreements.kinds import KINDS
from tests.support.bodies import Json
from tests.support.lending import FAR, product
from tests.support.officials import mined
from tests.support.wallets import NUMBER, registered, sent, word
from tests.support.world import World, caught_up, cny, invoice


def run_instead(world: World, prepared: Answer, wallet: LocalAccount, call: Json) -> None:
    """The wallet signs another call under the operation's hash, and somebody sends it."""
    typed = prepared.body["typedData"]
    message = typed["message"] | {"to": call["to"], "data": call["data"]}
    signature = word(wallet, typed | {"message": message})
    intent = Intent(
        signer=message["from"],
        target=message["to"],
        data=bytes.fromhex(message["data"][2:]),
        gas=int(message["gas"]),
        nonce=int(message["nonce"]),
        deadline=int(message["deadline"]),
        operation=bytes.fromhex(message["operation"][2:]),
    )
    data = "0x" + execute_calldata(intent, bytes.fromhex(signature[2:])).hex()
    node = world.server.node
    (sender, *_) = node.ask("eth_accounts")
    forwarder = typed["domain"]["verifyingContract"]
    order = {"from": sender, "to": forwarder, "data": data, "gasPrice": hex(10**10)}
    receipt = mined(world, node.ask("eth_sendTransaction", order))
    assert receipt["status"] == "0x1"
    caught_up(world)


def harmless(world: World) -> Json:
    """A call that moves nothing and is none of the kinds below."""
    contracts = world.server.gateway.contracts
    token = "SettlementToken:CNY"
    data = contracts.encode(token, "approve", [contracts.address("Facilities"), 0])
    return {"to": contracts.address(token), "data": "0x" + data.hex()}


@pytest.fixture
def wallet() -> LocalAccount:
    account: LocalAccount = Account.create()
    return account


def on_offer(world: World, wallet: LocalAccount) -> tuple[Caller, str]:
    """The seller with its own wallet, and the bank's offer for its claim."""
    caller = world.callers["own"] = registered(world, wallet)
    body = invoice(amount="1000.00") | {
        "seller": {"name": "Own wallet, borrower", "id": NUMBER, "scheme": "0088"}
    }
    document = world.upload(body, by="own")
    filed = caller.post("/v1/receivables", {"documentId": document["id"]})
    receivable = sent(caller, filed, wallet)["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation").body
    claim = int(confirmed["result"]["claimIds"][0])
    world.cash("bank", "1000.00")
    new_offer = {"claimId": claim, "value": cny("100.00"), "price": cny("97.00")}
    return caller, str(world["bank"].post("/v1/offers", new_offer).body["id"])


def test_every_kind_of_agreement_has_an_event_that_repeats_its_terms() -> None:
    assert {f"agree-{name}" for name in KINDS} <= EVIDENCE.keys()


def test_seller_who_ran_another_call_does_not_keep_the_funder_from_cancelling(
    own_world: World, wallet: LocalAccount
) -> None:
    world = own_world
    caller, offer = on_offer(world, wallet)
    path = f"/v1/offers/{offer}/acceptance"
    sent(caller, caller.post(path), wallet)  # the approval
    prepared = caller.post(path)
    assert prepared.body["operation"]["kind"] == "accept-offer"
    run_instead(world, prepared, wallet, harmless(world))

    operation = caller.get(f"/v1/operations/{prepared.body['operation']['id']}").body
    assert operation["state"] == "rejected", operation
    assert operation["error"]["name"] == "AnotherCall"
    assert world["bank"].get(f"/v1/offers/{offer}").body["state"] == "open"
    cancelled = world.http.delete(
        f"/v1/offers/{offer}",
        headers=world["bank"].headers | {"Idempotency-Key": "cancel-it", "Prefer": "wait=50"},
    )
    assert cancelled.status_code == 200, cancelled.text


def test_borrower_who_ran_another_call_does_not_keep_the_lender_from_withdrawing(
    own_world: World, wallet: LocalAccount
) -> None:
    world = own_world
    caller = registered(world, wallet)
    line = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["own"],
        "annualRate": 72_000,
        "limit": cny("1000.00"),
        "lastDate": FAR,
    }
    path = f"/v1/facility-proposals/{world['bank'].post('/v1/facility-proposals', line).body['id']}"
    typed = caller.get(path).body["typedData"]
    prepared = caller.post(f"{path}/signature", {"signature": word(wallet, typed)})
    assert prepared.body["operation"]["kind"] == "agree-facility"
    run_instead(world, prepared, wallet, harmless(world))
    assert world["bank"].get(path).body["state"] == "waiting"
    assert world["bank"].get("/v1/facilities").body["items"] == []
    world["bank"].command(f"{path}/withdrawal")
    with pytest.raises(GatewayRefused, match="SignatureCancelled"):
        caller.post(f"{path}/signature", {"signature": word(wallet, typed)})
