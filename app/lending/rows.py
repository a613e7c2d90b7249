"""Facilities and loans as rows of the read tables."""

from __future__ import annotations

import msgspec

from app.domain.loan import Loan, Parts
from app.lending.stops import Stop, lost, own_day_on

PARTS = ("costs", "penalty", "interest", "principal", "fee")


class FacilityRow(msgspec.Struct):
    """A facility; its fields are the table's columns."""

    facility_id: int
    product_id: int
    version: int
    lender: str
    borrower: str
    entruster: str | None
    currency: str
    limit_currency: str | None
    annual_rate: int
    administration_fee: int
    credit_limit: int
    deposit: int
    first_day: int
    last_day: int
    legal_text_hash: str
    outstanding: int
    drawn: int
    deposit_held: int
    closed: int
    cooling_off_amount: int
    cooling_off_hours: int
    end_events: int
    suspended_by: int
    announced_amount: int
    drawable_from: int
    drawable_until: int
    on_tier: int
    rule_set: str | None
    created_block: int
    changed_block: int


class LoanRow(msgspec.Struct):
    """A loan; its fields are the table's columns."""

    loan_id: int
    facility_id: int
    product_id: int
    lender: str
    borrower: str
    entruster: str | None
    currency: str
    status: str
    collateral: str
    collateral_id: int | None
    drawn: int
    outstanding: int
    start_day: int
    last_due_day: int
    oldest_unpaid_day: int
    marked_overdue: int
    loss: int
    loss_absorbed: int
    lost_days: int
    stopped_day: int | None
    stops_json: str
    state_json: str
    created_block: int
    changed_block: int

    def own_day(self, today: int) -> int:
        """The loan's own day on a calendar day."""
        if self.stopped_day is not None and today >= self.stopped_day:
            return self.stopped_day - self.lost_days
        return own_day_on(today, self.stops()) if self.lost_days else today

    def calendar_day(self, own_day: int, today: int) -> int:
        """The calendar day of one of the loan's own days, as of today."""
        day = own_day + lost(self.stops(), after=own_day)
        if self.stopped_day is None or own_day <= self.own_day(today):
            return day
        return day + today - self.stopped_day

    def days_lost(self, today: int) -> int:
        """Days lost up to a calendar day, with those of a stop that still lasts."""
        return today - self.own_day(today)

    def stops(self) -> list[Stop]:
        """The stops of its currency since it was drawn."""
        return msgspec.json.decode(self.stops_json, type=list[Stop])

    def stop(self, day: int) -> None:
        """Its currency stops on a calendar day."""
        stops = [*self.stops(), Stop(self.own_day(day))]
        self.stopped_day, self.stops_json = day, msgspec.json.encode(stops).decode()

    def move_on(self, days: int) -> None:
        """Its currency moves again after this many lost days."""
        stops = self.stops()
        stops[-1].days = days
        self.stopped_day = None
        self.lost_days, self.stops_json = lost(stops), msgspec.json.encode(stops).decode()

    def state(self) -> Loan:
        """The loan as of its last event."""
        return msgspec.json.decode(self.state_json, type=Loan)

    def keep(self, loan: Loan) -> None:
        """Stores a new state and the columns that follow from it."""
        loan.payments = []
        self.state_json = msgspec.json.encode(loan).decode()
        self.outstanding = loan.outstanding
        self.last_due_day = loan.terms.due_day_of(loan.terms.periods)
        if not (loan.past_principal or loan.past_interest) or not self.oldest_unpaid_day:
            following = min(loan.period + 1, loan.terms.periods)
            self.oldest_unpaid_day = loan.grace_day or loan.terms.due_day_of(following)


class EntryRow(msgspec.Struct):
    """Something that happened to a loan; its fields are columns of the table.

    Attributes:
        day: the loan's own day.
        outstanding: the loan's outstanding principal after it.
        details_json: the rest, which depends on `kind`.
    """

    loan_id: int
    kind: str
    day: int
    payer: str | None
    costs: int
    penalty: int
    interest: int
    principal: int
    fee: int
    outstanding: int
    details_json: str
    transaction_hash: str
    timestamp: int

    @property
    def parts(self) -> Parts:
        """The parts of what was paid."""
        return Parts(
            costs=self.costs,
            penalty=self.penalty,
            interest=self.interest,
            principal=self.principal,
            fee=self.fee,
        )
