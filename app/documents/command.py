"""`cession invoice FILE`"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.documents.checks import check_document
from app.documents.errors import DocumentError
from app.documents.model import view
from app.documents.reader import LIMIT, read_document


def print_invoice(file: Path) -> int:
    """Prints what was read as JSON; 1 and the reason on standard error when it does not hold."""
    try:
        if file.stat().st_size > LIMIT:
            print(f"invoice: {file}: more than {LIMIT:,} bytes", file=sys.stderr)
            return 1
        document = read_document(file.read_bytes())
        check_document(document)
    except OSError as error:
        print(f"invoice: {error}", file=sys.stderr)
        return 1
    except DocumentError as error:
        where = f" ({error.field})" if error.field else ""
        print(f"invoice: {file}: {error.detail}{where}", file=sys.stderr)
        if error.fix:
            print(f"fix: {error.fix}", file=sys.stderr)
        return 1
    print(json.dumps(view(document), ensure_ascii=False, indent=2))
    return 0
