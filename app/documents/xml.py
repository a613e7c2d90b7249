"""XML from strangers: no document type, no entity, no network, bounded size and depth."""

from __future__ import annotations

from lxml import etree

from app.documents.errors import DocumentHostile, DocumentTooLarge, DocumentUnreadable

MOST_ELEMENTS = 200_000
DEEPEST = 64
Element = etree._Element


def parse(data: bytes) -> Element:
    """The root element.

    Raises:
        DocumentHostile, DocumentTooLarge, DocumentUnreadable.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<!ENTITY" in data or b"<!DOCTYPE" in data:
            raise DocumentHostile("a document type or entity is not taken") from error
        raise DocumentUnreadable(f"no well-formed XML: {error}") from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise DocumentHostile(
            "a document type (DOCTYPE) is not taken", fix="send the invoice without it"
        )
    _measure(root)
    return root


def _measure(root: Element) -> None:
    depth, count = 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > DEEPEST:
            raise DocumentTooLarge(f"elements are nested deeper than {DEEPEST}")
        if count > MOST_ELEMENTS:
            raise DocumentTooLarge(f"more than {MOST_ELEMENTS} elements")


class Reader:
    """Finds texts by paths with the format's prefixes."""

    def __init__(self, root: Element, namespaces: dict[str, str]) -> None:
        self.root = root
        self.namespaces = namespaces

    def find(self, path: str, start: Element | None = None) -> Element | None:
        """The first element at the path."""
        return (self.root if start is None else start).find(path, self.namespaces)

    def all(self, path: str, start: Element | None = None) -> list[Element]:
        """All elements at the path."""
        return (self.root if start is None else start).findall(path, self.namespaces)

    def text(self, path: str, start: Element | None = None) -> str | None:
        """Text of the first element at the path."""
        found = self.find(path, start)
        return None if found is None else "".join(str(part) for part in found.itertext())

    def attribute(self, path: str, name: str, start: Element | None = None) -> str | None:
        """An attribute of the first element at the path."""
        found = self.find(path, start)
        value = None if found is None else found.get(name)
        return None if value is None else str(value)
