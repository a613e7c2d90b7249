"""Language, theme, and saved views of lists."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages import tables
from app.pages.forms import local
from app.pages.languages import LANGUAGES
from app.pages.navigation import Entry
from app.pages.page import (
    LANGUAGE,
    THEME,
    THEMES,
    Page,
    PageOf,
    SentOf,
    VisitorOf,
    VisitorsFormOf,
)

router = APIRouter(include_in_schema=False)
NAVIGATION: tuple[Entry, ...] = ()
_YEAR = 365 * 86_400


@router.post("/app/preferences")
async def change(page: VisitorOf, sent: VisitorsFormOf) -> Response:
    """Sets language or theme for this browser."""
    response = page.redirect(local(sent.form.value("next")))
    for name, cookie, known in (("language", LANGUAGE, LANGUAGES), ("theme", THEME, THEMES)):
        value = sent.form.value(name)
        if value in known:
            _remember(page, response, cookie, value)
    return response


def _remember(page: Page, response: Response, cookie: str, value: str) -> None:
    response.set_cookie(
        cookie, value, max_age=_YEAR, path="/app", secure=page.secure, samesite="lax"
    )


@router.post("/app/views")
async def save_view(page: PageOf, sent: SentOf) -> Response:
    """Saves the state of a list under a name."""
    form = sent.form
    name, query = form.value("name"), form.value("query")
    await tables.save_view(page.gateway, page.person.owner, form.value("list"), name, query)
    return page.redirect(f"{local(form.value('path'))}?{query}")


@router.post("/app/views/drop")
async def drop_view(page: PageOf, sent: SentOf) -> Response:
    """Drops a saved view."""
    form = sent.form
    await tables.drop_view(page.gateway, page.person.owner, form.value("list"), form.value("name"))
    return page.redirect(local(form.value("path")))
