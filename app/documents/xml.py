"""XML from strangers: no DTD, no entities, no network, bounded in size and depth, nothing twice.

Expanding entities is not merely switched off: a document that declares a DTD is refused before the
parser sees it, and the encoding is fixed beforehand, so that no encoding can hide one.
"""

from __future__ import annotations

import codecs
import re
from decimal import Decimal

from lxml import etree

from app.documents import values
from app.documents.errors import (
    DocumentHostile,
    DocumentMalformed,
    FieldInvalid,
    FieldMissing,
)

Element = etree._Element
MOST_DEPTH = 32
MOST_MARKS = 2_000_000
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_TEXT_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,400}?\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# All of them write "<" and "!" as ASCII does, but for UTF-16, which is told by its mark.
_ENCODINGS = frozenset(
    ["ascii", "utf-8", "iso8859-1", "iso8859-15", "cp1252", "gb18030", "gbk", "gb2312"]
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse(data: bytes) -> Element:
    """The root element.

    Raises:
        DocumentMalformed: not well formed, or in an encoding that is not taken.
        DocumentHostile: a DTD, too many elements, or nested too deep.
    """
    text = _decoded(data)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DocumentHostile(
            "the XML declares a document type or entities",
            name="xml-dtd",
            fix="send the invoice without <!DOCTYPE> and without <!ENTITY>",
        )
    if text.count("<") + text.count("=") > MOST_MARKS:
        raise DocumentHostile(
            "the XML has more elements and attributes than any invoice",
            name="xml-too-many-elements",
            fix="send one invoice for each file",
        )
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0][:200]
        raise DocumentMalformed(
            f"the XML is not well formed: {reason}",
            name="xml-malformed",
            fix="export the invoice again, whole",
        ) from error
    _check_depth(root)
    return root


def _decoded(data: bytes) -> str:
    """The text without its XML declaration."""
    if data.startswith(_UTF16):
        text = _decode(data, "utf-16")
        declaration = _TEXT_DECLARATION.match(text)
        return text if declaration is None else text[declaration.end() :]
    data = data.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    encoding = "utf-8"
    found = _DECLARATION.match(data, 0, 400)
    if found is not None:
        named = _ENCODING.search(found.group())
        encoding = encoding if named is None else named.group(1).decode()
        data = data[found.end() :]
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        known = ""
    if known not in _ENCODINGS:
        raise DocumentMalformed(
            f"the XML says that it is in {encoding}, which is not what it is or not taken",
            name="xml-encoding",
            fix="send it in UTF-8",
        )
    return _decode(data, known)


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        raise DocumentMalformed(
            f"the XML is not in {encoding}, as it says", name="xml-encoding", fix="send UTF-8"
        ) from error


def _check_depth(root: Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:
            raise DocumentHostile(
                f"the XML is nested deeper than {MOST_DEPTH} elements",
                name="xml-too-deep",
                fix="send the invoice as its standard has it",
            )


class Reader:
    """Takes values out of elements; each error names our field and their element.

    Attributes:
        currency: of the document; every amount must be in it.
    """

    def __init__(self, namespaces: dict[str, str]) -> None:
        self.namespaces = namespaces
        self.currency = ""

    def all(self, parent: Element | None, path: str) -> list[Element]:
        """Every element at the path."""
        return [] if parent is None else parent.findall(path, self.namespaces)

    def one(self, parent: Element | None, path: str, *, field: str) -> Element | None:
        """The element at the path.

        Raises:
            FieldInvalid: there are several; two readers might read two different things.
        """
        found = self.all(parent, path)
        if len(found) > 1:
            raise FieldInvalid(
                f"{path} is there {len(found)} times",
                name="field-repeated",
                field=field,
                fix=f"give {path} once",
            )
        return found[0] if found else None

    def needed(self, parent: Element | None, path: str, *, field: str) -> Element:
        """The element at the path, which must be there.

        Raises:
            FieldMissing, FieldInvalid.
        """
        found = self.one(parent, path, field=field)
        if found is None:
            raise FieldMissing(f"{field} is missing", field=field, fix=f"give {path}")
        return found

    def text(self, parent: Element | None, path: str, *, field: str) -> str | None:
        """Its text, blanks folded; None where absent or empty."""
        element = self.one(parent, path, field=field)
        return None if element is None else self.text_of(element, field=field)

    def text_of(self, element: Element, *, field: str) -> str | None:
        """An element's text, blanks folded; None where empty.

        Raises:
            FieldInvalid: it holds elements, or more text than a field may have.
        """
        if len(element):
            raise FieldInvalid(f"{field} holds elements where text belongs", field=field)
        return values.folded(element.text or "", field=field)

    def needed_text(self, parent: Element | None, path: str, *, field: str) -> str:
        """Text that must be there.

        Raises:
            FieldMissing, FieldInvalid.
        """
        text = self.text(parent, path, field=field)
        if text is None:
            raise FieldMissing(f"{field} is missing or empty", field=field, fix=f"give {path}")
        return text

    def decimal(self, parent: Element | None, path: str, *, field: str) -> Decimal | None:
        """An exact decimal.

        Raises:
            FieldInvalid.
        """
        text = self.text(parent, path, field=field)
        return None if text is None else values.decimal(text, field=field)

    def amount(self, parent: Element | None, path: str, *, field: str) -> int | None:
        """Minor units of the document's currency.

        Raises:
            FieldInvalid: no number, finer than the minor unit, or in another currency.
        """
        element = self.one(parent, path, field=field)
        return None if element is None else self.amount_of(element, field=field)

    def amount_of(self, element: Element, *, field: str) -> int | None:
        """Minor units that an element says."""
        other = element.get("currencyID")
        if other is not None and other.strip() != self.currency:
            raise FieldInvalid(
                f"{field} is in {other[:20]!r}, the document in {self.currency}",
                name="currency-mixed",
                field=field,
                fix=f"give it in {self.currency}",
            )
        text = self.text_of(element, field=field)
        return None if text is None else values.amount(text, field=field, currency=self.currency)

    def needed_amount(self, parent: Element | None, path: str, *, field: str) -> int:
        """An amount that must be there.

        Raises:
            FieldMissing, FieldInvalid.
        """
        amount = self.amount(parent, path, field=field)
        if amount is None:
            raise FieldMissing(f"{field} is missing or empty", field=field, fix=f"give {path}")
        return amount

    def flag(self, parent: Element | None, path: str, *, field: str) -> bool:
        """An xs:boolean that must be there.

        Raises:
            FieldMissing, FieldInvalid.
        """
        text = self.needed_text(parent, path, field=field)
        if text not in {"true", "false", "1", "0"}:
            raise FieldInvalid(
                f"{field} is {text[:40]!r}, neither true nor false", field=field, fix="say which"
            )
        return text in {"true", "1"}
