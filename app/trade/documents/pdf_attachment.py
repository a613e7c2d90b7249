"""Extracts the invoice from a PDF, in a process of its own: bytes in, XML out.

A PDF is like a program that its sender wrote for our reader. This process has limited memory and
time, and holds no secret of the gateway.

Exit codes: 0 the XML is on standard output; 2 refused, with one of `REFUSALS` on standard output.
"""

from __future__ import annotations

import io
import logging
import resource
import sys
from collections.abc import Iterator
from typing import Any

import pypdf
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject

# The names under which Factur-X, ZUGFeRD 2 and XRechnung attach their invoice.
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
MEMORY_BYTES = 768 * 2**20
SECONDS = 10
_MAX_ATTACHMENTS = 1_000
BOMB, MALFORMED, NONE, SEVERAL = "bomb", "malformed", "none", "several"
REFUSALS = (BOMB, MALFORMED, NONE, SEVERAL)


class _Encrypted(Exception):
    """The PDF needs a password."""


def attachments(data: bytes) -> set[bytes]:
    """The different invoices in a PDF, at most two."""
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise _Encrypted
    invoices: set[bytes] = set()
    for index, file in enumerate(_files(reader.root_object)):
        if index >= _MAX_ATTACHMENTS:
            raise LimitReachedError("too many attachments")
        names = {str(file.get(key, "")).lower() for key in ("/F", "/UF")}
        content = file.get("/EF")
        if names & set(NAMES) and isinstance(content, DictionaryObject):
            stream = content.get("/F", content.get("/UF"))
            if stream is not None:
                invoices.add(bytes(stream.get_object().get_data()))
        if len(invoices) > 1:
            break
    return invoices


def _files(root: DictionaryObject) -> Iterator[DictionaryObject]:
    """File specifications, of embedded files and then of associated files, which may repeat them.

    The name tree of embedded files is read with all its nodes (ISO 32000, 7.9.6); associated files
    are those of the document (14.13).
    """
    names = _dictionary(root.get("/Names"))
    pending = [] if names is None else [names.get("/EmbeddedFiles")]
    visited: set[int] = set()
    while pending:
        node = _dictionary(pending.pop(0))
        if node is None or id(node) in visited:
            continue
        if len(visited) >= _MAX_ATTACHMENTS:
            raise LimitReachedError("too many nodes")
        visited.add(id(node))
        pending += _array(node.get("/Kids"))
        for file in _array(node.get("/Names"))[1::2]:
            if (specification := _dictionary(file)) is not None:
                yield specification
    for file in _array(root.get("/AF")):
        if (specification := _dictionary(file)) is not None:
            yield specification


def _dictionary(value: Any) -> DictionaryObject | None:
    resolved = None if value is None else value.get_object()
    return resolved if isinstance(resolved, DictionaryObject) else None


def _array(value: Any) -> list[Any]:
    resolved = None if value is None else value.get_object()
    return list(resolved) if isinstance(resolved, ArrayObject) else []


def _confine(limit_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    pypdf.overwrite_configuration(
        array_based_stream_maximum_output_length=limit_bytes,
        brotli_maximum_output_length=limit_bytes,
        jbig2_maximum_output_length=limit_bytes,
        lzw_maximum_output_length=limit_bytes,
        maximum_declared_stream_length=limit_bytes,
        run_length_maximum_output_length=limit_bytes,
        stream_decoding_work_maximum_length=4 * limit_bytes,
        zlib_maximum_output_length=limit_bytes,
    )
    # Problems of a PDF are reported to its sender, not to our log.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def main() -> int:
    """Reads standard input; the argument is the maximum size after decompression, in bytes."""
    _confine(int(sys.argv[1]))
    try:
        invoices = attachments(sys.stdin.buffer.read())
    except (LimitReachedError, MemoryError):
        refusal = BOMB
    except Exception:
        # A broken file can make the library raise anything; to the sender it is all the same.
        refusal = MALFORMED
    else:
        if len(invoices) == 1:
            sys.stdout.buffer.write(invoices.pop())
            return 0
        refusal = SEVERAL if invoices else NONE
    sys.stdout.write(refusal)
    return 2


if __name__ == "__main__":
    sys.exit(main())
