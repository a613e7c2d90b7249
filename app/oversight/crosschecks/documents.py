"""What the cross-checks read in documents: numbers, days, lines, orders, and where goods lie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import msgspec

from app.domain.calendar import day_of
from app.domain.crosschecks.records import Line
from app.domain.money import DIGITS, AmountInvalid, CurrencyUnknown, minor_units
from app.gateway.gateway import Gateway
from app.goods.warehouse_receipts.documents import Statement
from app.oversight.crosschecks.repository import Rows
from app.trade.documents.views import Invoice, InvoiceLine

_MAX_NUMBER = 200
_MAX = 10**30
_THOUSAND = 1_000


class ReadInvoice(msgspec.Struct, frozen=True):
    """An invoice as its document says.

    Attributes:
        amount: the whole of it in minor units; None: it states none that can be read.
        orders: the orders that it names: the number, and the day of the order if it states one.
    """

    number: str
    day: int
    amount: int | None
    lines: tuple[Line, ...]
    orders: tuple[tuple[str, int | None], ...]


class Place(msgspec.Struct, frozen=True):
    """What a warehouse receipt says of its goods; None: nothing."""

    description: str | None
    marks: str | None
    place: str | None


def read_models(gateway: Gateway, rows: Rows) -> dict[str, ReadInvoice]:
    """The documents that were not read before, by id."""
    return {
        identifier: read_invoice(
            msgspec.json.decode(gateway.sealer.open(sealed, about=f"reading {identifier}"))
        )
        for identifier, sealed in rows.models.items()
    }


def read_invoice(invoice: Invoice) -> ReadInvoice:
    """What the checks compare of an invoice."""
    currency = invoice["currency"]
    try:
        amount: int | None = minor_units(invoice["payableAmount"], currency=currency)
    except (AmountInvalid, CurrencyUnknown):
        amount = None
    return ReadInvoice(
        number=invoice["number"][:_MAX_NUMBER],
        day=max(0, day_of(date.fromisoformat(invoice["issueDate"]))),
        amount=amount,
        lines=tuple(_line(line, DIGITS.get(currency, 0)) for line in invoice["lines"]),
        orders=tuple(
            (reference["number"], _maybe_day(reference.get("issueDate")))
            for reference in invoice["references"]
            if reference["kind"] == "order" and reference["number"]
        ),
    )


def _maybe_day(text: str | None) -> int | None:
    return None if text is None else max(0, day_of(date.fromisoformat(text)))


def read_places(gateway: Gateway, rows: Rows) -> dict[str, Place]:
    """What warehouse receipts say, by the root of their documents.

    Goods that lie together with like goods of others have no place of their own.
    """
    places = {}
    for root, (identifier, sealed) in rows.statements.items():
        plain = gateway.sealer.open(sealed, about=f"lot documents {identifier}")
        fields: Mapping[str, str] = msgspec.msgpack.decode(plain, type=Statement).fields
        together = fields.get("commingled") == "true"
        places[root] = Place(
            description=fields.get("goodsDescription"),
            marks=None if together else fields.get("marks"),
            place=None if together else fields.get("storagePlace"),
        )
    return places


def plain_goods(text: str) -> str:
    """Goods as they are compared: without case and double blanks."""
    return " ".join(text.casefold().split())[:_MAX_NUMBER]


def _line(line: InvoiceLine, digits: int) -> Line:
    """A line; quantity and price are 0 where the document gives none that can be compared."""
    return Line(
        goods=plain_goods(line["description"]),
        quantity=_whole(line.get("quantity"), _THOUSAND),
        price=_whole(line.get("price"), 10**digits),
    )


def _whole(text: str | None, factor: int) -> int:
    """Decimal text times a factor, half up; 0 for none, below zero, or beyond all measure."""
    if text is None:
        return 0
    try:
        value = Decimal(text)
    except InvalidOperation:
        return 0
    if not value.is_finite() or not 0 < value < _MAX:
        return 0
    return int((value * factor).to_integral_value(ROUND_HALF_UP))
