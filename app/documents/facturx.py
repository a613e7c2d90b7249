"""Factur-X (and ZUGFeRD 2): the CII inside a PDF. Of the PDF only the attachment is read."""

from __future__ import annotations

import io
import logging

import pypdf

from app.documents.errors import DocumentHostile, DocumentMalformed, DocumentTooLarge, FormatUnknown

# Under these names Factur-X, ZUGFeRD 2 and XRechnung put their invoice.
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_MOST_ATTACHMENTS = 1_000
# What is odd about a stranger's PDF is told to the stranger, not to our log.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def attached_invoice(data: bytes, *, limit_bytes: int) -> bytes:
    """The XML that a PDF carries.

    Raises:
        DocumentHostile: it unfolds without end.
        DocumentMalformed: no PDF that can be read, or an encrypted one.
        FormatUnknown: a PDF without an invoice in it, or with several.
        DocumentTooLarge: the attachment is larger than `limit_bytes`.
    """
    try:
        found = _attachments(data)
    except pypdf.errors.LimitReachedError as error:
        raise DocumentHostile(
            "the PDF unfolds to more than any invoice",
            name="pdf-bomb",
            fix="send the invoice as XML",
        ) from error
    except Exception as error:
        # The library raises whatever a broken file makes it stumble over; it is all one to the
        # sender. Our own errors come later.
        raise DocumentMalformed(
            f"the PDF cannot be read ({type(error).__name__})",
            name="pdf-malformed",
            fix="export it again, without a password",
        ) from error
    if not found:
        raise FormatUnknown(
            "the PDF carries no invoice that a machine can read",
            name="pdf-without-invoice",
            fix=f"attach it as Factur-X does, under the name {NAMES[0]}",
        )
    if len(found) > 1:
        raise FormatUnknown(
            f"the PDF carries {len(found)} invoices that differ",
            name="pdf-several-invoices",
            fix="send one invoice for each file",
        )
    content = found.pop()
    if len(content) > limit_bytes:
        raise DocumentTooLarge(
            f"the invoice in the PDF has {len(content)} bytes, {limit_bytes} are taken",
            fix="send it in parts",
        )
    return content


def _attachments(data: bytes) -> set[bytes]:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise pypdf.errors.FileNotDecryptedError("encrypted")
    found = set()
    for index, attachment in enumerate(reader.attachment_list):
        if index >= _MOST_ATTACHMENTS:
            raise pypdf.errors.LimitReachedError("too many attachments")
        names = {str(attachment.name).lower(), str(attachment.alternative_name).lower()}
        if names & set(NAMES):
            found.add(bytes(attachment.content))
    return found
