"""Refuses records that no check could read rightly.

Records of the ledger (orders, invoices, assignments, movements, and who deposited goods) name
parties of the register. What others report may name anyone: payers and payees at a bank, buyers in
the tax authority's records, warehouses, persons who hold shares. An invoice may name an order, and
an assignment an invoice, that is not among the records: it is then unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from app.domain.crosschecks.records import Line, Market
from app.domain.money import DIGITS

MAX_RECORDS = 5_000_000
_MAX_TEXT = 200
_MAX_DAY = 2_932_896  # 9999-12-31
_MAX_NUMBER = 2**127
_MILLION = 1_000_000


class RecordInvalid(ValueError):
    """A record that cannot be checked.

    Attributes:
        record: its kind and id, for example `invoice INV-7`.
        field: the field that is wrong.
    """

    def __init__(self, record: str, field: str, detail: str) -> None:
        super().__init__(f"{record}: {field}: {detail}")
        self.record, self.field = record, field


class TooManyRecords(ValueError):
    """More records than are checked at once; check a part of the market, or a shorter time."""


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def validate(market: Market) -> None:
    """Returns if all records can be checked.

    Raises:
        RecordInvalid: a party that the register does not have, an amount, quantity or price below
            zero, a share above the whole, a day outside the calendar, an unknown currency, an id
            that occurs twice, a text that is too long, or an invoice that came after `today`.
        TooManyRecords.
    """
    groups = _by_kind(market)
    count = sum(len(records) for _, records in groups) + len(market.tax_records)
    if count > MAX_RECORDS:
        raise TooManyRecords(f"{count} records: at most {MAX_RECORDS} are checked at once")
    _day("market", "today", market.today)
    _number("market", "review_limit", market.review_limit)
    for kind, records in groups:
        _ids(kind, records)
    _parties(market)
    _trade(market, {party.id for party in market.parties})
    _reports(market, {party.id for party in market.parties})


def _by_kind(market: Market) -> tuple[tuple[str, Sequence[_HasId]], ...]:
    return (
        ("party", market.parties),
        ("order", market.orders),
        ("invoice", market.invoices),
        ("movement", market.movements),
        ("warehouse receipt", market.receipts),
        ("payment", market.payments),
        ("assignment", market.assignments),
    )


def _ids(kind: str, records: Iterable[_HasId]) -> None:
    known: set[str] = set()
    for record in records:
        if not record.id or len(record.id) > _MAX_TEXT:
            raise RecordInvalid(kind, "id", f"has {len(record.id)} characters: 1 to {_MAX_TEXT}")
        if record.id in known:
            raise RecordInvalid(f"{kind} {record.id}", "id", "occurs twice: give each its own")
        known.add(record.id)


def _parties(market: Market) -> None:
    for party in market.parties:
        record = f"party {party.id}"
        _text(record, "name", party.name)
        if party.registered_day is not None:
            _day(record, "registered_day", party.registered_day)
        for holding in party.owners:
            if not 0 <= holding.share <= _MILLION:
                raise RecordInvalid(
                    record, "owners", f"a share of {holding.share} ppm: give 0 to {_MILLION}"
                )


def _trade(market: Market, parties: set[str]) -> None:
    for order in market.orders:
        record = f"order {order.id}"
        _party(record, "buyer", order.buyer, parties)
        _party(record, "seller", order.seller, parties)
        _money(record, order.currency, order.amount)
        _day(record, "day", order.day)
        _lines(record, order.lines)
    for invoice in market.invoices:
        record = f"invoice {invoice.id}"
        _party(record, "seller", invoice.seller, parties)
        _party(record, "buyer", invoice.buyer, parties)
        _text(record, "number", invoice.number)
        _money(record, invoice.currency, invoice.amount)
        _day(record, "issue_day", invoice.issue_day)
        _day(record, "due_day", invoice.due_day)
        _day(record, "received_day", invoice.received_day)
        if invoice.received_day > market.today:
            raise RecordInvalid(
                record,
                "received_day",
                f"{invoice.received_day} is after today, {market.today}: leave out later records",
            )
        _lines(record, invoice.lines)
    for assignment in market.assignments:
        record = f"assignment {assignment.id}"
        _party(record, "assignor", assignment.assignor, parties)
        _party(record, "assignee", assignment.assignee, parties)
        _number(record, "amount", assignment.amount)
        _day(record, "day", assignment.day)


def _reports(market: Market, parties: set[str]) -> None:
    for movement in market.movements:
        record = f"movement {movement.id}"
        _party(record, "sender", movement.sender, parties)
        _party(record, "receiver", movement.receiver, parties)
        _number(record, "quantity", movement.quantity)
        _day(record, "day", movement.day)
    for receipt in market.receipts:
        record = f"warehouse receipt {receipt.id}"
        _party(record, "depositor", receipt.depositor, parties)
        _number(record, "quantity", receipt.quantity)
        _day(record, "day", receipt.day)
    for payment in market.payments:
        record = f"payment {payment.id}"
        _money(record, payment.currency, payment.amount)
        _day(record, "day", payment.day)
    for tax in market.tax_records:
        record = f"tax record {tax.number}"
        _text(record, "number", tax.number)
        _money(record, tax.currency, tax.amount)
        _day(record, "day", tax.day)


def _party(record: str, field: str, party: str, parties: set[str]) -> None:
    if party not in parties:
        raise RecordInvalid(record, field, f"{party!r} is not a party: register it first")


def _lines(record: str, lines: tuple[Line, ...]) -> None:
    for line in lines:
        _number(record, "lines.quantity", line.quantity)
        _number(record, "lines.price", line.price)


def _money(record: str, currency: str, amount: int) -> None:
    if currency not in DIGITS:
        raise RecordInvalid(record, "currency", f"{currency!r} is not a currency of ISO 4217")
    _number(record, "amount", amount)


def _number(record: str, field: str, number: int) -> None:
    if number < 0:
        raise RecordInvalid(record, field, f"{number} is below zero: give zero or more")
    if number > _MAX_NUMBER:
        raise RecordInvalid(record, field, "is above 2^127")


def _day(record: str, field: str, day: int) -> None:
    if not 0 <= day <= _MAX_DAY:
        raise RecordInvalid(record, field, f"{day} is not a day from 1970-01-01 to 9999-12-31")


def _text(record: str, field: str, text: str) -> None:
    if len(text) > _MAX_TEXT:
        raise RecordInvalid(record, field, f"has {len(text)} characters: at most {_MAX_TEXT}")
