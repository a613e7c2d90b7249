"""What is told of levels and signals that changed."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from app.domain.watch.assessing import watched
from app.domain.watch.changes import Change, Reasons, Stand, Subject, changes
from app.domain.watch.facts import Facts, PartyStanding
from app.domain.watch.model import Level, Signal, Value
from tests.support.watch import TODAY, debt, facts, loan

BORROWER, DEBTOR = Subject("borrower", 7), Subject("debtor", 50)
LATE = "late-loan:loan:1"


def told(before: Facts | None, now: Facts) -> dict[Subject, Change]:
    """The changes from the facts that were told to those of now, by subject."""
    stood: dict[Subject, Stand] = {}
    if before is not None:
        stood = {item.subject: item.stand for item in changes({}, watched(before))}
    found = changes(stood, watched(now))
    assert len({item.subject for item in found}) == len(found), "one change of each subject"
    return {item.subject: item for item in found}


def test_calm_book_tells_nothing() -> None:
    assert told(None, facts(loan())) == {}


def test_first_assessment_tells_each_level_above_clear() -> None:
    found = told(None, facts(loan(days_late=40)))
    assert list(found) == [BORROWER, ("product", 1), ("portfolio", 0)]
    borrower = found[BORROWER]
    assert (borrower.before, borrower.after) == (Level.CLEAR, Level.ALARM)
    assert borrower.reasons.began == (LATE,)
    (signal,) = borrower.reasons.signals
    assert signal.values == (Value("daysLate", 40, "days"),)
    assert borrower.reasons.ended == ()


def test_same_facts_tell_nothing_again() -> None:
    late = facts(loan(days_late=40), loan(2, days_late=3, borrower=8))
    assert told(late, late) == {}


def test_watch_is_told_as_a_level_with_its_reasons_and_begins_no_signal() -> None:
    (borrower,) = told(None, facts(loan(days_late=1))).values()
    assert (borrower.after, borrower.reasons.began) == (Level.WATCH, ())
    assert [signal.id for signal in borrower.reasons.signals] == [LATE]


def test_rise_of_a_known_signal_is_told_as_a_level_and_not_as_a_new_signal() -> None:
    found = told(facts(loan(days_late=8)), facts(loan(days_late=31)))
    borrower = found[BORROWER]
    assert (borrower.before, borrower.after) == (Level.WARNING, Level.ALARM)
    assert (borrower.reasons.began, borrower.reasons.ended) == ((), ())


def test_one_more_day_late_is_told_by_nobody() -> None:
    assert told(facts(loan(days_late=9)), facts(loan(days_late=10))) == {}


def test_signal_that_begins_at_an_unchanged_level_is_told() -> None:
    frozen = {7: PartyStanding(frozen=True)}
    before = facts(loan(days_late=31))
    found = told(before, replace(before, parties=frozen))
    borrower = found[BORROWER]
    assert (borrower.before, borrower.after) == (Level.ALARM, Level.ALARM)
    assert borrower.reasons.began == ("frozen:party:7",)
    ended = told(replace(before, parties=frozen), before)[BORROWER]
    assert [signal.id for signal in ended.reasons.ended] == ["frozen:party:7"]
    assert ended.reasons.ended[0].reason


def test_signal_that_falls_below_warning_ends() -> None:
    borrower = told(facts(loan(days_late=8)), facts(loan(days_late=2)))[BORROWER]
    assert (borrower.before, borrower.after) == (Level.WARNING, Level.WATCH)
    assert [signal.id for signal in borrower.reasons.ended] == [LATE]
    assert [signal.id for signal in borrower.reasons.signals] == [LATE], "it goes on, to watch"


def test_subject_that_is_no_longer_watched_falls_to_clear() -> None:
    before = facts(loan(days_late=40, receivables=(3,)), debts={3: debt(due_day=TODAY - 40)})
    found = told(before, facts())
    assert list(found) == [BORROWER, DEBTOR, ("product", 1), ("portfolio", 0)]
    assert {item.after for item in found.values()} == {Level.CLEAR}
    assert all(item.reasons.signals == () for item in found.values())
    assert found[DEBTOR].reasons.ended[0].kind == "late-debtor"


@pytest.mark.parametrize(
    ("before", "after", "level", "rises"),
    [
        (Level.CLEAR, Level.ALARM, Level.ALARM, True),
        (Level.CLEAR, Level.ALARM, Level.WARNING, True),
        (Level.WARNING, Level.ALARM, Level.WARNING, False),
        (Level.CLEAR, Level.WATCH, Level.WARNING, False),
        (Level.ALARM, Level.ALARM, Level.ALARM, False),
        (Level.ALARM, Level.CLEAR, Level.ALARM, False),
    ],
)
def test_level_is_reached_once(before: Level, after: Level, level: Level, rises: bool) -> None:
    change = Change(BORROWER, before, Stand(after), Reasons("", (), (), ()))
    assert change.rises_to(level) is rises


def test_what_is_stored_is_read_back_as_it_was() -> None:
    signal = Signal(
        "late-loan", Level.WARNING, "loan:1", "8 days", (Value("daysLate", 8, "days"),), ("loan:1",)
    )
    stand = Stand(Level.WARNING, (signal,))
    reasons = Reasons("", (signal,), (signal.id,), (signal,))
    for value in (stand, reasons):
        assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value
