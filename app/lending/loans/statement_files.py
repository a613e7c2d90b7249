"""Loan statements as a spreadsheet and as a page to print."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from app.chain.evm.hashing import checksum_address
from app.domain.calendar import date_of
from app.domain.figures import Factor, Figure, Unit
from app.domain.loan import AfterPrepayment, LoanTerms, Parts, Style
from app.domain.statement import Line
from app.gateway import prints, sheets
from app.gateway.downloads import file_name
from app.gateway.sheets import Cell, Money, Sheet
from app.gateway.views import Names
from app.lending.classes.schemas import RiskClass
from app.lending.loans import share_files
from app.lending.loans.statement import RULE, LoanAccount, exact_text, factor_unit
from app.lending.rows import PARTS, LoanRow

_WORDS = {
    "run": "interest runs",
    "penalty-run": "penalty runs",
    "due": "instalment due",
    "drawn": "drawn",
    "repaid": "repaid",
    "recorded": "repaid outside the ledger",
    "renounced": "payments outside the ledger renounced: owed again",
    "refunded": "paid back: it was not owed",
    "reversed": "payment outside the ledger reversed",
    "moved": "payment outside the ledger moved",
    "restated": "restated after a correction",
    "costs": "costs charged",
    "extended": "extended",
    "instalments": "turned into instalments",
    "overdue": "marked overdue",
    "defaulted": "default declared",
    "rate-reset": "rate set anew",
    "loss": "loss recorded",
    "written-off": "written off",
    "written-off-in-part": "written off in part",
    "restructured": "new terms",
    "waived": "waived",
    "fees-waived": "service fees waived",
    "order-converted-to-claim": "collateral moved to the claim",
    "order-converted-to-goods": "collateral moved to the goods",
    "goods-converted-to-claim": "collateral moved from goods to the claim",
    "in-kind": "goods given for debt",
    "hedge-recorded": "hedge recorded",
    "hedge-closed": "hedge closed",
    "margin-called": "margin called",
    "margin-cured": "margin call ended",
    "liquidation": "auction begun",
    "auction-ended": "auction ended",
    "goods-appraised": "goods appraised",
    "goods-sold": "goods sold",
    "sold": "loan sold",
    "bought-back": "loan bought back",
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
_RELIEF = ("costs", "penalty", "interest", "principal", "service")
_NAMES = {"service": "service fees"}
_OWED = (*PARTS, "total")
_FIGURES = (
    *("date", "figure", "factor", "value", "unit"),
    *("exact", "rounded", "less", "amount"),
)
_FIGURE_TEXTS = (0, 1, 2, 4)
EFFECTIVE_RATE = "Directive 2008/48/EC, Annex I, if each amount is paid on its due day"


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


def class_words(classification: RiskClass | None) -> str:
    """A class by risk with its reasons."""
    if classification is None:
        return "none"
    reasons = "; ".join(reason["reason"] for reason in classification["reasons"])
    return classification["class"] + (f": {reasons}" if reasons else "")


def line_words(line: Line) -> str:
    """A line's kind in words."""
    if line.kind == "rate-reset":
        return f"rate set anew: {percent(line.annual_rate)}"
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
        *_fees(terms),
    ]


def _fees(terms: LoanTerms) -> list[tuple[str, str]]:
    """The service fees; nothing if there are none."""
    words = []
    if terms.flat_fee or terms.draw_fee:
        flat = f"{terms.flat_fee:,} minor units and " if terms.flat_fee else ""
        words.append(("service fee of the draw", f"{flat}{percent(terms.draw_fee)} of it"))
    if terms.periodic_fee:
        what_of = f"{percent(terms.periodic_fee)} of the principal that was not due before"
        words.append(("service fee of each instalment", what_of))
    return words


def _named(part: str) -> str:
    """A part of a payment in words."""
    return _NAMES.get(part, part)


def _facts(statement: Statement) -> list[tuple[str, str]]:
    account, loan = statement.account, statement.account.statement.loan
    since, rate = account.overdue_since, account.effective_rate
    unpaid = "nothing"
    if since is not None:
        unpaid = f"since {date_of(since).isoformat()}, {account.days_past_due} days"
    return [
        *statement.parties,
        ("currency", statement.currency),
        (
            "as of",
            statement.day.isoformat()
            + ("" if statement.block is None else f", block {statement.block}"),
        ),
        ("due", printed(Money(loan.amount_due.total, statement.currency))),
        ("due and unpaid", unpaid),
        ("class by risk", class_words(statement.classification)),
        ("repays the loan", printed(Money(loan.payoff.total, statement.currency))),
        *terms_words(statement.terms, last_due=statement.last_due),
        *_floating(account),
        ("effective annual rate as drawn", "none" if rate is None else percent(rate)),
        ("how it is computed", EFFECTIVE_RATE),
    ]


def _floating(account: LoanAccount) -> list[tuple[str, str]]:
    """How the rate follows a reference, with a warning if a reset is due."""
    floating = account.floating
    if floating is None:
        return []
    reset = floating["nextResetDate"]
    if floating["rateDue"]:
        reset += ": due; all amounts are at the rate before it, and change back to that day"
    points = f"{percent(floating['referenceRate'])} and {percent(floating['spread'])}"
    return [
        ("reference rate", f"{floating['reference']}, {points}"),
        ("lowest and highest rate", f"{percent(floating['floor'])}, {percent(floating['cap'])}"),
        ("next reset of the rate", reset),
    ]


