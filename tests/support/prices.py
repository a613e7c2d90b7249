"""Prices in tests."""

from __future__ import annotations

from typing import Any

from tests.support.bodies import Json
from tests.support.world import World

DAY = 86_400

USD = {"item": "USD", "currency": "CNY"}


def listed(world: World, *items: str) -> None:
    """Items that may be priced in yuan, by at most 5% a day."""
    body = {"items": list(items), "currency": "CNY", "maxJump": 50_000, "maxAgeSeconds": 3 * DAY}
    world["operator"].command("/v1/price-items", body)


def posted(world: World, price: str, *, by: str = "first-appraiser", **terms: Any) -> None:
    """A dollar's price."""
    price_body = USD | {"price": price, "validHours": 96} | terms
    world[by].command("/v1/prices", {"prices": [price_body]})


def confirmation(
    world: World, *, item: str = "USD", price: str | None = None, in_force: bool = False
) -> Json:
    """The body that confirms the newest price that waits, one at this price, or that in force."""
    named = {"item": item, "currency": "CNY"}
    path = "/v1/prices" if in_force else "/v1/prices/waiting"
    items = world["auditor"].get(path, **named).body["items"]
    shown = next(
        item
        for item in items
        if price in (None, item["price"]) and (item["inForce"] or not in_force)
    )
    return {"items": [named | {"priceHash": shown["priceHash"]}]}


def withdrawal(world: World, *, by: str = "first-appraiser", item: str = "USD") -> Json:
    """The body that withdraws the price of an appraiser's party that waits."""
    named = {"item": item, "currency": "CNY"}
    shown = next(
        item
        for item in world["auditor"].get("/v1/prices/waiting", **named).body["items"]
        if item["appraiser"]["partyId"] == world.parties[by]
    )
    return named | {"priceHash": shown["priceHash"]}


def later(world: World, seconds: int = DAY) -> None:
    """Moves the next block this much later."""
    world.later(seconds)
    world.requested()
