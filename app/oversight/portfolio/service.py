"""Roll rates, vintages, expected losses and concentration of the loans that a caller may see."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.portfolio import concentration as names_owed
from app.domain.portfolio.book import BookLoan
from app.domain.portfolio.losses import expected_losses, severity_of
from app.domain.portfolio.rolling import month_ends, roll_rates
from app.domain.portfolio.vintages import vintages
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.oversight.portfolio import views
from app.oversight.portfolio.loading import Scope, load, reader
from app.oversight.portfolio.schemas import (
    Concentrations,
    ExpectedLosses,
    Grouping,
    Naming,
    RollRates,
    Vintages,
)

_NAMING: dict[Naming, Callable[[BookLoan], int | None]] = {
    "borrower": names_owed.borrower_of,
    "group": names_owed.group_of,
    "debtor": names_owed.debtor_of,
    "product": names_owed.product_of,
}


def _tier_of(loan: BookLoan) -> int:
    return loan.tier


def _product_of(loan: BookLoan) -> int:
    return loan.product


async def rolls(gateway: Gateway, caller: Caller, scope: Scope, *, months: int) -> RollRates:
    """Roll rates over the last whole months.

    Raises:
        Forbidden, BadInput.
    """
    book = await load(gateway, caller, scope)
    ends = month_ends(book.today, months)
    body: RollRates = {"currencies": [], "asOf": book.as_of}
    for currency, loans in book.loans.items():
        figures = await gateway.documents.run(roll_rates, loans, ends)
        read = await reader(gateway, book, currency)
        body["currencies"].append(views.rolls(read, figures, left_out=book.left_out(currency)))
    return body


async def curves(
    gateway: Gateway, caller: Caller, scope: Scope, *, overdue_days: int, max_months: int
) -> Vintages:
    """Vintage curves by quarter of the draw.

    Raises:
        Forbidden, BadInput.
    """
    book = await load(gateway, caller, scope)
    body: Vintages = {"currencies": [], "asOf": book.as_of}
    for currency, loans in book.loans.items():
        figures = await gateway.documents.run(
            vintages, loans, overdue_days=overdue_days, max_months=max_months, today=book.today
        )
        read = await reader(gateway, book, currency)
        body["currencies"].append(views.curves(read, figures, left_out=book.left_out(currency)))
    return body


async def losses(
    gateway: Gateway, caller: Caller, scope: Scope, *, by: Grouping, assumed: int, min_loans: int
) -> ExpectedLosses:
    """Expected losses by tier or product.

    Raises:
        Forbidden, BadInput.
    """
    book = await load(gateway, caller, scope, tiers=by == "tier")
    body: ExpectedLosses = {"currencies": [], "asOf": book.as_of}
    for currency, loans in book.loans.items():
        severity = await gateway.documents.run(
            severity_of, loans, assumed=assumed, today=book.today
        )
        groups = await gateway.documents.run(
            expected_losses,
            loans,
            _tier_of if by == "tier" else _product_of,
            severity=severity,
            min_loans=min_loans,
            today=book.today,
        )
        read = await reader(gateway, book, currency)
        left_out = book.left_out(currency)
        body["currencies"].append(
            views.losses(read, groups, severity, by_tier=by == "tier", left_out=left_out)
        )
    return body


async def concentrations(
    gateway: Gateway, caller: Caller, scope: Scope, *, by: Naming, largest: int
) -> Concentrations:
    """Which part of what is owed hangs on one name.

    Raises:
        Forbidden, BadInput.
    """
    book = await load(gateway, caller, scope)
    body: Concentrations = {"currencies": [], "asOf": book.as_of}
    for currency, loans in book.loans.items():
        figures = await gateway.documents.run(
            names_owed.concentration, loans, _NAMING[by], today=book.today
        )
        keys = {item.key for item in figures.names[:largest]}
        read = await reader(gateway, book, currency, keys)
        body["currencies"].append(
            views.concentration(read, figures, largest=largest, by_product=by == "product")
        )
    return body
