"""Rules of an evaluation: six steps in order, two persons at the end, reasons for an override.

    scope -> identify -> analyse -> quantify -> decide -> confirm

Who confirms may return the case to an earlier step instead; the steps from there are done again,
and those that were done stay in the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.hidden_text import hidden_in
from app.domain.money import decimal_text
from app.domain.persons import Person, PersonUnclear, require_another, require_named
from app.domain.scoring.model import Card
from app.domain.texts import Sentence, Text, say, text_of


class Step(StrEnum):
    """A step of an evaluation."""

    SCOPE = "scope"
    IDENTIFY = "identify"
    ANALYSE = "analyse"
    QUANTIFY = "quantify"
    DECIDE = "decide"
    CONFIRM = "confirm"


ORDER = tuple(Step)
#: Characters of a reason or a note.
MAX_WORDS = 2_000
#: The steps to which who confirms may return a case.
RETURNS = (Step.IDENTIFY, Step.ANALYSE, Step.QUANTIFY, Step.DECIDE)


class RuleBroken(ValueError):
    """A step is not allowed.

    Attributes:
        name: of the rule, stable, such as `step-out-of-order`.
        fix: what to do; `{id}` stands for the evaluation.
    """

    def __init__(self, name: str, detail: Text, *, fix: Sentence) -> None:
        super().__init__(detail)
        self.name = name
        self.fix = fix


@dataclass(frozen=True)
class StepDone:
    """A step in the record, with the person who took it."""

    step: Step
    person: Person


@dataclass(frozen=True)
class Consent:
    """The subject's consent to the use of its data, by days.

    Attributes:
        until: the last day; None: no end.
        withdrawn: the day of the withdrawal; None: it was not withdrawn.
    """

    since: int
    until: int | None
    withdrawn: int | None


def following(step: Step) -> Step | None:
    """The step after a step; None after the last."""
    place = ORDER.index(step) + 1
    return ORDER[place] if place < len(ORDER) else None


def require_step(step: Step, *, next_step: Step | None) -> None:
    """The step is the next one.

    Raises:
        RuleBroken.
    """
    if next_step is None:
        raise RuleBroken(
            "step-out-of-order",
            say(
                "the evaluation is confirmed, so nobody can take the step {step:words} any more",
                step=step,
            ),
            fix=say("open a new evaluation of the party"),
        )
    if step is not next_step:
        raise RuleBroken(
            "step-out-of-order",
            say(
                "the next step is {next_step:words}, not {step:words}",
                next_step=next_step,
                step=step,
            ),
            fix=say("take the step {next_step:words} first", next_step=next_step),
        )


def require_decider(person: Person) -> None:
    """Whoever decides is a person that a second one can be told from.

    Raises:
        RuleBroken.
    """
    try:
        require_named(person)
    except PersonUnclear as error:
        raise RuleBroken(error.name, text_of(error), fix=error.fix) from error


def require_other_person(steps: Sequence[StepDone], person: Person) -> None:
    """Whoever confirms did not decide, as far as the ways in tell them apart.

    Raises:
        RuleBroken.
    """
    require_decider(person)
    decided = [done for done in steps if done.step is Step.DECIDE]
    if not decided:
        return
    try:
        require_another(decided[-1].person, person)
    except PersonUnclear as error:
        if error.name == "same-person":
            raise RuleBroken(
                "decider-confirms",
                say("{label} decided, and a second person confirms", label=person.label),
                fix=say("let another person of the rater confirm, with an API key of its own"),
            ) from error
        raise RuleBroken(error.name, text_of(error), fix=error.fix) from error


def require_consent(consent: Consent | None, *, today: int) -> None:
    """The subject consents today.

    Raises:
        RuleBroken.
    """
    if consent is None:
        raise RuleBroken(
            "consent-missing",
            say("the party has not consented to the evaluation"),
            fix=say("let the party consent: POST /v1/credit/evaluations/{id}/consent"),
        )
    if consent.withdrawn is not None:
        raise RuleBroken(
            "consent-withdrawn",
            say("the party withdrew its consent"),
            fix=say("use nothing of the case; if the party consents again, go on"),
        )
    if consent.until is not None and consent.until < today:
        raise RuleBroken(
            "consent-ended",
            say("the party's consent has ended"),
            fix=say("let the party consent anew: POST /v1/credit/evaluations/{id}/consent"),
        )


def is_override(*, tier: int, limit: int, computed_tier: int, computed_limit: int) -> bool:
    """Whether a decision is another one than the scorecard's."""
    return (tier, limit) != (computed_tier, computed_limit)


def require_within_card(card: Card, *, tier: int, limit: int) -> None:
    """A decision stays within the card: its tiers, what each may grant, and its maximum.

    Args:
        limit: minor units of the card's currency.

    Raises:
        RuleBroken.
    """
    chosen = next((each for each in card.tiers if each.tier == tier), None)
    if chosen is None:
        tiers = ", ".join(str(each.tier) for each in card.tiers)
        raise RuleBroken(
            "tier-not-of-card",
            say("the card has no tier {tier}", tier=tier),
            fix=say("give one of {tiers}", tiers=tiers),
        )
    if limit > card.limit.max:
        maximum = decimal_text(card.limit.max, currency=card.currency)
        raise RuleBroken(
            "limit-above-card",
            say("the limit is above the card's maximum, {maximum}", maximum=maximum),
            fix=say("give at most {maximum}", maximum=maximum),
        )
    if limit > 0 and chosen.limit_share == 0:
        raise RuleBroken(
            "tier-grants-nothing",
            say("the card grants tier {tier} nothing, so its limit is zero", tier=tier),
            fix=say("leave out the limit, or decide for a better tier"),
        )


def wrong_in(words: str) -> Text | None:
    """What a reason or a note must not have, in words; it may have several lines."""
    if len(words) > MAX_WORDS:
        return say("more than {max:number} characters", max=MAX_WORDS)
    return hidden_in(words, lines=True)


def require_reason(reason: str | None, *, why: Text) -> str:
    """The reason, in words.

    Raises:
        RuleBroken: there is none.
    """
    if reason is None or not any(character.isalnum() for character in reason):
        raise RuleBroken(
            "reason-missing", say("{why} needs a reason", why=why), fix=say("say why, in words")
        )
    return reason
