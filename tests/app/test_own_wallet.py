"""Borrowing with a wallet of its own: the gateway prepares, the wallet signs, nobody else can."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from app.demo.client import Answer, Caller, GatewayRefused
from tests.app.lending import FAR, product
from tests.app.world import World, cny, invoice

NUMBER = "9501101000049"


def registered(world: World, wallet: LocalAccount) -> Caller:
    """A seller whose key the gateway never sees."""
    body = {
        "name": "Own wallet, borrower",
        "legalId": {"scheme": "0088", "value": NUMBER},
        "roles": ["seller"],
        "account": wallet.address.lower(),
    }
    party = world["registrar"].command("/v1/parties", body).body["party"]
    assert party["custody"] is False
    made = world["registrar"].post(
        f"/v1/parties/{party['id']}/api-keys", {"roles": ["supplier"], "label": "own"}
    )
    world.parties["own"] = party["id"]
    return Caller(world.http, "own", made.body["apiKey"])


def word(wallet: LocalAccount, typed: dict[str, Any]) -> str:
    """The wallet's signature over typed data, as any wallet makes it (EIP-712)."""
    return "0x" + bytes(wallet.sign_typed_data(full_message=typed).signature).hex()


def sent(caller: Caller, prepared: Answer, wallet: LocalAccount) -> dict[str, Any]:
    """The operation that was prepared, signed by the wallet and carried out."""
    operation = prepared.body["operation"]
    assert operation["state"] == "prepared"
    signature = word(wallet, prepared.body["typedData"])
    path = f"/v1/operations/{operation['id']}"
    caller.post(f"{path}/signature", {"signature": signature})
    done = caller.get(path, wait=20).body
    assert done["state"] in ("included", "final"), done
    return dict(done)


def refused_for(caller: Caller, path: str, signature: str) -> dict[str, Any]:
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

    paper = invoice(amount="1000.00") | {
        "seller": {"name": "Own wallet, borrower", "id": NUMBER, "scheme": "0088"}
    }
    world.callers["own"] = caller
    document = world.upload(paper, by="own")
    asked = caller.post("/v1/receivables", {"documentId": document["id"]})
    receivable = sent(caller, asked, wallet)["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation").body
    claim = int(confirmed["result"]["claimIds"][0])

    draws = f"/v1/facilities/{facility}/draws"
    wanted = {"amount": cny("800.00"), "tenor": 30, "coverId": claim}
    leave = caller.post(draws, wanted)
    assert leave.body["operation"]["kind"] == "approval"
    assert "repeat this request" in leave.body["next"]
    sent(caller, leave, wallet)

    prepared = caller.post(draws, wanted)
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
    seen = caller.get(f"/v1/loans/{loan}").body
    assert (seen["outstanding"], seen["cover"]) == (cny("800.00"), {"kind": "claim", "id": claim})
    assert caller.get(f"/v1/claims/{claim}").body["lienholder"] is not None


def test_a_contract_wallet_hands_in_what_its_contract_accepts(world: World) -> None:
    """It answers isValidSignature with yes to anything (ERC-1271), as a wallet of several owners
    would to the signatures of enough of them."""
    wallet, number = "0x" + "5c" * 20, "9501101000056"
    world.server.node.ask("anvil_setCode", wallet, "0x631626ba7e60e01b60005260206000f3")
    body = {
        "name": "Contract wallet",
        "legalId": {"scheme": "0088", "value": number},
        "roles": ["seller"],
        "account": wallet,
    }
    party = world["registrar"].command("/v1/parties", body).body["party"]
    made = world["registrar"].post(
        f"/v1/parties/{party['id']}/api-keys", {"roles": ["supplier"], "label": "own"}
    )
    caller = Caller(world.http, "contract wallet", made.body["apiKey"])
    mint = {"toPartyId": party["id"], "amount": cny("5.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", mint)
    wanted = {"toPartyId": world.parties["supplier"], "amount": cny("2.00")}
    operation = caller.post("/v1/cash/CNY/transfers", wanted).body["operation"]
    path = f"/v1/operations/{operation['id']}"
    caller.post(f"{path}/signature", {"signature": "0x" + "ab" * 195})
    done = caller.get(path, wait=20).body
    assert done["state"] in ("included", "final"), done
    assert caller.get("/v1/cash").body["items"][0]["balance"] == cny("3.00")
