"""A registration that never reached the ledger does not block its company."""

from __future__ import annotations

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.parties.registry import repository
from app.storage import run
from tests.support.wallets import own_wallet, signed
from tests.support.world import World, cny, refused

NUMBER = "9501101002005"


def waiting(world: World, *, operation: str) -> str:
    """The directory's id of a company whose registration is that operation."""
    gateway, identifier = world.server.gateway, new_id()

    def write(connection: Connection) -> None:
        repository.add(
            connection,
            repository.NewPartyRow(
                id=identifier,
                name="Waits for its registrar",
                legal_id_scheme="0088",
                legal_id_encrypted=gateway.sealer.seal(NUMBER.encode(), about=identifier),
                identity_hash=gateway.ledger_key.identity(scheme="0088", value=NUMBER),
                roles=1,
                account="0x" + "5a" * 20,
                custody=False,
                name_skeleton="waits",
            ),
        )
        repository.set_operation(connection, identifier=identifier, operation_id=operation)

    gateway.storage.write_now(write)
    return identifier


def test_unsigned_registration_is_replaced_and_cannot_be_signed_later(
    world: World,
) -> None:
    wallet, caller = own_wallet(
        world, role="supplier", api_role="supplier", legal_id="9501101002012"
    )
    give = {"toPartyId": world.parties["9501101002012"], "amount": cny("5.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", give)
    back = {"toPartyId": world.parties["supplier"], "amount": cny("2.00")}
    prepared = caller.post("/v1/cash/CNY/transfers", back).body
    operation = prepared["operation"]["id"]
    before = waiting(world, operation=operation)
    storage = world.server.gateway.storage
    body = {
        "name": "Registered",
        "legalId": {"scheme": "0088", "value": NUMBER},
        "roles": ["supplier"],
    }

    def state(expected: str) -> None:
        storage.write_now(
            lambda c: run(c, "UPDATE operations SET state = ? WHERE id = ?", (expected, operation))
        )

    state("final")
    problem = refused(world["registrar"], "/v1/parties", body)
    assert (problem["status"], problem["partyId"]) == (409, before)
    state("prepared")
    registered = world["registrar"].command("/v1/parties", body).body
    assert registered["party"]["id"] != before
    shown = caller.get(f"/v1/operations/{operation}").body
    assert (shown["state"], shown["error"]["name"]) == ("rejected", "Superseded")
    answer = world.http.post(
        f"/v1/operations/{operation}/signature",
        json={"signature": signed(world, wallet, prepared["typedData"])},
        headers=caller.headers,
    )
    assert answer.status_code == 409
    assert refused(world["registrar"], "/v1/parties", body)["partyId"] == registered["party"]["id"]
