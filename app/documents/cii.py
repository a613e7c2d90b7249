"""UN/CEFACT Cross Industry Invoice (D16B, CII 100), as EN 16931 and Factur-X use it."""

from __future__ import annotations

import datetime
from decimal import Decimal

from app.documents.errors import FieldInvalid
from app.documents.kinds import kind_of
from app.documents.model import (
    Adjustment,
    Document,
    Format,
    Identifier,
    Line,
    Party,
    Reference,
    Tax,
    Totals,
)
from app.documents.parties import PRIVATE, REGISTRATION, VAT, best_first, identifier
from app.documents.ubl import only_due_date
from app.documents.values import day
from app.documents.xml import Element, Reader

_NAME = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "rsm": f"{_NAME}CrossIndustryInvoice:100",
    "ram": f"{_NAME}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_NAME}UnqualifiedDataType:100",
    "qdt": f"{_NAME}QualifiedDataType:100",
}
ROOT = f"{{{_NAMESPACES['rsm']}}}CrossIndustryInvoice"
# Lines that group or only inform: their amounts are in other lines (Factur-X Extended).
_LINES_WITHOUT_AMOUNT = {"GROUP", "INFORMATION"}
_REFERENCES = (
    ("order", "ram:BuyerOrderReferencedDocument"),
    ("contract", "ram:ContractReferencedDocument"),
)


def read_cii(root: Element, *, format: Format = "cii") -> Document:
    """The document of a `CrossIndustryInvoice`.

    Raises:
        DocumentError.
    """
    reader = Reader(_NAMESPACES)
    head = reader.needed(root, "rsm:ExchangedDocument", field="number")
    deal = reader.needed(root, "rsm:SupplyChainTradeTransaction", field="totals")
    agreement = reader.needed(deal, "ram:ApplicableHeaderTradeAgreement", field="seller")
    settlement = reader.needed(deal, "ram:ApplicableHeaderTradeSettlement", field="totals")
    reader.currency = reader.needed_text(settlement, "ram:InvoiceCurrencyCode", field="currency")
    code = reader.needed_text(head, "ram:TypeCode", field="typeCode")
    sums = reader.needed(
        settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation", field="totals"
    )
    payee = reader.one(settlement, "ram:PayeeTradeParty", field="payee")
    return Document(
        format=format,
        kind=kind_of(code),
        type_code=code,
        profile=reader.text(
            root,
            "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
            field="profile",
        ),
        number=reader.needed_text(head, "ram:ID", field="number"),
        issue_date=_needed_day(reader, head, "ram:IssueDateTime", field="issueDate"),
        due_date=_due_date(reader, settlement),
        currency=reader.currency,
        payable_amount=reader.needed_amount(sums, "ram:DuePayableAmount", field="payableAmount"),
        seller=_party(
            reader,
            reader.needed(agreement, "ram:SellerTradeParty", field="seller"),
            field="seller",
        ),
        buyer=_party(
            reader, reader.needed(agreement, "ram:BuyerTradeParty", field="buyer"), field="buyer"
        ),
        payee=None if payee is None else _party(reader, payee, field="payee"),
        lines=_lines(reader, deal),
        adjustments=_adjustments(reader, settlement),
        taxes=_taxes(reader, settlement),
        totals=_totals(reader, sums),
        references=_references(reader, agreement, settlement),
        payment_terms=_payment_terms(reader, settlement),
    )


def _day_of(reader: Reader, parent: Element, path: str, *, field: str) -> datetime.date | None:
    """A `DateTimeString` of format 102 (YYYYMMDD), the only one that EN 16931 takes."""
    outer = reader.one(parent, path, field=field)
    if outer is None:
        return None
    inner = reader.one(outer, "udt:DateTimeString", field=field)
    if inner is None:
        inner = reader.one(outer, "qdt:DateTimeString", field=field)
    if inner is None:
        return None
    form, text = inner.get("format"), reader.text_of(inner, field=field)
    if form not in {None, "102"}:
        raise FieldInvalid(
            f"{field} is in format {form[:10]!r}",
            name="date-invalid",
            field=field,
            fix='give it as <udt:DateTimeString format="102">20260417',
        )
    return None if text is None else day(text, field=field, compact=True)


