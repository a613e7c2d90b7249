"""A warehouse that sends the movements of its goods."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests.support.bodies import Json
from tests.support.days import day
from tests.support.goods import lot_body
from tests.support.world import World

ZONE = 8 * 3600  # of the test ledger
HEADER = "sequence,movementId,lotNumber,date,kind,quantity,unit,reference,balance"


def csv_of(*rows: str) -> bytes:
    """A movement file."""
    return "\r\n".join((HEADER, *rows)).encode()


def sent(world: World, content: bytes, *, as_of: str | None = None) -> httpx.Response:
    """Uploads a movement file and waits for its count."""
    own = {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    headers = world["warehouse"].headers | own
    form = {} if as_of is None else {"asOf": as_of}
    files = {"file": ("stock", content, "application/octet-stream")}
    return world.http.post("/v1/stock-movements", files=files, data=form, headers=headers)


class Stock:
    """A warehouse's own record of its movements: numbers them, as its system would."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sequence = 0

    def lot(self, quantity: str = "1000.000", **terms: Any) -> tuple[str, int, int]:
        """A lot with its number."""
        body = lot_body(self.world, quantity=quantity, **terms)
        done = self.world["warehouse"].command("/v1/lots", body).body
        result = done["result"]
        return body["lotNumber"], int(result["lotId"]), int(result["warehouseReceiptIds"][0])

    def row(
        self,
        lot: str,
        kind: str,
        quantity: str,
        *,
        days: int = 0,
        unit: str = "KGM",
        more: str = "",
    ) -> str:
        """The next movement."""
        self.sequence += 1
        identifier = uuid.uuid4().hex
        return f"{self.sequence},{identifier},{lot},{day(days)},{kind},{quantity},{unit},ref,{more}"

    def send(self, *rows: str, as_of: str | None = None) -> Json:
        """Sends these rows, which the gateway must accept."""
        answer = sent(self.world, csv_of(*rows), as_of=as_of or day(0))
        assert answer.status_code in (200, 201), answer.text
        body: Json = answer.json()
        if "operation" in body:
            assert body["operation"]["state"] in ("included", "final"), body
        return body
