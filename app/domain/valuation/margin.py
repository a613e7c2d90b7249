"""A loan on goods through a fall of prices: calls, cures, liquidations and losses, month by month.

The rules are the ledger's. A draw needs cover ≥ debt, where cover = quantity × price × (1 −
haircut). A call is made when cover < debt × call level, and ends when it no longer is: a borrower
who cures pays the least that does. When cover < debt × liquidation level, or a call stands after
the last of the cure days, the goods are sold in a Dutch auction; what is over goes to the owner.
The haircut stays that of the opening. The debt itself is app.domain.loan's.

Prices are known once a month. Between two of them a price is taken from the straight line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.calendar import add_months
from app.domain.loan import Loan, LoanTerms, Style
from app.domain.valuation.model import MILLION


class Conduct(StrEnum):
    """What the borrower does on a call; or no rules at all, and so no calls."""

    ALL_CURE = "every call cured"
    CURE_AT_FIRST = "cured until the price has fallen by the limit"
    NONE_CURE = "no call cured"
    NO_RULES = "no rule set"


class Happening(StrEnum):
    """What is on record of a loan."""

    CALL = "call"
    CURE = "cure"
    LIQUIDATION = "liquidation"
    REPAID = "repaid"
    HANDED_OVER = "goods handed over"
    LOSS = "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTerms:
    """The rule set; shares in parts per million, the annual rate too.

    Attributes:
        most_fall: at which the borrower of CURE_AT_FIRST gives up, of the price at opening.
        slippage: what the auction brings less than the price of its day.
        auction_days: from its start to its end.
    """

    call_level: int = 950_000
    liquidation_level: int = 850_000
    cure_days: int = 5
    auction_days: int = 3
    slippage: int = 100_000
    most_fall: int = 300_000
    annual_rate: int = 72_000
    months: int = 12


@dataclass(frozen=True, slots=True)
class Event:
    """One happening: when, at which price, with what debt and cover, and the money it moved."""

    day: int
    happening: Happening
    price: int
    debt: int
    cover: int
    amount: int


@dataclass(frozen=True, slots=True)
class Course:
    """How one loan went; money in minor units.

    Attributes:
        paid_in: what cures took from the borrower.
        surplus: of the auction, to the owner.
        loss: the lender's.
    """

    opened: int
    lent: int
    events: tuple[Event, ...]
    paid_in: int
    surplus: int
    loss: int

    def count(self, happening: Happening) -> int:
        """How often it happened."""
        return sum(1 for event in self.events if event.happening is happening)


@dataclass(frozen=True, slots=True)
class Pledge:
    """The goods: thousandths of a unit, and the haircut of their grade."""

    quantity: int
    haircut: int

    def worth(self, price: int) -> int:
        """At this price, minor units, rounded down."""
        return self.quantity * price // MILLION

    def cover(self, price: int) -> int:
        """Less the haircut, rounded down."""
        return self.quantity * price * (MILLION - self.haircut) // MILLION**2


def run_loan(
    *,
    opened: int,
    prices: Sequence[int],
    pledge: Pledge,
    conduct: Conduct,
    terms: MarginTerms,
) -> Course:
    """A loan of the whole cover, from its opening to its end.

    Args:
        opened: day; the first of a month.
        prices: of the month of opening and of each one after it, `terms.months` more at least; one
            further serves for sales in the last month.

    Raises:
        ValueError: too few prices.
    """
    if len(prices) <= terms.months:
        raise ValueError(f"{len(prices)} prices: {terms.months + 1} are needed")
    return _Run(opened, prices, pledge, conduct, terms).run()


class _Run:
    """One loan on its way."""

    def __init__(
        self,
        opened: int,
        prices: Sequence[int],
        pledge: Pledge,
        conduct: Conduct,
        terms: MarginTerms,
    ) -> None:
        self.opened, self.prices, self.pledge = opened, prices, pledge
        self.conduct, self.terms = conduct, terms
        self.lent = pledge.cover(prices[0])
        due = add_months(opened, terms.months)
        loan_terms = LoanTerms(
            style=Style.BULLET, start_day=opened, annual_rate=terms.annual_rate, due_day=due
        )
        self.loan = Loan.opened(loan_terms, principal=self.lent)
        self.events: list[Event] = []
        self.paid_in = self.surplus = self.loss = 0

    def run(self) -> Course:
        ended = False
        for month in range(1, self.terms.months):
            if self.conduct is not Conduct.NO_RULES:
                ended = self._watch(month)
            if ended:
                break
        if not ended:
            self._mature()
        money = (self.paid_in, self.surplus, self.loss)
        return Course(self.opened, self.lent, tuple(self.events), *money)

    def _watch(self, month: int) -> bool:
        """Holds the cover to the levels; True when the loan has ended."""
        day, price = add_months(self.opened, month), self.prices[month]
        debt, cover = self._debt(day), self.pledge.cover(price)
        if cover * MILLION < debt * self.terms.liquidation_level:
            self._auction(Happening.LIQUIDATION, month, self.terms.auction_days)
            return True
        if cover * MILLION >= debt * self.terms.call_level:
            return False
        paid = debt - cover * MILLION // self.terms.call_level
        self._record(day, Happening.CALL, price, paid)
        if self._cures(price):
            self.loan.pay(paid)
            self.paid_in += paid
            self._record(day, Happening.CURE, price, paid)
            return False
        after = self.terms.cure_days + 1 + self.terms.auction_days
        self._auction(Happening.LIQUIDATION, month, after)
        return True

    def _cures(self, price: int) -> bool:
        if self.conduct is Conduct.CURE_AT_FIRST:
            fallen = (self.prices[0] - price) * MILLION
            return fallen < self.prices[0] * self.terms.most_fall
        return self.conduct is Conduct.ALL_CURE

    def _mature(self) -> None:
        """The borrower repays while the goods are worth the debt, else leaves the goods."""
        month = self.terms.months
        day, price = add_months(self.opened, month), self.prices[month]
        debt = self._debt(day)
        if self.pledge.worth(price) >= debt:
            self._record(day, Happening.REPAID, price, debt)
            self.loan.pay(debt)
        else:
            self._auction(Happening.HANDED_OVER, month, 0)

    def _auction(self, why: Happening, month: int, after: int) -> None:
        day = add_months(self.opened, month) + after
        price = self._price_on(month, after)
        debt = self._debt(day)
        proceeds = self.pledge.worth(price) * (MILLION - self.terms.slippage) // MILLION
        self._record(day, why, price, proceeds)
        self.surplus = max(0, proceeds - debt)
        self.loss = max(0, debt - proceeds)
        if self.loss:
            self._record(day, Happening.LOSS, price, self.loss)

    def _price_on(self, month: int, after: int) -> int:
        """On the straight line from this month's price to the next one's; rounded down."""
        start = add_months(self.opened, month)
        length = add_months(self.opened, month + 1) - start
        here = self.prices[month]
        there = self.prices[min(month + 1, len(self.prices) - 1)]
        return here + (there - here) * after // length

    def _debt(self, day: int) -> int:
        self.loan.roll(day)
        return self.loan.payoff.total

    def _record(self, day: int, happening: Happening, price: int, amount: int) -> None:
        debt, cover = self.loan.payoff.total, self.pledge.cover(price)
        self.events.append(Event(day, happening, price, debt, cover, amount))
