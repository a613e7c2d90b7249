"""Late loans and debtors, defaults and disputes: what is a signal, and what is not."""

from __future__ import annotations

import pytest

from app.domain.watch.facts import Standing
from app.domain.watch.model import Level
from app.domain.watch.payments import debt_signals, dispute_signals, loan_signals
from tests.support.watch import TODAY, debt, facts, kinds, loan


@pytest.mark.parametrize(
    ("days", "level"),
    [
        (1, Level.WATCH),
        (7, Level.WATCH),
        (8, Level.WARNING),
        (30, Level.WARNING),
        (31, Level.ALARM),
        (400, Level.ALARM),
    ],
)
def test_late_loan_is_worse_from_the_8th_and_the_31st_day(days: int, level: Level) -> None:
    (signal,) = loan_signals(loan(5, days_late=days))
    assert (signal.kind, signal.level, signal.about) == ("late-loan", level, "loan:5")
    assert [(value.name, value.number) for value in signal.values] == [("daysLate", days)]
    assert signal.evidence == ("loan:5",)
    assert f"{days} day" in str(signal.reason)


def test_loan_that_is_paid_in_time_is_no_signal() -> None:
    assert list(loan_signals(loan(days_late=0))) == []


@pytest.mark.parametrize("standing", [Standing.DEFAULTED, Standing.LOST])
def test_declared_default_or_loss_is_an_alarm_whatever_the_days(standing: Standing) -> None:
    assert kinds(list(loan_signals(loan(standing=standing)))) == [("defaulted", Level.ALARM)]


@pytest.mark.parametrize(
    ("days", "level"), [(1, Level.WATCH), (15, Level.WARNING), (31, Level.ALARM)]
)
def test_debtor_that_has_not_paid_after_the_due_day(days: int, level: Level) -> None:
    (signal,) = debt_signals(debt(due_day=TODAY - days), facts())
    assert (signal.kind, signal.level) == ("late-debtor", level)
    assert signal.evidence == ("receivable:3", "party:50")


def test_debt_that_is_due_today_or_paid_is_no_signal() -> None:
    assert list(debt_signals(debt(due_day=TODAY), facts())) == []
    assert list(debt_signals(debt(due_day=TODAY - 90, unpaid=0), facts())) == []


def test_debt_in_default_is_an_alarm() -> None:
    assert kinds(list(debt_signals(debt(defaulted=True), facts()))) == [("defaulted", Level.ALARM)]


def test_open_dispute_is_a_warning_at_once_and_an_alarm_after_30_days() -> None:
    for days, level in ((0, Level.WARNING), (29, Level.WARNING), (30, Level.ALARM)):
        disputed = debt(disputed_day=TODAY - days, dispute_evidence="0xab")
        (signal,) = dispute_signals(disputed, facts())
        assert (signal.kind, signal.level) == ("dispute", level)
        assert signal.evidence == ("receivable:3", "party:50", "evidence:0xab")
    assert list(dispute_signals(debt(), facts())) == []
