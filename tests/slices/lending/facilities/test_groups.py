"""The debt of a group of borrowers under one control, through the API on a real chain."""

from __future__ import annotations

import time

from app.domain.product_terms import rule_set_word
from tests.support.bodies import Json
from tests.support.lending import FAR, attested, product
from tests.support.officials import official_sends
from tests.support.proofs import traded
from tests.support.world import World, cny


def facility_of(world: World, borrower: str) -> str:
    """The path of a facility that the platform gives a borrower."""
    attested(world, borrower)
    body = {
        "productId": product(world, "merchant-credit")["id"],
        "borrowerPartyId": world.parties[borrower],
        "annualRate": 84_000,
        "limit": cny("10000.00"),
        "lastDate": FAR,
    }
    proposal = world["platform"].post("/v1/facility-proposals", body).body
    done = world[borrower].command(f"/v1/facility-proposals/{proposal['id']}/signature").body
    return f"/v1/facilities/{done['result']['facilityId']}"


def grouped(world: World, name: str, group: int) -> None:
    """The registrar puts a party into a group."""
    number = world["auditor"].get(f"/v1/parties/{world.parties[name]}").body["ledgerPartyId"]
    official_sends(world, "registrar", "PartyRegistry", "setGroup", [int(number), group])


def ledgers_debt(world: World, name: str) -> Json:
    """How a borrower stands on the ledger itself, in yuan and under the rule set of China."""
    contracts = world.server.gateway.contracts
    number = world["auditor"].get(f"/v1/parties/{world.parties[name]}").body["ledgerPartyId"]
    currency = contracts.address("SettlementToken:CNY")
    arguments = [int(number), currency, rule_set_word("cn")]
    data = contracts.encode("Facilities", "borrowerDebt", arguments)
    call = {"to": contracts.address("Facilities"), "data": "0x" + data.hex()}
    answer = world.server.node.ask("eth_call", call, "latest")
    debt: Json = contracts.decode_result("Facilities", "borrowerDebt", answer)
    return debt


def group_limit(world: World, path: str) -> Json | None:
    """The group's limit on a facility's draws; None: the borrower counts under no group."""
    items = world["platform"].get(path).body["limits"]
    return next((item for item in items if item["kind"] == "group"), None)


def counted(world: World, path: str, used: str) -> Json:
    """The group's limit once this amount counts towards it; the gateway looks every few seconds."""
    end = time.monotonic() + 180
    while True:
        limit = group_limit(world, path)
        if limit is not None and limit["used"] == cny(used):
            return limit
        assert time.monotonic() < end, f"the limit of the group is {limit}"
        time.sleep(0.2)


def test_members_of_a_group_share_its_limit(own_world: World) -> None:
    world = own_world
    world.cash("platform", "100000.00")
    own, sisters = (facility_of(world, name) for name in ("supplier", "buyer"))
    for merchant in ("supplier", "buyer"):
        traded(world, "100000.00", merchant=merchant)
    draw = {"amount": cny("1000.00"), "tenor": 30}
    world["supplier"].command(f"{own}/draws", draw)
    assert group_limit(world, own) is None
    for name in ("supplier", "buyer"):
        grouped(world, name, 7)
    world["buyer"].command(f"{sisters}/draws", draw)
    # The supplier does not draw: its debt follows it all the same, and no lender's key is needed.
    limit = counted(world, sisters, "2000.00")
    for name in ("platform", "bank", "supplier", "buyer"):
        sent = world[name].get("/v1/operations", limit=200).body["items"]
        assert "follow-group" not in {item["kind"] for item in sent}, name
    assert (limit["limit"], limit["free"]) == (cny("300000000.00"), cny("299998000.00"))
    debt = ledgers_debt(world, "supplier")
    assert (debt["onTier"], debt["underRules"]) == (100_000, 100_000)
    assert (debt["group"], debt["ofGroup"]) == (7, 200_000)
    grouped(world, "supplier", 0)
    counted(world, sisters, "1000.00")
    assert group_limit(world, own) is None
    world["supplier"].command(f"{own}/draws", draw)
    counted(world, sisters, "1000.00")
