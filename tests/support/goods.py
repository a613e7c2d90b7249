"""Steps with stored goods that several tests need."""

from __future__ import annotations

import itertools
import secrets
import uuid
from typing import Any

from app.demo.client import GatewayRefused
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.world import World

_lots = itertools.count(1)
STATEMENT = {
    "goodsDescription": "aluminium alloy ingots, apparently sound",
    "packages": "25 bundles on pallets",
    "storagePlace": "Beilun, hall 4",
    "issuePlace": "Ningbo",
    "warehouseAddress": "88 Gangkou Road, Beilun, Ningbo",
    "charges": "0.35 CNY a tonne and day",
    "insurance": "all risks, policy BL-889",
}


def lot_number() -> str:
    """A new one."""
    return f"BL-{next(_lots)}-{secrets.token_hex(4)}"


def lot_body(world: World, **terms: Any) -> Json:
    """A lot of the warehouse's, for the supplier, stored yesterday."""
    body = {
        "lotNumber": lot_number(),
        "depositorPartyId": world.parties["supplier"],
        "sku": "06901234567892",
        "grade": "A356.2",
        "unit": "KGM",
        "quantity": "1000.000",
        "storedDate": day(-1),
        "expiryDate": day(400),
        "statement": STATEMENT,
    }
    return body | terms


def issued(world: World, **terms: Any) -> tuple[int, int]:
    """A lot and its warehouse receipt."""
    done = world["warehouse"].command("/v1/lots", lot_body(world, **terms)).body
    return int(done["result"]["lotId"]), int(done["result"]["warehouseReceiptIds"][0])


def part_of(world: World, receipt: int, to: str, quantity: str, *, by: str = "supplier") -> int:
    """Assigns part of a warehouse receipt; returns the new one."""
    body = {"parts": [{"toPartyId": world.parties[to], "quantity": quantity}]}
    done = world[by].command(f"/v1/warehouse-receipts/{receipt}/assignments", body).body
    return int(done["result"]["warehouseReceiptIds"][-1])


def handed(world: World, receipt: int, report: str = "") -> Json:
    """What the warehouse states of a hand-over of what the receipt is for now."""
    shown = world["warehouse"].get(f"/v1/warehouse-receipts/{receipt}").body
    account = shown["owner"]["account"]
    return {"quantity": shown["quantity"], "holderAccount": account, "report": report}


def deleted(world: World, name: str, path: str) -> Json:
    """A DELETE that waits for its end.

    Raises:
        GatewayRefused.
    """
    headers = world[name].headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    answer = world.http.delete(path, headers=headers)
    body: Json = answer.json()
    if answer.status_code >= 400:
        raise GatewayRefused({"status": answer.status_code} | body)
    return body
