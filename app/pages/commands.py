"""Commands as areas declare them: a form, what it says, and the request that it becomes.

A command names its fields once. The page that shows the form, the body that the API gets, and the
errors at the fields all come from that.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.forms import Form
from app.pages.languages import t
from app.pages.named import named
from app.pages.page import Page, PageOf, SentOf
from app.pages.paths import at
from app.pages.signing import signing_context
from app.pages.typed import MILLION, Unreadable, amounts, plain_number, share, share_text, whole

Kind = Literal[
    "text",
    "long",
    "money",
    "number",
    "rate",
    "day",
    "select",
    "party",
    "check",
    "quantity",
    "instant",
    "shown",
]
Choices = Sequence[tuple[str, str]]
SubjectOf = Callable[[Page, dict[str, Any]], Awaitable[Json]]
ChoicesOf = Callable[[Page, Json], Awaitable[Choices]]
WalletPageOf = Callable[[Page, dict[str, Any], Json], Awaitable[str]]
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_OTHERS = "currency"
_IN_SUBJECT = "subject."


@dataclass(frozen=True)
class Field:
    """One field of a command.

    Attributes:
        name: path in the API's body, such as `amount` or `terms.limit`.
        kind: a `rate` is typed in per cent; the API gets parts per million. What is `shown` is
            not typed: the page sends back the value of the subject, at `initial`, that it showed.
        label, hint: English texts, marked with `mark`.
        choices: of a `select`: pairs of value and marked text, or a function that asks the API.
        currency: of an amount: its path in the subject, such as `value.currency`; "": the person
            chooses the currency.
        initial: path in the subject of the value that the field shows at first.
        numbered: of a `select`, or of what is `shown`: its values are numbers.
        maximum: of a `rate`, in parts per million.
    """

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    required: bool = True
    choices: Choices | ChoicesOf = ()
    currency: str = ""
    initial: str = ""
    numbered: bool = False
    maximum: int = MILLION


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        path: of its page below the area's prefix, such as `/{receivable_id:int}/dispute`.
        source: the API's path, with the same parameters, or with the name of a field:
            `/v1/receivables/{receivable_id}/dispute`.
        title, says, button: English texts, marked with `mark`: what the command is called, what
            happens, and the words on the button.
        subject: the API's path of what the command is about, or a function of the path's
            parameters that asks the API for it; it fills `summary`.
        summary: template that shows the subject above the form.
        beside: template of what the person compares with what it signs; it reads `subject`.
        signs: the API's path of the typed data that the person signs with the command, or
            `subject.` and where it stands in the subject; "": none.
        wallet_page: gives the page on which an own wallet signs what the form asks for, of the
            page, the path's parameters with the fields, and the body; None: this one.
        scripts: static files that the page loads.
        final: English text: why it cannot be undone; "": it can.
        undo: English text: how it is undone.
        back: path to which one goes without the command; with the same parameters.
        method: of the API; with DELETE the fields go into the query.
        body: changes the body that the fields make; it gets the page, the subject and that body.
            The subject is read anew when the form is sent: take from it only what never changes,
            and send what may change as a field of kind `shown`.
        fixed: what the body has besides the fields.
        then: path of the page after the command; "": the operation's page.
    """

    path: str
    source: str
    title: str
    says: str
    button: str
    fields: tuple[Field, ...] = ()
    subject: str | SubjectOf = ""
    summary: str = ""
    beside: str = ""
    signs: str = ""
    wallet_page: WalletPageOf | None = None
    scripts: tuple[str, ...] = ()
    final: str = ""
    undo: str = ""
    back: str = ""
    method: Literal["POST", "DELETE"] = "POST"
    body: Callable[[Page, Json, Json], Json] | None = None
    fixed: tuple[tuple[str, Any], ...] = ()
    then: str = ""


@dataclass(frozen=True)
class _Shown:
    """A field as the template shows it."""

    field: Field
    choices: list[tuple[str, str]]
    currency: str
    value: str


def add_commands(router: APIRouter, commands: Sequence[Command]) -> None:
    """Adds for each command the page with its form, and the request that sends it."""
    for command in commands:
        _add(router, command)


def _add(router: APIRouter, command: Command) -> None:
    async def show(request: Request, page: PageOf) -> Response:
        return await _show(page, command, request.path_params)

    async def send(request: Request, page: PageOf, sent: SentOf) -> Response:
        return await _send(page, command, request.path_params, sent.form)

    router.add_api_route(command.path, show, methods=["GET"])
    router.add_api_route(command.path, send, methods=["POST"])


async def _show(page: Page, command: Command, parameters: dict[str, Any]) -> Response:
    subject = await _subject(page, command, parameters)
    initial = {
        item.name: share_text(value) if item.kind == "rate" else str(value)
        for item in command.fields
        if item.initial and (value := at(subject, item.initial)) is not None
    }
    form = await page.form(initial=initial)
    return await _render(page, command, parameters, subject, form)


async def _send(page: Page, command: Command, parameters: dict[str, Any], form: Form) -> Response:
    subject = await _subject(page, command, parameters)
    body = dict(command.fixed) | body_of(command.fields, form, subject)
    named = {name: body.get(name) for name in _PARAMETER.findall(command.source)}
    for name in named.keys() - parameters.keys() - form.errors.keys():
        if named[name] is None:
            form.fault(name, t("Fill this in."))
    if form.faulty:
        return await _render(page, command, parameters, subject, form, status=422)
    if command.body is not None:
        body = command.body(page, subject, body)
    if command.signs and form.value("signature"):
        body["signature"] = form.value("signature")
    path = filled(command.source, named | parameters)
    try:
        if command.wallet_page is not None and not page.person.custody:
            return page.redirect(await command.wallet_page(page, named | parameters, body))
        if command.method == "DELETE":
            answer = await page.api.delete(path, key=form.key, **body)
        else:
            answer = await page.api.post(
                path, body if command.fields else body or None, key=form.key
            )
    except Problem as problem:
        problem.call_fields({item.name: t(item.label) for item in command.fields})
        rejected = await page.refused(form, problem)
        if rejected is not None:
            return page.redirect(rejected)
        return await _render(page, command, parameters, subject, form, status=problem.status)
    return await page.done(form, answer, to=_next_page(command, named | parameters, answer))


