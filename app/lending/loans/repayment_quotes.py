"""What a payment on a day would do to a loan: its parts, what is left, the interest saved."""

from __future__ import annotations

import copy
import datetime

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.loan import Loan
from app.domain.money import AmountInvalid, minor_units
from app.domain.schedule import schedule
from app.domain.texts import say, text_of
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import MAX, money_view
from app.gateway.read_as_of import AsOf, ledger_day, moment
from app.lending import access
from app.lending.loans import views
from app.lending.loans.reading import day_from
from app.lending.loans.schemas import RepaymentQuote
from app.lending.views import parts_view


class _Moment(msgspec.Struct):
    today: int
    as_of: AsOf


async def quote(
    gateway: Gateway, caller: Caller, loan_id: int, *, amount: str, date: datetime.date | None
) -> RepaymentQuote:
    """What the ledger would do with a payment on a day, by default today; nothing is stored.

    Until the day nothing is paid, and after it each instalment on its due day. A floating rate
    counts as if it stayed as it is.

    Args:
        amount: decimal text in the loan's currency.

    Raises:
        NotFound, BadInput.
    """
    row = await access.readable_loan(gateway, caller, loan_id)
    currency = gateway.currency_at(row.currency)
    money = _minor_units(amount, currency=currency)

    def find(connection: Connection) -> _Moment:
        return _Moment(ledger_day(gateway, connection), moment(connection)[1])

    now = await gateway.storage.read(find)
    day = day_from(date, first=now.today, today=now.today)
    before = row.state()
    before.roll(row.own_day(day))
    after = copy.deepcopy(before)
    parts, not_taken = after.pay(money)
    without, then = _interest_to_come(before), parts.interest + _interest_to_come(after)
    return {
        "loanId": loan_id,
        "date": date_of(day).isoformat(),
        "parts": parts_view(parts, currency=currency),
        "notTaken": money_view(not_taken, currency=currency),
        "due": parts_view(after.amount_due, currency=currency),
        "payoff": parts_view(after.payoff, currency=currency),
        "outstanding": money_view(after.outstanding, currency=currency),
        "schedule": [
            views.instalment(due, row.calendar_day(due.day, now.today), currency=currency)
            for due in ([] if after.paid else schedule(after))
        ],
        "interestWithout": money_view(without, currency=currency),
        "interestWith": money_view(then, currency=currency),
        "interestSaved": money_view(without - then, currency=currency),
        "asOf": now.as_of,
    }


def _interest_to_come(loan: Loan) -> int:
    """Interest from the loan's day on, with what is due that day; each instalment paid in time."""
    return loan.amount_due.interest + sum(due.parts.interest for due in schedule(loan))


def _minor_units(amount: str, *, currency: str) -> int:
    try:
        money = minor_units(amount, currency=currency)
    except AmountInvalid as error:
        raise BadInput(text_of(error), name="amount-invalid", field="amount") from error
    if not 0 < money <= MAX:
        raise BadInput(
            say("amount is {amount}; it must be above zero", amount=amount),
            name="amount-out-of-range",
            field="amount",
        )
    return money
