"""The text fields of a form whose sender is not signed in any more."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.pages.forms import MAX_DRAFT_BYTES

MAX_FIELDS, MAX_FILES = 2_000, 20


async def text_fields(request: Request, *, of_uploads: bool) -> list[tuple[str, str]]:
    """Names and values, without files; none if they are more than a draft takes.

    Args:
        of_uploads: reads the form of an upload too, which may be as large as its files.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data" and of_uploads:
        return await _beside_files(request)
    length = int(request.headers.get("content-length") or 0)
    if kind != "application/x-www-form-urlencoded" or length > MAX_DRAFT_BYTES:
        return []
    body = (await request.body()).decode(errors="replace")
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:  # more fields than any form of ours has
        return []


async def _beside_files(request: Request) -> list[tuple[str, str]]:
    try:
        async with request.form(
            max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_DRAFT_BYTES
        ) as form:
            return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    except HTTPException:  # not a form that a page of ours sends
        return []