def _needed_day(reader: Reader, parent: Element, path: str, *, field: str) -> datetime.date:
    outer = reader.needed(parent, path, field=field)
    found = _day_of(reader, parent, path, field=field)
    if found is None:
        return day(reader.needed_text(outer, "udt:DateTimeString", field=field), field=field)
    return found


def _due_date(reader: Reader, settlement: Element) -> datetime.date | None:
    found = set()
    for terms in reader.all(settlement, "ram:SpecifiedTradePaymentTerms"):
        one = _day_of(reader, terms, "ram:DueDateDateTime", field="dueDate")
        if one is not None:
            found.add(one)
    return only_due_date(found)


def _payment_terms(reader: Reader, settlement: Element) -> str | None:
    notes = reader.all(settlement, "ram:SpecifiedTradePaymentTerms/ram:Description")
    found = [reader.text_of(note, field="paymentTerms") for note in notes]
    return "; ".join(note for note in found if note) or None


def _party(reader: Reader, party: Element, *, field: str) -> Party:
    country = reader.text(party, "ram:PostalTradeAddress/ram:CountryID", field=f"{field}.country")
    trading_name = reader.text(
        party, "ram:SpecifiedLegalOrganization/ram:TradingBusinessName", field=f"{field}.name"
    )
    name = reader.text(party, "ram:Name", field=f"{field}.name") or trading_name
    named = name or reader.needed_text(party, "ram:Name", field=f"{field}.name")
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
        ("ram:SpecifiedLegalOrganization/ram:ID", REGISTRATION),
        ("ram:SpecifiedTaxRegistration/ram:ID", VAT),
        ("ram:GlobalID", PRIVATE),
        ("ram:ID", PRIVATE),
        ("ram:URIUniversalCommunication/ram:URIID", PRIVATE),
    ):
        for element in reader.all(party, path):
            value = reader.text_of(element, field=field)
            scheme = (element.get("schemeID") or "").strip() or None
            if otherwise == VAT:
                # VA: value added tax; FC: what the tax office calls the party at home.
                scheme = {"VA": None, "FC": "TAX"}.get(scheme or "VA", scheme)
            if value is None or scheme == "SEPA":
                continue
            one = identifier(value, scheme=scheme, otherwise=otherwise, country=country)
            (private if one.scheme == PRIVATE else found).append(one)
    return found + private


def _category(
    reader: Reader, parent: Element | None, path: str, *, field: str
) -> tuple[str | None, Decimal | None]:
    for one in reader.all(parent, path):
        kind = reader.text(one, "ram:TypeCode", field=f"{field}.taxCategory")
        if kind in {None, "VAT", "GST"}:
            return (
                reader.text(one, "ram:CategoryCode", field=f"{field}.taxCategory"),
                reader.decimal(one, "ram:RateApplicablePercent", field=f"{field}.taxRate"),
            )
    return None, None


