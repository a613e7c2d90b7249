"""Notices as callers see them."""

from __future__ import annotations

from app.domain.calendar import date_of
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.views import Names, party_view
from app.lending.notices.facts import Facts, facts_in
from app.lending.notices.projection import NoticeRow
from app.lending.notices.schemas import Notice, NoticeFacts


def accounts_of(row: NoticeRow) -> set[str]:
    """The accounts that a notice names."""
    return {row.debtor, row.assignor, row.assignee, row.notifier, row.acknowledged_by or ""}


def facts_view(gateway: Gateway, facts: Facts, names: Names, *, currency: str) -> NoticeFacts:
    """The facts of a notice in JSON.

    Args:
        currency: address of the debt's settlement token.
    """
    return {
        "basis": facts.basis,
        "claimId": facts.claim_id,
        "receivableId": facts.receivable_id,
        "debtor": party_view(facts.debtor, names),
        "assignor": party_view(facts.assignor, names),
        "assignee": party_view(facts.assignee, names),
        "loanId": facts.loan_id,
        "value": money_view(facts.value, currency=gateway.currency_at(currency)),
    }


def notice_view(
    gateway: Gateway,
    row: NoticeRow,
    names: Names,
    *,
    currency: str,
    last_id: int,
    current: bool | None,
) -> Notice:
    """A notice in JSON.

    Args:
        currency: address of the debt's settlement token.
        last_id: the last notice on the same claim.
        current: whether it says what the ledger says now; None: the chain did not answer.
    """
    by, day = row.acknowledged_by, row.acknowledged_day
    return {
        **facts_view(gateway, facts_in(row), names, currency=currency),
        "id": row.notice_id,
        "current": current,
        "status": "notified" if day is None else "acknowledged",
        "notifier": party_view(row.notifier, names),
        "date": date_of(row.day).isoformat(),
        "textVersion": row.text_version,
        "textHash": row.text_hash,
        "acknowledgedBy": None if by is None else party_view(by, names),
        "acknowledgedDate": None if day is None else date_of(day).isoformat(),
        "replacedBy": None if last_id == row.notice_id else last_id,
        "transactionHash": row.transaction_hash,
        "acknowledgementHash": row.acknowledgement_hash,
    }
