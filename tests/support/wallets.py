"""Parties that keep their keys themselves, in tests."""

from __future__ import annotations

import secrets
from typing import Any

from eth_account.signers.local import LocalAccount

from app.chain.evm.signers import LocalSigner
from app.chain.evm.typed_data import forwarder_domain
from app.chain.outbox.intents import Intent, intent_digest
from app.demo.client import Answer, Caller
from app.gateway.gateway import CASH_PREFIX
from app.gateway.signing import terms_for
from tests.support.bodies import Json
from tests.support.officials import sent_by
from tests.support.world import World, caught_up, ended


def own_wallet(world: World, *, role: str, api_role: str, legal_id: str) -> tuple[Any, Caller]:
    """A party with a wallet of its own."""
    wallet = LocalSigner.generate()
    registrar = world["registrar"]
    registered = registrar.command(
        "/v1/parties",
        {
            "name": f"Own wallet, {role}",
            "legalId": {"scheme": "0088", "value": legal_id},
            "roles": [role],
            "account": wallet.address,
        },
    )
    party = registered.body["party"]
    assert party["custody"] is False
    key = registrar.post(
        f"/v1/parties/{party['id']}/api-keys", {"roles": [api_role], "label": "own"}
    ).body["apiKey"]
    world.parties[legal_id] = party["id"]
    return wallet, Caller(world.http, legal_id, key)


def signed(world: World, wallet: LocalSigner, typed: Json) -> str:
    """What the wallet signs for an intent, reckoned from the typed data alone."""
    message = typed["message"]
    intent = Intent(
        signer=message["from"].lower(),
        target=message["to"].lower(),
        data=bytes.fromhex(message["data"][2:]),
        gas=int(message["gas"]),
        nonce=int(message["nonce"]),
        deadline=int(message["deadline"]),
        operation=bytes.fromhex(message["operation"][2:]),
    )
    where = forwarder_domain(
        chain_id=typed["domain"]["chainId"],
        contract=typed["domain"]["verifyingContract"].lower(),
    )
    return "0x" + wallet.sign_hash(intent_digest(where, intent)).hex()


def signed_operation(
    world: World, wallet: LocalSigner, caller: Caller, prepared: Json, *, wait: bool = True
) -> Json:
    """Signs a prepared operation and waits for it; without `wait`, it may still be under way."""
    operation = prepared["operation"]
    signature = signed(world, wallet, prepared["typedData"])
    path = f"/v1/operations/{operation['id']}/signature"
    taken = world.http.post(path, json={"signature": signature}, headers=caller.headers)
    assert taken.status_code == 202, taken.text
    if wait:
        return ended(caller, operation["id"])
    return dict(caller.get(f"/v1/operations/{operation['id']}").body)


def approved_by_wallet(world: World, wallet: LocalSigner, amount: int) -> None:
    """Lets Facilities take so much of a wallet's yuan: a transaction of the wallet's own."""
    contracts = world.server.gateway.contracts
    token = CASH_PREFIX + "CNY"
    data = contracts.encode(token, "approve", [contracts.address("Facilities"), amount])
    sent_by(world, wallet.address, contracts.address(token), data)
    caught_up(world)


def agreed_by_wallet(world: World, wallet: LocalSigner, caller: Caller, draft: Json) -> Json:
    """Signs an agreement as the last side, and the call that carries it out."""
    typed = draft["typedData"]
    terms = terms_for(world.server.gateway, "Facilities", typed["primaryType"], typed["message"])
    body = {"signature": "0x" + wallet.sign_hash(terms.digest()).hex()}
    prepared = caller.post(f"/v1/agreements/{draft['id']}/signature", body).body
    return signed_operation(world, wallet, caller, prepared)


NUMBER = "9501101000049"


def location_number() -> str:
    """A global location number (GS1) with its check digit, new each time."""
    digits = f"950{secrets.randbelow(10**9):09}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def registered(world: World, wallet: LocalAccount, *, number: str = NUMBER) -> Caller:
    """A seller whose key the gateway never sees."""
    body = {
        "name": "Own wallet, borrower",
        "legalId": {"scheme": "0088", "value": number},
        "roles": ["supplier"],
        "account": wallet.address.lower(),
    }
    party = world["registrar"].command("/v1/parties", body).body["party"]
    assert party["custody"] is False
    registration = world["registrar"].post(
        f"/v1/parties/{party['id']}/api-keys", {"roles": ["supplier"], "label": "own"}
    )
    world.parties["own"] = party["id"]
    return Caller(world.http, "own", registration.body["apiKey"])


def word(wallet: LocalAccount, typed: Json) -> str:
    """The wallet's signature over typed data (EIP-712)."""
    return "0x" + bytes(wallet.sign_typed_data(full_message=typed).signature).hex()


def sent(caller: Caller, prepared: Answer, wallet: LocalAccount) -> Json:
    """The operation that was prepared, signed by the wallet and carried out."""
    operation = prepared.body["operation"]
    assert operation["state"] == "prepared"
    signature = word(wallet, prepared.body["typedData"])
    caller.post(f"/v1/operations/{operation['id']}/signature", {"signature": signature})
    return ended(caller, operation["id"])
