"""Steps of lending that several tests need."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.world import World, cny

FAR = (ledger_today() + datetime.timedelta(days=3000)).isoformat()


def product(world: World, code: str) -> Json:
    """A product of the catalogue."""
    items = world["bank"].get("/v1/products").body["items"]
    return next(item for item in items if item["code"] == code)


def agreed_facility(
    world: World,
    code: str = "receivables-finance",
    *,
    limit: str = "100000.00",
    by: str = "bank",
    borrower: str = "supplier",
    **terms: Any,
) -> int:
    """A facility of the bank (or another lender) for the borrower, signed by both; its id."""
    body = {
        "productId": product(world, code)["id"],
        "borrowerPartyId": world.parties[borrower],
        "annualRate": 72_000,
        "limit": cny(limit),
        "lastDate": FAR,
    }
    proposal = world[by].post("/v1/facility-proposals", body | terms).body
    assert proposal["missing"] == ["borrower"]
    path = f"/v1/facility-proposals/{proposal['id']}/signature"
    done = world[borrower].command(path).body
    assert done["state"] in ("included", "final"), done
    return int(done["result"]["facilityId"])


def drawn(world: World, facility: int, claim: int, amount: str, *, tenor: int = 30) -> int:
    """A loan on a claim; its id."""
    body = {"amount": cny(amount), "tenor": tenor, "collateralId": claim}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    return int(done["result"]["loanId"])


def ordered(world: World, *, amount: str = "1000.00", **terms: Any) -> int:
    """An order that waits for the buyer; its id."""
    today = ledger_today()
    body = {
        "buyerPartyId": world.parties["buyer"],
        "number": f"PO-{secrets.token_hex(4)}",
        "amount": cny(amount),
        "deliveryDate": (today + datetime.timedelta(days=30)).isoformat(),
        "expiryDate": (today + datetime.timedelta(days=60)).isoformat(),
        "description": "castings",
    }
    done = world["supplier"].command("/v1/orders", body | terms).body
    return int(done["result"]["orderId"])


def attested(world: World, party: str = "supplier", *, tier: int = 2, **terms: Any) -> None:
    """A tier of a party."""
    body = {
        "partyId": world.parties[party],
        "tier": tier,
        "limit": cny("500000.00"),
        "tradingSince": "2020-01-01",
        "modelVersion": "scorecard 1",
        "evidenceRoot": "0x" + "11" * 32,
    }
    world["rater"].command("/v1/credit", body | terms)


def revocation(world: World, party: str, reason: str) -> Json:
    """The body that revokes the attestation of a party that is in force."""
    credit = world["auditor"].get(f"/v1/credit/{world.parties[party]}").body
    return {"issuedAt": credit["issuedAt"], "reason": reason}


def lent(world: World, amount: str = "500.00") -> tuple[int, int, int]:
    """A loan on a claim of 1,000.00: its facility, its id, the claim."""
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00", days=200)
    return facility, drawn(world, facility, claim, amount), claim
