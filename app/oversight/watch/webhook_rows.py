"""Queries of webhooks and of their deliveries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.oversight.watch.alert_rows import AlertRow
from app.storage import record_of, run, run_many

WAITING, DELIVERED, ABANDONED, STOPPED = "waiting", "delivered", "abandoned", "stopped"


class WebhookRow(msgspec.Struct, frozen=True):
    """A webhook as stored.

    Attributes:
        lender: account whose alerts it gets.
        sealed: its secret.
    """

    id: str
    lender: str
    url: str
    min_level: int
    person: str
    created_at: float
    sealed: bytes


class DeliveryRow(msgspec.Struct, frozen=True):
    """The delivery of an alert to a webhook; times are UTC seconds.

    Attributes:
        next_at: when it is tried again, while it waits.
        status: of the last answer; None: there was none.
        error: why the last attempt failed.
    """

    id: str
    webhook_id: str
    alert_id: int
    state: str
    attempts: int
    next_at: float
    status: int | None
    error: str | None
    ended_at: float | None


_WEBHOOK = f"SELECT {', '.join(WebhookRow.__struct_fields__)} FROM watch_webhooks "
_DELIVERY = f"SELECT {', '.join(DeliveryRow.__struct_fields__)} FROM watch_deliveries "


def _webhook(row: Any) -> WebhookRow:
    return record_of(WebhookRow, row, sealed=bytes(row.sealed))


def add(connection: Connection, row: WebhookRow) -> None:
    """Stores a webhook."""
    fields = WebhookRow.__struct_fields__
    run(
        connection,
        f"INSERT INTO watch_webhooks ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})",
        msgspec.structs.astuple(row),
    )


def of_lender(connection: Connection, lender: str | None) -> list[WebhookRow]:
    """The webhooks of a lender that it has not deleted, oldest first; None: of all."""
    where, values = ("", ()) if lender is None else ("AND lender = ? ", (lender,))
    query = f"{_WEBHOOK}WHERE deleted_at IS NULL {where}ORDER BY id"
    return [_webhook(row) for row in run(connection, query, values)]


def by_id(connection: Connection, identifier: str) -> WebhookRow | None:
    """A webhook that was not deleted."""
    query = _WEBHOOK + "WHERE id = ? AND deleted_at IS NULL"
    row = run(connection, query, (identifier,)).first()
    return None if row is None else _webhook(row)


def delete(connection: Connection, identifier: str, *, now: float) -> None:
    """Deletes a webhook; what waits for it is not sent. Its deliveries stay in the record."""
    run(connection, "UPDATE watch_webhooks SET deleted_at = ? WHERE id = ?", (now, identifier))
    run(
        connection,
        "UPDATE watch_deliveries SET state = ?, ended_at = ? WHERE webhook_id = ? AND state = ?",
        (STOPPED, now, identifier, WAITING),
    )


def queue(connection: Connection, lender: str, alerts: Sequence[AlertRow], *, now: float) -> None:
    """Stores a delivery of each alert to each webhook of the lender that takes its level."""
    webhooks = of_lender(connection, lender) if alerts else []
    run_many(
        connection,
        "INSERT INTO watch_deliveries (id, webhook_id, alert_id, state, attempts, next_at) "
        "VALUES (?, ?, ?, ?, 0, ?)",
        [
            (new_id(), webhook.id, alert.id, WAITING, now)
            for webhook in webhooks
            for alert in alerts
            if max(alert.level_before, alert.level_after) >= webhook.min_level
        ],
    )


def due(
    connection: Connection, *, now: float, each: int, limit: int, busy: Collection[str] = ()
) -> list[DeliveryRow]:
    """Deliveries whose turn has come: the first one of each webhook, then the second ones, ….

    So a webhook with many of them keeps no other one waiting.

    Args:
        each: maximum of one webhook.
        busy: ids of webhooks to leave out.
    """
    columns = ", ".join(DeliveryRow.__struct_fields__)
    left_out = f"AND webhook_id NOT IN ({', '.join('?' * len(busy))}) " if busy else ""
    rows = run(
        connection,
        f"SELECT {columns} FROM (SELECT {columns}, row_number() OVER "
        "(PARTITION BY webhook_id ORDER BY next_at, id) AS place FROM watch_deliveries "
        f"WHERE state = ? AND next_at <= ? {left_out}) AS ranked "
        "WHERE place <= ? ORDER BY place, next_at, id LIMIT ?",
        (WAITING, now, *sorted(busy), each, limit),
    )
    return [record_of(DeliveryRow, row) for row in rows]


def pause(connection: Connection, webhook_id: str, *, until: float) -> None:
    """Sends nothing that waits for a webhook before a time (UTC seconds)."""
    run(
        connection,
        "UPDATE watch_deliveries SET next_at = ? "
        "WHERE webhook_id = ? AND state = ? AND next_at < ?",
        (until, webhook_id, WAITING, until),
    )


def claim(connection: Connection, row: DeliveryRow, *, until: float) -> bool:
    """Begins an attempt; False if another gateway on the store began it.

    Args:
        until: when others may try, if this gateway ends before it has noted the outcome.
    """
    claimed = run(
        connection,
        "UPDATE watch_deliveries SET attempts = ?, next_at = ? "
        "WHERE id = ? AND state = ? AND attempts = ?",
        (row.attempts + 1, until, row.id, WAITING, row.attempts),
    )
    return bool(claimed.rowcount)


def note(connection: Connection, row: DeliveryRow) -> None:
    """Stores the outcome of an attempt, unless the webhook was deleted meanwhile."""
    run(
        connection,
        "UPDATE watch_deliveries SET state = ?, next_at = ?, status = ?, error = ?, ended_at = ? "
        "WHERE id = ? AND state = ?",
        (row.state, row.next_at, row.status, row.error, row.ended_at, row.id, WAITING),
    )


def deliveries(
    connection: Connection, webhook_id: str, *, before: str | None, limit: int
) -> list[DeliveryRow]:
    """The deliveries to a webhook, newest first."""
    where, values = ("", ()) if before is None else ("AND id < ? ", (before,))
    query = f"{_DELIVERY}WHERE webhook_id = ? {where}ORDER BY id DESC LIMIT ?"
    rows = run(connection, query, (webhook_id, *values, limit))
    return [record_of(DeliveryRow, row) for row in rows]
