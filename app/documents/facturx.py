"""Factur-X (ZUGFeRD 2): a PDF that carries its invoice as CII."""

from __future__ import annotations

import io

import pypdf
from pypdf.errors import PyPdfError

from app.documents.errors import DocumentTooLarge, DocumentUnknown, DocumentUnreadable

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
MOST_ATTACHMENTS = 50


def embedded_invoice(data: bytes, *, limit: int) -> bytes:
    """The XML inside a PDF.

    Raises:
        DocumentUnreadable, DocumentUnknown, DocumentTooLarge.
    """
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        attached = list(reader.attachment_list)[:MOST_ATTACHMENTS]
        found = [entry for entry in attached if entry.name.lower() in NAMES]
        content = bytes(found[0].content) if found else b""
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentUnreadable(f"the PDF cannot be read: {error}") from error
    except Exception as error:  # pypdf lets many kinds through on damaged files
        raise DocumentUnreadable(f"the PDF cannot be read: {error}") from error
    if not found:
        raise DocumentUnknown(
            f"the PDF carries no invoice (one of {', '.join(NAMES)})",
            fix="send a Factur-X PDF, or the invoice as XML",
        )
    if len(content) > limit:
        raise DocumentTooLarge(f"the invoice inside the PDF has more than {limit} bytes")
    return content
