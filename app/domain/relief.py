"""What a lender gives up of a loan, and a loan that begins anew by terms that both sides signed.

Twin of contracts/math/LoanRelief.sol. The loan has been rolled to today in each function.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.loan import Loan, LoanTerms


@dataclass(frozen=True, kw_only=True)
class Relief:
    """What is forgiven and capitalised when a loan is restructured, in minor units."""

    costs: int = 0
    penalty: int = 0
    interest: int = 0
    principal: int = 0
    capitalised: int = 0


@dataclass(frozen=True, kw_only=True)
class Relieved:
    """What is owed after the relief; interest that is left stays due."""

    relief: Relief
    costs: int
    penalty: int
    interest: int
    principal: int
    fees: int = 0


def waive_penalty(loan: Loan, amount: int) -> int:
    """Waives at most so much of the penalty that is owed; returns what is no longer owed."""
    waived = min(amount, loan.penalty_due)
    loan.penalty_paid += waived
    return waived


def waive_interest(loan: Loan, amount: int) -> int:
    """Waives at most so much interest; returns what is no longer owed.

    What is overdue goes first, then what is in grace, then that of the running period.
    """
    running = loan.payoff.interest - loan.past_interest - loan.grace_interest
    past = min(amount, loan.past_interest)
    in_grace = min(amount - past, loan.grace_interest)
    running = min(amount - past - in_grace, running)
    loan.past_interest -= past
    loan.grace_interest -= in_grace
    loan.interest_paid += running
    return past + in_grace + running


def waive_fees(loan: Loan, amount: int) -> int:
    """Waives at most so much of the service fees; returns what is no longer owed.

    What is overdue goes first, then what is in grace, then what is not due yet.
    """
    left = amount
    for name in ("past_fees", "grace_fees", "running_fees"):
        waived = min(left, getattr(loan, name))
        setattr(loan, name, getattr(loan, name) - waived)
        left -= waived
    return amount - left


def relieve(loan: Loan, maximum: Relief) -> Relieved:
    """What a relief leaves; what is owed less than its maximum is less.

    Interest is forgiven first, then capitalised.
    """
    owed = loan.payoff
    forgiven = min(maximum.interest, owed.interest)
    relief = Relief(
        costs=min(maximum.costs, owed.costs),
        penalty=min(maximum.penalty, owed.penalty),
        interest=forgiven,
        principal=maximum.principal,
        capitalised=min(maximum.capitalised, owed.interest - forgiven),
    )
    return Relieved(
        relief=relief,
        costs=owed.costs - relief.costs,
        penalty=owed.penalty - relief.penalty,
        interest=owed.interest - relief.interest - relief.capitalised,
        principal=owed.principal - relief.principal + relief.capitalised,
        fees=owed.service,
    )


def begun(terms: LoanTerms, relieved: Relieved, *, today: int) -> Loan:
    """The loan as it begins anew; interest that is left is due with the first instalment."""
    return Loan(
        terms=terms,
        as_of_day=today,
        # A loan of one period divides nothing, and stores no base.
        base=relieved.principal if terms.periods > 1 else 0,
        balance=relieved.principal,
        costs=relieved.costs,
        grace_interest=relieved.interest,
        running_fees=relieved.fees,
        grace_day=terms.due_day_of(1) if relieved.interest else 0,
    )
