"""Special forms in real documents: parties, assignments, tests, encodings, envelopes."""

from __future__ import annotations

import io
import json

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from app.trade.documents.checks import check_document
from app.trade.documents.model import Identifier, view
from app.trade.documents.parties import is_named
from app.trade.documents.reader import read_document
from tests.support.documents import (
    CII,
    CREDIT_NOTE,
    JSON,
    TODAY,
    UBL,
    changed,
    factur_x,
    json_with,
    refusal,
)

# -- tax registrations

UBL_VAT = (
    "      <cac:PartyTaxScheme>\n        <cbc:CompanyID>DE999000111</cbc:CompanyID>\n"
    "        <cac:TaxScheme>\n          <cbc:ID>VAT</cbc:ID>\n        </cac:TaxScheme>\n"
    "      </cac:PartyTaxScheme>\n"
)


def tax(number: str, scheme: str) -> str:
    """A tax registration of UBL."""
    inner = f"<cac:TaxScheme><cbc:ID>{scheme}</cbc:ID></cac:TaxScheme>"
    text = f"<cbc:CompanyID>{number}</cbc:CompanyID>{inner}"
    return f"<cac:PartyTaxScheme>{text}</cac:PartyTaxScheme>"


@pytest.mark.parametrize(
    ("scheme", "named"), [("TAX", "TAX"), ("FC", "TAX"), ("GST", "GST"), ("", "TAX")]
)
def test_a_tax_registration_of_another_scheme_is_no_vat(scheme: str, named: str) -> None:
    content = changed(UBL, UBL_VAT, tax("Godkänd för F-skatt", scheme) + UBL_VAT)
    seller = read_document(changed(content, ' schemeID="0199">9845004FNRDHARBOUR67<', "><")).seller
    assert seller.identifiers == (
        Identifier("DE999000111", "VAT"),
        Identifier("Godkänd för F-skatt", named),
    )


def test_vat_comes_before_the_local_tax_number_in_cii_too() -> None:
    numbers = "".join(
        f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="{scheme}">{number}</ram:ID>'
        "</ram:SpecifiedTaxRegistration>"
        for scheme, number in (("FC", "201/113/40209"), ("VA", "DE123456789"))
    )
    old = "<ram:SpecifiedLegalOrganization>\n          <ram:ID>0100-01-999999</ram:ID>\n"
    old += "        </ram:SpecifiedLegalOrganization>"
    content = changed(CII, old, numbers)
    seller = read_document(
        changed(content, '<ram:GlobalID schemeID="0199">5299000CESSIONTEST40</ram:GlobalID>', "")
    ).seller
    assert seller.identifiers == (
        Identifier("DE123456789", "VAT"),
        Identifier("201/113/40209", "TAX"),
    )


def test_any_identifier_of_a_party_names_it_however_it_is_written() -> None:
    seller = view(read_document(UBL))["seller"] | {
        "otherIds": [{"id": "DE 111.111-111", "scheme": "VAT"}, {"id": "DE1", "scheme": "9930"}]
    }
    assert is_named(seller, scheme="VAT", value="DE111111111")
    assert is_named(seller, scheme="VAT", value="DE1")
    assert is_named(seller, scheme="LEI", value="9845004FNRDHARBOUR67")
    assert not is_named(seller, scheme="VAT", value="DE111111112")
    assert not is_named(seller, scheme="0088", value="DE111111111")


# -- assignments

PAYEE = "<cac:PayeeParty><cac:PartyName><cbc:Name>{}</cbc:Name></cac:PartyName></cac:PayeeParty>"


def with_payee(name: str) -> bytes:
    """The UBL sample with a payee."""
    return changed(UBL, "  <cac:PaymentTerms>", PAYEE.format(name) + "  <cac:PaymentTerms>")


