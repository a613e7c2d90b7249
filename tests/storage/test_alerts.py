"""Alerts in the store: told once, by whichever gateway, and never taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from app.domain.watch.model import Level
from app.oversight.watch import alert_rows
from app.oversight.watch.alert_rows import AcknowledgementRow, Filter
from app.storage import RowConflict, Storage, create_storage, run
from app.storage.tables.lending import loans
from tests.support.alerts import (
    BANK,
    DAY,
    FUND,
    LYRA,
    MINUTE,
    MINUTES,
    NOON,
    NOT_LATE,
    RISE,
    VEGA,
    alerts,
    block,
    fill_book,
    follower,
    loan,
    owed_since,
    said,
    step,
)
from tests.support.rows import put


@pytest.fixture
def book(storage: Storage) -> Storage:
    """Two loans of the bank, one of the fund."""
    fill_book(storage)
    return storage


def test_level_that_rises_is_told_once_with_reason_block_and_lender(book: Storage) -> None:
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    told = alerts(book)
    assert said(told) == RISE
    assert [item.id for item in told] == [1, 2, 3]
    first = told[0]
    assert (first.lender, first.account) == (BANK, VEGA)
    assert (first.block_number, first.block_hash, first.timestamp) == (10, "0xa10", NOON)
    assert first.undone_hash is None
    (signal,) = first.reasons.signals
    assert (signal.id, signal.values[0].number) == ("late-loan:loan:1", 40)
    assert "40 days" in str(signal.reason)
    step(own)
    step(follower(book)[0])
    assert alerts(book) == told, "nothing is told twice, before and after a restart"


def test_lenders_hear_of_their_own_loans_only(book: Storage) -> None:
    owed_since(book, 3, 40)
    step(follower(book)[0])
    assert {item.lender for item in alerts(book)} == {FUND}
    assert alerts(book, lender=BANK) == []
    assert len(alerts(book, lender=FUND)) == 3


def test_nothing_is_told_before_the_index_has_reached_the_head(book: Storage) -> None:
    owed_since(book, 1, 40)
    behind, parts = follower(book, reached_head=False)
    step(behind)
    assert alerts(book) == []
    parts.reached_head = True
    step(behind)
    assert said(alerts(book)) == RISE


@pytest.mark.parametrize(
    ("later", "told"),
    [(MINUTES * MINUTE - 1, False), (MINUTES * MINUTE, True), (43_199, True)],
)
def test_levels_are_computed_anew_after_the_minutes_of_the_setting(
    book: Storage, later: int, told: bool
) -> None:
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 40)
    block(book, 11, NOON + later)
    step(own)
    assert bool(alerts(book)) is told


def test_levels_are_computed_anew_on_a_new_day(book: Storage) -> None:
    block(book, 11, NOON + 43_199)  # one second before midnight
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 40)
    block(book, 12, NOON + 43_200)
    step(own)
    assert said(alerts(book)) == RISE


def test_new_lender_is_assessed_at_the_next_round(book: Storage) -> None:
    own, _ = follower(book)
    step(own)
    put(book, (loans, [loan(9, late=40, lender=LYRA)]))
    block(book, 11, NOON + MINUTES * MINUTE)
    step(own)
    assert {item.lender for item in alerts(book)} == {LYRA}


def test_loans_that_are_repaid_are_told_as_a_fall(book: Storage) -> None:
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    book.write_now(lambda c: run(c, "UPDATE loans SET status = 'Repaid' WHERE lender = ?", (BANK,)))
    block(book, 11, NOON + DAY)
    step(own)
    fall = alerts(book)[3:]
    assert said(fall) == [(kind, key, "ALARM", "CLEAR") for kind, key, _, _ in RISE]
    assert [signal.id for signal in fall[0].reasons.ended] == ["late-loan:loan:1"]
    block(book, 12, NOON + 2 * DAY)
    step(own)
    assert len(alerts(book)) == 6


def test_reorganisation_that_undoes_a_reason_is_told_and_takes_nothing_back(book: Storage) -> None:
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 40)
    undone = block(book, 11, NOON + DAY)
    step(own)
    told = alerts(book)
    assert said(told) == RISE
    owed_since(book, 1, NOT_LATE)
    block(book, 11, NOON + DAY, fork="b")
    step(own)
    after = alerts(book)
    assert after[:3] == told, "what was told stands"
    assert said(after[3:]) == [(kind, key, "ALARM", "CLEAR") for kind, key, _, _ in RISE]
    assert {item.undone_hash for item in after[3:]} == {undone}
    hashes = {item.block_hash for item in after}
    assert book.read_now(lambda c: alert_rows.undone(c, hashes)) == {undone}
    # And back: the first fork wins after all.
    owed_since(book, 1, 40)
    block(book, 11, NOON + DAY)
    step(own)
    assert said(alerts(book)[6:]) == RISE


def test_reorganisation_that_changes_no_reason_tells_nothing(book: Storage) -> None:
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    block(book, 10, NOON, fork="b")
    step(own)
    assert said(alerts(book)) == RISE


def test_two_gateways_on_one_store_tell_everything_once(book: Storage, storage_url: str) -> None:
    """The slower one has read and judged when the faster one has stored its alerts."""
    owed_since(book, 1, 40)
    other = create_storage(storage_url)
    slow, parts = follower(book)
    fast, _ = follower(other)
    parts.documents.before = fast.step
    try:
        step(slow)
        assert said(alerts(book)) == RISE
        # The same for an assessment that follows another one.
        owed_since(book, 2, 40)
        block(book, 11, NOON + DAY)
        parts.documents.before = fast.step
        step(slow)
        assert len(alerts(book)) == len(
            {(a.subject, a.subject_key, a.assessment) for a in alerts(book)}
        )
        assert said(alerts(book)[3:]) == [("borrower", 104, "CLEAR", "ALARM")]
    finally:
        other.close()


def test_list_goes_on_after_an_alert_and_filters(book: Storage) -> None:
    owed_since(book, 1, 40)
    owed_since(book, 2, 1)
    step(follower(book)[0])
    whole = alerts(book)
    assert [item.id for item in whole] == [1, 2, 3, 4]

    def some(*, after: int | None = None, limit: int = 200, **which: Any) -> list[int]:
        read = partial(alert_rows.listed, which=Filter(**which), after=after, limit=limit)
        return [item.id for item in book.read_now(read)]

    assert some(after=2) == [3, 4]
    assert some(after=1, limit=2) == [2, 3]
    assert some(after=4) == []
    assert some(subject="borrower") == [1, 2]
    assert some(account=LYRA) == [2]
    assert some(product=2) == [3]
    assert some(product=9) == []
    assert some(min_level=int(Level.WARNING)) == [1, 3, 4]
    acknowledge(book, 3)
    assert some(acknowledged=True) == [3]
    assert some(acknowledged=False) == [1, 2, 4]


def acknowledge(storage: Storage, alert: int, *, identifier: str = "n1") -> None:
    new = AcknowledgementRow(identifier, alert, "li", 1.0, b"x")
    storage.write_now(partial(alert_rows.acknowledge, row=new))


def test_alert_is_acknowledged_once(book: Storage) -> None:
    acknowledge(book, 1)
    with pytest.raises(RowConflict):
        acknowledge(book, 1, identifier="n2")
    found = book.read_now(partial(alert_rows.acknowledgements, alerts=[1, 2]))
    assert found == {1: AcknowledgementRow("n1", 1, "li", 1.0, b"x")}
