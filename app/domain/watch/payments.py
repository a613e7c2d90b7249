"""Signals of payments: late loans and debtors, defaults, disputes."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.texts import say
from app.domain.watch.facts import Debt, Facts, Standing, WatchedLoan
from app.domain.watch.model import Level, Signal, Value, evidence_of
from app.domain.watch.parameters import EVENTS, THRESHOLDS


def loan_signals(loan: WatchedLoan) -> Iterator[Signal]:
    """What the payments of a loan say of its borrower."""
    about = f"loan:{loan.number}"
    if loan.standing is not Standing.RUNNING:
        lost = loan.standing is Standing.LOST
        reason = (
            say("Loan {loan}: its loss was recorded.", loan=loan.number)
            if lost
            else say("Loan {loan}: its default was declared.", loan=loan.number)
        )
        yield Signal(
            "defaulted",
            EVENTS["defaulted"].level,
            about,
            reason,
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
            say("Loan {loan} is overdue for {late:days}.", loan=loan.number, late=loan.days_late),
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
            say("Receivable {receivable} is in default.", receivable=debt.receivable),
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
            say(
                "Receivable {receivable} is unpaid {late:days} after its due day.",
                receivable=debt.receivable,
                late=late,
            ),
            (Value("daysLate", late, "days"),),
            evidence_of(about, (f"party:{debt.debtor}",)),
        )


def dispute_signals(debt: Debt, facts: Facts) -> Iterator[Signal]:
    """An open dispute: it concerns the debtor, and the borrower whose claim it is."""
    if debt.disputed_day is None:
        return
    about = f"receivable:{debt.receivable}"
    days, named = max(0, facts.today - debt.disputed_day), {"receivable": debt.receivable}
    level = THRESHOLDS["dispute"].level(days)
    if level is Level.CLEAR:
        return
    words = (
        say("The debtor disputes receivable {receivable} for {since:days}.", **named, since=days)
        if days
        else say("The debtor disputes receivable {receivable} since today.", **named)
    )
    yield Signal(
        "dispute",
        level,
        about,
        words,
        (Value("daysDisputed", days, "days"),),
        evidence_of(about, (f"party:{debt.debtor}", f"evidence:{debt.dispute_evidence}")),
    )
