"""Credit tiers, from the events of CreditRegistry."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.domain.money import currency_in
from app.storage import run
from app.storage.tables.parties import credit_tiers

CONTRACT = "CreditRegistry"
MAX = 2**63 - 1  # the maximum of a column; a limit above it is no limit


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
                attestation = event.arguments["attestation"]
                run(
                    connection,
                    "DELETE FROM credit_tiers WHERE party_id = ?",
                    (attestation["partyId"],),
                )
                run(
                    connection,
                    "INSERT INTO credit_tiers (party_id, rater, tier, currency, credit_limit, "
                    "trading_since_day, model_version, evidence_root, issued_at, expires_at, "
                    "changed_block) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(attestation["partyId"], attestation["rater"], attestation["tier"]),
                        *(currency_in(attestation["currency"]), min(attestation["limit"], MAX)),
                        *(
                            attestation["tradingSinceDay"],
                            attestation["modelVersion"],
                            attestation["evidenceRoot"],
                        ),
                        *(attestation["issuedAt"], attestation["expiresAt"], event.block_number),
                    ),
                )
            elif event.name == "CreditRevoked":
                run(
                    connection,
                    "UPDATE credit_tiers SET tier = 0, changed_block = ? WHERE party_id = ?",
                    (event.block_number, event.arguments["partyId"]),
                )
