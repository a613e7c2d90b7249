"""What parties do on the contracts past the API, by the keys that the gateway keeps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.chain.deployment.development import development_key
from app.chain.outbox.operation import Operation
from app.chain.outbox.outbox import Call
from app.demo.client import GatewayRefused
from app.embedded import ROLE_PLACES
from tests.support.bodies import Json
from tests.support.world import World

FOREIGN_TOKEN = "0x" + "77" * 20
"""A settlement token that the gateway does not know."""


def sent(world: World, signer: str, contract: str, function: str, *arguments: Any) -> Json:
    """Runs one operation of a party on a contract; returns it when it is done."""
    gateway = world.server.gateway

    def write(connection: Connection) -> Operation:
        return gateway.operations.enqueue(
            connection,
            Call(
                kind="test",
                party_id=None,
                signer=signer,
                contract=contract,
                function=function,
                arguments=list(arguments),
                subject={},
            ),
        )

    operation = gateway.storage.write_now(write)
    done = world["auditor"].get(f"/v1/operations/{operation.id}", wait=50).body
    if done["state"] == "rejected":
        raise GatewayRefused({"status": 422, "detail": done["error"]})
    assert done["state"] in ("included", "final"), done
    return dict(done)


def account(world: World, name: str) -> str:
    """A party's account on the ledger."""
    party = world["auditor"].get(f"/v1/parties/{world.parties[name]}").body
    return str(party["account"]).lower()


def result_of(world: World, who: str, contract: str, function: str, *arguments: Any) -> Json:
    """What a call by a party, or by the registrar, brought about."""
    if who == "registrar":
        signer = development_key(ROLE_PLACES[who]).address
    else:
        signer = account(world, who)
    return dict(sent(world, signer, contract, function, *arguments)["result"])
