"""The total cost of a loan that is paid as agreed, beside the most that a cap allows.

Twin of contracts/math/TotalCost.sol. Penalty is not a part of it: money that is overdue bears
penalty in place of interest, and the rule set holds penalty alone below the cap.
"""

from __future__ import annotations

from typing import NamedTuple

from app.domain.loan import Loan, LoanTerms
from app.domain.repayment import WHOLE

DAYS_OF_A_YEAR = 365


class TotalCost(NamedTuple):
    """In minor units.

    Attributes:
        cost: interest and service fees if each instalment is paid on its due day.
        maximum: the most that they may be, rounded down.
    """

    cost: int
    maximum: int


def total_cost(terms: LoanTerms, *, principal: int, cap: int) -> TotalCost:
    """What a loan costs, and the most that it may cost.

    Args:
        cap: the most that 365 days may cost, in parts per million of the principal that is owed.
    """
    loan = Loan.opened(terms, principal=principal)
    cost = principal_days = 0
    last_day = terms.start_day
    for number in range(1, terms.periods + 1):
        due = terms.due_day_of(number)
        principal_days += loan.balance * (due - last_day)
        last_day = due
        loan.roll(due)
        cost += loan.grace_interest + loan.grace_fees
        loan.grace_principal = loan.grace_interest = loan.grace_fees = loan.grace_day = 0
    return TotalCost(cost, cap * principal_days // (DAYS_OF_A_YEAR * WHOLE))
