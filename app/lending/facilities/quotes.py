"""Quotes of draws: what a draw of today would cost, and why the ledger would refuse it.

The day is the next block's. The twin of the contracts' arithmetic makes the schedule, so a draw of
the same day is repaid by it to the cent.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.contracts import ContractError
from app.chain.outbox.outbox import Call
from app.domain.calendar import date_of
from app.domain.catalogue import AFTER_PREPAYMENT, COLLATERAL, STYLES
from app.domain.draw_terms import DrawChoice, DrawFees, DrawInvalid, terms_of_draw
from app.domain.effective_rate import rate_of_terms
from app.domain.loan import AfterPrepayment, Loan, LoanTerms, Style
from app.domain.payoffs import Payoff, payoffs, sample_days
from app.domain.product_terms import reference_in
from app.domain.schedule import schedule
from app.domain.texts import say, text_of
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.ledger import refusal_of
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import AsOf, ledger_day, moment
from app.gateway.refusal_facts import know
from app.gateway.refusals import refusal as in_words
from app.lending.access import facility
from app.lending.collateral.items import whole_items
from app.lending.commands import CONTRACT
from app.lending.facilities import draw_warnings
from app.lending.facilities.quote_schemas import DrawPayoff, DrawQuote, DrawWarning, QuoteRequest
from app.lending.loans import views
from app.lending.loans.draws import draw_request
from app.lending.loans.due_days import on_business_days
from app.lending.loans.reading import day_from
from app.lending.loans.statement import terms_view
from app.lending.products import repository as products
from app.lending.products.repository import ProductRow
from app.lending.rates import repository as rates
from app.lending.rows import FacilityRow
from app.lending.views import parts_view

# The command of a draw gives these approvals itself.
_APPROVED_BY_THE_DRAW = frozenset(("NotAuthorised", "NotSeller"))
# The money of the draw, and of the lender's share of the reserve: the errors name its balance.
_OF_THE_LENDERS_MONEY = frozenset(
    ("CannotFund", "ERC20InsufficientBalance", "ERC20InsufficientAllowance")
)
# Without collateral in the question, the draw fails for want of it.
_WITHOUT_COLLATERAL = frozenset(("CollateralMissing", "TermOutOfRange"))


class _State(msgspec.Struct):
    """What the read tables say of a facility as of a block.

    Attributes:
        annual_rate: what a draw of today would bear.
    """

    today: int
    as_of: AsOf
    product: ProductRow
    annual_rate: int
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
        warnings = draw_warnings.of_facility(
            connection, row, product, today=today, amount=amount, currency=currency
        )
        annual_rate = _rate_on(connection, row, product, day=today)
        if annual_rate is None:
            warnings.append(_no_rate(product))
        warnings += draw_warnings.of_collateral(gateway, connection, row, product, request)
        return _State(
            today, as_of, product, row.annual_rate if annual_rate is None else annual_rate, warnings
        )

    state = await gateway.storage.read(find)
    terms = await _terms(gateway, state, request, row.fees)
    warnings = state.warnings
    if not warnings:
        refusal = await _refusal(gateway, row, state.product, request, currency=currency)
        warnings = [] if refusal is None else [_in_words(refusal)]
    loan = Loan.opened(terms, principal=amount)
    due = schedule(loan)
    days = sample_days(loan)
    if request.repaidOn is not None:
        last = due[-1].day
        days.append(_day_of_repayment(request.repaidOn, today=state.today, last=last))
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
        "payoffs": [_payoff(item, amount, currency) for item in payoffs(loan, days)],
        "totalInterest": money_view(sum(item.parts.interest for item in due), currency=currency),
        "totalFees": money_view(sum(item.parts.service for item in due), currency=currency),
        "totalCost": money_view(repaid - amount, currency=currency),
        "totalRepaid": money_view(repaid, currency=currency),
        "warnings": warnings,
        "asOf": state.as_of,
    }


def _payoff(item: Payoff, amount: int, currency: str) -> DrawPayoff:
    return {
        "date": date_of(item.day).isoformat(),
        "payoff": parts_view(item.parts, currency=currency),
        "cost": money_view(item.before + item.parts.total - amount, currency=currency),
    }


def _day_of_repayment(date: datetime.date, *, today: int, last: int) -> int:
    """The day number of a day of repayment: of the draw or later, up to the last due day.

    Raises:
        BadInput.
    """
    try:
        day = day_from(date, first=today, today=today)
    except BadInput as error:
        raise BadInput(
            error.said,
            name=error.name,
            field="repaidOn",
            fix="give the day of the draw or a later one",
        ) from error
    if day > last:
        raise BadInput(
            say("the last due day is {day}", day=date_of(last).isoformat()),
            field="repaidOn",
            fix="give that day or an earlier one",
        )
    return day


def _rate_on(
    connection: Connection, row: FacilityRow, product: ProductRow, *, day: int
) -> int | None:
    """The rate of a loan that is drawn on a day; None: its reference has no rate for that day.

    Twin of `_rateOn` in contracts/lending/LoanRates.sol.
    """
    reference = reference_in(product.floating["referenceCode"])
    if reference is None:
        return row.annual_rate
    rate = rates.rate_on(connection, reference, day=day)
    if rate is None:
        return None
    return min(max(rate + row.spread, product.terms["minRate"]), row.annual_rate)


def _no_rate(product: ProductRow) -> DrawWarning:
    reference = reference_in(product.floating["referenceCode"])
    words = say(
        "{reference} has no rate for today; the figures are those of the highest rate",
        reference=reference,
    )
    fix = say("wait until two appraisers agree on it")
    return draw_warnings.warning("rate-missing", words, fix)


def _in_words(refusal: ContractError) -> DrawWarning:
    """The ledger's refusal, without what the borrower may not know of its lender's money."""
    if refusal.name in _OF_THE_LENDERS_MONEY:
        words = say("the lender cannot pay out this draw now")
        return draw_warnings.warning("CannotFund", words, say("ask the lender"))
    return draw_warnings.warning(refusal.name, *in_words(refusal))


async def _terms(
    gateway: Gateway, state: _State, request: QuoteRequest, fees: DrawFees
) -> LoanTerms:
    """The terms of the loan, with due days on business days.

    Raises:
        BadInput, ChainError.
    """
    product = state.product.terms
    choice = DrawChoice(
        style=Style(STYLES.index(request.style)),
        tenor=request.tenor,
        due_day_of_month=request.dueDayOfMonth,
        after_prepayment=AfterPrepayment(AFTER_PREPAYMENT.index(request.afterPrepayment)),
    )
    try:
        terms = terms_of_draw(
            product, choice, annual_rate=state.annual_rate, today=state.today, fees=fees
        )
    except DrawInvalid as error:
        raise BadInput(
            text_of(error),
            name="term-out-of-range",
            field=error.term,
            fix=say("give {allowed}", allowed=error.allowed),
        ) from error
    return await on_business_days(gateway, product, terms)


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
    draw = Call(
        kind="draw-loan",
        party_id=None,
        signer=row.borrower,
        contract=CONTRACT,
        function=function,
        arguments=arguments,
        subject={"facilityId": row.facility_id},
    )
    await know(gateway, [(error, draw)])
    return error
