"""`cession invoice FILE`: prints a document's content as JSON on standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.domain.texts import say
from app.trade.documents.checks import findings
from app.trade.documents.errors import DocumentError, DocumentTooLarge
from app.trade.documents.model import Document, view
from app.trade.documents.reader import LIMIT_BYTES, read_document


def print_invoice(file: Path) -> int:
    """Prints the document; or, on standard error, all that is wrong with it.

    Returns:
        The exit status: 0, or 1 when the file cannot be read or is wrong.
    """
    try:
        document = read_document(_content(file))
    except OSError as error:
        print(f"cession: {file}: {error.strerror or error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        _complain(file, error)
        return 1
    problems = findings(document)
    for problem in problems:
        _complain(file, problem)
    if problems:
        return 1
    sys.stdout.write(rendered(document))
    return 0


def rendered(document: Document) -> str:
    """The document's view as indented JSON."""
    return json.dumps(view(document), ensure_ascii=False, indent=2) + "\n"


def _content(file: Path) -> bytes:
    """The content of a file; a file above the limit is not read to its end."""
    with file.open("rb") as stream:
        data = stream.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise DocumentTooLarge(
            say("the file has more than {limit_bytes} bytes", limit_bytes=LIMIT_BYTES),
            fix="send one invoice for each file",
        )
    return data


def _complain(file: Path, error: DocumentError) -> None:
    place = f" at {error.field}" if error.field else ""
    print(f"cession: {file}: {error.code}{place}: {error.detail}", file=sys.stderr)
    if error.fix:
        print(f"  to correct it: {error.fix}", file=sys.stderr)
