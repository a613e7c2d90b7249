"""Loan statements as JSON, as a spreadsheet and as a page to print."""

from __future__ import annotations

import io
import json
from typing import Any

import msgspec
from openpyxl import Workbook
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from app.core.calendar import date_of
from app.core.loan import LoanTerms, Parts
from app.core.money import decimal_text
from app.core.statement import Event, Line, statement
from app.financing.rows import PARTS, LoanRow

# A font that readers bring along, so that names in Chinese and Latin letters both show.
FONT = "STSong-Light"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What goes in and out of the cover changes no amount, and has no line.
COVER_ENTRIES = frozenset(("cover-added", "cover-reduced", "cover-released"))
COLUMNS = (
    *("date", "what", "from", "principal", "days", "principal x days", "interest"),
    *("costs", "penalty", "interest paid", "principal paid", "fee", "outstanding"),
)
RULE = (
    "Interest = sum of (principal x days) of the period's runs x rate / (day count x 1,000,000), "
    "rounded half up once, less what was paid of it before. Months have 30 days of a year of 360."
)


def lines_of(
    row: LoanRow, told: list[dict[str, Any]], *, today: int
) -> tuple[LoanTerms, list[Line]]:
    """The terms as drawn, and the statement's lines.

    They are reckoned in the loan's own days and dated by the calendar.
    """
    events, terms = [], None
    for entry in told:
        if entry["kind"] in COVER_ENTRIES:
            continue
        details = json.loads(entry["details_json"])
        changed = details.get("terms")
        known = None if changed is None else msgspec.convert(changed, LoanTerms)
        terms = terms or known
        parts = Parts(**{name: entry[name] for name in PARTS})
        events.append(
            Event(
                entry["kind"],
                entry["day"],
                parts=parts if entry["kind"] == "repaid" else None,
                amount=details.get("amount", 0),
                terms=known,
            )
        )
    assert terms is not None
    lines = statement(terms, principal=row.drawn, events=events, today=row.own_day(today))
    for line in lines:
        line.day = row.calendar_day(line.day, today)
        line.first_day = row.calendar_day(line.first_day, today) if line.first_day else 0
    return terms, lines


def as_json(lines: list[Line], terms: LoanTerms, *, currency: str) -> dict[str, Any]:
    """The statement in JSON; `sumOfDays` are minor units x days."""
    return {
        "currency": currency,
        "terms": msgspec.to_builtins(terms),
        "rule": RULE,
        "lines": [
            {
                "kind": line.kind,
                "date": date_of(line.day).isoformat(),
                "from": date_of(line.first_day).isoformat() if line.first_day else None,
                "number": line.number or None,
                "principal": decimal_text(line.principal, currency=currency),
                "days": line.days,
                "sumOfDays": str(line.sum_of_days),
                "interest": decimal_text(line.interest, currency=currency),
                "interestPaidBefore": decimal_text(line.interest_paid_before, currency=currency),
                "penaltySumOfDays": str(line.penalty_days),
                "paid": None
                if line.parts is None
                else {
                    name: decimal_text(getattr(line.parts, name), currency=currency)
                    for name in (*PARTS, "total")
                },
                "outstanding": decimal_text(line.outstanding, currency=currency),
            }
            for line in lines
        ],
    }


def _cells(line: Line, *, currency: str) -> list[str]:
    def money(amount: int) -> str:
        return decimal_text(amount, currency=currency) if amount else ""

    parts = line.parts or Parts()
    return [
        date_of(line.day).isoformat(),
        f"{line.kind} {line.number}" if line.number else line.kind,
        date_of(line.first_day).isoformat() if line.first_day else "",
        money(line.principal),
        str(line.days or ""),
        money(line.sum_of_days),
        money(line.interest),
        *(money(getattr(parts, name)) for name in PARTS),
        decimal_text(line.outstanding, currency=currency),
    ]


def as_xlsx(lines: list[Line], *, title: str, currency: str) -> bytes:
    """A spreadsheet. Amounts are text, as a spreadsheet's numbers are not exact."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("statement")
    sheet.append([title])
    sheet.append([RULE])
    sheet.append([])
    sheet.append(list(COLUMNS))
    for line in lines:
        sheet.append(_cells(line, currency=currency))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def as_pdf(lines: list[Line], *, title: str, currency: str) -> bytes:
    """A page to print."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    plain = ParagraphStyle("plain", fontName=FONT, fontSize=8, leading=11)
    heading = ParagraphStyle("heading", parent=plain, fontSize=13, leading=17)
    table = Table(
        [list(COLUMNS), *(_cells(line, currency=currency) for line in lines)], repeatRows=1
    )
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), FONT, 7),
                ("LINEBELOW", (0, 0), (-1, 0), 0.7, "black"),
                ("LINEBELOW", (0, 1), (-1, -1), 0.2, "grey"),
                ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
            ]
        )
    )
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=landscape(A4),
        title="Loan statement",
        invariant=1,
        leftMargin=28,
        rightMargin=28,
        topMargin=28,
        bottomMargin=28,
    )
    escaped = title.replace("&", "&amp;").replace("<", "&lt;")
    document.build([Paragraph(escaped, heading), Paragraph(RULE, plain), Spacer(1, 8), table])
    return target.getvalue()
