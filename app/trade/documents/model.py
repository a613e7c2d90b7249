"""The model of a document in every format, and its JSON.

Amounts are whole minor units of the document's currency; quantities, prices and rates are exact
decimals; dates are calendar days as in the document. `json_invoice` reads what `view` writes.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from app.domain.money import DIGITS, decimal_text
from app.trade.documents.assignment import assignment_in

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


def view(document: Document) -> dict[str, Any]:
    """The document in our own JSON; amounts as decimal text."""

    def money(amount: int | None, exact: Decimal | None = None) -> str | None:
        if exact is not None:
            return f"{exact.scaleb(-DIGITS[document.currency]):f}"
        return None if amount is None else decimal_text(amount, currency=document.currency)

    body: dict[str, Any] = {
        "kind": document.kind,
        "format": document.format,
        "number": document.number,
        "issueDate": document.issue_date.isoformat(),
        "dueDate": _day(document.due_date),
        "currency": document.currency,
        "payableAmount": money(document.payable_amount),
        "seller": _party(document.seller),
        "buyer": _party(document.buyer),
        "lines": [
            _without_none(
                number=line.number,
                description=line.description,
                quantity=_decimal(line.quantity),
                unit=line.unit,
                price=_decimal(line.price),
                amount=money(line.amount, line.exact),
                taxCategory=line.tax_category,
                taxRate=_decimal(line.tax_rate),
            )
            for line in document.lines
        ],
        "adjustments": [
            _without_none(
                charge=adjustment.charge,
                amount=money(adjustment.amount, adjustment.exact),
                reason=adjustment.reason,
                taxCategory=adjustment.tax_category,
                taxRate=_decimal(adjustment.tax_rate),
            )
            for adjustment in document.adjustments
        ],
        "taxes": [
            _without_none(
                taxable=money(tax.taxable, tax.taxable_exact),
                amount=money(tax.amount, tax.exact),
                category=tax.category,
                rate=_decimal(tax.rate),
            )
            for tax in document.taxes
        ],
        "totals": _without_none(
            lines=money(document.totals.lines),
            allowances=money(document.totals.allowances),
            charges=money(document.totals.charges),
            taxExclusive=money(document.totals.tax_exclusive),
            tax=money(document.totals.tax),
            taxInclusive=money(document.totals.tax_inclusive),
            prepaid=money(document.totals.prepaid),
            rounding=money(document.totals.rounding),
            thirdParty=money(document.totals.third_party),
        ),
        "references": [
            _without_none(
                kind=reference.kind,
                number=reference.number,
                issueDate=_day(reference.issue_date),
            )
            for reference in document.references
        ],
    }
    body |= _without_none(
        payee=None if document.payee is None else _party(document.payee),
        typeCode=document.type_code,
        code=document.code,
        profile=document.profile,
        paymentTerms=document.payment_terms,
        negated=document.negated or None,
        instalments=[
            {"amount": money(instalment.amount), "dueDate": instalment.due_date.isoformat()}
            for instalment in document.instalments
        ]
        or None,
        notes=[_without_none(subject=note.subject, text=note.text) for note in document.notes]
        or None,
    )
    return body | _without_none(assignment=assignment_in(body))


def fields(document: Document) -> dict[str, str]:
    """The document as fields, path to text; each field can be disclosed alone."""
    return flatten(view(document))


def flatten(document_view: dict[str, Any]) -> dict[str, str]:
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


def _without_none(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _day(value: datetime.date | None) -> str | None:
    return None if value is None else value.isoformat()


def _party(party: Party) -> dict[str, Any]:
    best = party.identifier
    others = [
        {"id": identifier.value, "scheme": identifier.scheme}
        for identifier in party.identifiers[1:]
    ]
    return {
        "name": party.name,
        "id": None if best is None else best.value,
        "scheme": None if best is None else best.scheme,
    } | _without_none(
        tradingName=party.trading_name, country=party.country, otherIds=others or None
    )