@pytest.mark.parametrize(
    ("content", "assignment"),
    [
        (changed(UBL, ">380<", ">393<"), {"basis": ["type-code"]}),
        (changed(UBL, ">380<", ">501<"), {"basis": ["type-code"]}),
        (with_payee("Example Factor SA"), {"basis": ["payee"], "payee": "Example Factor SA"}),
        (
            changed(
                UBL, "  <cbc:DueDate>", "<cbc:Note>#ACC#Assigned to F.</cbc:Note><cbc:DueDate>"
            ),
            {"basis": ["note"]},
        ),
        (
            changed(
                CII,
                "</ram:IssueDateTime>",
                "</ram:IssueDateTime><ram:IncludedNote><ram:Content>Assigned to F.</ram:Content>"
                "<ram:SubjectCode>ACC</ram:SubjectCode></ram:IncludedNote>",
            ),
            {"basis": ["note"]},
        ),
        (
            changed(
                CII,
                "<ram:Description>60 days net</ram:Description>",
                "<ram:PayeeTradeParty><ram:Name>F.</ram:Name></ram:PayeeTradeParty>",
            ),
            {"basis": ["payee"], "payee": "F."},
        ),
        (json_with(notes=[{"subject": "ACC", "text": "assigned"}]), {"basis": ["note"]}),
        (json_with(payee={"name": "F."}), {"basis": ["payee"], "payee": "F."}),
        (json_with(typeCode="393"), {"basis": ["type-code"]}),
    ],
)
def test_assigned_document_shows_its_assignment(
    content: bytes, assignment: dict[str, object]
) -> None:
    document = read_document(content)
    check_document(document, today=TODAY)
    shown = view(document)
    assert shown["assignment"] == assignment
    again = view(read_document(json.dumps(shown).encode()))
    assert again == shown | {"format": "json"}


@pytest.mark.parametrize(
    "name", ["Nordhafen Pumpen GmbH", "NORDHAFEN PUMPEN, GMBH", "Nordhafen Pumpen"]
)
def test_a_payee_that_is_the_seller_is_no_assignment(name: str) -> None:
    assert "assignment" not in view(read_document(with_payee(name)))


def test_a_note_of_another_subject_is_no_assignment_and_is_shown() -> None:
    content = changed(UBL, "  <cbc:DueDate>", "<cbc:Note>#REG#HRB 1</cbc:Note><cbc:DueDate>")
    shown = view(read_document(content))
    assert shown["notes"] == [{"subject": "REG", "text": "HRB 1"}]
    assert "assignment" not in shown


# -- tests, copies


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            changed(
                CII,
                "<rsm:ExchangedDocumentContext>",
                "<rsm:ExchangedDocumentContext><ram:TestIndicator><udt:Indicator>true"
                "</udt:Indicator></ram:TestIndicator>",
            ),
            "document-test",
        ),
        (
            changed(
                CII,
                "</ram:IssueDateTime>",
                "</ram:IssueDateTime><ram:CopyIndicator><udt:Indicator>1</udt:Indicator>"
                "</ram:CopyIndicator>",
            ),
            "document-copy",
        ),
        (
            changed(
                CII,
                "</ram:IssueDateTime>",
                "</ram:IssueDateTime><ram:PurposeCode>31</ram:PurposeCode>",
            ),
            "document-copy",
        ),
        (
            changed(
                CII,
                "</ram:IssueDateTime>",
                "</ram:IssueDateTime><ram:PurposeCode>1</ram:PurposeCode>",
            ),
            "document-cancels",
        ),
        (
            changed(
                UBL, "  <cbc:DueDate>", "<cbc:CopyIndicator>true</cbc:CopyIndicator><cbc:DueDate>"
            ),
            "document-copy",
        ),
        (
            changed(
                UBL, "  <cbc:DueDate>", "<cbc:CopyIndicator>maybe</cbc:CopyIndicator><cbc:DueDate>"
            ),
            "field-invalid",
        ),
    ],
)
def test_test_copy_and_cancellation_invoices_are_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_invoice_declared_neither_test_nor_copy_is_read() -> None:
    content = changed(
        UBL, "  <cbc:DueDate>", "<cbc:CopyIndicator>false</cbc:CopyIndicator><cbc:DueDate>"
    )
    assert read_document(content).number == "NP-2026/0815"


# -- encodings


@pytest.mark.parametrize(
    "declaration",
    [
        "<?xml version='1.0' encoding='UTF-8-W/O-BOM'?>",
        "<?xml version='1.0' encoding=''?>",
        "<?xml version='1.0' encoding='8859'?>",
        "<?xml version='1.0' encoding=UTF-8?>",
        "<?xml encoding='UTF-8'?>",
        "<?xml version='1.0' standalone='maybe'?>",
    ],
)
def test_an_ill_formed_declaration_is_refused(declaration: str) -> None:
    content = changed(UBL, '<?xml version="1.0" encoding="UTF-8"?>', declaration)
    assert refusal(content).code == "xml-encoding"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("ISO-8859-1", "utf-8-sig"), ("UTF-8", "utf-16"), ("UTF-16", "utf-8-sig")],
)
def test_a_mark_that_contradicts_the_declaration_is_refused(declared: str, encoding: str) -> None:
    text = UBL.decode().replace('encoding="UTF-8"', f'encoding="{declared}"')
    assert refusal(text.encode(encoding)).code == "xml-encoding"


