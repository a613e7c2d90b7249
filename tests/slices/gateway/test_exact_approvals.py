"""Approvals of the exact amount: each command approves what it needs, and no approval remains."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from sqlalchemy import Connection

from app.demo.client import Caller, GatewayRefused
from app.oversight.incidents.approvals import OpenApproval, _enqueued
from tests.support import campaigns
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn
from tests.support.served import served_world
from tests.support.wallets import registered, sent
from tests.support.world import World, cny, refused


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CESSION_APPROVALS", "exact")
        with served_world(tmp_path_factory.mktemp("exact")) as world:
            for name in ("buyer", "bank", "supplier"):
                world.cash(name, "100000.00")
            yield world


def standing(world: World, name: str) -> list[tuple[str, str, str | None]]:
    """Open approvals of a party, as the chain has them: spender, kind, amount."""
    items = world["auditor"].get("/v1/approvals", partyId=world.parties[name]).body["items"]
    return [(item["spender"], item["kind"], item["amount"]) for item in items]


def kinds(world: World, name: str) -> list[str]:
    """Kinds of a party's operations, oldest first."""
    items = world[name].get("/v1/operations").body["items"]
    return [str(item["kind"]) for item in reversed(items)]


def test_payment_approves_its_amount_and_restores_the_approval(world: World) -> None:
    debt, _ = world.confirmed(amount="1000.00")
    for _ in range(2):
        world["buyer"].command(f"/v1/receivables/{debt}/payments", {"amount": cny("400.00")})
    # More than is due is approved for this command, and taken back after it.
    world["buyer"].command(f"/v1/receivables/{debt}/payments", {"amount": cny("900.00")})
    assert standing(world, "buyer") == []
    assert kinds(world, "buyer")[-9:] == ["approval", "pay", "restore-approval"] * 3


def test_failed_payment_restores_the_approval(world: World) -> None:
    debt, _ = world.confirmed(amount="900000.00")
    path = f"/v1/receivables/{debt}/payments"
    with pytest.raises(GatewayRefused, match="ERC20InsufficientBalance"):
        world["buyer"].command(path, {"amount": cny("900000.00")})
    world["buyer"].command(path, {"amount": cny("1.00")})
    assert standing(world, "buyer") == []


def test_payments_at_once_do_not_use_each_others_approval(world: World) -> None:
    debts = [world.confirmed(amount="100.00")[0] for _ in range(4)]

    def pay(debt: int) -> str:
        path = f"/v1/receivables/{debt}/payments"
        return str(world["buyer"].command(path, {"amount": cny("100.00")}).body["state"])

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert {*pool.map(pay, debts)} <= {"included", "final"}
    assert standing(world, "buyer") == []


def test_offer_adds_its_price_to_the_standing_approval(world: World) -> None:
    offers = []
    for price in ("900.00", "450.00"):
        _, claim = world.confirmed(amount="1000.00")
        offer = {"claimId": claim, "value": cny("1000.00"), "price": cny(price)}
        offers.append(world["bank"].post("/v1/offers", offer | {"recourse": False}).body["id"])
    world.requested()  # mined after the bank's approvals
    assert standing(world, "bank") == [("ClaimMarket", "cash", "135000")]
    world["supplier"].command(f"/v1/offers/{offers[0]}/acceptance")
    assert standing(world, "bank") == [("ClaimMarket", "cash", "45000")]
    assert standing(world, "supplier") == [], "the claim's approval went with the claim"
    world["supplier"].command(f"/v1/offers/{offers[1]}/acceptance")
    assert standing(world, "bank") == []


def test_a_lender_approves_its_limit_and_a_borrower_one_claim(world: World) -> None:
    facility = agreed_facility(world, limit="800.00")
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "500.00")
    amounts = dict((spender, amount) for spender, _, amount in standing(world, "bank"))
    assert amounts["Facilities"] == "30000", "of 800.00 what was not drawn"
    assert not any(kind == "all" for _, kind, _ in standing(world, "supplier"))
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("9000.00")})
    assert not any(kind == "cash" for _, kind, _ in standing(world, "supplier"))


def test_a_wallet_signs_the_amount_of_its_command(world: World) -> None:
    wallet = Account.create()
    caller = registered(world, wallet)
    world.cash("own", "100.00")
    debt, _ = world.confirmed(amount="1000.00")
    path = f"/v1/receivables/{debt}/payments"
    with pytest.raises(GatewayRefused):
        caller.post(path, {"amount": cny("1.00")})  # it has nothing to do with this debt
    caller_debt = _sold_to(world, caller, wallet)
    assert caller_debt
    without = refused(caller, "/v1/cash/CNY/approvals", {"contract": "Receivables"})
    assert without["field"] == "amount"
    body = {"contract": "Receivables", "amount": cny("25.00")}
    prepared = caller.post("/v1/cash/CNY/approvals", body)
    typed: Json = prepared.body["typedData"]
    assert typed["message"]["data"].endswith(f"{2500:064x}")
    sent(caller, prepared, wallet)
    assert standing(world, "own") == [("Receivables", "cash", "2500")]


def _sold_to(world: World, caller: Caller, wallet: LocalAccount) -> bool:
    """The wallet buys a place of a campaign: it first approves the exact price."""
    campaign = campaigns.opened(
        world, tiers=[{"price": cny("12.34"), "places": 20, "description": "one casting"}]
    )
    path, body = f"/v1/campaigns/{campaign}/contributions", {"tier": 0, "places": 3}
    approval_request = caller.post(path, body)
    assert approval_request.body["operation"]["kind"] == "approval"
    assert approval_request.body["typedData"]["message"]["data"].endswith(f"{3702:064x}")
    sent(caller, approval_request, wallet)
    prepared = caller.post(path, body)
    assert prepared.body["operation"]["kind"] == "fund-campaign"
    sent(caller, prepared, wallet)
    return standing(world, "own") == []


def test_a_revocation_that_is_under_way_is_not_sent_twice(world: World) -> None:
    gateway = world.server.gateway
    account = world["auditor"].get(f"/v1/parties/{world.parties['vega']}").body["account"].lower()
    spender = gateway.contracts.address("Facilities").lower()
    approvals = [
        OpenApproval(account, "SettlementToken:CNY", spender, "cash", amount=1),
        OpenApproval(account, "Receivables", spender, "all"),
    ]

    def twice(connection: Connection) -> tuple[list[str], list[str]]:
        first = _enqueued(gateway, connection, approvals)
        second = _enqueued(gateway, connection, approvals)
        return [item.id for item in first], [item.id for item in second]

    first, second = gateway.storage.write_now(twice)
    assert first == second and len(set(first)) == 2
