"""UBL 2.1 invoices and credit notes (Peppol BIS Billing 3, EN 16931's syntax binding)."""

from __future__ import annotations

from app.documents import values
from app.documents.errors import DocumentInvalid, DocumentTooLarge
from app.documents.kinds import kind_of
from app.documents.model import Document, Kind, Line, PartyName, Totals
from app.documents.xml import Element, Reader

_BASE = "urn:oasis:names:specification:ubl:schema:xsd:"
ROOTS: dict[str, Kind] = {
    f"{{{_BASE}Invoice-2}}Invoice": "invoice",
    f"{{{_BASE}CreditNote-2}}CreditNote": "credit-note",
}
_SPACES = {
    "cac": f"{_BASE}CommonAggregateComponents-2",
    "cbc": f"{_BASE}CommonBasicComponents-2",
}


def read_ubl(root: Element) -> Document:
    """The document in a UBL root element.

    Raises:
        DocumentInvalid.
    """
    reader = Reader(root, _SPACES)
    code = reader.text("cbc:InvoiceTypeCode") or reader.text("cbc:CreditNoteTypeCode")
    kind = ROOTS[str(root.tag)] if code is None else kind_of(code.strip())
    currency = values.currency(reader.text("cbc:DocumentCurrencyCode"))
    due = reader.text("cbc:DueDate") or reader.text("cac:PaymentMeans/cbc:PaymentDueDate")
    references = reader.all("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID")
    return Document(
        kind=kind,
        format="ubl",
        number=values.required(reader.text("cbc:ID"), field="number"),
        issue_date=values.date(reader.text("cbc:IssueDate"), field="issueDate"),
        due_date=None if due is None else values.date(due, field="dueDate"),
        currency=currency,
        seller=_party(reader, "cac:AccountingSupplierParty/cac:Party", field="seller"),
        buyer=_party(reader, "cac:AccountingCustomerParty/cac:Party", field="buyer"),
        lines=_lines(reader, currency),
        totals=_totals(reader, currency),
        references=tuple(values.required(found.text, field="references") for found in references),
    )


def _party(reader: Reader, path: str, *, field: str) -> PartyName:
    start = reader.find(path)
    if start is None:
        raise DocumentInvalid(f"{field} is missing", field=field, fix=f"give {field}")
    ids = [
        (reader.text(place, start), reader.attribute(place, "schemeID", start))
        for place in (
            "cac:PartyLegalEntity/cbc:CompanyID",
            "cac:PartyIdentification/cbc:ID",
            "cac:PartyTaxScheme/cbc:CompanyID",
            "cbc:EndpointID",
        )
    ]
    return values.party(
        name=reader.text("cac:PartyLegalEntity/cbc:RegistrationName", start)
        or reader.text("cac:PartyName/cbc:Name", start),
        ids=ids,
        country=reader.text("cac:PostalAddress/cac:Country/cbc:IdentificationCode", start),
        field=field,
    )


def _lines(reader: Reader, currency: str) -> tuple[Line, ...]:
    found = reader.all("cac:InvoiceLine") + reader.all("cac:CreditNoteLine")
    if len(found) > values.MOST_LINES:
        raise DocumentTooLarge(f"more than {values.MOST_LINES} lines")
    lines = []
    for place, line in enumerate(found):
        field = f"lines.{place}"
        quantity = (
            "cbc:InvoicedQuantity"
            if reader.find("cbc:InvoicedQuantity", line) is not None
            else "cbc:CreditedQuantity"
        )
        lines.append(
            Line(
                number=values.required(reader.text("cbc:ID", line), field=f"{field}.number"),
                description=values.required(
                    reader.text("cac:Item/cbc:Name", line), field=f"{field}.description"
                ),
                quantity=values.decimal(reader.text(quantity, line), field=f"{field}.quantity"),
                unit=reader.attribute(quantity, "unitCode", line),
                price=values.decimal(
                    reader.text("cac:Price/cbc:PriceAmount", line), field=f"{field}.price"
                ),
                amount=_amount(
                    reader, "cbc:LineExtensionAmount", line, f"{field}.amount", currency
                ),
            )
        )
    return tuple(lines)


def _totals(reader: Reader, currency: str) -> Totals:
    start = reader.find("cac:LegalMonetaryTotal")
    if start is None:
        raise DocumentInvalid("totals are missing", field="totals", fix="give LegalMonetaryTotal")

    def total(name: str, field: str, default: int | None = 0) -> int:
        return _amount(reader, f"cbc:{name}", start, f"totals.{field}", currency, default)

    taxes = [
        _amount(reader, "cbc:TaxAmount", found, "totals.tax", currency)
        for found in reader.all("cac:TaxTotal")
        if reader.attribute("cbc:TaxAmount", "currencyID", found) == currency
    ]
    return Totals(
        lines=total("LineExtensionAmount", "lines", None),
        allowances=total("AllowanceTotalAmount", "allowances"),
        charges=total("ChargeTotalAmount", "charges"),
        tax_exclusive=total("TaxExclusiveAmount", "taxExclusive", None),
        tax=sum(taxes),
        tax_inclusive=total("TaxInclusiveAmount", "taxInclusive", None),
        prepaid=total("PrepaidAmount", "prepaid"),
        rounding=total("PayableRoundingAmount", "rounding"),
        payable=total("PayableAmount", "payable", None),
    )


def _amount(
    reader: Reader,
    path: str,
    start: Element | None,
    field: str,
    currency: str,
    default: int | None = None,
) -> int:
    stated = reader.attribute(path, "currencyID", start)
    if stated is not None and stated != currency:
        raise DocumentInvalid(f"{field} is in {stated}, the document in {currency}", field=field)
    return values.amount(reader.text(path, start), field=field, currency=currency, default=default)
