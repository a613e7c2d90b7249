"""Money that waits on a claim: who is told of it, and who may do what with the claim."""

from __future__ import annotations

from tests.support.visitor import Visitor
from tests.support.world import World, cny

COLLECT, SPLIT, ACCEPT = "Collect what was paid", "Split and assign", "Accept the offer"


def test_a_holder_sees_what_was_paid_and_collects_it(world: World) -> None:
    receivable, claim = world.confirmed(amount="730.00")
    half = world.assigned(claim, "bank", "365.00")
    with Visitor(world) as supplier, Visitor(world) as bank:
        supplier.sign_in("supplier")
        bank.sign_in("bank")
        assert COLLECT not in supplier.get(f"/app/claims/{claim}").text, "nothing is paid yet"
        world.cash("buyer", "730.00")
        pay = f"/v1/receivables/{receivable}/payments"
        world["buyer"].command(pay, {"amount": cny("500.00")})
        for visitor, number in ((supplier, claim), (bank, half)):
            page = visitor.get(f"/app/claims/{number}").text
            assert "CN¥250.00" in page and COLLECT in page
        world["bank"].command(f"/v1/claims/{half}/collection")
        assert COLLECT not in bank.get(f"/app/claims/{half}").text, "it has what was paid"
        world["buyer"].command(pay, {"amount": cny("230.00")})
        assert "Claims that are paid, to collect" in bank.get("/app").text
        page = bank.get("/app/claims?status=settled").text
        assert f"/app/claims/{half}" in page
        token = bank.token(f"/app/claims/{half}")
        sent = bank.post(f"/app/claims/{half}/collection", {}, token=token)
        assert sent.headers["location"].startswith("/app/operations/")
    assert world["bank"].get(f"/v1/claims/{half}").body["collectedPrincipal"] == cny("365.00")


def test_pages_offer_only_what_the_person_may_do(world: World) -> None:
    _, claim = world.confirmed(amount="640.00")
    offer = {"claimId": claim, "value": cny("640.00"), "price": cny("630.00")}
    world["bank"].post("/v1/offers", offer)
    for name, splits, accepts in (
        ("supplier", True, True),
        ("bank", False, False),
        ("auditor", False, None),
        ("operator", False, None),
        ("buyer", False, None),
    ):
        with Visitor(world) as visitor:
            visitor.sign_in(name)
            page = visitor.get(f"/app/claims/{claim}").text
            assert (SPLIT in page) == splits, name
            assert COLLECT not in page, name
            if accepts is not None:
                offers = visitor.get(f"/app/offers/compare/{claim}").text
                assert (ACCEPT in offers) == accepts, name


def test_the_tree_of_a_debt_that_is_settled_says_what_was_collected(world: World) -> None:
    receivable, claim = world.confirmed(amount="81.00")
    world.cash("buyer", "81.00")
    pay = f"/v1/receivables/{receivable}/payments"
    world["buyer"].command(pay, {"amount": cny("81.00")})
    world["supplier"].command(f"/v1/claims/{claim}/collection")
    with Visitor(world) as auditor:
        auditor.sign_in("auditor")
        tree = auditor.get(f"/app/history/receivables/{receivable}/tree").text
    assert "collected CN¥81.00" in tree
