"""UBL 2.1 invoices and credit notes, as EN 16931 and Peppol BIS Billing 3 use them."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from app.domain.texts import say
from app.trade.documents.due import Due, Term, due
from app.trade.documents.errors import FieldInvalid
from app.trade.documents.kinds import has_third_parties, kind_of, refuse_copy
from app.trade.documents.model import (
    CREDIT_NOTE,
    INVOICE,
    Adjustment,
    Document,
    Identifier,
    Kind,
    Line,
    Note,
    Party,
    Reference,
    Tax,
    Totals,
)
from app.trade.documents.parties import (
    PRIVATE,
    REGISTRATION,
    best_first,
    identifier,
    tax_registration,
    taxes_in_order,
)
from app.trade.documents.values import day
from app.trade.documents.xml import Element, Reader

_NAME = "urn:oasis:names:specification:ubl:schema:xsd:"
_NAMESPACES = {
    "cac": f"{_NAME}CommonAggregateComponents-2",
    "cbc": f"{_NAME}CommonBasicComponents-2",
}
INVOICE_ROOT = f"{{{_NAME}Invoice-2}}Invoice"
CREDIT_NOTE_ROOT = f"{{{_NAME}CreditNote-2}}CreditNote"
_REFERENCES = (
    ("invoice", "cac:BillingReference/cac:InvoiceDocumentReference"),
    ("credit-note", "cac:BillingReference/cac:CreditNoteDocumentReference"),
    ("order", "cac:OrderReference"),
    ("contract", "cac:ContractDocumentReference"),
    ("delivery", "cac:DespatchDocumentReference"),
    ("receipt", "cac:ReceiptDocumentReference"),
    ("tender", "cac:OriginatorDocumentReference"),
)


_SUBJECT = re.compile(r"#([A-Z]{3})#\s*")


def read_ubl(root: Element) -> Document:
    """The document of a UBL `Invoice` or `CreditNote`.

    Raises:
        DocumentError.
    """
    reader = Reader(_NAMESPACES)
    kind = CREDIT_NOTE if root.tag == CREDIT_NOTE_ROOT else INVOICE
    reader.currency = reader.needed_text(root, "cbc:DocumentCurrencyCode", field="currency")
    if reader.maybe_flag(root, "cbc:CopyIndicator", field="copy"):
        refuse_copy()
    totals = reader.needed(root, "cac:LegalMonetaryTotal", field="totals")
    payable = reader.needed_amount(totals, "cbc:PayableAmount", field="payableAmount")
    due_dates = _due(reader, root, payable)
    profile = reader.text(root, "cbc:CustomizationID", field="profile")
    payee = reader.element(root, "cac:PayeeParty", field="payee")
    return Document(
        format="ubl",
        kind=kind,
        type_code=_type_code(reader, root, kind),
        profile=profile,
        number=reader.needed_text(root, "cbc:ID", field="number"),
        issue_date=day(
            reader.needed_text(root, "cbc:IssueDate", field="issueDate"), field="issueDate"
        ),
        due_date=due_dates.date,
        instalments=due_dates.instalments,
        currency=reader.currency,
        payable_amount=payable,
        seller=_trading_party(reader, root, "cac:AccountingSupplierParty", field="seller"),
        buyer=_trading_party(reader, root, "cac:AccountingCustomerParty", field="buyer"),
        payee=None if payee is None else _party(reader, payee, field="payee"),
        lines=_lines(reader, root, kind),
        adjustments=_adjustments(reader, root),
        taxes=_taxes(reader, root),
        totals=_totals(reader, root, totals, profile=profile),
        references=_references(reader, root),
        payment_terms=_payment_terms(reader, root),
        notes=_notes(reader, root),
    )


def _type_code(reader: Reader, root: Element, kind: Kind) -> str | None:
    path = "cbc:CreditNoteTypeCode" if kind == CREDIT_NOTE else "cbc:InvoiceTypeCode"
    code = reader.text(root, path, field="typeCode")
    if code is not None and kind_of(code) != kind:
        raise FieldInvalid(
            say(
                "the document is {kind}, its type code {code} is that of {code_2}",
                kind=_with_article(kind),
                code=code,
                code_2=_with_article(kind_of(code)),
            ),
            name="kind-contradictory",
            field="typeCode",
            fix="send a credit note as CreditNote and an invoice as Invoice",
        )
    return code


def _with_article(kind: Kind) -> str:
    return "a credit note" if kind == CREDIT_NOTE else "an invoice"


def _due(reader: Reader, root: Element, payable: int) -> Due:
    """BT-9: the document's own due date, or that of its means of payment (in credit notes)."""
    stated = set()
    for path in ("cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate"):
        for element in reader.elements(root, path):
            text = reader.text_of(element, field="dueDate")
            if text is not None:
                stated.add(day(text, field="dueDate"))
    terms = [
        term
        for terms in reader.elements(root, "cac:PaymentTerms")
        if (term := _term(reader, terms)) is not None
    ]
    return due(payable, stated=stated, terms=terms, terms_state=False)


