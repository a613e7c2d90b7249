"""A loan's statement: every amount with its inputs, so that anyone can compute it again.

The interest of a period is the exact sum of (principal x days) of its runs, times the rate, divided
by the day count and a million, rounded half up once; less what was paid of it before. The penalty
is computed likewise, on the overdue amount, times the multiple. `app.domain.figures` has each rule.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.domain import figures, relief, repayment
from app.domain.figures import Figure
from app.domain.loan import Loan, LoanTerms, Parts, Style
from app.domain.relief import Relief
from app.domain.texts import mark


@dataclass(frozen=True)
class Event:
    """An event that changed the loan.

    Attributes:
        kind: drawn, repaid, recorded, renounced, refunded, costs, extended, instalments,
            restructured, waived, fees-waived, defaulted, rate-reset; others change no amount.
        parts: the parts of a repayment as the ledger had them; None: a correction changed them. Of
            recorded payments that the borrower renounced: what is owed again.
        amount: the amount of costs, of a payment without parts, or of a refund.
        firm: whether a default stands even if nothing is overdue.
        terms: the new terms after an extension, a restructuring or a change to instalments.
        relief: what a waiver or a restructuring gave up, and what the latter capitalised.
        rate: the new rate after a reset, in parts per million a year.
    """

    kind: str
    day: int
    parts: Parts | None = None
    amount: int = 0
    terms: LoanTerms | None = None
    firm: bool = False
    relief: Relief | None = None
    rate: int = 0


@dataclass
class Line:
    """One line of the statement.

    Attributes:
        kind: run (interest runs), penalty-run (penalty runs), due (an instalment falls due), or an
            event's kind.
        first_day, day: a run goes from the first to the second, exclusive.
        principal: in a run: the amount that bears interest or penalty; in a due line and on a
            default: what falls due.
        days: the days of a run.
        sum_of_days: in a run: principal x days; in a due line: the sum of the runs since interest
            last fell due, 0 while interest waits for a later instalment.
        fees: in a due line: service fees that fall due; in the line of the draw: those of the draw.
        interest: in a due line: what falls due; in a rate-reset line: what ran at the old rates.
        annual_rate: in a rate-reset line: the new rate, in parts per million a year.
        penalty_days: exact sum of overdue amounts x days up to this day.
        parts: the parts of a payment.
        forgiven: what the lender gave up.
        capitalised: interest that became principal.
        outstanding: principal after the line.
        owed: what is due and unpaid after the line.
    """

    kind: str
    day: int
    first_day: int = 0
    number: int = 0
    principal: int = 0
    days: int = 0
    sum_of_days: int = 0
    interest: int = 0
    fees: int = 0
    annual_rate: int = 0
    interest_paid_before: int = 0
    penalty_days: int = 0
    parts: Parts | None = None
    forgiven: Parts | None = None
    capitalised: int = 0
    outstanding: int = 0
    owed: Parts = field(default_factory=Parts)


@dataclass
class Statement:
    """A loan's statement up to a day.

    Attributes:
        lines: oldest first.
        figures: how each amount of the lines is computed, and what is owed on the last day.
        loan: the loan on the last day.
        overdue_since: due day from which something due has been unpaid; 0: nothing is due.
    """

    lines: list[Line]
    figures: list[Figure]
    loan: Loan
    overdue_since: int


@dataclass
class _Writer:
    """Writes a loan's statement line by line."""

    loan: Loan
    lines: list[Line] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    runs: int = 0  # sum of the running period's runs
    elapsed: int = 0  # days of interest of the running period so far
    since: int = 0
    overdue_since: int = 0
    overpaid: int = 0

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Starts a period or a new schedule."""
        loan = self.loan
        self.runs, self.elapsed = loan.interest_days, 1 if loan.interest_days else 0
        # Interest of a loan that was restructured may begin later.
        self.since = max(loan.as_of_day, loan.terms.start_day)

    def add(self, line: Line) -> None:
        """Adds a line, with what the loan owes after it."""
        line.outstanding, line.owed = self.loan.outstanding, self.loan.amount_due
        self.lines.append(line)

    def run(self, day: int) -> None:
        """Adds the interest and the penalty up to a day within the period."""
        before = self.loan.interest_days
        self._roll(day)
        self._run(day, self.loan.interest_days - before, self.loan.balance)

    def _roll(self, day: int, *, due: int = 0) -> None:
        """Brings the loan to a day, and adds the penalty that ran since its last day.

        Args:
            due: the due day of an instalment that falls due on the way; 0: none does.
        """
        loan, before = self.loan, copy.copy(self.loan)
        loan.roll(day)
        self.penalty_ran(before, day, due=due)

    def penalty_ran(self, before: Loan, day: int, *, due: int = 0) -> None:
        """Adds what ran of the penalty since the loan was as `before`."""
        loan, added = self.loan, self.loan.penalty_days - before.penalty_days
        past = self._penalty_base(before.past_principal, before.past_interest)
        grace = self._penalty_base(before.grace_principal, before.grace_interest)
        added -= self._penalty_run(before.as_of_day, day, past)
        if before.grace_day and loan.grace_day != before.grace_day:
            added -= self._penalty_run(before.grace_day, day, grace)
        if added:  # an instalment that fell due on the way is past its days of grace
            self._penalty_run(due, day, added // (day - due))

    def _penalty_base(self, principal: int, interest: int) -> int:
        return principal + interest if self.loan.terms.penalty_on_interest else principal

    def _penalty_run(self, first: int, day: int, amount: int) -> int:
        days = max(day - first, 0)
        if amount and days:
            self.add(
                Line(
                    "penalty-run",
                    day,
                    first_day=first,
                    principal=amount,
                    days=days,
                    sum_of_days=amount * days,
                    penalty_days=self.loan.penalty_days,
                )
            )
        return amount * days

    def _run(self, day: int, ran: int, principal: int) -> None:
        days = ran // principal if principal else 0
        if ran:
            self.add(
                Line(
                    "run",
                    day,
                    first_day=self.since,
                    principal=principal,
                    days=days,
                    sum_of_days=ran,
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
        principal, paid, fixed = loan.balance, loan.interest_paid, loan.interest_fixed
        owed = loan.past_interest + loan.grace_interest
        due = loan.past_principal + loan.grace_principal
        billed = loan.terms.style is Style.BILLING_CYCLE
        deferred = number <= loan.terms.interest_grace and number < loan.terms.periods
        rest = loan.terms.span(number) - (0 if billed else self.elapsed)
        principal_due = figures.principal_falling_due(loan, number, day=day)
        fees = loan.past_fees + loan.grace_fees
        place = len(self.lines)
        self._roll(shown_on, due=day)
        self._run(day, principal * rest, principal)
        for line in self.lines[place:]:  # they come before the instalment
            line.owed = replace(line.owed, interest=owed, principal=due, service=fees)
        if not deferred:
            self.figures += [self._interest(f"interest of instalment {number}", day, paid, fixed)]
        self.figures += [principal_due]
        if loan.terms.periodic_fee:
            self.figures.append(
                figures.periodic_fee(loan.terms, number, day=day, principal=principal)
            )
        self.add(
            Line(
                "due",
                day,
                number=number,
                principal=loan.past_principal + loan.grace_principal - due,
                sum_of_days=0 if deferred else self.runs,
                interest=loan.past_interest + loan.grace_interest - owed,
                fees=loan.past_fees + loan.grace_fees - fees,
                interest_paid_before=0 if deferred else paid,
                penalty_days=loan.penalty_days,
            )
        )
        self.runs, self.elapsed, self.since = self.runs if deferred else 0, 0, day
        self.mark_overdue(day)

    def running_interest(self, loan: Loan) -> Figure:
        """The interest of the running period that is owed on the loan's day."""
        return self._interest(
            mark("interest so far"), loan.as_of_day, loan.interest_paid, loan.interest_fixed
        )

    def _interest(self, name: str, day: int, paid_before: int, fixed: int) -> Figure:
        return figures.interest(
            name,
            self.loan.terms,
            day=day,
            sum_of_days=self.runs,
            paid_before=paid_before,
            fixed=fixed,
        )

    def reset_rate(self, rate: int, line: Line) -> None:
        """Interest and penalty so far are fixed, and the rate changes."""
        loan = self.loan
        self.figures_owed()
        line.sum_of_days, line.interest_paid_before = self.runs, loan.interest_paid
        loan.reset_rate(rate)
        line.interest, line.annual_rate = loan.interest_fixed, rate
        self.runs = 0

    def figures_owed(self) -> None:
        """Adds the figures of the penalty and the interest that are owed on the loan's day."""
        loan = self.loan
        if loan.penalty_days or loan.penalty_fixed:
            self.figures.append(figures.penalty(loan))
        if loan.interest_days or loan.interest_fixed:
            self.figures.append(self.running_interest(loan))

    def mark_overdue(self, day: int) -> None:
        """Notes since when something due is unpaid; `day` is the newest due day."""
        loan = self.loan
        if loan.has_past:
            self.overdue_since = self.overdue_since or day
        else:
            # What a restructuring left unpaid falls due with the first instalment.
            unpaid = loan.grace_principal or loan.grace_interest or loan.grace_fees
            in_grace = loan.grace_day <= day and unpaid
            self.overdue_since = loan.grace_day if in_grace else 0


