"""Loan statements as a spreadsheet and as a page to print."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from app.chain.evm.hashing import checksum_address
from app.domain.calendar import date_of
from app.domain.figures import Factor, Figure, Unit
from app.domain.loan import LoanTerms, Parts
from app.domain.statement import Line
from app.gateway import prints, sheets
from app.gateway.downloads import file_name
from app.gateway.file_texts import (
    amount,
    as_of,
    in_currency,
    mark,
    printed,
    rate,
    t,
)
from app.gateway.sheets import Cell, Money, Sheet
from app.gateway.views import Names
from app.lending.classes.schemas import RiskClass
from app.lending.loans import share_files
from app.lending.loans import statement_words as words
from app.lending.loans.statement import RULE, LoanAccount, exact_text
from app.lending.rows import PARTS, LoanRow

_TEXTS = (0, 1, 2)  # places of the columns that are dates and words
_RELIEF = ("costs", "penalty", "interest", "principal", "service")
_OWED = (*PARTS, "total")
_FIGURES = (
    *(mark("date"), mark("figure"), mark("factor"), mark("value"), mark("unit")),
    *(mark("exact"), mark("rounded"), mark("less"), mark("amount")),
)
_FIGURE_TEXTS = (0, 1, 2, 4)
EFFECTIVE_RATE = mark("Directive 2008/48/EC, Annex I, if each amount is paid on its due day")


class Statement(msgspec.Struct, frozen=True):
    """A loan's statement, with its parties and terms.

    Attributes:
        parties: roles and names of lender, borrower and entruster.
        last_due: the last due date by the calendar, after extensions.
        block: the block as of which it is true, None before the first.
        classification: the loan's class by risk on the day; None: none.
        shares: the participations that the reader may see; None: none.
    """

    loan_id: int
    parties: list[tuple[str, str]]
    account: LoanAccount
    last_due: datetime.date
    block: int | None
    classification: RiskClass | None = None
    shares: Sheet | None = None

    @property
    def currency(self) -> str:
        """The loan's currency."""
        return self.account.currency

    @property
    def terms(self) -> LoanTerms:
        """The terms on the day of the statement."""
        return self.account.statement.loan.terms

    @property
    def day(self) -> datetime.date:
        """The day of the statement."""
        return date_of(self.account.day)

    def file_name(self, ending: str) -> str:
        """The loan, the borrower and the day: `loan-3-statement-Linghu-Castings-2026-11-26.pdf`."""
        borrower = dict(self.parties).get("borrower", "")
        name = "" if borrower.startswith("0x") else borrower
        return file_name("loan", self.loan_id, "statement", name, day=self.day, ending=ending)


def of_loan(
    row: LoanRow,
    account: LoanAccount,
    names: Names,
    *,
    classification: RiskClass | None,
    shares: Sheet | None,
    today: int,
    block: int | None,
) -> Statement:
    """A loan's statement as of a day, with its terms as they are then."""
    terms = account.statement.loan.terms
    sides = (("lender", row.lender), ("borrower", row.borrower), ("entruster", row.entruster))
    return Statement(
        loan_id=row.loan_id,
        parties=[
            (side, names.get(account, ("", checksum_address(account)))[1])
            for side, account in sides
            if account is not None
        ],
        account=account,
        last_due=date_of(row.calendar_day(terms.due_day_of(terms.periods), today)),
        block=block,
        classification=classification,
        shares=shares,
    )


def _facts(statement: Statement) -> list[tuple[str, str]]:
    account, loan = statement.account, statement.account.statement.loan
    since = None if account.overdue_since is None else date_of(account.overdue_since)

    def money(value: int) -> str:
        return amount(Money(value, statement.currency), named=False)

    return [
        *((words.side(side), name) for side, name in statement.parties),
        (t("currency"), statement.currency),
        (t("as of"), as_of(statement.day, statement.block)),
        (t("due"), money(loan.amount_due.total)),
        (t("due and unpaid"), words.unpaid_words(since, account.days_past_due)),
        (t("class by risk"), words.class_words(statement.classification)),
        (t("repays the loan"), money(loan.payoff.total)),
        *words.terms_words(
            statement.terms, last_due=statement.last_due, currency=statement.currency
        ),
        *words.floating_words(account.floating),
        (t("effective annual rate as drawn"), rate(account.effective_rate)),
        (t("how it is computed"), t(EFFECTIVE_RATE)),
    ]


def _columns(currency: str) -> list[str]:
    names = (mark("interest due"), mark("service fees due"), *(words.paid(name) for name in PARTS))
    return [
        *(t("date"), t("what"), t("from")),
        *(in_currency(mark("amount"), currency), t("days"), t("amount x days")),
        *(in_currency(name, currency) for name in (*names, mark("outstanding"))),
    ]


def _cells(line: Line, *, currency: str) -> list[Cell]:
    def money(amount: int) -> Money | None:
        return Money(amount, currency) if amount else None

    parts = line.parts or Parts()
    return [
        date_of(line.day),
        words.line_words(line),
        date_of(line.first_day) if line.first_day else None,
        money(line.principal),
        line.days or None,
        money(line.sum_of_days),
        money(line.interest),
        money(line.fees),
        *(money(getattr(parts, name)) for name in PARTS),
        Money(line.outstanding, currency),
    ]


