"""A loan on goods through falling prices: calls, cures, liquidations and losses, month by month.

The rules are the ledger's. A draw needs lendable value ≥ debt, where lendable value = quantity ×
price × (1 − haircut). A call is made when the lendable value < debt × call level, and ends when
that is no longer so: a borrower who cures pays the smallest amount that ends it. When the lendable
value < debt × liquidation level, or a call is open after the last of the cure days, the goods are
sold in a Dutch auction; the surplus goes to the owner. The haircut stays that of the opening. The
debt itself is computed by app.domain.loan.

Prices are known once a month. Between two of them a price is on the straight line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.calendar import add_months
from app.domain.loan import Loan, LoanTerms, Style
from app.domain.valuation.model import MILLION


class Conduct(StrEnum):
    """What the borrower does on a call; or no rules, and so no calls."""

    ALL_CURE = "every call cured"
    CURE_AT_FIRST = "cured until the price has fallen by the limit"
    NONE_CURE = "no call cured"
    NO_RULES = "no rule set"


class Happening(StrEnum):
    """Kinds of events of a loan."""

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
        max_fall: the fall of the price since the opening at which a borrower of CURE_AT_FIRST
            gives up.
        slippage: how much less than the price of its day the auction brings.
        auction_days: from the auction's start to its end.
    """

    call_level: int = 950_000
    liquidation_level: int = 850_000
    cure_days: int = 5
    auction_days: int = 3
    slippage: int = 100_000
    max_fall: int = 300_000
    annual_rate: int = 72_000
    months: int = 12


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its day, the price, the debt, the lendable value, and the amount of money."""

    day: int
    happening: Happening
    price: int
    debt: int
    lendable: int
    amount: int


@dataclass(frozen=True, slots=True)
class Course:
    """The course of one loan; money in minor units.

    Attributes:
        paid_in: what the borrower paid for cures.
        surplus: what the owner got from the auction.
        loss: the lender's loss.
    """

    opened: int
    lent: int
    events: tuple[Event, ...]
    paid_in: int
    surplus: int
    loss: int

    def count(self, happening: Happening) -> int:
        """How many events of this kind there were."""
        return sum(1 for event in self.events if event.happening is happening)


@dataclass(frozen=True, slots=True)
class Collateral:
    """The goods: thousandths of a unit, and the haircut of their grade."""

    quantity: int
    haircut: int

    def worth(self, price: int) -> int:
        """The value at this price, minor units, rounded down."""
        return self.quantity * price // MILLION

    def lendable(self, price: int) -> int:
        """The value less the haircut, rounded down."""
        return self.quantity * price * (MILLION - self.haircut) // MILLION**2


def run_loan(
    *,
    opened: int,
    prices: Sequence[int],
    collateral: Collateral,
    conduct: Conduct,
    terms: MarginTerms,
) -> Course:
    """A loan of the whole lendable value, from its opening to its end.

    Args:
        opened: a day; the first of a month.
        prices: of the month of opening and of at least `terms.months` months after it; one further
            price serves sales in the last month.

    Raises:
        ValueError: too few prices.
    """
    if len(prices) <= terms.months:
        raise ValueError(f"{len(prices)} prices: at least {terms.months + 1} are needed")
    return _Run(opened, prices, collateral, conduct, terms).run()


class _Run:
    """The run of one loan."""

    def __init__(
        self,
        opened: int,
        prices: Sequence[int],
        collateral: Collateral,
        conduct: Conduct,
        terms: MarginTerms,
    ) -> None:
        self.opened, self.prices, self.collateral = opened, prices, collateral
        self.conduct, self.terms = conduct, terms
        self.lent = collateral.lendable(prices[0])
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
        """Checks the collateral against the levels; True when the loan has ended."""
        day, price = add_months(self.opened, month), self.prices[month]
        debt, lendable = self._debt(day), self.collateral.lendable(price)
        if lendable * MILLION < debt * self.terms.liquidation_level:
            self._auction(Happening.LIQUIDATION, month, self.terms.auction_days)
            return True
        if lendable * MILLION >= debt * self.terms.call_level:
            return False
        paid = debt - lendable * MILLION // self.terms.call_level
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
            return fallen < self.prices[0] * self.terms.max_fall
        return self.conduct is Conduct.ALL_CURE

    def _mature(self) -> None:
        """The borrower repays if the goods are worth the debt, and otherwise leaves the goods."""
        month = self.terms.months
        day, price = add_months(self.opened, month), self.prices[month]
        debt = self._debt(day)
        if self.collateral.worth(price) >= debt:
            self._record(day, Happening.REPAID, price, debt)
            self.loan.pay(debt)
        else:
            self._auction(Happening.HANDED_OVER, month, 0)

    def _auction(self, why: Happening, month: int, after: int) -> None:
        day = add_months(self.opened, month) + after
        price = self._price_on(month, after)
        debt = self._debt(day)
        proceeds = self.collateral.worth(price) * (MILLION - self.terms.slippage) // MILLION
        self._record(day, why, price, proceeds)
        self.surplus = max(0, proceeds - debt)
        self.loss = max(0, debt - proceeds)
        if self.loss:
            self._record(day, Happening.LOSS, price, self.loss)

    def _price_on(self, month: int, after: int) -> int:
        """The price on the straight line from this month's to the next month's; rounded down."""
        start = add_months(self.opened, month)
        length = add_months(self.opened, month + 1) - start
        before = self.prices[month]
        later = self.prices[min(month + 1, len(self.prices) - 1)]
        return before + (later - before) * after // length

    def _debt(self, day: int) -> int:
        self.loan.roll(day)
        return self.loan.payoff.total

    def _record(self, day: int, happening: Happening, price: int, amount: int) -> None:
        debt, lendable = self.loan.payoff.total, self.collateral.lendable(price)
        self.events.append(Event(day, happening, price, debt, lendable, amount))
