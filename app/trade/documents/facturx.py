"""Factur-X (and ZUGFeRD 2): the CII inside a PDF. Only the attachment of the PDF is read."""

from __future__ import annotations

import subprocess
import sys

from app.domain.texts import say
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
# A backstop: the process has a limit of its own on processor time, and a busy machine is no bomb.
_WALL_SECONDS = 12 * pdf_attachment.SECONDS


def attached_invoice(data: bytes, *, limit_bytes: int) -> bytes:
    """The XML that is attached to a PDF.

    Each call starts a process, which may use `pdf_attachment.MEMORY_BYTES`. The caller decides how
    many run at once (`Gateway.pdfs`).

    Raises:
        DocumentHostile: it decompresses to too much.
        DocumentMalformed: the PDF cannot be read, or is encrypted.
        FormatUnknown: the PDF holds no invoice, or several.
        DocumentTooLarge: the attachment is larger than `limit_bytes`.
    """
    command = [sys.executable, "-m", pdf_attachment.__name__, str(limit_bytes + 1)]
    try:
        process = subprocess.run(
            command,
            input=data,
            capture_output=True,
            cwd=PACKAGE.parent,
            env={},
            timeout=_WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(pdf_attachment.BOMB) from error
    if process.returncode == _REFUSED:
        raise _refusal(process.stdout.decode())
    if process.returncode != 0:  # the system ended it at one of its limits
        raise _refusal(pdf_attachment.BOMB)
    if len(process.stdout) > limit_bytes:
        raise DocumentTooLarge(
            say(
                "the invoice in the PDF has more than {limit_bytes} bytes", limit_bytes=limit_bytes
            ),
            fix="send it in parts",
        )
    return process.stdout


def _refusal(why: str) -> DocumentError:
    match why:
        case pdf_attachment.BOMB:
            return DocumentHostile(
                "the PDF decompresses to more than any invoice has",
                name="pdf-bomb",
                fix="send the invoice as XML",
            )
        case pdf_attachment.NONE:
            return FormatUnknown(
                "the PDF has no invoice that a machine can read",
                name="pdf-without-invoice",
                fix=say(
                    "attach it as Factur-X does, under the name {names}",
                    names=pdf_attachment.NAMES[0],
                ),
            )
        case pdf_attachment.SEVERAL:
            return FormatUnknown(
                "the PDF has several different invoices",
                name="pdf-several-invoices",
                fix="send one invoice for each file",
            )
    return DocumentMalformed(
        "the PDF cannot be read",
        name="pdf-malformed",
        fix="export it again, without a password",
    )
