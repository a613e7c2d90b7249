"""Courts through the API: holds at once, orders by two, and what an order reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from app.demo.client import GatewayRefused
from app.oversight.court import repository
from app.oversight.court.effects import effects
from app.oversight.court.repository import OrderRow
from tests.support.bodies import Json
from tests.support.goods import issued as lot_issued
from tests.support.lending import lent
from tests.support.world import World, cny, refused

DAY = 86_400
HASH = "0x" + "cd" * 32


def later(world: World, seconds: int) -> None:
    """Moves the next block this much later."""
    world.later(seconds)
    paid = {"toPartyId": world.parties["bank"], "amount": cny("1.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", paid)


def issued(world: World, **request: Any) -> int:
    """The number of an order that the first regulator issued."""
    body = {"orderHash": HASH} | request
    done = world["regulator"].command("/v1/orders-of-court", body).body
    return int(done["result"]["events"][0]["arguments"]["orderId"])


def error_of(problem: Json) -> str:
    """The contract's error."""
    order = problem.get("contractError") or problem["detail"]
    return str(order["name"])


def cancelled(world: World, number: int) -> None:
    """An order that waits is in the way of all that others test with its parties."""
    world["regulator"].command(f"/v1/orders-of-court/{number}/cancellation")


def order(world: World, number: int) -> Json:
    order: Json = world["auditor"].get(f"/v1/orders-of-court/{number}").body
    return order


def test_hold_starts_at_once_and_another_regulator_confirms_it_for_an_order(
    own_world: World,
) -> None:
    world = own_world
    party = world.parties["castor"]
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "100.00")
    body = {"partyId": party, "orderHash": HASH}
    for name in ("operator", "registrar", "bank"):
        assert refused(world[name], "/v1/holds", body)["status"] == 403
    world["regulator"].command("/v1/holds", body)
    (holds,) = world["auditor"].get("/v1/holds").body["items"]
    assert (holds["partyId"], holds["inForce"], holds["orderId"]) == (party, True, None)
    assert world["bank"].get(f"/v1/parties/{party}").body["heldUntil"] == holds["until"]
    parts = {"parts": [{"toPartyId": world.parties["vega"], "amount": cny("0.01")}]}
    split = f"/v1/claims/{part}/assignments"
    assert error_of(refused(world["castor"], split, parts)) == "PartyNotValid"
    number = issued(
        world,
        kind="forced-transfer",
        claimId=part,
        toPartyId=world.parties["supplier"],
    )
    confirmation = f"/v1/holds/{party}/confirmation"
    for_order = {"orderId": number}
    assert error_of(refused(world["regulator"], confirmation, for_order)) == "HoldNeedsAnother"
    world["second-regulator"].command(confirmation, for_order)
    end = f"/v1/holds/{party}/end"
    assert error_of(refused(world["regulator"], end)) == "HoldConfirmedAlready"
    later(world, 4 * DAY)
    assert error_of(refused(world["castor"], split, parts)) == "PartyNotValid"
    world["second-regulator"].command(f"/v1/orders-of-court/{number}/execution")
    (holds,) = world["auditor"].get("/v1/holds").body["items"]
    assert (holds["inForce"], holds["orderId"]) == (False, number)
    again = refused(world["regulator"], "/v1/holds", body)
    assert error_of(again) == "HoldTooSoon"


def test_a_hold_that_nobody_confirms_lapses_and_its_regulator_may_end_it(own_world: World) -> None:
    world = own_world
    body = {"partyId": world.parties["vega"], "orderHash": HASH}
    world["regulator"].command("/v1/holds", body)
    later(world, 3 * DAY)
    (holds,) = world["auditor"].get("/v1/holds").body["items"]
    assert holds["inForce"] is False
    world["second-regulator"].command("/v1/holds", body)
    end = f"/v1/holds/{world.parties['vega']}/end"
    assert error_of(refused(world["regulator"], end)) == "HoldNeedsAnother"
    world["second-regulator"].command(end)
    (holds,) = world["auditor"].get("/v1/holds").body["items"]
    assert holds["inForce"] is False


def test_an_order_is_cancelled_by_its_issuer_and_lapses_by_itself(own_world: World) -> None:
    world = own_world
    body = {"kind": "freeze", "partyId": world.parties["vega"]}
    number = issued(world, **body)
    cancellation = f"/v1/orders-of-court/{number}/cancellation"
    world["second-regulator"].command(cancellation)
    order_view = order(world, number)
    assert (order_view["state"], order_view["closedBy"]) == ("issued", None)
    assert order_view["objector"] is not None
    assert error_of(refused(world["second-regulator"], cancellation)) == "SecondPersonNeeded"
    world["regulator"].command(cancellation)
    assert order(world, number)["state"] == "cancelled"
    number = issued(world, **body)
    later(world, 92 * DAY)
    assert order(world, number)["state"] == "lapsed"
    late = refused(world["second-regulator"], f"/v1/orders-of-court/{number}/execution")
    assert error_of(late) == "OrderLapsed"


