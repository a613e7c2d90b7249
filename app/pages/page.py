"""One request for a page: who asks, in which language, and how the answer is made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.gateway import said
from app.gateway.gateway import Gateway, GatewayOf
from app.gateway.rate_limits import within_limit
from app.pages import forms, sessions
from app.pages.api import Api, Json, Problem, part
from app.pages.blocks import AsOfBlock, as_of_block
from app.pages.fields import MAX_FIELDS, MAX_FILES, text_fields
from app.pages.forms import Form, local, with_query
from app.pages.languages import chosen, current, t
from app.pages.navigation import menu
from app.pages.rendering import rendered
from app.pages.sessions import Person, Session
from app.storage.turns import acting

LANGUAGE, THEME = "cession-language", "cession-theme"
THEMES = ("auto", "light", "dark")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SEE_OTHER = 303
LIVE = "/app/live"  # streams, which open pages ask for by themselves
_MISDIRECTED = 421
_PORTS = {"http": 80, "https": 443}


class Redirect(Exception):
    """The answer is another page."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Ended(Exception):
    """The session has ended while somebody types: the form stays, and comes back once sent."""


class Forged(Exception):
    """The form did not come from a page of this browser's session."""


@dataclass
class Page:
    """What a view needs to answer.

    Attributes:
        person: who is signed in; None only where a view takes visitors.
        secret: of this browser; its CSRF token comes from it.
        fresh: the browser does not have the secret yet.
        restored: why the form that is shown was stored; None: it is not a stored one.
        sent: names and values of the form that the person sent with this request.
    """

    request: Request
    gateway: Gateway
    session: Session | None
    secret: str
    fresh: bool
    language: str
    theme: str
    restored: forms.Why | None = None
    sent: forms.Pairs = ()

    @property
    def person(self) -> Person:
        """Who is signed in."""
        assert self.session is not None, "this view takes visitors"
        return self.session.person

    @property
    def api(self) -> Api:
        """The API with the person's credential."""
        credential = None if self.session is None else self.session.credential
        return Api(self.request.app, credential, address=address_of(self.request))

    @property
    def secure(self) -> bool:
        """Whether the browser reaches the pages over TLS."""
        return sessions.is_secure(self.request, self.gateway)

    @property
    def place(self) -> str:
        """Path and query of this request."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def place_of(self, form: Form) -> str:
        """The page that shows a form: of a refused one, the page that showed it first."""
        return self.back if form.place == local(None) else form.place

    @property
    def back(self) -> str:
        """This page, or the page whose form this request sent."""
        if self.request.method in ("GET", "HEAD"):
            return self.place
        return local(dict(self.sent).get(forms.PLACE))

    @property
    def partial(self) -> bool:
        """Whether a page that is open asks for a part of itself."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def beside_form(self) -> bool:
        """Whether an open form asks for what stands beside it, while somebody types."""
        return self.partial and self.request.headers.get("hx-boosted") != "true"

    @property
    def whole(self) -> str:
        """Path and query to come back to: of a part of a page, those of the page."""
        if not self.partial:
            return self.place
        try:
            _, _, path, query, _ = urlsplit(self.request.headers.get("hx-current-url", ""))
        except ValueError:
            return local(None)
        return local(f"{path}?{query}" if query else path)

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query_params.get(name, default)

    async def as_of(self) -> AsOfBlock:
        """The block that the read tables have reached."""
        return await as_of_block(self.gateway)

    async def now(self) -> float:
        """The ledger's time, UTC seconds: of its newest block, or ours where blocks are rare."""
        return max((await self.as_of()).timestamp, time.time())

    async def render(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page."""
        roles = () if self.session is None else self.session.person.roles
        as_of = await self.as_of()
        text = rendered(
            template,
            {
                "page": self,
                "person": None if self.session is None else self.session.person,
                "navigation": menu(roles, self.request.url.path),
                "as_of": as_of,
                "today": as_of.day(self.gateway.zone_offset),
                "csrf": sessions.csrf_token(self.secret),
                "language": self.language,
                "theme": self.theme,
                "zone": self.gateway.zone_offset,
                "partial": self.partial,
                **context,
            },
        )
        response = HTMLResponse(
            text, status, {"Content-Security-Policy": POLICY, "Vary": "HX-Request"}
        )
        if self.fresh:
            sessions.set_cookie(response, self.secret, secure=self.secure)
        return response

    def redirect(self, location: str) -> Response:
        """The browser loads another page of ours (303)."""
        return RedirectResponse(local(location), SEE_OTHER)

    async def form(self, *, initial: dict[str, str] | None = None) -> Form:
        """The form that this page shows: a new one, or what was typed before the session ended.

        Raises:
            Redirect: the form was sent already, or its address has no key yet.
        """
        owner = self.person.owner
        if (stored := await self.draft()) is not None:
            return stored
        key = self.query("form")
        if not key or len(key) > 100:  # noqa: PLR2004 (more is not ours)
            raise Redirect(with_query(self.place, form=Form().key, draft=None))
        location = await forms.done_at(self.gateway, owner, key)
        if location is not None:
            raise Redirect(location)
        return Form(list((initial or {}).items()), key=key)

    async def draft(self) -> Form | None:
        """The stored form that the address names, if it is this person's.

        Raises:
            Redirect: it was sent already, or its operation goes on.
        """
        name, owner = self.query("draft"), self.person.owner
        stored = await forms.draft(self.gateway, owner, name) if name else None
        if stored is not None:
            if (identifier := forms.operation_of(name)) is not None:
                await self._require_rejected(identifier)
            location = await forms.done_at(self.gateway, owner, stored.key)
            if location is not None:
                raise Redirect(location)
            self.restored = stored.why
        return stored

    async def _require_rejected(self, identifier: str) -> None:
        operation = await self.api.get(f"/v1/operations/{part(identifier)}")
        if operation["state"] != "rejected":
            raise Redirect(f"/app/operations/{part(identifier)}")

    async def done(self, form: Form, answer: Json, *, to: str | None = None) -> Response:
        """After a command: the page of its operation, or `to`; going back shows it again."""
        operation = answer.get("operation") or {}
        location = to or (f"/app/operations/{operation['id']}" if operation else "/app")
        if answer.get("repeat"):
            location = await self.first(form, operation)
        await self._keep_for_another_try(form, operation)
        await forms.note_done(self.gateway, self.person.owner, form.key, location)
        return self.redirect(location)

    async def first(self, form: Form, operation: Json) -> str:
        """The page of what the wallet signs first: from there the same form is sent again."""
        name = await forms.keep_draft(self.gateway, self.person.owner, form.pairs, why="part")
        again = with_query(form.place, draft=name, form=None)
        return with_query(f"/app/operations/{operation['id']}", then=again)

    async def refused(self, form: Form, problem: Problem) -> str | None:
        """After a refusal: the page of the rejected operation; None: the form is shown again."""
        if problem.operation is None:
            form.refuse(problem)
            return None
        location = f"/app/operations/{problem.operation['id']}"
        await self._keep_for_another_try(form, problem.operation)
        await forms.note_done(self.gateway, self.person.owner, form.key, location)
        return location

    async def _keep_for_another_try(self, form: Form, operation: Json) -> None:
        """Stores what was typed for an operation that the ledger may refuse."""
        if not operation or operation["state"] == "final" or form.place == local(None):
            return
        pairs = [pair for pair in form.pairs if pair[0] != "signature"]
        name, owner = forms.of_operation(operation["id"]), self.person.owner
        await forms.keep_draft(
            self.gateway, owner, pairs, why="rejected", name=name, place=form.place
        )

    async def again(self, operation: Json) -> str | None:
        """The form of an operation with what was typed, for the one who sent it."""
        name = forms.of_operation(operation["id"])
        place = await forms.draft_place(self.gateway, self.person.owner, name)
        return with_query(place, draft=name, form=None) if place else None


def address_of(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else ""


async def visitor_page(request: Request, gateway: GatewayOf) -> Page:
    """A page for anybody, signed in or not.

    Raises:
        Problem: the request is meant for another host.
    """
    secret = sessions.browser_secret(request, gateway)
    active = not request.url.path.startswith(LIVE)
    session = None if secret is None else await sessions.session_of(gateway, secret, active=active)
    language = chosen(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))
    current.set(language)
    said.language.set(language)
    theme = request.cookies.get(THEME, "auto")
    page = Page(
        request,
        gateway,
        session,
        secret or sessions.new_secret(),
        secret is None,
        language,
        theme if theme in THEMES else "auto",
    )
    request.state.page = page
    if not _is_own_host(request, gateway):
        document = {
            "status": _MISDIRECTED,
            "title": t("This gateway does not know the address in your browser"),
            "detail": t("Its pages answer only at an address that it knows."),
            "fix": t("have the operator set CESSION_PAGES_URL to the address of the pages"),
        }
        raise Problem(document)
    return page


VisitorOf = Annotated[Page, Depends(visitor_page)]


async def signed_in_page(page: VisitorOf) -> Page:
    """A page for whoever is signed in.

    Raises:
        Redirect: to the page on which one signs in.
        Ended: so does what stands beside an open form.
        TooManyRequests.
    """
    if page.session is not None:
        acting.set(page.person.owner)
        await within_limit(page.gateway, page.person.owner)
        return page
    request = page.request
    if page.beside_form:
        raise Ended
    if request.method in ("GET", "HEAD"):
        raise Redirect(with_query("/app/sign-in", next=page.whole))
    owner = None if page.fresh else await sessions.owner_before(page.gateway, page.secret)
    if owner is not None:
        await within_limit(page.gateway, owner)
    pairs = await text_fields(request, of_uploads=owner is not None)
    same = dict(pairs).get(forms.CSRF) == sessions.csrf_token(page.secret)
    raise Redirect(await after_the_end(page, pairs, owner=owner if same else None))


async def after_the_end(page: Page, pairs: forms.Pairs, *, owner: str | None) -> str:
    """Where a form goes whose session has ended: its values are stored, and come back.

    Args:
        owner: to whom the form belongs; None: its values are dropped.
    """
    place = local(dict(pairs).get(forms.PLACE), "/app")
    if owner is not None:
        name = await forms.keep_draft(page.gateway, owner, pairs, why="ended")
        place = with_query(place, draft=name)
    return with_query("/app/sign-in", next=place, ended="1")


PageOf = Annotated[Page, Depends(signed_in_page)]


@dataclass
class Sent:
    """A form that the person sent, and its files."""

    form: Form
    files: dict[str, list[UploadFile]]


async def _sent(page: Page, *, comes_back: bool = True) -> Sent:
    """The form of this request.

    Args:
        comes_back: what an older page of this browser sent is shown again.

    Raises:
        Forged: another site sent it.
        Redirect: an older page of this browser sent it; its values come back for another look.
    """
    request = page.request
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forged
    origin = request.headers.get("origin")
    if origin not in (None, "null", own_origin(page)):
        raise Forged
    is_ours = origin == own_origin(page) or request.headers.get("sec-fetch-site") == "same-origin"
    form = await request.form(max_fields=MAX_FIELDS, max_files=MAX_FILES)
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    fields = dict(pairs)
    token = fields.get(forms.CSRF, "")
    if token != sessions.csrf_token(page.secret):
        if not comes_back or not is_ours or page.session is None:
            raise Forged
        if not await sessions.was_token(page.gateway, page.secret, token):
            raise Forged
        owner = page.person.owner
        name = await forms.keep_draft(page.gateway, owner, pairs, why="changed")
        place = with_query(local(fields.get(forms.PLACE)), draft=name)
        raise Redirect(place)
    files: dict[str, list[UploadFile]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            files.setdefault(name, []).append(value)
    form_values = Form(pairs, key=fields.get(forms.KEY), place=fields.get(forms.PLACE))
    page.sent = pairs if comes_back else ()
    return Sent(form_values, files)


async def sent_form(page: PageOf) -> Sent:
    """The form that the person who is signed in sent."""
    return await _sent(page)


async def visitors_form(page: VisitorOf) -> Sent:
    """The form that anybody sent; whoever reads it limits attempts.

    Raises:
        Forged: also if an older page of this browser sent it; its values may be a key.
    """
    return await _sent(page, comes_back=False)


SentOf = Annotated[Sent, Depends(sent_form)]
VisitorsFormOf = Annotated[Sent, Depends(visitors_form)]


def own_origin(page: Page) -> str:
    """The origin at which this browser reaches the pages."""
    settings, url = page.gateway.settings, page.request.url
    return settings.pages_url or f"{url.scheme}://{url.netloc}"


def _is_own_host(request: Request, gateway: Gateway) -> bool:
    """Whether the pages are reached at `pages_url`, or at the address at which the gateway listens.

    Otherwise the request would name the host: a name that another site lets point here would be in
    links, and in the message that a wallet signs, and that site could use the logins of a demo.
    """
    if gateway.settings.pages_url:
        return True
    listens, port = request.scope.get("server") or ("", None)
    try:
        url = request.url
        named = url.hostname or ""
        if port is None or (url.port or _PORTS.get(url.scheme)) != port:
            return False
        listener = ip_address(listens)
        return listener.is_loopback if named == "localhost" else ip_address(named) == listener
    except ValueError:
        return False
