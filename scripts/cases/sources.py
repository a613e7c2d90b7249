"""What a row leaves out, from its source: the name, or else the table `sources.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.calendar import day_of
from app.domain.catalogue import AFTER_PREPAYMENT
from app.domain.loan import AfterPrepayment
from scripts.cases.inputs import (
    DECIMAL,
    HUNDREDTHS,
    MAX_PERIODS,
    PERCENT,
    Unsupported,
    money_in,
)
from scripts.cases.reading import Question

TABLE = Path(__file__).with_name("sources.toml")
MONTHS = 12
# `PMT(0.08/12,10,10000)`, `CUMIPMT(9%/12,360,125000,1,1)`: a spreadsheet's function.
_FUNCTION = re.compile(r"\b(CUMIPMT|[IP]?PMT)\(([^()]+)\)")
# `reference-500000.32-4.56-32.json`: amount, percent, months.
_TERMS = re.compile(r"-(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)-(\d+)(?:\.json)?$")
_ARGUMENTS = {
    "PMT": ("rate", "periods", "principal"),
    "IPMT": ("rate", "number", "periods", "principal"),
    "PPMT": ("rate", "number", "periods", "principal"),
    "CUMIPMT": ("rate", "periods", "principal", "number", "last"),
}


@dataclass(frozen=True, kw_only=True)
class SourceLoan:
    """A loan as its source tells it; the rate in parts per million.

    Attributes:
        number: the first instalment that a spreadsheet's function asks for.
        last: the last one.
        extra: money beyond what is due, and when.
        after_prepayment: what that money does to the schedule.
    """

    principal: Decimal
    rate: int
    periods: int = 1
    number: int = 1
    last: int = 1
    start: int = 0
    due: int = 0
    paid_off: int = 0
    day_count: int = 360
    extra: Extra | None = None
    after_prepayment: AfterPrepayment = AfterPrepayment.PAY_AHEAD

    @property
    def minor(self) -> int:
        """The principal in hundredths."""
        return int(self.principal * HUNDREDTHS)


@dataclass(frozen=True, kw_only=True)
class Grace:
    """First instalments of a schedule without principal, and without interest.

    Attributes:
        convention: why a figure may differ although ours has the same grace.
    """

    principal: int = 0
    interest: int = 0
    convention: str = ""


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Money in hundredths that the borrower pays beyond what is due, at an instalment or a day."""

    money: int
    instalment: int = 0
    day: int = 0


@dataclass(frozen=True, kw_only=True)
class SourceSchedule:
    """Day of disbursement, and what was outstanding before each instalment, in hundredths."""

    start: int
    balances: tuple[int, ...]

    def balance(self, question: Question, number: int) -> int:
        """What was outstanding before instalment `number`.

        Raises:
            FileInvalid: the schedule has no such instalment.
        """
        if not 1 <= number <= len(self.balances):
            raise question.invalid("inputs.k", f"the source has {len(self.balances)} instalments")
        return self.balances[number - 1]


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _row(kind: str, question: Question, what: str) -> dict[str, Any]:
    for row in _table()[kind]:
        if _is_of(row, question):
            return row
    raise Unsupported(f"{what}: neither the row nor scripts/cases/sources.toml has it")


def _is_of(row: dict[str, Any], question: Question) -> bool:
    source = row["source"]
    return (
        (question.source == source or question.source.startswith(f"{source} "))
        and row.get("rule", question.rule) == question.rule
        and row.get("scenario") == question.inputs.get("scenario")
    )


