"""A case of the study: what was known of a firm on a day, and whether it defaulted in the year."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.calendar import date_of
from app.domain.scoring.model import Card
from app.domain.scoring.values import Value

CASE, AS_OF, OUTCOME = "case", "as_of", "outcome"
GOOD, DEFAULT, REFUSED = "good", "default", "refused"


@dataclass(frozen=True, slots=True)
class StudyCase:
    """A case whose outcome is known.

    Attributes:
        day: day number on which the values were known.
        values: by feature, in the whole numbers of the card; None: unknown.
        default: whether it defaulted within a year.
    """

    name: str
    day: int
    values: Mapping[str, Value | None]
    default: bool


def defaults_of(cases: Sequence[StudyCase]) -> int:
    """How many defaulted."""
    return sum(case.default for case in cases)


def table_of(cases: Sequence[StudyCase], card: Card) -> str:
    """The cases as the CSV that `benchmarks.credit.outcomes` reads."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([CASE, AS_OF, OUTCOME, *(feature.name for feature in card.features)])
    for case in cases:
        cells = []
        for feature in card.features:
            value = case.values.get(feature.name)
            cells.append("" if value is None else feature.text_of(value, currency=card.currency))
        outcome = DEFAULT if case.default else GOOD
        rows.writerow([case.name, date_of(case.day).isoformat(), outcome, *cells])
    return text.getvalue()


def fingerprint(cases: Sequence[StudyCase], card: Card) -> str:
    """SHA-256 of the cases' table."""
    return hashlib.sha256(table_of(cases, card).encode()).hexdigest()
