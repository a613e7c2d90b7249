"""A party's financial statements by period, checked, and the figures that they show.

CSV with a row for each item of a period:

| column | holds |
| --- | --- |
| company | the number of the party as a company, the same in each row |
| currency | that of the card |
| periodFrom, periodTo | the first and the last day of the period; balances are of the last |
| item | one of the items below |
| amount | such as 1250.00; an empty cell is unknown |

Items are those of `EQUATIONS`. An item that is subtracted is written without a sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.calendar import date_of
from app.domain.money import decimal_text
from app.domain.scoring.file_figures import (
    REVENUE,
    STOCK,
    Fact,
    FileFigures,
    Shown,
    days_up,
    debt_up,
    known,
    ratio_down,
)
from app.domain.scoring.file_rows import Cells, agreed, once, read_rows, wrong
from app.domain.texts import say

TITLE = say("statements file")
COLUMNS = ("company", "currency", "periodFrom", "periodTo", "item", "amount")
FEATURES = (
    "current-ratio",
    "debt-share",
    "net-margin",
    "profit-to-interest",
    "revenue-change",
    "receivable-days",
)
MAX_PERIODS = 12


@dataclass(frozen=True)
class Equation:
    """A total is the sum of its parts; what `minus` names is subtracted."""

    total: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """All parts."""
        return (*self.plus, *self.minus)


BALANCE = Equation("total-assets", ("total-liabilities", "equity"))
_SHEET = (
    BALANCE,
    Equation("total-assets", ("current-assets", "non-current-assets")),
    Equation("current-assets", ("cash", "receivables", "inventory", "other-current-assets")),
    Equation("total-liabilities", ("current-liabilities", "non-current-liabilities")),
    Equation("current-liabilities", ("payables", "short-term-debt", "other-current-liabilities")),
    Equation("non-current-liabilities", ("long-term-debt", "other-non-current-liabilities")),
)
#: Checked in each period that has all of their items.
EQUATIONS = (
    *_SHEET,
    Equation("gross-profit", ("revenue",), ("cost-of-sales",)),
    Equation("operating-profit", ("gross-profit",), ("operating-expenses",)),
    Equation("profit-before-tax", ("operating-profit", "other-result"), ("interest-expense",)),
    Equation("net-profit", ("profit-before-tax",), ("income-tax",)),
)
ITEMS = tuple(dict.fromkeys(name for each in EQUATIONS for name in (each.total, *each.parts)))
#: Items that may be below zero.
SIGNED = frozenset(
    (
        *("equity", "gross-profit", "operating-profit", "other-result", "profit-before-tax"),
        *("income-tax", "net-profit"),
    )
)
_OF_SHEET = frozenset(name for each in _SHEET for name in (each.total, *each.parts))
_ALIKE_DAYS = 5


@dataclass(frozen=True)
class Amount:
    """A row; the amount in minor units; None: it is unknown."""

    row: int
    company: str
    period: tuple[int, int]
    item: str
    amount: int | None


@dataclass(frozen=True)
class Statement:
    """The items of a period that are known, with their rows."""

    begins: int
    ends: int
    amounts: Mapping[str, int]
    rows: Mapping[str, int]
    first_row: int

    @property
    def days(self) -> int:
        """How long the period is."""
        return self.ends - self.begins + 1


def read_statement_table(data: bytes, *, currency: str) -> FileFigures:
    """The figures of financial statements, of the last period.

    Ratios are in basis points, rounded to the worse side. `revenue-change` needs a period as long
    as the last one that ends where it begins. A ratio to nothing, or with an unknown item, is
    unknown.

    Raises:
        EvidenceInvalid: names the file, the rows and the columns that are wrong; the balance sheet
            does not balance, or a total is not the sum of its parts.
    """
    rows = read_rows(
        data, lambda cells: _amount(cells, currency=currency), title=TITLE, columns=COLUMNS
    )
    company = agreed(
        ((each.row, each.company) for each in rows),
        title=TITLE,
        column="company",
        fix=say("give statements of one company"),
    )
    keys = ((each.row, (each.period, each.item)) for each in rows)
    once(keys, title=TITLE, column="item", what=say("item of the same period"))
    statements = _statements(rows)
    for each in statements:
        _check(each, currency=currency)
    last = statements[-1]
    basis = f"{len(statements)} periods, the last from {date_of(last.begins)}"
    values = _values(last, statements[-2] if len(statements) > 1 else None)
    facts = tuple(fact for each in statements for fact in _facts(each))
    return FileFigures(company, known(values, as_of=last.ends), basis, facts=facts)


def _amount(cells: Cells, *, currency: str) -> Amount:
    cells.currency("currency", expected=currency)
    item = cells.word("item", ITEMS)
    return Amount(
        row=cells.row,
        company=cells.company("company"),
        period=cells.period("periodFrom", "periodTo"),
        item=item,
        amount=cells.optional(
            "amount",
            lambda column: cells.amount(column, currency=currency, signed=item in SIGNED),
        ),
    )


def _statements(rows: Sequence[Amount]) -> list[Statement]:
    """The statements in the order of their periods.

    Raises:
        EvidenceInvalid: periods overlap, or there are too many.
    """
    by_period: dict[tuple[int, int], list[Amount]] = {}
    for each in rows:
        by_period.setdefault(each.period, []).append(each)
        if len(by_period) > MAX_PERIODS:
            detail, fix = (
                say("there are too many periods"),
                say("give at most {max}", max=MAX_PERIODS),
            )
            raise wrong(TITLE, each.row, "periodFrom", detail, fix)
    statements = [_statement(period, by_period[period]) for period in sorted(by_period)]
    for before, after in pairwise(statements):
        if after.begins <= before.ends:
            detail = say("its period overlaps that of row {row}", row=before.first_row)
            fix = say("give periods that follow each other")
            raise wrong(TITLE, after.first_row, "periodFrom", detail, fix, name="contradictory")
    return statements


def _statement(period: tuple[int, int], rows: Sequence[Amount]) -> Statement:
    return Statement(
        *period,
        amounts={each.item: each.amount for each in rows if each.amount is not None},
        rows={each.item: each.row for each in rows},
        first_row=rows[0].row,
    )


def _facts(statement: Statement) -> Iterator[Fact]:
    """What a list of stock, or the ledger, says too."""
    inventory, revenue = statement.amounts.get("inventory"), statement.amounts.get("revenue")
    if inventory is not None:
        yield Fact(STOCK, statement.ends, statement.ends, inventory)
    if revenue is not None:
        yield Fact(REVENUE, statement.begins, statement.ends, revenue)


def _check(statement: Statement, *, currency: str) -> None:
    """The balance sheet balances, and totals are the sums of their parts.

    Raises:
        EvidenceInvalid.
    """
    amounts = statement.amounts
    of_sheet = sorted(_OF_SHEET & set(amounts))
    needed = (BALANCE.total, *BALANCE.parts)
    missing = [name for name in needed if name not in amounts]
    if of_sheet and missing:
        detail = say(
            "the balance sheet to {ends:day} lacks {missing}",
            ends=date_of(statement.ends),
            missing=", ".join(missing),
        )
        row = statement.rows[of_sheet[0]]
        fix = say("add them, or leave the balance sheet out")
        raise wrong(TITLE, row, "item", detail, fix, name="sheet-incomplete")
    for equation in EQUATIONS:
        if equation.total in amounts:
            _check_equation(statement, equation, currency=currency)


def _check_equation(statement: Statement, equation: Equation, *, currency: str) -> None:
    amounts, total = statement.amounts, statement.amounts[equation.total]
    unknown = [name for name in equation.parts if name not in amounts]
    sum_known = sum(amounts.get(name, 0) for name in equation.plus)
    sum_known -= sum(amounts.get(name, 0) for name in equation.minus)
    # Parts that are never below zero are no more than their total, even if some are unknown.
    bounded = not equation.minus and not SIGNED.intersection(equation.parts)
    if (sum_known == total) if not unknown else (not bounded or sum_known <= total):
        return
    names = " + ".join(equation.plus) + "".join(f" - {name}" for name in equation.minus)
    template = (
        say("{item} is {stated}, the sum of what is known of {parts} {sum}")
        if unknown
        else say("{item} is {stated}, the sum of {parts} {sum}")
    ).template
    detail = say(
        template,
        item=equation.total,
        stated=decimal_text(total, currency=currency),
        parts=names,
        sum=decimal_text(sum_known, currency=currency),
    )
    name = "sheet-unbalanced" if equation is BALANCE else "totals-differ"
    row = statement.rows[equation.total]
    raise wrong(TITLE, row, "amount", detail, say("correct the amounts"), name=name)


def _values(last: Statement, before: Statement | None) -> dict[str, Shown | None]:
    amounts = last.amounts
    return {
        "current-ratio": ratio_down(
            amounts.get("current-assets"), amounts.get("current-liabilities")
        ),
        "debt-share": debt_up(amounts.get("total-liabilities"), amounts.get("total-assets")),
        "net-margin": ratio_down(amounts.get("net-profit"), amounts.get("revenue")),
        "profit-to-interest": ratio_down(
            amounts.get("operating-profit"), amounts.get("interest-expense")
        ),
        "revenue-change": _revenue_change(last, before),
        "receivable-days": _receivable_days(last),
    }


def _revenue_change(last: Statement, before: Statement | None) -> str | None:
    """Against the period before, if it is as long and ends where the last one begins."""
    if before is None or before.ends + 1 != last.begins:
        return None
    if abs(before.days - last.days) > _ALIKE_DAYS:
        return None
    revenue, earlier = last.amounts.get("revenue"), before.amounts.get("revenue")
    if revenue is None or earlier is None:
        return None
    return ratio_down(revenue - earlier, earlier)


def _receivable_days(last: Statement) -> int | None:
    """How long buyers take to pay, by what they owe at the end and by the revenue."""
    owed, revenue = last.amounts.get("receivables"), last.amounts.get("revenue")
    if owed is None or revenue is None:
        return None
    return days_up(owed, revenue, days=last.days)
