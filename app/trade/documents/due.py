"""When a document is due: one day for the whole, or instalments with a day each.

The due date is BT-9 of EN 16931. The last day of a discount for early payment is none, and part of
a sum that is due on a day says nothing of the rest.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

import msgspec

from app.trade.documents.errors import FieldInvalid, TotalsMismatch
from app.trade.documents.model import Instalment

MOST_INSTALMENTS = 120


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """What one of a document's payment terms says; terms of a discount alone are no `Term`.

    Attributes:
        amount: the part that is due, in minor units; None for no part of its own.
        percent: the part as a percentage of the payable amount, where no amount is given.
    """

    due_date: datetime.date | None = None
    amount: int | None = None
    percent: Decimal | None = None


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """The day on which all is due, or the instalments; neither where the paper does not say."""

    date: datetime.date | None = None
    instalments: tuple[Instalment, ...] = ()


def due(
    payable: int, *, stated: set[datetime.date], terms: Sequence[Term], terms_state: bool
) -> Due:
    """What a document says of its due date.

    Args:
        payable: in minor units; instalments must add up to it.
        stated: days that the document gives as its due date (BT-9).
        terms_state: whether a term without a part gives the due date where `stated` is empty.

    Raises:
        FieldInvalid: several days without parts, or a part without a day.
        TotalsMismatch: the parts do not add up.
    """
    parts = _with_amounts(payable, [one for one in terms if one.amount is not None or one.percent])
    plain = {
        one.due_date
        for one in terms
        if one.due_date is not None and one.amount is None and not one.percent
    }
    if not parts:
        date = _only(stated | plain)
        return Due(date=date if stated or terms_state else None)
    if len(parts) == 1 and parts[0].amount == payable and parts[0].due_date is None:
        return Due(date=_only(stated | plain))
    instalments = _instalments(payable, parts)
    days = {one.due_date for one in instalments}
    if not (stated | plain) <= days:
        raise _several(stated | plain | days)
    if len(instalments) == 1:
        return Due(date=instalments[0].due_date)
    return Due(instalments=instalments)


def _with_amounts(payable: int, parts: Sequence[Term]) -> list[Term]:
    """Parts with their percentages reckoned; the last of a whole takes what rounding leaves."""
    percents = [one.percent or Decimal(0) for one in parts if one.amount is None]
    with localcontext(prec=100):
        amounts = [
            one.amount
            if one.amount is not None
            else int((payable * (one.percent or Decimal(0)) / 100).to_integral_value(ROUND_HALF_UP))
            for one in parts
        ]
        if len(percents) == len(parts) and sum(percents) == 100:
            amounts[-1] += payable - sum(amounts)
    return [
        Term(due_date=one.due_date, amount=amount)
        for one, amount in zip(parts, amounts, strict=True)
    ]


def _instalments(payable: int, parts: Sequence[Term]) -> tuple[Instalment, ...]:
    """One for each day, in the order of days."""
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
                "a part of the amount is nothing, or less",
                name="instalment-amount-invalid",
                field=f"instalments.{place}.amount",
                fix="give only parts that are to be paid",
            )
        by_day[part.due_date] = by_day.get(part.due_date, 0) + amount
    if len(by_day) > MOST_INSTALMENTS:
        raise FieldInvalid(
            f"there are {len(by_day)} instalments",
            name="instalments-too-many",
            field="instalments",
            fix=f"give at most {MOST_INSTALMENTS}",
        )
    if sum(by_day.values()) != payable:
        raise TotalsMismatch(
            "the parts that are due on days of their own do not add up to payableAmount",
            name="instalments-mismatch",
            field="instalments",
            fix="state when each part of the payable amount is due, or one due date for all of it",
        )
    return tuple(Instalment(amount=by_day[day], due_date=day) for day in sorted(by_day))


def _only(found: set[datetime.date]) -> datetime.date | None:
    if len(found) > 1:
        raise _several(found)
    return next(iter(found), None)


def _several(found: set[datetime.date]) -> FieldInvalid:
    days = ", ".join(one.isoformat() for one in sorted(found)[:5])
    return FieldInvalid(
        f"the document is due on several days: {days}",
        name="due-date-several",
        field="dueDate",
        fix="state what part is due on each day, or send one document for each instalment",
    )
