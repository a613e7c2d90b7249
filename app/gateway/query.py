"""Query parameters: an unknown parameter is refused, and so is one that is given twice.

Ignoring an unknown filter would answer a different question: the answer to `?recievable=2` would be
the whole ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Annotated, Any

from fastapi import Depends, Request

from app.domain.hidden_text import shown
from app.domain.texts import Text, say
from app.errors import BadInput
from app.gateway.callers import Caller, authenticate


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`; None if none does."""
    by_lower = {item.lower(): item for item in known}
    matches = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def choice(name: str, known: Iterable[str]) -> Text:
    """What to do about an unknown name, for `fix`."""
    names = sorted(known)
    near = nearest(name, names)
    if near is not None:
        return say("did you mean {name}?", name=near)
    return say("use one of {names}", names=", ".join(names)) if names else say("leave it out")


def _names(dependant: Any) -> Iterator[str]:
    for field in dependant.query_params:
        yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)


async def known_query(request: Request) -> None:
    """Refuses a query parameter that the endpoint does not read.

    Raises:
        BadInput: `field` names the parameter, `fix` the most similar known one.
    """
    if not request.scope["query_string"]:
        return
    known = set(_names(request.scope["route"].dependant))
    earlier: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            visible_name = shown(name[:80])
            raise BadInput(
                say("there is no query parameter {visible_name}", visible_name=visible_name),
                name="query-unknown",
                field=visible_name,
                fix=choice(name, known)
                if known
                else "leave it out; this endpoint takes no query parameters",
            )
        if name in earlier:
            raise BadInput(
                say("the query parameter {name} is given twice", name=name),
                name="query-repeated",
                field=name,
                fix=say("give {name} once", name=name),
            )
        earlier.add(name)


async def known_query_of_caller(
    request: Request, _: Annotated[Caller, Depends(authenticate)]
) -> None:
    """The same check, once the caller is known: unknown callers learn nothing from it."""
    await known_query(request)
