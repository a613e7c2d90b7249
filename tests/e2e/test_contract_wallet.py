"""A bank whose account is a Safe of three owners works through a loan's whole life.

The Safe is the contract that its makers publish. Two of its owners sign all that the bank signs.
"""

from __future__ import annotations

from tests.slices.conftest import own_world, prepared
from tests.support.days import day
from tests.support.lending import FAR, drawn, product
from tests.support.safe import Safe, carried, registered_safe, safe_in
from tests.support.world import World, cny, refused

__all__ = ["own_world", "prepared"]

DAY = 86_400
LEGAL_ID = "9501101000056"


def approved(world: World, safe: Safe, contract: str, amount: str) -> None:
    """The bank lets a contract of the ledger take its money."""
    body = {"contract": contract, "amount": cny(amount)}
    carried(world["safe"], world["safe"].post("/v1/cash/CNY/approvals", body), safe)


def bought(world: World, safe: Safe) -> tuple[int, int]:
    """The bank offers to buy a claim of 1,000.00 and the supplier accepts; receivable, claim."""
    bank = world["safe"]
    receivable, claim = world.confirmed(amount="1000.00")
    body = {"claimId": claim, "value": cny("1000.00"), "price": cny("980.00")}
    offer = bank.post("/v1/offers", body).body
    assert (offer["state"], offer["signature"]) == ("prepared", None)
    path = f"/v1/offers/{offer['id']}"
    assert refused(world["supplier"], f"{path}/acceptance", {})["status"] == 404

    for wrong in (
        safe.sign(offer["typedData"], by=(0,)),
        safe.sign(offer["typedData"], by=(1, 0)),
        safe.sign(offer["typedData"], by=(0, 0)),
    ):
        problem = refused(bank, f"{path}/signature", {"signature": wrong})
        assert problem["type"].endswith("signature-invalid"), problem
        assert "contract at" in problem["detail"]
        assert "enough of its owners" in problem["fix"]
    signature = safe.sign(offer["typedData"])
    assert len(signature) == 2 + 2 * 130, "two owners' signatures"
    signed = bank.post(f"{path}/signature", {"signature": signature}).body
    assert (signed["state"], signed["signature"]) == ("open", signature)

    approved(world, safe, "ClaimMarket", "980.00")
    world["supplier"].command(f"{path}/acceptance", {})
    assert bank.get(path).body["state"] == "accepted"
    assert bank.get(f"/v1/claims/{claim}").body["owner"]["account"].lower() == safe.address
    return receivable, claim


def facility_of(world: World, safe: Safe) -> int:
    """The bank proposes a facility and signs it, the supplier signs too; the facility's id."""
    bank = world["safe"]
    body = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("1000.00"),
        "lastDate": FAR,
    }
    proposal = bank.post("/v1/facility-proposals", body).body
    assert proposal["missing"] == ["lender", "borrower"]
    path = f"/v1/facility-proposals/{proposal['id']}"
    problem = refused(
        bank, f"{path}/signature", {"signature": safe.sign(proposal["typedData"], by=(2, 1))}
    )
    assert problem["type"].endswith("signature-invalid")
    signature = safe.sign(proposal["typedData"], by=(1, 2))
    assert bank.post(f"{path}/signature", {"signature": signature}).body["missing"] == ["borrower"]
    done = world["supplier"].command(f"{path}/signature").body
    return int(done["result"]["facilityId"])


def withdrawn_after_a_freeze(world: World, safe: Safe, loan: int) -> None:
    """A repayment to the frozen bank waits for it; the bank withdraws it later."""
    bank = world["safe"]
    order = {"partyId": world.parties["safe"], "orderHash": "0x" + "ab" * 32}
    for kind in ("freeze", "unfreeze"):
        issued = world["regulator"].command("/v1/orders-of-court", order | {"kind": kind})
        number = issued.body["result"]["orderId"]
        world.later(DAY)
        world["second-regulator"].command(f"/v1/orders-of-court/{number}/execution")
        if kind == "freeze":
            world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    (held,) = bank.get("/v1/unclaimed").body["items"]
    assert (held["contract"], held["amount"]) == ("Facilities", cny("100.00"))
    before = world.balance("safe")
    body = {"contract": "Facilities", "currency": "CNY"}
    carried(bank, bank.post("/v1/unclaimed/withdrawals", body), safe)
    assert float(world.balance("safe")) - float(before) == 100
    assert bank.get("/v1/unclaimed").body["items"] == []


def test_a_bank_with_a_contract_wallet_buys_lends_and_collects(own_world: World) -> None:
    world = own_world
    safe = safe_in(world)
    bank = registered_safe(world, safe, name="safe", legal_id=LEGAL_ID, role="financier")
    world.cash("safe", "5000.00")

    receivable, claim = bought(world, safe)
    assert world.balance("safe") == "4020.00"
    world.cash("buyer", "1000.00")
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("1000.00")})
    carried(bank, bank.post(f"/v1/claims/{claim}/collection"), safe, by=(0, 2))
    assert world.balance("safe") == "5020.00"

    facility = facility_of(world, safe)
    approved(world, safe, "Facilities", "500.00")
    approved(world, safe, "RiskReserve", "10.00")
    _, secured = world.confirmed(amount="1000.00", days=200)
    loan = drawn(world, facility, secured, "500.00")
    assert world.balance("safe") == "4517.50", "the loan, and what the reserve takes of it"
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    assert world.balance("safe") == "4617.50"

    due = day(90)
    draft = world["supplier"].post(f"/v1/loans/{loan}/extensions", {"dueDate": due}).body
    assert draft["missing"] == ["lender"]
    path = f"/v1/agreements/{draft['id']}"
    prepared = bank.post(f"{path}/signature", {"signature": safe.sign(draft["typedData"])})
    assert prepared.body["operation"]["kind"] == "agree-extension"
    carried(bank, prepared, safe)
    assert bank.get(path).body["state"] == "agreed"
    assert bank.get(f"/v1/loans/{loan}").body["schedule"][0]["date"] == due

    withdrawn_after_a_freeze(world, safe, loan)
