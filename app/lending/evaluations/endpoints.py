"""/v1/credit/evaluations"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.views import json_response
from app.lending.evaluations import service, steps
from app.lending.evaluations.schemas import (
    Evaluation,
    EvaluationConfirmation,
    EvaluationDecision,
    EvaluationPack,
    EvaluationPage,
    GrantedConsent,
    IdentifiedEvidence,
    NewEvaluation,
    StepNote,
)

router = APIRouter(prefix="/v1/credit/evaluations", tags=["credit"], responses=PROBLEMS)
Rater = Annotated[Caller, allow("rater")]
Subject = Annotated[Caller, allow("supplier", "buyer", "financier", "warehouse")]


@router.post("", status_code=201, response_model=Evaluation)
async def open_evaluation(body: NewEvaluation, _: Rater, request: Idempotent) -> Response:
    """A rater opens an evaluation of a party by its first step, the scope."""
    return await request.carry_out(service.open_evaluation, body)


@router.get("", response_model=EvaluationPage)
async def list_evaluations(
    gateway: GatewayOf,
    caller: CallerOf,
    confirmed: Annotated[
        bool | None, Query(description="Whether all steps are taken; without it, any.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Evaluations by or of the caller, newest first; all of them for auditors."""
    return json_response(
        await service.page(gateway, caller, confirmed=confirmed, before=cursor, limit=limit)
    )


@router.get("/{evaluation_id}", response_model=Evaluation)
async def get_evaluation(evaluation_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """Where an evaluation stands.

    Its rater and auditors see persons, inputs and results of all steps. The party that is judged
    sees which steps were taken, and the result once it is confirmed.
    """
    return json_response(await service.evaluation(gateway, caller, evaluation_id))


@router.post("/{evaluation_id}/consent", response_model=Evaluation)
async def consent_to_evaluation(
    evaluation_id: str, body: GrantedConsent, _: Subject, request: Idempotent
) -> Response:
    """The party that is judged consents to the use of its data; no step is taken without."""
    return await request.carry_out(service.consent, evaluation_id, body)


@router.post("/{evaluation_id}/consent/withdrawal", response_model=Evaluation)
async def withdraw_consent(evaluation_id: str, _: Subject, request: Idempotent) -> Response:
    """The party withdraws its consent; nobody takes a step or gets the pack any more."""
    return await request.carry_out(service.withdraw_consent, evaluation_id)


@router.post("/{evaluation_id}/identification", response_model=Evaluation)
async def identify_evidence(
    evaluation_id: str, body: IdentifiedEvidence, _: Rater, request: Idempotent
) -> Response:
    """The second step: what is known of the party, and from where.

    The answer names what is unknown, and which document would help most.
    """
    return await request.carry_out(steps.identify, evaluation_id, body)


@router.post("/{evaluation_id}/analysis", response_model=Evaluation)
async def analyse_evidence(
    evaluation_id: str, body: StepNote, _: Rater, request: Idempotent
) -> Response:
    """The third step: what each value says, with its points and its reason."""
    return await request.carry_out(steps.analyse, evaluation_id, body)


@router.post("/{evaluation_id}/quantification", response_model=Evaluation)
async def quantify_evaluation(
    evaluation_id: str, body: StepNote, _: Rater, request: Idempotent
) -> Response:
    """The fourth step: points, confidence, tier and limit that the scorecard gives."""
    return await request.carry_out(steps.quantify, evaluation_id, body)


@router.post("/{evaluation_id}/decision", response_model=Evaluation)
async def decide_evaluation(
    evaluation_id: str, body: EvaluationDecision, _: Rater, request: Idempotent
) -> Response:
    """The fifth step: what the scorecard gives is decided, or an override with its reason."""
    return await request.carry_out(steps.decide, evaluation_id, body)


@router.post("/{evaluation_id}/confirmation", response_model=Evaluation)
async def confirm_evaluation(
    evaluation_id: str, body: EvaluationConfirmation, _: Rater, request: Idempotent
) -> Response:
    """The last step: a second person of the rater confirms, or returns the case.

    The result has the root of the evidence, and the body of `POST /v1/credit` that attests it.
    """
    return await request.carry_out(steps.confirm, evaluation_id, body)


@router.get("/{evaluation_id}/pack", response_model=EvaluationPack)
async def get_evaluation_pack(evaluation_id: str, gateway: GatewayOf, caller: Rater) -> Response:
    """The pack of a confirmed evaluation for its rater, who signs it and hands it to banks."""
    return json_response(await steps.pack(gateway, caller, evaluation_id))
