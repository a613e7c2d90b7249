"""Queries of requests to quote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.storage import record_of, run, run_many
from app.trade.claims.repository import unchanged_since

MAX_DECLINES = 50  # of one request, shown


class NewRequest(msgspec.Struct, frozen=True):
    """A request as it is stored; its fields are the table's columns.

    Attributes:
        number: of the claim's requests, from 1.
        note: sealed.
        block: the newest one when it was made: whatever happens to the claim later ends it.
        expires_at: UTC seconds, exclusive.
    """

    id: str
    seller: str
    claim_id: int
    number: int
    value: int
    to_all: int
    note: bytes | None
    block: int
    created_at: float
    expires_at: int
    withdrawn_at: float | None = None


class RequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its claim and debt as they are now, and what its reader sees of it.

    Attributes:
        state: see `State` of the schemas.
        answers: signed offers for it, open or accepted, that the reader sees.
        declines: lenders that declined, of those that the reader sees.
    """

    id: str
    seller: str
    claim_id: int
    value: int
    to_all: bool
    note: bytes | None
    created_at: float
    expires_at: int
    receivable_id: int
    owner: str
    lienholder: str | None
    burned: bool
    currency: str
    debtor: str
    due_day: int
    debt_status: str
    principal_paid: int
    state: str
    answers: int
    declines: int


class LenderRow(msgspec.Struct, frozen=True):
    """A lender that a request names, or that declined it; the reason is sealed."""

    id: str
    request_id: str
    lender: str
    declined_at: float | None
    reason: bytes | None


class Reader(msgspec.Struct, frozen=True):
    """Who reads, and when.

    Attributes:
        account: None: it sees all requests.
        lender: whether it may be asked for quotes.
        now: UTC seconds.
        day: business day of the newest block, from which offers count.
    """

    account: str | None
    lender: bool
    now: int
    day: int


_OPEN = f"q.withdrawn_at IS NULL AND q.expires_at > ? AND {unchanged_since('q.block')}"
_OF_CLAIM = (
    "JOIN claims c ON c.claim_id = q.claim_id "
    "JOIN receivables r ON r.receivable_id = c.receivable_id "
)
_NAMED = "EXISTS (SELECT 1 FROM quote_request_lenders l WHERE l.request_id = q.id AND l.lender = ?)"
_LENDERS = f"SELECT {', '.join(LenderRow.__struct_fields__)} FROM quote_request_lenders "


def _select(reader: Reader) -> tuple[str, list[Any]]:
    """Requests that the reader may see, as they stand, and the values of the query's marks."""
    answer, decline, where = "", "", ""
    who: list[Any] = []
    seen: list[Any] = []
    if reader.account is not None:  # a seller sees all answers, a lender its own
        answer, decline = "AND (q.seller = ? OR o.funder = ?)", "AND (q.seller = ? OR d.lender = ?)"
        who = [reader.account] * 2
        where, seen = "WHERE q.seller = ? ", [reader.account]
        if reader.lender:
            where += f"OR q.to_all = 1 OR {_NAMED} "
            seen.append(reader.account)
    query = (
        "SELECT q.id, q.seller, q.claim_id, q.value, q.to_all, q.note, q.created_at, "
        "q.expires_at, c.receivable_id, c.owner, c.lienholder, c.burned, r.currency, r.debtor, "
        "r.due_day, r.status AS debt_status, r.principal_paid, "
        "(SELECT count(*) FROM quotes o "
        "LEFT JOIN sales s ON s.funder = o.funder AND s.nonce = o.nonce "
        "LEFT JOIN cancelled_quotes x ON x.funder = o.funder AND x.nonce = o.nonce "
        "WHERE o.quote_request_id = q.id AND o.signature IS NOT NULL AND x.nonce IS NULL "
        f"AND (o.expires_at > ? OR s.position IS NOT NULL) {answer}) AS answers, "
        "(SELECT count(*) FROM quote_request_lenders d "
        f"WHERE d.request_id = q.id AND d.declined_at IS NOT NULL {decline}) AS declines, "
        "CASE WHEN q.withdrawn_at IS NOT NULL THEN 'withdrawn' "
        "WHEN EXISTS (SELECT 1 FROM sales s WHERE s.claim_id = q.claim_id AND s.seller = q.seller "
        "AND s.block_number > q.block AND s.timestamp < q.expires_at) THEN 'sold' "
        "WHEN q.expires_at <= ? THEN 'expired' "
        f"WHEN {unchanged_since('q.block')} THEN 'open' ELSE 'ended' END AS standing "
        f"FROM quote_requests q {_OF_CLAIM}{where}"
    )
    return query, [reader.now, *who, *who, reader.now, *seen]