def _term(reader: Reader, terms: Element) -> Term | None:
    """One of the payment terms; None if it only dates a discount."""
    instalment = _day(reader, terms, "cbc:InstallmentDueDate")
    payment_due = _day(reader, terms, "cbc:PaymentDueDate")
    percent = reader.decimal(terms, "cbc:SettlementDiscountPercent", field="paymentTerms")
    discount = percent or any(
        reader.elements(terms, f"{path}")
        for path in ("cbc:SettlementDiscountAmount", "cac:SettlementPeriod")
    )
    if discount and instalment is None:
        return None
    return Term(
        due_date=instalment or payment_due,
        # Exporters write a part of zero where they mean the whole.
        amount=reader.amount(terms, "cbc:Amount", field="instalments") or None,
        percent=reader.decimal(terms, "cbc:PaymentPercent", field="instalments"),
    )


def _day(reader: Reader, parent: Element, path: str) -> datetime.date | None:
    text = reader.text(parent, path, field="dueDate")
    return None if text is None else day(text, field="dueDate")


def _notes(reader: Reader, root: Element) -> tuple[Note, ...]:
    """The notes of the document, and those notes of lines that are an assignment clause.

    EN 16931 puts a note's subject (BT-21) before its text, between two #.
    """
    notes = []
    for element in root.iter(f"{{{_NAMESPACES['cbc']}}}Note"):
        text = reader.long_text_of(element, field="notes")
        subject = _SUBJECT.match(text)
        if text and (element.getparent() is root or "#ACC#" in text):
            notes.append(
                Note(text=text)
                if subject is None
                else Note(text=text[subject.end() :] or text, subject=subject.group(1))
            )
    return tuple(notes)


def _payment_terms(reader: Reader, root: Element) -> str | None:
    notes = reader.elements(root, "cac:PaymentTerms/cbc:Note")
    texts = [reader.text_of(note, field="paymentTerms") for note in notes]
    return "; ".join(text for text in texts if text) or None


def _trading_party(reader: Reader, root: Element, path: str, *, field: str) -> Party:
    outer = reader.needed(root, path, field=field)
    return _party(reader, reader.needed(outer, "cac:Party", field=field), field=field)


def _party(reader: Reader, party: Element, *, field: str) -> Party:
    """A party; its legal name goes before its trading name (BT-27 before BT-28)."""
    legal = "cac:PartyLegalEntity"
    country = reader.text(
        party, "cac:PostalAddress/cac:Country/cbc:IdentificationCode", field=f"{field}.country"
    )
    name = reader.text(party, f"{legal}/cbc:RegistrationName", field=f"{field}.name")
    trading_name = reader.text(party, "cac:PartyName/cbc:Name", field=f"{field}.name")
    known_name = name or reader.needed_text(party, "cac:PartyName/cbc:Name", field=f"{field}.name")
    return Party(
        name=known_name,
        trading_name=None if trading_name == known_name else trading_name,
        country=country,
        identifiers=best_first(_identifiers(reader, party, country=country, field=f"{field}.id")),
    )


def _identifiers(
    reader: Reader, party: Element, *, country: str | None, field: str
) -> list[Identifier]:
    taxes = []
    for tax_scheme in reader.elements(party, "cac:PartyTaxScheme"):
        value = reader.text(tax_scheme, "cbc:CompanyID", field=field)
        # BT-31 if the scheme is VAT; any other scheme is BT-32, the local tax number.
        tax = reader.text(tax_scheme, "cac:TaxScheme/cbc:ID", field=field)
        if value is not None:
            taxes.append(tax_registration(value, tax=tax, country=country))

    def at(path: str, otherwise: str) -> list[Identifier]:
        return [
            identifier(value, scheme=scheme, otherwise=otherwise, country=country)
            for value, scheme in reader.identifiers(party, path, field=field)
        ]

    return [
        *at("cac:PartyLegalEntity/cbc:CompanyID", REGISTRATION),
        *taxes_in_order(taxes),
        *at("cac:PartyIdentification/cbc:ID", PRIVATE),
        *at("cbc:EndpointID", PRIVATE),
    ]


