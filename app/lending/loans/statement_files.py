"""Loan statements as a spreadsheet and as a page to print."""

from __future__ import annotations

import datetime

import msgspec

from app.chain.evm.hashing import checksum_address
from app.domain.calendar import date_of
from app.domain.loan import AfterPrepayment, LoanTerms, Parts, Style
from app.domain.statement import Line
from app.gateway import prints, sheets
from app.gateway.downloads import file_name
from app.gateway.sheets import Cell, Money, Sheet
from app.gateway.views import Names
from app.lending.loans.statement import RULE
from app.lending.rows import PARTS, LoanRow

_WORDS = {
    "run": "interest runs",
    "due": "instalment due",
    "drawn": "drawn",
    "repaid": "repaid",
    "costs": "costs charged",
    "extended": "extended",
    "instalments": "turned into instalments",
    "overdue": "marked overdue",
    "defaulted": "default declared",
    "loss": "loss recorded",
    "written-off": "written off",
    "order-converted-to-claim": "collateral moved to the claim",
    "order-converted-to-goods": "collateral moved to the goods",
    "goods-converted-to-claim": "collateral moved from goods to the claim",
    "in-kind": "goods given for debt",
    "margin-called": "margin called",
    "margin-cured": "margin call ended",
    "liquidation": "auction begun",
    "auction-ended": "auction ended",
    "goods-appraised": "goods appraised",
    "goods-sold": "goods sold",
    "buy-back-failed": "buy-back failed",
}
_STYLES = {
    Style.BULLET: "all at once",
    Style.EQUAL_PRINCIPAL: "equal principal",
    Style.EQUAL_INSTALMENT: "equal instalments",
    Style.BILLING_CYCLE: "by bill",
    Style.INTEREST_ONLY: "interest each period, principal with the last instalment",
}
_AFTER_PREPAYMENT = {
    AfterPrepayment.PAY_AHEAD: "counts for the next instalment",
    AfterPrepayment.SHORTEN_TERM: "shortens the term",
    AfterPrepayment.LOWER_INSTALMENT: "lowers the instalments",
}
_TEXTS = (0, 1, 2)  # places of the columns that are dates and words


class Statement(msgspec.Struct, frozen=True):
    """A loan's statement, with its parties and terms.

    Attributes:
        parties: roles and names of lender, borrower and entruster.
        terms: the terms now, after extensions; `last_due` is a date of the calendar.
        day: the ledger's day of the statement; `block` is its block, None before the first.
    """

    loan_id: int
    parties: list[tuple[str, str]]
    currency: str
    terms: LoanTerms
    last_due: datetime.date
    lines: list[Line]
    day: datetime.date
    block: int | None

    def file_name(self, ending: str) -> str:
        """The loan, the borrower and the day: `loan-3-statement-Linghu-Castings-2026-11-26.pdf`."""
        borrower = dict(self.parties).get("borrower", "")
        name = "" if borrower.startswith("0x") else borrower
        return file_name("loan", self.loan_id, "statement", name, day=self.day, ending=ending)


def of_loan(
    row: LoanRow,
    lines: list[Line],
    names: Names,
    *,
    currency: str,
    today: int,
    block: int | None,
) -> Statement:
    """A loan's statement as of a day of the ledger, with its terms as they are now."""
    sides = (("lender", row.lender), ("borrower", row.borrower), ("entruster", row.entruster))
    return Statement(
        loan_id=row.loan_id,
        parties=[
            (side, names.get(account, ("", checksum_address(account)))[1])
            for side, account in sides
            if account is not None
        ],
        currency=currency,
        terms=row.state().terms,
        last_due=date_of(row.calendar_day(row.last_due_day, today)),
        lines=lines,
        day=date_of(today),
        block=block,
    )


def line_words(line: Line) -> str:
    """A line's kind in words."""
    return f"instalment {line.number} due" if line.kind == "due" else what(line.kind)


def what(kind: str) -> str:
    """An entry's kind in words."""
    return _WORDS.get(kind, kind.replace("-", " "))


