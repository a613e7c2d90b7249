"""Facilities and loans as rows of the read tables."""

from __future__ import annotations

import msgspec

from app.domain.draw_terms import DrawFees
from app.domain.loan import Loan, Parts
from app.domain.postings import Posting, PostingKind
from app.lending.stops import Stop, lost, own_day_on

PARTS = ("costs", "penalty", "interest", "principal", "fee", "service")
# On the ledger `fee` is both fees together.
LEDGER_PARTS = PARTS[:-1]


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
    correction_days: int
    spread: int
    flat_fee: int
    draw_fee: int
    periodic_fee: int
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
    origin_id: int | None = None

    @property
    def fees(self) -> DrawFees:
        """The service fees of its loans."""
        return DrawFees(self.flat_fee, self.draw_fee, self.periodic_fee)

    @property
    def product_key(self) -> tuple[int, int]:
        """Its product and the product's version."""
        return self.product_id, self.version


class History(msgspec.Struct, omit_defaults=True):
    """What was posted on a loan since it was drawn, or since both sides last changed its terms.

    Attributes:
        from_day: 0: since the draw; else the loan's own day of the change.
        start: the loan after the change; None: as it was drawn.
        overpaid: money that was posted and is not owed.
    """

    from_day: int = 0
    start: Loan | None = None
    postings: list[Posting] = msgspec.field(default_factory=list)
    overpaid: int = 0


class LastRestructuring(msgspec.Struct):
    """The last restructuring of a loan; days are the loan's own.

    Attributes:
        due_days: due days of the new terms.
        in_default: whether the loan was in default before, or before an earlier restructuring.
        count: how often it was restructured.
    """

    day: int
    due_days: list[int]
    in_default: bool
    count: int = 1


class Floating(msgspec.Struct):
    """How a loan's rate follows a reference; rates in parts per million a year.

    Attributes:
        spread: what is added to the reference.
        floor, cap: the lowest and the highest rate.
        reference_rate: the reference's rate of the draw or of the last reset.
    """

    reference: str
    spread: int
    floor: int
    cap: int
    reset_months: int
    reference_rate: int


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
    history_json: str
    written_off: int
    restructured_json: str
    floating_json: str | None
    next_reset_day: int | None
    created_block: int
    changed_block: int

    def own_day(self, today: int) -> int:
        """The loan's own day on a calendar day."""
        if self.stopped_day is not None and today >= self.stopped_day:
            return self.stopped_day - self.lost_days
        return own_day_on(today, self.stops()) if self.lost_days else today

    def own_day_of(self, calendar_day: int) -> int:
        """The loan's own day on a calendar day since the draw."""
        days_lost, stops = 0, self.stops()
        for place, stop in enumerate(stops, 1):
            began = stop.own_day + days_lost
            if calendar_day <= began:
                break
            lasts = self.stopped_day is not None and place == len(stops)
            if lasts or calendar_day < began + stop.days:
                return stop.own_day
            days_lost += stop.days
        return calendar_day - days_lost

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

    def history(self) -> History:
        """What was posted on the loan."""
        return msgspec.json.decode(self.history_json, type=History)

    def floating(self) -> Floating | None:
        """How its rate follows a reference; None: it is fixed."""
        if self.floating_json is None:
            return None
        return msgspec.json.decode(self.floating_json, type=Floating)

    def follow(self, floating: Floating, next_reset_day: int) -> None:
        """Stores how its rate follows a reference, and its own day of the next reset."""
        self.floating_json = msgspec.json.encode(floating).decode()
        self.next_reset_day = next_reset_day

    def reset_due(self, today: int) -> bool:
        """Whether its rate is due for a reset on a calendar day."""
        if self.next_reset_day is None or self.status == "Repaid" or self.loss:
            return False
        return self.own_day(today) >= self.next_reset_day

    def begin_history(self, day: int) -> None:
        """Begins a new history: both sides changed the terms; a floating one with the rate."""
        start = self.state()
        rate = Posting(PostingKind.RATE_SET, day, start.terms.annual_rate)
        postings = [] if self.floating_json is None else [rate]
        self.keep_history(History(day, start, postings))

    def keep_history(self, history: History) -> None:
        """Stores what was posted on the loan."""
        self.history_json = msgspec.json.encode(history).decode()

    def post(self, posting: Posting) -> None:
        """Adds the ledger's own posting, which is never before an earlier one."""
        history = self.history()
        history.postings.append(posting)
        self.keep_history(history)

    def restructured(self) -> LastRestructuring | None:
        """The last restructuring; None: there was none."""
        return msgspec.json.decode(self.restructured_json, type=LastRestructuring | None)

    def first_state(self, history: History) -> Loan:
        """The loan from which its history runs."""
        if history.start is not None:
            return history.start
        return Loan.opened(self.state().terms, principal=self.drawn)

    def keep(self, loan: Loan) -> None:
        """Stores a new state and the columns that follow from it."""
        loan.payments = []
        self.state_json = msgspec.json.encode(loan).decode()
        self.outstanding = loan.outstanding
        self.last_due_day = loan.terms.due_day_of(loan.terms.periods)
        self.oldest_unpaid_day = loan.oldest_unpaid(self.oldest_unpaid_day)


class EntryRow(msgspec.Struct):
    """Something that happened to a loan; its fields are columns of the table.

    Attributes:
        day: the loan's own day.
        outstanding: the loan's outstanding principal after it.
        facility_id: the loan's facility after it.
        from_facility_id: the facility that the loan left with it; None: it stayed.
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
    service: int
    outstanding: int
    details_json: str
    transaction_hash: str
    timestamp: int
    facility_id: int
    from_facility_id: int | None

    @property
    def parts(self) -> Parts:
        """The parts of what was paid."""
        return Parts(
            costs=self.costs,
            penalty=self.penalty,
            interest=self.interest,
            principal=self.principal,
            fee=self.fee,
            service=self.service,
        )
