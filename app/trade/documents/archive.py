"""The invoice in an OFD file or another zip archive: the XML that it carries, and nothing else.

An archive is its sender's: its entries are counted, only XML is unfolded, and never more than a
document may have in all, whatever the archive says of itself.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from app.trade.documents.errors import (
    DocumentError,
    DocumentHostile,
    DocumentMalformed,
    FormatUnknown,
)

MARK = b"PK\x03\x04"
MOST_ENTRIES = 2_000
_ENTRY = b"PK\x01\x02"  # in the archive's directory
_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?[eE]Invoice[\s>]",
    re.DOTALL,
)
_HEAD = 4_000
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))


def carried_invoice(data: bytes, *, limit_bytes: int) -> bytes:
    """The one invoice in an archive.

    Raises:
        DocumentHostile: too many entries, or they unfold to more than `limit_bytes`.
        DocumentMalformed: no archive that can be read, or an encrypted one.
        FormatUnknown: an archive without an invoice in it, or with several.
    """
    if data.count(_ENTRY) > MOST_ENTRIES:
        raise _bomb(f"the archive has more than {MOST_ENTRIES} entries")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = _invoices(archive, limit_bytes=limit_bytes)
    except DocumentError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise DocumentMalformed(
            "the archive cannot be read",
            name="archive-malformed",
            fix="export it again, whole and without a password",
        ) from error
    if len(found) != 1:
        raise FormatUnknown(
            "the archive carries no invoice that a machine can read"
            if not found
            else "the archive carries invoices that differ",
            name="archive-several-invoices" if found else "archive-without-invoice",
            fix="send the OFD or the XML of one invoice, as the tax office gave it",
        )
    return found.pop()


def _invoices(archive: zipfile.ZipFile, *, limit_bytes: int) -> set[bytes]:
    """The different invoices among the entries."""
    found: set[bytes] = set()
    left = limit_bytes
    for entry in archive.infolist():
        if not entry.filename.lower().endswith(".xml"):
            continue
        if entry.compress_type not in _METHODS:
            raise zipfile.BadZipFile("a method of compression that nobody uses")
        with archive.open(entry) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _bomb(f"the archive unfolds to more than {limit_bytes} bytes")
        # An OFD also has a table of where each field stands on the page, with the same root.
        if _ROOT.match(content[:_HEAD]) and b"ObjectRef" not in content:
            found.add(content)
    return found


def _bomb(words: str) -> DocumentHostile:
    return DocumentHostile(words, name="archive-bomb", fix="send the invoice as XML")
