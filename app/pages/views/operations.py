"""Operations: the list, and one operation until it is final."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import part
from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import PageOf
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.words import STATES

router = APIRouter(include_in_schema=False, prefix="/app/operations")
NAVIGATION = (Entry(mark("Operations"), "/app/operations", group="ledger"),)
LISTING = Listing(
    name="operations",
    source="/v1/operations",
    columns=(
        Column("operation", mark("Operation")),
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
    return await page.render("operations/list.html", rows=await rows(page, LISTING))


@router.get("/{operation_id}")
async def shown(operation_id: str, page: PageOf) -> Response:
    """One operation: its state, and its result or why it was rejected."""
    operation = await page.api.get(f"/v1/operations/{part(operation_id)}")
    return await page.render("operations/operation.html", operation=operation)
