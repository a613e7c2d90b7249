"""Each format is read into the one model, to the cent and to the day."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trade.documents.checks import check_document
from app.trade.documents.errors import DocumentError
from app.trade.documents.model import Document, Identifier, Line, Party, view
from app.trade.documents.reader import read_document
from tests.support.documents import CII, CREDIT_NOTE, JSON, TODAY, UBL, changed, factur_x

NORDHAFEN = Identifier("9845004FNRDHARBOUR67", "LEI")
QINGHE = Identifier("91440300MA5FX0TE8J", "USCC")


def test_a_ubl_invoice_is_read() -> None:
    document = read_document(UBL)
    check_document(document, today=TODAY)
    assert (document.format, document.kind, document.type_code) == ("ubl", "invoice", "380")
    assert document.number == "NP-2026/0815"
    assert document.issue_date == datetime.date(2026, 3, 2)
    assert document.due_date == datetime.date(2026, 5, 31)
    assert (document.currency, document.payable_amount) == ("EUR", 839_505)
    assert (document.seller.name, document.seller.identifier) == (
        "Nordhafen Pumpen GmbH",
        NORDHAFEN,
    )
    assert (document.buyer.name, document.buyer.identifier) == (
        "Qinghe Water Works Co., Ltd.",
        QINGHE,
    )
    assert [(line.quantity, line.price, line.amount) for line in document.lines] == [
        (Decimal(120), Decimal("45.50"), 546_000),
        (Decimal(8), Decimal("312.25"), 249_800),
    ]
    assert [(adjustment.charge, adjustment.amount) for adjustment in document.adjustments] == [
        (False, 15_800),
        (True, 9_500),
    ]
    assert document.totals.prepaid == 100_000
    assert document.payment_terms == "90 days net"


def test_a_ubl_credit_note_is_a_credit_note_and_names_its_invoice() -> None:
    document = read_document(CREDIT_NOTE)
    check_document(document, today=TODAY)
    assert (document.kind, document.payable_amount) == ("credit-note", 111_473)
    assert document.due_date == datetime.date(2026, 5, 31)
    (reference,) = document.references
    assert (reference.kind, reference.number) == ("invoice", "NP-2026/0815")


def test_a_cii_invoice_in_yen_has_no_minor_units() -> None:
    document = read_document(CII)
    check_document(document, today=TODAY)
    assert (document.format, document.currency, document.payable_amount) == ("cii", "JPY", 140_800)
    assert document.due_date == datetime.date(2026, 3, 16)
    assert document.seller.identifier == Identifier("5299000CESSIONTEST40", "LEI")
    assert document.buyer.identifier == Identifier("91320500MA1WN0TE2X", "USCC")


def test_cii_credit_note_is_recognised_by_its_type_code() -> None:
    content = changed(CII, "<ram:TypeCode>380<", "<ram:TypeCode>381<")
    assert read_document(content).kind == "credit-note"


@pytest.mark.parametrize("name", ["factur-x.xml", "Factur-X.xml", "zugferd-invoice.xml"])
def test_factur_x_pdf_reads_as_its_attachment(name: str) -> None:
    document = read_document(factur_x({"terms.txt": b"90 days", name: CII}))
    check_document(document, today=TODAY)
    assert document.format == "factur-x"
    plain = read_document(CII)
    assert view(document) | {"format": "cii"} == view(plain)


def test_our_json_is_read_in_a_currency_of_three_digits() -> None:
    document = read_document(JSON)
    check_document(document, today=TODAY)
    assert (document.currency, document.payable_amount) == ("KWD", 1_002_500)
    assert document.buyer.identifier == QINGHE


@pytest.mark.parametrize("content", [UBL, CREDIT_NOTE, CII, JSON])
def test_view_reads_back_as_the_same_document(content: bytes) -> None:
    shown = view(read_document(content))
    again = view(read_document(json.dumps(shown).encode()))
    assert again == shown | {"format": "json"}


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("iso-8859-1", "ISO-8859-1"), ("gbk", "GBK")],
)
def test_other_encodings_give_the_same_document(encoding: str, declared: str) -> None:
    text = UBL.decode().replace('encoding="UTF-8"', f'encoding="{declared}"')
    assert view(read_document(text.encode(encoding))) == view(read_document(UBL))


def test_a_chinese_name_survives_its_encoding() -> None:
    text = UBL.decode().replace("Qinghe Water Works Co., Ltd.", "清河水务有限公司")
    content = text.replace('encoding="UTF-8"', 'encoding="GB18030"').encode("gb18030")
    assert read_document(content).buyer.name == "清河水务有限公司"


def test_a_document_without_a_due_date_has_none() -> None:
    content = changed(UBL, "  <cbc:DueDate>2026-05-31</cbc:DueDate>\n", "")
    assert read_document(content).due_date is None


def test_a_comment_inside_a_number_does_not_cut_it() -> None:
    content = changed(UBL, ">8395.05<", ">83<!-- -->95.05<")
    assert read_document(content).payable_amount == 839_505


def test_the_legal_registration_comes_before_tax_number_and_endpoint() -> None:
    content = changed(UBL, ' schemeID="0199">9845004FNRDHARBOUR67<', ">HRB 4711<")
    seller = read_document(content).seller
    assert seller.identifiers == (
        Identifier("HRB 4711", "REGISTRATION"),
        Identifier("DE999000111", "VAT"),
    )


def test_the_tax_in_another_currency_is_not_the_documents_tax() -> None:
    other = '<cac:TaxTotal><cbc:TaxAmount currencyID="CNY">11700.39</cbc:TaxAmount></cac:TaxTotal>'
    content = changed(UBL, "  <cac:LegalMonetaryTotal>", other + "<cac:LegalMonetaryTotal>")
    document = read_document(content)
    check_document(document, today=TODAY)
    assert document.totals.tax == 150_005


def test_the_content_type_must_be_that_of_the_bytes() -> None:
    assert read_document(UBL, content_type="application/xml; charset=utf-8").format == "ubl"
    assert read_document(UBL, content_type="application/octet-stream").format == "ubl"
    with pytest.raises(DocumentError) as caught:
        read_document(UBL, content_type="application/pdf")
    assert caught.value.code == "content-type-mismatch"


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20
)
AMOUNTS = st.integers(min_value=-(10**15), max_value=10**15)
DECIMALS = st.decimals(
    min_value=-(10**9), max_value=10**9, places=4, allow_nan=False, allow_infinity=False
)
PARTIES = st.builds(
    Party,
    name=TEXTS,
    country=st.sampled_from([None, "DE", "FR"]),
    identifiers=st.lists(st.builds(Identifier, TEXTS, st.sampled_from(["0088", "VAT"]))).map(tuple),
)
LINES = st.builds(
    Line,
    number=TEXTS,
    description=TEXTS,
    amount=AMOUNTS,
    quantity=st.none() | DECIMALS,
    unit=st.none() | TEXTS,
    price=st.none() | DECIMALS,
)


@given(
    st.builds(
        Document,
        format=st.just("json"),
        kind=st.sampled_from(["invoice", "credit-note"]),
        number=TEXTS,
        issue_date=st.dates(min_value=datetime.date(1000, 1, 1)),
        due_date=st.none() | st.dates(min_value=datetime.date(1000, 1, 1)),
        currency=st.sampled_from(["EUR", "JPY", "KWD"]),
        payable_amount=AMOUNTS,
        seller=PARTIES,
        buyer=PARTIES,
        lines=st.lists(LINES, max_size=4).map(tuple),
    )
)
def test_any_document_comes_back_from_its_json(document: Document) -> None:
    content = json.dumps(view(document)).encode()
    assert view(read_document(content)) == view(document)
