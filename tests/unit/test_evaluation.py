"""Rules of an evaluation: the order of its steps, two persons, reasons, and consent."""

from __future__ import annotations

import pytest

from app.domain.evaluation import (
    ORDER,
    Consent,
    RuleBroken,
    Step,
    StepDone,
    following,
    is_override,
    require_consent,
    require_decider,
    require_other_person,
    require_reason,
    require_step,
)
from app.domain.persons import WALLET_LABEL, Person, Way

LI, WANG = (Person(name, Way.KEY, f"k-{name}", "p1") for name in ("li", "wang"))


def broken(error: pytest.ExceptionInfo[RuleBroken]) -> str:
    assert error.value.fix
    return error.value.name


def test_six_steps_follow_each_other() -> None:
    assert [str(step) for step in ORDER] == [
        *("scope", "identify", "analyse", "quantify", "decide", "confirm"),
    ]
    assert [following(step) for step in ORDER] == [*ORDER[1:], None]


@pytest.mark.parametrize("next_step", [*ORDER, None])
def test_only_the_next_step_is_taken(next_step: Step | None) -> None:
    for step in ORDER:
        if step is next_step:
            require_step(step, next_step=next_step)
            continue
        with pytest.raises(RuleBroken) as error:
            require_step(step, next_step=next_step)
        assert broken(error) == "step-out-of-order"


def test_who_decided_last_does_not_confirm() -> None:
    steps = [StepDone(Step.DECIDE, LI), StepDone(Step.CONFIRM, WANG)]
    require_other_person(steps, WANG)
    with pytest.raises(RuleBroken) as error:
        require_other_person(steps, LI)
    assert broken(error) == "decider-confirms"
    again = [*steps, StepDone(Step.DECIDE, WANG)]
    require_other_person(again, LI)
    with pytest.raises(RuleBroken):
        require_other_person(again, WANG)


def test_wallet_neither_decides_nor_confirms() -> None:
    wallet = Person(WALLET_LABEL, Way.WALLET, "k3", "p1")
    with pytest.raises(RuleBroken) as error:
        require_decider(wallet)
    assert broken(error) == "wallet-names-no-person"
    with pytest.raises(RuleBroken) as error:
        require_other_person([StepDone(Step.DECIDE, LI)], wallet)
    assert broken(error) == "wallet-names-no-person"
    require_decider(LI)


def test_who_took_other_steps_may_confirm() -> None:
    steps = [StepDone(Step.ANALYSE, WANG), StepDone(Step.DECIDE, LI)]
    require_other_person(steps, WANG)


@pytest.mark.parametrize(
    ("consent", "name"),
    [
        (None, "consent-missing"),
        (Consent(100, None, 105), "consent-withdrawn"),
        (Consent(100, 200, 105), "consent-withdrawn"),
        (Consent(100, 109, None), "consent-ended"),
        (Consent(100, 110, None), None),
        (Consent(110, None, None), None),
    ],
)
def test_consent_must_hold_today(consent: Consent | None, name: str | None) -> None:
    if name is None:
        require_consent(consent, today=110)
        return
    with pytest.raises(RuleBroken) as error:
        require_consent(consent, today=110)
    assert broken(error) == name


@pytest.mark.parametrize(
    ("tier", "limit", "override"),
    [(2, 500, False), (3, 500, True), (2, 499, True), (1, 900, True)],
)
def test_an_override_is_another_tier_or_limit(tier: int, limit: int, override: bool) -> None:
    assert is_override(tier=tier, limit=limit, computed_tier=2, computed_limit=500) == override


@pytest.mark.parametrize("reason", [None, "", "   ", "…", "--"])
def test_a_reason_has_words(reason: str | None) -> None:
    with pytest.raises(RuleBroken) as error:
        require_reason(reason, why="an override")
    assert broken(error) == "reason-missing"


@pytest.mark.parametrize("reason", ["its plant burnt down", "停产"])
def test_a_reason_in_any_language_is_one(reason: str) -> None:
    assert require_reason(reason, why="an override") == reason
