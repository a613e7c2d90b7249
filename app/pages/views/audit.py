"""What an auditor asks: the events of anything, its state at a past block, and what changed."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, passed_on
from app.pages.details import Part
from app.pages.forms import Form, with_query
from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import PageOf
from app.pages.tables import Column
from app.pages.trees import Drawing, drawing

router = APIRouter(include_in_schema=False, prefix="/app/history")
NAVIGATION = (
    Entry(mark("History"), "/app/history", group="oversight"),
    Entry(mark("What changed"), "/app/history/changes", group="oversight"),
)
#: What history is of: the API's parameter, and its name.
KINDS = {
    "receivable": mark("Receivable"),
    "claim": mark("Claim"),
    "loan": mark("Loan"),
    "facility": mark("Facility"),
    "order": mark("Order"),
    "lot": mark("Lot"),
    "warehouseReceipt": mark("Warehouse receipt"),
    "campaign": mark("Campaign"),
    "party": mark("Party"),
}
CHANGING = ("receivable", "claim", "loan", "facility", "party")
FIGURES = (
    Column("name", mark("Figure"), shows="figure"),
    Column("before", mark("Before"), numeric=True, shows="text"),
    Column("after", mark("After"), numeric=True, shows="text"),
    Column("changed", mark("Changed"), shows="yes"),
)
HOLDERS = (
    Column("claimId", mark("Claim"), shows="link claim"),
    Column("owner", mark("Holder"), shows="party"),
    Column("value", mark("Outstanding"), numeric=True, shows="money"),
)
NODES = (
    Column("claimId", mark("Claim"), shows="link claim"),
    Column("parentId", mark("Split from"), shows="link claim"),
    Column("owner", mark("Holder"), shows="party"),
    Column("value", mark("Outstanding"), numeric=True, shows="money"),
    Column("status", mark("Status"), shows="words"),
    Column("createdBlock", mark("Block"), numeric=True, shows="number"),
)
_LISTED = 200
_FORMATS = ("csv", "xlsx")


def _question(page: PageOf) -> tuple[Form, dict[str, Any]]:
    """What the address names, and the API's parameters."""
    names = ("kind", "id", "contract", "event", "from", "to", "block", "day")
    form = Form([(name, page.query(name)) for name in names])
    kind = form.value("kind") if form.value("kind") in KINDS else ""
    parameters: dict[str, Any] = {kind: form.value("id")} if kind and form.value("id") else {}
    return form, parameters


@router.get("")
async def events(page: PageOf) -> Response:
    """Events in the chain's order, with filters; also as a file."""
    form, parameters = _question(page)
    parameters |= {name: form.value(name) for name in ("contract", "event") if form.value(name)}
    ending = page.query("format")
    if ending in _FORMATS:
        answer = await page.api.download("/v1/history", format=ending, limit=1000, **parameters)
        return passed_on(answer)
    history: Json = {"items": [], "nextCursor": None}
    try:
        history = await page.api.get(
            "/v1/history", limit=100, cursor=page.query("cursor"), **parameters
        )
    except Problem as problem:
        form.refuse(problem)
    here = with_query(
        "/app/history",
        **{name: page.query(name) or None for name in ("kind", "id", "contract", "event")},
    )
    cursor = history.get("nextCursor")
    return await page.render(
        "audit/history.html",
        form=form,
        kinds=KINDS.items(),
        items=history["items"],
        here=here,
        onward=None if cursor is None else with_query(here, cursor=str(cursor)),
    )


@router.get("/changes")
async def changes(page: PageOf) -> Response:
    """What changed of one thing between two blocks or days: figures before and after, events."""
    form, parameters = _question(page)
    answer: Json | None = None
    if parameters and form.value("from") and form.value("to"):
        try:
            answer = await page.api.get(
                "/v1/history/changes",
                **{"from": form.value("from"), "to": form.value("to")},
                **parameters,
            )
        except Problem as problem:
            form.refuse(problem)
    return await page.render(
        "audit/changes.html",
        form=form,
        kinds=[(name, KINDS[name]) for name in CHANGING],
        answer=answer,
        part=None if answer is None else Part(mark("Figures"), FIGURES, answer["figures"]),
    )


@router.get("/receivables/{receivable_id:int}")
async def past(receivable_id: int, page: PageOf) -> Response:
    """A receivable, and who held what of it, as of a past block or day."""
    form, answer = _question(page)[0], None
    try:
        answer = await page.api.get(
            f"/v1/history/receivables/{receivable_id}/balances",
            block=form.value("block"),
            asOf=form.value("day"),
        )
    except Problem as problem:
        form.refuse(problem)
    return await page.render(
        "audit/past.html",
        form=form,
        receivable_id=receivable_id,
        answer=answer,
        part=None if answer is None else Part(mark("Holders"), HOLDERS, answer["claims"]),
    )


@router.get("/receivables/{receivable_id:int}/tree")
async def tree(receivable_id: int, page: PageOf) -> Response:
    """Every claim ever issued on a receivable, as a graph and as a table."""
    answer = await page.api.get(f"/v1/receivables/{receivable_id}/tree")
    top = page.query("claim")
    drawn: Drawing = drawing(
        answer["nodes"], top=int(top) if re.fullmatch(r"[0-9]{1,19}", top) else None
    )
    return await page.render(
        "audit/tree.html",
        receivable_id=receivable_id,
        answer=answer,
        drawn=drawn,
        part=Part(mark("Claims"), NODES, answer["nodes"][:_LISTED]),
        listed=_LISTED,
    )
