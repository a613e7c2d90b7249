"""XML from strangers: no DTD, no entities, no network, bounded in size and depth, nothing twice.

Expanding entities is not merely switched off: a document that declares a DTD is refused before the
parser sees it, and the encoding is fixed beforehand, so that no encoding can hide one.
"""

from __future__ import annotations

import codecs
import re
from decimal import Decimal

from lxml import etree

from app.trade.documents import values
from app.trade.documents.errors import (
    DocumentHostile,
    DocumentMalformed,
    FieldInvalid,
    FieldMissing,
)

Element = etree._Element
MOST_DEPTH = 32
MOST_MARKS = 2_000_000
# XML 1.0, productions 23 to 26, 32, 80 and 81.
_DECLARATION = re.compile(
    r"""\s*<\?xml\s+version\s*=\s*(["'])1\.[0-9]+\1"""
    r"""(?:\s+encoding\s*=\s*(["'])(?P<encoding>[A-Za-z][A-Za-z0-9._-]{0,39})\2)?"""
    r"""(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>"""
)
# All of them write "<" and "!" as ASCII does, but for UTF-16, which is told by its mark.
_ENCODINGS = frozenset(
    ["ascii", "utf-8", "iso8859-1", "iso8859-15", "cp1252", "gb18030", "gbk", "gb2312"]
)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


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
        # An attachment may be one text of many megabytes; size and depth are bounded here.
        huge_tree=True,
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
    """The text without its XML declaration.

    Raises:
        DocumentMalformed: the declaration is ill formed, or names what the bytes are not.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            text = _decode(data.removeprefix(mark), encoding)
            named, start = _declared(text)
            if named is not None and _known(named) != encoding and named.lower() != encoding[:6]:
                raise _wrong_encoding(named)
            return text[start:]
    data = data.lstrip(b" \t\r\n")
    # ASCII is enough for the declaration: no encoding that is taken writes it otherwise.
    named, start = _declared(data[:400].decode("ascii", "replace"))
    encoding = _known(named or "utf-8")
    if encoding not in _ENCODINGS:
        raise _wrong_encoding(named or "")
    return _decode(data[start:], encoding)


def _declared(text: str) -> tuple[str | None, int]:
    """The encoding that the XML declaration names, and where the declaration ends."""
    if re.match(r"\s*<\?xml\s", text) is None:
        return None, 0
    shape = _DECLARATION.match(text)
    if shape is None:
        raise DocumentMalformed(
            f"the XML declaration is ill formed: {text.strip()[:60]!r}",
            name="xml-encoding",
            fix='begin with <?xml version="1.0" encoding="UTF-8"?>',
        )
    return shape.group("encoding"), shape.end()


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""


def _wrong_encoding(encoding: str) -> DocumentMalformed:
    return DocumentMalformed(
        f"the XML says that it is in {encoding}, which is not what it is or not taken",
        name="xml-encoding",
        fix="send it in UTF-8",
    )


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

    def long_text_of(self, element: Element, *, field: str) -> str:
        """An element's text, blanks folded; cut where it is longer than a field may be."""
        if len(element):
            raise FieldInvalid(f"{field} holds elements where text belongs", field=field)
        return " ".join((element.text or "").split())[: values.MOST_TEXT]

    def identifiers(
        self, parent: Element, path: str, *, field: str
    ) -> list[tuple[str, str | None]]:
        """Values and `schemeID`s of all identifiers at the path."""
        found = []
        for element in self.all(parent, path):
            value = self.text_of(element, field=field)
            scheme = (element.get("schemeID") or "").strip() or None
            # A bank's creditor reference (SEPA) stands in the same place and names no entity.
            if value is not None and scheme != "SEPA":
                found.append((value, scheme))
        return found

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
        text = self._amount_text(element, field=field)
        return None if text is None else values.amount(text, field=field, currency=self.currency)

    def _amount_text(self, element: Element, *, field: str) -> str | None:
        other = element.get("currencyID")
        if other is not None and other.strip() != self.currency:
            raise FieldInvalid(
                f"{field} is in {other[:20]!r}, the document in {self.currency}",
                name="currency-mixed",
                field=field,
                fix=f"give it in {self.currency}",
            )
        return self.text_of(element, field=field)

    def fine_amount(
        self, parent: Element | None, path: str, *, field: str
    ) -> tuple[int, Decimal | None]:
        """A part of a sum, which must be there: minor units, and what it is exactly where finer.

        Raises:
            FieldMissing, FieldInvalid.
        """
        element = self.one(parent, path, field=field)
        text = None if element is None else self._amount_text(element, field=field)
        if text is None:
            raise FieldMissing(f"{field} is missing or empty", field=field, fix=f"give {path}")
        return values.fine_amount(text, field=field, currency=self.currency)

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
        return self._flag(self.needed_text(parent, path, field=field), field=field)

    def maybe_flag(self, parent: Element | None, path: str, *, field: str) -> bool:
        """An xs:boolean; False where absent or empty.

        Raises:
            FieldInvalid.
        """
        text = self.text(parent, path, field=field)
        return text is not None and self._flag(text, field=field)

    def _flag(self, text: str, *, field: str) -> bool:
        if text not in {"true", "false", "1", "0"}:
            raise FieldInvalid(
                f"{field} is {text[:40]!r}, neither true nor false", field=field, fix="say which"
            )
        return text in {"true", "1"}
