"""What must hold of a document before anybody owes anything on it.

The sums are EN 16931's rules BR-CO-10, -13, -15 and -16.
"""

from __future__ import annotations

import datetime

from app.documents.errors import DocumentInvalid
from app.documents.model import Document

EARLIEST = datetime.date(2000, 1, 1)
LONGEST_TERM_DAYS = 3_660
MOST = 2**60 - 1
LONGEST_NUMBER = 200


def check_document(document: Document, *, today: datetime.date | None = None) -> None:
    """Checks everything that can be checked from the document and, when given, today's date.

    Raises:
        DocumentInvalid: names the first field that does not hold.
    """
    _check_sums(document)
    _check_dates(document, today)
    if not 0 < document.payable <= MOST:
        raise DocumentInvalid(
            f"payableAmount is {document.text(document.payable)}; it must be above zero",
            field="payableAmount",
            fix="nothing can be owed on it",
        )
    if len(document.number) > LONGEST_NUMBER:
        raise DocumentInvalid("number is longer than 200 characters", field="number")
    if document.seller.id is not None and document.seller.id == document.buyer.id:
        raise DocumentInvalid("seller and buyer are the same party", field="buyer.id")


def _check_sums(document: Document) -> None:
    totals, text = document.totals, document.text
    line_sum = sum(line.amount for line in document.lines)
    rules = (
        ("lines", totals.lines, line_sum, "the sum of the lines", bool(document.lines)),
        (
            "taxExclusive",
            totals.tax_exclusive,
            totals.lines - totals.allowances + totals.charges,
            "lines less allowances plus charges",
            True,
        ),
        (
            "taxInclusive",
            totals.tax_inclusive,
            totals.tax_exclusive + totals.tax,
            "taxExclusive plus tax",
            True,
        ),
        (
            "payable",
            totals.payable,
            totals.tax_inclusive - totals.prepaid + totals.rounding,
            "taxInclusive less prepaid plus rounding",
            True,
        ),
    )
    for name, stated, reckoned, words, applies in rules:
        if applies and stated != reckoned:
            raise DocumentInvalid(
                f"totals.{name} is {text(stated)}, but {words} is {text(reckoned)}",
                field=f"totals.{name}",
                fix=f"let totals.{name} be {text(reckoned)}, or correct what it follows from",
            )


def _check_dates(document: Document, today: datetime.date | None) -> None:
    issued, due = document.issue_date, document.due_date
    if issued < EARLIEST:
        raise DocumentInvalid(f"issueDate {issued} is before {EARLIEST}", field="issueDate")
    if today is not None and issued > today + datetime.timedelta(days=1):
        raise DocumentInvalid(f"issueDate {issued} is in the future", field="issueDate")
    if due is None:
        return
    if due < issued:
        raise DocumentInvalid(f"dueDate {due} is before issueDate {issued}", field="dueDate")
    if (due - issued).days > LONGEST_TERM_DAYS:
        raise DocumentInvalid(
            f"dueDate {due} is more than {LONGEST_TERM_DAYS} days after issueDate", field="dueDate"
        )
