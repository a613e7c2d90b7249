"""The steps of an evaluation after its scope: each checks, computes, and writes one step."""

from __future__ import annotations

from typing import Any

import msgspec

from app.domain.calendar import date_of
from app.domain.evaluation import (
    RETURNS,
    RuleBroken,
    Step,
    is_override,
    require_decider,
    require_other_person,
    require_reason,
    require_within_card,
)
from app.domain.scoring import words
from app.domain.scoring.evidence import evidence_of
from app.domain.scoring.judging import limit_down
from app.domain.scoring.problems import EvidenceInvalid
from app.domain.scoring.scoring import Score, score
from app.domain.texts import Text, say, text_of
from app.errors import BadInput, Conflict
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import business_day
from app.lending.evaluations import packing, service
from app.lending.evaluations.bad_evidence import bad_evidence
from app.lending.evaluations.cases import (
    Case,
    case_for,
    read_case,
    require_consent_today,
    write_step,
)
from app.lending.evaluations.files import file_summary
from app.lending.evaluations.gathering import gather
from app.lending.evaluations.packs import Attested
from app.lending.evaluations.schemas import (
    EvaluationConfirmation,
    EvaluationDecision,
    EvaluationPack,
    IdentifiedEvidence,
    StepNote,
)
from app.lending.evaluations.views import StepContent
from app.parties.registry import service as parties


async def identify(command: Command, identifier: str, request: IdentifiedEvidence) -> Change:
    """Records the evidence.

    Raises:
        BadInput, Conflict, Forbidden, NotFound.
    """
    gateway = command.gateway
    case = await case_for(command, identifier, Step.IDENTIFY)
    _require_unchanged(case, request.stepsTaken)
    card = await gateway.documents.run(case.card)
    _, number = await parties.on_ledger(gateway, case.row.subject)
    gathered = await gather(gateway, case, request, card=card, ledger_party_id=number)
    content: dict[str, Any] = {
        "party": case.row.subject,
        "ledgerPartyId": number,
        "day": date_of(business_day(gateway, case.timestamp)).isoformat(),
        "items": gathered.items,
    }
    try:
        result = await gateway.documents.run(score, card, evidence_of(content))
    except EvidenceInvalid as error:
        raise bad_evidence(error, gathered.origins) from error
    attested = _attested(command, case, result)
    await gateway.documents.run(packing.require_consistent, result, content, attested)
    shown = words.view(result)
    known = {part.feature.name: part.value is not None for part in result.judgement.parts}
    return write_step(
        command,
        case,
        Step.IDENTIFY,
        StepContent(
            inputs={"items": content["items"], "fromLedger": request.fromLedger},
            result={
                "day": content["day"],
                "known": [name for name in known if known[name]],
                "unknown": [name for name in known if not known[name]],
                "confidence": shown["confidence"],
                "missing": shown["missing"],
                "ledger": gathered.of_ledger,
                "files": [file_summary(each, card=card) for each in gathered.files],
                "disagreements": gathered.disagreements,
            },
            working={"evidence": content},
        ),
    )


async def analyse(command: Command, identifier: str, request: StepNote) -> Change:
    """Records what each item of evidence says, with its reason.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    case = await case_for(command, identifier, Step.ANALYSE)
    _require_unchanged(case, request.stepsTaken)
    shown = words.view(await command.gateway.documents.run(case.score))
    names = ("features", "confidence", "missing")
    content = StepContent({"note": request.note}, {name: shown[name] for name in names})
    return write_step(command, case, Step.ANALYSE, content)


async def quantify(command: Command, identifier: str, request: StepNote) -> Change:
    """Records points, confidence, tier and limit that the scorecard gives.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    case = await case_for(command, identifier, Step.QUANTIFY)
    _require_unchanged(case, request.stepsTaken)
    shown = words.view(await command.gateway.documents.run(case.score))
    result = {name: value for name, value in shown.items() if name not in ("features", "partyId")}
    content = StepContent({"note": request.note}, result)
    return write_step(command, case, Step.QUANTIFY, content)


