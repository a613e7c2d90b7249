"""/v1/credit"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.parties.credit import service
from app.parties.credit.schemas import Credit, NewAttestation, Revocation

router = APIRouter(prefix="/v1/credit", tags=["credit"], responses=PROBLEMS)
Rater = Annotated[Caller, allow("rater")]


@router.post("", status_code=202, response_model=CommandAnswer)
async def attest_credit(body: NewAttestation, _: Rater, request: Idempotent) -> Response:
    """A rater attests a party's tier with its signature; this replaces an earlier attestation."""
    return await request.carry_out(service.attest, body)


@router.get("/{party_id}", response_model=Credit)
async def get_credit(party_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """A party's tier: for the party, banks, raters, auditors, the operator and regulators."""
    return json_response(await service.credit(gateway, caller, party_id))


@router.post("/{party_id}/revocation", status_code=202, response_model=CommandAnswer)
async def revoke_credit(party_id: str, body: Revocation, _: Rater, request: Idempotent) -> Response:
    """The rater of the attestation in force revokes it.

    `issuedAt` names exactly what was looked at: if the party was attested anew meanwhile, nothing
    happens.
    """
    return await request.carry_out(service.revoke, party_id, body)
