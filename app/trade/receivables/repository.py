"""Queries of receivables."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.gateway.sorted_pages import Count, Page, counted
from app.storage import record_of, run
from app.trade.documents.numbers import OF_RECEIVABLE
from app.trade.receivables.projection import ReceivableRow

_NAMES = [field.name for field in msgspec.structs.fields(ReceivableRow)]
_COLUMNS = ", ".join(_NAMES)
_SELECT = f"SELECT {_COLUMNS} FROM receivables "
# The accounts that may see a debt: seller, debtor, each past or present holder and each lienholder
# of a claim on it; and a funder as long as its offer for a claim on it is open.
_OPEN_OFFER = (
    "quotes q JOIN claims c ON c.claim_id = q.claim_id "
    "LEFT JOIN cancelled_quotes x ON x.funder = q.funder AND x.nonce = q.nonce "
    "WHERE q.funder = ? AND q.state = 'open' AND x.nonce IS NULL AND q.expires_at > "
    "(SELECT timestamp FROM checkpoints WHERE name = 'index')"
)
_VISIBLE_TO = (
    "(r.seller = ? OR r.debtor = ? OR EXISTS (SELECT 1 FROM claims c "
    "WHERE c.receivable_id = r.receivable_id AND (c.owner = ? OR c.lienholder = ?)) OR EXISTS "
    "(SELECT 1 FROM claims c JOIN assignments a ON a.to_claim_id = c.claim_id "
    "WHERE c.receivable_id = r.receivable_id AND (a.to_owner = ? OR a.from_owner = ?)) OR EXISTS "
    f"(SELECT 1 FROM {_OPEN_OFFER} AND c.receivable_id = r.receivable_id))"
)
# The same for a list, in parts that an index finds each. As a set of numbers, not a join: a list in
# the order of the numbers then reads no more debts than it shows, however many the account holds.
_SIDES = ("r.seller = ?", "r.debtor = ?")
_HELD = (
    "r.receivable_id IN (SELECT receivable_id FROM claims WHERE owner = ? "
    "UNION ALL SELECT receivable_id FROM claims WHERE lienholder = ? "
    "UNION ALL SELECT c.receivable_id FROM assignments a "
    "JOIN claims c ON c.claim_id = a.to_claim_id WHERE a.to_owner = ? "
    "UNION ALL SELECT c.receivable_id FROM assignments a "
    "JOIN claims c ON c.claim_id = a.to_claim_id WHERE a.from_owner = ? "
    f"UNION ALL SELECT c.receivable_id FROM {_OPEN_OFFER})"
)
# Of which principal is owed: what `reading.unpaid` says.
OWED = (
    "{r}status NOT IN ('Requested', 'Rejected', 'Withdrawn', 'Settled') "
    "AND {r}face_amount - {r}credited - {r}principal_paid > 0"
)
# A credit note that only the seller has signed, whose deadline has not passed: what
# `signing.draft_state` calls waiting.
_CREDIT_NOTE_WAITS = (
    "r.receivable_id IN (SELECT d.receivable_id FROM credit_note_drafts d "
    "LEFT JOIN operations o ON o.id = d.operation_id WHERE d.deadline > "
    "(SELECT timestamp FROM checkpoints WHERE name = 'index') "
    "AND (o.state IS NULL OR o.state IN ('prepared', 'rejected')))"
)


class CreditNoteTerms(TypedDict):
    """What both parties sign: the struct CreditNote of Receivables.

    A claimId of 0 names no claim.
    """

    receivableId: int
    claimId: int
    amount: int
    fingerprint: str
    documentRoot: str
    deadline: int


class Filters(msgspec.Struct, frozen=True):
    """Which receivables a list holds; None: any.

    Attributes:
        status: as the ledger names it.
        seller, debtor: accounts.
        due_from, due_to: the first and the last due day.
        currency: the address of its settlement token.
        amount_from, amount_to: the minimum and the maximum face amount, in minor units.
        token: of the beginning of the invoice's number (`documents.numbers`). Only seller and
            debtor, and those who see all, find by it.
        unpaid: whether only those of which principal is owed.
        credit_note_waits: whether only those with a credit note that the debtor can still sign.
    """

    status: str | None = None
    seller: str | None = None
    debtor: str | None = None
    due_from: int | None = None
    due_to: int | None = None
    currency: str | None = None
    amount_from: int | None = None
    amount_to: int | None = None
    token: str | None = None
    unpaid: bool = False
    credit_note_waits: bool = False

    def conditions(self) -> tuple[list[str], list[Any]]:
        """Conditions on a receivable `r`, with their values."""
        wheres: list[str] = []
        values: list[Any] = []
        for clause, value in (
            ("r.seller = ?", self.seller),
            ("r.debtor = ?", self.debtor),
            ("r.status = ?", self.status),
            ("r.due_day >= ?", self.due_from),
            ("r.due_day <= ?", self.due_to),
            ("r.currency = ?", self.currency),
            ("r.face_amount >= ?", self.amount_from),
            ("r.face_amount <= ?", self.amount_to),
        ):
            if value is not None:
                wheres.append(clause)
                values.append(value)
        if self.unpaid:
            wheres.append(OWED.format(r="r."))
        if self.credit_note_waits:
            wheres.append(_CREDIT_NOTE_WAITS)
        if self.token is not None:
            wheres.append(OF_RECEIVABLE.format(r="r."))
            values += [self.token] * 2
        return wheres, values


class DraftRow(msgspec.Struct):
    """A credit note that waits for the debtor.

    Attributes:
        document_id: the uploaded document; None: it is not known.
        operation_id: the operation that applies it; None before the debtor signs.
        operation_state: the state of that operation.
    """

    id: str
    receivable_id: int
    note: CreditNoteTerms
    seller_signature: str
    document_id: str | None
    operation_id: str | None
    operation_state: str | None = None


class PaymentRow(msgspec.Struct):
    """A payment on a receivable; amounts in minor units, `timestamp` in UTC seconds.

    Attributes:
        unpaid: principal that was still owed after it.
    """

    payer: str
    principal: int
    late_charge: int
    unpaid: int
    transaction_hash: str
    timestamp: int


class CreditNoteRow(msgspec.Struct):
    """A credit note that the ledger applied; amounts in minor units, `timestamp` in UTC seconds.

    Attributes:
        burned: the part that reduced the debt.
        paid_in: the part that the seller paid in, because the holders' claims do not bear it.
    """

    fingerprint: str
    amount: int
    burned: int
    paid_in: int
    transaction_hash: str
    timestamp: int


class DisputeRow(msgspec.Struct):
    """A dispute of a receivable; times in UTC seconds.

    Attributes:
        until: None: it is open.
    """

    evidence_hash: str
    since: int
    until: int | None


class History(msgspec.Struct):
    """What happened to a receivable, oldest first."""

    payments: list[PaymentRow]
    credit_notes: list[CreditNoteRow]
    disputes: list[DisputeRow]


def by_id(connection: Connection, receivable_id: int) -> ReceivableRow | None:
    """A receivable."""
    row = run(connection, _SELECT + "WHERE receivable_id = ?", (receivable_id,)).first()
    return None if row is None else record_of(ReceivableRow, row)


def may_see(connection: Connection, *, receivable_id: int, account: str) -> bool:
    """Whether the account may see the debt."""
    query = f"SELECT 1 FROM receivables r WHERE r.receivable_id = ? AND {_VISIBLE_TO}"
    return run(connection, query, (receivable_id, *(account,) * 7)).first() is not None


class _Part(msgspec.Struct, frozen=True):
    """A part of a list: conditions on its rows, with the values of their marks."""

    wheres: list[str]
    values: list[Any]

    def rows(self, columns: str, *more: str) -> str:
        """The query of the part's rows."""
        wheres = [*self.wheres, *more]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        return f"SELECT {columns} FROM receivables r{where}"


