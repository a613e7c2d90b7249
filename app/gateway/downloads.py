"""Answers that are files: the name says what they hold, whose it is and as of which day."""

from __future__ import annotations

import datetime
import re
import unicodedata
from urllib.parse import quote

from starlette.responses import Response

from app.gateway.languages import current

CSV = "text/csv"
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_PART = 60
# Characters that a common file system refuses, or that split or end a header's value.
_REFUSED = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|,;%\s]+')


def file_name(*parts: str | int, day: datetime.date | None, ending: str) -> str:
    """`loan-3-statement-2026-11-26.pdf`: the parts joined, without refused characters.

    Args:
        parts: what it is, its id, a name; an empty part is left out.
        day: the day of the content; None where there is no block yet.
        ending: pdf, xlsx or csv.
    """
    words = [_REFUSED.sub(" ", str(part)).strip(" .")[:MAX_PART].strip(" .") for part in parts]
    words += [] if day is None else [day.isoformat()]
    return "-".join(word.replace(" ", "-") for word in words if word) + f".{ending}"


def disposition(name: str) -> str:
    """The Content-Disposition of a file of this name (RFC 6266).

    `filename` is plain ASCII for simple readers; where that is not the whole name, `filename*` has
    it in UTF-8.
    """
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", letters).replace("-.", ".").strip("-")
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def download(
    content: bytes | str, *, kind: str, name: str, headers: dict[str, str] | None = None
) -> Response:
    """An answer that a browser saves under this name."""
    own = {"Content-Disposition": disposition(name)} | (headers or {})
    return Response(content, media_type=kind, headers=own)


def spoken(
    content: bytes | str, *, kind: str, name: str, headers: dict[str, str] | None = None
) -> Response:
    """A download with texts in the current language, which `Content-Language` names."""
    language = {"Content-Language": current.get()}
    return download(content, kind=kind, name=name, headers=language | (headers or {}))