def loan_of(question: Question) -> SourceLoan:
    """The loan of a row that holds no terms.

    Raises:
        Unsupported: neither the source's name nor the table holds them.
    """
    function = _FUNCTION.search(question.source)
    if function:
        return _function_loan(function[1], function[2])
    terms = _TERMS.search(question.source)
    if terms and not any(_is_of(row, question) for row in _table()["loan"]):
        return SourceLoan(
            principal=Decimal(terms[1]), rate=_percent(terms[2]), periods=_whole(terms[3])
        )
    row = _row("loan", question, "the loan's terms")
    extra = row.get("extra")
    return SourceLoan(
        principal=Decimal(row["principal"]),
        rate=_percent(row["rate"]),
        periods=row.get("periods", 1),
        start=_day(row.get("start")),
        due=_day(row.get("due")),
        paid_off=_day(row.get("paid_off")),
        day_count=row.get("day_count", 360),
        extra=None
        if extra is None
        else Extra(
            money=int(Decimal(extra["money"]) * HUNDREDTHS),
            instalment=extra.get("instalment", 0),
            day=_day(extra.get("day")),
        ),
        after_prepayment=AfterPrepayment(
            AFTER_PREPAYMENT.index(row.get("after_prepayment", AFTER_PREPAYMENT[0]))
        ),
    )


def grace_of(question: Question) -> Grace:
    """The grace of a row's schedule; none where the table has none."""
    for row in _table()["grace"]:
        if _is_of(row, question):
            return Grace(
                principal=row.get("principal", 0),
                interest=row.get("interest", 0),
                convention=row["convention"],
            )
    return Grace()


def rate_of(question: Question) -> int:
    """The annual rate that a row leaves out, in parts per million.

    Raises:
        Unsupported.
    """
    return _percent(_row("rate", question, "the rate")["rate"])


def face_of(question: Question) -> int:
    """The face amount that a row leaves out, in hundredths.

    Raises:
        Unsupported.
    """
    return int(Decimal(_row("face", question, "the face amount")["face"]) * HUNDREDTHS)


def schedule_of(question: Question, *, minor: int) -> SourceSchedule:
    """The peer's own schedule; it must be of the row's amount.

    Raises:
        Unsupported.
        FileInvalid: the row's amount is another.
    """
    row = _row("schedule", question, "the peer's schedule")
    schedule = SourceSchedule(start=_day(row["start"]), balances=tuple(row["balances"]))
    if money_in(question, "P", minor=minor) != schedule.balances[0]:
        raise question.invalid("inputs.P", f"the source lent {schedule.balances[0]} hundredths")
    return schedule


def _percent(text: str) -> int:
    rate = Decimal(text) * PERCENT
    if rate != rate.to_integral_value():
        raise Unsupported(f"the rate {text}% is finer than a part per million")
    return int(rate)


def _day(when: date | int | None) -> int:
    """A day number; a loan without dates has its days counted from 0."""
    return day_of(when) if isinstance(when, date) else when or 0


def _function_loan(name: str, text: str) -> SourceLoan:
    arguments = re.split(r"\s*[,;]\s*", text.strip())
    names = _ARGUMENTS[name]
    # What follows may be 0: no value at the end, and payment at the end of a month.
    if len(arguments) < len(names) or any(argument != "0" for argument in arguments[len(names) :]):
        raise Unsupported(f"{name}({text}) is not read")
    named = dict(zip(names, arguments, strict=False))
    number = _whole(named.get("number", "1"))
    # The sign of the amount says who pays.
    return SourceLoan(
        principal=_decimal(named["principal"].removeprefix("-")),
        rate=_monthly(named["rate"]),
        periods=_whole(named["periods"]),
        number=number,
        last=_whole(named.get("last", str(number))),
    )


def _monthly(text: str) -> int:
    """The annual rate of a monthly one: `0.08/12`, `9%/12`, or 0."""
    annual = text.removesuffix(f"/{MONTHS}")
    share = _decimal(annual.removesuffix("%"))
    rate = _percent(str(share if annual.endswith("%") else share * HUNDREDTHS))
    if annual == text and rate:
        raise Unsupported(f"{text} is no monthly rate such as 0.08/{MONTHS}")
    return rate


def _decimal(text: str) -> Decimal:
    if not DECIMAL.fullmatch(text):
        raise Unsupported(f"{text} in the source's name is no plain number")
    return Decimal(text)


def _whole(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MAX_PERIODS:
        raise Unsupported(f"{text} in the source's name is not from 1 to {MAX_PERIODS}")
    return int(text)
