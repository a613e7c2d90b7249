"""What the operator watches: relay accounts, the queue, failed operations, and keys."""

from __future__ import annotations

import datetime
import secrets
import time

import pytest
from sqlalchemy import Connection

from app.chain.outbox.operation import Operation
from app.gateway.callers import add_key, key_hash
from app.gateway.key_use import KEYS_USED, write_uses
from app.gateway.views import operation_view
from tests.support.bodies import Json
from tests.support.registry import revoked
from tests.support.world import World, refused


def test_relay_accounts_show_balance_and_nonces(world: World) -> None:
    world.confirmed()
    body = world["operator"].get("/v1/relay-accounts").body
    assert len(body["items"]) == len(world.server.gateway.relayer.accounts)
    for item in body["items"]:
        assert item["ours"]
        assert int(item["balanceWei"]) >= 0
        assert item["nextNonce"] >= item["confirmedNonce"] >= 0
        assert item["pending"] >= 0
    assert sum(item["confirmedNonce"] for item in body["items"]) > 0
    assert world.http.get("/v1/relay-accounts", headers=world["bank"].headers).status_code == 403


def test_the_summary_counts_operations_by_state(world: World) -> None:
    world.confirmed()
    states = {
        item["state"]: item
        for item in world["operator"].get("/v1/operations/summary").body["states"]
    }
    assert set(states) == {"prepared", "accepted", "submitted", "included", "final", "rejected"}
    assert states["included"]["count"] + states["final"]["count"] > 0
    assert all(item["more"] is False for item in states.values())
    assert (states["rejected"]["oldestAt"] is None) == (states["rejected"]["count"] == 0)


def test_a_rejected_operation_says_that_the_command_may_be_given_anew(world: World) -> None:
    receivable, _ = world.confirmed()
    problem = refused(world["supplier"], f"/v1/receivables/{receivable}/withdrawal")
    retry = problem["operation"]["retry"]
    assert (retry["safe"], retry["notBefore"]) == (True, None)
    assert "new Idempotency-Key" in retry["words"]
    done = world["supplier"].get("/v1/operations", state="included", limit=1).body["items"]
    done = done or world["supplier"].get("/v1/operations", state="final", limit=1).body["items"]
    assert done[0]["retry"] is None


@pytest.mark.parametrize(
    ("fields", "safe"),
    [
        ({"signature": None, "custody": True}, True),
        ({"signature": "0x01", "deadline": 2**40}, False),
        ({"signature": "0x01", "deadline": 2**40, "custody": False}, False),
        ({"signature": None, "deadline": 2**40, "custody": False}, False),
        ({"signature": "0x01", "deadline": 1}, True),
        ({"signature": "0x01", "deadline": 2**40, "block_number": 7}, True),
    ],
)
def test_a_retry_is_safe_only_when_the_rejected_one_can_run_no_more(
    fields: Json, safe: bool
) -> None:
    plain: Json = {
        **dict.fromkeys(("id", "kind", "signer", "contract", "function"), "x"),
        **{"party_id": None, "arguments": [], "subject": {}, "custody": True, "nonce": 1},
        **{"state": "rejected", "gas": None, "deadline": None, "data": None},
    }
    retry = operation_view(Operation(**plain | fields))["retry"]
    assert retry is not None
    assert retry["safe"] is safe
    assert (retry["notBefore"] is None) is safe


def _keys(world: World, name: str, **query: object) -> list[Json]:
    items: list[Json] = []
    cursor: Json = {}
    while True:
        page = world[name].get("/v1/api-keys", limit=3, **query, **cursor).body
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        cursor = {"cursor": page["nextCursor"]}


def test_keys_are_listed_with_their_state_and_never_show_themselves(world: World) -> None:
    party, marks = world.parties["altair"], secrets.token_hex(3)
    path = f"/v1/parties/{party}/api-keys"
    made = [
        world["registrar"].post(path, {"roles": ["supplier"], "label": f"{marks}-{place}"}).body
        for place in range(2)
    ]
    revoked(world, party, f"{marks}-0")
    over = world.server.gateway.storage.write_now(
        lambda connection: add_key(
            connection,
            roles=["supplier"],
            label=f"{marks}-old",
            party_id=party,
            expires_at=time.time() - 1,
        )
    )
    for name in ("operator", "registrar", "altair"):
        keys = {item["label"]: item for item in _keys(world, name, partyId=party)}
        assert keys[f"{marks}-0"]["state"] == "revoked"
        assert keys[f"{marks}-1"]["state"] == "waiting"
        assert keys[f"{marks}-old"]["state"] == "expired"
        assert all(item["partyId"] == party for item in keys.values())
        text = str(keys)
        assert all(secret not in text for secret in (over, *(key["apiKey"] for key in made)))
        assert not any("hash" in name.lower() for item in keys.values() for name in item)
    everybody = _keys(world, "operator")
    times = [item["createdAt"] for item in everybody]
    assert times == sorted(times, reverse=True)
    stored = world.server.gateway.storage.read_now(
        lambda c: c.exec_driver_sql("SELECT count(*) FROM api_keys").scalar()
    )
    assert len(everybody) == stored


def test_a_key_shows_the_minute_of_its_last_use(world: World) -> None:
    party, label = world.parties["altair"], f"used-{secrets.token_hex(3)}"
    gateway = world.server.gateway

    def listed() -> Json:
        return next(
            item for item in _keys(world, "operator", partyId=party) if item["label"] == label
        )

    def write(connection: Connection) -> None:
        notes = gateway.cache.get(KEYS_USED)
        write_uses(connection, notes)

    key = gateway.storage.write_now(
        lambda connection: add_key(connection, roles=["supplier"], label=label, party_id=party)
    )
    gateway.storage.write_now(write)
    assert listed()["lastUsedAt"] is None
    before = int(time.time()) // 60 * 60
    for _ in range(3):
        assert world.http.get("/v1/caller", headers={"X-API-Key": key}).status_code == 200
    gateway.storage.write_now(write)
    used = datetime.datetime.fromisoformat(listed()["lastUsedAt"]).timestamp()
    assert used % 60 == 0 and before <= used <= time.time()


def test_a_key_that_opens_nothing_is_not_used(world: World) -> None:
    gateway = world.server.gateway
    over = gateway.storage.write_now(
        lambda connection: add_key(
            connection,
            roles=["supplier"],
            label=f"over-{secrets.token_hex(3)}",
            party_id=world.parties["altair"],
            expires_at=time.time() - 1,
        )
    )
    for key in (over, "ck_unknown"):
        assert world.http.get("/v1/caller", headers={"X-API-Key": key}).status_code == 401
        assert key_hash(key) not in gateway.cache.get(KEYS_USED)


def test_nobody_lists_the_keys_of_another_party(world: World) -> None:
    for name in ("pollux", "bank"):
        assert _keys(world, name, partyId=world.parties["altair"]) == []
        assert {item["partyId"] for item in _keys(world, name)} == {world.parties[name]}
    assert _keys(world, "auditor") == []
