"""Orders to pay (pain.001), as a bank reads them."""

from __future__ import annotations

from pathlib import Path

import sepaxml
from lxml import etree

SCHEMA = Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"
PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def checked_root(content: bytes) -> etree._Element:
    """The root of an order; it must hold to the official schema."""
    root = etree.fromstring(content)
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(root)
    return root


def elements(root: etree._Element, path: str) -> list[etree._Element]:
    """Elements at a path of the order."""
    return root.findall(f".//{path}", PAIN)


def texts(root: etree._Element, path: str) -> list[str]:
    """Texts at a path of the order."""
    return [element.text or "" for element in elements(root, path)]
