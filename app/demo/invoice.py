"""The demo's own invoice (UBL), with the dates and the number that a run needs.

`python3 -m app.demo.invoice [NUMBER]` writes it to standard output, due in 90 days. It needs only
Python, so a reader of the tutorial can use it.
"""

from __future__ import annotations

import datetime
import sys

from app.places import DEMO_INVOICE

SAMPLE_NUMBER, SAMPLE_ISSUED, SAMPLE_DUE = "LH-2026-0417", "2026-04-17", "2026-07-16"
TERM_DAYS = 90


def demo_invoice(*, number: str, issued: datetime.date, term_days: int = TERM_DAYS) -> bytes:
    """The sample with another number, date of issue and term in days."""
    due = issued + datetime.timedelta(days=term_days)
    text = DEMO_INVOICE.read_text(encoding="utf-8")
    for old, new in (
        (f">{SAMPLE_NUMBER}<", f">{number}<"),
        (f"IssueDate>{SAMPLE_ISSUED}<", f"IssueDate>{issued.isoformat()}<"),
        (f"DueDate>{SAMPLE_DUE}<", f"DueDate>{due.isoformat()}<"),
    ):
        if text.count(old) != 1:
            raise ValueError(f"the sample invoice must have {old!r} exactly once")
        text = text.replace(old, new)
    return text.encode()


if __name__ == "__main__":
    new_number = sys.argv[1] if len(sys.argv) > 1 else SAMPLE_NUMBER
    sys.stdout.buffer.write(demo_invoice(number=new_number, issued=datetime.date.today()))
