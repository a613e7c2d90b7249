"""Breakers: what stops new lending by itself or by an official, who may change it, and who did."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem
from app.pages.commands import Choices, Command, Field, add_commands, named
from app.pages.details import show_list
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Listing
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/breakers")
VIEWERS = ("financier", "auditor", "operator", "regulator")
NAVIGATION = (Entry(mark("Breakers"), "/app/breakers", VIEWERS, group="oversight"),)
STATUSES["breaker"] = {
    "holds": (mark("draws go on"), "good"),
    "tripped": (mark("draws are stopped"), "bad"),
    "closed": (mark("closed"), "bad"),
}
STATUSES["breaker-change"] = {
    "new-risk-stopped": (mark("new risk stopped"), "bad"),
    "resumption-proposed": (mark("resumption of new risk proposed"), "wait"),
    "new-risk-resumed": (mark("new risk resumed"), "good"),
    "product-added": (mark("product added"), "plain"),
    "product-change-proposed": (mark("change of a product proposed"), "wait"),
    "product-changed": (mark("change of a product approved"), "good"),
    "product-closed": (mark("product closed"), "bad"),
    "liens-stopped": (mark("new liens stopped"), "bad"),
    "liens-allowed": (mark("new liens allowed"), "good"),
}
HISTORY = Listing(
    name="breakers",
    source="/v1/breakers/history",
    title=mark("History of breakers"),
    empty=(
        mark("No changes yet"),
        mark("Each change of a breaker and each stop stands here, with who did it."),
    ),
    columns=(
        Column("at", mark("At"), shows="instant"),
        Column("kind", mark("Change"), shows="status breaker-change"),
        Column("code", mark("Product"), shows="text"),
        Column("version", mark("Version"), numeric=True, shows="number"),
        Column("breaker", mark("Breaker"), numeric=True, shows="rate"),
        Column("warehouse", mark("Warehouse"), shows="party"),
        Column("official", mark("By"), shows="party"),
        Column("proposer", mark("Proposed by"), shows="party"),
        Column("reasonHash", mark("Hash of the reason"), shows="hash", extra=True),
        Column("blockNumber", mark("Block"), numeric=True, shows="number", extra=True),
    ),
)


async def _product(page: Page, parameters: dict[str, Any]) -> Json:
    """The breaker of the product that the address names.

    Raises:
        Problem: there is no such product.
    """
    answer = await page.api.get("/v1/breakers")
    for item in answer["products"]:
        if item["productId"] == parameters["product_id"]:
            return _shown(item)
    raise Problem({"status": 404, "title": t("Not found")})


async def _warehouses(page: Page, _: Json) -> Choices:
    return [
        (str(party["id"]), named(party))
        for party in await page.api.every("/v1/parties")
        if "warehouse" in party["roles"]
    ]


def _shown(item: Json) -> Json:
    """A product with its version in force and a status."""
    newest = item["versions"][0]
    status = "closed" if not item["open"] else "tripped" if newest["tripped"] else "holds"
    return item | {"inForce": newest, "status": status, "older": item["versions"][1:]}


def _reason_alone(_: Page, __: Json, body: Json) -> Json:
    return {name: value for name, value in body.items() if name != "warehouse"}


_WAREHOUSE = (
    Field("warehouse", mark("Warehouse"), "select", choices=_warehouses),
    Field("reason", mark("Reason"), "long"),
)
_SECOND = mark("An operator of another party sends the same; until then nothing changes.")
COMMANDS = (
    Command(
        path="/products/{product_id:int}/breaker",
        source="/v1/products/{product_id}/breaker",
        title=mark("Change the breaker"),
        says=mark(
            "The first operator proposes it, and replaces another change that waits. An operator "
            "of another party approves it with the same number. It is a new version of the "
            "product: facilities agreed before keep the breaker that they have."
        ),
        button=mark("Send"),
        subject=_product,
        summary="breakers/summary.html",
        fields=(
            Field(
                "breaker",
                mark("Breaker (%)"),
                "rate",
                hint=mark(
                    "The share of the principal that may be overdue, such as 8; above it draws "
                    "stop. 0 is no breaker."
                ),
            ),
        ),
        undo=_SECOND,
        back="/app/breakers",
    ),
    Command(
        path="/products/{product_id:int}/closure",
        source="/v1/products/{product_id}/closure",
        title=mark("Close the product"),
        says=mark(
            "No new facility and no draw under the product from now on, of any version. What is "
            "lent runs on."
        ),
        button=mark("Close the product"),
        subject=_product,
        summary="breakers/summary.html",
        undo=mark("Two operators of different parties together open it again."),
        back="/app/breakers",
    ),
    Command(
        path="/products/{product_id:int}/opening",
        source="/v1/products/{product_id}/opening",
        title=mark("Open the product again"),
        says=mark(
            "The first operator proposes it, and replaces another change that waits; an operator "
            "of another party opens the product with the terms in force."
        ),
        button=mark("Send"),
        subject=_product,
        summary="breakers/summary.html",
        undo=mark("One operator can close it again at once."),
        back="/app/breakers",
    ),
    Command(
        path="/liens/stop",
        source="/v1/warehouses/{warehouse}/lien-stop",
        title=mark("Stop new liens"),
        says=mark(
            "No new loan on goods of this warehouse from now on. Release, transfer and repayment "
            "continue."
        ),
        button=mark("Stop new liens"),
        fields=_WAREHOUSE,
        fixed=(("stopped", True),),
        body=_reason_alone,
        undo=mark("Each operator can allow them again at once."),
        back="/app/breakers",
    ),
    Command(
        path="/liens/allowance",
        source="/v1/warehouses/{warehouse}/lien-stop",
        title=mark("Allow new liens"),
        says=mark("Lenders may lend on goods of this warehouse again."),
        button=mark("Allow new liens"),
        fields=_WAREHOUSE,
        fixed=(("stopped", False),),
        body=_reason_alone,
        undo=mark("Each operator can stop them again at once."),
        back="/app/breakers",
    ),
)
add_commands(router, COMMANDS)


@router.get("")
async def shown(page: PageOf) -> Response:
    """New risk, the breaker of each product, and stops of new liens."""
    answer = await page.api.get("/v1/breakers")
    roles = set(page.person.roles)
    return await page.render(
        "breakers/breakers.html",
        products=[_shown(item) for item in answer["products"]],
        stops=answer["lienStops"],
        risk=await page.api.get("/v1/new-risk"),
        is_operator="operator" in roles,
        is_official=bool({"operator", "regulator"} & roles),
    )


@router.get("/history")
async def history(page: PageOf) -> Response:
    """Who changed a breaker or stopped new risk, newest first."""
    return await show_list(page, HISTORY)
