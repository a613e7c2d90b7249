"""Cases while a step of them is taken: who may take it, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.evaluation import (
    Consent,
    RuleBroken,
    Step,
    following,
    require_consent,
    require_step,
)
from app.domain.scoring.card_file import card_of
from app.domain.scoring.evidence import evidence_of
from app.domain.scoring.model import Card
from app.domain.scoring.scoring import Score, score
from app.domain.texts import say
from app.errors import Conflict, Forbidden
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending.evaluations import repository, service
from app.lending.evaluations.repository import EvaluationRow, StepRow
from app.lending.evaluations.views import StepContent, opened, view


class Case(msgspec.Struct):
    """An evaluation while a step of it is taken.

    Attributes:
        contents: of the last step of each kind.
        timestamp: of the newest block, UTC seconds.
    """

    row: EvaluationRow
    steps: list[StepRow]
    contents: Mapping[Step, StepContent]
    timestamp: int

    @property
    def consent(self) -> Consent:
        """The subject's consent, which was checked."""
        consent = self.row.consent
        assert consent is not None
        return consent

    def card(self) -> Card:
        """The scorecard of the scope."""
        return card_of(self.contents[Step.SCOPE].working["card"])

    def evidence(self) -> Mapping[str, Any]:
        """The evidence, as a file would have it."""
        content: Mapping[str, Any] = self.contents[Step.IDENTIFY].working["evidence"]
        return content

    def score(self) -> Score:
        """What the card gives for the evidence."""
        return score(self.card(), evidence_of(self.evidence()))


def read_case(gateway: Gateway, connection: Connection, caller: Caller, identifier: str) -> Case:
    """A case of the caller's, which is its rater.

    Raises:
        Forbidden, NotFound.
    """
    row = service.visible(connection, caller, identifier)
    if row.rater != caller.party_id:
        raise Forbidden(
            "another party is the rater of this evaluation",
            fix="open one of your own: POST /v1/credit/evaluations",
        )
    steps = repository.steps(connection, row.id)
    timestamp, _ = moment(connection)
    last = {Step(step.step): step for step in steps}
    contents = {step: opened(gateway, stored) for step, stored in last.items()}
    return Case(row, steps, contents, timestamp)


async def case_for(command: Command, identifier: str, step: Step) -> Case:
    """The case of which the caller may take this step now.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    gateway = command.gateway
    case = await gateway.storage.read(
        lambda connection: read_case(gateway, connection, command.caller, identifier)
    )
    try:
        require_step(step, next_step=case.row.next)
    except RuleBroken as error:
        raise service.as_conflict(error, identifier) from error
    require_consent_today(gateway, case)
    return case


def require_consent_today(gateway: Gateway, case: Case) -> None:
    """The subject consents today.

    Raises:
        Conflict.
    """
    try:
        require_consent(case.row.consent, today=business_day(gateway, case.timestamp))
    except RuleBroken as error:
        raise service.as_conflict(error, case.row.id) from error


def write_step(
    command: Command,
    case: Case,
    step: Step,
    content: StepContent,
    *,
    next_step: Step | None = None,
    root: str | None = None,
) -> Change:
    """Writes a step, unless the case has changed meanwhile.

    Args:
        next_step: default: the following one.
        root: of the evidence, if the case is confirmed.
    """
    gateway, caller, row = command.gateway, command.caller, case.row
    following_step = following(step) if next_step is None else next_step
    new = service.step_row(gateway, caller, row, step, number=len(case.steps) + 1, content=content)

    def write(connection: Connection) -> Answer:
        if service.current(connection, row.id) != row:
            raise Conflict(
                "somebody changed the evaluation meanwhile",
                name="evaluation-changed",
                fix=say(
                    "look at it and send the request again: GET /v1/credit/evaluations/{id}",
                    id=row.id,
                ),
            )
        repository.add_step(connection, new, next_step=following_step)
        if root is not None:
            repository.set_root(connection, row.id, root)
        changed = service.current(connection, row.id)
        return Answer(view(gateway, connection, caller, changed), 200)

    return Change(write)