def _parts(filters: Filters, *, visible_to: str | None) -> list[_Part]:
    """Parts that have all rows of the list together, some of them twice."""
    wheres, values = filters.conditions()
    if visible_to in (None, filters.seller, filters.debtor):
        return [_Part(wheres, values)]
    if filters.token is not None:  # its documents lead to the debts, not an index of the account
        return [_Part(["? IN (r.seller, r.debtor)", *wheres], [visible_to, *values])]
    parts = [_Part([side, *wheres], [visible_to, *values]) for side in _SIDES]
    return [*parts, _Part([_HELD, *wheres], [*(visible_to,) * 5, *values])]


def listed(
    connection: Connection, filters: Filters, page: Page, *, visible_to: str | None
) -> list[ReceivableRow]:
    """Receivables in the page's order; `visible_to` None gives all of them."""
    more, place = page.condition(of="r.")
    columns = ", ".join(f"r.{name}" for name in _NAMES)
    queries, values = [], []
    for number, part in enumerate(_parts(filters, visible_to=visible_to)):
        rows = f"{part.rows(columns, *more)} ORDER BY {page.order(of='r.')} LIMIT ?"
        queries.append(f"SELECT * FROM ({rows}) AS part{number}")
        values += [*part.values, *place, page.limit]
    query = " UNION ".join(queries)
    if len(queries) > 1:
        query = f"SELECT {_COLUMNS} FROM ({query}) AS every ORDER BY {page.order()} LIMIT ?"
        values.append(page.limit)
    return [record_of(ReceivableRow, row) for row in run(connection, query, tuple(values))]


