"""Agreements and their signatures in the store."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.lending.agreements.terms import AgreementTerms
from app.storage import record_of, run

_SELECT = (
    "SELECT a.id, a.kind, a.subject_id, a.currency, a.terms_json, a.operation_id, "
    "o.state AS operation_state FROM agreements a LEFT JOIN operations o ON o.id = a.operation_id "
)


class AgreementRow(msgspec.Struct):
    """An agreement with its signers: role to account, and role to signature."""

    id: str
    kind: str
    subject_id: int
    currency: str
    terms: AgreementTerms
    operation_id: str | None = None
    operation_state: str | None = None
    signers: dict[str, str] = {}
    signatures: dict[str, str | None] = {}

    def missing(self, roles: tuple[str, ...]) -> list[str]:
        """Those of these roles that have not signed yet."""
        return [role for role in roles if self.signatures.get(role) is None]


def add(connection: Connection, row: AgreementRow, *, digest: str) -> None:
    """Stores an agreement for its signers."""
    run(
        connection,
        "INSERT INTO agreements (id, kind, subject_id, currency, terms_json, digest, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(row.id, row.kind, row.subject_id, row.currency, json.dumps(row.terms)),
            *(digest, time.time()),
        ),
    )
    for role, account in row.signers.items():
        run(
            connection,
            "INSERT INTO agreement_signers (agreement_id, role, account, signature) "
            "VALUES (?, ?, ?, ?)",
            (row.id, role, account, row.signatures.get(role)),
        )


def find(connection: Connection, identifier: str) -> AgreementRow | None:
    """One agreement; None if there is none."""
    row = run(connection, _SELECT + "WHERE a.id = ?", (identifier,)).first()
    return None if row is None else _whole(connection, row)


def page(
    connection: Connection, *, account: str | None, before: str | None, limit: int
) -> list[AgreementRow]:
    """Agreements that name one account, or all of them; newest first."""
    wheres, values = ["1 = 1"], []
    if account is not None:
        wheres.append("a.id IN (SELECT agreement_id FROM agreement_signers WHERE account = ?)")
        values.append(account)
    if before is not None:
        wheres.append("a.id < ?")
        values.append(before)
    query = f"{_SELECT}WHERE {' AND '.join(wheres)} ORDER BY a.id DESC LIMIT ?"
    rows = list(run(connection, query, (*values, limit)))
    return [_whole(connection, row) for row in rows]


def sign(connection: Connection, *, identifier: str, role: str, signature: str) -> AgreementRow:
    """Stores one more signature and returns the agreement with it."""
    run(
        connection,
        "UPDATE agreement_signers SET signature = ? WHERE agreement_id = ? AND role = ?",
        (signature, identifier, role),
    )
    row = find(connection, identifier)
    assert row is not None
    return row


def withdrawn(connection: Connection, *, contract: str, digest: str) -> set[str]:
    """Accounts that withdrew their signature over this digest on the ledger."""
    query = "SELECT signer FROM withdrawn_signatures WHERE contract = ? AND digest = ?"
    return {row.signer for row in run(connection, query, (contract, digest))}


def _whole(connection: Connection, row: Any) -> AgreementRow:
    query = "SELECT role, account, signature FROM agreement_signers WHERE agreement_id = ?"
    signers = list(run(connection, query, (row.id,)))
    return record_of(
        AgreementRow,
        row,
        terms=json.loads(row.terms_json),
        signers={signer.role: signer.account for signer in signers},
        signatures={signer.role: signer.signature for signer in signers},
    )
