"""Receivables, payments, credit notes and disputes, from the events of Receivables."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many, run_many
from app.storage.rows import Rows
from app.storage.tables.trade import credit_notes, disputes, payments, receivables

CONTRACT = "Receivables"
_STATUS = {
    "ReceivableRejected": "Rejected",
    "ReceivableWithdrawn": "Withdrawn",
    "ReceivableDefaulted": "Defaulted",
    "ReceivableWrittenOff": "WrittenOff",
    "ReceivableSettled": "Settled",
}


class ReceivableRow(msgspec.Struct):
    """A receivable; its fields are the table's columns."""

    receivable_id: int
    seller: str
    debtor: str
    currency: str
    face_amount: int
    due_day: int
    grace_days: int
    late_rate: int
    dispute_days: int
    max_depth: int
    fingerprint: str
    document_root: str
    legal_text_hash: str
    status: str
    claim_id: int | None
    debtor_signature: str | None
    requested_at: int
    confirmed_at: int | None
    principal_paid: int
    late_charge_paid: int
    credited: int
    redeemed: int
    created_block: int
    changed_block: int


class _Batch:
    """The events of one call of `apply`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.receivables = Rows(connection, receivables, ReceivableRow)
        self.payments: list[tuple[Any, ...]] = []
        self.credit_notes: list[tuple[Any, ...]] = []
        self.disputes: list[tuple[Any, ...]] = []
        self.disputes_ended: list[tuple[Any, ...]] = []

    def write(self) -> None:
        self.receivables.write()
        insert_many(self.connection, payments, self.payments)
        insert_many(self.connection, credit_notes, self.credit_notes)
        insert_many(self.connection, disputes, self.disputes)
        run_many(
            self.connection,
            "UPDATE disputes SET until = ?, end_evidence_hash = ? "
            "WHERE receivable_id = ? AND until IS NULL AND position < ?",
            self.disputes_ended,
        )

    # -- one event each

    def requested(self, event: DecodedEvent) -> None:
        arguments = event.arguments
        terms = arguments["terms"]
        self.receivables.add(
            ReceivableRow(
                receivable_id=arguments["receivableId"],
                seller=arguments["seller"],
                debtor=arguments["debtor"],
                currency=terms["currency"],
                face_amount=terms["faceAmount"],
                due_day=terms["dueDay"],
                grace_days=terms["graceDays"],
                late_rate=terms["lateRate"],
                dispute_days=terms["disputeDays"],
                max_depth=terms["maxDepth"],
                fingerprint=terms["fingerprint"],
                document_root=terms["documentRoot"],
                legal_text_hash=terms["legalTextHash"],
                status="Requested",
                claim_id=None,
                debtor_signature=None,
                requested_at=event.timestamp,
                confirmed_at=None,
                principal_paid=0,
                late_charge_paid=0,
                credited=0,
                redeemed=0,
                created_block=event.block_number,
                changed_block=event.block_number,
            )
        )

    def confirmed(self, event: DecodedEvent) -> None:
        row = self._changed(event)
        row.status = "Confirmed"
        row.claim_id = event.arguments["claimId"]
        row.debtor_signature = event.arguments["signature"]
        row.confirmed_at = event.timestamp

    def moved_on(self, event: DecodedEvent) -> None:
        self._changed(event).status = _STATUS[event.name]

    def disputed(self, event: DecodedEvent) -> None:
        row = self._changed(event)
        row.status = "Disputed"
        self.disputes.append(
            (
                *(event.position, row.receivable_id, event.arguments["evidenceHash"]),
                *(event.timestamp, None, None, event.block_number),
            )
        )

    def dispute_ended(self, event: DecodedEvent) -> None:
        row = self._changed(event)
        row.status = "Confirmed"
        self.disputes_ended.append(
            (event.timestamp, event.arguments["evidenceHash"], row.receivable_id, event.position)
        )

    def paid(self, event: DecodedEvent) -> None:
        arguments, row = event.arguments, self._changed(event)
        row.principal_paid += arguments["principal"]
        row.late_charge_paid += arguments["lateCharge"]
        self.payments.append(
            (
                *(event.position, row.receivable_id, arguments["payer"], arguments["principal"]),
                *(arguments["lateCharge"], arguments["unpaid"], event.transaction_hash),
                *(event.timestamp, event.block_number),
            )
        )

    def credited(self, event: DecodedEvent) -> None:
        arguments, row = event.arguments, self._changed(event)
        row.credited += arguments["burned"]
        self.credit_notes.append(
            (
                *(event.position, row.receivable_id, arguments["fingerprint"], arguments["amount"]),
                *(arguments["burned"], arguments["paidIn"], arguments["documentRoot"]),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )

    def collected(self, event: DecodedEvent) -> None:
        self._changed(event).redeemed += event.arguments["principal"]

    def _changed(self, event: DecodedEvent) -> ReceivableRow:
        row = self.receivables.get(event.arguments["receivableId"])
        row.changed_block = event.block_number
        return row


_HANDLERS = dict.fromkeys(_STATUS, _Batch.moved_on) | {
    "ReceivableRequested": _Batch.requested,
    "ReceivableConfirmed": _Batch.confirmed,
    "ReceivableDisputed": _Batch.disputed,
    "DisputeEnded": _Batch.dispute_ended,
    "PaymentReceived": _Batch.paid,
    "CreditNoteApplied": _Batch.credited,
    "Collected": _Batch.collected,
}


class ReceivablesProjection:
    """Fills `receivables`, `payments`, `credit_notes` and `disputes`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [receivables, payments, credit_notes, disputes]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        handled = [
            (handler, event)
            for event in events
            if event.contract == CONTRACT and (handler := _HANDLERS.get(event.name)) is not None
        ]
        if not handled:
            return
        batch = _Batch(connection)
        batch.receivables.load({event.arguments["receivableId"] for _, event in handled})
        for handler, event in handled:
            handler(batch, event)
        batch.write()
