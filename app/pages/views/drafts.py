"""What was typed into a form while the person looks elsewhere, and what a form did."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from app.pages import forms
from app.pages.navigation import Entry
from app.pages.page import PageOf, SentOf

router = APIRouter(include_in_schema=False)
NAVIGATION: tuple[Entry, ...] = ()


@router.post("/app/drafts")
async def store(page: PageOf, sent: SentOf) -> Response:
    """Stores an open form before its page is loaded anew; null: the form is too large."""
    name = await forms.keep_draft(page.gateway, page.person.owner, page.sent, why="look")
    place = None if name is None else forms.with_query(sent.form.place, draft=name)
    return JSONResponse({"place": place})


@router.get("/app/sent/{key}")
async def sent_before(key: str, page: PageOf) -> Response:
    """The page that shows what the person's form with this key did."""
    location = await forms.done_at(page.gateway, page.person.owner, key)
    return page.redirect(location or "/app/operations")
