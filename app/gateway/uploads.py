"""Files in a form: each part once, none ignored, none above its limit."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Depends, Request, UploadFile

from app.domain.texts import say
from app.errors import BadInput, TooLarge


async def content_of(file: UploadFile, *, field: str = "file", limit: int) -> bytes:
    """The bytes of an uploaded file.

    Raises:
        TooLarge: more than `limit` bytes.
    """
    data = await file.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(say("the file has more than {limit:number} bytes", limit=limit), field=field)
    return data


async def require_single_parts(request: Request) -> None:
    """Checks that each part of the form occurs once, and that the endpoint takes it.

    A form with two files of one name would otherwise be read as its last; the first would be lost.

    Raises:
        BadInput: a part occurs twice, or is unknown.
    """
    form = await request.form()
    known = _parts(request)
    for name in form:
        if len(form.getlist(name)) > 1:
            raise BadInput(
                say(
                    "the form has {name} parts named {name_2}",
                    name=len(form.getlist(name)),
                    name_2=repr(name[:80]),
                ),
                name="part-repeated",
                field=name[:80],
                fix="send one file with each request",
            )
        if name not in known:
            raise BadInput(
                say(
                    "the form has a part named {name}; its parts are {known}",
                    name=repr(name[:80]),
                    known=", ".join(known),
                ),
                name="part-unknown",
                field=name[:80],
                fix="leave it out",
            )


def _parts(request: Request) -> Collection[str]:
    """Names of the form fields that the endpoint declares."""
    route = request.scope["route"]
    return [field.alias for field in route.dependant.body_params]


SingleParts = Depends(require_single_parts)
