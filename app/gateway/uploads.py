"""Files in a form: each part once, none lost, none longer than it may be."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Depends, Request, UploadFile

from app.errors import BadInput, TooLarge


async def content_of(file: UploadFile, *, field: str = "file", limit: int) -> bytes:
    """The bytes of an uploaded file.

    Raises:
        TooLarge: more than `limit` bytes.
    """
    data = await file.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"the file has more than {limit:,} bytes", field=field)
    return data


async def require_single_parts(request: Request) -> None:
    """Each part of the form is there once, and is one that the endpoint takes.

    A form of two files named alike would else be read as its last, and the first be lost.

    Raises:
        BadInput: a part stands twice, or is not known.
    """
    form = await request.form()
    known = _parts(request)
    for name in form:
        if len(form.getlist(name)) > 1:
            raise BadInput(
                f"the form has {len(form.getlist(name))} parts named {name[:80]!r}",
                name="part-repeated",
                field=name[:80],
                fix="send one file with each request",
            )
        if name not in known:
            raise BadInput(
                f"the form has a part named {name[:80]!r}, which is none of {', '.join(known)}",
                name="part-unknown",
                field=name[:80],
                fix="leave it out",
            )


def _parts(request: Request) -> Collection[str]:
    """Names of the form's fields that the endpoint declares."""
    route = request.scope["route"]
    return [one.alias for one in route.dependant.body_params]


SingleParts = Depends(require_single_parts)
