"""Opens and shows evaluations, and takes the consent of their subjects."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.calendar import day_of
from app.domain.evaluation import Consent, RuleBroken, Step, following
from app.domain.scoring.card_file import read_card
from app.domain.scoring.problems import CardInvalid
from app.domain.texts import say, text_of
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending.evaluations import repository
from app.lending.evaluations.repository import EvaluationRow, StepRow
from app.lending.evaluations.schemas import (
    Evaluation,
    EvaluationPage,
    GrantedConsent,
    NewEvaluation,
)
from app.lending.evaluations.views import StepContent, sealed, summary, view
from app.parties.registry import service as parties
from app.parties.registry.views import views_by_id


async def open_evaluation(command: Command, request: NewEvaluation) -> Change:
    """Opens an evaluation by its first step, the scope.

    Raises:
        BadInput, Conflict, Forbidden.
    """
    gateway, caller = command.gateway, command.caller
    rater = party_of(caller)
    await parties.party_in(gateway, request.partyId, field="partyId")
    subject, _ = await parties.on_ledger(gateway, request.partyId)
    now, related = await gateway.storage.read(
        lambda connection: (
            moment(connection)[0],
            repository.under_one_control(connection, rater, subject.id),
        )
    )
    if related:
        raise BadInput(
            "a rater judges neither itself nor a party under one control with it",
            name="rater-is-rated",
            field="partyId",
            fix="let another rater judge the party",
        )
    since = request.tradingSince
    if since is not None and day_of(since) > business_day(gateway, now):
        raise BadInput(
            say("{since} is in the future", since=since),
            name="in-the-future",
            field="tradingSince",
            fix="give the day on which the party began to trade",
        )
    if since is not None and day_of(since) < 0:
        raise BadInput(
            say("{since} is before 1970, the first year that the ledger can write", since=since),
            name="too-early",
            field="tradingSince",
            fix="leave it out, and the item on the months of trade too",
        )
    try:
        card = await gateway.documents.run(read_card, request.card.encode())
    except CardInvalid as error:
        raise BadInput(
            text_of(error),
            name="card-invalid",
            field="card",
            fix="check the file: cession credit test CARD",
        ) from error
    if card.currency not in gateway.currencies():
        raise BadInput(
            say(
                "the card is in {currency}, for which the ledger has no settlement token",
                currency=card.currency,
            ),
            name="currency-unknown",
            field="card",
            fix=say(
                "use a card in one of {currencies}", currencies=", ".join(gateway.currencies())
            ),
        )
    row = EvaluationRow(
        id=new_id(),
        rater=rater,
        subject=subject.id,
        next_step=str(following(Step.SCOPE)),
        consent_since=None,
        consent_until=None,
        consent_withdrawn=None,
        evidence_root=None,
        created_at=time.time(),
    )
    identity = {"name": card.name, "version": card.version, "hash": card.digest}
    content = StepContent(
        inputs={
            "partyId": subject.id,
            "purpose": request.purpose,
            "tradingSince": None if since is None else since.isoformat(),
        },
        result={"card": identity, "modelVersion": card.model_version},
        working={"card": dict(card.content)},
    )
    first = step_row(gateway, caller, row, Step.SCOPE, number=1, content=content)

    def write(connection: Connection) -> Answer:
        repository.add(connection, row)
        repository.add_step(connection, first, next_step=following(Step.SCOPE))
        return Answer(view(gateway, connection, caller, row), 201)

    return Change(write)


async def consent(command: Command, identifier: str, request: GrantedConsent) -> Change:
    """The subject consents, in place of an earlier consent.

    Raises:
        BadInput, Forbidden, NotFound.
    """
    gateway, caller = command.gateway, command.caller
    row = await _of_subject(gateway, caller, identifier)
    until = None if request.until is None else day_of(request.until)

    def write(connection: Connection) -> Answer:
        today = today_in(gateway, connection)
        if until is not None and until < today:
            raise BadInput(
                say("{until:day} is over", until=request.until),
                name="in-the-past",
                field="until",
                fix="give a later day, or null",
            )
        return _with_consent(gateway, connection, caller, row.id, Consent(today, until, None))

    return Change(write)


async def withdraw_consent(command: Command, identifier: str) -> Change:
    """The subject withdraws its consent: nobody takes a step or gets the pack any more.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    gateway, caller = command.gateway, command.caller
    row = await _of_subject(gateway, caller, identifier)

    def write(connection: Connection) -> Answer:
        stored = current(connection, row.id)
        before = stored.consent
        if before is None or before.withdrawn is not None:
            raise Conflict(
                "there is no consent to withdraw",
                name="consent-missing",
                fix="nothing is left to do: without consent nobody takes a step",
            )
        today = today_in(gateway, connection)
        withdrawn = Consent(before.since, before.until, today)
        return _with_consent(gateway, connection, caller, row.id, withdrawn)

    return Change(write)


