"""How one loan runs: what falls due when, what it costs by today, where a payment goes.

Twin of contracts/math/LoanMath.sol, which explains each term and each amount. A loan holds its
state as of the day of its last change; rolling it in steps or at once gives the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum

from app.domain import repayment
from app.domain.calendar import add_months

MAX_GRACE_DAYS = 15
MAX_GRACE_PERIODS = 12
EARLY_DAYS = 10  # principal repaid so late before a due day counts for its instalment first
MAX_SHIFT_DAYS = 12


class Style(IntEnum):
    """How a loan is repaid; the contracts use the same numbers."""

    BULLET = 0
    EQUAL_PRINCIPAL = 1
    EQUAL_INSTALMENT = 2
    BILLING_CYCLE = 3
    INTEREST_ONLY = 4


class AfterPrepayment(IntEnum):
    """How principal that is repaid early changes a schedule; the contracts use the same numbers."""

    PAY_AHEAD = 0
    SHORTEN_TERM = 1
    LOWER_INSTALMENT = 2


# Terms that the ledger keeps apart from the others of a loan.
SERVICE_FEES = ("flat_fee", "draw_fee", "periodic_fee")
SCHEDULES = (Style.EQUAL_PRINCIPAL, Style.EQUAL_INSTALMENT, Style.INTEREST_ONLY)


@dataclass(frozen=True, kw_only=True)
class LoanTerms:
    """Terms that are fixed when the loan is drawn; a floating rate is reset later.

    Attributes:
        flat_fee: service fee of the draw, in minor units.
        draw_fee: share of the draw that is a service fee, in parts per million.
        periodic_fee: share of the running principal that each instalment is charged, in parts per
            million.
    """

    style: Style
    start_day: int
    annual_rate: int
    periods: int = 1
    due_day: int = 0
    day_count: int = 360
    penalty_multiple: int = 1_500_000
    grace_days: int = 0
    early_fee: int = 0
    penalty_on_interest: bool = False
    same_day_interest: bool = False
    shifts: tuple[int, ...] = ()
    months_per_period: int = 1
    principal_grace: int = 0
    interest_grace: int = 0
    after_prepayment: AfterPrepayment = AfterPrepayment.PAY_AHEAD
    flat_fee: int = 0
    draw_fee: int = 0
    periodic_fee: int = 0

    @property
    def scheduled(self) -> bool:
        """Whether it is repaid in periods of whole months."""
        return self.style in SCHEDULES

    @property
    def first_periods_without_principal(self) -> int:
        """Instalments from the first on that repay no principal."""
        return self.periods - 1 if self.style is Style.INTEREST_ONLY else self.principal_grace

    @property
    def fee(self) -> int:
        """The fee for early repayment; a bill has none, because it is paid before it is due."""
        return 0 if self.style is Style.BILLING_CYCLE else self.early_fee

    def shift(self, number: int) -> int:
        """Days by which instalment `number` moves to a business day; 0 for the start."""
        return self.shifts[number - 1] if 0 < number <= len(self.shifts) else 0

    def due_day_of(self, number: int) -> int:
        """Due day of instalment `number`, from 1."""
        return self._unmoved_due_day_of(number) + self.shift(number)

    def _unmoved_due_day_of(self, number: int) -> int:
        if not self.scheduled:
            return self.due_day
        if self.due_day:
            return add_months(self.due_day, (number - 1) * self.months_per_period)
        return add_months(self.start_day, number * self.months_per_period)

    def span(self, number: int) -> int:
        """Days of interest in a whole period: a month has thirty.

        A first period that ends on a fixed due day has its actual days.
        """
        if not self.scheduled or (number == 1 and self.due_day):
            return self.due_day_of(number) - self.start_day
        days = repayment.MONTH_DAYS * self.months_per_period
        return days + self.shift(number) - self.shift(number - 1)


@dataclass(kw_only=True)
class Parts:
    """The parts of a payment; they sum to it.

    Attributes:
        fee: for early repayment.
        service: service fees.
    """

    costs: int = 0
    penalty: int = 0
    interest: int = 0
    principal: int = 0
    fee: int = 0
    service: int = 0

    @property
    def total(self) -> int:
        """The sum of the parts."""
        charges = self.costs + self.penalty + self.fee + self.service
        return charges + self.interest + self.principal


@dataclass(kw_only=True)
class Loan:
    """A loan as of a day and the payments made on it; amounts in minor units."""

    terms: LoanTerms
    as_of_day: int
    base: int
    balance: int
    interest_days: int = 0
    period: int = 0
    base_period: int = 0
    ahead: int = 0
    interest_paid: int = 0
    penalty_days: int = 0
    penalty_paid: int = 0
    past_principal: int = 0
    past_interest: int = 0
    grace_principal: int = 0
    grace_interest: int = 0
    grace_day: int = 0
    costs: int = 0
    prepaid: int = 0
    interest_fixed: int = 0
    penalty_fixed: int = 0
    past_fees: int = 0
    grace_fees: int = 0
    running_fees: int = 0
    payments: list[Parts] = field(default_factory=list, compare=False)

    @classmethod
    def opened(cls, terms: LoanTerms, *, principal: int) -> Loan:
        """A loan as it is when drawn."""
        loan = cls(terms=terms, as_of_day=terms.start_day, base=principal, balance=principal)
        if terms.same_day_interest and terms.style is not Style.BILLING_CYCLE:
            loan.as_of_day += 1
            loan.interest_days = principal
        # Nothing is deducted: what the draw costs falls due with the first instalment.
        loan.running_fees = terms.flat_fee + repayment.share_half_up(principal, terms.draw_fee)
        return loan

    # ------------------------------------------------------------------ time

    def roll(self, today: int) -> None:
        """Brings the loan to a day; an earlier day changes nothing."""
        if today < self.as_of_day:
            return
        past = self._penalty_base(self.past_principal, self.past_interest)
        self.penalty_days += past * (today - self.as_of_day)
        self._end_grace(today)
        while self.period < self.terms.periods:
            due = self.terms.due_day_of(self.period + 1)
            if today < due or (today == due and self.terms.style is Style.BILLING_CYCLE):
                break
            self._fall_due(due, today)
        if self.balance and self.terms.style is not Style.BILLING_CYCLE:
            days = self._elapsed(today) - self._elapsed(self.as_of_day)
            self.interest_days += self.balance * days
        self.as_of_day = today

    def accelerate(self, today: int) -> None:
        """Makes the whole loan due, as on a default."""
        self.roll(today)
        if self.grace_day:
            self._leave_grace(today)
        if self.terms.style is Style.BILLING_CYCLE:
            self.interest_days = self.balance * (today - self.terms.start_day)
        self.past_interest += self._running_interest()
        self.past_principal += self.balance
        self.past_fees += self.running_fees
        self.running_fees = 0
        self.interest_days = self.interest_paid = self.interest_fixed = 0
        self.ahead = self.balance = 0
        self.period = self.terms.periods

    def extend(self, periods: int, *, shifts: tuple[int, ...] = ()) -> None:
        """Adds periods: the amount that is not due yet is divided over the remaining ones."""
        self.terms = replace(self.terms, periods=periods, shifts=shifts)
        self.base, self.base_period, self.ahead = self.balance, self.period, 0

    def reset_rate(self, annual_rate: int) -> None:
        """Sets the rate anew, from today on; the loan must be rolled to today first.

        Interest of the running period and penalty so far are rounded and stay. Equal instalments
        are worked out anew. Where an early repayment shortens the term, they become those of a loan
        without early repayments, so that it goes on doing so.
        """
        self.interest_fixed, self.interest_days = self._interest_so_far(), 0
        self.penalty_fixed, self.penalty_days = self._penalty_so_far(), 0
        terms = self.terms
        if terms.style is Style.EQUAL_INSTALMENT and self.period < terms.periods:
            shortened = terms.after_prepayment is AfterPrepayment.SHORTEN_TERM
            self.base = self._unprepaid() if shortened else self.balance + self.ahead
            self.base_period = self.period
        self.terms = replace(terms, annual_rate=annual_rate)

    # ------------------------------------------------------------------ money

    def pay(self, amount: int) -> tuple[Parts, int]:
        """Applies a payment; returns its parts, and the rest, which is not owed.

        The loan must be rolled to today first.
        """
        parts, left = Parts(), amount

        def take(owed: int) -> int:
            nonlocal left
            taken = min(owed, left)
            left -= taken
            return taken

        parts.costs = take(self.costs)
        self.costs -= parts.costs
        parts.service += self._pay_fees(take, "past_fees", "grace_fees")
        parts.penalty = take(self.penalty_due)
        self.penalty_paid += parts.penalty
        for name in ("interest", "principal"):
            for due in (f"past_{name}", f"grace_{name}"):
                taken = take(getattr(self, due))
                setattr(self, due, getattr(self, due) - taken)
                setattr(parts, name, getattr(parts, name) + taken)
        running = take(self._running_interest())
        self.interest_paid += running
        parts.interest += running
        parts.service += self._pay_fees(take, "running_fees")
        if left and self.balance:
            left = self._prepay(parts, left)
        self.payments.append(parts)
        return parts, left

    def _pay_fees(self, take: Callable[[int], int], *names: str) -> int:
        paid = 0
        for name in names:
            taken = take(getattr(self, name))
            setattr(self, name, getattr(self, name) - taken)
            paid += taken
        return paid

    @property
    def penalty_due(self) -> int:
        """Penalty owed today."""
        return self._penalty_so_far() - self.penalty_paid

    @property
    def amount_due(self) -> Parts:
        """The amounts that must be paid today so that nothing due stays unpaid."""
        return Parts(
            costs=self.costs,
            penalty=self.penalty_due,
            interest=self.past_interest + self.grace_interest,
            principal=self.past_principal + self.grace_principal,
            service=self.past_fees + self.grace_fees,
        )

    @property
    def payoff(self) -> Parts:
        """The amounts that would end the loan today."""
        parts = self.amount_due
        parts.interest += self._running_interest()
        parts.principal += self.balance
        parts.fee = self._money_to_prepay(self.balance) - self.balance
        parts.service += self.running_fees
        return parts

    @property
    def outstanding(self) -> int:
        """Principal owed, whether due or not."""
        return self.balance + self.past_principal + self.grace_principal

    @property
    def has_past(self) -> bool:
        """Whether something is unpaid beyond its grace."""
        return bool(self.past_principal or self.past_interest or self.past_fees)

    @property
    def paid(self) -> bool:
        """Whether nothing is owed."""
        return self.payoff.total == 0

    def oldest_unpaid(self, before: int) -> int:
        """Due day of the oldest unpaid instalment, or of the next one.

        Args:
            before: what it was before the last change; 0: unknown.
        """
        if before and self.has_past:
            return before
        if self.grace_principal or self.grace_interest or self.grace_fees:
            return self.grace_day
        return self.terms.due_day_of(min(self.period + 1, self.terms.periods))

    # ------------------------------------------------------------------ helpers

    def _fall_due(self, due: int, today: int) -> None:
        number = self.period + 1
        billed = self.terms.style is Style.BILLING_CYCLE
        before = 0 if billed else self._elapsed(self.as_of_day)
        self.interest_days += self.balance * (self.terms.span(number) - before)
        principal = self._principal_falling_due(number)
        self.grace_fees += self.running_fees
        self.grace_fees += repayment.share_half_up(self.balance, self.terms.periodic_fee)
        self.running_fees = 0
        self.balance -= principal
        self.period = number
        interest = 0
        if number > self.terms.interest_grace or number == self.terms.periods:
            interest = self._running_interest()
            self.interest_days = self.interest_paid = self.interest_fixed = 0
        self.grace_principal = principal
        # What a restructuring left unpaid falls due with the first instalment.
        self.grace_interest += interest
        self.grace_day = due if principal or self.grace_interest or self.grace_fees else 0
        self.as_of_day = due
        self._end_grace(today)

    def _principal_falling_due(self, number: int) -> int:
        if number == self.terms.periods:
            return self.balance
        scheduled, ahead = self._scheduled_principal(number), self.ahead
        self.ahead = 0
        if ahead <= scheduled:
            return scheduled - ahead
        if self.terms.after_prepayment is not AfterPrepayment.SHORTEN_TERM:
            self.base, self.base_period = self.balance, number
        return 0

    def _scheduled_principal(self, number: int) -> int:
        terms, at_start = self.terms, self.balance + self.ahead
        without_principal = terms.first_periods_without_principal
        if number <= without_principal:
            return 0
        periods = terms.periods - max(self.base_period, without_principal)
        if terms.style is Style.EQUAL_PRINCIPAL:
            return min(repayment.equal_principal_half_up(self.base, periods=periods), at_start)
        instalment = repayment.equal_instalment_half_up(
            self.base,
            annual_rate=terms.annual_rate,
            periods=periods,
            months_per_period=terms.months_per_period,
        )
        interest = repayment.interest_half_up(
            at_start * terms.span(number),
            annual_rate=terms.annual_rate,
            day_count=repayment.YEAR_DAYS,
        )
        return min(max(instalment - interest, 0), at_start)

    def _end_grace(self, today: int) -> None:
        if self.grace_day and today > self.grace_day + self.terms.grace_days:
            self._leave_grace(today)

    def _leave_grace(self, today: int) -> None:
        base = self._penalty_base(self.grace_principal, self.grace_interest)
        # A default may come before the due day of what a restructuring left unpaid.
        self.penalty_days += base * max(today - self.grace_day, 0)
        self.past_principal += self.grace_principal
        self.past_interest += self.grace_interest
        self.past_fees += self.grace_fees
        self.grace_principal = self.grace_interest = self.grace_fees = self.grace_day = 0

    def _penalty_base(self, principal: int, interest: int) -> int:
        return principal + interest if self.terms.penalty_on_interest else principal

    def _running_interest(self) -> int:
        return self._interest_so_far() - self.interest_paid

    def _interest_so_far(self) -> int:
        """Interest of the running period: what the last reset fixed, and what ran since."""
        terms = self.terms
        return self.interest_fixed + repayment.interest_half_up(
            self.interest_days,
            annual_rate=terms.annual_rate,
            day_count=repayment.YEAR_DAYS if terms.scheduled else terms.day_count,
        )

    def _penalty_so_far(self) -> int:
        """Penalty: what the last reset fixed, and what ran since."""
        terms = self.terms
        return self.penalty_fixed + repayment.penalty_half_up(
            self.penalty_days,
            annual_rate=terms.annual_rate,
            multiple=terms.penalty_multiple,
            day_count=terms.day_count,
        )

    def _unprepaid(self) -> int:
        """What would not be due yet, had nothing been repaid early since `base` was set."""
        rest = self.base
        for number in range(self.base_period + 1, self.period + 1):
            scheduled = replace(self, balance=rest, ahead=0)
            rest -= scheduled._scheduled_principal(number)
        return rest

    def _elapsed(self, day: int) -> int:
        terms = self.terms
        first_day = terms.due_day_of(self.period) if self.period else terms.start_day
        # Interest of a loan that was restructured may begin later.
        elapsed = max(day - first_day, 0)
        return min(elapsed, terms.span(self.period + 1)) if terms.scheduled else elapsed

    def _prepay(self, parts: Parts, money: int) -> int:
        spent = min(money, self._money_to_prepay(self.balance))
        principal = spent
        if self.terms.fee:
            free = self.free_of_fee
            if spent > free:
                total = self.prepaid + spent - free
                before = self._principal_prepaid(self.prepaid)
                principal = free + self._principal_prepaid(total) - before
                self.prepaid = total
        self.balance -= principal
        if self.terms.after_prepayment is AfterPrepayment.PAY_AHEAD or self._due_soon():
            self.ahead += principal
        elif self.terms.after_prepayment is AfterPrepayment.LOWER_INSTALMENT:
            self.base, self.base_period = self.balance, self.period
        parts.principal += principal
        parts.fee = spent - principal
        return money - spent

    @property
    def free_of_fee(self) -> int:
        """Principal that may be repaid today without a fee: the next instalment's, if due soon."""
        if not self.balance or not self._due_soon():
            return 0
        number = self.period + 1
        if number == self.terms.periods:
            return self.balance
        return max(self._scheduled_principal(number) - self.ahead, 0)

    def _due_soon(self) -> bool:
        return self.terms.due_day_of(self.period + 1) <= self.as_of_day + EARLY_DAYS

    def _money_to_prepay(self, principal: int) -> int:
        if not self.terms.fee or not principal:
            return principal
        free = self.free_of_fee
        if principal <= free:
            return principal
        before = self._principal_prepaid(self.prepaid)
        money = repayment.money_of_prepayment(before + principal - free, fee=self.terms.fee)
        return free + money - self.prepaid

    def _principal_prepaid(self, money: int) -> int:
        return repayment.principal_of_prepayment_half_up(money, fee=self.terms.fee)
