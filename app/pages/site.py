"""Puts the pages into the application: routes, navigation, assets and error pages."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import RedirectResponse, Response

from app.errors import CessionError
from app.gateway.problems import problem_response
from app.pages import assets, oidc_sign_in, sessions, sign_in, wallet_sign_in
from app.pages.api import Problem
from app.pages.forms import local, with_query
from app.pages.languages import t
from app.pages.navigation import register
from app.pages.page import SEE_OTHER, Ended, Forged, Page, Redirect, after_the_end, visitor_page
from app.pages.problem_words import KINDS
from app.pages.things import PATHS, THINGS
from app.pages.views import AREAS

PREFIX = "/app"
_UNAUTHENTICATED = 401
_PARTS_OF_A_THING = 4  # "", app, claims, {claim_id}


def install(app: FastAPI) -> None:
    """Adds the pages to an application whose problem documents are installed already."""
    app.include_router(assets.router)
    for module in (sign_in, oidc_sign_in, wallet_sign_in):
        app.include_router(module.router)
    for area in AREAS:
        register(area.NAVIGATION)
        app.include_router(area.router)
        PATHS.update(_folders(area.router))
    KINDS.update(THINGS.values())
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _page_of(handler)
    app.state.page_of_problem = page_of_problem
    app.add_exception_handler(Redirect, _redirect)
    app.add_exception_handler(Ended, _ended)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Forged, _forged)


def _folders(router: APIRouter) -> set[str]:
    """Folders below `/app` in which this router shows single things: claims, operations."""
    return {
        parts[2]
        for parts in (str(getattr(route, "path", "")).split("/") for route in router.routes)
        if len(parts) == _PARTS_OF_A_THING and parts[3].startswith("{")
    }


def is_page(request: Request) -> bool:
    """Whether a person waits for a page, not a program for an answer."""
    path = request.url.path
    return path == PREFIX or (path.startswith(f"{PREFIX}/") and not path.startswith("/app/assets"))


def _page_of(handler: Any) -> Callable[[Request, Exception], Any]:
    """The handler of an error, whose problem document becomes a page below `/app`."""

    async def handled(request: Request, error: Exception) -> Response:
        if is_page(request):
            await _page_for(request)  # the problem is localized in its language
        answer = handler(request, error)
        response: Response = await answer if inspect.isawaitable(answer) else answer
        return await _page_saying(request, response) if is_page(request) else response

    return handled


async def page_of_problem(request: Request, error: CessionError) -> Response:
    """The page that says what an error says, in the language of the person."""
    await _page_for(request)
    return await _page_saying(request, problem_response(error))


async def _page_saying(request: Request, answer: Response) -> Response:
    """The page that says what a problem document says."""
    return await error_page(request, Problem(msgspec.json.decode(bytes(answer.body))))


async def _page_for(request: Request) -> Page:
    """The page of this request, which its view may have begun."""
    page: Page | None = getattr(request.state, "page", None)
    if page is None:
        page = await visitor_page(request, request.app.state.gateway)
    return page


async def _redirect(request: Request, error: Exception) -> Response:
    assert isinstance(error, Redirect)
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": local(error.location)})
    return RedirectResponse(local(error.location), SEE_OTHER)


async def _ended(request: Request, _error: Exception) -> Response:
    return await (await _page_for(request)).render("parts/ended.html")


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
    page = await _page_for(request)
    if problem.status == _UNAUTHENTICATED and page.session is not None:
        owner = page.person.owner
        await sessions.end(page.gateway, page.secret)
        if page.beside_form:
            return await _ended(request, Ended())
        if page.sent:
            place = await after_the_end(page, page.sent, owner=owner)
        else:
            from_here = page.whole if request.method == "GET" else PREFIX
            place = with_query("/app/sign-in", next=from_here)
        return await _redirect(request, Redirect(place))
    return await page.render("error.html", status=problem.status, problem=problem)
