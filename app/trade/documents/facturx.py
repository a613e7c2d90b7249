"""Factur-X (and ZUGFeRD 2): the CII inside a PDF. Of the PDF only the attachment is read."""

from __future__ import annotations

import subprocess
import sys

from app.places import PACKAGE
from app.trade.documents import pdf_attachment
from app.trade.documents.errors import (
    DocumentError,
    DocumentHostile,
    DocumentMalformed,
    DocumentTooLarge,
    FormatUnknown,
)

_REFUSED = 2


def attached_invoice(data: bytes, *, limit_bytes: int) -> bytes:
    """The XML that a PDF carries.

    Each call is a process of its own, which may take `pdf_attachment.MEMORY_BYTES`; how many there
    are at once is up to the caller (`Gateway.pdfs`).

    Raises:
        DocumentHostile: it unfolds without end.
        DocumentMalformed: no PDF that can be read, or an encrypted one.
        FormatUnknown: a PDF without an invoice in it, or with several.
        DocumentTooLarge: the attachment is larger than `limit_bytes`.
    """
    command = [sys.executable, "-m", pdf_attachment.__name__, str(limit_bytes + 1)]
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            cwd=PACKAGE.parent,
            env={},
            timeout=2 * pdf_attachment.SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(pdf_attachment.BOMB) from error
    if done.returncode == _REFUSED:
        raise _refusal(done.stdout.decode())
    if done.returncode != 0:  # it was ended from outside, at one of its limits
        raise _refusal(pdf_attachment.BOMB)
    if len(done.stdout) > limit_bytes:
        raise DocumentTooLarge(
            f"the invoice in the PDF has more than {limit_bytes} bytes", fix="send it in parts"
        )
    return done.stdout


def _refusal(why: str) -> DocumentError:
    match why:
        case pdf_attachment.BOMB:
            return DocumentHostile(
                "the PDF unfolds to more than any invoice",
                name="pdf-bomb",
                fix="send the invoice as XML",
            )
        case pdf_attachment.NONE:
            return FormatUnknown(
                "the PDF carries no invoice that a machine can read",
                name="pdf-without-invoice",
                fix=f"attach it as Factur-X does, under the name {pdf_attachment.NAMES[0]}",
            )
        case pdf_attachment.SEVERAL:
            return FormatUnknown(
                "the PDF carries invoices that differ",
                name="pdf-several-invoices",
                fix="send one invoice for each file",
            )
    return DocumentMalformed(
        "the PDF cannot be read",
        name="pdf-malformed",
        fix="export it again, without a password",
    )
