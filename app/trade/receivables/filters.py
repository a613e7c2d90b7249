"""The filters of lists of receivables, and of claims by their receivables."""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec

from app.domain.calendar import day_of
from app.gateway.gateway import Gateway
from app.gateway.naming import stored_state
from app.gateway.sorted_pages import bounds_of
from app.parties.registry import service as parties
from app.trade.documents.numbers import required_token
from app.trade.receivables.repository import Filters

Status = Literal[
    "requested",
    "confirmed",
    "disputed",
    "defaulted",
    "settled",
    "written-off",
    "rejected",
    "withdrawn",
]


class DebtQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The filters as a request names them; None: any."""

    status: Status | None
    seller_party_id: str | None = None
    debtor_party_id: str | None
    due_from: datetime.date | None
    due_to: datetime.date | None
    currency: str | None
    amount_from: str | None
    amount_to: str | None
    text: str | None
    unpaid: bool = False
    credit_note_waits: bool = False


async def debts_of(gateway: Gateway, query: DebtQuery) -> Filters:
    """The filters that a request names.

    Raises:
        BadInput.
    """
    currency, status, text = query.currency, query.status, query.text
    lowest, highest = bounds_of(
        gateway, currency=currency, lowest=query.amount_from, highest=query.amount_to
    )
    return Filters(
        status=None if status is None else stored_state(status),
        seller=await _account(gateway, query.seller_party_id, field="sellerPartyId"),
        debtor=await _account(gateway, query.debtor_party_id, field="debtorPartyId"),
        due_from=None if query.due_from is None else day_of(query.due_from),
        due_to=None if query.due_to is None else day_of(query.due_to),
        currency=None if currency is None else gateway.token_of(currency),
        amount_from=lowest,
        amount_to=highest,
        token=None if text is None else required_token(gateway.ledger_key, text),
        unpaid=query.unpaid,
        credit_note_waits=query.credit_note_waits,
    )


async def _account(gateway: Gateway, party_id: str | None, *, field: str) -> str | None:
    if party_id is None:
        return None
    return (await parties.party_in(gateway, party_id, field=field)).account
