"""Credit tiers out of the events of CreditRegistry."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.domain.money import currency_in
from app.storage import run
from app.storage.financing_tables import credit_tiers

CONTRACT = "CreditRegistry"
MOST = 2**63 - 1  # what a column holds; a limit above it is none


class CreditProjection:
    """Fills `credit_tiers`: the attestation in force of each party."""

    def __init__(self) -> None:
        self.tables: list[Table] = [credit_tiers]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        for event in events:
            if event.contract != CONTRACT:
                continue
            if event.name == "CreditAttested":
                given = event.arguments["attestation"]
                run(connection, "DELETE FROM credit_tiers WHERE party_id = ?", (given["partyId"],))
                run(
                    connection,
                    "INSERT INTO credit_tiers (party_id, rater, tier, currency, credit_limit, "
                    "trading_since_day, model_version, evidence_root, issued_at, expires_at, "
                    "changed_block) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(given["partyId"], given["rater"], given["tier"]),
                        *(currency_in(given["currency"]), min(given["limit"], MOST)),
                        *(given["tradingSinceDay"], given["modelVersion"], given["evidenceRoot"]),
                        *(given["issuedAt"], given["expiresAt"], event.block_number),
                    ),
                )
            elif event.name == "CreditRevoked":
                run(
                    connection,
                    "UPDATE credit_tiers SET tier = 0, changed_block = ? WHERE party_id = ?",
                    (event.block_number, event.arguments["partyId"]),
                )
