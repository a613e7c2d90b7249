"""Hedges as callers see them: the ledger says what each counts for."""

from __future__ import annotations

import msgspec

from app.domain.calendar import date_of
from app.domain.item_prices import price_text
from app.domain.quantity import quantity_text
from app.domain.valuation.hedge import held_until
from app.gateway.money import money_view
from app.gateway.views import GoodsName, Names, party_view
from app.lending.hedges.repository import HedgeRow
from app.lending.hedges.schemas import HedgeView


class HedgeAnswer(msgspec.Struct, rename="camel"):
    """What is used of the answer of `Facilities.hedgesOf`: in minor units and thousandths."""

    contract_hash: str
    counted: int
    lendable: int


class HedgedLoan(msgspec.Struct):
    """What the views of a loan's hedges need to know of it.

    Attributes:
        answers: what the ledger says of its hedges, by contract; None if it did not answer.
        runs: whether the loan runs.
        share: the product's `hedgeShare`.
        cure_days: the product's days to cure a margin call.
        day: the ledger's day.
    """

    answers: dict[str, HedgeAnswer] | None
    runs: bool
    share: int
    cure_days: int
    day: int
    currency: str


def hedge_view(
    row: HedgeRow, loan: HedgedLoan, *, goods: GoodsName | None, names: Names
) -> HedgeView:
    """A hedge, what it counts for now, and why."""
    answer = None if loan.answers is None else loan.answers.get(row.contract_hash)
    counts = _counts(row, answer, loan)
    used = answer if counts in ("yes", "share-zero", "price-not-below") else None
    currency = loan.currency

    def price(value: str) -> str:
        return price_text(int(value), item=row.item, currency=currency)

    return {
        "contractHash": row.contract_hash,
        "item": row.item,
        "goods": goods,
        "quantity": quantity_text(int(row.quantity)),
        "price": price(row.price),
        "maxPrice": price(row.max_price),
        "lastDate": date_of(row.expiry_day).isoformat(),
        "venue": row.venue,
        "counterparty": None if row.counterparty is None else party_view(row.counterparty, names),
        "documentRoot": row.document_root,
        "counts": counts,
        "counted": None
        if counts == "unknown"
        else quantity_text(0 if used is None else used.counted),
        "adds": None
        if counts == "unknown"
        else money_view(0 if used is None else used.lendable, currency=currency),
        "heldUntil": _held_until(row, loan),
    }


def _held_until(row: HedgeRow, loan: HedgedLoan) -> str | None:
    last_day = row.expiry_day if row.closed_day is None else row.closed_day - 1
    if last_day >= loan.day:
        return None
    return date_of(held_until(last_day, loan.cure_days)).isoformat()


def _counts(row: HedgeRow, answer: HedgeAnswer | None, loan: HedgedLoan) -> str:
    if row.closed_position is not None:
        return "closed"
    if not loan.runs:
        return "loan-ended"
    if loan.day > row.expiry_day:
        return "expired"
    if answer is None:
        return "unknown"
    if loan.share == 0:
        return "share-zero"
    if answer.counted == 0:
        return "no-priced-goods"
    return "yes" if answer.lendable else "price-not-below"