# -- texts, attachments


@pytest.mark.parametrize("escape", ["\\ud800", "\\uDFFF", "\\ude00\\ud83d"])
def test_lone_surrogate_is_refused(escape: str) -> None:
    content = changed(JSON, '"description": "', '"description": "' + escape)
    assert refusal(content).code == "json-malformed"
    assert refusal(b'{"%b": "1"}' % escape.encode()).code == "json-malformed"
    twice = b'{"%b": "1", "%b": "1"}' % (escape.encode(), escape.encode())
    json.dumps(refusal(twice).problem(), ensure_ascii=False).encode()


def test_surrogate_pair_is_read() -> None:
    assert read_document(json_with(number="A\U0001f600")).number == "A\U0001f600"


def test_an_attachment_of_eight_megabytes_is_read() -> None:
    attachment = (
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>"
        '<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="a.pdf">'
        + "QUJD" * 2_800_000
        + "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    content = changed(
        UBL, "  <cac:AccountingSupplierParty>", attachment + "<cac:AccountingSupplierParty>"
    )
    assert read_document(content).number == "NP-2026/0815"


def test_xml_that_mentions_pdf_is_read_as_xml() -> None:
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    content = changed(UBL, declaration, declaration + "<!-- made from %PDF-1.7 -->")
    assert read_document(content).number == "NP-2026/0815"


def _pdf(*, nested: bool, associated: bool) -> bytes:
    """A PDF whose attachment hangs at a child of the name tree, or at the catalogue alone."""
    reader = pypdf.PdfReader(io.BytesIO(factur_x({"factur-x.xml": CII})))
    writer = pypdf.PdfWriter(clone_from=reader)
    names = writer.root_object["/Names"]["/EmbeddedFiles"]  # type: ignore[index]
    file = names["/Names"][1]
    leaf = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Limits"): ArrayObject([TextStringObject("a"), TextStringObject("z")]),
                NameObject("/Names"): ArrayObject([TextStringObject("factur-x.xml"), file]),
            }
        )
    )
    middle = writer._add_object(DictionaryObject({NameObject("/Kids"): ArrayObject([leaf])}))
    tree = DictionaryObject({NameObject("/Kids"): ArrayObject([middle, middle])} if nested else {})
    writer.root_object[NameObject("/Names")] = DictionaryObject(
        {NameObject("/EmbeddedFiles"): tree}
    )
    if associated:
        writer.root_object[NameObject("/AF")] = ArrayObject([file])
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.mark.parametrize(("nested", "associated"), [(True, False), (False, True), (True, True)])
def test_an_attachment_is_found_wherever_the_standard_puts_it(
    nested: bool, associated: bool
) -> None:
    assert read_document(_pdf(nested=nested, associated=associated)).number == "HS-77120"


def test_pdf_without_an_attachment_has_no_invoice() -> None:
    assert refusal(_pdf(nested=False, associated=False)).code == "pdf-without-invoice"
    assert read_document(CREDIT_NOTE).kind == "credit-note"


# -- envelopes, older formats

NAMESPACE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def enveloped(*files: bytes) -> bytes:
    """Documents in a Standard Business Document, as Peppol sends them."""
    inner = "".join(content.decode().replace(DECLARATION, "") for content in files)
    header = "<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion>"
    header += "</StandardBusinessDocumentHeader>"
    return (
        f'{DECLARATION}<StandardBusinessDocument xmlns="{NAMESPACE}">{header}{inner}'
        "</StandardBusinessDocument>"
    ).encode()


@pytest.mark.parametrize("content", [UBL, CREDIT_NOTE, CII])
def test_invoice_in_an_envelope_reads_the_same(content: bytes) -> None:
    assert view(read_document(enveloped(content))) == view(read_document(content))


@pytest.mark.parametrize("content", [enveloped(), enveloped(UBL, CII)])
def test_an_envelope_of_none_or_several_is_refused(content: bytes) -> None:
    assert refusal(content).code == "envelope-invalid"


def test_zugferd_1_is_refused_by_its_name() -> None:
    root = '<a:CrossIndustryDocument xmlns:a="urn:ferd:CrossIndustryDocument:invoice:1p0"/>'
    error = refusal(factur_x({"ZUGFeRD-invoice.xml": root.encode()}))
    assert (error.code, error.detail) == (
        "root-unknown",
        "the invoice is ZUGFeRD 1, which the gateway does not read",
    )