def percent(millionths: int) -> str:
    """Parts per million as per cent."""
    return f"{millionths / 10_000:.4f}".rstrip("0").rstrip(".") + " %"


def terms_words(terms: LoanTerms, *, last_due: datetime.date) -> list[tuple[str, str]]:
    """A loan's terms, each with its name."""
    year = "360, months of 30 days" if terms.scheduled else str(terms.day_count)
    start = date_of(terms.start_day).isoformat()
    penalty = f"{terms.penalty_multiple / 1_000_000:g} times the annual rate, on "
    penalty += "principal and interest" if terms.penalty_on_interest else "principal"
    words = [
        ("annual rate", percent(terms.annual_rate)),
        ("days of a year", year),
        ("first day", f"{start}, {'with' if terms.same_day_interest else 'without'} interest"),
        ("repayment", _STYLES[terms.style]),
    ]
    if terms.scheduled:
        every = "a month" if terms.months_per_period == 1 else f"{terms.months_per_period} months"
        words.append(("instalments", f"{terms.periods}, one every {every}"))
        if terms.principal_grace:
            words.append(("first instalments without principal", str(terms.principal_grace)))
        if terms.interest_grace:
            words.append(("first instalments without interest", str(terms.interest_grace)))
        words.append(("principal repaid early", _AFTER_PREPAYMENT[terms.after_prepayment]))
    return [
        *words,
        ("last due date", last_due.isoformat()),
        ("grace days", str(terms.grace_days)),
        ("penalty when late", penalty),
        ("fee for early repayment", percent(terms.fee)),
    ]


def _facts(statement: Statement) -> list[tuple[str, str]]:
    return [
        *statement.parties,
        ("currency", statement.currency),
        (
            "as of",
            statement.day.isoformat()
            + ("" if statement.block is None else f", block {statement.block}"),
        ),
        *terms_words(statement.terms, last_due=statement.last_due),
    ]


def _columns(currency: str) -> list[str]:
    amounts = ("interest", "costs", "penalty", "interest paid", "principal paid", "fee")
    return [
        *("date", "what", "from"),
        *(f"principal ({currency})", "days", "principal x days"),
        *(f"{name} ({currency})" for name in (*amounts, "outstanding")),
    ]


def _cells(line: Line, *, currency: str) -> list[Cell]:
    def money(amount: int) -> Money | None:
        return Money(amount, currency) if amount else None

    parts = line.parts or Parts()
    return [
        date_of(line.day),
        line_words(line),
        date_of(line.first_day) if line.first_day else None,
        money(line.principal),
        line.days or None,
        money(line.sum_of_days),
        money(line.interest),
        *(money(getattr(parts, name)) for name in PARTS),
        Money(line.outstanding, currency),
    ]


def as_xlsx(statement: Statement) -> bytes:
    """A workbook: the statement's lines, and on a second sheet its parties and terms."""
    lines = [_cells(line, currency=statement.currency) for line in statement.lines]
    facts: list[list[Cell]] = [["loan", statement.loan_id]]
    facts += [[name, text] for name, text in _facts(statement)]
    facts.append(["how interest runs", RULE])
    return sheets.xlsx(
        [
            Sheet("statement", _columns(statement.currency), lines),
            Sheet("terms", ("term", "value"), facts),
        ]
    )


def printed(value: Cell) -> str:
    """A cell as it is printed: thousands apart, days as ISO 8601."""
    match value:
        case None:
            return ""
        case Money():
            whole, point, digits = str(value).partition(".")
            sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
            return f"{sign}{int(whole):,}{point}{digits}"
        case datetime.date():
            return value.isoformat()
        case _:
            return str(value)


def as_pdf(statement: Statement) -> bytes:
    """A page to print."""
    lines = [_cells(line, currency=statement.currency) for line in statement.lines]
    return prints.pdf(
        title=f"Statement of loan {statement.loan_id}",
        facts=_facts(statement),
        notes=[RULE],
        columns=[
            column.replace(f" ({statement.currency})", "")
            for column in _columns(statement.currency)
        ],
        rows=[[printed(value) for value in line] for line in lines],
        words=_TEXTS,
    )
