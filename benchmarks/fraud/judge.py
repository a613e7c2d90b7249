"""What a detector noticed, counted.

A finding counts if its weight is at least the threshold. It is true if a subject bears a label; in
the figures of a kind it must be a label of that kind. A labelled record is caught if it is among
the subjects of a finding that counts; in the figures of a kind, of a finding of that kind. A
finding that is not true at all is a false alarm. Ratios are over all seeds together; `None` where
nothing was counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random

from app.domain.calendar import date_of
from app.domain.crosschecks.records import Finding, Kind, Market
from benchmarks.fraud.drafts import MILLION, SATURDAY, Skill
from benchmarks.fraud.generator import Secrets

STEP = 10_000  # between thresholds that are tried
PRECISION_TARGET, RECALL_TARGET, KIND_TARGET = 0.8, 0.9, 0.6
RESAMPLES, TAIL = 2_000, 0.025  # an interval has 95 %
PLAIN = "nothing odd"


class FindingInvalid(ValueError):
    """A finding that says nothing of this market."""


@dataclass(frozen=True, slots=True)
class Run:
    """A detector's run on one market. Times are processor seconds, memory is in bytes.

    Attributes:
        days: Mondays to Fridays of the market.
        market_bytes: the process's peak before the detector began.
        peak_bytes: its peak afterwards.
        fingerprint: a hash of the market.
    """

    seed: int
    secrets: Secrets
    findings: tuple[Finding, ...]
    invoices: int
    days: int
    seconds: float = 0.0
    market_bytes: int = 0
    peak_bytes: int = 0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted, of one seed or of many together."""

    findings: int = 0
    true: int = 0
    labelled: int = 0
    caught: int = 0
    false_alarms: int = 0
    days: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.findings + other.findings,
            self.true + other.true,
            self.labelled + other.labelled,
            self.caught + other.caught,
            self.false_alarms + other.false_alarms,
            self.days + other.days,
        )

    @property
    def precision(self) -> float | None:
        """Of the findings, the share that is true."""
        return self.true / self.findings if self.findings else None

    @property
    def recall(self) -> float | None:
        """Of the labelled records, the share that is caught."""
        return self.caught / self.labelled if self.labelled else None

    @property
    def alarms_a_day(self) -> float | None:
        """False alarms that an analyst reads on a working day."""
        return self.false_alarms / self.days if self.days else None

    @property
    def balance(self) -> float:
        """The harmonic mean of precision and recall (F1)."""
        precision, recall = self.precision or 0.0, self.recall or 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


Figure = Callable[[Count], float | None]


def check(findings: Iterable[Finding], market: Market) -> tuple[Finding, ...]:
    """The findings, if each speaks of records of this market.

    Raises:
        FindingInvalid: a weight out of bounds, no subject, or one that is not in the market.
    """
    invoices = {invoice.id for invoice in market.invoices}
    receipts = {receipt.id for receipt in market.receipts}
    checked = tuple(findings)
    for place, finding in enumerate(checked):
        name = f"finding {place} ({finding.kind})"
        if not 0 <= finding.weight <= MILLION:
            raise FindingInvalid(f"{name}: weight {finding.weight}; give 0 to {MILLION}")
        if not finding.subjects:
            raise FindingInvalid(f"{name}: no subjects; name the records that it speaks of")
        of_goods = finding.kind is Kind.GOODS_COUNTED_TWICE
        known, what = (receipts, "receipt") if of_goods else (invoices, "invoice")
        for subject in finding.subjects:
            if subject not in known:
                raise FindingInvalid(f"{name}: subject {subject!r} is no {what} of the market")
    return checked


def working_days(first: int, last: int) -> int:
    """Mondays to Fridays from the first to the last day."""
    return sum(1 for day in range(first, last + 1) if date_of(day).weekday() < SATURDAY)


