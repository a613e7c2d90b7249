"""Reads XML from untrusted senders: no DTD, no entities, no network, bounded size and depth.

A document that declares a DTD or entities is refused before the parser reads it. The text is
decoded first, so that no encoding can hide such a declaration. An element that may be there once
may not be repeated.
"""

from __future__ import annotations

import codecs
import re
from decimal import Decimal

from lxml import etree

from app.domain.texts import say
from app.trade.documents import values
from app.trade.documents.errors import (
    DocumentHostile,
    DocumentMalformed,
    FieldInvalid,
    FieldMissing,
)

Element = etree._Element
MAX_DEPTH = 32
MAX_MARKS = 2_000_000
# XML 1.0, productions 23 to 26, 32, 80 and 81.
_DECLARATION = re.compile(
    r"""\s*<\?xml\s+version\s*=\s*(["'])1\.[0-9]+\1"""
    r"""(?:\s+encoding\s*=\s*(["'])(?P<encoding>[A-Za-z][A-Za-z0-9._-]{0,39})\2)?"""
    r"""(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>"""
)
# All of them write "<" and "!" as ASCII does. UTF-16 does not; its byte order mark shows it.
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
        DocumentMalformed: not well formed, or in an encoding that is not supported.
        DocumentHostile: a DTD, too many elements, or too deep nesting.
    """
    text = _decoded(data)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DocumentHostile(
            "the XML declares a document type or entities",
            name="xml-dtd",
            fix="send the invoice without <!DOCTYPE> and without <!ENTITY>",
        )
    if text.count("<") + text.count("=") > MAX_MARKS:
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
        # An attachment may be one text of many megabytes; other limits bound size and depth.
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
            say("the XML is not well formed: {reason}", reason=reason),
            name="xml-malformed",
            fix="export the invoice again, whole",
        ) from error
    _check_depth(root)
    return root


def _decoded(data: bytes) -> str:
    """The text without its XML declaration.

    Raises:
        DocumentMalformed: the declaration is ill formed, or names another encoding.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            text = _decode(data.removeprefix(mark), encoding)
            declared, start = _declared(text)
            if (
                declared is not None
                and _codec_name(declared) != encoding
                and declared.lower() != encoding[:6]
            ):
                raise _wrong_encoding(declared)
            return text[start:]
    data = data.lstrip(b" \t\r\n")
    # ASCII is enough for the declaration: all supported encodings write it so.
    declared, start = _declared(data[:400].decode("ascii", "replace"))
    encoding = _codec_name(declared or "utf-8")
    if encoding not in _ENCODINGS:
        raise _wrong_encoding(declared or "")
    return _decode(data[start:], encoding)


def _declared(text: str) -> tuple[str | None, int]:
    """The encoding that the XML declaration names, and where the declaration ends."""
    if re.match(r"\s*<\?xml\s", text) is None:
        return None, 0
    declaration = _DECLARATION.match(text)
    if declaration is None:
        raise DocumentMalformed(
            say("the XML declaration is ill formed: {text}", text=repr(text.strip()[:60])),
            name="xml-encoding",
            fix='begin with <?xml version="1.0" encoding="UTF-8"?>',
        )
    return declaration.group("encoding"), declaration.end()


def _codec_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""


def _wrong_encoding(encoding: str) -> DocumentMalformed:
    return DocumentMalformed(
        say(
            "the XML states the encoding {encoding}, which is not supported or not its own",
            encoding=encoding,
        ),
        name="xml-encoding",
        fix="send it in UTF-8",
    )


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        raise DocumentMalformed(
            say("the XML is not in {encoding}, as it states", encoding=encoding),
            name="xml-encoding",
            fix="send UTF-8",
        ) from error


