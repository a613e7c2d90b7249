"""Deliveries in the store: each alert once to each webhook, by whichever gateway, and again."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from app.domain.watch.model import Level
from app.oversight.watch import sending, webhook_rows
from app.oversight.watch.alert_rows import AlertRow
from app.oversight.watch.sending import MAX_ATTEMPTS
from app.oversight.watch.webhook_rows import DeliveryRow, WebhookRow
from app.storage import RowConflict, Storage

NOW = 1_000.0


def webhook(identifier: str, *, lender: str = "0x1", level: Level = Level.CLEAR) -> WebhookRow:
    url = f"https://{identifier}.example.com/"
    return WebhookRow(identifier, lender, url, int(level), "li", 1.0, b"x")


def alert(identifier: int, before: Level, after: Level) -> AlertRow:
    levels = (int(before), int(after))
    return AlertRow(identifier, "0x1", 1, "portfolio", 0, None, *levels, "{}", 1, "0xa", 1, None)


ALERTS = [
    alert(1, Level.CLEAR, Level.WATCH),
    alert(2, Level.ALARM, Level.CLEAR),
    alert(3, Level.CLEAR, Level.WARNING),
]


@pytest.fixture
def queued(storage: Storage) -> Storage:
    """Three alerts for a lender with a webhook for all and one for warnings."""
    for row in (webhook("a"), webhook("b", level=Level.WARNING), webhook("c", lender="0x2")):
        storage.write_now(partial(webhook_rows.add, row=row))
    storage.write_now(partial(webhook_rows.queue, lender="0x1", alerts=ALERTS, now=NOW))
    return storage


def due(storage: Storage, *, now: float = NOW) -> list[DeliveryRow]:
    return storage.read_now(partial(webhook_rows.due, now=now, each=50, limit=50))


def sent_to(storage: Storage, identifier: str) -> list[DeliveryRow]:
    return storage.read_now(
        partial(webhook_rows.deliveries, webhook_id=identifier, before=None, limit=50)
    )


def test_alert_is_queued_for_each_webhook_of_its_lender_that_takes_its_level(
    queued: Storage,
) -> None:
    assert sorted((item.webhook_id, item.alert_id) for item in due(queued)) == [
        *(("a", 1), ("a", 2), ("a", 3)),
        *(("b", 2), ("b", 3)),
    ]
    assert due(queued, now=NOW - 1) == []


def test_webhook_with_many_deliveries_keeps_no_other_one_waiting(storage: Storage) -> None:
    for identifier in ("a", "b", "c"):
        storage.write_now(partial(webhook_rows.add, row=webhook(identifier, lender=identifier)))
    many = [alert(number, Level.CLEAR, Level.WATCH) for number in range(1, 201)]
    storage.write_now(partial(webhook_rows.queue, lender="a", alerts=many, now=NOW))
    for identifier in ("b", "c"):
        queue = partial(webhook_rows.queue, lender=identifier, alerts=many[:2], now=NOW + 1)
        storage.write_now(queue)

    def due_of(**more: Any) -> list[str]:
        rows = storage.read_now(partial(webhook_rows.due, now=NOW + 1, each=5, **more))
        return [row.webhook_id for row in rows]

    assert due_of(limit=100) == ["a", "b", "c", "a", "b", "c", "a", "a", "a"]
    assert sorted(due_of(limit=3)) == ["a", "b", "c"], "of each its first"
    assert due_of(limit=100, busy={"a", "c"}) == ["b", "b"]


def test_webhook_that_pauses_is_left_alone_and_the_others_are_not(queued: Storage) -> None:
    before = [row for row in due(queued) if row.webhook_id == "b"]
    queued.write_now(partial(webhook_rows.pause, webhook_id="a", until=NOW + 60))
    assert due(queued) == before
    assert {row.webhook_id for row in due(queued, now=NOW + 60)} == {"a", "b"}
    assert all(row.attempts == 0 for row in due(queued, now=NOW + 60)), "no attempt was made"


def test_alert_is_queued_once(queued: Storage) -> None:
    with pytest.raises(RowConflict):
        queued.write_now(partial(webhook_rows.queue, lender="0x1", alerts=ALERTS[:1], now=NOW))
    assert len(due(queued)) == 5


def test_one_gateway_sends_and_another_one_if_it_notes_no_outcome(queued: Storage) -> None:
    first = due(queued)[0]
    claim = partial(webhook_rows.claim, row=first, until=NOW + 60)
    assert queued.write_now(claim) is True
    assert queued.write_now(claim) is False, "the other gateway read it before"
    assert first.id not in {item.id for item in due(queued)}
    (again,) = [item for item in due(queued, now=NOW + 60) if item.id == first.id]
    assert again.attempts == 1


def test_failed_delivery_waits_longer_each_time_and_is_given_up(queued: Storage) -> None:
    (row,) = [item for item in due(queued) if (item.webhook_id, item.alert_id) == ("a", 1)]
    pauses = []
    for attempt in range(MAX_ATTEMPTS):
        outcome = sending.outcome(row, status=500, error="answered 500", now=NOW)
        pauses.append(outcome.next_at - NOW)
        assert outcome.attempts == attempt + 1
        row = outcome
    assert pauses[:4] == [60.0, 240.0, 960.0, 3_840.0]
    assert max(pauses) == 21_600.0
    assert (row.state, row.ended_at, row.error) == ("abandoned", NOW, "answered 500")
    queued.write_now(partial(webhook_rows.note, row=row))
    assert [item.state for item in sent_to(queued, "a")].count("abandoned") == 1
    assert row.id not in {item.id for item in due(queued, now=NOW * 1_000)}


def test_delivery_that_is_answered_is_over(queued: Storage) -> None:
    row = due(queued)[0]
    outcome = sending.outcome(row, status=204, error=None, now=NOW)
    assert (outcome.state, outcome.ended_at) == ("delivered", NOW)
    queued.write_now(partial(webhook_rows.note, row=outcome))
    assert row.id not in {item.id for item in due(queued, now=NOW * 1_000)}


def test_deleted_webhook_gets_nothing_more_and_keeps_its_record(queued: Storage) -> None:
    row = next(item for item in due(queued) if item.webhook_id == "a")
    outcome = sending.outcome(row, status=200, error=None, now=NOW)
    queued.write_now(partial(webhook_rows.note, row=outcome))
    queued.write_now(partial(webhook_rows.delete, identifier="a", now=NOW))
    assert {item.webhook_id for item in due(queued)} == {"b"}
    assert sorted(item.state for item in sent_to(queued, "a")) == [
        *("delivered", "stopped", "stopped")
    ]
    assert queued.read_now(lambda c: webhook_rows.by_id(c, "a")) is None
    more = [alert(4, Level.CLEAR, Level.ALARM)]
    queued.write_now(partial(webhook_rows.queue, lender="0x1", alerts=more, now=NOW))
    assert [item.webhook_id for item in due(queued) if item.alert_id == 4] == ["b"]