async def evaluation(gateway: Gateway, caller: Caller, identifier: str) -> Evaluation:
    """An evaluation: all for its rater and for auditors, where it stands for its subject.

    Raises:
        NotFound.
    """

    def read(connection: Connection) -> Evaluation:
        return view(gateway, connection, caller, visible(connection, caller, identifier))

    return await gateway.storage.read(read)


async def page(
    gateway: Gateway, caller: Caller, *, confirmed: bool | None, before: str | None, limit: int
) -> EvaluationPage:
    """Evaluations by or of the caller, newest first; all for those who see all."""
    party = None if caller.sees_all else caller.party_id
    if party is None and not caller.sees_all:
        return {"items": [], "nextCursor": None}

    def read(connection: Connection) -> EvaluationPage:
        rows = repository.listed(
            connection, party=party, confirmed=confirmed, before=before, limit=limit
        )
        identifiers = {identifier for row in rows for identifier in (row.rater, row.subject)}
        known = views_by_id(connection, identifiers)
        following_cursor = rows[-1].id if len(rows) == limit else None
        return {"items": [summary(row, known) for row in rows], "nextCursor": following_cursor}

    return await gateway.storage.read(read)


def party_of(caller: Caller) -> str:
    """The caller's party.

    Raises:
        Forbidden: it is no party.
    """
    if caller.party_id is None:
        raise Forbidden(
            "only a registered party can do this", fix="use an API key of a registered party"
        )
    return caller.party_id


def current(connection: Connection, identifier: str) -> EvaluationRow:
    """An evaluation as it stands.

    Raises:
        NotFound.
    """
    row = repository.by_id(connection, identifier)
    if row is None:
        raise _unknown(identifier)
    return row


def visible(connection: Connection, caller: Caller, identifier: str) -> EvaluationRow:
    """An evaluation that the caller may see: by it, of it, or because it sees all.

    Raises:
        NotFound.
    """
    row = current(connection, identifier)
    if caller.sees_all or caller.party_id in (row.rater, row.subject):
        return row
    raise _unknown(identifier)


def today_in(gateway: Gateway, connection: Connection) -> int:
    """The business day of the newest block, by which an evaluation counts its days."""
    return business_day(gateway, moment(connection)[0])


def step_row(
    gateway: Gateway,
    caller: Caller,
    row: EvaluationRow,
    step: Step,
    *,
    number: int,
    content: StepContent,
) -> StepRow:
    """A step that the caller takes now."""
    identifier = new_id()
    return StepRow(
        id=identifier,
        evaluation_id=row.id,
        number=number,
        step=str(step),
        person=caller.label,
        taken_at=time.time(),
        sealed=sealed(gateway, identifier, content),
        person_way=str(caller.way),
        person_id=caller.id,
    )


def as_conflict(error: RuleBroken, identifier: str) -> Conflict:
    """A broken rule as callers get it."""
    fix = replace(error.fix, values=(*error.fix.values, ("id", identifier)))
    return Conflict(text_of(error), name=error.name, fix=fix)


def _unknown(identifier: str) -> NotFound:
    return NotFound(
        say("there is no evaluation {identifier}", identifier=identifier), name="evaluation-unknown"
    )


async def _of_subject(gateway: Gateway, caller: Caller, identifier: str) -> EvaluationRow:
    row = await gateway.storage.read(lambda connection: visible(connection, caller, identifier))
    if caller.party_id != row.subject:
        raise Forbidden(
            "only the party that is judged consents", fix="let the party send the request"
        )
    return row


def _with_consent(
    gateway: Gateway,
    connection: Connection,
    caller: Caller,
    identifier: str,
    granted: Consent,
) -> Answer:
    repository.set_consent(connection, identifier, granted)
    return Answer(view(gateway, connection, caller, current(connection, identifier)), 200)
