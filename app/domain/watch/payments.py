"""Signals of payments: late loans and debtors, defaults, disputes."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.watch.facts import Debt, Facts, Standing, WatchedLoan
from app.domain.watch.model import Level, Signal, Value, days_text, evidence_of
from app.domain.watch.parameters import EVENTS, THRESHOLDS


def loan_signals(loan: WatchedLoan) -> Iterator[Signal]:
    """What the payments of a loan say of its borrower."""
    about = f"loan:{loan.number}"
    if loan.standing is not Standing.RUNNING:
        lost = loan.standing is Standing.LOST
        words = "its loss was recorded" if lost else "its default was declared"
        yield Signal(
            "defaulted",
            EVENTS["defaulted"].level,
            about,
            f"Loan {loan.number}: {words}.",
            (),
            evidence_of(about),
        )
        return
    level = THRESHOLDS["late-loan"].level(loan.days_late)
    if level:
        yield Signal(
            "late-loan",
            level,
            about,
            f"Loan {loan.number} is overdue for {days_text(loan.days_late)}.",
            (Value("daysLate", loan.days_late, "days"),),
            evidence_of(about),
        )


def debt_signals(debt: Debt, facts: Facts) -> Iterator[Signal]:
    """What a debt that secures a loan says of its debtor."""
    about = f"receivable:{debt.receivable}"
    if debt.defaulted:
        yield Signal(
            "defaulted",
            EVENTS["defaulted"].level,
            about,
            f"Receivable {debt.receivable} is in default.",
            (),
            evidence_of(about, (f"party:{debt.debtor}",)),
        )
        return
    late = facts.today - debt.due_day if debt.unpaid > 0 else 0
    level = THRESHOLDS["late-debtor"].level(late)
    if level:
        yield Signal(
            "late-debtor",
            level,
            about,
            f"Receivable {debt.receivable} is unpaid {days_text(late)} after its due day.",
            (Value("daysLate", late, "days"),),
            evidence_of(about, (f"party:{debt.debtor}",)),
        )


def dispute_signals(debt: Debt, facts: Facts) -> Iterator[Signal]:
    """An open dispute: it concerns the debtor, and the borrower whose claim it is."""
    if debt.disputed_day is None:
        return
    about = f"receivable:{debt.receivable}"
    days = max(0, facts.today - debt.disputed_day)
    level = THRESHOLDS["dispute"].level(days)
    if level is Level.CLEAR:
        return
    since = "since today" if not days else f"for {days_text(days)}"
    yield Signal(
        "dispute",
        level,
        about,
        f"The debtor disputes receivable {debt.receivable} {since}.",
        (Value("daysDisputed", days, "days"),),
        evidence_of(about, (f"party:{debt.debtor}", f"evidence:{debt.dispute_evidence}")),
    )
