"""/v1/agreements, and the endpoints that propose each kind"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, Written
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.views import json_response
from app.lending.agreements import hedges, proposals, service
from app.lending.agreements.schemas import (
    Agreement,
    AgreementPage,
    AgreementSignature,
    NewBuyBack,
    NewCorrection,
    NewCosts,
    NewExtension,
    NewHedge,
    NewInKind,
    NewInsurance,
    NewRestructuring,
    NewSetOff,
    NewSharing,
)

router = APIRouter(prefix="/v1", tags=["agreements"], responses=PROBLEMS)
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]
Lender = Annotated[Caller, allow("financier", "supplier", "buyer")]
Financier = Annotated[Caller, allow("financier")]
Operator = Annotated[Caller, allow("operator")]
Place = Annotated[Written, Path(ge=0, le=255)]
Sender = Annotated[Caller, allow("supplier", "buyer", "financier", "operator")]


@router.post("/loans/{loan_id}/extensions", status_code=201, response_model=Agreement)
async def propose_extension(
    loan_id: Number, body: NewExtension, _: Party, request: Idempotent
) -> Response:
    """Proposes more time for a loan; lender and borrower sign."""
    return await request.carry_out(proposals.extend, loan_id, body)


@router.post("/loans/{loan_id}/restructurings", status_code=201, response_model=Agreement)
async def propose_restructuring(
    loan_id: Number, body: NewRestructuring, _: Party, request: Idempotent
) -> Response:
    """Proposes new terms for a loan, also for one in default; lender and borrower sign."""
    return await request.carry_out(proposals.restructure, loan_id, body)


@router.post("/loans/{loan_id}/set-offs", status_code=201, response_model=Agreement)
async def propose_set_off(
    loan_id: Number, body: NewSetOff, _: Party, request: Idempotent
) -> Response:
    """Proposes a claim in place of money, at a value that both sides sign."""
    return await request.carry_out(proposals.set_off, loan_id, body)


@router.post("/loans/{loan_id}/settlements-in-kind", status_code=201, response_model=Agreement)
async def propose_settlement_in_kind(
    loan_id: Number, body: NewInKind, _: Party, request: Idempotent
) -> Response:
    """Proposes goods in place of money, at a value that both sides sign."""
    return await request.carry_out(proposals.settle_in_kind, loan_id, body)


@router.post("/loans/{loan_id}/hedges", status_code=201, response_model=Agreement)
async def propose_hedge(loan_id: Number, body: NewHedge, _: Party, request: Idempotent) -> Response:
    """Proposes a hedge of the price of a loan's goods; lender and borrower sign.

    It counts for margin calls alone, for the share that the product allows.
    """
    return await request.carry_out(hedges.hedge, loan_id, body)


@router.post("/facilities/{facility_id}/buy-backs", status_code=201, response_model=Agreement)
async def propose_buy_back(
    facility_id: Number, body: NewBuyBack, _: Lender, request: Idempotent
) -> Response:
    """The lender asks a party for a buy-back undertaking on the goods of a facility's loans."""
    return await request.carry_out(proposals.buy_back, facility_id, body)


@router.post("/loans/{loan_id}/costs", status_code=201, response_model=Agreement)
async def propose_costs(
    loan_id: Number, body: NewCosts, _: Lender, request: Idempotent
) -> Response:
    """The lender asks the borrower to bear costs of enforcement."""
    return await request.carry_out(proposals.charge_costs, loan_id, body)


@router.post(
    "/bank-entries/{entry_id}/correction-agreement", status_code=201, response_model=Agreement
)
async def propose_correction(
    entry_id: str, body: NewCorrection, _: Financier, request: Idempotent
) -> Response:
    """The lender asks the borrower to sign a correction, after the facility's days for it."""
    return await request.carry_out(proposals.correct, entry_id, body)


@router.post("/products/{product_id}/sharings", status_code=201, response_model=Agreement)
async def propose_sharing(
    product_id: Number, body: NewSharing, _: Operator, request: Idempotent
) -> Response:
    """The operator offers a part of a product's losses to a sharer."""
    return await request.carry_out(proposals.share, product_id, body)


@router.post(
    "/products/{product_id}/sharings/{place}/end", status_code=201, response_model=Agreement
)
async def propose_end_of_sharing(
    product_id: Number, place: Place, _: Operator, request: Idempotent
) -> Response:
    """The operator asks a sharer to end its part of later losses; both must agree."""
    return await request.carry_out(proposals.end_sharing, product_id, place)


@router.post("/facilities/{facility_id}/insurances", status_code=201, response_model=Agreement)
async def propose_insurance(
    facility_id: Number, body: NewInsurance, _: Lender, request: Idempotent
) -> Response:
    """The lender of a facility asks an insurer to insure its losses."""
    return await request.carry_out(proposals.insure, facility_id, body)


@router.get("/agreements", response_model=AgreementPage)
async def list_agreements(
    gateway: GatewayOf, caller: CallerOf, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Agreements that name the caller, newest first."""
    return json_response(await service.page(gateway, caller, before=cursor, limit=limit))


@router.get("/agreements/{agreement_id}", response_model=Agreement)
async def get_agreement(agreement_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One agreement, with the typed data to sign."""
    return json_response(await service.agreement_view(gateway, caller, agreement_id))


@router.post("/agreements/{agreement_id}/withdrawal", status_code=202, response_model=CommandAnswer)
async def withdraw_signature(agreement_id: str, _: Party, request: Idempotent) -> Response:
    """Withdraws the caller's signature on the ledger for good, whether or not it has signed yet."""
    return await request.carry_out(service.withdraw, agreement_id)


@router.post("/agreements/{agreement_id}/signature", response_model=Agreement)
async def sign_agreement(
    agreement_id: str, _: Party, request: Idempotent, body: AgreementSignature | None = None
) -> Response:
    """Signs; the last signature carries it out, unless a lender or an operator must send it."""
    return await request.carry_out(
        service.sign, agreement_id, None if body is None else body.signature
    )


@router.post("/agreements/{agreement_id}/execution", status_code=202, response_model=Agreement)
async def execute_agreement(agreement_id: str, _: Sender, request: Idempotent) -> Response:
    """Carries out what all have signed."""
    return await request.carry_out(service.execute, agreement_id)