def _columns(currency: str) -> list[str]:
    amounts = ("interest due", "service fees due", *(f"{_named(name)} paid" for name in PARTS))
    return [
        *("date", "what", "from"),
        *(f"amount ({currency})", "days", "amount x days"),
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
        money(line.fees),
        *(money(getattr(parts, name)) for name in PARTS),
        Money(line.outstanding, currency),
    ]


def _owed(statement: Statement) -> Sheet:
    """What is due after each line; last, what would repay the loan on the day."""
    currency, loan = statement.currency, statement.account.statement.loan

    def row(day: datetime.date, words: str, owed: Parts, outstanding: int) -> list[Cell]:
        amounts = [Money(getattr(owed, name), currency) for name in _OWED]
        return [day, words, *amounts, Money(outstanding, currency)]

    rows = [
        row(date_of(line.day), line_words(line), line.owed, line.outstanding)
        for line in statement.account.statement.lines
    ]
    rows.append(row(statement.day, "due on this day", loan.amount_due, loan.outstanding))
    rows.append(row(statement.day, "repays the loan", loan.payoff, 0))
    amounts = (f"{_named(name)} ({currency})" for name in (*_OWED, "outstanding"))
    return Sheet("owed", ("date", "what", *amounts), rows)


def _relief(statement: Statement) -> Sheet | None:
    """What the lender gave up or capitalised; None: nothing."""
    currency = statement.currency
    rows: list[list[Cell]] = []
    for line in statement.account.statement.lines:
        if line.forgiven is not None:
            amounts = [getattr(line.forgiven, name) for name in _RELIEF] + [line.capitalised]
            cells = [Money(amount, currency) if amount else None for amount in amounts]
            rows.append([date_of(line.day), line_words(line), *cells])
    names = (f"{_named(name)} ({currency})" for name in (*_RELIEF, "interest capitalised"))
    return Sheet("given up", ("date", "what", *names), rows) if rows else None


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
                figure.rule,
            ]
            rows.append(
                [
                    date_of(figure.day),
                    figure.name,
                    factor.name,
                    _factor_cell(factor, currency=currency),
                    factor_unit(factor, currency=currency),
                    *([None] * len(results) if place else results),
                ]
            )
    return Sheet("figures", (*_FIGURES, "rule"), rows)


def _factor_cell(factor: Factor, *, currency: str) -> Cell:
    return Money(factor.value, currency) if factor.unit is Unit.MONEY else factor.value


def _rules(figures: list[Figure]) -> list[str]:
    """Each rule once, with the first figure that is computed by it."""
    names: dict[str, str] = {}
    for figure in figures:
        names.setdefault(figure.rule, figure.name)
    return [f"{name}: {rule}." for rule, name in names.items()]


def as_xlsx(statement: Statement) -> bytes:
    """A workbook: the lines, what is due after each, how each figure is computed, and the terms."""
    account = statement.account.statement
    lines = [_cells(line, currency=statement.currency) for line in account.lines]
    facts: list[list[Cell]] = [["loan", statement.loan_id]]
    facts += [[name, text] for name, text in _facts(statement)]
    facts.append(["how interest runs", RULE])
    relief, shares = _relief(statement), statement.shares
    if shares is not None:
        facts.append(["what participants are due", share_files.RULE])
    return sheets.xlsx(
        [
            Sheet("statement", _columns(statement.currency), lines),
            _owed(statement),
            *([] if relief is None else [relief]),
            *([] if shares is None else [shares]),
            _figures(statement),
            Sheet("terms", ("term", "value"), facts),
        ]
    )


def printed(value: Cell) -> str:
    """A cell as it is printed: thousands apart, days as ISO 8601."""
    match value:
        case None:
            return ""
        case Money() | Decimal():
            text = format(value, "f") if isinstance(value, Decimal) else str(value)
            whole, point, digits = text.partition(".")
            sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
            return f"{sign}{int(whole):,}{point}{digits}"
        case datetime.date():
            return value.isoformat()
        case _:
            return str(value)


def as_pdf(statement: Statement) -> bytes:
    """A page to print, with the tables of `as_xlsx`."""
    currency, account = statement.currency, statement.account.statement
    lines = [_cells(line, currency=currency) for line in account.lines]
    owed, computed, relief = _owed(statement), _figures(statement), _relief(statement)

    def plain(columns: Sequence[str]) -> list[str]:
        return [column.replace(f" ({currency})", "") for column in columns]

    return prints.pdf(
        title=f"Statement of loan {statement.loan_id}",
        facts=_facts(statement),
        notes=[RULE],
        columns=plain(_columns(currency)),
        rows=[[printed(value) for value in line] for line in lines],
        words=_TEXTS,
        more=[
            prints.Section(
                "What is due and unpaid after each line",
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
                        "What the lender gave up, and interest that became principal",
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
                        "Participations",
                        [share_files.RULE],
                        plain(statement.shares.columns),
                        [[printed(value) for value in row] for row in statement.shares.rows],
                        share_files.TEXTS,
                    )
                ]
            ),
            prints.Section(
                "How each figure is computed",
                _rules(account.figures),
                _FIGURES,
                [[printed(value) for value in row[: len(_FIGURES)]] for row in computed.rows],
                _FIGURE_TEXTS,
            ),
        ],
    )
