"""The first page: what waits, and where the areas are."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import PageOf
from app.pages.waiting import work_of

router = APIRouter(include_in_schema=False)
NAVIGATION = (Entry(mark("Overview"), "/app", group="first"),)


@router.get("/app")
async def overview(page: PageOf) -> Response:
    """What waits for the person, and the newest operations."""
    newest = await page.api.get("/v1/operations", limit=5)
    return await page.render(
        "home/overview.html", operations=newest["items"], work=await work_of(page)
    )
