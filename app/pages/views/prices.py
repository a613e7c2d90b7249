"""Prices of goods: what appraisers post, what waits for a second one, and the history."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, part
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Part, show_list
from app.pages.formats import number, rate
from app.pages.forms import Form, with_query
from app.pages.languages import mark, t
from app.pages.named import named
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Filter, Listing
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/prices")
VIEWERS = ("appraiser", "financier", "operator", "auditor", "warehouse")
NAVIGATION = (Entry(mark("Prices"), "/app/prices", VIEWERS, group="goods"),)
ITEMS = (
    Column("goods", mark("Goods"), shows="leads", at="name"),
    Column("price", mark("Newest price"), numeric=True, shows="text"),
    Column("state", mark("Status"), shows="status price"),
    Column("currency", mark("Currency"), shows="text"),
    Column("maxJump", mark("Largest jump alone"), numeric=True, shows="rate"),
    Column("maxAge", mark("Oldest price that counts (hours)"), numeric=True, shows="number"),
    Column("item", mark("Item"), shows="hash"),
)
Prices = dict[tuple[str, str], Json]
STATUSES["price"] = {
    "none": (mark("no price in force"), "plain"),
    "in-force": (mark("in force"), "good"),
    "waiting": (mark("waits for another appraiser"), "wait"),
}
HISTORY = Listing(
    name="prices",
    source="/v1/prices",
    title=mark("History of prices"),
    empty=(
        mark("No prices yet"),
        mark("An appraiser posts a price; a first one and a jump wait for a second appraiser."),
    ),
    columns=(
        Column("postedAt", mark("Posted"), shows="instant"),
        Column("item", mark("Item"), shows="hash"),
        Column("price", mark("Price"), numeric=True, shows="number"),
        Column("currency", mark("Currency"), shows="text"),
        Column("haircut", mark("Haircut"), numeric=True, shows="rate"),
        Column("appraiser", mark("Appraiser"), shows="party"),
        Column("inForce", mark("In force"), shows="yes"),
        Column("validUntil", mark("Valid until"), shows="instant"),
        Column("evidence", mark("Evidence"), shows="hash", extra=True),
    ),
    filters=(Filter("item", mark("Item")), Filter("currency", mark("Currency"))),
)
_OF_ITEM = tuple(column for column in HISTORY.columns if column.name not in ("item", "currency"))
_GOODS = (Field("item", mark("Item"), "select", choices=lambda page, _: _choices(page)),)


async def _choices(page: Page, *, waiting: bool = False) -> list[tuple[str, str]]:
    """The goods that may be priced; `waiting`: with the price that waits for an appraiser."""
    answer = await page.api.get("/v1/price-items")
    waits = await _waits(page) if waiting else {}
    choices = []
    for item in answer["items"]:
        words = f"{_name(item)} ({item['currency']})"
        price = waits.get((item["item"], item["currency"]))
        if price is not None:
            words = t("{goods}: {price} waits", goods=words, price=price["price"])
        choices.append((f"{item['item']} {item['currency']}", words))
    return choices


def _newest(prices: Iterable[Json]) -> Prices:
    """The newest price of each of the goods, by item and currency."""
    latest: Prices = {}
    for price in prices:
        latest.setdefault((price["item"], price["currency"]), price)
    return latest


async def _waits(page: Page) -> Prices:
    """The newest price of each of the goods that waits for another appraiser."""
    return _newest((await page.api.get("/v1/prices/waiting"))["items"])


def _item(body: Json) -> Json:
    item, _, currency = str(body.pop("item", "")).partition(" ")
    return {"item": item, "currency": currency}


def _posted(_: Page, __: Json, body: Json) -> Json:
    return {"prices": [_item(body) | body]}


async def _waiting(page: Page, parameters: dict[str, Any]) -> Json:
    """The prices of the item that wait, with its name and currency."""
    named = {name: str(parameters[name]) for name in ("item", "currency")}
    answer = await page.api.get("/v1/prices/waiting", **named)
    listed = await page.api.get("/v1/price-items")
    names = [_name(item) for item in listed["items"] if item["item"] == named["item"]]
    return named | {"name": (names or [named["item"]])[0], "prices": answer["items"]}


async def _own_waiting(page: Page, parameters: dict[str, Any]) -> Json:
    """The price of the item that the person's own party proposed, if it waits."""
    subject = await _waiting(page, parameters)
    own = [x for x in subject["prices"] if x["appraiser"]["partyId"] == page.person.party_id][:1]
    return subject | {"prices": own, "priceHash": own[0]["priceHash"] if own else None}


async def _shown_prices(_: Page, subject: Json) -> list[tuple[str, str]]:
    return [
        (
            price["priceHash"],
            t(
                "{price} {currency}, haircut {haircut}, by {appraiser}",
                price=number(price["price"]),
                currency=price["currency"],
                haircut=rate(price["haircut"], digits=4),
                appraiser=named(price["appraiser"]),
            ),
        )
        for price in subject["prices"]
    ]


def _confirmed(_: Page, subject: Json, body: Json) -> Json:
    return {"items": [{"item": subject["item"], "currency": subject["currency"]} | body]}


def _withdrawn(_: Page, subject: Json, body: Json) -> Json:
    return {"item": subject["item"], "currency": subject["currency"]} | body


