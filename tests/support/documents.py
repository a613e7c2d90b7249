"""The sample documents, and variants of them."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import Any

import pypdf
from pypdf.generic import DictionaryObject

from app.trade.documents.checks import findings
from app.trade.documents.errors import DocumentError
from app.trade.documents.reader import read_document

SAMPLES = Path(__file__).parents[2] / "samples"
TODAY = datetime.date(2026, 6, 1)
UBL = (SAMPLES / "ubl-invoice.xml").read_bytes()
CREDIT_NOTE = (SAMPLES / "ubl-credit-note.xml").read_bytes()
CII = (SAMPLES / "cii-invoice.xml").read_bytes()
JSON = (SAMPLES / "invoice.json").read_bytes()


def factur_x(
    attachments: dict[str, bytes], *, password: str | None = None, packed: bool = False
) -> bytes:
    """A PDF of one empty page with these attachments, compressed when `packed`."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=595, height=842)
    for name, content in attachments.items():
        attachment = writer.add_attachment(name, content)
        if packed:
            files = attachment.pdf_object["/EF"]
            assert isinstance(files, DictionaryObject)
            place = files.raw_get("/F")
            writer._replace_object(place, place.get_object().flate_encode())
    if password is not None:
        writer.encrypt(password)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def changed(content: bytes, old: str, new: str) -> bytes:
    """The document with one text replaced, which must occur in it."""
    text = content.decode()
    assert old in text, old
    return text.replace(old, new).encode()


def json_with(**members: Any) -> bytes:
    """The JSON sample with other members; None takes one out."""
    document = json.loads(JSON) | members
    return json.dumps({key: value for key, value in document.items() if value is not None}).encode()


def refusal(content: bytes) -> DocumentError:
    """The error that refuses a document, on reading or on checking."""
    try:
        document = read_document(content)
    except DocumentError as error:
        return error
    problems = findings(document, today=TODAY)
    assert problems, "the document was accepted"
    return problems[0]
