"""Projects the events of documents and of trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.chain.evm.events import DecodedEvent
from app.lending.batch import Handlers
from app.storage import run


class EvidenceEvents(Handlers):
    """The events of one batch that are about what draws have to prove."""

    def _DocumentSubmitted(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        document = arguments["document"]
        key = (arguments["partyId"], arguments["fingerprint"])
        # The next draw uses the document of a kind that was submitted last.
        run(
            self.batch.connection,
            "UPDATE loan_documents SET offered = 0 WHERE facility_id = ? AND kind = ?",
            (arguments["facilityId"], document["kind"]),
        )
        again = run(
            self.batch.connection,
            "UPDATE loan_documents SET offered = 1 WHERE party_id = ? AND fingerprint = ? "
            "AND facility_id = ? AND accepted_by IS NOT NULL",
            (*key, arguments["facilityId"]),
        )
        if again.rowcount:
            return
        run(
            self.batch.connection,
            "DELETE FROM loan_documents WHERE party_id = ? AND fingerprint = ?",
            key,
        )
        run(
            self.batch.connection,
            "INSERT INTO loan_documents (party_id, fingerprint, facility_id, kind, document_root, "
            "day, amount, offered, transaction_hash, timestamp, block_number) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
            (
                *(*key, arguments["facilityId"], document["kind"], document["documentRoot"]),
                *(document["day"], document["amount"], event.transaction_hash),
                *(event.timestamp, event.block_number),
            ),
        )

    def _DocumentAccepted(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        run(
            self.batch.connection,
            "UPDATE loan_documents SET accepted_by = ?, block_number = ? "
            "WHERE party_id = ? AND fingerprint = ?",
            (
                *(arguments["account"], event.block_number),
                *(arguments["partyId"], arguments["fingerprint"]),
            ),
        )

    def _DocumentUsed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        run(
            self.batch.connection,
            "UPDATE loan_documents SET loan_id = ?, offered = 0, block_number = ? "
            "WHERE facility_id = ? AND fingerprint = ?",
            (
                *(arguments["loanId"], event.block_number),
                *(arguments["facilityId"], arguments["fingerprint"]),
            ),
        )

    def _AttesterNamed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        run(
            self.batch.connection,
            "DELETE FROM facility_attesters WHERE facility_id = ?",
            (arguments["facilityId"],),
        )
        if arguments["partyId"]:
            run(
                self.batch.connection,
                "INSERT INTO facility_attesters (facility_id, party_id, account, block_number) "
                "VALUES (?, ?, ?, ?)",
                (
                    *(arguments["facilityId"], arguments["partyId"], arguments["account"]),
                    event.block_number,
                ),
            )

    def _TradeReported(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        run(
            self.batch.connection,
            "INSERT INTO trade_reports (position, platform_party, merchant_party, currency, "
            "month, amount, returned, revision, transaction_hash, timestamp, block_number) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(event.position, arguments["platform"], arguments["merchant"]),
                *(arguments["currency"], arguments["month"], arguments["amount"]),
                *(arguments["returned"], arguments["revision"], event.transaction_hash),
                *(event.timestamp, event.block_number),
            ),
        )