def _is_stale(item: _Shown, form: Form) -> bool:
    """Whether the form's page has shown another value than the one that holds now."""
    name = item.field.name
    return item.field.kind == "shown" and bool(form.all(name)) and form.value(name) != item.value


def _tick_anew(command: Command, form: Form, subject: Json) -> None:
    """Ticks what holds now: a tick that the person did not change would bring back what held."""
    boxes = [item for item in command.fields if item.kind == "check" and item.initial]
    names = {item.name for item in boxes}
    ticked = [(item.name, "true") for item in boxes if at(subject, item.initial)]
    form.pairs = [pair for pair in form.pairs if pair[0] not in names] + ticked


async def _render(
    page: Page,
    command: Command,
    parameters: dict[str, Any],
    subject: Json,
    form: Form,
    *,
    status: int = 200,
) -> Response:
    shown = [
        _Shown(
            item,
            await _choices(page, item, subject),
            str(at(subject, item.currency) or "") if item.currency else "",
            str(at(subject, item.initial) or "") if item.kind == "shown" else "",
        )
        for item in command.fields
    ]
    if any(_is_stale(item, form) for item in shown):
        _tick_anew(command, form, subject)
    return await page.render(
        "command.html",
        status=status,
        command=command,
        inputs=shown,
        form=form,
        subject=subject,
        back=filled(command.back, parameters) if command.back else "",
        action=page.request.url.path,
        **await _signed(page, command, parameters, subject),
        currencies=await _currencies(page, command),
    )


async def _signed(
    page: Page, command: Command, parameters: dict[str, Any], subject: Json
) -> dict[str, Any]:
    """What the person signs, in words; `by_wallet` if its own wallet does."""
    if not command.signs:
        return {"by_wallet": False}
    if command.signs.startswith(_IN_SUBJECT):
        typed_data = at(subject, command.signs.removeprefix(_IN_SUBJECT))
    else:
        typed_data = await page.api.get(filled(command.signs, parameters))
    context = await signing_context(page, typed_data, signer=page.person.account or "")
    return context | {"by_wallet": not page.person.custody}


async def _subject(page: Page, command: Command, parameters: dict[str, Any]) -> Json:
    if callable(command.subject):
        return await command.subject(page, parameters)
    return await page.api.get(filled(command.subject, parameters)) if command.subject else {}


async def _choices(page: Page, field: Field, subject: Json) -> list[tuple[str, str]]:
    if field.kind == "party":
        return await parties(page)
    if callable(field.choices):
        return list(await field.choices(page, subject))
    return [(value, t(label)) for value, label in field.choices]


async def parties(page: Page, *roles: str) -> list[tuple[str, str]]:
    """Ids and names of parties, as choices of a field; of those with one of the roles, if any."""
    return [
        (str(party["id"]), named(party))
        for party in await page.api.every("/v1/parties")
        if not roles or not set(roles).isdisjoint(party["roles"])
    ]


async def _currencies(page: Page, command: Command) -> list[tuple[str, str]]:
    if not any(item.kind == "money" and not item.currency for item in command.fields):
        return []
    return [(code, code) for code in sorted(page.gateway.currencies())]


def filled(template: str, parameters: dict[str, Any]) -> str:
    """The path with its parameters, each escaped."""
    return _PARAMETER.sub(lambda match: part(parameters[match[1]]), template)


def body_of(fields: Sequence[Field], form: Form, subject: Json) -> Json:
    """The API's body of what was typed; an empty field is left out.

    A number that cannot be read is left out too, and noted at its field: see `form.faulty`.
    """
    body: Json = {}
    for item in fields:
        if item.kind != "check" and not form.value(item.name):
            continue
        try:
            _put(body, item.name, _value(item, form, subject))
        except Unreadable as error:
            form.fault(item.name, str(error))
    return body


def _value(field: Field, form: Form, subject: Json) -> Any:
    """What the API gets of a field.

    Raises:
        Unreadable: not a number, where the field takes one.
    """
    text = form.value(field.name)
    match field.kind:
        case "check":
            return form.checked(field.name)
        case "money":
            chosen = form.value(f"{field.name}.{_OTHERS}")
            currency = str(at(subject, field.currency)) if field.currency else chosen
            return amounts({"amount": text}, currency=currency)
        case "number":
            return whole(text)
        case "rate":
            return share(text, maximum=field.maximum)
        case "quantity":
            return plain_number(text)
        case "select" | "shown" if field.numbered:
            return whole(text)
        case _:
            return text


def _put(body: Json, path: str, value: Any) -> None:
    *folders, last = path.split(".")
    for name in folders:
        body = body.setdefault(name, {})
    body[last] = value


def _next_page(command: Command, parameters: dict[str, Any], answer: Json) -> str | None:
    """The page after a command; None, the operation's, while the ids that it needs are missing."""
    operation = answer.get("operation") or {}
    if not command.then or operation.get("state") == "prepared":
        return None
    result = (operation.get("result") or {}) | (answer.get("result") or {})
    known = parameters | {"id": answer.get("id")} | result
    if any(known.get(name) is None for name in _PARAMETER.findall(command.then)):
        return None
    return filled(command.then, known)
