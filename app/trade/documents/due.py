"""When a document is due: one day for the whole, or instalments with a day each.

The due date is BT-9 of EN 16931. The last day of a discount for early payment is not a due date. A
due date of a part of the amount says nothing about the rest.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

import msgspec

from app.domain.texts import say
from app.trade.documents.errors import FieldInvalid, TotalsMismatch
from app.trade.documents.model import Instalment
from app.trade.documents.values import WHOLE_IN_PERCENT

MAX_INSTALMENTS = 120


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One of a document's payment terms; terms of a discount alone are not a `Term`.

    Attributes:
        due_date: day on which the whole or the part is due.
        amount: the part that is due, in minor units; None if the term names no amount.
        percent: the part as a percentage of the payable amount, if no amount is given.
    """

    due_date: datetime.date | None = None
    amount: int | None = None
    percent: Decimal | None = None


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """The day on which all is due, or the instalments; neither if the document does not say."""

    date: datetime.date | None = None
    instalments: tuple[Instalment, ...] = ()


def due(
    payable: int, *, stated: set[datetime.date], terms: Sequence[Term], terms_state: bool
) -> Due:
    """The due date or instalments of a document.

    Args:
        payable: in minor units; instalments must add up to it.
        stated: days that the document gives as its due date (BT-9).
        terms: its payment terms.
        terms_state: whether a term without a part gives the due date if `stated` is empty.

    Raises:
        FieldInvalid: several days without parts, or a part without a day.
        TotalsMismatch: the parts do not add up.
    """
    parts = _with_amounts(
        payable, [term for term in terms if term.amount is not None or term.percent]
    )
    plain = {
        term.due_date
        for term in terms
        if term.due_date is not None and term.amount is None and not term.percent
    }
    if not parts:
        date = _only(stated | plain)
        return Due(date=date if stated or terms_state else None)
    if len(parts) == 1 and parts[0].amount == payable and parts[0].due_date is None:
        return Due(date=_only(stated | plain))
    instalments = _instalments(payable, parts)
    days = {instalment.due_date for instalment in instalments}
    if not (stated | plain) <= days:
        raise _several(stated | plain | days)
    if len(instalments) == 1:
        return Due(date=instalments[0].due_date)
    return Due(instalments=instalments)


def _with_amounts(payable: int, parts: Sequence[Term]) -> list[Term]:
    """The parts with amounts instead of percentages.

    If the percentages make up the whole, the last part takes the rounding difference.
    """
    percents = [part.percent or Decimal(0) for part in parts if part.amount is None]
    with localcontext(prec=100):
        amounts = [
            part.amount
            if part.amount is not None
            else int(
                (payable * (part.percent or Decimal(0)) / WHOLE_IN_PERCENT).to_integral_value(
                    ROUND_HALF_UP
                )
            )
            for part in parts
        ]
        if len(percents) == len(parts) and sum(percents) == WHOLE_IN_PERCENT:
            amounts[-1] += payable - sum(amounts)
    return [
        Term(due_date=part.due_date, amount=amount)
        for part, amount in zip(parts, amounts, strict=True)
    ]


def _instalments(payable: int, parts: Sequence[Term]) -> tuple[Instalment, ...]:
    """One instalment for each day, in order."""
    by_day: dict[datetime.date, int] = {}
    for place, part in enumerate(parts):
        amount = part.amount or 0
        if part.due_date is None:
            raise FieldInvalid(
                "a part of the amount has no due date of its own",
                name="instalment-undated",
                field=f"instalments.{place}.dueDate",
                fix="give each part the day on which it is due",
            )
        if amount == 0 or (amount < 0) != (payable < 0):
            raise FieldInvalid(
                "a part of the amount is zero, or has the wrong sign",
                name="instalment-amount-invalid",
                field=f"instalments.{place}.amount",
                fix="give only parts that are payable",
            )
        by_day[part.due_date] = by_day.get(part.due_date, 0) + amount
    if len(by_day) > MAX_INSTALMENTS:
        raise FieldInvalid(
            say("there are {by_day} instalments", by_day=len(by_day)),
            name="instalments-too-many",
            field="instalments",
            fix=say("give at most {max_instalments}", max_instalments=MAX_INSTALMENTS),
        )
    if sum(by_day.values()) != payable:
        raise TotalsMismatch(
            "the instalments do not add up to payableAmount",
            name="instalments-mismatch",
            field="instalments",
            fix="state when each part of the payable amount is due, or one due date for all of it",
        )
    return tuple(Instalment(amount=by_day[day], due_date=day) for day in sorted(by_day))


def _only(days: set[datetime.date]) -> datetime.date | None:
    if len(days) > 1:
        raise _several(days)
    return next(iter(days), None)


def _several(dates: set[datetime.date]) -> FieldInvalid:
    days = ", ".join(date.isoformat() for date in sorted(dates)[:5])
    return FieldInvalid(
        say("the document is due on several days: {days}", days=days),
        name="due-date-several",
        field="dueDate",
        fix="state what part is due on each day, or send one document for each instalment",
    )
