"""A party's certificates of its tax standing, and the figures that they show.

CSV with a row for each certificate:

| column | holds |
| --- | --- |
| company | the number of the party as a company, the same in each row |
| certificate | the number of the certificate |
| periodFrom, periodTo | the first and the last day of the period |
| issued | the day of the certificate, not before the period ends |
| status (optional) | the grade that the authority gives, such as A |
| arrears (optional) | what the party owes the authority; 0.00 if it owes nothing |
| currency (optional) | of the arrears: that of the card |

Each row has a status, or arrears with their currency, or both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.calendar import date_of
from app.domain.scoring.file_figures import Figure, FileFigures, Shown, money
from app.domain.scoring.file_rows import Cells, agreed, once, read_rows
from app.domain.texts import say

TITLE = say("tax file")
COLUMNS = ("company", "certificate", "periodFrom", "periodTo", "issued")
OPTIONAL = ("status", "arrears", "currency")
FEATURES = ("tax-standing", "tax-arrears")
_MAX_STATUS = 40


@dataclass(frozen=True)
class Certificate:
    """A row; the arrears in minor units; None: it does not say."""

    row: int
    company: str
    number: str
    begins: int
    ends: int
    issued: int
    status: str | None
    arrears: int | None


def read_tax_table(data: bytes, *, currency: str) -> FileFigures:
    """The figures of tax certificates, each from the newest period that has it.

    Raises:
        EvidenceInvalid: names the file, the rows and the columns that are wrong.
    """
    rows = read_rows(
        data,
        lambda cells: _certificate(cells, currency=currency),
        title=TITLE,
        columns=COLUMNS,
        optional=OPTIONAL,
    )
    company = agreed(
        ((each.row, each.company) for each in rows),
        title=TITLE,
        column="company",
        fix=say("give certificates of one company"),
    )
    numbers = ((each.row, each.number) for each in rows)
    once(numbers, title=TITLE, column="certificate", what=say("certificate"))
    standing = _newest(rows, "status", lambda each: each.status)
    owed = _newest(
        rows,
        "arrears",
        lambda each: None if each.arrears is None else money(each.arrears, currency=currency),
    )
    newest = {"tax-standing": standing, "tax-arrears": owed}
    figures = {
        name: Figure(value, each.issued)
        for name, pair in newest.items()
        if pair is not None
        for each, value in (pair,)
    }
    used = {pair[0].number: pair[0] for pair in newest.values() if pair is not None}
    basis = ", ".join(
        f"certificate {number[:60]} of the period to {date_of(each.ends)}"
        for number, each in used.items()
    )
    return FileFigures(company, figures, basis)


def _certificate(cells: Cells, *, currency: str) -> Certificate:
    begins, ends = cells.period("periodFrom", "periodTo")
    issued = cells.day("issued")
    if issued < ends:
        raise cells.wrong("issued", say("it is before the period ends"), say("correct the day"))
    status = cells.optional("status", cells.text)
    if status is not None and len(status) > _MAX_STATUS:
        raise cells.wrong("status", say("it is too long"), say("write the grade, such as A"))
    arrears = cells.optional("arrears", lambda column: cells.amount(column, currency=currency))
    if arrears is not None:
        cells.currency("currency", expected=currency)
    if status is None and arrears is None:
        fix = say("give one of both, or leave the row out")
        raise cells.wrong("status", say("the row has neither status nor arrears"), fix)
    return Certificate(
        row=cells.row,
        company=cells.company("company"),
        number=cells.text("certificate"),
        begins=begins,
        ends=ends,
        issued=issued,
        status=status,
        arrears=arrears,
    )


def _newest(
    rows: Sequence[Certificate], column: str, value_of: Callable[[Certificate], Shown | None]
) -> tuple[Certificate, Shown] | None:
    """The certificate of the newest period that gives a value, and the value.

    Raises:
        EvidenceInvalid: two certificates of that period give it.
    """
    pairs = [(each, value) for each in rows if (value := value_of(each)) is not None]
    if not pairs:
        return None
    last = max(each.ends for each, _ in pairs)
    newest = [(each, value) for each, value in pairs if each.ends == last]
    periods = ((each.row, "the last period") for each, _ in newest)
    once(periods, title=TITLE, column=column, what=say("last day of its period"))
    return newest[0]
