"""Operations: the list, one operation until it is final, and a wallet's signature for it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.forms import Form, local, with_query
from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.signing import signing_context
from app.pages.tables import Column, Filter, Listing, Rows, rows
from app.pages.things import THINGS, path_of
from app.pages.words import STATES

router = APIRouter(include_in_schema=False, prefix="/app/operations")
NAVIGATION = (Entry(mark("Operations"), "/app/operations", group="ledger"),)
PARTIES = ("party", "toParty")  # what an operation is about, by ids of the directory
_SENTENCES = 50  # the API gives so many at a time
FIRST = ("approval", "run-history")  # kinds of what may come before a command
LISTING = Listing(
    name="operations",
    source="/v1/operations",
    columns=(
        Column("operation", mark("Operation")),
        Column("does", mark("What it does")),
        Column("state", mark("State")),
        Column("createdAt", mark("Sent")),
        Column("finalAt", mark("Final")),
        Column("block", mark("Block"), numeric=True),
        Column("transaction", mark("Transaction"), extra=True),
        Column("gas", mark("Gas"), numeric=True, extra=True),
    ),
    filters=(
        Filter(
            "state",
            mark("State"),
            choices=(("", mark("any")), *((name, words) for name, (words, _) in STATES.items())),
        ),
    ),
)


@router.get("")
async def listed(page: PageOf) -> Response:
    """The person's operations, newest first."""
    shown = await rows(page, LISTING)
    return await page.render(
        "operations/list.html", rows=shown, sentences=await _sentences(page, shown)
    )


async def _sentences(page: Page, shown: Rows) -> dict[str, Json]:
    """What each operation of the list does, by its id."""
    if not shown.items:
        return {}
    sentences: dict[str, Json] = {}
    cursor: str | None = page.query("cursor")
    while cursor is not None and len(sentences) < shown.size:
        query = {"cursor": cursor, "limit": _SENTENCES, **shown.values}
        answer = await page.api.get("/v1/signing/operations", **query)
        sentences |= {str(item["operationId"]): item for item in answer["items"]}
        cursor = answer["nextCursor"]
    return sentences


@router.get("/{operation_id}")
async def shown(operation_id: str, page: PageOf) -> Response:
    """One operation: its state, and its result or why it was rejected."""
    return await _show(page, operation_id, await page.draft() or Form())


@router.post("/{operation_id}/signature")
async def sign(operation_id: str, page: PageOf, sent: SentOf) -> Response:
    """Hands over a wallet's signature for a prepared operation."""
    body = {"signature": sent.form.value("signature")}
    try:
        await page.api.post(f"/v1/operations/{part(operation_id)}/signature", body)
    except Problem as problem:
        if problem.operation is None:
            sent.form.refuse(problem)
            return await _show(page, operation_id, sent.form, status=problem.status)
    then = sent.form.value("then")
    location = f"/app/operations/{part(operation_id)}"
    return page.redirect(with_query(location, then=then) if then else location)


async def _show(page: Page, operation_id: str, form: Form, *, status: int = 200) -> Response:
    operation = await page.api.get(f"/v1/operations/{part(operation_id)}")
    then = page.query("then") or form.value("then")
    goes_on = bool(then) and operation["kind"] in FIRST
    safe = bool(operation["retry"] and operation["retry"]["safe"])
    context: dict[str, Any] = {
        "operation": operation,
        "again": await page.again(operation) if safe and await _stays(page, operation) else None,
        "form": form,
        "things": things_of(operation),
        "then": local(then) if goes_on else None,
    }
    if operation["state"] == "prepared" and _signs(page, operation):
        path = f"/v1/operations/{part(operation_id)}/typed-data"
        typed_data = (await page.api.get(path))["typedData"]
        context |= await signing_context(page, typed_data, signer=operation["signer"])
    else:
        path = f"/v1/signing/operations/{part(operation_id)}"
        context |= {"typed_data": None, "described": await page.api.get(path)}
    return await page.render("operations/operation.html", status=status, **context)


async def _stays(page: Page, operation: Json) -> bool:
    """Whether a reorganisation of the chain can no longer undo what was rejected."""
    block = operation["block"]
    return block is None or block["blockNumber"] <= (await page.as_of()).final


def _signs(page: Page, operation: Json) -> bool:
    account = page.person.account
    return account is not None and account.lower() == str(operation["signer"]).lower()


def things_of(operation: Json) -> list[tuple[str, str, str]]:
    """Things that an operation is about, or made: kind, id and the path of their page."""
    named: dict[tuple[str, str], str] = {}
    for values in (operation.get("result") or {}, operation.get("subject") or {}):
        for name, value in values.items():
            kind = _kind(name)
            if name == "partyId":  # the number on the ledger, which is no id of the directory
                continue
            if kind == "order" and operation["contract"] == "CourtOrders":
                kind = "court-order"
            for identifier in value if isinstance(value, list) else [value]:
                if kind is None or not isinstance(identifier, int | str):
                    continue
                path = path_of(kind, identifier)
                if path is not None:
                    named.setdefault((kind, str(identifier)), path)
    return [(kind, identifier, path) for (kind, identifier), path in named.items()]


def _kind(name: str) -> str | None:
    """The kind that a field such as `claimId` or `warehouseReceiptIds` names."""
    if name in PARTIES:
        return "party"
    base = name.removesuffix("s")
    if not base.endswith("Id"):
        return None
    words = "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in base[:-2])
    return words if words in THINGS and words != "operation" else None
