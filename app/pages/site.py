"""Puts the pages into the application: routes, navigation, assets and error pages."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from app.pages import assets, sign_in
from app.pages.api import Problem
from app.pages.forms import local, with_query
from app.pages.languages import t
from app.pages.navigation import register
from app.pages.page import SEE_OTHER, Forged, Page, Redirect, visitor_page
from app.pages.views import AREAS

PREFIX = "/app"
_UNAUTHENTICATED = 401


def install(app: FastAPI) -> None:
    """Adds the pages to an application whose problem documents are installed already."""
    app.include_router(assets.router)
    app.include_router(sign_in.router)
    for area in AREAS:
        register(area.NAVIGATION)
        app.include_router(area.router)
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _page_of(handler)
    app.add_exception_handler(Redirect, _redirect)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Forged, _forged)


def is_page(request: Request) -> bool:
    """Whether a person waits for a page, not a program for an answer."""
    path = request.url.path
    return path == PREFIX or (path.startswith(f"{PREFIX}/") and not path.startswith("/app/assets"))


def _page_of(handler: Any) -> Callable[[Request, Exception], Any]:
    """The handler of an error, whose problem document becomes a page below `/app`."""

    async def handled(request: Request, error: Exception) -> Response:
        answer = handler(request, error)
        response: Response = await answer if inspect.isawaitable(answer) else answer
        if not is_page(request):
            return response
        document = msgspec.json.decode(bytes(response.body))
        return await error_page(request, Problem(document))

    return handled


async def _redirect(request: Request, error: Exception) -> Response:
    assert isinstance(error, Redirect)
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": local(error.location)})
    return RedirectResponse(local(error.location), SEE_OTHER)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return await error_page(request, error)


async def _forged(request: Request, _error: Exception) -> Response:
    document = {
        "status": 403,
        "title": t("This form does not come from your session"),
        "detail": t("Nothing was done."),
        "fix": t("open the page again and repeat what you wanted to do"),
    }
    return await error_page(request, Problem(document))


async def error_page(request: Request, problem: Problem) -> Response:
    """What went wrong and what to do; a session that the API no longer accepts ends."""
    page: Page | None = getattr(request.state, "page", None)
    if page is None:
        page = await visitor_page(request, request.app.state.gateway)
    if problem.status == _UNAUTHENTICATED and page.session is not None:
        from_here = page.place if request.method == "GET" else PREFIX
        return RedirectResponse(with_query("/app/sign-in", next=from_here), SEE_OTHER)
    return await page.render("error.html", status=problem.status, problem=problem)