def _check_depth(root: Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise DocumentHostile(
                say("the XML is nested deeper than {max_depth} elements", max_depth=MAX_DEPTH),
                name="xml-too-deep",
                fix="send the invoice as its standard has it",
            )


class Reader:
    """Reads values from elements; each error names our field and the document's element.

    Attributes:
        namespaces: prefixes of the paths.
        currency: of the document; every amount must be in it.
    """

    def __init__(self, namespaces: dict[str, str]) -> None:
        self.namespaces = namespaces
        self.currency = ""

    def elements(self, parent: Element | None, path: str) -> list[Element]:
        """Every element at the path."""
        return [] if parent is None else parent.findall(path, self.namespaces)

    def element(self, parent: Element | None, path: str, *, field: str) -> Element | None:
        """The element at the path; None if there is none.

        Raises:
            FieldInvalid: there are several, and two programs might read two different ones.
        """
        elements = self.elements(parent, path)
        if len(elements) > 1:
            raise FieldInvalid(
                say("{path} is there {elements} times", path=path, elements=len(elements)),
                name="field-repeated",
                field=field,
                fix=say("give {path} once", path=path),
            )
        return elements[0] if elements else None

    def needed(self, parent: Element | None, path: str, *, field: str) -> Element:
        """The required element at the path.

        Raises:
            FieldMissing, FieldInvalid.
        """
        element = self.element(parent, path, field=field)
        if element is None:
            raise FieldMissing(
                say("{field} is missing", field=field),
                field=field,
                fix=say("give {path}", path=path),
            )
        return element

    def text(self, parent: Element | None, path: str, *, field: str) -> str | None:
        """The text of the element at the path, blanks folded; None if absent or empty."""
        element = self.element(parent, path, field=field)
        return None if element is None else self.text_of(element, field=field)

    def text_of(self, element: Element, *, field: str) -> str | None:
        """An element's text, blanks folded; None if empty.

        Raises:
            FieldInvalid: it holds elements, or too much text.
        """
        if len(element):
            raise FieldInvalid(
                say("{field} holds elements where text belongs", field=field), field=field
            )
        return values.folded(element.text or "", field=field)

    def long_text_of(self, element: Element, *, field: str) -> str:
        """An element's text, blanks folded, and cut to the maximum of a field."""
        if len(element):
            raise FieldInvalid(
                say("{field} holds elements where text belongs", field=field), field=field
            )
        return " ".join((element.text or "").split())[: values.MAX_TEXT]

    def identifiers(
        self, parent: Element, path: str, *, field: str
    ) -> list[tuple[str, str | None]]:
        """Values and `schemeID`s of all identifiers at the path."""
        values_and_schemes = []
        for element in self.elements(parent, path):
            value = self.text_of(element, field=field)
            scheme = (element.get("schemeID") or "").strip() or None
            # A bank's creditor reference (SEPA) is in the same place and names no party.
            if value is not None and scheme != "SEPA":
                values_and_schemes.append((value, scheme))
        return values_and_schemes

    def needed_text(self, parent: Element | None, path: str, *, field: str) -> str:
        """Required text.

        Raises:
            FieldMissing, FieldInvalid.
        """
        text = self.text(parent, path, field=field)
        if text is None:
            raise FieldMissing(
                say("{field} is missing or empty", field=field),
                field=field,
                fix=say("give {path}", path=path),
            )
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
            FieldInvalid: not a number, finer than the minor unit, or in another currency.
        """
        element = self.element(parent, path, field=field)
        return None if element is None else self.amount_of(element, field=field)

    def amount_of(self, element: Element, *, field: str) -> int | None:
        """Minor units of an amount element; None if empty."""
        text = self._amount_text(element, field=field)
        return None if text is None else values.amount(text, field=field, currency=self.currency)

    def _amount_text(self, element: Element, *, field: str) -> str | None:
        currency = element.get("currencyID")
        if currency is not None and currency.strip() != self.currency:
            raise FieldInvalid(
                say(
                    "{field} is in {currency}, the document in {currency_2}",
                    field=field,
                    currency=repr(currency[:20]),
                    currency_2=self.currency,
                ),
                name="currency-mixed",
                field=field,
                fix=say("give it in {currency}", currency=self.currency),
            )
        return self.text_of(element, field=field)

    def fine_amount(
        self, parent: Element | None, path: str, *, field: str
    ) -> tuple[int, Decimal | None]:
        """A required part of a sum: minor units, and the exact number if it is finer.

        Raises:
            FieldMissing, FieldInvalid.
        """
        element = self.element(parent, path, field=field)
        text = None if element is None else self._amount_text(element, field=field)
        if text is None:
            raise FieldMissing(
                say("{field} is missing or empty", field=field),
                field=field,
                fix=say("give {path}", path=path),
            )
        return values.fine_amount(text, field=field, currency=self.currency)

    def needed_amount(self, parent: Element | None, path: str, *, field: str) -> int:
        """A required amount.

        Raises:
            FieldMissing, FieldInvalid.
        """
        amount = self.amount(parent, path, field=field)
        if amount is None:
            raise FieldMissing(
                say("{field} is missing or empty", field=field),
                field=field,
                fix=say("give {path}", path=path),
            )
        return amount

    def flag(self, parent: Element | None, path: str, *, field: str) -> bool:
        """A required xs:boolean.

        Raises:
            FieldMissing, FieldInvalid.
        """
        return self._flag(self.needed_text(parent, path, field=field), field=field)

    def maybe_flag(self, parent: Element | None, path: str, *, field: str) -> bool:
        """An xs:boolean; False if absent or empty.

        Raises:
            FieldInvalid.
        """
        text = self.text(parent, path, field=field)
        return text is not None and self._flag(text, field=field)

    def _flag(self, text: str, *, field: str) -> bool:
        if text not in {"true", "false", "1", "0"}:
            raise FieldInvalid(
                say("{field} is {text}, neither true nor false", field=field, text=repr(text[:40])),
                field=field,
                fix="give true or false",
            )
        return text in {"true", "1"}
