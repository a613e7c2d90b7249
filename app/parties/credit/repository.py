"""Queries of credit tiers."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class CreditRow(msgspec.Struct, frozen=True):
    """The last attestation of a party as the ledger records it; tier 0: it was revoked."""

    rater: str
    tier: int
    currency: str
    credit_limit: int
    trading_since_day: int
    model_version: str
    evidence_root: str
    issued_at: int
    expires_at: int


_SELECT = f"SELECT {', '.join(CreditRow.__struct_fields__)} FROM credit_tiers "


def of_party(connection: Connection, ledger_party_id: int) -> CreditRow | None:
    """The last attestation of a party."""
    row = run(connection, f"{_SELECT}WHERE party_id = ?", (ledger_party_id,)).first()
    return None if row is None else record_of(CreditRow, row)
