"""Queries of requests to quote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.storage import record_of, run, run_many
from app.trade.claims.repository import for_sale_since, paid_by_debtor_since, value_left

MAX_DECLINES = 50  # of one request, shown


class NewRequest(msgspec.Struct, frozen=True):
    """A request as it is stored; its fields are the table's columns.

    Attributes:
        number: of the claim's requests, from 1.
        note: sealed.
        block: the newest one when it was made; see `for_sale_since`.
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
        value: minor units that the seller named.
        value_left: what the claim still holds of them.
        paid: since it was made, the debtor has paid, or payments have left nothing to sell.
        state: see `State` of the schemas.
        answers: signed offers for it that the reader sees, accepted, or open and for no more than
            the claim holds.
        declines: financiers that declined, of those that the reader sees.
    """

    id: str
    seller: str
    claim_id: int
    value: int
    value_left: int
    to_all: bool
    note: bytes | None
    created_at: float
    expires_at: int
    receivable_id: int
    owner: str
    lienholder: str | None
    currency: str
    debtor: str
    due_day: int
    debt_status: str
    paid: bool
    state: str
    answers: int
    declines: int


class FinancierRow(msgspec.Struct, frozen=True):
    """A financier that a request names, or that declined it; the reason is sealed."""

    id: str
    request_id: str
    financier: str
    declined_at: float | None
    reason: bytes | None


class Reader(msgspec.Struct, frozen=True):
    """Who reads, and when.

    Attributes:
        account: None: it sees all requests.
        financier: whether it may be asked for quotes.
        now: UTC seconds.
        day: business day of the newest block, from which offers count.
    """

    account: str | None
    financier: bool
    now: int
    day: int


_FOR_SALE = for_sale_since("q.block", holder="q.seller")
_OPEN = f"q.withdrawn_at IS NULL AND q.expires_at > ? AND {_FOR_SALE}"
_PAID = (
    f"r.status = 'Settled' OR {paid_by_debtor_since('q.block')} OR (c.value = 0 AND EXISTS ("
    "SELECT 1 FROM collections k WHERE k.claim_id = q.claim_id AND k.block_number > q.block))"
)
_OF_CLAIM = (
    "JOIN claims c ON c.claim_id = q.claim_id "
    "JOIN receivables r ON r.receivable_id = c.receivable_id "
)
_NAMED = (
    "EXISTS (SELECT 1 FROM quote_request_financiers f "
    "WHERE f.request_id = q.id AND f.financier = ?)"
)
_FINANCIERS = f"SELECT {', '.join(FinancierRow.__struct_fields__)} FROM quote_request_financiers "


def _select(reader: Reader) -> tuple[str, list[Any]]:
    """Requests that the reader may see, as they stand, and the values of the query's marks."""
    answer, decline, where = "", "", ""
    who: list[Any] = []
    shown: list[Any] = []
    if reader.account is not None:  # a seller sees all answers, a financier its own
        answer, decline = (
            "AND (q.seller = ? OR o.funder = ?)",
            "AND (q.seller = ? OR d.financier = ?)",
        )
        who = [reader.account] * 2
        where, shown = "WHERE q.seller = ? ", [reader.account]
        if reader.financier:
            where += f"OR q.to_all = 1 OR {_NAMED} "
            shown.append(reader.account)
    query = (
        f"SELECT q.id, q.seller, q.claim_id, q.value, {value_left('q.value')} AS value_left, "
        "q.to_all, q.note, q.created_at, q.expires_at, c.receivable_id, c.owner, c.lienholder, "
        "r.currency, r.debtor, r.due_day, r.status AS debt_status, "
        f"CASE WHEN {_PAID} THEN 1 ELSE 0 END AS paid, "
        "(SELECT count(*) FROM quotes o "
        "LEFT JOIN sales s ON s.funder = o.funder AND s.nonce = o.nonce "
        "LEFT JOIN cancelled_quotes x ON x.funder = o.funder AND x.nonce = o.nonce "
        "WHERE o.quote_request_id = q.id AND o.signature IS NOT NULL AND x.nonce IS NULL "
        "AND (s.position IS NOT NULL OR (o.expires_at > ? AND o.value <= c.value)) "
        f"{answer}) AS answers, "
        "(SELECT count(*) FROM quote_request_financiers d "
        f"WHERE d.request_id = q.id AND d.declined_at IS NOT NULL {decline}) AS declines, "
        "CASE WHEN q.withdrawn_at IS NOT NULL THEN 'withdrawn' "
        "WHEN EXISTS (SELECT 1 FROM sales s WHERE s.claim_id = q.claim_id AND s.seller = q.seller "
        "AND s.block_number > q.block AND s.timestamp < q.expires_at) THEN 'sold' "
        "WHEN q.expires_at <= ? THEN 'expired' "
        f"WHEN {_FOR_SALE} THEN 'open' ELSE 'ended' END AS standing "
        f"FROM quote_requests q {_OF_CLAIM}{where}"
    )
    return query, [reader.now, *who, *who, reader.now, *shown]


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
        record_of(RequestRow, row, to_all=bool(row.to_all), paid=bool(row.paid)) for row in rows
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
    """Requests that the reader may see, newest first; the state `current`: open or answered."""
    of_state = "e.standing = ?" if state == "current" else "e.state = ?"
    standing = "open" if state == "current" else state
    filters = (("e.claim_id = ?", claim_id), (of_state, standing), ("e.id < ?", before))
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


