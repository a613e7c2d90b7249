"""Reads records of the tax authority about invoices.

CSV with a row for each record:

| column | holds |
| --- | --- |
| number | the number of the invoice |
| seller, buyer | their numbers as companies |
| day | of the record: of the issue, or of the cancellation |
| currency | ISO 4217 |
| amount | of the invoice, without a sign, such as 1250.00 |
| status | issued, void or red-letter (cancelled by an invoice of the opposite sign) |
"""

from __future__ import annotations

import msgspec

from app.domain.calendar import date_of
from app.domain.crosschecks.index import plain_number
from app.domain.crosschecks.records import TaxState
from app.domain.money import DIGITS
from app.domain.numbering import letters_and_digits
from app.domain.scoring.file_rows import Cells, once, read_rows
from app.domain.texts import say

TITLE = say("tax file")
COLUMNS = ("number", "seller", "buyer", "day", "currency", "amount", "status")
STATES = {
    "issued": TaxState.ISSUED,
    "void": TaxState.CANCELLED,
    "red-letter": TaxState.CANCELLED,
}
_MAX_NUMBER = 200


class TaxRow(msgspec.Struct, frozen=True):
    """A record; sides are numbers of companies, the amount is in minor units."""

    row: int
    number: str
    seller: str
    buyer: str
    day: int
    currency: str
    amount: int
    status: str


def read_tax_file(data: bytes, *, begins: int, ends: int) -> list[TaxRow]:
    """The records of a period.

    Args:
        begins, ends: the first and the last day of the period.

    Raises:
        EvidenceInvalid: names the rows and the columns that are wrong.
    """
    rows = read_rows(
        data, lambda cells: _row(cells, begins=begins, ends=ends), title=TITLE, columns=COLUMNS
    )
    keys = (
        (each.row, (letters_and_digits(each.seller), plain_number(each.number), each.status))
        for each in rows
    )
    once(keys, title=TITLE, column="number", what=say("invoice and status"))
    return rows


def _row(cells: Cells, *, begins: int, ends: int) -> TaxRow:
    number = cells.text("number")
    if len(number) > _MAX_NUMBER or not plain_number(number):
        fix = say("write its letters and digits, at most {max} characters", max=_MAX_NUMBER)
        raise cells.wrong(
            "number", say("{number} is no number of an invoice", number=repr(number[:40])), fix
        )
    seller, buyer, day = cells.company("seller"), cells.company("buyer"), cells.day("day")
    if not begins <= day <= ends:
        detail = say(
            "{day:day} is outside the period {begins:day} to {ends:day}",
            day=date_of(day),
            begins=date_of(begins),
            ends=date_of(ends),
        )
        raise cells.wrong("day", detail, say("correct the day, or give the period of all rows"))
    currency = cells.text("currency")
    if currency not in DIGITS:
        raise cells.wrong(
            "currency",
            say("{currency} is no currency", currency=repr(currency[:40])),
            say("write it like CNY"),
        )
    return TaxRow(
        row=cells.row,
        number=number,
        seller=seller,
        buyer=buyer,
        day=day,
        currency=currency,
        amount=cells.amount("amount", currency=currency),
        status=cells.word("status", tuple(STATES)),
    )
