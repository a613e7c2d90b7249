"""UN/CEFACT Cross Industry Invoice (D16B, CII 100), as EN 16931 and Factur-X use it."""

from __future__ import annotations

import datetime

from lxml import etree

from app.domain.texts import say
from app.trade.documents.cii_sums import read_adjustments, read_lines, read_taxes, read_totals
from app.trade.documents.due import Due, Term, due
from app.trade.documents.errors import FieldInvalid, FieldMissing
from app.trade.documents.kinds import kind_of, refuse_copy, refuse_test
from app.trade.documents.model import Document, Format, Identifier, Note, Party, Reference
from app.trade.documents.parties import (
    PRIVATE,
    REGISTRATION,
    TAX,
    VAT,
    best_first,
    identifier,
    taxes_in_order,
)
from app.trade.documents.values import MAX_TEXT, day
from app.trade.documents.xml import Element, Reader

_NAME = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "rsm": f"{_NAME}CrossIndustryInvoice:100",
    "ram": f"{_NAME}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_NAME}UnqualifiedDataType:100",
    "qdt": f"{_NAME}QualifiedDataType:100",
}
ROOT = f"{{{_NAMESPACES['rsm']}}}CrossIndustryInvoice"
_DATES = frozenset(("DateTimeString", "DateTime", "DateString", "Date"))
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
    exchanged = reader.needed(root, "rsm:ExchangedDocument", field="number")
    _refuse_unreal(reader, root, exchanged)
    transaction = reader.needed(root, "rsm:SupplyChainTradeTransaction", field="totals")
    agreement = reader.needed(transaction, "ram:ApplicableHeaderTradeAgreement", field="seller")
    settlement = reader.needed(transaction, "ram:ApplicableHeaderTradeSettlement", field="totals")
    reader.currency = reader.needed_text(settlement, "ram:InvoiceCurrencyCode", field="currency")
    code = reader.needed_text(exchanged, "ram:TypeCode", field="typeCode")
    sums = reader.needed(
        settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation", field="totals"
    )
    payable = reader.needed_amount(sums, "ram:DuePayableAmount", field="payableAmount")
    due_dates = _due(reader, settlement, payable)
    profile = reader.text(
        root,
        "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
        field="profile",
    )
    return Document(
        format=format,
        kind=kind_of(code),
        type_code=code,
        profile=profile,
        number=reader.needed_text(exchanged, "ram:ID", field="number"),
        issue_date=_needed_day(reader, exchanged, "ram:IssueDateTime", field="issueDate"),
        due_date=due_dates.date,
        instalments=due_dates.instalments,
        currency=reader.currency,
        payable_amount=payable,
        seller=_party(
            reader,
            reader.needed(agreement, "ram:SellerTradeParty", field="seller"),
            field="seller",
        ),
        buyer=_party(
            reader, reader.needed(agreement, "ram:BuyerTradeParty", field="buyer"), field="buyer"
        ),
        payee=_payee(reader, settlement),
        lines=read_lines(reader, transaction),
        adjustments=read_adjustments(reader, settlement),
        taxes=read_taxes(reader, settlement),
        totals=read_totals(reader, settlement, sums, profile=profile),
        references=_references(reader, agreement, settlement),
        payment_terms=_payment_terms(reader, settlement),
        notes=_notes(reader, root, exchanged),
    )


def _refuse_unreal(reader: Reader, root: Element, exchanged: Element) -> None:
    """Refuses tests, copies and cancellations; each is marked in a place of its own."""
    if reader.maybe_flag(
        root, "rsm:ExchangedDocumentContext/ram:TestIndicator/udt:Indicator", field="test"
    ):
        refuse_test()
    # UNTDID 1225: 7 is a duplicate, 31 a copy; 1 and 3 cancel or delete an earlier document.
    purpose = reader.text(exchanged, "ram:PurposeCode", field="purpose")
    if purpose in {"7", "31"} or reader.maybe_flag(
        exchanged, "ram:CopyIndicator/udt:Indicator", field="copy"
    ):
        refuse_copy()
    if purpose in {"1", "3"}:
        raise FieldInvalid(
            "the document cancels another one",
            name="document-cancels",
            field="purpose",
            fix="send a credit note (381)",
        )


def _payee(reader: Reader, settlement: Element) -> Party | None:
    """The payee of the document, or of its payment terms (Factur-X Extended)."""
    element = reader.element(settlement, "ram:PayeeTradeParty", field="payee")
    if element is None:
        element = reader.element(
            settlement, "ram:SpecifiedTradePaymentTerms/ram:PayeeTradeParty", field="payee"
        )
    return None if element is None else _party(reader, element, field="payee")


