"""What the law asks of a loan: its filings, and the warnings of its rule set."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.gateway.gateway import Gateway
from app.gateway.rules import RuleWarning, rules_of, tenor_warnings
from app.lending import repository
from app.lending.filings import repository as filings
from app.lending.filings import views
from app.lending.filings.schemas import Filing
from app.lending.rows import LoanRow


class LegalView(TypedDict):
    """Filings of a loan, newest first, and warnings."""

    filings: list[Filing]
    warnings: list[RuleWarning]


def of_loan(gateway: Gateway, connection: Connection, row: LoanRow, *, today: int) -> LegalView:
    """The filings of a loan, and what its rule set says of its tenor and of them.

    Only filings of the lender or of the entruster count. A tenor in days is the loan's own: a due
    day that moved to a business day does not make it longer. After a restructuring it is the days
    from the draw to the last due day.
    """
    facility = repository.facility(connection, row.facility_id)
    assert facility is not None
    rules = rules_of(
        repository.product_terms(
            connection, product_id=facility.product_id, version=facility.version
        )
    )
    terms = row.state().terms
    months = days = None
    if row.restructured() is not None:
        # Its terms may begin later, and its first due day may be any day.
        days = replace(terms, shifts=()).due_day_of(terms.periods) - row.start_day
    elif terms.scheduled:
        months = terms.periods * terms.months_per_period
    else:
        days = (terms.due_day or row.last_due_day) - terms.start_day
    own = [
        filing
        for filing in filings.of_subject(connection, "loan", row.loan_id)
        if filing.registrant in (row.lender, row.entruster)
    ]
    ended = row.status == "Repaid"
    last_due = row.calendar_day(row.last_due_day, today)
    return {
        "filings": views.views_of(gateway, connection, own, today=today),
        "warnings": [
            *([] if ended else tenor_warnings(rules, days=days, months=months)),
            *views.warnings_of(
                rules,
                own,
                collateral=row.collateral,
                open_until=None if ended else last_due,
                today=today,
                others=filings.others_with_number(connection, own[0]) if own else [],
            ),
        ],
    }
