"""UBL 2.1 invoices and credit notes, as EN 16931 and Peppol BIS Billing 3 use them."""

from __future__ import annotations

import datetime
from decimal import Decimal

from app.documents.errors import FieldInvalid
from app.documents.kinds import kind_of
from app.documents.model import (
    CREDIT_NOTE,
    INVOICE,
    Adjustment,
    Document,
    Identifier,
    Kind,
    Line,
    Party,
    Reference,
    Tax,
    Totals,
)
from app.documents.parties import PRIVATE, REGISTRATION, VAT, best_first, identifier
from app.documents.values import day
from app.documents.xml import Element, Reader

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


def read_ubl(root: Element) -> Document:
    """The document of a UBL `Invoice` or `CreditNote`.

    Raises:
        DocumentError.
    """
    reader = Reader(_NAMESPACES)
    kind = CREDIT_NOTE if root.tag == CREDIT_NOTE_ROOT else INVOICE
    reader.currency = reader.needed_text(root, "cbc:DocumentCurrencyCode", field="currency")
    totals = reader.needed(root, "cac:LegalMonetaryTotal", field="totals")
    payee = reader.one(root, "cac:PayeeParty", field="payee")
    return Document(
        format="ubl",
        kind=kind,
        type_code=_type_code(reader, root, kind),
        profile=reader.text(root, "cbc:CustomizationID", field="profile"),
        number=reader.needed_text(root, "cbc:ID", field="number"),
        issue_date=day(
            reader.needed_text(root, "cbc:IssueDate", field="issueDate"), field="issueDate"
        ),
        due_date=_due_date(reader, root),
        currency=reader.currency,
        payable_amount=reader.needed_amount(totals, "cbc:PayableAmount", field="payableAmount"),
        seller=_trading_party(reader, root, "cac:AccountingSupplierParty", field="seller"),
        buyer=_trading_party(reader, root, "cac:AccountingCustomerParty", field="buyer"),
        payee=None if payee is None else _party(reader, payee, field="payee"),
        lines=_lines(reader, root, kind),
        adjustments=_adjustments(reader, root),
        taxes=_taxes(reader, root),
        totals=_totals(reader, root, totals),
        references=_references(reader, root),
        payment_terms=_payment_terms(reader, root),
    )


def _type_code(reader: Reader, root: Element, kind: Kind) -> str | None:
    path = "cbc:CreditNoteTypeCode" if kind == CREDIT_NOTE else "cbc:InvoiceTypeCode"
    code = reader.text(root, path, field="typeCode")
    if code is not None and kind_of(code) != kind:
        raise FieldInvalid(
            f"the document is {_with_article(kind)}, its type code {code} is that of "
            f"{_with_article(kind_of(code))}",
            name="kind-contradictory",
            field="typeCode",
            fix="send a credit note as CreditNote and an invoice as Invoice",
        )
    return code


def _with_article(kind: Kind) -> str:
    return "a credit note" if kind == CREDIT_NOTE else "an invoice"


def _due_date(reader: Reader, root: Element) -> datetime.date | None:
    """Of the document, its means of payment (credit notes, BT-9) or its terms."""
    found = set()
    for path in (
        "cbc:DueDate",
        "cac:PaymentMeans/cbc:PaymentDueDate",
        "cac:PaymentTerms/cbc:PaymentDueDate",
    ):
        for element in reader.all(root, path):
            text = reader.text_of(element, field="dueDate")
            if text is not None:
                found.add(day(text, field="dueDate"))
    return only_due_date(found)


def only_due_date(found: set[datetime.date]) -> datetime.date | None:
    """The one day on which all is due.

    Raises:
        FieldInvalid: there are several; a debt in instalments is several debts.
    """
    if len(found) > 1:
        days = ", ".join(one.isoformat() for one in sorted(found)[:5])
        raise FieldInvalid(
            f"the document is due on several days: {days}",
            name="due-date-several",
            field="dueDate",
            fix="send one document for each instalment",
        )
    return next(iter(found), None)


def _payment_terms(reader: Reader, root: Element) -> str | None:
    notes = reader.all(root, "cac:PaymentTerms/cbc:Note")
    found = [reader.text_of(note, field="paymentTerms") for note in notes]
    return "; ".join(note for note in found if note) or None


def _trading_party(reader: Reader, root: Element, path: str, *, field: str) -> Party:
    outer = reader.needed(root, path, field=field)
    return _party(reader, reader.needed(outer, "cac:Party", field=field), field=field)


def _party(reader: Reader, party: Element, *, field: str) -> Party:
    """Its legal name before its trading name (BT-27 before BT-28)."""
    legal = "cac:PartyLegalEntity"
    country = reader.text(
        party, "cac:PostalAddress/cac:Country/cbc:IdentificationCode", field=f"{field}.country"
    )
    name = reader.text(party, f"{legal}/cbc:RegistrationName", field=f"{field}.name")
    trading_name = reader.text(party, "cac:PartyName/cbc:Name", field=f"{field}.name")
    named = name or reader.needed_text(party, "cac:PartyName/cbc:Name", field=f"{field}.name")
    return Party(
        name=named,
        trading_name=None if trading_name == named else trading_name,
        country=country,
        identifiers=best_first(_identifiers(reader, party, country=country, field=f"{field}.id")),
    )


