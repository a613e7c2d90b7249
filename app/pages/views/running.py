"""What the operator watches: health, lag, queue, relay accounts, keys, and who saw what."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem
from app.pages.commands import Command, Field, add_commands, filled
from app.pages.details import Part, show_list
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/running")
NAVIGATION = (
    Entry(mark("Health"), "/app/running", ("operator", "auditor", "regulator"), group="ledger"),
    Entry(mark("API keys"), "/app/running/keys", group="ledger"),
    Entry(mark("Who saw what"), "/app/running/access", group="ledger"),
)
STATUSES["key"] = {
    "active": (mark("active"), "good"),
    "waiting": (mark("waits for a second person"), "wait"),
    "expired": (mark("expired"), "plain"),
    "revoked": (mark("revoked"), "bad"),
}
RELAYS = (
    Column("address", mark("Address"), shows="hash"),
    Column("ours", mark("Ours"), shows="yes"),
    Column("balance", mark("Balance (ether)"), numeric=True, shows="number"),
    Column("nextNonce", mark("Next nonce"), numeric=True, shows="number"),
    Column("confirmedNonce", mark("Confirmed nonce"), numeric=True, shows="number"),
    Column("pending", mark("In no block yet"), numeric=True, shows="number"),
)
#: Each check of readiness: its name, and what it means that it holds.
CHECKS = {
    "chain": (mark("Chain"), mark("The node answers, and the index is close behind it.")),
    "identity": (mark("Identity of the chain"), mark("The node serves the chain of this ledger.")),
    "index": (mark("Index"), mark("The gateway reads each new block.")),
    "blocks": (mark("Newest block"), mark("It is not older than the limit.")),
    "operations": (mark("Operations under way"), mark("No operation is older than the limit.")),
    "store": (mark("Store"), mark("It can be read and written.")),
    "history": (mark("Executions"), mark("The store knows each one on the chain.")),
    "masterKey": (mark("Master key"), mark("It is the key that the store was written with.")),
    "relayer": (mark("Relayer"), mark("It sends operations to the chain.")),
    "relayAccounts": (mark("Relay accounts"), mark("Each can pay for a transaction.")),
    "ownWork": (mark("Own work"), mark("Each task below goes on.")),
}
FIGURES = {
    "head": mark("newest block"),
    "indexed": mark("read up to block"),
    "lag": mark("blocks behind"),
    "ageSeconds": mark("age in seconds"),
    "limitSeconds": mark("limit in seconds"),
    "unknownExecutions": mark("unknown"),
    "expected": mark("expected"),
    "actual": mark("actual"),
    "lowBelowWei": mark("low below (ether)"),
}
_WITHOUT_LIMIT = "limitSeconds"
TASKS = {
    "housekeeping": mark("Removes what has expired"),
    "key-use": mark("When each API key was last used"),
    "sessions": mark("Removes sessions that have ended"),
    "numbers": mark("Numbers of old documents"),
    "groups": mark("Groups of companies"),
    "rates": mark("Reference rates"),
    "reversals": mark("Corrections of draws"),
    "watch": mark("Watch of borrowers"),
    "webhooks": mark("Webhooks"),
}
STATUSES["task"] = {
    "working": (mark("works"), "good"),
    "failing": (mark("fails"), "wait"),
    "ended": (mark("ended"), "bad"),
}
OWN_WORK = (
    Column("name", mark("Task"), shows="text"),
    Column("state", mark("State"), shows="status task"),
    Column("failures", mark("Failures in a row"), numeric=True, shows="number"),
    Column("failingSince", mark("Failing since"), shows="instant"),
    Column("error", mark("Error"), shows="text"),
)
QUEUE = (
    Column("state", mark("State"), shows="operation state"),
    Column("count", mark("Operations"), numeric=True, shows="number"),
    Column("oldest", mark("Oldest since"), shows="instant", at="oldestAt"),
)
FAILED = (
    Column("createdAt", mark("Sent"), shows="instant"),
    Column("id", mark("Operation"), shows="link operation"),
    Column("kind", mark("Kind"), shows="words"),
    Column("reason", mark("Why it was rejected"), shows="text", at="error.message"),
    Column("retry", mark("May be given anew"), shows="yes", at="retry.safe"),
)
KEYS = Listing(
    name="api-keys",
    source="/v1/api-keys",
    title=mark("API keys"),
    empty=(
        mark("No API keys"),
        mark(
            "The registrar makes keys for parties. A key is shown once; here stand its label, its "
            "roles and its end."
        ),
    ),
    columns=(
        Column("label", mark("Label"), shows="leads"),
        Column("party", mark("Party"), shows="party"),
        Column("roles", mark("Roles"), shows="roles"),
        Column("state", mark("State"), shows="status key"),
        Column("createdAt", mark("Created"), shows="instant"),
        Column("lastUsedAt", mark("Last used"), shows="instant"),
        Column("expiresAt", mark("Expires"), shows="instant"),
        Column("revokedAt", mark("Revoked"), shows="instant", extra=True),
    ),
    filters=(
        Filter("label", mark("Label")),
        Filter("partyId", mark("Party's id")),
        Filter(
            "sessions",
            mark("Sessions of wallets"),
            choices=(("true", mark("shown")), ("false", mark("not shown"))),
            initial="true",
        ),
    ),
)
ACCESS = Listing(
    name="access-log",
    source="/v1/access-log",
    title=mark("Who saw what"),
    empty=(
        mark("Nobody has looked yet"),
        mark(
            "Each time that somebody sees documents, statements or files of another party, the "
            "gateway notes who, what and when. Each row seals the one before."
        ),
    ),
    columns=(
        Column("number", mark("Number"), numeric=True, shows="number"),
        Column("at", mark("At"), shows="instant"),
        Column("party", mark("Party"), shows="party"),
        Column("person", mark("Person"), shows="verbatim"),
        Column("kind", mark("What was shown"), shows="words"),
        Column("subjectKind", mark("Kind"), shows="words"),
        Column("subjectId", mark("Id"), shows="verbatim"),
        Column("hash", mark("Seal"), shows="hash", extra=True),
    ),
    filters=(Filter("subjectId", mark("Id")),),
)


async def _waiting_key(page: Page, parameters: dict[str, Any]) -> Json:
    """The key that waits under the label that the address names.

    Raises:
        Problem: none waits.
    """
    query = {"partyId": parameters["party_id"], "label": parameters["key_label"]}
    for item in await page.api.every("/v1/api-keys", **query):
        if item["state"] == "waiting":
            return dict(item)
    raise Problem({"status": 404, "title": t("No key waits under this label.")})


COMMANDS = (
    Command(
        path="/keys/{party_id}/{key_label}/confirmation",
        source="/v1/parties/{party_id}/api-keys/{key_label}/confirmation",
        title=mark("Confirm an API key"),
        says=mark(
            "Whoever has the key acts for the party, in all of these roles. If another key waits "
            "when you send this, nothing happens."
        ),
        button=mark("Confirm the key"),
        fields=(Field("keyId", mark("Key"), "shown", initial="id"),),
        subject=_waiting_key,
        summary="running/key.html",
        undo=mark("The registrar can revoke the key at any time."),
        back="/app/running/keys",
        then="/app/running/keys",
    ),
)
add_commands(router, COMMANDS)
_ETHER = 10**18
_RELAY_SECONDS = 3.0
_UNAVAILABLE = 503
_DIGITS = 6


@router.get("")
async def shown(page: PageOf) -> Response:
    """Health check by check, the queue, relay accounts, and what was rejected.

    A chain that does not answer leaves the page as it is but for what only the chain knows.
    """
    ready, relays, summary, failed = await asyncio.gather(
        page.api.send("GET", "/readyz"),
        _relays(page),
        page.api.get("/v1/operations/summary"),
        page.api.get("/v1/operations", state="rejected", limit=20),
    )
    health: Json = ready.json()
    return await page.render(
        "running/health.html",
        healthy=ready.is_success,
        checks=_checks(health),
        parts=(
            Part(mark("Queue of operations"), QUEUE, summary["states"]),
            relays,
            Part(mark("Own work"), OWN_WORK, _tasks(health)),
            Part(
                mark("Rejected operations"),
                FAILED,
                failed["items"],
                mark("No operation was rejected."),
            ),
        ),
    )


@router.get("/keys")
async def keys(page: PageOf) -> Response:
    """API keys without the keys; one that waits leads to its confirmation."""
    shown = await rows(page, KEYS)
    operates = "operator" in page.person.roles
    for item in shown.items:
        whose = item["partyId"]
        if item["state"] == "waiting" and whose and (operates or whose == page.person.party_id):
            item["address"] = filled(
                "/app/running/keys/{party_id}/{key_label}/confirmation",
                {"party_id": whose, "key_label": item["label"]},
            )
    return await page.render("list.html", rows=shown, listing=KEYS, actions=())


@router.get("/access")
async def access(page: PageOf) -> Response:
    """The log of who saw documents, statements and files."""
    return await show_list(page, ACCESS)


async def _relays(page: Page) -> Part:
    """The relay accounts for an operator; that the chain does not answer, where it does not."""
    title = mark("Relay accounts")
    if "operator" not in page.person.roles:
        return Part(title, RELAYS, [])
    if not (await page.as_of()).silent:
        try:
            async with asyncio.timeout(_RELAY_SECONDS):
                answer = await page.api.get("/v1/relay-accounts")
        except TimeoutError:
            pass
        except Problem as problem:
            if problem.status != _UNAVAILABLE:
                raise
        else:
            items = [item | {"balance": _ether(item["balanceWei"])} for item in answer["items"]]
            return Part(title, RELAYS, items)
    none = mark("The chain does not answer, so balances and nonces are not known.")
    return Part(title, RELAYS, [], none)


def _ether(wei: str) -> str:
    """A balance in ether, cut to six digits after the point."""
    whole, rest = divmod(int(wei), _ETHER)
    return f"{whole}.{rest:018d}"[: len(str(whole)) + 1 + _DIGITS]


@dataclass(frozen=True)
class ShownCheck:
    """One check of readiness, as the page shows it.

    Attributes:
        figures: words and value of each figure.
    """

    name: str
    meaning: str
    holds: bool
    figures: list[tuple[str, str]]
    error: str | None


def _checks(health: Json) -> list[ShownCheck]:
    """Each check in words, those that fail first."""
    shown = [_check(name, check) for name, check in (health.get("checks") or {}).items()]
    return sorted(shown, key=lambda check: check.holds)


def _check(name: str, check: Json) -> ShownCheck:
    label, meaning = CHECKS.get(name, (name, ""))
    return ShownCheck(
        name=t(label),
        meaning=t(meaning) if meaning else "",
        holds=bool(check.get("holds")),
        figures=[
            (t(words), _ether(check[key]) if key == "lowBelowWei" else str(check[key]))
            for key, words in FIGURES.items()
            if check.get(key) is not None and not (key == _WITHOUT_LIMIT and not check[key])
        ],
        error=check.get("error"),
    )


def _tasks(health: Json) -> list[Json]:
    """The tasks of the gateway's own work, by their words."""
    tasks = ((health.get("checks") or {}).get("ownWork") or {}).get("tasks") or {}
    return [
        task | {"name": t(TASKS[name]) if name in TASKS else name} for name, task in tasks.items()
    ]
