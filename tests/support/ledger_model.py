"""An independent model of one debt and its claims: exact fractions, no weights, no indexes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

YEAR = 360 * 1_000_000


@dataclass
class Claim:
    """What is outstanding on a claim, and its share of what the debtor has not paid."""

    owner: int
    value: int
    share: Fraction


@dataclass
class Debt:
    """One debt. Amounts are minor units, rates parts per million a year of 360 days."""

    face: int
    due_day: int
    grace_days: int
    late_rate: int
    claims: dict[int, Claim] = field(default_factory=dict)
    unpaid: int = 0
    redeemed: int = 0
    late_paid: int = 0
    accrued: Fraction = Fraction(0)
    accrued_day: int = 0

    def confirm(self, claim_id: int, owner: int) -> None:
        """One claim for the face."""
        self.unpaid = self.face
        self.accrued_day = self.due_day
        self.claims[claim_id] = Claim(owner, self.face, Fraction(1))

    def split(self, claim_id: int, new_id: int, amount: int, owner: int) -> None:
        """Part of a claim to another holder; the whole of it moves the claim itself."""
        claim = self.claims[claim_id]
        if amount == claim.value:
            assert new_id == claim_id
            claim.owner = owner
            return
        part = claim.share * Fraction(amount, claim.value)
        claim.value -= amount
        claim.share -= part
        self.claims[new_id] = Claim(owner, amount, part)

    def merge(self, from_id: int, into_id: int) -> None:
        """Two claims of one holder become one."""
        gone = self.claims.pop(from_id)
        self.claims[into_id].value += gone.value
        self.claims[into_id].share += gone.share

    def late_due(self, today: int) -> int:
        """The late charge that is due beside the principal."""
        if today <= self.due_day + self.grace_days or not self.unpaid:
            return 0
        return max(0, _half_up(self._run_up(today)) - self.late_paid)

    def pay(self, amount: int, today: int) -> tuple[int, int]:
        """Late charge first, then principal; at most what is due. Returns (principal, late)."""
        late = min(amount, self.late_due(today))
        principal = min(amount - late, self.unpaid)
        if today > self.due_day:
            self.accrued, self.accrued_day = self._run_up(today), today
        self.unpaid -= principal
        self.late_paid += late
        return principal, late

    def collectable(self, claim_id: int) -> int:
        """Principal that a claim may collect now: its value less its share of what is unpaid."""
        claim = self.claims[claim_id]
        return max(0, claim.value - -(-claim.share * self.unpaid).__floor__())

    def _run_up(self, today: int) -> Fraction:
        days = max(0, today - max(self.accrued_day, self.due_day))
        return self.accrued + Fraction(self.unpaid * self.late_rate * days, YEAR)


def _half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()
