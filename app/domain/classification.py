"""The five classes of loans by risk: by days overdue and by events, as a rule set has them.

A loan is in the worst class that one of its reasons gives. The ledger knows payments, defaults,
restructurings, write-offs and freezes; what a lender knows besides may only worsen a class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from app.domain.catalogue import Strict, Whole
from app.domain.texts import Text, say

ClassName = Literal["normal", "special-mention", "substandard", "doubtful", "loss"]
CLASSES: tuple[ClassName, ...] = ("normal", "special-mention", "substandard", "doubtful", "loss")
EventName = Literal[
    "defaulted",
    "restructured",
    "restructured-in-default",
    "written-off-in-part",
    "written-off",
    "borrower-frozen",
]
EVENTS: tuple[EventName, ...] = EventName.__args__  # type: ignore[attr-defined]


class OverdueRule(Strict):
    """A loan that is overdue for more than so many days is at least in the class."""

    more_than_days: Whole = Field(ge=0)
    minimum: ClassName


class EventRule(Strict):
    """After the event the loan is at least in the class."""

    event: EventName
    minimum: ClassName
    source: str = Field(min_length=10)


class Observation(Strict):
    """How long a restructured loan is observed, from its first new due day.

    Both must pass, and nothing may be overdue at the end.
    """

    days: Whole = Field(ge=1)
    instalments: Whole = Field(ge=1, le=60)


class ClassificationRules(Strict):
    """What a rule set says of the classes."""

    source: str = Field(min_length=10)
    lawyer: bool
    overdue: list[OverdueRule] = Field(min_length=1)
    events: list[EventRule]
    observation: Observation

    @model_validator(mode="after")
    def _overdue_rules(self) -> ClassificationRules:
        rules = self.overdue
        if rules[0].more_than_days != 0:
            raise ValueError(
                "overdue: the first rule must have more_than_days: 0, so that each day overdue "
                f"has a class; it has {rules[0].more_than_days}"
            )
        for earlier, later in pairwise(rules):
            if later.more_than_days <= earlier.more_than_days:
                raise ValueError(
                    f"overdue: more_than_days must rise; {later.more_than_days} comes after "
                    f"{earlier.more_than_days}"
                )
            if place_of(later.minimum) <= place_of(earlier.minimum):
                raise ValueError(
                    f"overdue: classes must worsen; {later.minimum} comes after {earlier.minimum}"
                )
        if rules[0].minimum == "normal":
            raise ValueError("overdue: a loan that is overdue is not normal; give a worse class")
        return self

    @model_validator(mode="after")
    def _event_rules(self) -> ClassificationRules:
        named = [rule.event for rule in self.events]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"events: {', '.join(twice)} occurs twice; give one rule for each")
        missing = [name for name in EVENTS if name not in named]
        if missing:
            raise ValueError(f"events: {', '.join(missing)} is missing; give a rule for each event")
        minimum = {rule.event: place_of(rule.minimum) for rule in self.events}
        if minimum["restructured-in-default"] < minimum["restructured"]:
            raise ValueError("events: restructured-in-default must be no better than restructured")
        if minimum["written-off"] < minimum["written-off-in-part"]:
            raise ValueError("events: written-off must be no better than written-off-in-part")
        return self


def place_of(name: ClassName) -> int:
    """The place of a class, from 0 for normal to 4 for loss."""
    return CLASSES.index(name)


@dataclass(frozen=True)
class Restructured:
    """The last restructuring of a loan.

    Attributes:
        due_days: due days of the new terms, which are the loan's own days.
        in_default: whether the loan was in default before.
    """

    due_days: tuple[int, ...]
    in_default: bool

    @property
    def first_due_day(self) -> int:
        """The first due day of the new terms."""
        return self.due_days[0]

    def observed_until(self, observation: Observation) -> int:
        """The first day on which the observation may be over."""
        last = min(observation.instalments, len(self.due_days))
        return max(self.first_due_day + observation.days, self.due_days[last - 1] + 1)


@dataclass(frozen=True, kw_only=True)
class LoanFacts:
    """What the classes depend on, as of a day of the loan."""

    day: int
    days_past_due: int = 0
    defaulted: bool = False
    written_off: bool = False
    written_off_in_part: bool = False
    restructured: Restructured | None = None
    borrower_frozen: bool = False


@dataclass(frozen=True)
class Reason:
    """Why a loan is at least in a class."""

    name: Text
    minimum: ClassName
    source: str


@dataclass(frozen=True)
class Classification:
    """A loan's class with its reasons, the worst first."""

    name: ClassName
    reasons: tuple[Reason, ...]
    observed_until: int | None


def classify(rules: ClassificationRules, facts: LoanFacts) -> Classification:
    """The class of a loan that is not repaid."""
    reasons: list[Reason] = []
    overdue = [rule for rule in rules.overdue if facts.days_past_due > rule.more_than_days]
    if overdue:
        rule = overdue[-1]
        words = say(
            "overdue for {days} days, more than {bound}",
            days=facts.days_past_due,
            bound=rule.more_than_days,
        )
        reasons.append(Reason(words, rule.minimum, rules.source))
    restructured, observed = facts.restructured, None
    if restructured is not None:
        until = restructured.observed_until(rules.observation)
        if facts.day < until or facts.days_past_due:
            observed = until
    happened: dict[EventName, bool] = {
        "defaulted": facts.defaulted,
        "restructured": observed is not None,
        "restructured-in-default": bool(observed and restructured and restructured.in_default),
        "written-off-in-part": facts.written_off_in_part,
        "written-off": facts.written_off,
        "borrower-frozen": facts.borrower_frozen,
    }
    for event in rules.events:
        if happened[event.event]:
            reasons.append(Reason(event.event, event.minimum, event.source))
    reasons.sort(key=lambda reason: -place_of(reason.minimum))
    return Classification(_worst(reasons), tuple(reasons), observed)


def _worst(reasons: Sequence[Reason]) -> ClassName:
    return reasons[0].minimum if reasons else "normal"