def count(connection: Connection, filters: Filters, *, visible_to: str | None) -> Count:
    """How many receivables the list has, up to a bound."""
    parts = _parts(filters, visible_to=visible_to)
    queries = [part.rows("r.receivable_id") for part in parts]
    return counted(connection, queries, [value for part in parts for value in part.values])


def alike(connection: Connection, row: ReceivableRow) -> list[int]:
    """Other receivables between the same two parties over the same amount.

    Rejected and withdrawn ones do not count.
    """
    rows = run(
        connection,
        "SELECT receivable_id FROM receivables WHERE debtor = ? AND seller = ? "
        "AND face_amount = ? AND currency = ? AND receivable_id <> ? "
        "AND status NOT IN ('Rejected', 'Withdrawn') ORDER BY receivable_id DESC LIMIT 20",
        (row.debtor, row.seller, row.face_amount, row.currency, row.receivable_id),
    )
    return [int(match.receivable_id) for match in rows]


def with_same_root(connection: Connection, row: ReceivableRow) -> dict[int, tuple[str, str]]:
    """Other receivables that name the same document root: seller and fingerprint by number."""
    rows = run(
        connection,
        "SELECT receivable_id, seller, fingerprint FROM receivables "
        "WHERE document_root = ? AND receivable_id <> ? ORDER BY receivable_id LIMIT 200",
        (row.document_root, row.receivable_id),
    )
    return {int(match.receivable_id): (match.seller, match.fingerprint) for match in rows}


def history(connection: Connection, receivable_id: int) -> History:
    """Payments, credit notes and disputes of a receivable, oldest first."""
    payments = run(
        connection,
        "SELECT payer, principal, late_charge, unpaid, transaction_hash, timestamp FROM payments "
        "WHERE receivable_id = ? ORDER BY position",
        (receivable_id,),
    )
    credit_notes = run(
        connection,
        "SELECT fingerprint, amount, burned, paid_in, transaction_hash, timestamp "
        "FROM credit_notes WHERE receivable_id = ? ORDER BY position",
        (receivable_id,),
    )
    disputes = run(
        connection,
        "SELECT evidence_hash, since, until FROM disputes WHERE receivable_id = ? "
        "ORDER BY position",
        (receivable_id,),
    )
    return History(
        payments=[record_of(PaymentRow, row) for row in payments],
        credit_notes=[record_of(CreditNoteRow, row) for row in credit_notes],
        disputes=[record_of(DisputeRow, row) for row in disputes],
    )


def largest_claim(
    connection: Connection, *, receivable_id: int, account: str, free_only: bool = False
) -> int | None:
    """The largest claim on a receivable that an account holds or has a lien on.

    Claims without a lien go first; with `free_only`, only they count.
    """
    claim_id = run(
        connection,
        "SELECT claim_id FROM claims WHERE receivable_id = ? AND (owner = ? OR lienholder = ?) "
        "AND burned = 0 AND value > 0 AND (lienholder IS NULL OR NOT ?) "
        "ORDER BY (lienholder IS NOT NULL), value DESC, claim_id LIMIT 1",
        (receivable_id, account, account, free_only),
    ).scalar()
    return None if claim_id is None else int(claim_id)


def add_draft(connection: Connection, draft: DraftRow) -> None:
    """Stores a credit note for the debtor to sign."""
    run(
        connection,
        "INSERT INTO credit_note_drafts (id, receivable_id, note_json, "
        "seller_signature, created_at, document_id, deadline) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(draft.id, draft.receivable_id, json.dumps(draft.note)),
            *(draft.seller_signature, time.time(), draft.document_id, draft.note["deadline"]),
        ),
    )


_DRAFTS = (
    "SELECT d.id, d.receivable_id, d.note_json, d.seller_signature, d.document_id, "
    "d.operation_id, o.state AS operation_state FROM credit_note_drafts d "
    "LEFT JOIN operations o ON o.id = d.operation_id "
)


def draft(connection: Connection, identifier: str) -> DraftRow | None:
    """A credit note that waits for the debtor, or is signed by both."""
    row = run(connection, _DRAFTS + "WHERE d.id = ?", (identifier,)).first()
    return None if row is None else _draft(row)


def drafts(connection: Connection, receivable_id: int) -> list[DraftRow]:
    """All credit notes of a receivable that wait for the debtor, or are signed by both."""
    rows = run(connection, _DRAFTS + "WHERE d.receivable_id = ? ORDER BY d.id", (receivable_id,))
    return [_draft(row) for row in rows]


def _draft(row: Any) -> DraftRow:
    return record_of(DraftRow, row, note=json.loads(row.note_json))