def statement(
    terms: LoanTerms, *, principal: int, events: Sequence[Event], today: int
) -> Statement:
    """The statement of a loan up to `today`.

    Raises:
        ValueError: a payment's parts differ from the computed ones.
    """
    writer = _Writer(Loan.opened(terms, principal=principal))
    writer.add(Line("drawn", terms.start_day, principal=principal, fees=writer.loan.running_fees))
    if writer.loan.running_fees:
        writer.figures.append(figures.fees_of_draw(terms, principal=principal))
    for event in events:
        if event.kind == "drawn":
            continue
        _up_to(writer, event.day)
        _apply(writer, event)
    _up_to(writer, today)
    writer.figures_owed()
    loan = writer.loan
    if loan.terms.fee and loan.balance > loan.free_of_fee:
        writer.figures.append(figures.fee_of_payoff(loan))
    return Statement(writer.lines, writer.figures, loan, writer.overdue_since)


def _up_to(writer: _Writer, day: int) -> None:
    loan = writer.loan
    while loan.period < loan.terms.periods:
        due = loan.terms.due_day_of(loan.period + 1)
        # A bill falls due the day after its due day.
        shown_on = due + 1 if loan.terms.style is Style.BILLING_CYCLE else due
        if day < shown_on:
            break
        writer.fall_due(loan.period + 1, due, shown_on=shown_on)
    writer.run(day)


