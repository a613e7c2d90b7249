"""What a registrar, and whoever holds a key, cannot do."""

from __future__ import annotations

import secrets
import time
import uuid

import msgspec
import pytest

from app.chain.deployment.development import development_key
from app.chain.evm.signers import LocalSigner
from app.demo.client import Caller
from app.embedded import ROLE_PLACES
from app.gateway.callers import key_id
from app.gateway.rate_limits import BUCKETS
from tests.support.bodies import Json
from tests.support.contract_calls import result_of
from tests.support.registry import revoked
from tests.support.world import World, cny, refused


@pytest.mark.parametrize(
    "role", ["auditor", "operator", "regulator", "registrar", "cash-issuer", "nonsense"]
)
def test_registrar_cannot_create_keys_of_officials(world: World, role: str) -> None:
    path = f"/v1/parties/{world.parties['vega']}/api-keys"
    problem = refused(world["registrar"], path, {"roles": ["supplier", role], "label": "more"})
    assert (problem["status"], problem["field"]) == (422, "roles.1")


@pytest.mark.parametrize("name", [*ROLE_PLACES, "deployer", "a party in custody"])
def test_registration_is_refused_for_an_officials_or_custody_account(
    world: World, name: str
) -> None:
    if name == "a party in custody":
        account = world["supplier"].get("/v1/parties/me").body["account"]
    else:
        account = development_key(ROLE_PLACES.get(name, 0)).address
    problem = refused(
        world["registrar"],
        "/v1/parties",
        {
            "name": "Mallory Trading",
            "legalId": {"scheme": "0088", "value": "9501101000117"},
            "roles": ["supplier"],
            "account": account,
        },
    )
    assert (problem["status"], problem["field"]) == (409, "account")


def test_a_party_that_the_ledger_refused_can_be_registered_again(world: World) -> None:
    taken = LocalSigner.generate().address
    until = int(time.time()) + 86_400
    result_of(
        world,
        "registrar",
        "PartyRegistry",
        "register",
        "0x" + secrets.token_hex(32),
        1,
        until,
        taken,
    )
    body = {
        "name": "Second Try",
        "legalId": {"scheme": "0088", "value": "9501101000131"},
        "roles": ["supplier"],
    }
    problem = refused(world["registrar"], "/v1/parties", body | {"account": taken})
    assert "AccountTaken" in str(problem), problem
    registered = world["registrar"].command("/v1/parties", body)
    assert registered.body["party"]["custody"] is True
    assert refused(world["registrar"], "/v1/parties", body)["status"] == 409