def count(run: Run, threshold: int, kind: Kind | None = None) -> Count:
    """What one run found at a threshold: over all, or of a kind."""
    labels = run.secrets.labels
    findings = [
        finding
        for finding in run.findings
        if finding.weight >= threshold and kind in {None, finding.kind}
    ]
    sought = {one for one, label in labels.items() if kind in {None, label}}
    named = {subject for finding in findings for subject in finding.subjects}
    return Count(
        findings=len(findings),
        true=sum(1 for finding in findings if not sought.isdisjoint(finding.subjects)),
        labelled=len(sought),
        caught=len(sought & named),
        false_alarms=sum(1 for finding in findings if labels.keys().isdisjoint(finding.subjects)),
        days=run.days,
    )


def together(counts: Iterable[Count]) -> Count:
    """The sum."""
    return sum(counts, Count())


def curve(runs: Sequence[Run]) -> list[tuple[int, Count]]:
    """The counts over all at each threshold."""
    return [
        (threshold, together(count(run, threshold) for run in runs))
        for threshold in range(0, MILLION + 1, STEP)
    ]


def choose_threshold(runs: Sequence[Run]) -> int:
    """The threshold with the highest recall among those that reach the target of precision.

    If none does, that with the best balance of both. Of equal ones the highest.
    """
    points = curve(runs)
    precise = [
        (point.recall or 0.0, threshold)
        for threshold, point in points
        if point.precision is not None and point.precision >= PRECISION_TARGET
    ]
    if precise:
        return max(precise)[1]
    return max((point.balance, threshold) for threshold, point in points)[1]


def interval(counts: Sequence[Count], figure: Figure) -> tuple[float, float] | None:
    """Bounds of a figure at 95 %, by drawing whole seeds again (bootstrap); always the same."""
    chance = Random("bootstrap")
    values = sorted(
        value
        for _ in range(RESAMPLES)
        if (value := figure(together(chance.choices(counts, k=len(counts))))) is not None
    )
    if not values:
        return None
    cut = int(len(values) * TAIL)
    return values[cut], values[-1 - cut]


def caught_by_skill(runs: Sequence[Run], threshold: int) -> dict[tuple[Kind, Skill], Count]:
    """Labelled and caught records of each kind and skill; a finding of the kind catches."""
    sums: Counter[tuple[Kind, Skill]] = Counter()
    caught: Counter[tuple[Kind, Skill]] = Counter()
    for run in runs:
        named = {
            (finding.kind, subject)
            for finding in run.findings
            if finding.weight >= threshold
            for subject in finding.subjects
        }
        for one, kind in run.secrets.labels.items():
            key = kind, run.secrets.skills[one]
            sums[key] += 1
            caught[key] += (kind, one) in named
    return {key: Count(labelled=sums[key], caught=caught[key]) for key in sorted(sums)}


def caught_by_any(runs: Sequence[Run], threshold: int, kind: Kind) -> Count:
    """Records of a kind that are caught by a finding of whatever kind."""
    labelled = caught = 0
    for run in runs:
        named = {
            subject
            for finding in run.findings
            if finding.weight >= threshold
            for subject in finding.subjects
        }
        sought = {one for one, label in run.secrets.labels.items() if label is kind}
        labelled, caught = labelled + len(sought), caught + len(sought & named)
    return Count(labelled=labelled, caught=caught)


def false_alarms(runs: Sequence[Run], threshold: int) -> Counter[tuple[Kind, str]]:
    """False alarms by kind of finding, and by what is odd about the honest records they name."""
    alarms: Counter[tuple[Kind, str]] = Counter()
    for run in runs:
        for finding in run.findings:
            if finding.weight < threshold or not run.secrets.labels.keys().isdisjoint(
                finding.subjects
            ):
                continue
            odd = [run.secrets.honest[one] for one in finding.subjects if one in run.secrets.honest]
            alarms[finding.kind, str(Counter(odd).most_common(1)[0][0]) if odd else PLAIN] += 1
    return alarms


def subjects_named(runs: Sequence[Run], threshold: int) -> tuple[int, int]:
    """How many records all findings name, and how many of these bear a label.

    A detector that names everything in one finding shows here.
    """
    named = labelled = 0
    for run in runs:
        subjects = {
            subject
            for finding in run.findings
            if finding.weight >= threshold
            for subject in finding.subjects
        }
        named += len(subjects)
        labelled += len(subjects & run.secrets.labels.keys())
    return named, labelled
