"""UN/CEFACT Cross Industry Invoice D16B (EN 16931's other syntax; the XML inside Factur-X)."""

from __future__ import annotations

from app.documents import values
from app.documents.errors import DocumentInvalid, DocumentTooLarge
from app.documents.kinds import kind_of
from app.documents.model import Document, Format, Line, PartyName, Totals
from app.documents.xml import Element, Reader

_BASE = "urn:un:unece:uncefact:data:standard:"
ROOT = f"{{{_BASE}CrossIndustryInvoice:100}}CrossIndustryInvoice"
_SPACES = {
    "rsm": f"{_BASE}CrossIndustryInvoice:100",
    "ram": f"{_BASE}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_BASE}UnqualifiedDataType:100",
}
_TRADE = "rsm:SupplyChainTradeTransaction/"
_AGREEMENT = f"{_TRADE}ram:ApplicableHeaderTradeAgreement/"
_SETTLEMENT = f"{_TRADE}ram:ApplicableHeaderTradeSettlement/"
_SUMS = f"{_SETTLEMENT}ram:SpecifiedTradeSettlementHeaderMonetarySummation"


def read_cii(root: Element, *, format: Format = "cii") -> Document:
    """The document in a CII root element.

    Raises:
        DocumentInvalid.
    """
    reader = Reader(root, _SPACES)
    head = "rsm:ExchangedDocument/"
    kind = kind_of(values.required(reader.text(f"{head}ram:TypeCode"), field="kind"))
    currency = values.currency(reader.text(f"{_SETTLEMENT}ram:InvoiceCurrencyCode"))
    due = reader.text(
        f"{_SETTLEMENT}ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString"
    )
    references = reader.all(f"{_SETTLEMENT}ram:InvoiceReferencedDocument/ram:IssuerAssignedID")
    return Document(
        kind=kind,
        format=format,
        number=values.required(reader.text(f"{head}ram:ID"), field="number"),
        issue_date=values.date(
            reader.text(f"{head}ram:IssueDateTime/udt:DateTimeString"), field="issueDate"
        ),
        due_date=None if due is None else values.date(due, field="dueDate"),
        currency=currency,
        seller=_party(reader, f"{_AGREEMENT}ram:SellerTradeParty", field="seller"),
        buyer=_party(reader, f"{_AGREEMENT}ram:BuyerTradeParty", field="buyer"),
        lines=_lines(reader, currency),
        totals=_totals(reader, currency),
        references=tuple(values.required(found.text, field="references") for found in references),
    )


def _party(reader: Reader, path: str, *, field: str) -> PartyName:
    start = reader.find(path)
    if start is None:
        raise DocumentInvalid(f"{field} is missing", field=field, fix=f"give {field}")
    ids = [
        (reader.text(place, start), _scheme(reader.attribute(place, "schemeID", start)))
        for place in (
            "ram:SpecifiedLegalOrganization/ram:ID",
            "ram:GlobalID",
            "ram:ID",
            "ram:SpecifiedTaxRegistration/ram:ID",
            "ram:URIUniversalCommunication/ram:URIID",
        )
    ]
    return values.party(
        name=reader.text("ram:Name", start),
        ids=ids,
        country=reader.text("ram:PostalTradeAddress/ram:CountryID", start),
        field=field,
    )


def _scheme(scheme: str | None) -> str | None:
    """VA and FC tell kinds of tax number, not who issued it."""
    return None if scheme in ("VA", "FC") else scheme


def _lines(reader: Reader, currency: str) -> tuple[Line, ...]:
    found = reader.all(f"{_TRADE}ram:IncludedSupplyChainTradeLineItem")
    if len(found) > values.MOST_LINES:
        raise DocumentTooLarge(f"more than {values.MOST_LINES} lines")
    lines = []
    for place, line in enumerate(found):
        field = f"lines.{place}"
        quantity = "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
        price = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount"
        amount = (
            "ram:SpecifiedLineTradeSettlement/"
            "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
        )
        lines.append(
            Line(
                number=values.required(
                    reader.text("ram:AssociatedDocumentLineDocument/ram:LineID", line),
                    field=f"{field}.number",
                ),
                description=values.required(
                    reader.text("ram:SpecifiedTradeProduct/ram:Name", line),
                    field=f"{field}.description",
                ),
                quantity=values.decimal(reader.text(quantity, line), field=f"{field}.quantity"),
                unit=reader.attribute(quantity, "unitCode", line),
                price=values.decimal(reader.text(price, line), field=f"{field}.price"),
                amount=values.amount(
                    reader.text(amount, line), field=f"{field}.amount", currency=currency
                ),
            )
        )
    return tuple(lines)


def _totals(reader: Reader, currency: str) -> Totals:
    start = reader.find(_SUMS)
    if start is None:
        raise DocumentInvalid("totals are missing", field="totals")

    def total(name: str, field: str, default: int | None = 0) -> int:
        return values.amount(
            reader.text(f"ram:{name}", start),
            field=f"totals.{field}",
            currency=currency,
            default=default,
        )

    exclusive = total("TaxBasisTotalAmount", "taxExclusive", None)
    taxes = [
        values.amount(found.text, field="totals.tax", currency=currency)
        for found in reader.all("ram:TaxTotalAmount", start)
        if found.get("currencyID", currency) == currency
    ]
    return Totals(
        lines=total("LineTotalAmount", "lines", None if _has_lines(reader) else exclusive),
        allowances=total("AllowanceTotalAmount", "allowances"),
        charges=total("ChargeTotalAmount", "charges"),
        tax_exclusive=exclusive,
        tax=sum(taxes),
        tax_inclusive=total("GrandTotalAmount", "taxInclusive", None),
        prepaid=total("TotalPrepaidAmount", "prepaid"),
        rounding=total("RoundingAmount", "rounding"),
        payable=total("DuePayableAmount", "payable", None),
    )


def _has_lines(reader: Reader) -> bool:
    """Factur-X's smaller profiles carry sums only."""
    return reader.find(f"{_TRADE}ram:IncludedSupplyChainTradeLineItem") is not None