def _identifiers(
    reader: Reader, party: Element, *, country: str | None, field: str
) -> list[Identifier]:
    found: list[Identifier] = []
    private: list[Identifier] = []
    for path, otherwise in (
        ("cac:PartyLegalEntity/cbc:CompanyID", REGISTRATION),
        ("cac:PartyTaxScheme/cbc:CompanyID", VAT),
        ("cac:PartyIdentification/cbc:ID", PRIVATE),
        ("cbc:EndpointID", PRIVATE),
    ):
        for element in reader.all(party, path):
            value = reader.text_of(element, field=field)
            scheme = (element.get("schemeID") or "").strip() or None
            # A bank's creditor reference (SEPA) stands in the same place and names no entity.
            if value is None or scheme == "SEPA":
                continue
            one = identifier(value, scheme=scheme, otherwise=otherwise, country=country)
            (private if one.scheme == PRIVATE else found).append(one)
    return found + private


def _lines(reader: Reader, root: Element, kind: Kind) -> tuple[Line, ...]:
    credit = kind == CREDIT_NOTE
    path, quantity = (
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
        if credit
        else ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    )
    found = []
    for index, line in enumerate(reader.all(root, path)):
        field = f"lines.{index}"
        amount = reader.one(line, quantity, field=f"{field}.quantity")
        item = reader.needed(line, "cac:Item", field=f"{field}.description")
        category, rate = _category(reader, item, "cac:ClassifiedTaxCategory", field=field)
        found.append(
            Line(
                number=reader.needed_text(line, "cbc:ID", field=f"{field}.number"),
                description=reader.text(item, "cbc:Name", field=f"{field}.description")
                or reader.needed_text(item, "cbc:Description", field=f"{field}.description"),
                amount=reader.needed_amount(
                    line, "cbc:LineExtensionAmount", field=f"{field}.amount"
                ),
                quantity=reader.decimal(line, quantity, field=f"{field}.quantity"),
                unit=None if amount is None else amount.get("unitCode"),
                price=reader.decimal(line, "cac:Price/cbc:PriceAmount", field=f"{field}.price"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(found)


def _category(
    reader: Reader, parent: Element, path: str, *, field: str
) -> tuple[str | None, Decimal | None]:
    """The VAT category among an element's tax categories."""
    for one in reader.all(parent, path):
        scheme = reader.text(one, "cac:TaxScheme/cbc:ID", field=f"{field}.taxCategory")
        if scheme in {None, "VAT", "GST"}:
            return (
                reader.text(one, "cbc:ID", field=f"{field}.taxCategory"),
                reader.decimal(one, "cbc:Percent", field=f"{field}.taxRate"),
            )
    return None, None


def _adjustments(reader: Reader, root: Element) -> tuple[Adjustment, ...]:
    found = []
    for index, one in enumerate(reader.all(root, "cac:AllowanceCharge")):
        field = f"adjustments.{index}"
        category, rate = _category(reader, one, "cac:TaxCategory", field=field)
        found.append(
            Adjustment(
                charge=reader.flag(one, "cbc:ChargeIndicator", field=f"{field}.charge"),
                amount=reader.needed_amount(one, "cbc:Amount", field=f"{field}.amount"),
                reason=reader.text(one, "cbc:AllowanceChargeReason", field=f"{field}.reason"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(found)


def _tax_total(reader: Reader, root: Element) -> Element | None:
    """The tax in the document's currency; it may be given again in the tax office's own."""
    found = []
    for one in reader.all(root, "cac:TaxTotal"):
        amount = reader.needed(one, "cbc:TaxAmount", field="totals.tax")
        if (amount.get("currencyID") or reader.currency).strip() == reader.currency:
            found.append(one)
    if len(found) > 1:
        raise FieldInvalid(
            f"the tax in {reader.currency} is given {len(found)} times",
            name="field-repeated",
            field="totals.tax",
            fix="give one cac:TaxTotal for each currency",
        )
    return found[0] if found else None


def _taxes(reader: Reader, root: Element) -> tuple[Tax, ...]:
    found = []
    for index, one in enumerate(reader.all(_tax_total(reader, root), "cac:TaxSubtotal")):
        field = f"taxes.{index}"
        category, rate = _category(reader, one, "cac:TaxCategory", field=field)
        found.append(
            Tax(
                taxable=reader.needed_amount(one, "cbc:TaxableAmount", field=f"{field}.taxable"),
                amount=reader.needed_amount(one, "cbc:TaxAmount", field=f"{field}.amount"),
                category=category,
                rate=rate,
            )
        )
    return tuple(found)


def _totals(reader: Reader, root: Element, totals: Element) -> Totals:
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
    )


def _references(reader: Reader, root: Element) -> tuple[Reference, ...]:
    found: list[Reference] = []
    for kind, path in _REFERENCES:
        for one in reader.all(root, path):
            field = f"references.{len(found)}"
            number = reader.text(one, "cbc:ID", field=f"{field}.number")
            issued = reader.text(one, "cbc:IssueDate", field=f"{field}.issueDate")
            if number is not None:
                found.append(
                    Reference(
                        kind=kind,
                        number=number,
                        issue_date=None
                        if issued is None
                        else day(issued, field=f"{field}.issueDate"),
                    )
                )
    return tuple(found)
