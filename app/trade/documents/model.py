"""The model of a document in every format, and its JSON.

Amounts are whole minor units of the document's currency; quantities, prices and rates are exact
decimals; dates are calendar days as in the document. `json_invoice` reads what `view` writes.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast

import msgspec

from app.domain.money import DIGITS, decimal_text
from app.trade.documents.assignment import assignment_in
from app.trade.documents.views import (
    Invoice,
    InvoiceAdjustment,
    InvoiceInstalment,
    InvoiceLine,
    InvoiceNote,
    InvoiceParty,
    InvoiceReference,
    InvoiceTax,
    InvoiceTotals,
)

View = TypeVar("View", bound=Mapping[str, Any])

Kind = Literal["invoice", "credit-note"]
Format = Literal["ubl", "cii", "factur-x", "fapiao", "json"]
INVOICE: Kind = "invoice"
CREDIT_NOTE: Kind = "credit-note"


class Identifier(msgspec.Struct, frozen=True):
    """An identifier of a party.

    Attributes:
        scheme: `LEI`, `USCC`, `REGISTRATION` (legal, no scheme given), `VAT`, an ISO 6523 code such
            as `0088`, or `PRIVATE` (given by one party to the other).
    """

    value: str
    scheme: str


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party as the document names it; its identifiers come best first."""

    name: str
    identifiers: tuple[Identifier, ...] = ()
    trading_name: str | None = None
    country: str | None = None

    @property
    def identifier(self) -> Identifier | None:
        """The best one.

        LEI, USCC, legal registration, VAT, another tax, then addresses and private identifiers.
        """
        return self.identifiers[0] if self.identifiers else None

    @property
    def id(self) -> str | None:
        """The best identifier's value."""
        return self.identifiers[0].value if self.identifiers else None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line; `amount` is net of tax and includes the line's own allowances and charges.

    Attributes:
        exact: the exact amount in minor units, if it is finer than one; the same in other classes.
    """

    number: str
    description: str
    amount: int
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    tax_category: str | None = None
    tax_rate: Decimal | None = None
    exact: Decimal | None = None


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """An allowance (`charge` False) or charge on the whole document, without tax."""

    charge: bool
    amount: int
    reason: str | None = None
    tax_category: str | None = None
    tax_rate: Decimal | None = None
    exact: Decimal | None = None


class Tax(msgspec.Struct, frozen=True, kw_only=True):
    """The tax of one category and rate."""

    taxable: int
    amount: int
    category: str | None = None
    rate: Decimal | None = None
    exact: Decimal | None = None
    taxable_exact: Decimal | None = None


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The document's own sums (EN 16931, BG-22); None for a sum that it does not give.

    Attributes:
        third_party: payments collected for others with the invoice (XRechnung extension,
            BT-DEX-002); they are payable too.
    """

    lines: int | None = None
    allowances: int | None = None
    charges: int | None = None
    tax_exclusive: int | None = None
    tax: int | None = None
    tax_inclusive: int | None = None
    prepaid: int | None = None
    rounding: int | None = None
    third_party: int | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """Another document: `invoice` (the credited or corrected one), `order` or another kind."""

    kind: str
    number: str
    issue_date: datetime.date | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note on the whole document (EN 16931, BG-1); `subject` is a code of UNTDID 4451."""

    text: str
    subject: str | None = None


class Instalment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the payable amount with its own due day."""

    amount: int
    due_date: datetime.date


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note.

    Attributes:
        profile: the specification that it states to follow.
        type_code: UNTDID 1001, such as 380.
        code: of a Chinese invoice that has one; its `number` begins with it.
        negated: the document is an invoice with a negative amount; it is read as a credit note,
            with the signs of its sums turned.
        due_date: None if the document gives none, or is due in instalments.
        payable_amount: what is owed or credited, in minor units.
        instalments: parts that are due on different days; they add up to `payable_amount`.
        payee: the party to pay, if the document names one.
    """

    format: Format
    kind: Kind
    number: str
    issue_date: datetime.date
    currency: str
    payable_amount: int
    seller: Party
    buyer: Party
    due_date: datetime.date | None = None
    type_code: str | None = None
    profile: str | None = None
    payee: Party | None = None
    lines: tuple[Line, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    taxes: tuple[Tax, ...] = ()
    totals: Totals = Totals()
    references: tuple[Reference, ...] = ()
    payment_terms: str | None = None
    instalments: tuple[Instalment, ...] = ()
    notes: tuple[Note, ...] = ()
    negated: bool = False
    code: str | None = None


def view(document: Document) -> Invoice:
    """The document in our own JSON; amounts as decimal text."""
    currency = document.currency
    body: Invoice = {
        "kind": document.kind,
        "format": document.format,
        "number": document.number,
        "issueDate": document.issue_date.isoformat(),
        "dueDate": _day(document.due_date),
        "currency": currency,
        "payableAmount": decimal_text(document.payable_amount, currency=currency),
        "seller": _party(document.seller),
        "buyer": _party(document.buyer),
        "lines": [_line(line, currency) for line in document.lines],
        "adjustments": [_adjustment(item, currency) for item in document.adjustments],
        "taxes": [_tax(tax, currency) for tax in document.taxes],
        "totals": _totals(document.totals, currency),
        "references": [_reference(reference) for reference in document.references],
    }
    if document.payee is not None:
        body["payee"] = _party(document.payee)
    if document.type_code is not None:
        body["typeCode"] = document.type_code
    if document.code is not None:
        body["code"] = document.code
    if document.profile is not None:
        body["profile"] = document.profile
    if document.payment_terms is not None:
        body["paymentTerms"] = document.payment_terms
    if document.negated:
        body["negated"] = True
    if document.instalments:
        body["instalments"] = [_instalment(item, currency) for item in document.instalments]
    if document.notes:
        body["notes"] = [_note(note) for note in document.notes]
    assignment = assignment_in(body)
    if assignment is not None:
        body["assignment"] = assignment
    return body


def fields(document: Document) -> dict[str, str]:
    """The document as fields, path to text; each field can be disclosed alone."""
    return flatten(view(document))


def flatten(document_view: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a document's view by their paths: `seller.name`, `lines.0.amount`."""
    text_by_path: dict[str, str] = {}
    pending: list[tuple[str, Any]] = [("", document_view)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{path}.{key}" if path else key, member) for key, member in value.items()]
        elif isinstance(value, list):
            pending += [(f"{path}.{index}", member) for index, member in enumerate(value)]
        elif value is not None:
            text_by_path[path] = str(value).lower() if isinstance(value, bool) else str(value)
    return dict(sorted(text_by_path.items()))


def _without_none(full: View) -> View:
    """A view without the keys whose value is None; only keys that may be missing hold None."""
    return cast(View, {name: value for name, value in full.items() if value is not None})


def _amount(amount: int, exact: Decimal | None, currency: str) -> str:
    if exact is not None:
        return f"{exact.scaleb(-DIGITS[currency]):f}"
    return decimal_text(amount, currency=currency)


def _sum(amount: int | None, currency: str) -> str | None:
    return None if amount is None else decimal_text(amount, currency=currency)


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _day(value: datetime.date | None) -> str | None:
    return None if value is None else value.isoformat()


def _party(party: Party) -> InvoiceParty:
    best = party.identifier
    full: InvoiceParty = {
        "name": party.name,
        "id": None if best is None else best.value,
        "scheme": None if best is None else best.scheme,
    }
    if party.trading_name is not None:
        full["tradingName"] = party.trading_name
    if party.country is not None:
        full["country"] = party.country
    if party.identifiers[1:]:
        full["otherIds"] = [
            {"id": identifier.value, "scheme": identifier.scheme}
            for identifier in party.identifiers[1:]
        ]
    return full


def _line(line: Line, currency: str) -> InvoiceLine:
    full: InvoiceLine = {
        "number": line.number,
        "description": line.description,
        "quantity": _decimal(line.quantity),
        "unit": line.unit,
        "price": _decimal(line.price),
        "amount": _amount(line.amount, line.exact, currency),
        "taxCategory": line.tax_category,
        "taxRate": _decimal(line.tax_rate),
    }
    return _without_none(full)


def _adjustment(adjustment: Adjustment, currency: str) -> InvoiceAdjustment:
    full: InvoiceAdjustment = {
        "charge": adjustment.charge,
        "amount": _amount(adjustment.amount, adjustment.exact, currency),
        "reason": adjustment.reason,
        "taxCategory": adjustment.tax_category,
        "taxRate": _decimal(adjustment.tax_rate),
    }
    return _without_none(full)


def _tax(tax: Tax, currency: str) -> InvoiceTax:
    full: InvoiceTax = {
        "taxable": _amount(tax.taxable, tax.taxable_exact, currency),
        "amount": _amount(tax.amount, tax.exact, currency),
        "category": tax.category,
        "rate": _decimal(tax.rate),
    }
    return _without_none(full)


def _totals(totals: Totals, currency: str) -> InvoiceTotals:
    full: InvoiceTotals = {
        "lines": _sum(totals.lines, currency),
        "allowances": _sum(totals.allowances, currency),
        "charges": _sum(totals.charges, currency),
        "taxExclusive": _sum(totals.tax_exclusive, currency),
        "tax": _sum(totals.tax, currency),
        "taxInclusive": _sum(totals.tax_inclusive, currency),
        "prepaid": _sum(totals.prepaid, currency),
        "rounding": _sum(totals.rounding, currency),
        "thirdParty": _sum(totals.third_party, currency),
    }
    return _without_none(full)


def _reference(reference: Reference) -> InvoiceReference:
    full: InvoiceReference = {
        "kind": reference.kind,
        "number": reference.number,
        "issueDate": _day(reference.issue_date),
    }
    return _without_none(full)


def _instalment(instalment: Instalment, currency: str) -> InvoiceInstalment:
    return {
        "amount": decimal_text(instalment.amount, currency=currency),
        "dueDate": instalment.due_date.isoformat(),
    }


def _note(note: Note) -> InvoiceNote:
    full: InvoiceNote = {"subject": note.subject, "text": note.text}
    return _without_none(full)