async def decide(command: Command, identifier: str, request: EvaluationDecision) -> Change:
    """Records the decision: what the card gives, or another tier or limit with its reason.

    Raises:
        BadInput, Conflict, Forbidden, NotFound.
    """
    case = await case_for(command, identifier, Step.DECIDE)
    _require_unchanged(case, request.stepsTaken)
    try:
        require_decider(command.caller.person)
    except RuleBroken as error:
        raise service.as_conflict(error, identifier) from error
    result = await command.gateway.documents.run(case.score)
    card, computed = result.card, result.judgement
    tier = computed.tier.tier if request.tier is None else request.tier
    chosen = next(each for each in card.tiers if each.tier == tier)
    values = {part.feature.name: part.value for part in computed.parts}
    limit = limit_down(card.limit, chosen, values)
    if request.limit is not None:
        limit = minor(request.limit, field="limit", currency=card.currency, minimum=0)
    try:
        require_within_card(card, tier=tier, limit=limit)
    except RuleBroken as error:
        raise BadInput(
            text_of(error), name=error.name, field="limit.amount", fix=error.fix
        ) from error
    overridden = is_override(
        tier=tier, limit=limit, computed_tier=computed.tier.tier, computed_limit=computed.limit
    )
    reason = request.reason
    if overridden:
        reason = _reason(reason, why=say("an override"))
    stated = None if request.limit is None else money_view(limit, currency=card.currency)
    return write_step(
        command,
        case,
        Step.DECIDE,
        StepContent(
            inputs={"tier": request.tier, "limit": stated, "reason": reason},
            result={
                "tier": tier,
                "limit": money_view(limit, currency=card.currency),
                "overridden": overridden,
                "computedTier": computed.tier.tier,
                "computedLimit": money_view(computed.limit, currency=card.currency),
            },
            working={"tier": tier, "limit": limit},
        ),
    )


async def confirm(command: Command, identifier: str, request: EvaluationConfirmation) -> Change:
    """A second person confirms, which makes the evidence's root; or returns the case.

    Raises:
        BadInput, Conflict, Forbidden, NotFound.
    """
    case = await case_for(command, identifier, Step.CONFIRM)
    try:
        require_other_person(
            [row.done(case.row.rater) for row in case.steps], command.caller.person
        )
    except RuleBroken as error:
        raise service.as_conflict(error, identifier) from error
    _require_unchanged(case, request.stepsTaken)
    inputs = request.model_dump(mode="json", exclude={"stepsTaken"})
    if request.outcome == "returned":
        _reason(request.reason, why=say("returning a case"))
        back = Step.DECIDE if request.returnTo is None else Step(request.returnTo)
        assert back in RETURNS
        content = StepContent(inputs, {"outcome": "returned", "nextStep": str(back)})
        return write_step(command, case, Step.CONFIRM, content, next_step=back)
    if request.returnTo is not None:
        raise BadInput(
            "a case that is confirmed is not returned",
            field="returnTo",
            fix="leave it out, or give the outcome `returned`",
        )
    workers = command.gateway.documents
    result, evidence = await workers.run(case.score), case.evidence()
    attested = _attested(command, case, result)
    signable = await workers.run(
        packing.pack_of, result, evidence, attested, decided=case.contents[Step.DECIDE]
    )
    root = signable.evidence.root
    content = StepContent(
        inputs,
        {
            "outcome": "confirmed",
            "evidenceRoot": root,
            "attestation": packing.body_of(result, signable),
        },
        working={"pack": msgspec.to_builtins(signable)},
    )
    return write_step(command, case, Step.CONFIRM, content, root=root)


async def pack(gateway: Gateway, caller: Caller, identifier: str) -> EvaluationPack:
    """The pack of a confirmed evaluation, for its rater.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    case = await gateway.storage.read(
        lambda connection: read_case(gateway, connection, caller, identifier)
    )
    require_consent_today(gateway, case)
    content = case.contents.get(Step.CONFIRM)
    if case.row.evidence_root is None or content is None:
        raise Conflict(
            say(
                "the evaluation is not confirmed; the next step is {next_step}",
                next_step=case.row.next_step,
            ),
            name="evaluation-open",
            fix="take the steps that are left",
        )
    stored: EvaluationPack = content.working["pack"]  # `confirm` wrote it
    return stored


def _attested(command: Command, case: Case, result: Score) -> Attested:
    return packing.attested(
        command.gateway,
        command.caller,
        result,
        scope=case.contents[Step.SCOPE],
        timestamp=case.timestamp,
    )


def _require_unchanged(case: Case, taken: int | None) -> None:
    """Checks that the case has the steps that the person saw, where it names them."""
    if taken is None or taken == len(case.steps):
        return
    raise Conflict(
        say("the case has {taken} steps, not {named}", taken=len(case.steps), named=taken),
        name="evaluation-changed",
        field="stepsTaken",
        fix="look at the case again, and take the step that follows what you see there",
    )


def _reason(reason: str | None, *, why: Text) -> str:
    try:
        return require_reason(reason, why=why)
    except RuleBroken as error:
        raise BadInput(text_of(error), name=error.name, field="reason", fix=error.fix) from error
