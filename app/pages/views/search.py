"""One box finds any id, invoice number, hash, address or party."""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.money import DIGITS
from app.pages import formats
from app.pages.api import Json, Problem
from app.pages.languages import t
from app.pages.navigation import Entry
from app.pages.page import PageOf
from app.pages.things import THINGS, kind_name, path_of
from app.pages.words import value

router = APIRouter(include_in_schema=False, prefix="/app/search")
NAVIGATION: tuple[Entry, ...] = ()
MAX_LENGTH = 100  # of what the API searches for
_REFUSED = 422
_SIDES = " · "
#: Facts as the API writes them; a whole number is that of a block.
_MONEY = re.compile(r"(?P<amount>-?[0-9]+(?:\.[0-9]+)?) (?P<currency>[A-Z]{3})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_QUANTITY = re.compile(r"[0-9]+\.[0-9]{3}")


@router.get("")
async def search(page: PageOf) -> Response:
    """What fits; a single thing with a page is shown at once."""
    query = page.query("q").strip()[:MAX_LENGTH]
    problem, items = None, []
    if query:
        try:
            answer = await page.api.get("/v1/search", q=_for_api(query), limit=50)
        except Problem as refused:
            if refused.status != _REFUSED:
                raise
            problem = refused
        else:
            items = [
                item
                | {
                    "path": path_of(item["kind"], item["id"]),
                    "kindName": kind_name(item["kind"]),
                    "label": _label(item),
                    "hint": _SIDES.join(map(_written, item.get("hint", "").split(_SIDES))),
                }
                for item in answer["items"]
            ]
    if len(items) == 1 and items[0]["path"]:
        return page.redirect(str(items[0]["path"]))
    return await page.render("search/results.html", query=query, items=items, problem=problem)


def _for_api(query: str) -> str:
    """What a person typed, with the API's name of a kind in place of the page's."""
    for kind in THINGS:
        words = kind_name(kind)
        number = query[len(words) :].strip(" #:：-")
        if query.casefold().startswith(words.casefold()) and number.isdecimal():
            return f"{kind.replace('-', ' ')} {number}"
    return query


def _label(item: Json) -> str:
    """The label; of a thing without a name, its kind and id in the person's language."""
    label, unnamed = str(item["label"]), f"{item['kind']} {item['id']}"
    return f"{kind_name(item['kind'])} {item['id']}" if label == unnamed else label


def _written(fact: str) -> str:
    """A fact of a result as the person's language writes it; other texts unchanged."""
    money = _MONEY.fullmatch(fact)
    if money is not None and money["currency"] in DIGITS:
        return formats.money(money.groupdict())
    if _DAY.fullmatch(fact):
        return formats.day(fact)
    if _QUANTITY.fullmatch(fact):
        return formats.quantity(fact)
    if fact.isdecimal():
        return t("block {number}", number=formats.number(int(fact)))
    return value(fact) or fact
