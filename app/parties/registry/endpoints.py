"""/v1/parties"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.views import json_response
from app.parties.registry import key_service, service
from app.parties.registry.schemas import (
    KEY_ID,
    KeyAnswer,
    KeyConfirmation,
    LedgerRole,
    NewKey,
    NewParty,
    NewRoles,
    NewValidity,
    Party,
    PartyAnswer,
    PartyPage,
)

router = APIRouter(prefix="/v1/parties", tags=["parties"], responses=PROBLEMS)
Registrar = Annotated[Caller, allow("registrar")]
NamedKey = Annotated[str, Query(pattern=KEY_ID, description="`id` in `GET /v1/api-keys`.")]
SecondPerson = Annotated[
    Caller, allow("operator", "supplier", "buyer", "financier", "rater", "appraiser", "warehouse")
]


@router.post("", status_code=202, response_model=PartyAnswer)
async def register_party(body: NewParty, _: Registrar, request: Idempotent) -> Response:
    """Registers a legal entity, with its own wallet or with a key in the gateway's custody."""
    return await request.carry_out(service.register, body)


@router.get("", response_model=PartyPage)
async def list_parties(
    gateway: GatewayOf,
    caller: CallerOf,
    name: Annotated[
        str | None,
        Query(max_length=200, description="The beginning of their names, whatever the case."),
    ] = None,
    role: Annotated[LedgerRole | None, Query(description="A role that they have.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The directory of parties."""
    return json_response(
        await service.page(gateway, caller, after=cursor, limit=limit, name=name, role=role)
    )


@router.get("/me", response_model=Party)
async def get_own_party(gateway: GatewayOf, caller: CallerOf) -> Response:
    """The caller's own party."""
    return json_response(await service.own(gateway, caller))


@router.get("/{party_id}", response_model=Party)
async def get_party(party_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One party."""
    return json_response(await service.details(gateway, caller, party_id))


@router.post("/{party_id}/roles", status_code=202, response_model=CommandAnswer)
async def set_roles(party_id: str, body: NewRoles, _: Registrar, request: Idempotent) -> Response:
    """Sets the party's roles on the ledger.

    `rolesBefore` names the roles that were looked at: if the party has others by now, nothing
    happens. The ledger itself does not compare them, so of two changes sent at one time the later
    one holds.
    """
    return await request.carry_out(service.set_roles, party_id, body)


@router.post("/{party_id}/validity", status_code=202, response_model=CommandAnswer)
async def set_validity(
    party_id: str, body: NewValidity, _: Registrar, request: Idempotent
) -> Response:
    """Sets the time until which the party's registration is valid.

    `validUntilBefore` names the time that was looked at: if the ledger has another one by now,
    nothing happens. The ledger itself does not compare them, so of two changes sent at one time
    the later one holds.
    """
    return await request.carry_out(service.set_validity, party_id, body)


@router.post("/{party_id}/api-keys", status_code=201, response_model=KeyAnswer)
async def make_key(party_id: str, body: NewKey, _: Registrar, request: Idempotent) -> Response:
    """Makes an API key for the party; the answer shows it only once."""
    return await request.carry_out(key_service.make_key, party_id, body)


@router.post("/{party_id}/api-keys/{label}/confirmation", status_code=204)
async def confirm_key(
    party_id: str, label: str, body: KeyConfirmation, gateway: GatewayOf, caller: SecondPerson
) -> Response:
    """Confirms a waiting key: the party itself with an older key, or the operator.

    `keyId` names exactly what was looked at: if another key waits meanwhile, nothing happens.
    """
    await key_service.confirm_key(gateway, caller, party_id, label, key=body.keyId)
    return Response(status_code=204)


@router.delete("/{party_id}/api-keys/{label}", status_code=204)
async def revoke_key(
    party_id: str, label: str, keyId: NamedKey, gateway: GatewayOf, _: Registrar
) -> Response:
    """Revokes one of the party's keys at once.

    `keyId` names exactly what was looked at: if another key has the label by now, nothing happens.
    """
    await key_service.revoke_key(gateway, party_id, label, key=keyId)
    return Response(status_code=204)
