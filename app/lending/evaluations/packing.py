"""The pack of an evaluation: its evidence's root, and the terms that the rater signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.domain.calendar import date_of
from app.domain.scoring.scoring import Score
from app.domain.texts import say, text_of
from app.errors import Conflict
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.lending.evaluations.pack_check import Expected, verify_credit_pack
from app.lending.evaluations.packs import (
    CONTRACT,
    Attested,
    Override,
    Pack,
    PackInvalid,
    attestation_body,
    make_pack,
)
from app.lending.evaluations.views import StepContent


def attested(
    gateway: Gateway, caller: Caller, score: Score, *, scope: StepContent, timestamp: int
) -> Attested:
    """What the rater adds to the score.

    If the months of trade are unknown, the party counts as one that begins to trade today.

    Args:
        timestamp: of the newest block, UTC seconds: the ledger refuses what is issued later.

    Raises:
        Forbidden: the caller has no account.
    """
    stated = scope.inputs["tradingSince"]
    months = score.items.get(score.card.limit.months)
    since = date_of(score.evidence.day)
    if stated is not None and months is not None and months.value is not None:
        since = date.fromisoformat(stated)
    return Attested(
        rater=caller.acting(),
        chain_id=gateway.chain_id,
        contract=gateway.contracts.address(CONTRACT),
        trading_since=since,
        issued_at=timestamp,
    )


def require_consistent(score: Score, content: Mapping[str, Any], terms: Attested) -> None:
    """Scope and evidence agree: a bank that computes the pack again finds nothing wrong.

    Raises:
        Conflict.
    """
    _checked(score, content, terms, None)


def pack_of(
    score: Score, content: Mapping[str, Any], terms: Attested, *, decided: StepContent
) -> Pack:
    """The pack of a decision, not signed yet.

    Args:
        content: the evidence, as a file would have it.
        decided: the step that decided.

    Raises:
        Conflict: the score is too old, or a check of the pack fails.
    """
    override = None
    if decided.result["overridden"]:
        working = decided.working
        override = Override(working["tier"], working["limit"], decided.inputs["reason"])
    return _checked(score, content, terms, override)


def body_of(score: Score, pack: Pack) -> dict[str, Any] | None:
    """The body of `POST /v1/credit` without a signature; None: no limit is granted."""
    if int(pack.attestation.typed_data["message"]["limit"]) == 0:
        return None
    body = attestation_body(score, pack)
    return {name: value for name, value in body.items() if name != "signature"}


def _checked(
    score: Score, content: Mapping[str, Any], terms: Attested, override: Override | None
) -> Pack:
    try:
        pack = make_pack(score, content, terms, override=override)
    except PackInvalid as error:
        raise Conflict(
            text_of(error),
            name="score-not-valid",
            fix="return the case to `identify`, or open a new evaluation",
        ) from error
    wrong = [
        f"{check.name}: {check.detail}"
        for check in verify_credit_pack(pack, Expected()).checks
        if not check.holds and check.name != "signature"
    ]
    if wrong:
        raise Conflict(
            say("scope and evidence do not agree: {wrong}", wrong="; ".join(wrong)),
            name="evidence-disagrees",
            fix="correct the evidence, or open a new evaluation with another scope",
        )
    return pack