COMMANDS = (
    Command(
        path="/new",
        source="/v1/prices",
        title=mark("Post a price"),
        says=mark(
            "A price within the guard is in force at once. A first price, a jump and another "
            "haircut wait for an appraiser of another party."
        ),
        button=mark("Post the price"),
        fields=(
            *_GOODS,
            Field("price", mark("Price of one unit"), "quantity"),
            Field(
                "haircut",
                mark("Haircut (%)"),
                "rate",
                hint=mark("Such as 30: so much less counts."),
            ),
            Field(
                "validHours",
                mark("Valid for (hours)"),
                "number",
                required=False,
                hint=mark("Empty: 24 hours."),
            ),
        ),
        undo=mark("A new price replaces it; while it waits, you can withdraw it."),
        back="/app/prices",
        body=_posted,
    ),
    Command(
        path="/confirmation/{item}/{currency}",
        source="/v1/prices/confirmations",
        title=mark("Confirm a price that waits"),
        says=mark(
            "You have looked at the goods and the market yourself, and confirm the price "
            "that an appraiser of another party proposed."
        ),
        button=mark("Confirm the price"),
        fields=(
            Field(
                "priceHash",
                mark("Price that you confirm"),
                "select",
                choices=_shown_prices,
                hint=mark("If another one waits when you send this, nothing happens."),
            ),
        ),
        subject=_waiting,
        summary="prices/waiting.html",
        final=mark("Loans rely on the price at once."),
        back="/app/prices",
        body=_confirmed,
    ),
    Command(
        path="/withdrawal/{item}/{currency}",
        source="/v1/prices/withdrawals",
        title=mark("Withdraw a price that waits"),
        says=mark("The doubt about the item ends."),
        button=mark("Withdraw"),
        fields=(Field("priceHash", mark("Hash of the price"), "shown", initial="priceHash"),),
        subject=_own_waiting,
        summary="prices/waiting.html",
        undo=mark("You can post a price at any time."),
        back="/app/prices",
        body=_withdrawn,
    ),
)
add_commands(router, COMMANDS)


@router.get("")
async def shown(page: PageOf) -> Response:
    """The goods that may be priced, with their newest price, and what an appraiser can do."""
    answer = await page.api.get("/v1/price-items")
    latest = _newest(await page.api.every("/v1/prices", newest=True))
    waits = await _waits(page)
    items = [
        item
        | {
            "name": _name(item),
            "address": with_query(
                "/app/prices/history", item=item["item"], currency=item["currency"]
            ),
            "maxAge": item["maxAgeSeconds"] // 3600,
            "price": (latest.get((item["item"], item["currency"])) or {}).get("price"),
            "state": _state(item, waits, latest),
        }
        for item in answer["items"]
    ]
    actions = [
        (mark("Post a price"), "/app/prices/new"),
        (mark("Confirm a price that waits"), "/app/prices/confirmation"),
        (mark("Withdraw a price that waits"), "/app/prices/withdrawal"),
    ]
    return await page.render(
        "prices/items.html",
        part=Part(
            mark("Goods that may be priced"),
            ITEMS,
            items,
            mark("The operator has listed no goods yet."),
        ),
        actions=actions if "appraiser" in page.person.roles else [],
    )


@router.get("/confirmation")
async def choose_to_confirm(page: PageOf) -> Response:
    """Which item's waiting prices are shown next."""
    return await _choose(page, mark("Confirm a price that waits"), "/app/prices/confirmation")


@router.get("/withdrawal")
async def choose_to_withdraw(page: PageOf) -> Response:
    """Of which item the own party's waiting price is shown next."""
    return await _choose(page, mark("Withdraw a price that waits"), "/app/prices/withdrawal")


async def _choose(page: Page, title: str, path: str) -> Response:
    item, _, currency = page.query("item").partition(" ")
    if item and currency:
        return page.redirect(f"{path}/{part(item)}/{part(currency)}")
    choices = await _choices(page, waiting=True)
    return await page.render(
        "prices/choose.html", title=title, path=path, choices=choices, form=Form()
    )


@router.get("/history")
async def history(page: PageOf) -> Response:
    """All prices, newest first; of one item also as a line."""
    if not page.query("item"):
        return await show_list(page, HISTORY)
    answer = await page.api.get(
        "/v1/prices", item=page.query("item"), currency=page.query("currency"), limit=200
    )
    listed = await page.api.get("/v1/price-items")
    pair = (page.query("item"), page.query("currency"))
    item = next((x for x in listed["items"] if (x["item"], x["currency"]) == pair), None)
    points = [point for price in reversed(answer["items"]) if (point := _point(price))]
    return await page.render(
        "prices/history.html",
        name=None if item is None else _name(item),
        item=item,
        points=points,
        items=answer["items"],
        part=Part(mark("Prices"), _OF_ITEM, answer["items"], mark("No prices yet")),
    )


def _state(item: Json, waits: Prices, latest: Prices) -> str:
    pair = (item["item"], item["currency"])
    if pair in waits:
        return "waiting"
    return "in-force" if pair in latest and latest[pair]["inForce"] else "none"


def _point(price: Json) -> dict[str, str] | None:
    try:
        return {"at": str(price["postedAt"]), "value": str(Decimal(price["price"]))}
    except InvalidOperation:
        return None


def _name(item: Json) -> str:
    goods = item.get("goods")
    if isinstance(goods, dict):
        return " ".join(str(goods[name]) for name in ("sku", "grade", "unit") if goods.get(name))
    return str(goods or t("item {hash}", hash=str(item["item"])[:10]))