def _read(
    connection: Connection, reader: Reader, wheres: Sequence[tuple[str, Any]], *, limit: int
) -> list[RequestRow]:
    query, values = _select(reader)
    where = " AND ".join(clause for clause, _ in wheres)
    rows = run(
        connection,
        "SELECT * FROM (SELECT p.*, CASE WHEN p.standing = 'open' AND p.answers > 0 "
        f"THEN 'answered' ELSE p.standing END AS state FROM ({query}) AS p) AS e "
        f"{f'WHERE {where} ' if where else ''}ORDER BY e.id DESC LIMIT ?",
        (*values, *(value for _, value in wheres), limit),
    )
    return [
        record_of(RequestRow, row, to_all=bool(row.to_all), burned=bool(row.burned)) for row in rows
    ]


def by_id(connection: Connection, reader: Reader, identifier: str) -> RequestRow | None:
    """A request that the reader may see."""
    rows = _read(connection, reader, [("e.id = ?", identifier)], limit=1)
    return rows[0] if rows else None


def listed(
    connection: Connection,
    reader: Reader,
    *,
    claim_id: int | None,
    state: str | None,
    before: str | None,
    limit: int,
) -> list[RequestRow]:
    """Requests that the reader may see, newest first."""
    filters = (("e.claim_id = ?", claim_id), ("e.state = ?", state), ("e.id < ?", before))
    wheres = [(clause, value) for clause, value in filters if value is not None]
    return _read(connection, reader, wheres, limit=limit)


def open_number(connection: Connection, claim_id: int, *, now: int) -> tuple[int, bool]:
    """How many requests a claim has had, and whether one of them is open."""
    query = (
        f"SELECT q.number, CASE WHEN {_OPEN} THEN 1 ELSE 0 END AS is_open "
        f"FROM quote_requests q {_OF_CLAIM}WHERE q.claim_id = ? ORDER BY q.number DESC LIMIT 1"
    )
    row = run(connection, query, (now, claim_id)).first()
    return (0, False) if row is None else (int(row.number), bool(row.is_open))


def open_count(connection: Connection, seller: str, *, now: int) -> int:
    """How many open requests a seller has."""
    query = f"SELECT count(*) FROM quote_requests q {_OF_CLAIM}WHERE {_OPEN} AND q.seller = ?"
    return int(run(connection, query, (now, seller)).scalar())


def add(connection: Connection, request: NewRequest, lenders: Collection[str]) -> None:
    """Stores a request with the lenders that it names."""
    names = NewRequest.__struct_fields__
    run(
        connection,
        f"INSERT INTO quote_requests ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        msgspec.structs.astuple(request),
    )
    run_many(
        connection,
        "INSERT INTO quote_request_lenders (id, request_id, lender) VALUES (?, ?, ?)",
        [(new_id(), request.id, lender) for lender in lenders],
    )


def withdraw(connection: Connection, identifier: str, *, now: float) -> None:
    """Notes that the seller has withdrawn its request."""
    run(
        connection,
        "UPDATE quote_requests SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL",
        (now, identifier),
    )


def lender(connection: Connection, request_id: str, account: str) -> LenderRow | None:
    """What is stored of one lender of a request."""
    query = _LENDERS + "WHERE request_id = ? AND lender = ?"
    row = run(connection, query, (request_id, account)).first()
    return None if row is None else _lender(row)


def decline(connection: Connection, row: LenderRow) -> None:
    """Stores a lender's decline; the row of a lender that the request names stays the same one."""
    names = LenderRow.__struct_fields__
    run(
        connection,
        f"INSERT INTO quote_request_lenders ({', '.join(names)}) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET declined_at = excluded.declined_at, "
        "reason = excluded.reason",
        msgspec.structs.astuple(row),
    )


def named(connection: Connection, request_id: str) -> list[str]:
    """The accounts of the lenders that a request to some lenders names, as they were named."""
    query = "SELECT lender FROM quote_request_lenders WHERE request_id = ? ORDER BY id"
    return [str(row.lender) for row in run(connection, query, (request_id,))]


def declined(connection: Connection, request_id: str, *, lender: str | None) -> list[LenderRow]:
    """The newest declines of a request, newest first; of one lender, or of all."""
    own, values = ("", ()) if lender is None else ("AND lender = ? ", (lender,))
    rows = run(
        connection,
        f"{_LENDERS}WHERE request_id = ? AND declined_at IS NOT NULL {own}"
        f"ORDER BY declined_at DESC, id DESC LIMIT {MAX_DECLINES}",
        (request_id, *values),
    )
    return [_lender(row) for row in rows]


def _lender(row: Any) -> LenderRow:
    reason = None if row.reason is None else bytes(row.reason)
    return record_of(LenderRow, row, reason=reason)
