"""Reads a document from bytes, in any supported format."""

from __future__ import annotations

from app.domain.money import CurrencyUnknown
from app.domain.texts import say, text_of
from app.trade.documents import archive, cii, fapiao, ubl
from app.trade.documents.credit import as_credit
from app.trade.documents.errors import DocumentTooLarge, FieldInvalid, FormatUnknown
from app.trade.documents.facturx import attached_invoice
from app.trade.documents.json_invoice import read_json
from app.trade.documents.model import Document, Format
from app.trade.documents.xml import Element, parse

LIMIT_BYTES = 20_000_000
_HEADER_NAMESPACE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
_ENVELOPE = f"{{{_HEADER_NAMESPACE}}}StandardBusinessDocument"
_ZUGFERD_1 = "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument"
_FORMATS = {
    "application/xml": "xml",
    "text/xml": "xml",
    "application/pdf": "pdf",
    "application/json": "json",
    "application/ofd": "archive",
    "application/zip": "archive",
}


def read_document(
    data: bytes, *, content_type: str | None = None, limit_bytes: int = LIMIT_BYTES
) -> Document:
    """Reads an invoice or credit note; it does not check it (see `check_document`).

    Formats: UBL 2.1, CII, Factur-X, a Chinese electronic invoice (XML or OFD), JSON.

    Args:
        data: the file.
        content_type: as the sender states; if it names XML, PDF, OFD, zip or JSON, the bytes must
            agree.
        limit_bytes: a larger document is refused before anything is parsed.

    Raises:
        DocumentError: nothing else is raised, whatever the bytes.
    """
    if len(data) > limit_bytes:
        raise DocumentTooLarge(
            say(
                "the document has {data} bytes, the limit is {limit_bytes}",
                data=len(data),
                limit_bytes=limit_bytes,
            ),
            fix="leave attachments out, or send one invoice for each file",
        )
    actual = _format_of(data)
    stated = _FORMATS.get((content_type or "").partition(";")[0].strip().lower())
    if stated is not None and stated != actual:
        raise FormatUnknown(
            say(
                "the content type says {stated}, the document is {actual}",
                stated=stated,
                actual=actual,
            ),
            name="content-type-mismatch",
            fix="send it with its own content type",
        )
    try:
        if actual == "json":
            return read_json(data)  # it states its kind itself
        if actual == "pdf":
            attached = attached_invoice(data, limit_bytes=limit_bytes)
            return as_credit(_read_xml(attached, format="factur-x"))
        if actual == "archive":
            data = archive.carried_invoice(data, limit_bytes=limit_bytes)
        return as_credit(_read_xml(data))
    except CurrencyUnknown as error:
        raise FieldInvalid(
            text_of(error),
            name="currency-unknown",
            field="currency",
            fix="give a code of ISO 4217 such as CNY or EUR",
        ) from error


def is_pdf(data: bytes) -> bool:
    """Whether `read_document` reads the bytes as a PDF.

    A PDF normally starts with its mark; PDF readers accept it anywhere in the first 1,024 bytes.
    XML and JSON may contain it as text.
    """
    head = data[:1024]
    if data.startswith(archive.MARK):
        return False
    return b"%PDF-" in head and not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(
        (b"<", b"{", b"[", b"\xff\xfe", b"\xfe\xff")
    )


def _format_of(data: bytes) -> str:
    head = data[:1024]
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain.startswith((b"{", b"[")):
        return "json"
    if plain.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return "xml"
    if data.startswith(archive.MARK):
        return "archive"
    if is_pdf(data):
        return "pdf"
    raise FormatUnknown(
        "the document is empty"
        if not plain
        else "the document is neither XML nor PDF nor OFD nor JSON",
        fix="send UBL 2.1, CII, a Factur-X PDF, the XML or OFD of a Chinese invoice, or JSON",
    )


def _read_xml(data: bytes, *, format: Format | None = None) -> Document:
    root = _without_envelope(parse(data))
    if root.tag in {ubl.INVOICE_ROOT, ubl.CREDIT_NOTE_ROOT} and format is None:
        return ubl.read_ubl(root)
    if root.tag == cii.ROOT:
        return cii.read_cii(root, format=format or "cii")
    if str(root.tag).rpartition("}")[2] in fapiao.ROOTS and format is None:
        return fapiao.read_fapiao(root)
    if root.tag == _ZUGFERD_1:
        raise FormatUnknown(
            "the invoice is ZUGFeRD 1, which the gateway does not read",
            name="root-unknown",
            fix="export it as ZUGFeRD 2 or Factur-X",
        )
    raise FormatUnknown(
        say("the root element is {tag}", tag=str(root.tag)[:200]),
        name="root-unknown",
        fix="send a UBL 2.1 Invoice or CreditNote, or a CII CrossIndustryInvoice (version 100)",
    )


def _without_envelope(root: Element) -> Element:
    """The document in an envelope (UN/CEFACT Standard Business Document); else the root itself.

    Raises:
        FormatUnknown: the envelope holds no document, or several.
    """
    if root.tag != _ENVELOPE:
        return root
    documents = [element for element in root if element.tag != _ENVELOPE + "Header"]
    if len(documents) != 1:
        raise FormatUnknown(
            say("the envelope holds {documents} documents", documents=len(documents)),
            name="envelope-invalid",
            fix="send one invoice in each envelope, or without one",
        )
    return documents[0]
