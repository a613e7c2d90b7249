"""The study of a trade card: fitted on the first cases, chosen on the middle, judged on the last.

The champion is the card in force; the challenger is the best of some fits on the middle part. Only
`Study.hold_out` looks at the last part, and only at these two cards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.catalogue import MILLION
from app.domain.scoring.judging import Judgement, judge, tier_of
from app.domain.scoring.model import WORST_TIER, Card, Text
from benchmarks.credit import metrics
from benchmarks.credit.cases import StudyCase
from benchmarks.credit.fitted import Fit
from benchmarks.credit.metrics import Bounds, Calibration, Decile
from benchmarks.credit.parts import MIN_DEFAULTS, Parts
from benchmarks.credit.trade_card import challenger

CHAMPION, CHALLENGER = "champion", "challenger"
MAX_BINS = (3, 5, 8)  # the candidates: how many bins a feature may have

#: Fits cases with at most so many bins of a feature.
Fitter = Callable[[Sequence[StudyCase], int], Fit]


@dataclass(frozen=True)
class Marks:
    """What a card says of cases.

    Attributes:
        tiers_by_points: as if all were known, whatever the confidence.
    """

    outcomes: tuple[bool, ...]
    judgements: tuple[Judgement, ...]
    points: tuple[int, ...]
    chances: tuple[float, ...]
    tiers_by_points: tuple[int, ...]

    @property
    def tiers(self) -> tuple[int, ...]:
        """The tiers that the card gives."""
        return tuple(each.tier.tier for each in self.judgements)

    @property
    def rate(self) -> float:
        """The share that defaulted."""
        return sum(self.outcomes) / len(self.outcomes)


@dataclass(frozen=True)
class Contender:
    """A card with what its points mean, by the training part."""

    role: str
    card: Card
    scale: Calibration

    def marks(self, cases: Sequence[StudyCase]) -> Marks:
        """What it says of cases."""
        judgements = tuple(judge(self.card, case.values) for case in cases)
        points = tuple(each.total for each in judgements)
        return Marks(
            tuple(case.default for case in cases),
            judgements,
            points,
            tuple(self.scale.chance(value) for value in points),
            tuple(tier_of(self.card, total=value, confidence=MILLION).tier for value in points),
        )


def contender(role: str, card: Card, train: Sequence[StudyCase]) -> Contender:
    """A card with what its points mean."""
    points = [judge(card, case.values).total for case in train]
    return Contender(role, card, metrics.calibrated(points, [case.default for case in train]))


@dataclass(frozen=True)
class Candidate:
    """A fit that may become the challenger, with its figures on the middle part."""

    max_bins: int
    fit: Fit
    contender: Contender
    log_loss: float
    auc: float


@dataclass(frozen=True)
class Figures:
    """How well a card tells who defaults."""

    auc: Bounds
    ks: Bounds
    brier: Bounds


@dataclass(frozen=True)
class TierRow:
    """The cases of a tier."""

    tier: int
    cases: int
    defaults: int
    rate: Bounds


@dataclass(frozen=True)
class Look:
    """Both cards on one part.

    Attributes:
        more: the challenger's figures less the champion's.
    """

    part: str
    cases: int
    defaults: int
    marks: dict[str, Marks]
    figures: dict[str, Figures]
    more: Figures


@dataclass(frozen=True)
class Study:
    """The study before its last look.

    Attributes:
        chosen: the candidate with the lowest log loss on the middle part.
        granted_only: AUC on the middle part of a fit to the training cases that the champion would
            have granted a limit; None: too few of them defaulted.
    """

    parts: Parts
    champion: Contender
    candidates: tuple[Candidate, ...]
    chosen: Candidate
    granted_only: float | None

    @property
    def challenger(self) -> Contender:
        """The card of the chosen candidate."""
        return self.chosen.contender

    def look(self, part: str, *, seed: int, draws: int) -> Look:
        """Both cards on a part, with bounds."""
        return looked(
            self.champion,
            self.challenger,
            dict(self.parts.named())[part],
            part=part,
            seed=seed,
            draws=draws,
        )


def studied(parts: Parts, *, champion: Card, fitter: Fitter, source: Text) -> Study:
    """Fits the candidates and chooses one; does not look at the hold-out."""
    train, choose = parts.train, parts.choose
    old = contender(CHAMPION, champion, train)
    candidates = []
    for max_bins in MAX_BINS:
        fit = fitter(train, max_bins)
        card = challenger(fit, champion=champion, scale=old.scale, source=source)
        new = contender(CHALLENGER, card, train)
        marks = new.marks(choose)
        candidates.append(
            Candidate(
                max_bins,
                fit,
                new,
                metrics.log_loss(marks.chances, marks.outcomes),
                metrics.auc(marks.points, marks.outcomes),
            )
        )
    chosen = min(candidates, key=lambda each: each.log_loss)
    granted = [case for case in train if judge(champion, case.values).tier.limit_share > 0]
    return Study(
        parts,
        old,
        tuple(candidates),
        chosen,
        _granted_only(granted, choose, fitter, chosen.max_bins),
    )


def _granted_only(
    granted: Sequence[StudyCase], choose: Sequence[StudyCase], fitter: Fitter, max_bins: int
) -> float | None:
    defaults = sum(case.default for case in granted)
    if min(defaults, len(granted) - defaults) < MIN_DEFAULTS:
        return None
    fit = fitter(granted, max_bins)
    points = [round(-1000 * fit.log_odds(case.values)) for case in choose]
    return metrics.auc(points, [case.default for case in choose])


def looked(
    old: Contender,
    new: Contender,
    cases: Sequence[StudyCase],
    *,
    part: str,
    seed: int,
    draws: int,
) -> Look:
    """Both cards on cases, with bounds from drawing the cases anew."""
    marks = {each.role: each.marks(cases) for each in (old, new)}

    def figures(places: Sequence[int]) -> list[float]:
        outcomes = [cases[place].default for place in places]
        values: list[float] = []
        for each in marks.values():
            points = [each.points[place] for place in places]
            chances = [each.chances[place] for place in places]
            values += [
                metrics.auc(points, outcomes),
                metrics.ks(points, outcomes),
                metrics.brier(chances, outcomes),
            ]
        return [*values, *(values[3 + place] - values[place] for place in range(3))]

    bounds = metrics.bootstrap(len(cases), figures, seed=seed, draws=draws)
    champion, challenging, more = (Figures(*bounds[place : place + 3]) for place in (0, 3, 6))
    return Look(
        part,
        len(cases),
        sum(case.default for case in cases),
        marks,
        {CHAMPION: champion, CHALLENGER: challenging},
        more,
    )


def tiers(marks: Marks, *, by_points: bool = False) -> list[TierRow]:
    """Cases and defaults of each tier.

    Args:
        by_points: as if all were known: a thin file does not fall into a worse tier.
    """
    cases: Counter[int] = Counter()
    defaults: Counter[int] = Counter()
    given = marks.tiers_by_points if by_points else marks.tiers
    for tier, default in zip(given, marks.outcomes, strict=True):
        cases[tier] += 1
        defaults[tier] += default
    return [
        TierRow(tier, cases[tier], defaults[tier], metrics.share(defaults[tier], cases[tier]))
        for tier in range(1, WORST_TIER + 1)
    ]


def falling(rows: Sequence[TierRow]) -> bool:
    """Whether each tier that has cases defaults less than the next worse one."""
    rates = [row.rate.value for row in rows if row.cases]
    return all(better < worse for better, worse in pairwise(rates))


def deciles(marks: Marks) -> list[Decile]:
    """Expected against observed defaults."""
    return metrics.deciles(marks.chances, marks.outcomes)


def moves(look: Look) -> list[list[int]]:
    """For each tier of the champion, the cases by tier of the challenger."""
    old, new = (look.marks[role].tiers for role in (CHAMPION, CHALLENGER))
    counts = Counter(zip(old, new, strict=True))
    span = range(1, WORST_TIER + 1)
    return [[counts[before, after] for after in span] for before in span]


def drift_of_points(train: Marks, later: Marks) -> float:
    """PSI of the points, in ten places that hold a tenth of the training part each."""
    edges = metrics.tenths(train.points)
    return metrics.psi(
        metrics.counts_by_edge(train.points, edges), metrics.counts_by_edge(later.points, edges)
    )


def drift_of_features(train: Marks, later: Marks) -> dict[str, float]:
    """PSI of each feature, by the bins of the card, with a place for the unknown."""
    drift = {}
    for place, part in enumerate(train.judgements[0].parts):
        before, after = (
            Counter(str(each.parts[place].place) for each in marks.judgements)
            for marks in (train, later)
        )
        drift[part.feature.name] = metrics.psi(before, after)
    return drift


@dataclass(frozen=True)
class Condition:
    """What must hold before a challenger takes the champion's place."""

    says: str
    holds: bool


def conditions(middle: Look, last: Look, *, real: bool) -> list[Condition]:
    """The conditions, fixed before anything was looked at.

    Args:
        real: the cases have outcomes of real firms.
    """
    return [
        Condition(
            "on the middle part its AUC is higher, with the lower bound of the difference above 0",
            middle.more.auc.low > 0,
        ),
        Condition("on the hold-out its AUC is not lower", last.more.auc.value >= 0),
        Condition("on the hold-out its Brier score is not higher", last.more.brier.value <= 0),
        Condition(
            "on the hold-out its default rate falls from tier to tier",
            falling(tiers(last.marks[CHALLENGER])),
        ),
        Condition("it was fitted to outcomes of real firms", real),
    ]
