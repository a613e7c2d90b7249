"""The smallest changes that reach the next better tier: an exact search over features and pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from app.domain.scoring.judging import Judgement, Part, share_down, tier_of
from app.domain.scoring.model import Bin, Card, Tier

MAX_CHANGES = 5


@dataclass(frozen=True)
class Step:
    """One feature moves to another bin.

    Attributes:
        part: what the feature gives today.
        to: the bin.
        bins: how many bins away it is; from unknown, its rank by points from the lowest.
    """

    part: Part
    to: Bin
    bins: int

    @property
    def points(self) -> int:
        """What the step adds; below zero if an unknown value turns out bad."""
        return self.to.points - self.part.points

    @property
    def weight(self) -> int:
        """What the step adds to the weight of what is known."""
        return self.part.feature.weight if self.part.place is None else 0


@dataclass(frozen=True)
class Change:
    """One or two steps that together reach the next tier, and of which neither does alone."""

    steps: tuple[Step, ...]

    @property
    def bins(self) -> int:
        """How many bins all steps move."""
        return sum(step.bins for step in self.steps)


def next_tier(card: Card, judgement: Judgement) -> Tier | None:
    """The tier above; None: there is none."""
    return next((tier for tier in card.tiers if tier.tier == judgement.tier.tier - 1), None)


def smallest_changes(card: Card, judgement: Judgement) -> tuple[Change, ...]:
    """The changes that reach the next tier, or a better one: fewest features, then fewest bins.

    A feature that the party cannot change is left as it is, unless it is unknown: a document may
    then show it. For each feature only the nearest sufficient bin counts. At most `MAX_CHANGES`;
    ties are in the order of the card.
    """
    aim = next_tier(card, judgement)
    if aim is None:
        return ()
    known = sum(part.feature.weight for part in judgement.parts if part.place is not None)
    all_weights = sum(feature.weight for feature in card.features)

    def suffices(*steps: Step) -> bool:
        total = judgement.total + sum(step.points for step in steps)
        weight = known + sum(step.weight for step in steps)
        confidence = share_down(weight, all_weights)
        return tier_of(card, total=total, confidence=confidence).tier <= aim.tier

    choices = [_steps(part) for part in judgement.parts]
    singles, weak = list[Change](), list[list[Step]]()
    for steps in choices:
        strong = next((step for step in steps if suffices(step)), None)
        if strong is not None:
            singles.append(Change((strong,)))
        weak.append([step for step in steps if not suffices(step)])
    pairs = []
    for firsts, seconds in combinations(weak, 2):
        changes = [
            Change((first, second))
            for first in firsts
            for second in seconds
            if suffices(first, second)
        ]
        if changes:
            pairs.append(min(changes, key=lambda change: change.bins))
    order = sorted([*singles, *pairs], key=lambda change: (len(change.steps), change.bins))
    return tuple(order[:MAX_CHANGES])


def _steps(part: Part) -> list[Step]:
    """The steps that a feature can take, the nearest first."""
    bins = part.feature.bins
    if part.place is None:
        order = sorted(range(len(bins)), key=lambda place: (bins[place].points, place))
        return [Step(part, bins[place], rank) for rank, place in enumerate(order, start=1)]
    if not part.feature.changeable:
        return []
    here = part.place
    categories = bool(bins[here].categories)
    steps = [
        Step(part, each, 1 if categories else abs(place - here))
        for place, each in enumerate(bins)
        if each.points > part.points
    ]
    # Among bins equally near, the one that asks for less comes first.
    return sorted(steps, key=lambda step: (step.bins, step.points))
