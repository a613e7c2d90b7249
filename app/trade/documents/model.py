"""The one model into which every format is read, and its JSON.

Amounts are whole minor units of the document's currency; quantities, prices and rates are exact
decimals; dates are calendar days as the paper says them. What `view` writes, `json_invoice` reads.
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
            as `0088`, or `PRIVATE` (what one party calls the other).
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
        """The best one: LEI, USCC, legal registration, VAT, another tax, then addresses and private
        names."""
        return self.identifiers[0] if self.identifiers else None

    @property
    def id(self) -> str | None:
        """The best identifier's value."""
        return self.identifiers[0].value if self.identifiers else None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line; `amount` is net of tax, with the line's own allowances and charges in it.

    Attributes:
        exact: the amount as it stands, in minor units, where it is finer than one; also below.
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
    """The document's own sums (EN 16931, BG-22); None where it does not give one.

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
    """Another paper: `invoice` (the one that is credited or corrected), `order`, `contract`, …"""

    kind: str
    number: str
    issue_date: datetime.date | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note on the whole document (EN 16931, BG-1); `subject` is a code of UNTDID 4451."""

    text: str
    subject: str | None = None


class Instalment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the payable amount with a due day of its own."""

    amount: int
    due_date: datetime.date


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note.

    Attributes:
        profile: the specification that it says it follows.
        type_code: UNTDID 1001, such as 380.
        code: of a Chinese invoice that has one; its `number` begins with it.
        negated: the paper is an invoice over less than nothing; it is read as the credit note that
            it is, its sums without their minus signs.
        due_date: None where the paper gives none, or where it is due in instalments.
        payable_amount: what is owed, or credited; in minor units.
        instalments: where parts are due on different days; they add up to `payable_amount`.
        payee: who is to be paid, where the paper names somebody.
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

    found: dict[str, Any] = {
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
            _given(
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
            _given(
                charge=one.charge,
                amount=money(one.amount, one.exact),
                reason=one.reason,
                taxCategory=one.tax_category,
                taxRate=_decimal(one.tax_rate),
            )
            for one in document.adjustments
        ],
        "taxes": [
            _given(
                taxable=money(tax.taxable, tax.taxable_exact),
                amount=money(tax.amount, tax.exact),
                category=tax.category,
                rate=_decimal(tax.rate),
            )
            for tax in document.taxes
        ],
        "totals": _given(
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
            _given(kind=one.kind, number=one.number, issueDate=_day(one.issue_date))
            for one in document.references
        ],
    }
    found |= _given(
        payee=None if document.payee is None else _party(document.payee),
        typeCode=document.type_code,
        code=document.code,
        profile=document.profile,
        paymentTerms=document.payment_terms,
        negated=document.negated or None,
        instalments=[
            {"amount": money(one.amount), "dueDate": one.due_date.isoformat()}
            for one in document.instalments
        ]
        or None,
        notes=[_given(subject=note.subject, text=note.text) for note in document.notes] or None,
    )
    return found | _given(assignment=assignment_in(found))


def fields(document: Document) -> dict[str, str]:
    """The document as single fields, each of which can be disclosed alone: path to text."""
    return flatten(view(document))


def flatten(seen: dict[str, Any]) -> dict[str, str]:
    """The fields of a document's view by their paths: `seller.name`, `lines.0.amount`."""
    found: dict[str, str] = {}
    pending: list[tuple[str, Any]] = [("", seen)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{path}.{key}" if path else key, one) for key, one in value.items()]
        elif isinstance(value, list):
            pending += [(f"{path}.{index}", one) for index, one in enumerate(value)]
        elif value is not None:
            found[path] = str(value).lower() if isinstance(value, bool) else str(value)
    return dict(sorted(found.items()))


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _day(value: datetime.date | None) -> str | None:
    return None if value is None else value.isoformat()


def _party(party: Party) -> dict[str, Any]:
    best = party.identifier
    others = [{"id": one.value, "scheme": one.scheme} for one in party.identifiers[1:]]
    return {
        "name": party.name,
        "id": None if best is None else best.value,
        "scheme": None if best is None else best.scheme,
    } | _given(tradingName=party.trading_name, country=party.country, otherIds=others or None)
