"""The directory of parties: who takes part, as what, until when, and with which API keys."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.commands import Command, Field, add_commands
from app.pages.forms import Form, done_at, note_done
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.words import ROLES, STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/parties")
VIEWERS = ("registrar", "operator", "auditor", "regulator")
NAVIGATION = (Entry(mark("Directory of parties"), "/app/parties", VIEWERS, group="ledger"),)
STATUSES["party"] = {
    "valid": (mark("valid"), "good"),
    "pending": (mark("not on the ledger yet"), "wait"),
    "held": (mark("held by a regulator"), "bad"),
    "frozen": (mark("frozen by a court order"), "bad"),
    "expired": (mark("registration ended"), "bad"),
}
#: Roles of a party on the ledger, and those of a key that a registrar may make.
LEDGER_ROLES = (
    *("supplier", "buyer", "financier", "warehouse"),
    *("platform", "rater", "appraiser", "auditor"),
)
KEY_ROLES = ("supplier", "buyer", "financier", "rater", "appraiser", "warehouse")
LISTING = Listing(
    name="parties",
    source="/v1/parties",
    title=mark("Directory of parties"),
    empty=(
        mark("No parties yet"),
        mark("The registrar registers each company by its legal id."),
    ),
    columns=(
        Column("name", mark("Name")),
        Column("roles", mark("Roles"), shows="roles"),
        Column("state", mark("Status"), shows="status party"),
        Column("until", mark("Valid until"), shows="instant"),
        Column("legalId", mark("Legal id"), shows="code", at="legalId.value"),
        Column("account", mark("Account"), shows="hash"),
        Column("custody", mark("The gateway signs"), shows="yes", extra=True),
    ),
    filters=(
        Filter("name", mark("Name begins with")),
        Filter(
            "role",
            mark("Role"),
            choices=(("any", mark("any")), *((name, ROLES[name]) for name in LEDGER_ROLES)),
            initial="any",
        ),
    ),
)
_PARTY, _SOURCE, _BACK = "/{party_id}", "/v1/parties/{party_id}", "/app/parties/{party_id}"
_KEY, _KEY_SOURCE = f"{_PARTY}/keys/{{key_label}}", f"{_SOURCE}/api-keys/{{key_label}}"
_ROLES_BEFORE = Field("rolesBefore", mark("Roles"), "shown", initial="rolesBefore")
_UNTIL_BEFORE = Field(
    "validUntilBefore", mark("Valid until"), "shown", initial="validUntil", numbered=True
)
_LAST_DAY = Field(
    "validUntil",
    mark("Last day of validity"),
    "day",
    hint=mark("The whole of this day counts, by the ledger's time zone."),
)


def _boxes(names: Sequence[str]) -> tuple[Field, ...]:
    """A box for each role; the first one says what they are."""
    hints = (mark("Tick each role that it has on the ledger."), *[""] * len(names))
    return tuple(
        Field(f"roles.{name}", ROLES[name], "check", hint, required=False, initial=f"has.{name}")
        for name, hint in zip(names, hints, strict=False)
    )


async def _party(page: Page, parameters: dict[str, Any]) -> Json:
    """The party that the address names, with the roles that it has."""
    party = await page.api.get(f"/v1/parties/{part(parameters['party_id'])}")
    return _shown(party, await page.now()) | {
        "has": dict.fromkeys(party["roles"], True),
        "rolesBefore": " ".join(party["roles"]),
    }


async def _key(page: Page, parameters: dict[str, Any]) -> Json:
    """The key that the address names, in use or waiting, with its party.

    Raises:
        Problem: the party has no such key, or the person may not see it.
    """
    party_id = str(parameters["party_id"])
    for key in await _keys_of(page, party_id, label=str(parameters["key_label"])):
        if key["state"] in ("active", "waiting"):
            party = await page.api.get(f"/v1/parties/{part(party_id)}")
            return key | {"party": _as_party(party)}
    raise Problem({"status": 404, "title": t("Not found")})


async def _keys_of(page: Page, party_id: str, *, label: str | None = None) -> list[Json]:
    """A party's keys, newest first; none for those who may not see them.

    Those of sessions that its wallet began are left out: they end by themselves.
    """
    query = {"partyId": party_id, "label": label, "sessions": False}
    return await page.api.every("/v1/api-keys", **query)


def _as_party(party: Json) -> Json:
    """A party of the directory as other answers name a party."""
    return party | {"partyId": party["id"], "confusable": bool(party["confusableWith"])}


def _chosen(page: Page, _: Json, body: Json) -> Json:
    """The body with its roles as a list, and its last day as the second after it."""
    return _until(page, {}, body | {"roles": _ticked(body)})


def _changed(page: Page, _: Json, body: Json) -> Json:
    """The body with its roles as a list, and those that the page has shown as another."""
    return {"roles": _ticked(body), "rolesBefore": str(body.get("rolesBefore", "")).split()}


def _ticked(body: Json) -> list[str]:
    ticked = body.get("roles") or {}
    return [name for name in LEDGER_ROLES if ticked.get(name)]


def _until(page: Page, _: Json, body: Json) -> Json:
    """The body with its last day as the second after it; what is no day stays for the API."""
    try:
        day = datetime.date.fromisoformat(str(body.get("validUntil", "")))
        after = day + datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return body
    zone = datetime.timezone(datetime.timedelta(seconds=page.gateway.zone_offset))
    midnight = datetime.datetime.combine(after, datetime.time(), zone)
    return body | {"validUntil": int(midnight.timestamp())}


COMMANDS = (
    Command(
        path="/new",
        source="/v1/parties",
        title=mark("Register a party"),
        says=mark(
            "The company enters the directory and the ledger. You have checked who it is and who "
            "acts for it; others rely on that."
        ),
        button=mark("Register the party"),
        fields=(
            Field("name", mark("Legal name")),
            Field(
                "legalId.scheme",
                mark("Kind of the legal id"),
                hint=mark("LEI, USCC, VAT, or an ISO 6523 code such as 0088."),
            ),
            Field(
                "legalId.value",
                mark("Legal id"),
                hint=mark("The check digits of LEI and USCC are checked."),
            ),
            *_boxes(LEDGER_ROLES),
            Field(
                "account",
                mark("Its own wallet"),
                required=False,
                hint=mark("An account of 0x and 40 digits. Empty: the gateway signs for it."),
            ),
            Field(
                "validUntil",
                mark("Last day of validity"),
                "day",
                required=False,
                hint=mark("Empty: five years from now."),
            ),
        ),
        body=_chosen,
        final=mark("Its legal id and its account stay; roles and validity can be changed."),
        back="/app/parties",
    ),
    Command(
        path=f"{_PARTY}/roles",
        source=f"{_SOURCE}/roles",
        title=mark("Change the roles"),
        says=mark("The party has these roles at once, and no others. What it agreed runs on."),
        button=mark("Change the roles"),
        fields=(*_boxes(LEDGER_ROLES), _ROLES_BEFORE),
        subject=_party,
        summary="parties/summary.html",
        body=_changed,
        undo=mark("You can change them again at any time."),
        back=_BACK,
    ),
    Command(
        path=f"{_PARTY}/validity",
        source=f"{_SOURCE}/validity",
        title=mark("Change the validity"),
        says=mark(
            "A later end counts at once, an earlier one only with 30 days' notice. After the end "
            "the party can neither move nor receive anything."
        ),
        button=mark("Change the validity"),
        fields=(_LAST_DAY, _UNTIL_BEFORE),
        subject=_party,
        summary="parties/summary.html",
        body=_until,
        undo=mark("You can change it again at any time."),
        back=_BACK,
    ),
    Command(
        path=f"{_KEY}/revocation",
        source=_KEY_SOURCE,
        method="DELETE",
        title=mark("Revoke an API key"),
        says=mark(
            "Nobody can use it from now on. Sessions that the party's wallet began end with it."
        ),
        button=mark("Revoke the key"),
        fields=(Field("keyId", mark("Key"), "shown", initial="id"),),
        subject=_key,
        summary="parties/key_facts.html",
        final=mark("A new key takes its place."),
        back=_BACK,
        then=_BACK,
    ),
)
add_commands(router, COMMANDS)


@router.get("")
async def listed(page: PageOf) -> Response:
    """The directory, in the order of registration."""
    directory = await rows(page, LISTING)
    now = await page.now()
    directory.items = [_shown(item, now) for item in directory.items]
    return await page.render(
        "parties/list.html", rows=directory, is_registrar="registrar" in page.person.roles
    )


@router.get(f"{_PARTY}/keys/new")
async def new_key(party_id: str, page: PageOf) -> Response:
    """The form for a key."""
    return await _key_form(page, party_id, await page.form())


@router.post(f"{_PARTY}/keys/new")
async def make_key(party_id: str, page: PageOf, sent: SentOf) -> Response:
    """Makes a key and shows it, this once."""
    form, owner, place = sent.form, page.person.owner, f"/app/parties/{part(party_id)}"
    before = await done_at(page.gateway, owner, form.key)
    if before is not None:
        return page.redirect(before)
    body = {
        "label": form.value("label"),
        "roles": [name for name in KEY_ROLES if form.checked(f"roles.{name}")],
    }
    try:
        answer = await page.api.post(f"/v1/parties/{part(party_id)}/api-keys", body, key=form.key)
    except Problem as problem:
        form.refuse(problem)
        return await _key_form(page, party_id, form, status=problem.status)
    await note_done(page.gateway, owner, form.key, place)
    party = await page.api.get(f"/v1/parties/{part(party_id)}")
    return await page.render("parties/key.html", party=_as_party(party), key=answer)


async def _key_form(page: Page, party_id: str, form: Form, *, status: int = 200) -> Response:
    party = await page.api.get(f"/v1/parties/{part(party_id)}")
    return await page.render(
        "parties/new_key.html",
        status=status,
        party=_as_party(party),
        form=form,
        names=[name for name in KEY_ROLES if name in party["roles"]],
    )


@router.get(_PARTY)
async def shown(party_id: str, page: PageOf) -> Response:
    """One party: its registration, and its keys for those who may see them."""
    party = _shown(await page.api.get(f"/v1/parties/{part(party_id)}"), await page.now())
    roles, own = set(page.person.roles), page.person.party_id == party["id"]
    sees_keys = own or bool(roles & {"operator", "registrar"})
    return await page.render(
        "parties/party.html",
        party=party,
        base=f"/app/parties/{party['id']}",
        is_registrar="registrar" in roles,
        is_regulator="regulator" in roles,
        confirms=own or "operator" in roles,
        keys=await _keys_of(page, party["id"]) if sees_keys else [],
    )


def _shown(party: Json, now: float) -> Json:
    """A party with its status, and the end of its registration as a time."""
    until, held = party["validUntil"], party["heldUntil"]
    if until is None:
        return party | {"until": None, "state": "pending"}
    if party["frozen"]:
        state = "frozen"
    elif held is not None and datetime.datetime.fromisoformat(held).timestamp() > now:
        state = "held"
    else:
        state = "valid" if int(until) > now else "expired"
    return party | {"until": _instant(int(until)), "state": state}


def _instant(seconds: int) -> str | None:
    """A time of the ledger as the API writes times; None: after the last year of the calendar."""
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None
