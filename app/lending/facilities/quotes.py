"""Quotes of draws: what a draw of today would cost, and why the ledger would refuse it.

The day is the next block's. The twin of the contracts' arithmetic makes the schedule, so a draw of
the same day is repaid by it to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.contracts import ContractError
from app.domain.calendar import date_of
from app.domain.catalogue import AFTER_PREPAYMENT, COLLATERAL, STYLES
from app.domain.draw_terms import DrawChoice, DrawInvalid, terms_of_draw
from app.domain.effective_rate import rate_of_terms
from app.domain.loan import AfterPrepayment, Loan, LoanTerms, Style
from app.domain.money import decimal_text
from app.domain.product_terms import ProductTerms
from app.domain.schedule import schedule
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.ledger import refusal_of
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import AsOf, ledger_day, moment
from app.lending.access import facility
from app.lending.collateral.items import whole_items
from app.lending.commands import CONTRACT
from app.lending.facilities import limits
from app.lending.facilities.holds import SIDES, names_in
from app.lending.facilities.quote_schemas import DrawQuote, DrawWarning, QuoteRequest
from app.lending.loans import views
from app.lending.loans.draws import draw_request
from app.lending.loans.due_days import on_business_days
from app.lending.loans.statement import terms_view
from app.lending.products import repository as products
from app.lending.products.repository import ProductRow
from app.lending.rows import FacilityRow

# The command of a draw gives these approvals itself.
_APPROVED_BY_THE_DRAW = frozenset(("NotAuthorised", "NotSeller"))
# Without collateral in the question, the draw fails for want of it.
_WITHOUT_COLLATERAL = frozenset(("CollateralMissing", "TermOutOfRange"))


class _State(msgspec.Struct):
    """What the read tables say of a facility as of a block."""

    today: int
    as_of: AsOf
    product: ProductRow
    warnings: list[DrawWarning]


async def quote(
    gateway: Gateway, caller: Caller, facility_id: int, request: QuoteRequest
) -> DrawQuote:
    """What a draw of today would cost, and why the ledger would refuse it.

    Raises:
        NotFound, BadInput, ChainError.
    """
    row = await facility(gateway, caller, facility_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(request.amount, field="amount", currency=currency)

    def find(connection: Connection) -> _State:
        _, as_of = moment(connection)
        product = products.product(connection, row.product_id, version=row.version)
        assert product is not None
        today = ledger_day(gateway, connection)
        warnings = _warnings(
            connection, row, product, today=today, amount=amount, currency=currency
        )
        return _State(today, as_of, product, warnings)

    state = await gateway.storage.read(find)
    terms = await _terms(gateway, row, state.product.terms, request, today=state.today)
    warnings = state.warnings
    if not warnings:
        refusal = await _refusal(gateway, row, state.product, request, currency=currency)
        warnings = [] if refusal is None else [_warning(refusal.name, refusal.message, refusal.fix)]
    due = schedule(Loan.opened(terms, principal=amount))
    repaid = sum(item.parts.total for item in due)
    return {
        "facilityId": facility_id,
        "date": date_of(state.today).isoformat(),
        "amount": money_view(amount, currency=currency),
        "paidOut": money_view(amount, currency=currency),
        "annualRate": terms.annual_rate,
        "effectiveAnnualRate": rate_of_terms(terms, principal=amount),
        "terms": terms_view(terms),
        "schedule": [views.instalment(item, item.day, currency=currency) for item in due],
        "totalInterest": money_view(sum(item.parts.interest for item in due), currency=currency),
        "totalCost": money_view(repaid - amount, currency=currency),
        "totalRepaid": money_view(repaid, currency=currency),
        "warnings": warnings,
        "asOf": state.as_of,
    }


async def _terms(
    gateway: Gateway, row: FacilityRow, product: ProductTerms, request: QuoteRequest, *, today: int
) -> LoanTerms:
    """The terms of the loan, with due days on business days.

    Raises:
        BadInput, ChainError.
    """
    choice = DrawChoice(
        style=Style(STYLES.index(request.style)),
        tenor=request.tenor,
        due_day_of_month=request.dueDayOfMonth,
        after_prepayment=AfterPrepayment(AFTER_PREPAYMENT.index(request.afterPrepayment)),
    )
    try:
        terms = terms_of_draw(product, choice, annual_rate=row.annual_rate, today=today)
    except DrawInvalid as error:
        raise BadInput(
            str(error), name="term-out-of-range", field=error.term, fix=f"give {error.allowed}"
        ) from error
    return await on_business_days(gateway, product, terms)


def _warnings(
    connection: Connection,
    row: FacilityRow,
    product: ProductRow,
    *,
    today: int,
    amount: int,
    currency: str,
) -> list[DrawWarning]:
    """What the read tables know: all of it, where the ledger would name only the first reason."""
    warnings = []
    if row.closed:
        warnings.append(_warning("facility-closed", "the facility is closed", "agree another one"))
    if not product.open:
        words = f"product {product.code} is closed for draws"
        warnings.append(_warning("product-closed", words, "wait until operators open it again"))
    if not row.first_day <= today <= row.last_day:
        words = f"draws are possible from {date_of(row.first_day)} to {date_of(row.last_day)}"
        warnings.append(_warning("facility-not-in-time", words, "agree another facility"))
    if row.suspended_by:
        sides = " and ".join(names_in(row.suspended_by, SIDES))
        words = f"the {sides} has suspended draws"
        warnings.append(_warning("draws-suspended", words, "ask that side to resume them"))
    if row.deposit_held < row.deposit:
        missing = decimal_text(row.deposit - row.deposit_held, currency=currency)
        words = f"{missing} {currency} of the deposit is missing"
        warnings.append(
            _warning("deposit-missing", words, "pay it: POST /v1/facilities/{id}/deposits")
        )
    if limits.in_default(connection, row):
        words = "a loan of the borrower is in default"
        warnings.append(_warning("borrower-in-default", words, "repay that loan first"))
    for limit in limits.limits(connection, row, currency=currency, today=today):
        if amount > limit.free:
            free = decimal_text(limit.free, currency=currency)
            words = f"the limit of the {limit.kind} leaves {free} {currency} free"
            warnings.append(_warning("limit-exceeded", words, f"draw at most {free} {currency}"))
    return warnings


def _warning(name: str, detail: str, fix: str) -> DrawWarning:
    return {"name": name, "detail": detail, "fix": fix or None}


async def _refusal(
    gateway: Gateway, row: FacilityRow, product: ProductRow, request: QuoteRequest, *, currency: str
) -> ContractError | None:
    """The ledger's own refusal of the draw, apart from what its command takes care of.

    Raises:
        BadInput, ChainError.
    """
    arguments: Sequence[Any] = [draw_request(row, request, currency=currency)]
    function = "draw"
    on_goods = COLLATERAL[product.terms["collateral"]] == "warehouse-receipt"
    if on_goods:
        function = "drawOnGoods"
        arguments = [*arguments, whole_items(request.items, field="items")]
    error = await refusal_of(gateway, row.borrower, CONTRACT, function, arguments)
    if error is None or error.name in _APPROVED_BY_THE_DRAW:
        return None
    secured = COLLATERAL[product.terms["collateral"]] != "none"
    if secured and not request.collateralId and not request.items:
        about_collateral = error.arguments.get("term", "collateralId") == "collateralId"
        if error.name in _WITHOUT_COLLATERAL and about_collateral:
            return None
    return error
