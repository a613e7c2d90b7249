"""Any document into the model: the format is told by the bytes, not by what the sender says."""

from __future__ import annotations

from app.documents.cii import ROOT as CII_ROOT
from app.documents.cii import read_cii
from app.documents.errors import DocumentTooLarge, DocumentUnknown, DocumentUnreadable
from app.documents.facturx import embedded_invoice
from app.documents.json_invoice import read_json
from app.documents.model import Document, Format
from app.documents.ubl import ROOTS as UBL_ROOTS
from app.documents.ubl import read_ubl
from app.documents.xml import parse

LIMIT = 20_000_000
_MARK = b"\xef\xbb\xbf"


def read_document(data: bytes, *, limit: int = LIMIT) -> Document:
    """Reads UBL 2.1, CII, a Factur-X PDF, or JSON. Sums and dates are `check_document`'s.

    Args:
        limit: most bytes that are looked at.

    Raises:
        DocumentError: one of its kinds, always with what is wrong.
    """
    if len(data) > limit:
        raise DocumentTooLarge(
            f"the document has {len(data):,} bytes, at most {limit:,} are taken",
            field="file",
            fix="send the invoice without attachments",
        )
    if not data.strip():
        raise DocumentUnreadable("the document is empty", field="file")
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _xml(embedded_invoice(data, limit=limit), inside_pdf=True)
    start = data.removeprefix(_MARK).lstrip()[:1]
    if start in (b"{", b"["):
        return read_json(data.removeprefix(_MARK))
    return _xml(data, inside_pdf=False)


def _xml(data: bytes, *, inside_pdf: bool) -> Document:
    root = parse(data)
    tag = str(root.tag)
    if tag == CII_ROOT:
        kind: Format = "factur-x" if inside_pdf else "cii"
        return read_cii(root, format=kind)
    if tag in UBL_ROOTS:
        return read_ubl(root)
    raise DocumentUnknown(
        f"the root element is {tag[:200]}: neither a UBL 2.1 invoice or credit note nor a CII one",
        field="file",
    )