def _apply(writer: _Writer, event: Event) -> None:
    loan = writer.loan
    line = Line(event.kind, event.day, penalty_days=loan.penalty_days)
    if event.kind in ("repaid", "recorded"):
        line.parts = _paid(writer, event)
    elif event.kind == "refunded":
        writer.overpaid -= event.amount
        line.principal = event.amount
    elif event.kind in ("costs", "renounced"):
        _charge(writer, event, line)
    elif event.kind == "defaulted":
        if not (event.firm or loan.has_past):
            return  # a correction showed that nothing was overdue
        _accelerate(writer, line)
    elif event.kind == "waived":
        _waive(writer, event, line)
    elif event.kind == "fees-waived":
        line.forgiven = Parts(service=relief.waive_fees(loan, event.amount))
    elif event.kind == "restructured":
        _restructure(writer, event, line)
    elif event.kind == "rate-reset":
        writer.reset_rate(event.rate, line)
    elif event.kind in ("extended", "instalments"):
        _change_terms(writer, event)
    writer.mark_overdue(event.day)
    writer.add(line)


def _charge(writer: _Writer, event: Event, line: Line) -> None:
    """Costs, or what the borrower owes again because it renounced recorded payments."""
    parts = event.parts or Parts(costs=event.amount)
    writer.loan.balance += parts.principal
    writer.loan.costs += parts.costs
    line.principal = parts.total
    if writer.overpaid:
        line.parts = _taken(writer, writer.overpaid)


