"""A loan's statement: every amount with its inputs, so that anyone can compute it again.

The interest of a period is the exact sum of (principal x days) of its runs, times the rate, divided
by the day count and a million, rounded half up once; less what was paid of it before. The penalty
is computed likewise, on the overdue amount, times the multiple.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain import repayment
from app.domain.loan import Loan, LoanTerms, Parts, Style


@dataclass(frozen=True)
class Event:
    """An event that changed the loan.

    Attributes:
        kind: drawn, repaid, costs, extended, instalments, defaulted; others change no amount.
        amount: the amount of costs.
        terms: the new terms after an extension or a change to instalments.
    """

    kind: str
    day: int
    parts: Parts | None = None
    amount: int = 0
    terms: LoanTerms | None = None


@dataclass
class Line:
    """One line of the statement.

    Attributes:
        kind: run (interest runs), due (an instalment falls due), or an event's kind.
        first_day, day: a run goes from the first to the second, exclusive.
        principal: in a run: the principal that bears interest; in a due line: what falls due.
        days: the days of a run.
        sum_of_days: in a run: principal x days; in a due line: the sum of the runs since interest
            last fell due, 0 while interest waits for a later instalment.
        interest: in a due line: what falls due.
        penalty_days: exact sum of overdue amounts x days up to this day.
        parts: the parts of a payment.
        outstanding: principal after the line.
    """

    kind: str
    day: int
    first_day: int = 0
    number: int = 0
    principal: int = 0
    days: int = 0
    sum_of_days: int = 0
    interest: int = 0
    interest_paid_before: int = 0
    penalty_days: int = 0
    parts: Parts | None = None
    outstanding: int = 0


@dataclass
class _Writer:
    """Writes a loan's statement line by line."""

    loan: Loan
    lines: list[Line] = field(default_factory=list)
    runs: int = 0  # sum of the running period's runs
    elapsed: int = 0  # days of interest of the running period so far
    since: int = 0

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Starts a period or a new schedule."""
        loan = self.loan
        self.runs, self.elapsed = loan.interest_days, 1 if loan.interest_days else 0
        self.since = loan.as_of_day

    def run(self, day: int) -> None:
        """Adds the interest up to a day within the period."""
        loan, before = self.loan, self.loan.interest_days
        loan.roll(day)
        self._run(day, loan.interest_days - before, loan.balance)

    def _run(self, day: int, ran: int, principal: int) -> None:
        days = ran // principal if principal else 0
        if ran:
            self.lines.append(
                Line(
                    "run",
                    day,
                    first_day=self.since,
                    principal=principal,
                    days=days,
                    sum_of_days=ran,
                    outstanding=self.loan.outstanding,
                )
            )
        self.runs += ran
        self.elapsed += days
        self.since = day

    def fall_due(self, number: int, day: int, *, shown_on: int) -> None:
        """An instalment falls due: the rest of its period runs, and its amounts are fixed.

        Args:
            shown_on: the day on which the loan shows it, which may be the day after.
        """
        loan = self.loan
        principal, paid = loan.balance, loan.interest_paid
        owed = loan.past_interest + loan.grace_interest
        due = loan.past_principal + loan.grace_principal
        billed = loan.terms.style is Style.BILLING_CYCLE
        deferred = number <= loan.terms.interest_grace and number < loan.terms.periods
        rest = loan.terms.span(number) - (0 if billed else self.elapsed)
        loan.roll(shown_on)
        self._run(day, principal * rest, principal)
        self.lines.append(
            Line(
                "due",
                day,
                number=number,
                principal=loan.past_principal + loan.grace_principal - due,
                sum_of_days=0 if deferred else self.runs,
                interest=loan.past_interest + loan.grace_interest - owed,
                interest_paid_before=0 if deferred else paid,
                penalty_days=loan.penalty_days,
                outstanding=loan.outstanding,
            )
        )
        self.runs, self.elapsed, self.since = self.runs if deferred else 0, 0, day


def statement(
    terms: LoanTerms, *, principal: int, events: Sequence[Event], today: int
) -> list[Line]:
    """The lines of a loan up to `today`, oldest first.

    Raises:
        ValueError: a payment's parts differ from the computed ones.
    """
    writer = _Writer(Loan.opened(terms, principal=principal))
    writer.lines.append(Line("drawn", terms.start_day, principal=principal, outstanding=principal))
    for event in events:
        if event.kind == "drawn":
            continue
        _up_to(writer, event.day)
        _apply(writer, event)
    _up_to(writer, today)
    return writer.lines


def _up_to(writer: _Writer, day: int) -> None:
    loan = writer.loan
    while loan.period < loan.terms.periods:
        due = loan.terms.due_day_of(loan.period + 1)
        # A bill falls due the day after its due day, and so does a loan of one day whose first day
        # counts too.
        late = loan.terms.style is Style.BILLING_CYCLE or due <= loan.as_of_day
        shown_on = due + 1 if late else due
        if day < shown_on:
            break
        writer.fall_due(loan.period + 1, due, shown_on=shown_on)
    writer.run(day)


def _apply(writer: _Writer, event: Event) -> None:
    loan = writer.loan
    line = Line(event.kind, event.day, penalty_days=loan.penalty_days)
    if event.kind == "repaid":
        assert event.parts is not None
        parts, left = loan.pay(event.parts.total)
        if left or parts != event.parts:
            raise ValueError(f"day {event.day}: {parts} is not {event.parts}")
        line.parts = parts
    elif event.kind == "costs":
        loan.costs += event.amount
        line.principal = event.amount
    elif event.kind == "defaulted":
        loan.accelerate(event.day)
        writer.begin()
    elif event.kind == "extended":
        assert event.terms is not None
        if loan.terms.scheduled:
            loan.extend(event.terms.periods, shifts=event.terms.shifts)
        else:
            loan.terms = event.terms
    elif event.kind == "instalments":
        assert event.terms is not None
        costs = loan.costs
        writer.loan = loan = Loan.opened(event.terms, principal=loan.balance)
        loan.costs = costs
        writer.begin()
    line.outstanding = loan.outstanding
    writer.lines.append(line)


def interest_of(line: Line, terms: LoanTerms) -> int:
    """The interest of a due line, computed from its own values."""
    return (
        repayment.interest_half_up(
            line.sum_of_days,
            annual_rate=terms.annual_rate,
            day_count=repayment.YEAR_DAYS if terms.scheduled else terms.day_count,
        )
        - line.interest_paid_before
    )
