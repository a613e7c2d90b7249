"""What a party must pay, by day and currency, against the cash that it holds."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import groupby

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of, day_of
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import business_day, moment
from app.parties.registry.service import readable_account
from app.storage import run
from app.trade.receivables.repository import OWED
from app.trade.receivables.schemas import DueCalendar, DueCurrency, DueDay

MAX_DAYS = 400
DEFAULT_DAYS = 90


# The sum of many amounts may not fit the databases' numbers, so it is read in two parts.
_LARGE = 10**9


class _Due(msgspec.Struct, frozen=True):
    """What falls due on a day: how many debts, and what is owed of them together.

    `unpaid` is in minor units of the currency whose token has this address.
    """

    currency: str
    due_day: int
    count: int
    unpaid: int


def _owed(connection: Connection, account: str, *, until: int) -> list[_Due]:
    """Debts of an account that are due up to a day and not paid, by currency and day."""
    rows = run(
        connection,
        f"SELECT currency, due_day, count(*) AS debts, sum(unpaid / {_LARGE}) AS large, "
        f"sum(unpaid % {_LARGE}) AS small FROM "
        "(SELECT currency, due_day, face_amount - credited - principal_paid AS unpaid "
        f"FROM receivables WHERE debtor = ? AND due_day <= ? AND {OWED.format(r='')}) AS owed "
        "GROUP BY due_day, currency",  # as an index has them: it leads to these days alone
        (account, until),
    )
    days = [
        _Due(
            *(str(row.currency), int(row.due_day), int(row.debts)),
            int(row.large) * _LARGE + int(row.small),
        )
        for row in rows
    ]
    return sorted(days, key=lambda day: (day.currency, day.due_day))


def _held(connection: Connection, account: str) -> dict[str, int]:
    rows = run(
        connection, "SELECT currency, balance FROM cash_balances WHERE account = ?", (account,)
    )
    return {str(row.currency): int(row.balance) for row in rows}


async def calendar(
    gateway: Gateway,
    caller: Caller,
    *,
    party_id: str | None,
    first: datetime.date | None,
    last: datetime.date | None,
) -> DueCalendar:
    """What the caller, or a party for those who see all, must pay from one day to another.

    Raises:
        BadInput, Forbidden, NotFound.
    """
    account = await readable_account(gateway, caller, party_id, what=say("due calendar"))

    def find(connection: Connection) -> DueCalendar:
        now, as_of = moment(connection)
        begin = business_day(gateway, now) if first is None else day_of(first)
        end = begin + DEFAULT_DAYS if last is None else day_of(last)
        if not begin <= end < begin + MAX_DAYS:
            raise BadInput(
                say(
                    "from {begin:day} to {end:day} are {end_2} days",
                    begin=date_of(begin).isoformat(),
                    end=date_of(end).isoformat(),
                    end_2=end - begin + 1,
                ),
                field="to",
                fix=say("give 1 to {max_days} days", max_days=MAX_DAYS),
            )
        held = _held(connection, account)
        owed = _owed(connection, account, until=end)
        return {
            "from": date_of(begin).isoformat(),
            "to": date_of(end).isoformat(),
            "currencies": [
                _currency(gateway, token, list(debts), begin=begin, held=held.get(token, 0))
                for token, debts in groupby(owed, key=lambda debt: debt.currency)
            ],
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


def _currency(
    gateway: Gateway, token: str, debts: list[_Due], *, begin: int, held: int
) -> DueCurrency:
    code = gateway.currency_at(token)
    overdue = [debt for debt in debts if debt.due_day < begin]
    days = [debt for debt in debts if debt.due_day >= begin]
    overdue_amount = sum(debt.unpaid for debt in overdue)
    return {
        "currency": code,
        "held": money_view(held, currency=code),
        "overdue": money_view(overdue_amount, currency=code),
        "overdueCount": sum(debt.count for debt in overdue),
        "days": list(_days(days, code, needed=overdue_amount, held=held)),
    }


def _days(days: list[_Due], code: str, *, needed: int, held: int) -> Iterator[DueDay]:
    for day in days:
        needed += day.unpaid
        yield {
            "date": date_of(day.due_day).isoformat(),
            "due": money_view(day.unpaid, currency=code),
            "count": day.count,
            "needed": money_view(needed, currency=code),
            "missing": money_view(max(0, needed - held), currency=code),
        }
