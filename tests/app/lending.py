"""Steps of lending that several tests need."""

from __future__ import annotations

import datetime
from typing import Any

from tests.app.world import World, cny

FAR = (datetime.date.today() + datetime.timedelta(days=3000)).isoformat()


def product(world: World, code: str) -> dict[str, Any]:
    """A product of the catalogue."""
    items = world["bank"].get("/v1/products").body["items"]
    return next(one for one in items if one["code"] == code)


def line(
    world: World, code: str = "receivables-finance", *, limit: str = "100000.00", **terms: Any
) -> int:
    """A line of the bank for the supplier, signed by both; its id."""
    body = {
        "productId": product(world, code)["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny(limit),
        "lastDate": FAR,
    }
    made = world["bank"].post("/v1/facility-proposals", body | terms).body
    assert made["missing"] == ["borrower"]
    path = f"/v1/facility-proposals/{made['id']}/signature"
    done = world["supplier"].command(path).body
    assert done["state"] in ("included", "final"), done
    return int(done["result"]["facilityId"])


def drawn(world: World, facility: int, claim: int, amount: str, *, tenor: int = 30) -> int:
    """A loan on a claim; its id."""
    body = {"amount": cny(amount), "tenor": tenor, "coverId": claim}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    return int(done["result"]["loanId"])
