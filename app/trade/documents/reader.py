"""From bytes to a document, whatever the format."""

from __future__ import annotations

from app.domain.money import CurrencyUnknown
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
_SAID = {
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
    """Reads an invoice or credit note: UBL 2.1, CII, Factur-X, a Chinese electronic invoice (XML or
    OFD) or JSON. `check_document` is apart.

    Args:
        content_type: as the sender says; where it names XML, PDF, OFD or JSON the bytes must agree.
        limit_bytes: more are refused before anything is parsed.

    Raises:
        DocumentError: and nothing else, whatever the bytes.
    """
    if len(data) > limit_bytes:
        raise DocumentTooLarge(
            f"the document has {len(data)} bytes, {limit_bytes} are taken",
            fix="leave attachments out, or send one invoice for each file",
        )
    found = _sniffed(data)
    said = _SAID.get((content_type or "").partition(";")[0].strip().lower())
    if said is not None and said != found:
        raise FormatUnknown(
            f"the document was said to be {said}, its bytes are {found}",
            name="content-type-mismatch",
            fix="send it with the content type that it has",
        )
    try:
        if found == "json":
            return read_json(data)  # it says its kind itself
        if found == "pdf":
            attached = attached_invoice(data, limit_bytes=limit_bytes)
            return as_credit(_read_xml(attached, format="factur-x"))
        if found == "archive":
            data = archive.carried_invoice(data, limit_bytes=limit_bytes)
        return as_credit(_read_xml(data))
    except CurrencyUnknown as error:
        raise FieldInvalid(
            str(error)[:200],
            name="currency-unknown",
            field="currency",
            fix="give a code of ISO 4217 such as CNY or EUR",
        ) from error


def is_pdf(data: bytes) -> bool:
    """Whether the bytes will be read as a PDF.

    Its mark is its first bytes as a rule; readers of PDF take it anywhere in the first 1,024. XML
    and JSON may speak of it.
    """
    head = data[:1024]
    if data.startswith(archive.MARK):
        return False
    return b"%PDF-" in head and not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(
        (b"<", b"{", b"[", b"\xff\xfe", b"\xfe\xff")
    )


def _sniffed(data: bytes) -> str:
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
    root = _opened(parse(data))
    if root.tag in {ubl.INVOICE_ROOT, ubl.CREDIT_NOTE_ROOT} and format is None:
        return ubl.read_ubl(root)
    if root.tag == cii.ROOT:
        return cii.read_cii(root, format=format or "cii")
    if str(root.tag).rpartition("}")[2] in fapiao.ROOTS and format is None:
        return fapiao.read_fapiao(root)
    if root.tag == _ZUGFERD_1:
        raise FormatUnknown(
            "the invoice is ZUGFeRD 1, which is not taken",
            name="root-unknown",
            fix="export it as ZUGFeRD 2 or Factur-X",
        )
    raise FormatUnknown(
        f"the root element is {str(root.tag)[:200]}",
        name="root-unknown",
        fix="send a UBL 2.1 Invoice or CreditNote, or a CII CrossIndustryInvoice (version 100)",
    )


def _opened(root: Element) -> Element:
    """The document in an envelope (UN/CEFACT's Standard Business Document); else the root itself.

    Raises:
        FormatUnknown: the envelope holds none, or several.
    """
    if root.tag != _ENVELOPE:
        return root
    found = [one for one in root if one.tag != _ENVELOPE + "Header"]
    if len(found) != 1:
        raise FormatUnknown(
            f"the envelope holds {len(found)} documents",
            name="envelope-invalid",
            fix="send one invoice in each envelope, or without one",
        )
    return found[0]