def _day_of(reader: Reader, parent: Element, path: str, *, field: str) -> datetime.date | None:
    """A day, as `DateTimeString` of format 102 (YYYYMMDD) or as an XML date or time.

    EN 16931 allows only the first. Any other form is refused, never ignored.

    Raises:
        FieldInvalid.
    """
    outer = reader.element(parent, path, field=field)
    if outer is None or (len(outer) == 0 and not (outer.text or "").strip()):
        return None
    inner = outer[0] if len(outer) == 1 else outer
    name = etree.QName(inner).localname
    text = None if inner is outer else reader.text_of(inner, field=field)
    date_format = inner.get("format")
    if inner is outer or name not in _DATES or date_format not in {None, "102"}:
        stated = f"format {date_format[:10]!r}" if date_format else f"<{name[:40]}>"
        raise FieldInvalid(
            say("{field} is in {stated}", field=field, stated=stated),
            name="date-invalid",
            field=field,
            fix='give it as <udt:DateTimeString format="102">20260417',
        )
    if text is None:
        return None
    if name == "DateTime":
        text = text.partition("T")[0]
    return day(text, field=field, compact=name.endswith("String"))


def _needed_day(reader: Reader, parent: Element, path: str, *, field: str) -> datetime.date:
    date = _day_of(reader, parent, path, field=field)
    if date is None:
        raise FieldMissing(
            say("{field} is missing or empty", field=field),
            field=field,
            fix=say("give {path}", path=path),
        )
    return date


def _due(reader: Reader, settlement: Element, payable: int) -> Due:
    """BT-9. A term with a discount and without an amount dates only the discount."""
    terms = []
    for term in reader.elements(settlement, "ram:SpecifiedTradePaymentTerms"):
        discount = bool(reader.elements(term, "ram:ApplicableTradePaymentDiscountTerms"))
        amount = reader.amount(term, "ram:PartialPaymentAmount", field="instalments")
        date = _day_of(reader, term, "ram:DueDateDateTime", field="dueDate")
        if amount is not None or not discount:
            terms.append(Term(due_date=None if discount else date, amount=amount))
    return due(payable, stated=set(), terms=terms, terms_state=True)


def _notes(reader: Reader, root: Element, exchanged: Element) -> tuple[Note, ...]:
    """The notes of the document, and those notes of lines that are an assignment clause."""
    notes = []
    for element in root.iter(f"{{{_NAMESPACES['ram']}}}IncludedNote"):
        subject = reader.text(element, "ram:SubjectCode", field="notes")
        texts = [
            reader.long_text_of(content, field="notes")
            for content in reader.elements(element, "ram:Content")
        ]
        text = " ".join(part for part in texts if part)[:MAX_TEXT]
        if (text or subject == "ACC") and (element.getparent() is exchanged or subject == "ACC"):
            notes.append(Note(text=text or "ACC", subject=subject))
    return tuple(notes)


def _payment_terms(reader: Reader, settlement: Element) -> str | None:
    notes = reader.elements(settlement, "ram:SpecifiedTradePaymentTerms/ram:Description")
    texts = [reader.text_of(note, field="paymentTerms") for note in notes]
    return "; ".join(text for text in texts if text) or None


def _party(reader: Reader, party: Element, *, field: str) -> Party:
    country = reader.text(party, "ram:PostalTradeAddress/ram:CountryID", field=f"{field}.country")
    trading_name = reader.text(
        party, "ram:SpecifiedLegalOrganization/ram:TradingBusinessName", field=f"{field}.name"
    )
    name = reader.text(party, "ram:Name", field=f"{field}.name") or trading_name
    known_name = name or reader.needed_text(party, "ram:Name", field=f"{field}.name")
    return Party(
        name=known_name,
        trading_name=None if trading_name == known_name else trading_name,
        country=country,
        identifiers=best_first(_identifiers(reader, party, country=country, field=f"{field}.id")),
    )


def _identifiers(
    reader: Reader, party: Element, *, country: str | None, field: str
) -> list[Identifier]:
    def at(path: str, otherwise: str) -> list[Identifier]:
        return [
            identifier(value, scheme=scheme, otherwise=otherwise, country=country)
            for value, scheme in reader.identifiers(party, path, field=field)
        ]

    taxes = [
        # VA: value added tax (BT-31); FC: the local tax number (BT-32).
        identifier(
            value,
            scheme={"VA": None, "FC": TAX}.get(tax or "VA", tax),
            otherwise=VAT,
            country=country,
        )
        for value, tax in reader.identifiers(
            party, "ram:SpecifiedTaxRegistration/ram:ID", field=field
        )
    ]
    return [
        *at("ram:SpecifiedLegalOrganization/ram:ID", REGISTRATION),
        *taxes_in_order(taxes),
        *at("ram:GlobalID", PRIVATE),
        *at("ram:ID", PRIVATE),
        *at("ram:URIUniversalCommunication/ram:URIID", PRIVATE),
    ]


def _references(reader: Reader, agreement: Element, settlement: Element) -> tuple[Reference, ...]:
    references: list[Reference] = []
    places = [("invoice", settlement, "ram:InvoiceReferencedDocument")]
    places += [(kind, agreement, path) for kind, path in _REFERENCES]
    for kind, parent, path in places:
        for element in reader.elements(parent, path):
            field = f"references.{len(references)}"
            number = reader.text(element, "ram:IssuerAssignedID", field=f"{field}.number")
            if number is not None:
                issued = _day_of(
                    reader, element, "ram:FormattedIssueDateTime", field=f"{field}.issueDate"
                )
                references.append(Reference(kind=kind, number=number, issue_date=issued))
    return tuple(references)
