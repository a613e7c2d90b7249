"""The terms of a restructuring, as both sides sign them."""

from __future__ import annotations

import secrets

from app.domain.calendar import day_of
from app.domain.catalogue import STYLES
from app.domain.loan import SCHEDULES, Style
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.gateway import Gateway
from app.gateway.money import Money, minor
from app.gateway.read_as_of import deadline, today_of
from app.lending.agreements.schemas import NewRestructuring
from app.lending.agreements.terms import Restructuring
from app.lending.rows import LoanRow

_AMOUNTS = (
    "forgivenCosts",
    "forgivenPenalty",
    "forgivenInterest",
    "forgivenPrincipal",
    "capitalisedInterest",
)
_OF_SCHEDULES = ("periods", "monthsPerPeriod", "principalGrace", "interestGrace")


async def terms_of(gateway: Gateway, row: LoanRow, request: NewRestructuring) -> Restructuring:
    """What both sides sign.

    Raises:
        BadInput.
    """
    style = Style(STYLES.index(request.style))
    if style not in SCHEDULES:
        _require_one_due_day(request)
    if request.periods <= max(request.principalGrace, request.interestGrace):
        raise BadInput(
            say(
                "all of the {periods} instalments would be free of principal or interest",
                periods=request.periods,
            ),
            field="principalGrace"
            if request.periods <= request.principalGrace
            else "interestGrace",
            fix="give fewer instalments of grace than instalments",
        )
    due_day, today = day_of(request.dueDate), await today_of(gateway)
    if due_day <= today:
        raise BadInput(
            say("{due_date:day} is not later than today", due_date=request.dueDate),
            field="dueDate",
            fix="give a later day",
        )
    from_day = 0 if request.interestFromDate is None else day_of(request.interestFromDate)
    if from_day and not today <= from_day < due_day:
        raise BadInput(
            say(
                "interest cannot run from {interest_from_date:day}",
                interest_from_date=request.interestFromDate,
            ),
            field="interestFromDate",
            fix="give a day from today to the day before the first due date, or leave it out",
        )
    currency = gateway.currency_at(row.currency)

    def amount(name: str) -> int:
        money: Money | None = getattr(request, name)
        return 0 if money is None else minor(money, field=name, currency=currency)

    amounts, before = {name: amount(name) for name in _AMOUNTS}, row.restructured()
    if amounts["forgivenPrincipal"] >= row.outstanding:
        raise BadInput(
            "all of the principal would be forgiven",
            field="forgivenPrincipal.amount",
            fix="forgive less than what is outstanding",
        )
    return {
        "loanId": row.loan_id,
        "style": int(style),
        "periods": request.periods,
        "monthsPerPeriod": request.monthsPerPeriod,
        "dueDay": due_day,
        "interestFromDay": from_day,
        "principalGrace": request.principalGrace,
        "interestGrace": request.interestGrace,
        "annualRate": request.annualRate,
        "forgivenCosts": amounts["forgivenCosts"],
        "forgivenPenalty": amounts["forgivenPenalty"],
        "forgivenInterest": amounts["forgivenInterest"],
        "forgivenPrincipal": amounts["forgivenPrincipal"],
        "capitalisedInterest": amounts["capitalisedInterest"],
        "restructurings": 0 if before is None else before.count,
        "deadline": await deadline(gateway),
        "nonce": secrets.randbits(63),
    }


def _require_one_due_day(request: NewRestructuring) -> None:
    """A bullet has one due day and nothing of a schedule."""
    for name in _OF_SCHEDULES:
        if getattr(request, name) != NewRestructuring.model_fields[name].default:
            raise BadInput(
                say("a {style} has one due date, and no {name}", style=request.style, name=name),
                field=name,
                fix=say("leave {name} out, or choose instalments", name=name),
            )
