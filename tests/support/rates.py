"""Reference rates and floating loans in tests."""

from __future__ import annotations

import datetime
import time

from tests.support.bodies import Json
from tests.support.lending import FAR, ordered, product
from tests.support.world import World, cny

DAY = 86_400
LPR = "CNY-LPR-1Y"
RATES = f"/v1/reference-rates/{LPR}"


def listed(world: World) -> None:
    """The reference, with steps of at most half a point and periods of at most 45 days."""
    body = {"code": LPR, "maxStep": 5_000, "maxDays": 45}
    world["operator"].command("/v1/reference-rates", body)


def published(world: World, rate: int, last: datetime.date) -> None:
    """A rate up to a day, on which two appraisers agree."""
    body = {"rate": rate, "lastDate": last.isoformat()}
    world["first-appraiser"].command(f"{RATES}/rates", body)
    world["second-appraiser"].command(f"{RATES}/confirmations", confirmation(world))


def confirmation(world: World, **other: object) -> Json:
    """The body that confirms the newest rate, as it is shown."""
    newest = world["second-appraiser"].get(f"{RATES}/rates").body["items"][0]
    return {name: newest[name] for name in ("rate", "fromDate", "lastDate", "evidence")} | other


def proposal_of(world: World, **terms: object) -> Json:
    """The body of a facility at the reference and four points, of 11 % at most."""
    return {
        "productId": product(world, "floating-rate")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 110_000,
        "spread": 40_000,
        "limit": cny("100000.00"),
        "lastDate": FAR,
    } | dict(terms)


def lent(world: World) -> int:
    """A loan of 10,000.00 on an order; its id."""
    world.cash("bank", "50000.00")
    world.cash("supplier", "20000.00")
    order = ordered(world, amount="20000.00")
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    proposal = world["bank"].post("/v1/facility-proposals", proposal_of(world)).body
    assert (proposal["annualRate"], proposal["spread"]) == (110_000, 40_000)
    signed = world["supplier"].command(f"/v1/facility-proposals/{proposal['id']}/signature").body
    facility = signed["result"]["facilityId"]
    assert world["bank"].get(f"/v1/facilities/{facility}").body["spread"] == 40_000
    draw = {"amount": cny("10000.00"), "tenor": 120, "collateralId": order}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", draw).body
    return int(done["result"]["loanId"])


def at_rate(world: World, loan: int, rate: int) -> Json:
    """The loan once the gateway has reset its rate."""
    end = time.monotonic() + 180
    while True:
        body = dict(world["bank"].get(f"/v1/loans/{loan}").body)
        if body["annualRate"] == rate and not body["floating"]["rateDue"]:
            return body
        assert time.monotonic() < end, body["floating"]
        time.sleep(0.2)
