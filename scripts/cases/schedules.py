"""Loans of `app.domain.loan`, run from the first day to the last as a borrower pays them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from app.domain.calendar import day_of
from app.domain.loan import AfterPrepayment, Loan, LoanTerms, Style
from scripts.cases.sources import Extra, Grace, SourceLoan

# A month has thirty days of interest whatever the calendar says, so any day will do.
_ANY_DAY = day_of(date(2026, 1, 1))


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """One instalment in minor units, and what is outstanding before and after it."""

    interest: int
    principal: int
    balance_before: int
    balance: int

    @property
    def payment(self) -> int:
        """What the borrower pays."""
        return self.interest + self.principal


_NO_GRACE = Grace()


def schedule_terms(
    style: Style,
    *,
    annual_rate: int,
    periods: int,
    grace: Grace = _NO_GRACE,
    after_prepayment: AfterPrepayment = AfterPrepayment.PAY_AHEAD,
) -> LoanTerms:
    """Terms of a loan in monthly instalments."""
    return LoanTerms(
        style=style,
        start_day=_ANY_DAY,
        annual_rate=annual_rate,
        periods=periods,
        principal_grace=grace.principal,
        interest_grace=grace.interest,
        after_prepayment=after_prepayment,
    )


@lru_cache(maxsize=256)
def instalments(
    terms: LoanTerms, *, principal: int, extra: Extra | None = None
) -> tuple[Instalment, ...]:
    """Each instalment of a loan that is paid on its due days, with extra money on one of them."""
    loan = Loan.opened(terms, principal=principal)
    rows = []
    for number in range(1, terms.periods + 1):
        before = loan.outstanding
        loan.roll(terms.due_day_of(number))
        due = loan.amount_due
        loan.pay(due.total)
        repaid = due.principal
        if extra is not None and extra.instalment == number:
            parts, _ = loan.pay(extra.money)
            repaid += parts.principal
        rows.append(
            Instalment(
                interest=due.interest,
                principal=repaid,
                balance_before=before,
                balance=loan.outstanding,
            )
        )
    return tuple(rows)


def bullet(
    principal: int, *, annual_rate: int, day_count: int, start_day: int, due_day: int
) -> Loan:
    """A loan that is repaid at once on its due day."""
    terms = LoanTerms(
        style=Style.BULLET,
        start_day=start_day,
        due_day=due_day,
        annual_rate=annual_rate,
        day_count=day_count,
    )
    return Loan.opened(terms, principal=principal)


def paid_off(source: SourceLoan) -> Loan:
    """A loan in equal instalments, paid on each due day, as of the day that ends it early."""
    terms = LoanTerms(
        style=Style.EQUAL_INSTALMENT,
        start_day=source.start,
        annual_rate=source.rate,
        periods=source.periods,
    )
    loan = Loan.opened(terms, principal=source.minor)
    for number in range(1, source.periods + 1):
        if terms.due_day_of(number) > source.paid_off:
            break
        loan.roll(terms.due_day_of(number))
        loan.pay(loan.amount_due.total)
    loan.roll(source.paid_off)
    return loan
