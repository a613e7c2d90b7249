"""Cases parted by time: fitted on the first, chosen on the middle, looked at once on the last.

Between two parts lies a year: the outcomes of a part are known on the first day of the next one,
as they would be for whoever fits a card on that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.calendar import add_months, date_of
from benchmarks.credit.cases import StudyCase, defaults_of

HORIZON = 12
MIN_DEFAULTS = 30
MIN_GOOD = 30


class PartsInvalid(ValueError):
    """The cases cannot be parted: too short a time, or too few outcomes."""


@dataclass(frozen=True)
class Parts:
    """The cases of each part, in the order of their days."""

    train: tuple[StudyCase, ...]
    choose: tuple[StudyCase, ...]
    hold_out: tuple[StudyCase, ...]

    def named(self) -> list[tuple[str, tuple[StudyCase, ...]]]:
        """Name and cases of each part."""
        return [("train", self.train), ("choose", self.choose), ("hold-out", self.hold_out)]


def parted(cases: Sequence[StudyCase]) -> Parts:
    """The cases by time: half of what is left beside two years between, and a quarter twice.

    Raises:
        PartsInvalid: the cases span less than three years, or a part has fewer than 30 cases of
            an outcome.
    """
    if not cases:
        raise PartsInvalid("there is no case")
    ordered = sorted(cases, key=lambda case: (case.day, case.name))
    first, last = ordered[0].day, ordered[-1].day
    begins = add_months(last, -2 * HORIZON)
    if begins < add_months(first, HORIZON):
        raise PartsInvalid(
            f"as_of: the cases are from {date_of(first)} to {date_of(last)}; a hold-out by time "
            "needs three years at least, because a year lies between two parts: give older cases"
        )
    span = begins - first
    train_ends = first + span // 2
    choose_begins = add_months(train_ends, HORIZON)
    choose_ends = choose_begins + span // 4
    hold_out_begins = add_months(choose_ends, HORIZON)
    parts = Parts(
        tuple(case for case in ordered if case.day <= train_ends),
        tuple(case for case in ordered if choose_begins < case.day <= choose_ends),
        tuple(case for case in ordered if case.day > hold_out_begins),
    )
    for name, part in parts.named():
        defaults = defaults_of(part)
        if defaults < MIN_DEFAULTS or len(part) - defaults < MIN_GOOD:
            raise PartsInvalid(
                f"outcome: the part {name} has {len(part)} cases with {defaults} defaults; it "
                f"needs {MIN_DEFAULTS} defaults and {MIN_GOOD} others: give more cases of its time"
            )
    return parts
