"""Invoices in our own JSON: what `Document.view` writes, `read_json` reads.

Numbers are text (`"1250.00"`), so that no program on the way can round them. The reader refuses a
repeated key, an unknown key or a value of another type, and names it.
"""

from __future__ import annotations

from app.domain.money import CurrencyUnknown, digits_of
from app.domain.texts import say, text_of
from app.trade.documents.errors import FieldInvalid, FieldMissing
from app.trade.documents.json_members import Members, parse
from app.trade.documents.kinds import kind_of
from app.trade.documents.model import (
    CREDIT_NOTE,
    INVOICE,
    Adjustment,
    Document,
    Identifier,
    Instalment,
    Kind,
    Line,
    Note,
    Party,
    Reference,
    Tax,
    Totals,
)
from app.trade.documents.parties import PRIVATE, identifier
from app.trade.documents.values import day


def read_json(data: bytes) -> Document:
    """The document of our own JSON.

    Raises:
        DocumentError.
    """
    invoice = Members(parse(data), path="")
    currency = invoice.text("currency")
    try:
        digits_of(currency)
    except CurrencyUnknown as error:
        raise FieldInvalid(
            text_of(error), name="currency-unknown", field="currency", fix="such as CNY or EUR"
        ) from error
    code = invoice.maybe_text("typeCode")
    payee = invoice.maybe_object("payee")
    negated = invoice.maybe("negated", bool) or False
    # `view` adds these. They say where the document came from, and are no part of its content.
    invoice.maybe_text("format")
    invoice.maybe("assignment", dict)
    document = Document(
        format="json",
        kind=_kind(invoice.text("kind"), code, negated=negated),
        type_code=code,
        profile=invoice.maybe_text("profile"),
        code=invoice.maybe_text("code"),
        number=invoice.text("number"),
        issue_date=day(invoice.text("issueDate"), field="issueDate"),
        due_date=None
        if (due := invoice.maybe_text("dueDate")) is None
        else day(due, field="dueDate"),
        currency=currency,
        payable_amount=invoice.amount("payableAmount", currency),
        seller=_party(invoice.object("seller")),
        buyer=_party(invoice.object("buyer")),
        payee=None if payee is None else _party(payee),
        lines=tuple(
            _line(member, currency, place=place)
            for place, member in enumerate(invoice.objects("lines"), start=1)
        ),
        adjustments=tuple(
            _adjustment(member, currency) for member in invoice.objects("adjustments")
        ),
        taxes=tuple(_tax(member, currency) for member in invoice.objects("taxes")),
        totals=_totals(invoice.maybe_object("totals"), currency),
        references=tuple(_reference(member) for member in invoice.objects("references")),
        payment_terms=invoice.maybe_text("paymentTerms"),
        instalments=tuple(
            _instalment(member, currency) for member in invoice.objects("instalments")
        ),
        notes=tuple(_note(member) for member in invoice.objects("notes")),
        negated=negated,
    )
    invoice.end()
    return document


def _kind(text: str, code: str | None, *, negated: bool) -> Kind:
    if text not in (INVOICE, CREDIT_NOTE):
        raise FieldInvalid(
            say("kind is {text}", text=repr(text[:40])),
            name="kind-invalid",
            field="kind",
            fix="give invoice or credit-note",
        )
    kind = INVOICE if text == INVOICE else CREDIT_NOTE
    if negated and kind != CREDIT_NOTE:
        raise FieldInvalid(
            "negated is true, but kind is not credit-note",
            name="kind-contradictory",
            field="negated",
            fix="leave negated out, or give kind credit-note",
        )
    if code is not None and kind_of(code) != (INVOICE if negated else kind):
        raise FieldInvalid(
            say("kind is {kind}, but type code {code} is of the other kind", kind=kind, code=code),
            name="kind-contradictory",
            field="typeCode",
            fix="leave typeCode out or give the right one",
        )
    return kind


def _party(members: Members) -> Party:
    country = members.maybe_text("country")
    name, trading_name = members.text("name"), members.maybe_text("tradingName")
    identifiers = []
    value, scheme = members.maybe_text("id"), members.maybe_text("scheme")
    if value is not None:
        identifiers.append(identifier(value, scheme=scheme, otherwise=PRIVATE, country=country))
    for other_id in members.objects("otherIds"):
        identifiers.append(Identifier(other_id.text("id"), other_id.text("scheme")))
        other_id.end()
    members.end()
    return Party(
        name=name, trading_name=trading_name, country=country, identifiers=tuple(identifiers)
    )


def _line(members: Members, currency: str, *, place: int) -> Line:
    amount, exact = members.fine_amount("amount", currency)
    line = Line(
        number=members.maybe_text("number") or str(place),
        description=members.text("description"),
        amount=amount,
        exact=exact,
        quantity=members.maybe_decimal("quantity"),
        unit=members.maybe_text("unit"),
        price=members.maybe_decimal("price"),
        tax_category=members.maybe_text("taxCategory"),
        tax_rate=members.maybe_decimal("taxRate"),
    )
    members.end()
    return line


def _adjustment(members: Members, currency: str) -> Adjustment:
    charge = members.maybe("charge", bool)
    if charge is None:
        field = members.at("charge")
        raise FieldMissing(
            say("{field} is missing", field=field),
            field=field,
            fix="give true for a charge, false for an allowance",
        )
    amount, exact = members.fine_amount("amount", currency)
    adjustment = Adjustment(
        charge=charge,
        amount=amount,
        exact=exact,
        reason=members.maybe_text("reason"),
        tax_category=members.maybe_text("taxCategory"),
        tax_rate=members.maybe_decimal("taxRate"),
    )
    members.end()
    return adjustment


def _tax(members: Members, currency: str) -> Tax:
    taxable, taxable_exact = members.fine_amount("taxable", currency)
    amount, exact = members.fine_amount("amount", currency)
    tax = Tax(
        taxable=taxable,
        taxable_exact=taxable_exact,
        amount=amount,
        exact=exact,
        category=members.maybe_text("category"),
        rate=members.maybe_decimal("rate"),
    )
    members.end()
    return tax


def _totals(members: Members | None, currency: str) -> Totals:
    if members is None:
        return Totals()
    totals = Totals(
        lines=members.maybe_amount("lines", currency),
        allowances=members.maybe_amount("allowances", currency),
        charges=members.maybe_amount("charges", currency),
        tax_exclusive=members.maybe_amount("taxExclusive", currency),
        tax=members.maybe_amount("tax", currency),
        tax_inclusive=members.maybe_amount("taxInclusive", currency),
        prepaid=members.maybe_amount("prepaid", currency),
        rounding=members.maybe_amount("rounding", currency),
        third_party=members.maybe_amount("thirdParty", currency),
    )
    members.end()
    return totals


def _instalment(members: Members, currency: str) -> Instalment:
    instalment = Instalment(
        amount=members.amount("amount", currency),
        due_date=day(members.text("dueDate"), field=members.at("dueDate")),
    )
    members.end()
    return instalment


def _note(members: Members) -> Note:
    note = Note(text=members.text("text"), subject=members.maybe_text("subject"))
    members.end()
    return note


def _reference(members: Members) -> Reference:
    issued = members.maybe_text("issueDate")
    reference = Reference(
        kind=members.text("kind"),
        number=members.text("number"),
        issue_date=None if issued is None else day(issued, field=members.at("issueDate")),
    )
    members.end()
    return reference
