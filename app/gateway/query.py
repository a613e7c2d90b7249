"""Query parameters: one that an endpoint does not know is refused, and so is one given twice.

An unknown filter that is passed over would answer another question than the one asked:
`?recievable=2` would be answered with the whole ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Annotated, Any

from fastapi import Depends, Request

from app.domain.names import shown
from app.errors import BadInput
from app.gateway.callers import Caller, authenticate


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like the one given; None where none does."""
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(given.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def choice(given: str, known: Iterable[str]) -> str:
    """What to do about a name that is not known, for `fix`."""
    names = sorted(known)
    near = nearest(given, names)
    if near is not None:
        return f"did you mean {near}?"
    return f"one of {', '.join(names)}" if names else "leave it out"


def _names(dependant: Any) -> Iterator[str]:
    for field in dependant.query_params:
        yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)


async def known_query(request: Request) -> None:
    """Refuses a query that the endpoint would not read.

    Raises:
        BadInput: `field` names the parameter, `fix` the nearest one that there is.
    """
    if not request.scope["query_string"]:
        return
    known = set(_names(request.scope["route"].dependant))
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            given = shown(name[:80])
            raise BadInput(
                f"there is no query parameter {given}",
                name="query-unknown",
                field=given,
                fix=choice(name, known)
                if known
                else "leave it out; this endpoint takes no query parameters",
            )
        if name in seen:
            raise BadInput(
                f"the query parameter {name} is given twice",
                name="query-repeated",
                field=name,
                fix=f"give {name} once",
            )
        seen.add(name)


async def known_query_of_caller(
    request: Request, _: Annotated[Caller, Depends(authenticate)]
) -> None:
    """The same, once the caller is known: nobody else learns more than that."""
    await known_query(request)