def _lines(reader: Reader, deal: Element) -> tuple[Line, ...]:
    found: list[Line] = []
    for line in reader.all(deal, "ram:IncludedSupplyChainTradeLineItem"):
        field = f"lines.{len(found)}"
        paper = reader.needed(line, "ram:AssociatedDocumentLineDocument", field=f"{field}.number")
        status = reader.text(paper, "ram:LineStatusReasonCode", field=f"{field}.number")
        if status in _LINES_WITHOUT_AMOUNT:
            continue
        delivery, settlement = (
            reader.one(line, f"ram:SpecifiedLineTrade{name}", field=field)
            for name in ("Delivery", "Settlement")
        )
        quantity = reader.one(delivery, "ram:BilledQuantity", field=f"{field}.quantity")
        category, rate = _category(reader, settlement, "ram:ApplicableTradeTax", field=field)
        found.append(
            Line(
                number=reader.needed_text(paper, "ram:LineID", field=f"{field}.number"),
                description=reader.needed_text(
                    line, "ram:SpecifiedTradeProduct/ram:Name", field=f"{field}.description"
                ),
                amount=reader.needed_amount(
                    settlement,
                    "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
                    field=f"{field}.amount",
                ),
                quantity=reader.decimal(delivery, "ram:BilledQuantity", field=f"{field}.quantity"),
                unit=None if quantity is None else quantity.get("unitCode"),
                price=reader.decimal(
                    line,
                    "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
                    field=f"{field}.price",
                ),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(found)


def _adjustments(reader: Reader, settlement: Element) -> tuple[Adjustment, ...]:
    found: list[Adjustment] = []
    for one in reader.all(settlement, "ram:SpecifiedTradeAllowanceCharge"):
        field = f"adjustments.{len(found)}"
        category, rate = _category(reader, one, "ram:CategoryTradeTax", field=field)
        found.append(
            Adjustment(
                charge=reader.flag(
                    one, "ram:ChargeIndicator/udt:Indicator", field=f"{field}.charge"
                ),
                amount=reader.needed_amount(one, "ram:ActualAmount", field=f"{field}.amount"),
                reason=reader.text(one, "ram:Reason", field=f"{field}.reason"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    for one in reader.all(settlement, "ram:SpecifiedLogisticsServiceCharge"):
        field = f"adjustments.{len(found)}"
        category, rate = _category(reader, one, "ram:AppliedTradeTax", field=field)
        found.append(
            Adjustment(
                charge=True,
                amount=reader.needed_amount(one, "ram:AppliedAmount", field=f"{field}.amount"),
                reason=reader.text(one, "ram:Description", field=f"{field}.reason"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(found)


def _taxes(reader: Reader, settlement: Element) -> tuple[Tax, ...]:
    found = []
    for index, one in enumerate(reader.all(settlement, "ram:ApplicableTradeTax")):
        field = f"taxes.{index}"
        found.append(
            Tax(
                taxable=reader.needed_amount(one, "ram:BasisAmount", field=f"{field}.taxable"),
                amount=reader.needed_amount(one, "ram:CalculatedAmount", field=f"{field}.amount"),
                category=reader.text(one, "ram:CategoryCode", field=f"{field}.category"),
                rate=reader.decimal(one, "ram:RateApplicablePercent", field=f"{field}.rate"),
            )
        )
    return tuple(found)


def _tax_total(reader: Reader, sums: Element) -> int | None:
    """The tax in the document's currency; it may be given again in the tax office's own."""
    found = [
        one
        for one in reader.all(sums, "ram:TaxTotalAmount")
        if (one.get("currencyID") or reader.currency).strip() == reader.currency
    ]
    if len(found) > 1:
        raise FieldInvalid(
            f"the tax in {reader.currency} is given {len(found)} times",
            name="field-repeated",
            field="totals.tax",
            fix="give one ram:TaxTotalAmount for each currency",
        )
    return reader.amount_of(found[0], field="totals.tax") if found else None


def _totals(reader: Reader, sums: Element) -> Totals:
    def amount(path: str, name: str) -> int | None:
        return reader.amount(sums, f"ram:{path}", field=f"totals.{name}")

    return Totals(
        lines=amount("LineTotalAmount", "lines"),
        allowances=amount("AllowanceTotalAmount", "allowances"),
        charges=amount("ChargeTotalAmount", "charges"),
        tax_exclusive=amount("TaxBasisTotalAmount", "taxExclusive"),
        tax=_tax_total(reader, sums),
        tax_inclusive=amount("GrandTotalAmount", "taxInclusive"),
        prepaid=amount("TotalPrepaidAmount", "prepaid"),
        rounding=amount("RoundingAmount", "rounding"),
    )


def _references(reader: Reader, agreement: Element, settlement: Element) -> tuple[Reference, ...]:
    found: list[Reference] = []
    places = [("invoice", settlement, "ram:InvoiceReferencedDocument")]
    places += [(kind, agreement, path) for kind, path in _REFERENCES]
    for kind, parent, path in places:
        for one in reader.all(parent, path):
            field = f"references.{len(found)}"
            number = reader.text(one, "ram:IssuerAssignedID", field=f"{field}.number")
            if number is not None:
                issued = _day_of(
                    reader, one, "ram:FormattedIssueDateTime", field=f"{field}.issueDate"
                )
                found.append(Reference(kind=kind, number=number, issue_date=issued))
    return tuple(found)
