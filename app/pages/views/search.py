"""One box finds any id, invoice number, hash, address or party."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Problem
from app.pages.navigation import Entry
from app.pages.page import PageOf
from app.pages.things import kind_name, path_of
from app.pages.words import value

router = APIRouter(include_in_schema=False, prefix="/app/search")
NAVIGATION: tuple[Entry, ...] = ()
MAX_LENGTH = 200
_REFUSED = 422
_SIDES = " · "


@router.get("")
async def search(page: PageOf) -> Response:
    """What fits; a single thing with a page is shown at once."""
    query = page.query("q").strip()[:MAX_LENGTH]
    problem, items = None, []
    if query:
        try:
            answer = await page.api.get("/v1/search", q=query, limit=50)
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
                    "hint": _SIDES.join(
                        value(part) or part for part in item.get("hint", "").split(_SIDES)
                    ),
                }
                for item in answer["items"]
            ]
    if len(items) == 1 and items[0]["path"]:
        return page.redirect(str(items[0]["path"]))
    return await page.render("search/results.html", query=query, items=items, problem=problem)
