"""Expected loss: probability of default, times loss given default, times exposure at default."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.portfolio.book import (
    BookLoan,
    Bucket,
    bucket_at,
    first_default,
    first_loss,
    in_default,
)
from app.domain.portfolio.shares import MILLION, part_half_up, times_half_up, upper_bound_up

HORIZON_DAYS = 365


@dataclass(frozen=True)
class Severity:
    """The loss given default of a book.

    Attributes:
        resolved: number of defaults that ended: with a recorded loss, or fully repaid.
        exposure: their principal when they counted as defaulted first.
        lost: what was lost of it.
        part: parts per million: lost ÷ exposure, or the assumption if nothing is resolved.
    """

    resolved: int
    exposure: int
    lost: int
    part: int
    source: Literal["observed", "assumed"]


@dataclass(frozen=True)
class Frequency:
    """How often loans default in the 365 days after their draw; rates in parts per million.

    Attributes:
        loans: those drawn at least 365 days ago.
        defaults: those of them that defaulted within 365 days.
        rate, upper: None: no loan is old enough.
    """

    loans: int
    defaults: int

    @property
    def rate(self) -> int | None:
        """The observed rate."""
        return part_half_up(self.defaults, self.loans)

    @property
    def upper(self) -> int | None:
        """The upper end of the rate at 95 %."""
        return upper_bound_up(self.defaults, self.loans)


@dataclass(frozen=True)
class Expected:
    """The expected loss of one group of loans; None: no loan of the book is old enough to tell.

    Attributes:
        frequency: of the group.
        source: whose rate counts: the group's, the whole book's where the group has too few loans,
            or nobody's.
        exposure: principal that is not in default.
        in_default: principal in default of which no loss is recorded yet.
        rate, rate_upper: the rate of default that counts, and its upper end at 95 %.
        loss, upper: with the rate, and with its upper end.
    """

    key: int
    loans: int
    frequency: Frequency
    source: Literal["group", "book", "none"]
    rate: int | None
    rate_upper: int | None
    exposure: int
    in_default: int
    loss: int | None
    upper: int | None


def severity_of(loans: Iterable[BookLoan], *, assumed: int, today: int) -> Severity:
    """The loss given default that the book has shown, or the assumption, in parts per million."""
    count = exposure = lost = 0
    for loan in loans:
        default = first_default(loan, today) if loan.complete else None
        loss = first_loss(loan)
        if default is None or not (loss or loan.last.outstanding == 0):
            continue
        count += 1
        exposure += default.outstanding
        lost += min(loss.outstanding, default.outstanding) if loss else 0
    part = part_half_up(lost, exposure)
    if part is None:
        return Severity(0, 0, 0, assumed, "assumed")
    return Severity(count, exposure, lost, part, "observed")


def frequency_of(loans: Iterable[BookLoan], *, today: int) -> Frequency:
    """How often these loans defaulted within 365 days of their draw."""
    count = defaults = 0
    for loan in loans:
        if loan.start_day + HORIZON_DAYS > today or not loan.complete:
            continue
        count += 1
        default = first_default(loan, today)
        if default is not None and default.day <= loan.start_day + HORIZON_DAYS:
            defaults += 1
    return Frequency(count, defaults)


def expected_losses(
    loans: Sequence[BookLoan],
    key: Callable[[BookLoan], int],
    *,
    severity: Severity,
    min_loans: int,
    today: int,
) -> list[Expected]:
    """The expected loss of each group that owes something, by its key.

    Args:
        min_loans: a group with fewer loans that are old enough takes the rate of the whole book.
    """
    groups: defaultdict[int, list[BookLoan]] = defaultdict(list)
    for loan in loans:
        groups[key(loan)].append(loan)
    book = frequency_of(loans, today=today)
    of_groups = [
        _expected(
            number,
            groups[number],
            book=book,
            severity=severity,
            min_loans=min_loans,
            today=today,
        )
        for number in sorted(groups)
    ]
    return [expected for expected in of_groups if expected.loans]


def _expected(
    key: int,
    loans: list[BookLoan],
    *,
    book: Frequency,
    severity: Severity,
    min_loans: int,
    today: int,
) -> Expected:
    exposure = defaulted = count = 0
    for loan in loans:
        bucket = bucket_at(loan, loan.last, today)
        if bucket in (Bucket.REPAID, Bucket.LOST):
            continue
        count += 1
        if in_default(bucket):
            defaulted += loan.last.outstanding
        else:
            exposure += loan.last.outstanding
    frequency = frequency_of(loans, today=today)
    source: Literal["group", "book", "none"] = "group"
    used = frequency
    if frequency.loans < max(1, min_loans):
        source, used = ("book", book) if book.loans else ("none", book)
    rate, upper = used.rate, used.upper

    def loss(part: int | None) -> int | None:
        if part is None:
            return times_half_up(defaulted, severity.part) if not exposure else None
        # In default the probability is one; the sum is in millionths, and is rounded once.
        return times_half_up(exposure * part + defaulted * MILLION, severity.part, 1)

    return Expected(
        key=key,
        loans=count,
        frequency=frequency,
        source=source,
        rate=rate,
        rate_upper=upper,
        exposure=exposure,
        in_default=defaulted,
        loss=loss(rate),
        upper=loss(upper),
    )