def _lines(reader: Reader, root: Element, kind: Kind) -> tuple[Line, ...]:
    credit = kind == CREDIT_NOTE
    path, quantity_path = (
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
        if credit
        else ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    )
    lines = []
    for index, line in enumerate(reader.elements(root, path)):
        field = f"lines.{index}"
        quantity_element = reader.element(line, quantity_path, field=f"{field}.quantity")
        item = reader.needed(line, "cac:Item", field=f"{field}.description")
        category, rate = _category(reader, item, "cac:ClassifiedTaxCategory", field=field)
        net, exact = reader.fine_amount(line, "cbc:LineExtensionAmount", field=f"{field}.amount")
        lines.append(
            Line(
                number=reader.needed_text(line, "cbc:ID", field=f"{field}.number"),
                description=reader.text(item, "cbc:Name", field=f"{field}.description")
                or reader.needed_text(item, "cbc:Description", field=f"{field}.description"),
                amount=net,
                exact=exact,
                quantity=reader.decimal(line, quantity_path, field=f"{field}.quantity"),
                unit=None if quantity_element is None else quantity_element.get("unitCode"),
                price=reader.decimal(line, "cac:Price/cbc:PriceAmount", field=f"{field}.price"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(lines)


def _category(
    reader: Reader, parent: Element, path: str, *, field: str
) -> tuple[str | None, Decimal | None]:
    """The VAT category among an element's tax categories."""
    for category in reader.elements(parent, path):
        scheme = reader.text(category, "cac:TaxScheme/cbc:ID", field=f"{field}.taxCategory")
        if scheme in {None, "VAT", "GST"}:
            return (
                reader.text(category, "cbc:ID", field=f"{field}.taxCategory"),
                reader.decimal(category, "cbc:Percent", field=f"{field}.taxRate"),
            )
    return None, None


def _adjustments(reader: Reader, root: Element) -> tuple[Adjustment, ...]:
    adjustments = []
    for index, element in enumerate(reader.elements(root, "cac:AllowanceCharge")):
        field = f"adjustments.{index}"
        category, rate = _category(reader, element, "cac:TaxCategory", field=field)
        amount, exact = reader.fine_amount(element, "cbc:Amount", field=f"{field}.amount")
        adjustments.append(
            Adjustment(
                charge=reader.flag(element, "cbc:ChargeIndicator", field=f"{field}.charge"),
                amount=amount,
                exact=exact,
                reason=reader.text(element, "cbc:AllowanceChargeReason", field=f"{field}.reason"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(adjustments)


def _tax_total(reader: Reader, root: Element) -> Element | None:
    """The tax in the document's currency; the document may repeat it in the tax currency."""
    totals = []
    for total in reader.elements(root, "cac:TaxTotal"):
        amount = reader.needed(total, "cbc:TaxAmount", field="totals.tax")
        if (amount.get("currencyID") or reader.currency).strip() == reader.currency:
            totals.append(total)
    if len(totals) > 1:
        raise FieldInvalid(
            say(
                "the tax in {currency} is given {totals} times",
                currency=reader.currency,
                totals=len(totals),
            ),
            name="field-repeated",
            field="totals.tax",
            fix="give one cac:TaxTotal for each currency",
        )
    return totals[0] if totals else None


def _taxes(reader: Reader, root: Element) -> tuple[Tax, ...]:
    taxes = []
    for index, subtotal in enumerate(reader.elements(_tax_total(reader, root), "cac:TaxSubtotal")):
        field = f"taxes.{index}"
        category, rate = _category(reader, subtotal, "cac:TaxCategory", field=field)
        taxable, taxable_exact = reader.fine_amount(
            subtotal, "cbc:TaxableAmount", field=f"{field}.taxable"
        )
        amount, exact = reader.fine_amount(subtotal, "cbc:TaxAmount", field=f"{field}.amount")
        taxes.append(
            Tax(
                taxable=taxable,
                taxable_exact=taxable_exact,
                amount=amount,
                exact=exact,
                category=category,
                rate=rate,
            )
        )
    return tuple(taxes)


def _totals(reader: Reader, root: Element, totals: Element, *, profile: str | None) -> Totals:
    def amount(path: str, name: str) -> int | None:
        return reader.amount(totals, f"cbc:{path}", field=f"totals.{name}")

    return Totals(
        lines=amount("LineExtensionAmount", "lines"),
        allowances=amount("AllowanceTotalAmount", "allowances"),
        charges=amount("ChargeTotalAmount", "charges"),
        tax_exclusive=amount("TaxExclusiveAmount", "taxExclusive"),
        tax=reader.amount(_tax_total(reader, root), "cbc:TaxAmount", field="totals.tax"),
        tax_inclusive=amount("TaxInclusiveAmount", "taxInclusive"),
        prepaid=amount("PrepaidAmount", "prepaid"),
        rounding=amount("PayableRoundingAmount", "rounding"),
        third_party=_third_party(reader, root) if has_third_parties(profile) else None,
    )


def _third_party(reader: Reader, root: Element) -> int | None:
    """BG-DEX-09. In other profiles a `PrepaidPayment` is part of the prepaid amount."""
    amounts = [
        reader.needed_amount(payment, "cbc:PaidAmount", field="totals.thirdParty")
        for payment in reader.elements(root, "cac:PrepaidPayment")
    ]
    return sum(amounts) if amounts else None


def _references(reader: Reader, root: Element) -> tuple[Reference, ...]:
    references: list[Reference] = []
    for kind, path in _REFERENCES:
        for element in reader.elements(root, path):
            field = f"references.{len(references)}"
            number = reader.text(element, "cbc:ID", field=f"{field}.number")
            issued = reader.text(element, "cbc:IssueDate", field=f"{field}.issueDate")
            if number is not None:
                references.append(
                    Reference(
                        kind=kind,
                        number=number,
                        issue_date=None
                        if issued is None
                        else day(issued, field=f"{field}.issueDate"),
                    )
                )
    return tuple(references)
