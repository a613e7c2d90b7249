"""Signing in by API key, and in the demo by one of its logins; signing out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import key_hash
from app.pages import sessions
from app.pages.api import Api, Credential, Problem
from app.pages.forms import local
from app.pages.languages import mark, t
from app.pages.page import (
    Page,
    PageOf,
    Redirect,
    SentOf,
    VisitorOf,
    VisitorsFormOf,
    address_of,
)
from app.pages.sessions import Person

router = APIRouter(include_in_schema=False)
REASONS = {
    "ended": mark("Your session has ended. Sign in again; what you typed is still there."),
    "out": mark("You have signed out."),
}


async def person_of(page: Page, credential: Credential) -> Person:
    """Who a credential belongs to.

    Raises:
        Problem: the API does not accept it.
    """
    api = Api(page.request.app, credential, address=address_of(page.request))
    caller = await api.get("/v1/caller")
    party = caller["party"] or {}
    return Person(
        label=caller["label"],
        roles=tuple(caller["roles"]),
        party_id=party.get("id"),
        party_name=party.get("name"),
        account=caller["account"],
        custody=caller["custody"],
        key_id=key_hash(credential.value) if credential.kind == "key" else "",
    )


async def signed_in(page: Page, credential: Credential, *, following: str | None) -> Response:
    """Begins a session under a new secret, and goes on to a page of ours.

    Raises:
        Problem: the API does not accept the credential.
    """
    person = await person_of(page, credential)
    secret = await sessions.begin(page.gateway, credential, person, before=page.secret)
    response = page.redirect(local(following))
    sessions.set_cookie(response, secret, secure=page.secure)
    return response


async def show(page: Page, *, status: int = 200, **context: Any) -> Response:
    """The page on which one signs in."""
    reason = next((t(words) for name, words in REASONS.items() if page.query(name)), None)
    values: dict[str, Any] = {
        "following": local(page.query("next")),
        "problem": None,
        "reason": reason,
    }
    settings = page.gateway.settings
    values["oidc"] = settings.oidc and bool(settings.oidc_client_id)
    values["chain_id"] = page.gateway.chain_id
    logins = page.request.app.state.demo_logins
    return await page.render(
        "sign_in/sign_in.html", status=status, logins=logins, **(values | context)
    )


@router.get("/app/sign-in")
async def sign_in(page: VisitorOf) -> Response:
    """The ways to sign in that this gateway offers."""
    if page.session is not None:
        raise Redirect(local(page.query("next")))
    return await show(page)


@router.post("/app/sign-in")
async def sign_in_by_key(page: VisitorOf, sent: VisitorsFormOf) -> Response:
    """Signs in with an API key."""
    following = sent.form.value("next")
    credential = Credential("key", sent.form.value("apiKey"))
    try:
        if not credential.value.isascii():
            raise Problem({"status": 401, "title": t("The API key is not valid")})
        return await signed_in(page, credential, following=following)
    except Problem as problem:
        return await show(page, status=problem.status, problem=problem, following=local(following))


@router.post("/app/sign-in/demo")
async def sign_in_by_demo(page: VisitorOf, sent: VisitorsFormOf) -> Response:
    """Signs in with a login of the demo; elsewhere there is none."""
    name, following = sent.form.value("login"), sent.form.value("next")
    for login in page.request.app.state.demo_logins:
        if login.name == name:
            return await signed_in(page, Credential("key", login.api_key), following=following)
    problem = Problem(
        {"status": 404, "title": t("Not found"), "detail": t("There is no such login here.")}
    )
    return await show(page, status=404, problem=problem)


@router.post("/app/sign-out")
async def sign_out(page: PageOf, _: SentOf) -> Response:
    """Ends the session."""
    await sessions.end(page.gateway, page.secret)
    response = page.redirect("/app/sign-in?out=1")
    sessions.set_cookie(response, sessions.new_secret(), secure=page.secure)
    return response
