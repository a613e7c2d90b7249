"""Documents and trade that draws need, for tests."""

from __future__ import annotations

import contextlib
import datetime
import itertools
from typing import Any

from app.demo.client import GatewayRefused
from tests.support.bodies import Json
from tests.support.goods import issued
from tests.support.lending import ordered
from tests.support.world import IDS, World, cny

_numbers = itertools.count(1)


def today_of(world: World) -> datetime.date:
    """The ledger's day, in its zone."""
    head = world.server.node.ask("eth_getBlockByNumber", "latest", False)
    seconds = int(head["timestamp"], 16) + world.server.gateway.zone_offset
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()


def _number() -> int:
    return next(_numbers)


def tax_certificate(world: World, *, owner: str = "supplier", **changes: Any) -> Json:
    """A certificate of taxes that the owner has paid."""
    today = today_of(world)
    name, legal_id = IDS[owner]
    document: Json = {
        "kind": "tax-certificate",
        "number": f"43301626{_number():010d}",
        "authority": "Hangzhou Tax Service, State Taxation Administration",
        "taxpayerName": name,
        "taxpayerId": legal_id,
        "periodFrom": (today - datetime.timedelta(days=92)).isoformat(),
        "periodTo": (today - datetime.timedelta(days=2)).isoformat(),
        "issuedDate": (today - datetime.timedelta(days=1)).isoformat(),
        "paid": cny("186240.55"),
        "arrears": cny("0.00"),
    }
    return document | changes


def declaration(
    world: World, amount: str = "10000.00", *, owner: str = "supplier", **changes: Any
) -> Json:
    """A customs declaration of the owner's exports, in dollars."""
    name, legal_id = IDS[owner]
    document: Json = {
        "kind": "customs-declaration",
        "number": f"31012026{_number():010d}",
        "exporterName": name,
        "exporterId": legal_id,
        "consigneeName": "Northwind Pumps Ltd.",
        "amount": {"amount": amount, "currency": "USD"},
        "declaredDate": today_of(world).isoformat(),
    }
    return document | changes


def bill_of_lading(world: World, *, owner: str = "supplier", **changes: Any) -> Json:
    """A bill of lading for goods that the owner shipped."""
    name, legal_id = IDS[owner]
    document: Json = {
        "kind": "bill-of-lading",
        "number": f"ELSH{_number():08d}",
        "issuerName": "East Lake Shipping Co., Ltd.",
        "shipperName": name,
        "shipperId": legal_id,
        "goods": "40 cases of pump castings",
        "shippedDate": today_of(world).isoformat(),
    }
    return document | changes


def uploaded(world: World, document: Json, *, by: str = "supplier") -> Json:
    """Uploads a document."""
    return world[by].post("/v1/draw-documents", document).body


def submitted(world: World, facility: int, document: Json, *, by: str = "supplier") -> Json:
    """Uploads a document and submits it to a facility; the document."""
    stored = uploaded(world, document, by=by)
    path = f"/v1/facilities/{facility}/documents"
    world[by].command(path, {"documentIds": [stored["id"]]})
    return stored


def accepted(
    world: World,
    facility: int,
    document: Json,
    *,
    by: str = "bank",
    owner: str = "supplier",
) -> Json:
    """The same, accepted by the lender or its attester."""
    stored = submitted(world, facility, document, by=owner)
    path = f"/v1/facilities/{facility}/documents/{stored['fingerprint']}/acceptance"
    world[by].command(path)
    return stored


def months_before(world: World, count: int) -> list[str]:
    """The months that are over, the newest first, like 2026-10."""
    day = today_of(world).replace(day=1)
    months = []
    for _ in range(count):
        day = (day - datetime.timedelta(days=1)).replace(day=1)
        months.append(day.isoformat()[:7])
    return months


def traded(
    world: World, amount: str, *, merchant: str = "supplier", by: str = "platform", **changes: Any
) -> Json:
    """Reports what a merchant traded in the last month; the report's body."""
    report: Json = {
        "merchantPartyId": world.parties[merchant],
        "month": months_before(world, 1)[0],
        "amount": cny(amount),
        "returned": cny("0.00"),
    }
    report |= changes
    world[by].command("/v1/trade-reports", report)
    return report


def order_delivered(world: World, *, amount: str = "900.00") -> tuple[int, int]:
    """An order of the supplier that the buyer confirmed and whose goods it got: order and lot."""
    order = ordered(world, amount=amount)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    lot, _ = issued(world, orderId=order)
    delivery = (
        world["supplier"]
        .post(
            f"/v1/orders/{order}/deliveries",
            {"lotId": lot, "amount": cny(amount), "evidence": "goods received note"},
        )
        .body["id"]
    )
    world["buyer"].post(f"/v1/deliveries/{delivery}/signature")
    world["supplier"].command(f"/v1/deliveries/{delivery}/execution")
    return order, lot


def limit_on_chain(world: World, facility: int) -> Any:
    """What the ledger itself says of the limit by trade."""
    contracts = world.server.gateway.contracts
    data = "0x" + contracts.encode("Facilities", "tradeLimit", [facility]).hex()
    call = {"to": contracts.address("Facilities"), "data": data}
    answer = world.server.node.ask("eth_call", call, "latest")
    return contracts.decode_result("Facilities", "tradeLimit", answer)


def bought(world: World, facility: int) -> None:
    """Order and delivery of the supplier's, submitted to its facility."""
    order, lot = order_delivered(world)
    submitted(world, facility, {"kind": "order", "orderId": order})
    submitted(world, facility, {"kind": "delivery", "orderId": order, "lotId": lot})


def proved(world: World, facility: int, code: str) -> None:
    """What a draw of a product has to prove."""
    if code == "tax-loan":
        accepted(world, facility, tax_certificate(world))
    elif code.startswith("purchase-credit"):
        bought(world, facility)
    elif code == "merchant-credit":
        with contextlib.suppress(GatewayRefused):  # a month is reported once
            traded(world, "100000.00")
