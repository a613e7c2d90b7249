"""The log of who saw what: documents, disclosures, statements and exports of another party.

Each row has the hash of the row before it, keyed with the ledger's key: nobody who can only write
in the database changes, removes or inserts a row unseen. An answer leaves the gateway only once its
row is committed.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from sqlalchemy import Connection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.ledger_key import LedgerKey
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.problems import problem_response, translate
from app.storage import record_of, run

Kind = Literal["document", "document-content", "disclosure", "statement", "export"]
FIRST_HASH = "0x" + "0" * 64
_PURPOSE = "access log"
_LOCK = 0x61636365  # PostgreSQL: rows get their numbers one after another
_MAX_SUBJECT = 300
_OK = 200


class AccessRow(msgspec.Struct, frozen=True):
    """Someone saw something of another party's; its fields are the table's columns.

    Attributes:
        taken_at: microseconds of UTC.
        person: label of the caller's key.
        party, owner: ids in the directory of parties; None: not a party, or several.
    """

    number: int
    taken_at: int
    person: str
    party: str | None
    kind: Kind
    subject_kind: str
    subject_id: str
    owner: str | None
    previous_hash: str
    hash: str


class Reading(msgspec.Struct, frozen=True):
    """What an endpoint shows.

    Attributes:
        parameter: of the path, with the id of what is shown.
        subject: what that is.
        owner: the query of its owner's id.
    """

    kind: Kind
    parameter: str
    subject: str
    owner: str


_OF_DOCUMENT = "SELECT owner FROM documents WHERE id = ?"
_OF_ACCOUNT = "SELECT d.id FROM parties_directory d WHERE d.account = "
_OF_LOAN = _OF_ACCOUNT + "(SELECT borrower FROM loans WHERE loan_id = ?)"
_OF_FACILITY = _OF_ACCOUNT + "(SELECT borrower FROM facilities WHERE facility_id = ?)"
_OF_RECEIPT = _OF_ACCOUNT + (
    "(SELECT l.warehouse FROM lots l JOIN warehouse_receipts r ON r.lot_id = l.lot_id "
    "WHERE r.warehouse_receipt_id = ?)"
)
READINGS: Mapping[str, Reading] = {
    "get_document": Reading("document", "document_id", "document", _OF_DOCUMENT),
    "get_content": Reading("document-content", "document_id", "document", _OF_DOCUMENT),
    "disclose_document": Reading("disclosure", "document_id", "document", _OF_DOCUMENT),
    "disclose_warehouse_receipt": Reading(
        "disclosure", "warehouse_receipt_id", "warehouse-receipt", _OF_RECEIPT
    ),
    "get_statement": Reading("statement", "loan_id", "loan", _OF_LOAN),
    "get_account": Reading("statement", "facility_id", "facility", _OF_FACILITY),
    "get_evaluation_pack": Reading(
        "disclosure",
        "evaluation_id",
        "evaluation",
        "SELECT subject FROM credit_evaluations WHERE id = ?",
    ),
    "list_facility_documents": Reading("document-content", "facility_id", "facility", _OF_FACILITY),
}


def _hash(key: LedgerKey, row: AccessRow) -> str:
    fields = msgspec.json.encode(msgspec.structs.astuple(row)[:-1])
    return "0x" + hmac.new(key.key(_PURPOSE), fields, hashlib.sha256).hexdigest()


def add(
    connection: Connection,
    key: LedgerKey,
    caller: Caller,
    *,
    kind: Kind,
    subject: tuple[str, str],
    owner: str | None,
) -> None:
    """Adds a row behind the last one."""
    if connection.dialect.name != "sqlite":
        run(connection, "SELECT pg_advisory_xact_lock(?)", (_LOCK,))
    last = run(
        connection, "SELECT number, hash FROM access_log ORDER BY number DESC LIMIT 1"
    ).first()
    row = AccessRow(
        number=1 if last is None else int(last.number) + 1,
        taken_at=time.time_ns() // 1_000,
        person=caller.label,
        party=caller.party_id,
        kind=kind,
        subject_kind=subject[0],
        subject_id=subject[1][:_MAX_SUBJECT],
        owner=owner,
        previous_hash=FIRST_HASH if last is None else str(last.hash),
        hash="",
    )
    row = msgspec.structs.replace(row, hash=_hash(key, row))
    marks = ", ".join("?" * len(AccessRow.__struct_fields__))
    run(
        connection,
        f"INSERT INTO access_log ({_COLUMNS}) VALUES ({marks})",
        msgspec.structs.astuple(row),
    )


_COLUMNS = ", ".join(AccessRow.__struct_fields__)


def listed(
    connection: Connection,
    *,
    owner: str | None,
    subject_id: str | None,
    before: int | None,
    limit: int,
) -> list[AccessRow]:
    """Rows, newest first; of one owner, or all of them."""
    wheres: list[str] = ["1 = 1"]
    values: list[str | int] = []
    for clause, value in (
        ("owner = ?", owner),
        ("subject_id = ?", subject_id),
        ("number < ?", before),
    ):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = (
        f"SELECT {_COLUMNS} FROM access_log WHERE {' AND '.join(wheres)} "
        "ORDER BY number DESC LIMIT ?"
    )
    return [record_of(AccessRow, row) for row in run(connection, query, (*values, limit))]


def intact(connection: Connection, key: LedgerKey, rows: Sequence[AccessRow]) -> bool:
    """Whether each of these rows has its own hash, and the hash of the row before it."""
    numbers = sorted({row.number - 1 for row in rows if row.number > 1})
    marks = ", ".join("?" * len(numbers)) or "NULL"
    query = f"SELECT number, hash FROM access_log WHERE number IN ({marks})"
    before = {int(row.number): str(row.hash) for row in run(connection, query, tuple(numbers))}
    return all(
        hmac.compare_digest(row.hash, _hash(key, row))
        and row.previous_hash == before.get(row.number - 1, FIRST_HASH if row.number == 1 else None)
        for row in rows
    )


class AccessLog:
    """Pure ASGI middleware: records what an answer shows, before the answer begins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        refused: Exception | None = None

        async def answer(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == _OK:
                try:
                    await _record(scope, message)
                except Exception as error:  # without its row, nobody sees the answer
                    refused = error
            if refused is None:
                await send(message)

        await self.app(scope, receive, answer if scope["type"] == "http" else send)
        if refused is not None:
            await problem_response(translate(refused))(scope, receive, send)


async def _record(scope: Scope, message: Message) -> None:
    caller = scope.get("state", {}).get("caller")
    if not isinstance(caller, Caller):
        return
    reading = READINGS.get(getattr(scope.get("route"), "name", ""))
    is_file = any(name == b"content-disposition" for name, _ in message.get("headers", ()))
    if reading is None and not (is_file and scope["method"] == "GET"):
        return
    gateway: Gateway = scope["app"].state.gateway
    kind: Kind = "export" if reading is None else reading.kind
    subject = ("answer", scope["path"])
    if reading is not None:
        subject = (reading.subject, str(scope["path_params"][reading.parameter]))

    def write(connection: Connection) -> None:
        owner = None
        if reading is not None:
            identifier = subject[1]
            value = int(identifier) if identifier.isdecimal() else identifier
            owner = run(connection, reading.owner, (value,)).scalar()
        if owner is None or owner != caller.party_id:
            add(connection, gateway.ledger_key, caller, kind=kind, subject=subject, owner=owner)

    await gateway.storage.write(write)
