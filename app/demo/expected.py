"""The expected balances at the end of the story, computed independently with exact fractions.

Nothing is shared with the contracts or with the gateway: no weights, no indexes, no fixed point.
A debt is a number; each claim is a share of its face; money is rounded only when it is paid.
Amounts are minor units, rates parts per million a year of 360 days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

YEAR_DAYS = 360
MILLION = 1_000_000


def half_up(value: Fraction) -> int:
    """The nearest whole minor unit; halves are rounded up."""
    return (value + Fraction(1, 2)).__floor__()


def discounted_price(*, face: int, rate: int, days: int) -> int:
    """Face less simple discount for the days to the due date, the discount rounded half up."""
    return face - half_up(Fraction(face * rate * days, MILLION * YEAR_DAYS))


@dataclass
class ExpectedDebt:
    """One debt and its shares. `shares` maps a holder to its part of the face."""

    seller: str
    debtor: str
    face: int
    late_rate: int
    cash: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    paid: int = 0
    late_paid: int = 0
    held: int = 0
    _collected: dict[str, int] = field(default_factory=dict)
    _late_collected: dict[str, int] = field(default_factory=dict)
    _accrued: Fraction = Fraction(0)
    _accrued_to: int = 0

    def __post_init__(self) -> None:
        self.shares = {self.seller: self.face}

    def assign(self, *, giver: str, taker: str, amount: int) -> None:
        """Assigns part of a share."""
        assert 0 < amount <= self.shares[giver], (giver, amount, self.shares)
        self.shares[giver] -= amount
        self.shares[taker] = self.shares.get(taker, 0) + amount

    def sell(self, *, giver: str, taker: str, amount: int, price: int) -> None:
        """Sells part of a share for cash."""
        self.assign(giver=giver, taker=taker, amount=amount)
        self.cash[taker] -= price
        self.cash[giver] = self.cash.get(giver, 0) + price

    def late_charge(self, *, days_late: int) -> int:
        """The late charge due `days_late` days after the due day (grace is over)."""
        accrued = self._accrued + self._run_up(days_late)
        return half_up(accrued) - self.late_paid

    def pay(self, *, amount: int, days_late: int = 0) -> int:
        """Pays up to `amount`: late charge first, then principal; returns the payment."""
        charge = self.late_charge(days_late=days_late)
        self._accrued += self._run_up(days_late)
        self._accrued_to = days_late
        late = min(amount, charge)
        principal = min(amount - late, self.face - self.paid)
        self.late_paid += late
        self.paid += principal
        self.cash[self.debtor] -= late + principal
        self.held += late + principal
        return late + principal

    def collect(self, *, holder: str) -> int:
        """The holder collects its share of the payments so far. Cents are not divided."""
        share = Fraction(self.shares[holder], self.face)
        principal = (share * self.paid).__floor__() - self._collected.get(holder, 0)
        late = (share * self.late_paid).__floor__() - self._late_collected.get(holder, 0)
        self._collected[holder] = self._collected.get(holder, 0) + principal
        self._late_collected[holder] = self._late_collected.get(holder, 0) + late
        self._pay_out(holder, principal + late)
        return principal + late

    def close(self) -> int:
        """Pays the late charge's cents that no share reached to the seller; nothing is left."""
        rest = self.held
        self._pay_out(self.seller, rest)
        return rest

    def _pay_out(self, holder: str, amount: int) -> None:
        self.cash[holder] = self.cash.get(holder, 0) + amount
        self.held -= amount

    def _run_up(self, days_late: int) -> Fraction:
        days = max(0, days_late - self._accrued_to)
        unpaid = self.face - self.paid
        return Fraction(unpaid * self.late_rate * days, MILLION * YEAR_DAYS)
