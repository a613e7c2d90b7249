"""Queries of assessments, of how subjects stood when they were told last, and of alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.watch.changes import Change, Reasons, Stand, Subject
from app.domain.watch.model import Level
from app.storage import record_of, run, run_many
from app.storage.checkpoint import Checkpoint

_ALERTS = "alerts"


class AssessmentRow(msgspec.Struct, frozen=True):
    """The newest assessment of a lender's loans."""

    lender: str
    number: int
    block_number: int
    block_hash: str
    timestamp: int


class AlertRow(msgspec.Struct, frozen=True):
    """An alert as stored.

    Attributes:
        account: of the borrower or debtor; None: it is about a product or the portfolio.
        timestamp: of the block, UTC seconds.
        undone_hash: the block as of which the assessment before was made, if it was undone.
    """

    id: int
    lender: str
    assessment: int
    subject: str
    subject_key: int
    account: str | None
    level_before: int
    level_after: int
    change_json: str
    block_number: int
    block_hash: str
    timestamp: int
    undone_hash: str | None

    @property
    def reasons(self) -> Reasons:
        """Why."""
        return msgspec.json.decode(self.change_json, type=Reasons)


class AcknowledgementRow(msgspec.Struct, frozen=True):
    """Who has seen an alert, and what the person wrote.

    Attributes:
        person: the label; with the way in and the id see `app.domain.persons`.
    """

    id: str
    alert_id: int
    person: str
    taken_at: float
    sealed: bytes
    person_way: str | None = None
    person_id: str | None = None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts are listed; None and 0: all."""

    lender: str | None = None
    subject: str | None = None
    account: str | None = None
    product: int | None = None
    min_level: int = 0
    acknowledged: bool | None = None


_ALERT = f"SELECT {', '.join(AlertRow.__struct_fields__)} FROM watch_alerts "
_ACKNOWLEDGEMENT = (
    f"SELECT {', '.join(AcknowledgementRow.__struct_fields__)} FROM watch_acknowledgements "
)


# -- assessments


def assessments(connection: Connection) -> dict[str, AssessmentRow]:
    """The newest assessment of each lender."""
    query = f"SELECT {', '.join(AssessmentRow.__struct_fields__)} FROM watch_assessments"
    return {row.lender: record_of(AssessmentRow, row) for row in run(connection, query)}


def lenders(connection: Connection) -> list[str]:
    """Accounts that hold loans that are not repaid, or held such loans when they were told last."""
    query = (
        "SELECT DISTINCT lender FROM loans WHERE status <> 'Repaid' "
        "UNION SELECT DISTINCT lender FROM watch_levels ORDER BY 1"
    )
    return [row.lender for row in run(connection, query)]


def in_chain(connection: Connection, block_hash: str) -> bool:
    """Whether the index has a block."""
    query = "SELECT 1 FROM blocks WHERE hash = ?"
    return run(connection, query, (block_hash,)).first() is not None


def stands(connection: Connection, lender: str) -> dict[Subject, Stand]:
    """How the subjects of a lender stood when they were told last."""
    rows = run(
        connection,
        "SELECT subject, subject_key, stand_json FROM watch_levels WHERE lender = ?",
        (lender,),
    )
    return {
        Subject(row.subject, int(row.subject_key)): msgspec.json.decode(row.stand_json, type=Stand)
        for row in rows
    }


def count_assessment(connection: Connection, lender: str, *, number: int, at: Checkpoint) -> bool:
    """Makes an assessment the newest one of a lender.

    Args:
        number: of this assessment: one more than that of the assessment from which it starts.

    Returns:
        False if another gateway on the store has made one meanwhile; then nothing is written.
    """
    values = (at.block_number, at.block_hash, at.timestamp)
    if number == 1:
        written = run(
            connection,
            "INSERT INTO watch_assessments (lender, number, block_number, block_hash, timestamp) "
            "VALUES (?, 1, ?, ?, ?) ON CONFLICT (lender) DO NOTHING",
            (lender, *values),
        )
    else:
        written = run(
            connection,
            "UPDATE watch_assessments SET number = ?, block_number = ?, block_hash = ?, "
            "timestamp = ? WHERE lender = ? AND number = ?",
            (number, *values, lender, number - 1),
        )
    return bool(written.rowcount)


# -- alerts


def store(
    connection: Connection,
    changes: Sequence[Change],
    *,
    lender: str,
    number: int,
    at: Checkpoint,
    accounts: Mapping[int, str],
    undone_hash: str | None,
) -> list[AlertRow]:
    """Stores an alert for each change, and how its subject stands now.

    Args:
        number: of the assessment.
        accounts: an account of each party.
    """
    if not changes:
        return []
    first = _next_ids(connection, len(changes))
    rows = [
        AlertRow(
            id=identifier,
            lender=lender,
            assessment=number,
            subject=change.subject.kind,
            subject_key=change.subject.key,
            account=(
                accounts.get(change.subject.key)
                if change.subject.kind in ("borrower", "debtor")
                else None
            ),
            level_before=int(change.before),
            level_after=int(change.after),
            change_json=msgspec.json.encode(change.reasons).decode(),
            block_number=at.block_number,
            block_hash=at.block_hash,
            timestamp=at.timestamp,
            undone_hash=undone_hash,
        )
        for identifier, change in enumerate(changes, first)
    ]
    fields = AlertRow.__struct_fields__
    run_many(
        connection,
        f"INSERT INTO watch_alerts ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})",
        [msgspec.structs.astuple(row) for row in rows],
    )
    _store_stands(connection, lender, changes)
    return rows


def _next_ids(connection: Connection, count: int) -> int:
    """The first of so many new ids.

    Until this transaction ends, no other gateway gets ids: so they rise in the order of commits.
    """
    run(
        connection,
        "INSERT INTO watch_alert_ids (name, last_id) VALUES (?, ?) ON CONFLICT (name) "
        "DO UPDATE SET last_id = watch_alert_ids.last_id + excluded.last_id",
        (_ALERTS, count),
    )
    query = "SELECT last_id FROM watch_alert_ids WHERE name = ?"
    return int(run(connection, query, (_ALERTS,)).scalar()) - count + 1


def _store_stands(connection: Connection, lender: str, changes: Sequence[Change]) -> None:
    run_many(
        connection,
        "DELETE FROM watch_levels WHERE lender = ? AND subject = ? AND subject_key = ?",
        [(lender, *change.subject) for change in changes if change.after is Level.CLEAR],
    )
    run_many(
        connection,
        "INSERT INTO watch_levels (lender, subject, subject_key, level, stand_json) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (lender, subject, subject_key) DO UPDATE SET "
        "level = excluded.level, stand_json = excluded.stand_json",
        [
            (
                lender,
                *change.subject,
                int(change.after),
                msgspec.json.encode(change.stand).decode(),
            )
            for change in changes
            if change.after is not Level.CLEAR
        ],
    )


def listed(
    connection: Connection, which: Filter, *, after: int | None, limit: int
) -> list[AlertRow]:
    """Alerts, the oldest first."""
    wheres, values = ["level_after >= ? OR level_before >= ?"], [which.min_level] * 2
    conditions: list[tuple[str, Any]] = [
        ("lender = ?", which.lender),
        ("subject = ?", which.subject),
        ("account = ?", which.account),
        ("subject = 'product' AND subject_key = ?", which.product),
        ("id > ?", after),
    ]
    more: list[Any] = []
    for where, value in conditions:
        if value is not None:
            wheres.append(where)
            more.append(value)
    if which.acknowledged is not None:
        word = "IN" if which.acknowledged else "NOT IN"
        wheres.append(f"id {word} (SELECT alert_id FROM watch_acknowledgements)")
    where = " AND ".join(f"({condition})" for condition in wheres)
    rows = run(connection, f"{_ALERT}WHERE {where} ORDER BY id LIMIT ?", (*values, *more, limit))
    return [record_of(AlertRow, row) for row in rows]


def by_id(connection: Connection, identifier: int) -> AlertRow | None:
    """An alert; None if there is none."""
    row = run(connection, _ALERT + "WHERE id = ?", (identifier,)).first()
    return None if row is None else record_of(AlertRow, row)


def undone(connection: Connection, hashes: set[str]) -> set[str]:
    """Those of some blocks that are no longer part of the chain."""
    marks = ", ".join("?" * len(hashes))
    query = f"SELECT hash FROM blocks WHERE hash IN ({marks})"
    known = {row.hash for row in run(connection, query, tuple(hashes))} if hashes else set()
    return hashes - known


# -- acknowledgements


def acknowledge(connection: Connection, row: AcknowledgementRow) -> None:
    """Stores who has seen an alert.

    Raises:
        RowConflict: somebody has acknowledged it already.
    """
    fields = AcknowledgementRow.__struct_fields__
    run(
        connection,
        f"INSERT INTO watch_acknowledgements ({', '.join(fields)}) "
        f"VALUES ({', '.join('?' * len(fields))})",
        msgspec.structs.astuple(row),
    )


def acknowledgements(
    connection: Connection, alerts: Sequence[int]
) -> dict[int, AcknowledgementRow]:
    """The acknowledgements of some alerts, by alert."""
    if not alerts:
        return {}
    rows = run(
        connection,
        f"{_ACKNOWLEDGEMENT}WHERE alert_id IN ({', '.join('?' * len(alerts))})",
        tuple(alerts),
    )
    return {
        row.alert_id: record_of(AcknowledgementRow, row, sealed=bytes(row.sealed)) for row in rows
    }
