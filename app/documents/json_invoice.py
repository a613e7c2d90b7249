"""Our JSON: the shape in which `cession invoice` prints what it read."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from app.documents import values
from app.documents.errors import DocumentInvalid, DocumentTooLarge, DocumentUnreadable
from app.documents.model import Document, Kind, Line, Totals

DEEPEST = 32


class _Party(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    id: str | None = None
    scheme: str | None = None
    country: str | None = None


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    description: str
    amount: str
    number: str | None = None
    quantity: str | None = None
    unit: str | None = None
    price: str | None = None


class _Totals(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    lines: str | None = None
    allowances: str | None = None
    charges: str | None = None
    tax_exclusive: str | None = None
    tax: str | None = None
    tax_inclusive: str | None = None
    prepaid: str | None = None
    rounding: str | None = None
    payable: str | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    kind: Kind
    number: str
    issue_date: str
    currency: str
    payable_amount: str
    seller: _Party
    buyer: _Party
    lines: list[_Line]
    due_date: str | None = None
    totals: _Totals = msgspec.field(default_factory=_Totals)
    references: list[str] = []
    format: str | None = None


def read_json(data: bytes) -> Document:
    """The document in JSON text. Amounts are decimal strings; a key stands once.

    Raises:
        DocumentUnreadable, DocumentInvalid, DocumentTooLarge.
    """
    try:
        plain = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise DocumentUnreadable(f"no JSON: {error}") from error
    _measure(plain, 0)
    try:
        given = msgspec.convert(plain, _Document)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `$")
        field = path.rstrip("`").lstrip(".").replace("[...]", "") or None
        raise DocumentInvalid(detail, field=field) from error
    if len(given.lines) > values.MOST_LINES:
        raise DocumentTooLarge(f"more than {values.MOST_LINES} lines")
    currency = values.currency(given.currency)
    lines = tuple(_line(line, place, currency) for place, line in enumerate(given.lines))
    due = given.due_date
    return Document(
        kind=given.kind,
        format="json",
        number=values.required(given.number, field="number"),
        issue_date=values.date(given.issue_date, field="issueDate"),
        due_date=None if due is None else values.date(due, field="dueDate"),
        currency=currency,
        seller=_party(given.seller, "seller"),
        buyer=_party(given.buyer, "buyer"),
        lines=lines,
        totals=_totals(given, lines, currency),
        references=tuple(
            values.required(reference, field="references") for reference in given.references
        ),
    )


class _Twice(ValueError):
    """A key stands twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"the key {twice!r} stands twice")
    return found


def _measure(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise DocumentTooLarge(f"nested deeper than {DEEPEST}")
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for one in inner:
            _measure(one, depth + 1)


def _party(given: _Party, field: str) -> Any:
    return values.party(
        name=given.name, ids=[(given.id, given.scheme)], country=given.country, field=field
    )


def _line(given: _Line, place: int, currency: str) -> Line:
    field = f"lines.{place}"
    return Line(
        number=given.number or str(place + 1),
        description=values.required(given.description, field=f"{field}.description"),
        quantity=values.decimal(given.quantity, field=f"{field}.quantity"),
        unit=given.unit,
        price=values.decimal(given.price, field=f"{field}.price"),
        amount=values.amount(given.amount, field=f"{field}.amount", currency=currency),
    )


def _totals(given: _Document, lines: tuple[Line, ...], currency: str) -> Totals:
    """Totals as given; what is left out follows from the rest."""

    def total(text: str | None, field: str, default: int) -> int:
        return values.amount(text, field=f"totals.{field}", currency=currency, default=default)

    stated = given.totals
    line_sum = total(stated.lines, "lines", sum(line.amount for line in lines))
    allowances = total(stated.allowances, "allowances", 0)
    charges = total(stated.charges, "charges", 0)
    exclusive = total(stated.tax_exclusive, "taxExclusive", line_sum - allowances + charges)
    tax = total(stated.tax, "tax", 0)
    payable = values.amount(given.payable_amount, field="payableAmount", currency=currency)
    if total(stated.payable, "payable", payable) != payable:
        raise DocumentInvalid(
            f"totals.payable is {stated.payable}, payableAmount {given.payable_amount}",
            field="payableAmount",
        )
    return Totals(
        lines=line_sum,
        allowances=allowances,
        charges=charges,
        tax_exclusive=exclusive,
        tax=tax,
        tax_inclusive=total(stated.tax_inclusive, "taxInclusive", exclusive + tax),
        prepaid=total(stated.prepaid, "prepaid", 0),
        rounding=total(stated.rounding, "rounding", 0),
        payable=payable,
    )
