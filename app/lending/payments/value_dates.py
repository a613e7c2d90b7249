"""From which day a payment outside the ledger counts."""

from __future__ import annotations

import datetime

from app.domain.calendar import date_of, day_of
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending.payments import repository
from app.lending.payments.repository import BankEntryRow
from app.lending.rows import LoanRow


async def _days_of(gateway: Gateway, row: LoanRow) -> tuple[int, int]:
    """Today, and the first calendar day from which a payment on the loan can count."""
    now, _ = await gateway.storage.read(moment)
    today = business_day(gateway, now)
    return today, row.calendar_day(max(row.history().from_day, row.start_day), today)


async def chosen_date(
    gateway: Gateway, row: LoanRow, entry: BankEntryRow, date: datetime.date | None
) -> datetime.date:
    """The date from which an entry counts: the bank's value date, or a later one.

    At the latest it is the booking date, or the first day from which it can count on this loan; on
    a loan with a recorded loss it is today, because the default on which the loss rests stands.

    Raises:
        BadInput: the date that was chosen is not within these.
    """
    earliest = repository.value_date(entry, gateway.sealer)
    if date is None:
        return earliest
    today, first_day = await _days_of(gateway, row)
    booked_on = datetime.date.fromisoformat(entry.booked_on)
    latest = max(earliest, booked_on, date_of(today if row.loss else first_day))
    if not earliest <= date <= latest:
        raise BadInput(
            say(
                "the value date {date:day} of entry {reference} is not from {earliest:day} "
                "to {latest:day}",
                date=date,
                reference=entry.reference,
                earliest=earliest,
                latest=latest,
            ),
            name="value-date-out-of-range",
            field="valueDate",
            fix="leave valueDate out: the bank's own counts",
        )
    return date


async def value_day(gateway: Gateway, row: LoanRow, date: datetime.date) -> int:
    """The loan's own day of a value date.

    Raises:
        BadInput: it is before the draw, before the last change of terms, or in the future.
    """
    today, first_day = await _days_of(gateway, row)
    if not first_day <= day_of(date) <= today:
        raise BadInput(
            say(
                "the value date {date:day} is not from {first_day:day} to {today:day}",
                date=date,
                first_day=date_of(first_day),
                today=date_of(today),
            ),
            name="value-date-out-of-range",
            field="valueDate",
            fix="give a day since the draw, or since the last change of the loan's terms",
        )
    return row.own_day_of(day_of(date))
