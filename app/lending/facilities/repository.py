"""Queries of proposals and of accepted debtors."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.storage import record_of, run


class FacilityTerms(TypedDict):
    """What the parties to a facility sign: the struct FacilityTerms of Facilities."""

    productId: int
    version: int
    lender: str
    borrower: str
    entruster: str
    annualRate: int
    administrationFee: int
    limit: int
    deposit: int
    firstDay: int
    lastDay: int
    coolingOffAmount: int
    coolingOffHours: int
    endEvents: int
    correctionDays: int
    spread: int
    flatFee: int
    drawFee: int
    periodicFee: int
    legalTextHash: str
    deadline: int
    nonce: int


class ProposalRow(msgspec.Struct):
    """A proposal of a facility; all sign its terms."""

    id: str
    lender: str
    borrower: str
    entruster: str | None
    currency: str
    limit_currency: str
    terms: FacilityTerms
    lender_signature: str | None
    borrower_signature: str | None
    entruster_signature: str | None
    operation_id: str | None
    operation_state: str | None = None

    @property
    def product_key(self) -> tuple[int, int]:
        """Its product and the product's version."""
        return self.terms["productId"], self.terms["version"]

    def signers(self) -> dict[str, str]:
        """Account of each signer, by role."""
        signers = {"lender": self.lender, "borrower": self.borrower}
        return signers if self.entruster is None else signers | {"entruster": self.entruster}

    def missing(self) -> list[str]:
        """Roles whose signature is not there yet."""
        return [role for role in self.signers() if getattr(self, f"{role}_signature") is None]


_PROPOSAL = (
    "SELECT f.id, f.lender, f.borrower, f.entruster, f.currency, f.limit_currency, f.terms_json, "
    "f.lender_signature, f.borrower_signature, f.entruster_signature, f.operation_id, "
    "o.state AS operation_state "
    "FROM facility_proposals f LEFT JOIN operations o ON o.id = f.operation_id "
)


def debtors(connection: Connection, facility_id: int) -> list[str]:
    """Accounts of the debtors that the lender accepts for a facility."""
    query = "SELECT debtor FROM facility_debtors WHERE facility_id = ? ORDER BY party_id"
    return [row.debtor for row in run(connection, query, (facility_id,))]


def add_proposal(connection: Connection, row: ProposalRow, *, digest: str) -> None:
    """Stores a proposal for the others to sign."""
    run(
        connection,
        "INSERT INTO facility_proposals (id, lender, borrower, entruster, currency, "
        "limit_currency, terms_json, "
        "digest, lender_signature, borrower_signature, entruster_signature, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(row.id, row.lender, row.borrower, row.entruster, row.currency, row.limit_currency),
            *(json.dumps(row.terms), digest, row.lender_signature, row.borrower_signature),
            *(row.entruster_signature, time.time()),
        ),
    )


def _proposal(row: Any) -> ProposalRow:
    return record_of(ProposalRow, row, terms=json.loads(row.terms_json))


def proposal(connection: Connection, identifier: str) -> ProposalRow | None:
    """A proposal that waits or was agreed."""
    row = run(connection, _PROPOSAL + "WHERE f.id = ?", (identifier,)).first()
    return None if row is None else _proposal(row)


def proposals(
    connection: Connection, *, account: str | None, before: str | None, limit: int
) -> list[ProposalRow]:
    """Proposals that name one account, or all of them; newest first."""
    wheres, values = [], []
    if account is not None:
        wheres.append("(f.lender = ? OR f.borrower = ? OR f.entruster = ?)")
        values += [account] * 3
    if before is not None:
        wheres.append("f.id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    query = f"{_PROPOSAL}{where}ORDER BY f.id DESC LIMIT ?"
    return [_proposal(row) for row in run(connection, query, (*values, limit))]


def sign_proposal(
    connection: Connection, *, identifier: str, position: str, signature: str
) -> ProposalRow:
    """Stores one more signature and returns the proposal with it."""
    assert position in ("lender", "borrower", "entruster")
    run(
        connection,
        f"UPDATE facility_proposals SET {position}_signature = ? WHERE id = ?",
        (signature, identifier),
    )
    signed_row = proposal(connection, identifier)
    assert signed_row is not None
    return signed_row
