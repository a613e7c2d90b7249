"""Queries of offers."""

from __future__ import annotations

import json
import time
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.storage import record_of, run
from app.trade.claims.repository import for_sale_since, value_left

State = Literal["prepared", "open", "accepted", "cancelled", "expired"]


class Quote(TypedDict):
    """What the funder signs: the struct Quote of ClaimMarket."""

    funder: str
    seller: str
    claimId: int
    value: int
    price: int
    recourse: bool
    expiresAt: int
    nonce: int
    legalTextHash: str


class OfferRow(msgspec.Struct):
    """An offer as stored.

    Attributes:
        currency, due_day: of the receivable; None: a reorganisation took the claim away.
        held: minor units that the claim holds now; 0: it is burned.
        sold_at: time of the sale, UTC seconds; None: there was none.
        quote_request_id: of the request that it answers.
    """

    id: str
    funder: str
    seller: str
    claim_id: int
    terms: Quote
    signature: str | None
    state: str
    expires_at: int
    operation_id: str | None
    currency: str | None
    due_day: int | None = None
    held: int | None = None
    sold_at: int | None = None
    quote_request_id: str | None = None


_ENDS = (
    "LEFT JOIN sales s ON s.claim_id = q.claim_id AND s.funder = q.funder AND s.nonce = q.nonce "
    "LEFT JOIN cancelled_quotes x ON x.funder = q.funder AND x.nonce = q.nonce "
)
_SELECT = (
    "SELECT q.id, q.funder, q.seller, q.claim_id, q.terms_json, q.signature, "
    "CASE WHEN s.position IS NOT NULL THEN 'accepted' WHEN x.nonce IS NOT NULL THEN 'cancelled' "
    "ELSE q.state END AS state, q.expires_at, q.operation_id, r.currency, r.due_day, "
    f"c.value AS held, s.timestamp AS sold_at, q.quote_request_id FROM quotes q {_ENDS}"
    "LEFT JOIN claims c ON c.claim_id = q.claim_id "
    "LEFT JOIN receivables r ON r.receivable_id = c.receivable_id "
)
# An offer as the list's filter takes it; the mark is the time of the newest block.
_STATE = (
    "CASE WHEN s.position IS NOT NULL THEN 'accepted' WHEN x.nonce IS NOT NULL THEN 'cancelled' "
    "WHEN q.expires_at <= ? THEN 'expired' ELSE q.state END"
)


def _row(row: Any) -> OfferRow:
    return record_of(OfferRow, row, terms=json.loads(row.terms_json))


def add(connection: Connection, offer: OfferRow, *, nonce: int, digest: str) -> None:
    """Stores an offer."""
    run(
        connection,
        "INSERT INTO quotes (id, funder, seller, claim_id, nonce, terms_json, digest, signature, "
        "state, expires_at, created_at, quote_request_id, value) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(offer.id, offer.funder, offer.seller, offer.claim_id, str(nonce)),
            *(json.dumps(offer.terms), digest, offer.signature, offer.state),
            *(offer.expires_at, time.time(), offer.quote_request_id, offer.terms["value"]),
        ),
    )


def request_answered(connection: Connection, offer: OfferRow, *, now: int) -> str | None:
    """The request that this new offer answers: open, for this value, to this funder.

    Its value is what is left of it, if collections have made the claim worth less.
    """
    query = (
        "SELECT q.id FROM quote_requests q JOIN claims c ON c.claim_id = q.claim_id "
        "JOIN receivables r ON r.receivable_id = c.receivable_id WHERE q.claim_id = ? "
        f"AND q.seller = ? AND {value_left('q.value')} = ? "
        "AND q.withdrawn_at IS NULL AND q.expires_at > ? "
        f"AND {for_sale_since('q.block', holder='q.seller')} "
        "AND (q.to_all = 1 OR EXISTS (SELECT 1 FROM quote_request_financiers f "
        "WHERE f.request_id = q.id AND f.financier = ?)) ORDER BY q.number DESC LIMIT 1"
    )
    values = (offer.claim_id, offer.seller, offer.terms["value"], now, offer.funder)
    identifier = run(connection, query, values).scalar()
    return None if identifier is None else str(identifier)


def by_id(connection: Connection, identifier: str) -> OfferRow | None:
    """An offer; the ledger decides whether it is accepted or cancelled."""
    row = run(connection, _SELECT + "WHERE q.id = ?", (identifier,)).first()
    return None if row is None else _row(row)


def offers(
    connection: Connection,
    *,
    account: str | None,
    claim_id: int | None,
    quote_request_id: str | None,
    state: State | None,
    now: int,
    before: str | None,
    limit: int,
) -> list[OfferRow]:
    """Offers that one account made or received signed, or all of them; newest first.

    Args:
        now: time of the newest block, for `state`.
    """
    wheres: list[str] = []
    values: list[Any] = []
    if account is not None:
        wheres.append("(q.funder = ? OR (q.seller = ? AND q.signature IS NOT NULL))")
        values += [account, account]
    if state is not None:
        wheres.append(f"{_STATE} = ?")
        values += [now, state]
    for clause, value in (
        ("q.claim_id = ?", claim_id),
        ("q.quote_request_id = ?", quote_request_id),
        ("q.id < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY q.id DESC LIMIT ?", (*values, limit))
    return [_row(row) for row in rows]


def standing_count(connection: Connection, *, funder: str, claim_id: int, now: int) -> int:
    """How many offers of a funder for a claim are open, or wait for its signature."""
    query = (
        f"SELECT count(*) FROM quotes q {_ENDS}WHERE q.claim_id = ? AND q.funder = ? "
        "AND q.expires_at > ? AND s.position IS NULL AND x.nonce IS NULL"
    )
    return int(run(connection, query, (claim_id, funder, now)).scalar())


def sign(connection: Connection, *, identifier: str, signature: str) -> None:
    """Stores the funder's signature and opens the offer."""
    run(
        connection,
        "UPDATE quotes SET signature = ?, state = 'open' WHERE id = ? AND state = 'prepared'",
        (signature, identifier),
    )