def sent_since(connection: Connection, seller: str, *, since: float) -> int:
    """How many requests a seller has sent since a time, whatever became of them."""
    query = "SELECT count(*) FROM quote_requests WHERE seller = ? AND created_at > ?"
    return int(run(connection, query, (seller, since)).scalar())


def add(connection: Connection, request: NewRequest, financiers: Collection[str]) -> None:
    """Stores a request with the financiers that it names."""
    names = NewRequest.__struct_fields__
    run(
        connection,
        f"INSERT INTO quote_requests ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        msgspec.structs.astuple(request),
    )
    run_many(
        connection,
        "INSERT INTO quote_request_financiers (id, request_id, financier) VALUES (?, ?, ?)",
        [(new_id(), request.id, financier) for financier in financiers],
    )


def withdraw(connection: Connection, identifier: str, *, now: float) -> None:
    """Notes that the seller has withdrawn its request."""
    run(
        connection,
        "UPDATE quote_requests SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL",
        (now, identifier),
    )


def financier(connection: Connection, request_id: str, account: str) -> FinancierRow | None:
    """What is stored of one financier of a request."""
    query = _FINANCIERS + "WHERE request_id = ? AND financier = ?"
    row = run(connection, query, (request_id, account)).first()
    return None if row is None else _financier(row)


def decline(connection: Connection, row: FinancierRow) -> None:
    """Stores a decline in the row of the financier, or in a new one where the request asks all."""
    names = FinancierRow.__struct_fields__
    run(
        connection,
        f"INSERT INTO quote_request_financiers ({', '.join(names)}) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET declined_at = excluded.declined_at, "
        "reason = excluded.reason",
        msgspec.structs.astuple(row),
    )


def named(connection: Connection, request_id: str) -> list[str]:
    """Accounts of the financiers that a request names; of one to all, of those that declined."""
    query = "SELECT financier FROM quote_request_financiers WHERE request_id = ? ORDER BY id"
    return [str(row.financier) for row in run(connection, query, (request_id,))]


def declined(
    connection: Connection, request_id: str, *, financier: str | None
) -> list[FinancierRow]:
    """The newest declines of a request, newest first; of one financier, or of all."""
    own, values = ("", ()) if financier is None else ("AND financier = ? ", (financier,))
    rows = run(
        connection,
        f"{_FINANCIERS}WHERE request_id = ? AND declined_at IS NOT NULL {own}"
        f"ORDER BY declined_at DESC, id DESC LIMIT {MAX_DECLINES}",
        (request_id, *values),
    )
    return [_financier(row) for row in rows]


def _financier(row: Any) -> FinancierRow:
    reason = None if row.reason is None else bytes(row.reason)
    return record_of(FinancierRow, row, reason=reason)
