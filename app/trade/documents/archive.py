"""The invoice in an OFD file or another zip archive: only the XML in it.

The reader does not trust an archive. It counts the entries, decompresses only XML, and never more
bytes in all than a document may have, whatever the archive states.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from app.domain.texts import Text, say
from app.trade.documents.errors import (
    DocumentError,
    DocumentHostile,
    DocumentMalformed,
    FormatUnknown,
)

MARK = b"PK\x03\x04"
MAX_ENTRIES = 2_000
_ENTRY = b"PK\x01\x02"  # starts each entry of the archive's directory
_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?[eE]Invoice[\s>]",
    re.DOTALL,
)
_HEAD = 4_000
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))


def carried_invoice(data: bytes, *, limit_bytes: int) -> bytes:
    """The one invoice in an archive.

    Raises:
        DocumentHostile: too many entries, or more than `limit_bytes` after decompression.
        DocumentMalformed: the archive cannot be read, or is encrypted.
        FormatUnknown: the archive holds no invoice, or several.
    """
    if data.count(_ENTRY) > MAX_ENTRIES:
        raise _bomb(say("the archive has more than {max} entries", max=MAX_ENTRIES))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            invoices = _invoices(archive, limit_bytes=limit_bytes)
    except DocumentError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise DocumentMalformed(
            "the archive cannot be read",
            name="archive-malformed",
            fix="export it again, whole and without a password",
        ) from error
    if len(invoices) != 1:
        raise FormatUnknown(
            "the archive has no invoice that a machine can read"
            if not invoices
            else "the archive has several different invoices",
            name="archive-several-invoices" if invoices else "archive-without-invoice",
            fix="send the OFD or the XML of one invoice, as the tax office gave it",
        )
    return invoices.pop()


def _invoices(archive: zipfile.ZipFile, *, limit_bytes: int) -> set[bytes]:
    """The different invoices among the entries."""
    invoices: set[bytes] = set()
    remaining = limit_bytes
    for entry in archive.infolist():
        if not entry.filename.lower().endswith(".xml"):
            continue
        if entry.compress_type not in _METHODS:
            raise zipfile.BadZipFile("the compression method is not supported")
        with archive.open(entry) as stream:
            content = stream.read(remaining + 1)
        remaining -= len(content)
        if remaining < 0:
            raise _bomb(say("the archive decompresses to more than {max} bytes", max=limit_bytes))
        # An OFD also has a table of the fields' places on the page, with the same root element.
        if _ROOT.match(content[:_HEAD]) and b"ObjectRef" not in content:
            invoices.add(content)
    return invoices


def _bomb(detail: Text) -> DocumentHostile:
    return DocumentHostile(detail, name="archive-bomb", fix="send the invoice as XML")
