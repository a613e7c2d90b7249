"""One model for every format. Amounts are whole minor units of the document's currency."""

from __future__ import annotations

import datetime
from typing import Any, Literal

import msgspec

from app.core.money import decimal_text

Kind = Literal["invoice", "credit-note"]
Format = Literal["ubl", "cii", "factur-x", "json"]


class PartyName(msgspec.Struct, frozen=True):
    """A party as the document names it. `scheme` is LEI, USCC, an ISO 6523 code, or None."""

    name: str
    id: str | None = None
    scheme: str | None = None
    country: str | None = None


class Line(msgspec.Struct, frozen=True):
    """One line. Quantity and price are decimal text as written; the amount is net of tax."""

    number: str
    description: str
    quantity: str | None
    unit: str | None
    price: str | None
    amount: int


class Totals(msgspec.Struct, frozen=True):
    """The document's sums (EN 16931 BG-22)."""

    lines: int
    allowances: int
    charges: int
    tax_exclusive: int
    tax: int
    tax_inclusive: int
    prepaid: int
    rounding: int
    payable: int


class Document(msgspec.Struct, frozen=True):
    """An invoice or a credit note."""

    kind: Kind
    format: Format
    number: str
    issue_date: datetime.date
    due_date: datetime.date | None
    currency: str
    seller: PartyName
    buyer: PartyName
    lines: tuple[Line, ...]
    totals: Totals
    references: tuple[str, ...] = ()  # numbers of the invoices that it is about

    @property
    def payable(self) -> int:
        """What is to be paid (or credited), in minor units."""
        return self.totals.payable

    def text(self, amount: int) -> str:
        """An amount of this document as decimals."""
        return decimal_text(amount, currency=self.currency)


def view(document: Document) -> dict[str, Any]:
    """The document as JSON for people and programs."""
    text = document.text
    totals = msgspec.structs.asdict(document.totals)
    return {
        "kind": document.kind,
        "format": document.format,
        "number": document.number,
        "issueDate": document.issue_date.isoformat(),
        "dueDate": None if document.due_date is None else document.due_date.isoformat(),
        "currency": document.currency,
        "payableAmount": text(document.payable),
        "seller": _party(document.seller),
        "buyer": _party(document.buyer),
        "lines": [
            {
                "number": line.number,
                "description": line.description,
                "quantity": line.quantity,
                "unit": line.unit,
                "price": line.price,
                "amount": text(line.amount),
            }
            for line in document.lines
        ],
        "totals": {_camel(name): text(amount) for name, amount in totals.items()},
        "references": list(document.references),
    }


def fields(document: Document) -> dict[str, str]:
    """The document as single fields, each of which can be disclosed alone: path to text."""
    return flatten(view(document))


def flatten(seen: dict[str, Any]) -> dict[str, str]:
    """The fields of a document's view."""
    found: dict[str, str] = {}

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{path}.{name}" if path else name, inner)
        elif isinstance(value, list):
            for place, inner in enumerate(value):
                walk(f"{path}.{place}", inner)
        elif value is not None:
            found[path] = str(value)

    walk("", seen)
    return found


def _party(party: PartyName) -> dict[str, Any]:
    return {
        "name": party.name,
        "id": party.id,
        "scheme": party.scheme,
        "country": party.country,
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