def test_an_order_over_a_holder_reaches_what_was_split_and_merged_since(own_world: World) -> None:
    world = own_world
    receivable, claim = world.confirmed()
    world.assigned(claim, "castor", "100.00")
    number = issued(
        world,
        kind="forced-transfer",
        partyId=world.parties["castor"],
        receivableId=receivable,
        toPartyId=world.parties["supplier"],
        value=cny("150.00"),
    )
    world.assigned(claim, "castor", "20.00")
    later(world, DAY)
    execution = f"/v1/orders-of-court/{number}/execution"
    assert error_of(refused(world["regulator"], execution)) == "SecondPersonNeeded"
    world["second-regulator"].command(execution, {"left": 150_00})
    order_view = order(world, number)
    assert (order_view["state"], order_view["action"]["left"]) == ("issued", 30_00)
    effect = order_view["effect"]
    assert (effect["value"], effect["left"]) == (cny("150.00"), cny("30.00"))
    stale = refused(world["second-regulator"], execution, {"left": 150_00})
    assert (stale["status"], stale["field"]) == (409, "left")
    assert stale["type"].endswith("order-changed")
    nothing = refused(world["second-regulator"], execution)
    assert nothing["type"].endswith("nothing-held")
    world.assigned(claim, "castor", "50.00")
    world["second-regulator"].command(execution)
    assert order(world, number)["state"] == "executed"
    held = world["castor"].get("/v1/claims").body["items"]
    assert sum(float(item["value"]["amount"]) for item in held) == 20.0


def test_an_order_names_what_it_needs(world: World) -> None:
    cases: tuple[tuple[Json, str], ...] = (
        ({"kind": "freeze"}, "partyId"),
        ({"kind": "forced-transfer"}, "partyId"),
        ({"kind": "forced-transfer", "claimId": 1}, "toPartyId"),
        ({"kind": "forced-withdrawal", "partyId": world.parties["vega"]}, "toPartyId"),
        ({"kind": "appoint-regulator"}, "account"),
    )
    for request, field in cases:
        incomplete = {"orderHash": HASH} | request
        assert refused(world["regulator"], "/v1/orders-of-court", incomplete)["field"] == field
    both = {"partyId": world.parties["vega"], "toPartyId": world.parties["castor"]}
    body = {"kind": "forced-cash-transfer", "orderHash": HASH, "value": cny("1.00")} | both
    problem = refused(world["regulator"], "/v1/orders-of-court", body)
    assert problem["type"].endswith("currency-out-of-reach")


def test_an_order_makes_a_regulator(own_world: World) -> None:
    world = own_world
    account = "0x" + "ab" * 20
    number = issued(world, kind="appoint-regulator", account=account)
    later(world, DAY)
    world["second-regulator"].command(f"/v1/orders-of-court/{number}/execution")
    number = issued(world, kind="dismiss-regulator", account=account)
    later(world, DAY)
    world["second-regulator"].command(f"/v1/orders-of-court/{number}/execution")
    with pytest.raises(GatewayRefused):
        world["operator"].get("/v1/orders-of-court/999")


def test_an_order_says_what_it_does(world: World) -> None:
    receivable, claim = world.confirmed()
    _, loan, _ = lent(world)
    lot, _ = lot_issued(world)
    from_castor = {"partyId": world.parties["castor"], "toPartyId": world.parties["buyer"]}
    account = "0x" + "aB" * 20
    cases: tuple[tuple[Json, Json], ...] = (
        ({"kind": "freeze"} | from_castor, {"party": "castor"}),
        ({"kind": "unfreeze"} | from_castor, {"party": "castor"}),
        (
            {"kind": "forced-transfer", "claimId": claim, "toPartyId": world.parties["buyer"]},
            {"party": "supplier", "toParty": "buyer", "value": cny("1000.00"), "claimId": claim},
        ),
        (
            {"kind": "forced-transfer", "receivableId": receivable, "value": cny("7.00")}
            | from_castor,
            {
                **{"party": "castor", "toParty": "buyer", "value": cny("7.00")},
                **{"left": cny("7.00"), "receivableId": receivable},
            },
        ),
        (
            {"kind": "forced-transfer", "lotId": lot, "quantity": 2_500} | from_castor,
            {
                **{"party": "castor", "toParty": "buyer", "lotId": lot},
                **{"quantity": "2.500", "quantityLeft": "2.500"},
            },
        ),
        (
            {"kind": "forced-withdrawal", "contract": "Campaigns", "value": cny("3.00")}
            | from_castor,
            {"party": "castor", "toParty": "buyer", "value": cny("3.00")},
        ),
        (
            {"kind": "costs", "loanId": loan, "value": cny("5.00")},
            {"party": "supplier", "value": cny("5.00"), "loanId": loan},
        ),
        ({"kind": "dismiss-regulator", "account": account}, {"account": account.lower()}),
    )
    for request, expected in cases:
        number = issued(world, **request)
        effect = order(world, number)["effect"]
        cancelled(world, number)
        shown = {name: value for name, value in effect.items() if value is not None}
        assert shown.pop("kind") == request["kind"]
        for name in ("party", "toParty"):
            if name in expected:
                assert shown[name]["partyId"] == world.parties[expected[name]], request
                expected[name] = shown[name]
        if "account" in shown:
            shown["account"] = shown["account"].lower()
        assert shown == expected, request


@pytest.mark.parametrize(
    "altered",
    [
        lambda row: {"order_hash": "0x" + "ee" * 32},
        lambda row: {"call": row.call + "00" * 32},
        lambda row: {"call": row.call[:-64]},
        lambda row: {"call": "0x12345678" + row.call[10:]},
        lambda row: {"call": "0x"},
        lambda row: {"target": row.issuer},
    ],
)
def test_a_call_that_is_not_wholly_known_has_no_effect_in_words(
    world: World, altered: Callable[[OrderRow], dict[str, str]]
) -> None:
    gateway = world.server.gateway
    number = issued(world, kind="freeze", partyId=world.parties["vega"])

    def read(connection: Connection) -> tuple[object, object]:
        row = repository.by_id(connection, number)
        assert row is not None
        other = msgspec.structs.replace(row, **altered(row))
        return (
            effects(gateway, connection, [row])[number],
            effects(gateway, connection, [other])[number],
        )

    known, unknown = gateway.storage.read_now(read)
    cancelled(world, number)
    assert known is not None
    assert unknown is None
