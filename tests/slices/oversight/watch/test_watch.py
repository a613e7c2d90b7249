"""The watch through the API: whose loans, and what it says of real ones."""

from __future__ import annotations

import pytest

from app.domain.watch.parameters import EVENTS, THRESHOLDS
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, attested, drawn, lent
from tests.support.world import World, caught_up, cny

PATHS = ("borrowers", "debtors", "products", "portfolio", "rules")
VIEWERS = ("bank", "platform", "auditor", "operator", "regulator")
OTHERS = ("supplier", "buyer", "rater", "warehouse", "registrar", "cash-issuer", "first-appraiser")
DAY = 86_400


def kinds(item: Json) -> dict[str, str]:
    """The level of each signal, by kind."""
    return {signal["kind"]: signal["level"] for signal in item["signals"]}


def of_party(world: World, path: str, name: str, *, by: str = "bank") -> Json:
    """How a party stands."""
    items = world[by].get(f"/v1/watch/{path}").body["items"]
    (item,) = [item for item in items if item["party"]["partyId"] == world.parties[name]]
    return dict(item)


def test_loan_that_falls_overdue_raises_borrower_debtor_product_and_portfolio(
    own_world: World,
) -> None:
    world = own_world
    attested(world, tier=2)
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, facility, claim, "800.00", tenor=30)
    caught_up(world)

    calm = of_party(world, "borrowers", "supplier")
    assert (calm["level"], calm["signals"], calm["raised"]) == ("clear", [], None)
    assert calm["nextStep"] == "Nothing to do."
    assert (calm["principal"], calm["loanIds"], calm["loanCount"]) == ([cny("800.00")], [loan], 1)
    unknown = {item["kind"] for item in calm["unknown"]}
    assert unknown == {"falling-sales", "rising-returns"}, "no platform reports its sales"

    attested(world, tier=3)
    caught_up(world)
    assert kinds(of_party(world, "borrowers", "supplier")) == {"tier-fall": "warning"}

    world.server.node.advance_time(60 * DAY)
    world.cash("bank", "1.00")
    caught_up(world)
    borrower = of_party(world, "borrowers", "supplier")
    assert borrower["level"] == "alarm"
    assert kinds(borrower)["late-loan"] in ("warning", "alarm")
    (late,) = [signal for signal in borrower["signals"] if signal["kind"] == "late-loan"]
    assert late["id"] == f"late-loan:loan:{loan}"
    assert late["evidence"] == [f"loan:{loan}"]
    (days,) = late["values"]
    assert (days["name"], days["unit"]) == ("daysLate", "days")
    assert days["number"] in (29, 30, 31), "drawn for 30 days, 60 days ago"

    debtor = of_party(world, "debtors", "buyer")
    assert kinds(debtor)["late-debtor"] in ("warning", "alarm")
    assert debtor["signals"][0]["evidence"][0] == f"receivable:{receivable}"
    (product,) = world["bank"].get("/v1/watch/products").body["items"]
    assert (product["level"], kinds(product)) == ("alarm", {"warned-share": "alarm"})
    assert product["party"] is None
    assert product["productId"] is not None
    whole = world["bank"].get("/v1/watch/portfolio").body["portfolio"]
    assert (whole["level"], whole["party"], whole["productId"]) == ("alarm", None, None)
    assert whole["nextStep"].startswith("Call the risk meeting now")


def test_dispute_is_a_warning_for_both_sides(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00", days=200)
    drawn(world, facility, claim, "500.00")
    world["buyer"].command(
        f"/v1/receivables/{receivable}/dispute", {"statement": "half of it is broken"}
    )
    caught_up(world)
    for path, name in (("borrowers", "supplier"), ("debtors", "buyer")):
        item = of_party(world, path, name)
        assert (item["level"], kinds(item)) == ("warning", {"dispute": "warning"})
    world["buyer"].command(
        f"/v1/receivables/{receivable}/dispute-end", {"statement": "it was another delivery"}
    )
    caught_up(world)
    assert of_party(world, "borrowers", "supplier")["level"] == "clear"


def test_lender_watches_its_own_loans_and_others_all_or_nothing(world: World) -> None:
    lent(world)
    for path in PATHS:
        for name in VIEWERS:
            answer = world.http.get(f"/v1/watch/{path}", headers=world[name].headers)
            assert answer.status_code == 200, f"{name} {path}: {answer.text[:200]}"
        for name in OTHERS:
            answer = world.http.get(f"/v1/watch/{path}", headers=world[name].headers)
            assert answer.status_code == 403, f"{name} {path}: {answer.text[:200]}"
            assert answer.json()["type"] == "urn:cession:problem:role-missing"
        assert world.http.get(f"/v1/watch/{path}").status_code == 401
    own = world["bank"].get("/v1/watch/portfolio").body["portfolio"]
    same = (
        world["auditor"]
        .get("/v1/watch/portfolio", lenderPartyId=world.parties["bank"])
        .body["portfolio"]
    )
    assert own == same
    of_other = world["platform"].get("/v1/watch/portfolio").body["portfolio"]
    assert not set(own["loanIds"]) & set(of_other["loanIds"])
    everyone = world["auditor"].get("/v1/watch/portfolio").body["portfolio"]
    assert everyone["loanCount"] >= own["loanCount"] + of_other["loanCount"]
    for name, party in (("platform", "bank"), ("bank", "platform")):
        for path in PATHS[:-1]:
            answer = world.http.get(
                f"/v1/watch/{path}?lenderPartyId={world.parties[party]}",
                headers=world[name].headers,
            )
            assert answer.status_code == 403, answer.text
            assert answer.json()["field"] == "lenderPartyId"


def test_lists_begin_with_the_worst_and_count_all_levels(world: World) -> None:
    lent(world)
    order = ["alarm", "warning", "watch", "clear"]
    body = world["auditor"].get("/v1/watch/borrowers", limit=200).body
    levels = [item["level"] for item in body["items"]]
    assert levels == sorted(levels, key=order.index)
    assert [entry["level"] for entry in body["levels"]] == order
    assert sum(entry["count"] for entry in body["levels"]) == len(levels)
    rest = world["auditor"].get("/v1/watch/borrowers", limit=200, offset=1).body
    assert rest["items"] == body["items"][1:]
    worse = world["auditor"].get("/v1/watch/borrowers", minLevel="alarm").body
    assert [item["level"] for item in worse["items"]] == ["alarm"] * levels.count("alarm")
    assert worse["levels"] == body["levels"]


def test_rules_are_those_that_decide(world: World) -> None:
    rules = world["bank"].get("/v1/watch/rules").body
    assert [item["kind"] for item in rules["thresholds"]] == list(THRESHOLDS)
    assert [item["kind"] for item in rules["events"]] == list(EVENTS)
    late = rules["thresholds"][0]
    assert (late["watch"], late["warning"], late["alarm"], late["unit"]) == (1, 8, 31, "days")
    assert len(rules["steps"]) == 16


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("borrowers?limit=0", "limit"),
        ("borrowers?limit=201", "limit"),
        ("debtors?offset=-1", "offset"),
        ("products?minLevel=red", "minLevel"),
        ("portfolio?lenderPartyId=nobody", "lenderPartyId"),
    ],
)
def test_bad_parameters_are_refused_by_name(world: World, query: str, field: str) -> None:
    answer = world.http.get(f"/v1/watch/{query}", headers=world["auditor"].headers)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["field"] == field
    assert problem["fix"]
