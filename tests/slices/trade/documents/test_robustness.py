"""Whatever the bytes, reading and checking raise `DocumentError` or nothing."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.trade.documents.checks import findings
from app.trade.documents.errors import DocumentError
from app.trade.documents.model import fields, view
from app.trade.documents.reader import read_document
from tests.support.documents import CII, CREDIT_NOTE, JSON, TODAY, UBL, factur_x

DOCUMENTS = {
    "ubl": UBL,
    "credit-note": CREDIT_NOTE,
    "cii": CII,
    "json": JSON,
    "pdf": factur_x({"factur-x.xml": CII}),
    "packed-pdf": factur_x({"factur-x.xml": CII}, packed=True),
}
PDF = {"pdf", "packed-pdf"}
FRAGMENTS = st.binary(max_size=6) | st.sampled_from(
    [b"<", b">", b"&", b'"', b"{", b"}", b"[", b",", b"0", b"-", b"9" * 40, b"\x00", b"null", b"/"]
)


def read_and_check(data: bytes) -> None:
    """Reads, checks and shows; an error that is no DocumentError goes through."""
    with contextlib.suppress(DocumentError):
        document = read_document(data)
        findings(document, today=TODAY)
        assert fields(document)
        assert view(document)["number"]


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - PDF))
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_document_raises_document_errors_only(name: str, data: st.DataObject) -> None:
    _damage(name, data)


@pytest.mark.parametrize("name", sorted(PDF))
@given(data=st.data())
@settings(max_examples=25, deadline=None)  # a process of its own reads each
def test_a_damaged_pdf_raises_document_errors_only(name: str, data: st.DataObject) -> None:
    _damage(name, data)


def _damage(name: str, data: st.DataObject) -> None:
    content = DOCUMENTS[name]
    for _round in range(data.draw(st.integers(min_value=1, max_value=4))):
        place = data.draw(st.integers(min_value=0, max_value=len(content)))
        length = data.draw(st.integers(min_value=0, max_value=12))
        content = content[:place] + data.draw(FRAGMENTS) + content[place + length :]
    read_and_check(content)


@pytest.mark.parametrize("name", ["ubl", "cii", "json"])
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_wrong_value_raises_document_errors_only(name: str, data: st.DataObject) -> None:
    mark = b'": "' if name == "json" else b">"
    parts = DOCUMENTS[name].split(mark)
    place = data.draw(st.integers(min_value=1, max_value=len(parts) - 1))
    value = data.draw(st.text(max_size=12) | st.from_regex(r"[-+]?[0-9.]{1,80}", fullmatch=True))
    end = parts[place].find(b'"' if name == "json" else b"<")
    parts[place] = value.encode("utf-8", "surrogatepass") + parts[place][max(end, 0) :]
    read_and_check(mark.join(parts))


@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b"\xfe\xff<\x00")
@example(b"%PDF-")
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_raise_document_errors_only(data: bytes) -> None:
    read_and_check(data)