def _change_terms(writer: _Writer, event: Event) -> None:
    """More time, or a bill that is paid in instalments."""
    loan = writer.loan
    assert event.terms is not None
    if event.kind == "instalments":
        writer.loan = Loan.opened(event.terms, principal=loan.balance)
        writer.loan.costs = loan.costs
        writer.begin()
    elif loan.terms.scheduled:
        loan.extend(event.terms.periods, shifts=event.terms.shifts)
    else:
        loan.terms = event.terms


def _paid(writer: _Writer, event: Event) -> Parts:
    money = event.amount if event.parts is None else event.parts.total
    parts = _taken(writer, writer.overpaid + money)
    if event.parts is not None and (writer.overpaid or parts != event.parts):
        raise ValueError(f"day {event.day}: {parts} is not {event.parts}")
    return parts


def _taken(writer: _Writer, money: int) -> Parts:
    """What the loan takes of money; the rest is overpaid."""
    loan, before = writer.loan, copy.copy(writer.loan)
    parts, writer.overpaid = loan.pay(money)
    if parts.penalty:
        writer.figures.append(figures.penalty(before))
    if loan.interest_paid != before.interest_paid:
        writer.figures.append(writer.running_interest(before))
    principal = before.balance - loan.balance
    if parts.fee:
        money = principal + parts.fee
        writer.figures.append(figures.early_repayment(before, money=money, principal=principal))
    return parts


def _waive(writer: _Writer, event: Event, line: Line) -> None:
    """The lender gives up penalty and interest; what a correction left less falls away."""
    assert event.relief is not None
    loan, before = writer.loan, copy.copy(writer.loan)
    penalty = relief.waive_penalty(loan, event.relief.penalty)
    interest = relief.waive_interest(loan, event.relief.interest)
    line.forgiven = Parts(penalty=penalty, interest=interest)
    if penalty:
        writer.figures.append(figures.penalty(before))
    if loan.interest_paid != before.interest_paid:
        writer.figures.append(writer.running_interest(before))


def _restructure(writer: _Writer, event: Event, line: Line) -> None:
    """The loan begins anew by new terms."""
    assert event.relief is not None and event.terms is not None
    loan = writer.loan
    if loan.penalty_days:
        writer.figures.append(figures.penalty(loan))
    if loan.interest_days:
        writer.figures.append(writer.running_interest(loan))
    relieved = relief.relieve(loan, event.relief)
    granted = relieved.relief
    line.forgiven = Parts(
        costs=granted.costs,
        penalty=granted.penalty,
        interest=granted.interest,
        principal=granted.principal,
    )
    line.capitalised, line.principal, line.penalty_days = granted.capitalised, relieved.principal, 0
    writer.loan = relief.begun(event.terms, relieved, today=event.day)
    writer.begin()


def _accelerate(writer: _Writer, line: Line) -> None:
    """The whole loan falls due, with the interest so far."""
    loan, before = writer.loan, copy.copy(writer.loan)
    if loan.terms.style is Style.BILLING_CYCLE and loan.balance:
        writer.runs = loan.balance * (line.day - loan.terms.start_day)
    loan.accelerate(line.day)
    writer.penalty_ran(before, line.day)
    if writer.runs or before.interest_fixed:
        writer.figures.append(writer.running_interest(before))
    line.principal, line.sum_of_days = before.balance, writer.runs
    owed = before.past_interest + before.grace_interest
    line.interest, line.interest_paid_before = loan.past_interest - owed, before.interest_paid
    line.penalty_days = loan.penalty_days
    writer.begin()


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
