"""Receivables as callers may see them."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.texts import say
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import business_day, moment
from app.gateway.sorted_pages import Page
from app.gateway.views import Names, party_view, time_view
from app.parties.registry import repository as parties
from app.trade.receivables import evidence, repository
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.repository import CreditNoteRow, DisputeRow, Filters, PaymentRow
from app.trade.receivables.schemas import (
    AppliedCreditNote,
    Receivable,
    ReceivableDetails,
    ReceivableDispute,
    ReceivablePage,
    ReceivablePayment,
)

_UNOWED = frozenset(("Requested", "Rejected", "Withdrawn"))


def near(connection: Connection, caller: Caller, receivable_id: int) -> bool:
    """Whether the caller may see the receivable."""
    if caller.sees_all:
        return True
    return caller.account is not None and repository.may_see(
        connection, receivable_id=receivable_id, account=caller.account
    )


async def receivable(gateway: Gateway, caller: Caller, receivable_id: int) -> ReceivableRow:
    """A receivable that the caller may see.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> ReceivableRow | None:
        row = repository.by_id(connection, receivable_id)
        return row if row is not None and near(connection, caller, receivable_id) else None

    row = await gateway.storage.read(find)
    if row is None:
        raise NotFound(
            say("there is no receivable {receivable_id}", receivable_id=receivable_id),
            name="receivable-unknown",
        )
    return row


def unpaid(row: ReceivableRow) -> int:
    """Principal that is still owed, in minor units."""
    if row.status in _UNOWED:
        return 0
    return row.face_amount - row.credited - row.principal_paid


def view(gateway: Gateway, row: ReceivableRow, *, names: Names, now: int) -> Receivable:
    """A receivable in JSON; `now` is the time of the block that it is read at."""
    currency = gateway.currency_at(row.currency)

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    today = business_day(gateway, now)
    return {
        "id": row.receivable_id,
        "status": state_name(row.status),
        "overdue": unpaid(row) > 0 and today > row.due_day,
        "seller": party_view(row.seller, names),
        "debtor": party_view(row.debtor, names),
        "currency": currency,
        "faceAmount": money(row.face_amount),
        "principalPaid": money(row.principal_paid),
        "lateChargePaid": money(row.late_charge_paid),
        "credited": money(row.credited),
        "redeemed": money(row.redeemed),
        "unpaid": money(unpaid(row)),
        "dueDate": date_of(row.due_day).isoformat(),
        "graceDays": row.grace_days,
        "lateRate": row.late_rate,
        "disputeDays": row.dispute_days,
        "maxDepth": row.max_depth,
        "fingerprint": row.fingerprint,
        "documentRoot": row.document_root,
        "legalTextHash": row.legal_text_hash,
        "claimId": row.claim_id,
        "debtorSignature": row.debtor_signature,
        "requestedAt": time_view(row.requested_at),
        "confirmedAt": time_view(row.confirmed_at),
    }


async def details(gateway: Gateway, caller: Caller, receivable_id: int) -> ReceivableDetails:
    """A receivable with its payments, credit notes and disputes.

    Raises:
        NotFound.
    """

    def find(
        connection: Connection,
    ) -> tuple[ReceivableRow, evidence.StoredEvidence, ReceivableDetails] | None:
        row = repository.by_id(connection, receivable_id)
        if row is None or not near(connection, caller, receivable_id):
            return None
        now, as_of = moment(connection)
        history = repository.history(connection, receivable_id)
        accounts = {row.seller, row.debtor, *(payment.payer for payment in history.payments)}
        names = parties.names(connection, accounts)
        currency = gateway.currency_at(row.currency)
        body: ReceivableDetails = {
            **view(gateway, row, names=names, now=now),
            "payments": [
                _payment_view(payment, names, currency=currency) for payment in history.payments
            ],
            "creditNotes": [
                _credit_note_view(note, currency=currency) for note in history.credit_notes
            ],
            "disputes": [_dispute_view(dispute) for dispute in history.disputes],
            "asOf": as_of,
        }
        return row, evidence.find(connection, row), body

    current = await gateway.storage.read(find)
    if current is None:
        raise NotFound(
            say("there is no receivable {receivable_id}", receivable_id=receivable_id),
            name="receivable-unknown",
        )
    row, stored_evidence, body = current
    if caller.sees_all or caller.account in (row.seller, row.debtor):
        body["document"] = (await evidence.check(gateway, row, stored_evidence)).view()
    return body


def _payment_view(payment: PaymentRow, names: Names, *, currency: str) -> ReceivablePayment:
    return {
        "payer": party_view(payment.payer, names),
        "principal": money_view(payment.principal, currency=currency),
        "lateCharge": money_view(payment.late_charge, currency=currency),
        "unpaid": money_view(payment.unpaid, currency=currency),
        "transactionHash": payment.transaction_hash,
        "at": time_view(payment.timestamp),
    }


def _credit_note_view(note: CreditNoteRow, *, currency: str) -> AppliedCreditNote:
    return {
        "fingerprint": note.fingerprint,
        "amount": money_view(note.amount, currency=currency),
        "burned": money_view(note.burned, currency=currency),
        "paidIn": money_view(note.paid_in, currency=currency),
        "transactionHash": note.transaction_hash,
        "at": time_view(note.timestamp),
    }


def _dispute_view(dispute: DisputeRow) -> ReceivableDispute:
    return {
        "evidenceHash": dispute.evidence_hash,
        "since": time_view(dispute.since),
        "until": time_view(dispute.until),
    }


async def page(gateway: Gateway, caller: Caller, filters: Filters, part: Page) -> ReceivablePage:
    """A page of the receivables that the caller may see."""

    def find(connection: Connection) -> ReceivablePage:
        now, as_of = moment(connection)
        visible_to = None if caller.sees_all else caller.account or ""
        rows = repository.listed(connection, filters, part, visible_to=visible_to)
        accounts = {row.seller for row in rows} | {row.debtor for row in rows}
        names = parties.names(connection, accounts)
        body: ReceivablePage = {
            "items": [view(gateway, row, names=names, now=now) for row in rows],
            "nextCursor": part.following(rows),
            "asOf": as_of,
        }
        if part.count:
            body["total"] = repository.count(connection, filters, visible_to=visible_to)
        return body

    return await gateway.storage.read(find)