def _owed(statement: Statement) -> Sheet:
    """What is due after each line; last, what would repay the loan on the day."""
    currency, loan = statement.currency, statement.account.statement.loan

    def row(day: datetime.date, event: str, owed: Parts, outstanding: int) -> list[Cell]:
        amounts = [Money(getattr(owed, name), currency) for name in _OWED]
        return [day, event, *amounts, Money(outstanding, currency)]

    rows = [
        row(date_of(line.day), words.line_words(line), line.owed, line.outstanding)
        for line in statement.account.statement.lines
    ]
    rows.append(row(statement.day, t("due on this day"), loan.amount_due, loan.outstanding))
    rows.append(row(statement.day, t("repays the loan"), loan.payoff, 0))
    names = (*(words.part(name) for name in _OWED), mark("outstanding"))
    amounts = (in_currency(name, currency) for name in names)
    return Sheet(t("owed"), (t("date"), t("what"), *amounts), rows)


def _relief(statement: Statement) -> Sheet | None:
    """What the lender gave up or capitalised; None: nothing."""
    currency = statement.currency
    rows: list[list[Cell]] = []
    for line in statement.account.statement.lines:
        if line.forgiven is not None:
            relief = [getattr(line.forgiven, name) for name in _RELIEF] + [line.capitalised]
            cells = [Money(part, currency) if part else None for part in relief]
            rows.append([date_of(line.day), words.line_words(line), *cells])
    names = (*(words.part(name) for name in _RELIEF), mark("interest capitalised"))
    amounts = (in_currency(name, currency) for name in names)
    return Sheet(t("given up"), (t("date"), t("what"), *amounts), rows) if rows else None


def _figures(statement: Statement) -> Sheet:
    """A row for each factor; the first of a figure also has its results."""
    currency = statement.currency
    rows: list[list[Cell]] = []
    for figure in statement.account.statement.figures:
        for place, factor in enumerate(figure.factors):
            results: list[Cell] = [
                Decimal(exact_text(figure.exact, currency=currency)),
                *(
                    Money(amount, currency)
                    for amount in (figure.rounded, figure.less, figure.amount)
                ),
                t(figure.rule),
            ]
            rows.append(
                [
                    date_of(figure.day),
                    words.figure_name(figure.name),
                    t(factor.name),
                    _factor_cell(factor, currency=currency),
                    words.unit_words(factor, currency=currency),
                    *([None] * len(results) if place else results),
                ]
            )
    return Sheet(t("figures"), [*map(t, _FIGURES), t("rule")], rows)


def _factor_cell(factor: Factor, *, currency: str) -> Cell:
    return Money(factor.value, currency) if factor.unit is Unit.MONEY else factor.value


def _rules(figures: list[Figure]) -> list[str]:
    """Each rule once, with the first figure that is computed by it."""
    names: dict[str, str] = {}
    for figure in figures:
        names.setdefault(figure.rule, figure.name)
    return [
        t("{figure}: {rule}.", figure=words.figure_name(name), rule=t(rule))
        for rule, name in names.items()
    ]


def as_xlsx(statement: Statement) -> bytes:
    """A workbook: the lines, what is due after each, how each figure is computed, and the terms."""
    account = statement.account.statement
    lines = [_cells(line, currency=statement.currency) for line in account.lines]
    facts: list[list[Cell]] = [[t("loan"), statement.loan_id]]
    facts += [[name, text] for name, text in _facts(statement)]
    facts.append([t("how interest runs"), t(RULE)])
    relief, shares = _relief(statement), statement.shares
    if shares is not None:
        facts.append([t("what participants are due"), t(share_files.RULE)])
    return sheets.xlsx(
        [
            Sheet(t("statement"), _columns(statement.currency), lines),
            _owed(statement),
            *([] if relief is None else [relief]),
            *([] if shares is None else [shares]),
            _figures(statement),
            Sheet(t("terms"), (t("term"), t("value")), facts),
        ]
    )


def as_pdf(statement: Statement) -> bytes:
    """A page to print, with the tables of `as_xlsx`."""
    currency, account = statement.currency, statement.account.statement
    lines = [_cells(line, currency=currency) for line in account.lines]
    owed, computed, relief = _owed(statement), _figures(statement), _relief(statement)

    def plain(columns: Sequence[str]) -> list[str]:
        return [column.replace(f" ({currency})", "") for column in columns]

    return prints.pdf(
        title=t("Statement of loan {number}", number=statement.loan_id),
        facts=_facts(statement),
        notes=[t(RULE)],
        columns=plain(_columns(currency)),
        rows=[[printed(value) for value in line] for line in lines],
        words=_TEXTS,
        more=[
            prints.Section(
                t("What is due and unpaid after each line"),
                [],
                plain(owed.columns),
                [[printed(value) for value in row] for row in owed.rows],
                (0, 1),
            ),
            *(
                []
                if relief is None
                else [
                    prints.Section(
                        t("What the lender gave up, and interest that became principal"),
                        [],
                        plain(relief.columns),
                        [[printed(value) for value in row] for row in relief.rows],
                        (0, 1),
                    )
                ]
            ),
            *(
                []
                if statement.shares is None
                else [
                    prints.Section(
                        t("Participations"),
                        [t(share_files.RULE)],
                        plain(statement.shares.columns),
                        [[printed(value) for value in row] for row in statement.shares.rows],
                        share_files.TEXTS,
                    )
                ]
            ),
            prints.Section(
                t("How each figure is computed"),
                _rules(account.figures),
                [t(name) for name in _FIGURES],
                [[printed(value) for value in row[: len(_FIGURES)]] for row in computed.rows],
                _FIGURE_TEXTS,
            ),
        ],
    )