def test_gateway_signs_for_no_caller_that_only_gives_an_address(world: World) -> None:
    """Even where the keystore holds the key of a party's own wallet, the wallet must sign."""
    wallet = LocalSigner.generate()
    registered = world["registrar"].command(
        "/v1/parties",
        {
            "name": "A wallet whose key got into the keystore",
            "legalId": {"scheme": "0088", "value": "9501101000124"},
            "roles": ["supplier"],
            "account": wallet.address,
        },
    )
    world.server.gateway.keystore.keep(wallet)
    path = f"/v1/parties/{registered.body['party']['id']}/api-keys"
    key = world["registrar"].post(path, {"roles": ["supplier"], "label": "own"}).body["apiKey"]
    mint = {"toPartyId": registered.body["party"]["id"], "amount": cny("1.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", mint)
    body = {"toPartyId": world.parties["supplier"], "amount": cny("1.00")}
    answer = Caller(world.http, "own", key).post("/v1/cash/CNY/transfers", body).body
    assert answer["operation"]["state"] == "prepared"
    assert answer["typedData"]


def test_later_key_of_a_party_waits_for_its_approval_or_the_operators(world: World) -> None:
    path = f"/v1/parties/{world.parties['vega']}/api-keys"

    ids: dict[str, str] = {}

    def new_caller(label: str) -> Caller:
        answer = world["registrar"].post(path, {"roles": ["supplier"], "label": label}).body
        assert answer["waiting"] is True
        ids[label] = answer["id"]
        return Caller(world.http, label, answer["apiKey"])

    def status(caller: Caller) -> int:
        return world.http.get("/v1/claims", headers=caller.headers).status_code

    def confirmed(by: str, label: str) -> int:
        headers = world[by].headers | {"Idempotency-Key": uuid.uuid4().hex}
        body = {"keyId": ids[label]}
        answer = world.http.post(f"{path}/{label}/confirmation", json=body, headers=headers)
        return answer.status_code

    by_party, by_operator = new_caller("second"), new_caller("third")
    assert (status(by_party), status(by_operator)) == (401, 401)
    for stranger in ("registrar", "supplier", "bank", "auditor", "cash-issuer", "regulator"):
        assert confirmed(stranger, "second") == 403, stranger
    assert confirmed("vega", "second") == 204
    assert confirmed("operator", "third") == 204
    assert confirmed("operator", "third") == 404
    assert (status(by_party), status(by_operator)) == (200, 200)


def test_revoked_pending_key_never_becomes_valid(world: World) -> None:
    path = f"/v1/parties/{world.parties['vega']}/api-keys"
    made = world["registrar"].post(path, {"roles": ["supplier"], "label": "never"}).body
    assert revoked(world, world.parties["vega"], "never").status_code == 204
    late = refused(world["operator"], f"{path}/never/confirmation", {"keyId": made["id"]})
    assert late["status"] == 404


def test_party_confirms_no_key_but_the_one_that_it_looked_at(world: World) -> None:
    """The registrar gives the label to a key with more roles, between look and confirmation."""
    party = world.parties["vega"]
    path, label = f"/v1/parties/{party}/api-keys", f"erp-{secrets.token_hex(3)}"

    def made(*roles: str) -> Json:
        return world["registrar"].post(path, {"roles": list(roles), "label": label}).body

    def listed() -> list[Json]:
        items = world["vega"].get("/v1/api-keys", limit=200).body["items"]
        return [item for item in items if item["label"] == label]

    looked_at = made("supplier")
    assert [item["id"] for item in listed()] == [looked_at["id"]]
    assert revoked(world, party, label).status_code == 204
    stronger = made("buyer", "financier", "supplier")
    problem = refused(world["vega"], f"{path}/{label}/confirmation", {"keyId": looked_at["id"]})
    assert (problem["status"], problem["field"]) == (409, "keyId")
    assert problem["type"] == "urn:cession:problem:key-changed"
    assert refused(world["vega"], f"{path}/{label}/confirmation")["status"] == 422
    caller = Caller(world.http, label, stronger["apiKey"])
    assert world.http.get("/v1/claims", headers=caller.headers).status_code == 401

    waits = next(item for item in listed() if item["state"] == "waiting")
    assert sorted(waits["roles"]) == ["buyer", "financier", "supplier"]
    assert waits["id"] == stronger["id"] != looked_at["id"]
    world["vega"].post(f"{path}/{label}/confirmation", {"keyId": waits["id"]})
    assert world.http.get("/v1/claims", headers=caller.headers).status_code == 200


def test_id_of_a_key_covers_its_roles() -> None:
    hashed = "ab" * 32
    ids = {
        key_id(hashed, "supplier"),
        key_id(hashed, "supplier,buyer"),
        key_id("cd" * 32, "supplier"),
    }
    assert len(ids) == 3
    assert all(hashed[:16] not in one for one in ids)


@pytest.mark.parametrize("label", ["", "a/b", "two words", "a\r\nb", "ü", "x" * 101])
def test_label_is_refused_when_no_path_can_name_it(world: World, label: str) -> None:
    path = f"/v1/parties/{world.parties['vega']}/api-keys"
    problem = refused(world["registrar"], path, {"roles": ["supplier"], "label": label})
    assert (problem["status"], problem["field"]) == (422, "label")


def test_stored_answer_is_refused_to_a_caller_who_lost_the_role(world: World) -> None:
    path = f"/v1/parties/{world.parties['castor']}/api-keys"
    world["registrar"].post(path, {"roles": ["financier"], "label": "weak"})
    registered = world["registrar"].post(path, {"roles": ["buyer"], "label": "weaker"}).body
    world["operator"].post(f"{path}/weaker/confirmation", {"keyId": registered["id"]})
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "10.00")
    headers = world["castor"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    body = {"parts": [{"toPartyId": world.parties["vega"], "amount": cny("1.00")}]}
    first = world.http.post(f"/v1/claims/{part}/assignments", json=body, headers=headers)
    assert first.status_code in (200, 202)
    again = world.http.post(
        f"/v1/claims/{part}/assignments",
        json=body,
        headers=headers | {"X-API-Key": registered["apiKey"]},
    )
    assert again.status_code == 403
    assert again.json()["type"] == "urn:cession:problem:role-missing"


def test_caller_is_rate_limited_when_it_tries_keys(world: World) -> None:
    gateway = world.server.gateway
    plain = gateway.settings
    gateway.settings = msgspec.structs.replace(plain, rate_limit=0.01, rate_burst=3)
    try:
        codes = [
            world.http.get("/v1/claims", headers={"X-API-Key": f"ck_{number}"}).status_code
            for number in range(5)
        ]
        known = world.http.get("/v1/claims", headers=world["vega"].headers).status_code
    finally:
        gateway.settings = plain
        gateway.cache.forget(BUCKETS)
    assert codes == [401, 401, 401, 429, 429]
    assert known == 200
