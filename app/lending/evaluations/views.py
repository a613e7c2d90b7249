"""Evaluations in JSON: all of a case for its rater and for auditors, its result for its subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.evaluation import Step
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import moment
from app.gateway.views import PartyView, time_view
from app.lending.evaluations import repository
from app.lending.evaluations.repository import EvaluationRow, StepRow
from app.lending.evaluations.schemas import (
    ConsentView,
    Evaluation,
    EvaluationResult,
    EvaluationStep,
    EvaluationSummary,
    NamedParty,
    StepName,
)
from app.parties.registry.views import views_by_id


class StepContent(msgspec.Struct):
    """What the gateway encrypts of a step.

    Attributes:
        working: what later steps need, and no answer shows.
    """

    inputs: dict[str, Any]
    result: dict[str, Any]
    working: dict[str, Any] = {}


def sealed(gateway: Gateway, identifier: str, content: StepContent) -> bytes:
    """The encrypted content of a step."""
    return gateway.sealer.seal(msgspec.json.encode(content), about=f"evaluation step {identifier}")


def opened(gateway: Gateway, row: StepRow) -> StepContent:
    """The content of a step, decrypted."""
    plain = gateway.sealer.open(row.sealed, about=f"evaluation step {row.id}")
    return msgspec.json.decode(plain, type=StepContent)


def step_name(step: Step | None) -> StepName | None:
    """A step as answers name it."""
    return None if step is None else cast(StepName, str(step))


def view(
    gateway: Gateway, connection: Connection, caller: Caller, row: EvaluationRow
) -> Evaluation:
    """An evaluation as a caller sees it who may see it."""
    steps = repository.steps(connection, row.id)
    known = views_by_id(connection, {row.rater, row.subject})
    _, as_of = moment(connection)
    whole = caller.sees_all or caller.party_id == row.rater
    root = row.evidence_root
    return {
        "id": row.id,
        "party": _party(row.subject, known),
        "rater": _party(row.rater, known),
        "nextStep": step_name(row.next),
        "stepsTaken": len(steps),
        "consent": _consent(row),
        "steps": [_step(gateway, step, whole=whole) for step in steps],
        "result": None if root is None else _result(gateway, steps, root),
        "attested": root is not None and repository.attested_root(connection, row.subject) == root,
        "createdAt": time_view(row.created_at),
        "asOf": as_of,
    }


def summary(row: EvaluationRow, known: Mapping[str, PartyView]) -> EvaluationSummary:
    """An evaluation in a list.

    Args:
        known: parties by their ids.
    """
    return {
        "id": row.id,
        "party": _party(row.subject, known),
        "rater": _party(row.rater, known),
        "nextStep": step_name(row.next),
        "createdAt": time_view(row.created_at),
    }


def _party(identifier: str, known: Mapping[str, PartyView]) -> NamedParty:
    party = known.get(identifier)
    if party is None:
        return {"partyId": identifier, "name": None, "account": None, "confusable": False}
    return {
        "partyId": identifier,
        "name": party["name"],
        "account": party["account"],
        "confusable": party["confusable"],
    }


def _consent(row: EvaluationRow) -> ConsentView | None:
    consent = row.consent
    if consent is None:
        return None
    return {
        "since": date_of(consent.since).isoformat(),
        "until": None if consent.until is None else date_of(consent.until).isoformat(),
        "withdrawn": None if consent.withdrawn is None else date_of(consent.withdrawn).isoformat(),
    }


def _step(gateway: Gateway, row: StepRow, *, whole: bool) -> EvaluationStep:
    step: EvaluationStep = {"step": cast(StepName, row.step), "takenAt": time_view(row.taken_at)}
    if whole:
        content = opened(gateway, row)
        step["person"] = row.person
        step["inputs"] = content.inputs
        step["result"] = content.result
    return step


def _result(gateway: Gateway, steps: list[StepRow], root: str) -> EvaluationResult:
    """The result of a confirmed case, from its last decision and what the card gave."""
    last = {Step(row.step): row for row in steps}
    decided = opened(gateway, last[Step.DECIDE]).result
    quantified = opened(gateway, last[Step.QUANTIFY]).result
    return {
        "points": quantified["points"],
        "tier": decided["tier"],
        "limit": decided["limit"],
        "overridden": decided["overridden"],
        "confidence": quantified["confidence"],
        "mainReasons": quantified["mainReasons"],
        "missing": quantified["missing"],
        "changes": quantified["changes"],
        "evidenceRoot": root,
    }
