"""What partners say of a party's deliveries, and the figures that it shows.

CSV with a row for each partner and period:

| column | holds |
| --- | --- |
| company | the number of the party as a company, the same in each row |
| partner | number or name of the partner |
| periodFrom, periodTo | the first and the last day of the period |
| score (optional) | the partner's score, a whole number from 0 to 100, the best |
| deliveries (optional) | how many deliveries the partner got |
| late, short, complaints (optional) | how many of them were late, too small, complained about |

Each row has a score, or deliveries, or both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.catalogue import MILLION
from app.domain.numbering import letters_and_digits
from app.domain.scoring.file_figures import FileFigures, known, share_up
from app.domain.scoring.file_rows import Cells, agreed, read_rows, wrong
from app.domain.scoring.values import percent_text
from app.domain.texts import say

TITLE = say("feedback file")
COLUMNS = ("company", "partner", "periodFrom", "periodTo")
COUNTS = ("late", "short", "complaints")
OPTIONAL = ("score", "deliveries", *COUNTS)
FEATURES = (
    "feedback-partners",
    "partner-score",
    "late-deliveries",
    "short-deliveries",
    "complaint-share",
)
YEAR = 365
MAX_SCORE = 100


@dataclass(frozen=True)
class Feedback:
    """A row; None: it does not say."""

    row: int
    company: str
    partner: str
    begins: int
    ends: int
    score: int | None
    deliveries: int | None
    counts: tuple[int | None, ...]


def read_feedback_table(data: bytes, *, currency: str) -> FileFigures:
    """The figures of partners' feedback: of periods that end in the year before the last one ends.

    Shares count in deliveries, of the rows that give both numbers, and are rounded up; the score is
    the mean of the scores, as a share of 100, rounded down.

    Args:
        currency: not used: the file has no amounts.

    Raises:
        EvidenceInvalid: names the file, the rows and the columns that are wrong.
    """
    rows = read_rows(data, _feedback, title=TITLE, columns=COLUMNS, optional=OPTIONAL)
    company = agreed(
        ((each.row, each.company) for each in rows),
        title=TITLE,
        column="company",
        fix=say("give feedback about one company"),
    )
    _check_periods(rows)
    as_of = max(each.ends for each in rows)
    recent = [each for each in rows if as_of - each.ends < YEAR]
    partners = {_key(each.partner) for each in recent}
    late, short, complaints = (_share(recent, place) for place in range(len(COUNTS)))
    values = {
        "feedback-partners": len(partners),
        "partner-score": _score(recent),
        "late-deliveries": late,
        "short-deliveries": short,
        "complaint-share": complaints,
    }
    basis = f"{len(recent)} rows of {len(partners)} partners in a year"
    return FileFigures(company, known(values, as_of=as_of), basis)


def _feedback(cells: Cells) -> Feedback:
    begins, ends = cells.period("periodFrom", "periodTo")
    company, partner = cells.company("company"), cells.text("partner")
    if _key(partner) == _key(company):
        fix = say("give what its partners say")
        raise cells.wrong("partner", say("the company speaks of itself"), fix, name="of-itself")
    score, deliveries = (cells.optional(name, cells.whole) for name in ("score", "deliveries"))
    if score is not None and score > MAX_SCORE:
        raise cells.wrong(
            "score",
            say("{score} is too high", score=score),
            say("give 0 to {max}", max=MAX_SCORE),
        )
    if score is None and deliveries is None:
        fix = say("give one of both, or leave the row out")
        raise cells.wrong("score", say("the row has neither score nor deliveries"), fix)
    counts = tuple(cells.optional(name, cells.whole) for name in COUNTS)
    for name, count in zip(COUNTS, counts, strict=True):
        if count is not None and deliveries is None:
            raise cells.wrong(name, say("the row has no deliveries"), say("give their number"))
        if count is not None and deliveries is not None and count > deliveries:
            detail = say(
                "{count} is more than its {deliveries} deliveries",
                count=count,
                deliveries=deliveries,
            )
            raise cells.wrong(name, detail, say("count each delivery once"))
    return Feedback(cells.row, company, partner, begins, ends, score, deliveries, counts)


def _check_periods(rows: Sequence[Feedback]) -> None:
    """No two periods of a partner share a day: deliveries would count twice.

    Raises:
        EvidenceInvalid.
    """
    order = sorted(rows, key=lambda each: (_key(each.partner), each.begins, each.row))
    for before, after in pairwise(order):
        if _key(before.partner) == _key(after.partner) and after.begins <= before.ends:
            detail = say(
                "its period overlaps that of row {row} of the same partner", row=before.row
            )
            fix = say("give each day of a partner once")
            raise wrong(TITLE, after.row, "periodFrom", detail, fix, name="contradictory")


def _key(partner: str) -> str:
    return letters_and_digits(partner) or partner


def _score(rows: Sequence[Feedback]) -> str | None:
    scores = [each.score for each in rows if each.score is not None]
    if not scores:
        return None
    return percent_text(sum(scores) * (MILLION // MAX_SCORE) // len(scores))


def _share(rows: Sequence[Feedback], place: int) -> str | None:
    """The share of deliveries that one of the counts has; None: no row gives it."""
    both = [
        (count, each.deliveries)
        for each in rows
        if (count := each.counts[place]) is not None and each.deliveries is not None
    ]
    return share_up(sum(count for count, _ in both), sum(deliveries for _, deliveries in both))
