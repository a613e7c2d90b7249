"""Quotes of draws through the API on a real chain: a draw is repaid exactly as it was quoted."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
import yaml

from app import embedded
from app.places import CATALOGUE
from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.goods import deleted
from tests.support.lending import FAR, agreed_facility, attested, ordered, product
from tests.support.proofs import proved
from tests.support.rates import listed, proposal_of, published
from tests.support.served import served_world
from tests.support.world import World, cny, refused

DRAWS: list[tuple[str, Json]] = [
    ("merchant-credit", {"style": "bullet", "tenor": 45}),
    ("merchant-credit", {"style": "equal-instalment", "tenor": 6, "dueDayOfMonth": 20}),
    ("tax-loan", {"style": "equal-principal", "tenor": 6}),
    ("tax-loan", {"style": "interest-only", "tenor": 3}),
    (
        "quarterly-loan",
        {"style": "equal-instalment", "tenor": 12, "afterPrepayment": "shorten-term"},
    ),
    ("purchase-credit", {"style": "billing-cycle"}),
    ("purchase-credit-weekly", {"style": "billing-cycle"}),
]


def quoted(world: World, facility: int, body: Json, *, by: str = "supplier") -> Json:
    """The quote of a draw."""
    answer = world[by].post(f"/v1/facilities/{facility}/quotes", body)
    assert answer.status == 200, answer.body
    return answer.body


def names(quote: Json) -> list[str]:
    """What the warnings of a quote are called."""
    return [warning["name"] for warning in quote["warnings"]]


def open_facility(world: World, code: str) -> int:
    """A facility of the lender that the product needs."""
    lender = "bank" if product(world, code)["funding"] == "bank" else "platform"
    facility = agreed_facility(world, code, by=lender)
    proved(world, facility, code)
    return facility


@pytest.fixture(scope="module")
def lending_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway with holidays on most days of the next months, and lenders with money."""
    folder = tmp_path_factory.mktemp("quotes")
    catalogue = yaml.safe_load(CATALOGUE.read_text())
    today = ledger_today()
    days = [today + datetime.timedelta(days=number) for number in range(1, 400)]
    catalogue["calendar"] = {
        "first": today.isoformat(),
        "last": days[-1].isoformat(),
        "weekends": False,
        "holidays": [day.isoformat() for day in days if day.toordinal() % 3],
    }
    for row in catalogue["products"]:
        row["business_days"] = row["code"] in ("tax-loan", "merchant-credit")
    path = folder / "products.yaml"
    path.write_text(yaml.safe_dump(catalogue, sort_keys=False))
    (folder / "rules").symlink_to(CATALOGUE.parent / "rules")
    patch = pytest.MonkeyPatch()
    patch.setattr(embedded, "CATALOGUE", path)
    with served_world(folder / "gateway") as world:
        patch.undo()
        world.cash("bank", "100000.00")
        world.cash("platform", "100000.00")
        attested(world)
        yield world


@pytest.mark.parametrize(("code", "choice"), DRAWS)
def test_a_draw_is_repaid_exactly_by_its_quote(
    lending_world: World, code: str, choice: Json
) -> None:
    world = lending_world
    facility = open_facility(world, code)
    body = {"amount": cny("1234.57"), **choice}
    quote = quoted(world, facility, body)
    assert quote["warnings"] == []
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    loan = world["supplier"].get(f"/v1/loans/{done['result']['loanId']}").body
    assert loan["startDate"] == quote["date"]
    assert loan["schedule"] == quote["schedule"]
    statement = world["supplier"].get(f"/v1/loans/{loan['id']}/statement").body
    assert statement["terms"] == quote["terms"]
    assert statement["effectiveAnnualRate"] == quote["effectiveAnnualRate"]
    total = sum(float(item["total"]["amount"]) for item in quote["schedule"])
    assert float(quote["totalRepaid"]["amount"]) == pytest.approx(total)
    cost = total - float(quote["paidOut"]["amount"])
    assert float(quote["totalCost"]["amount"]) == pytest.approx(cost)


def test_the_ledger_itself_owes_what_was_quoted_on_each_due_day(own_world: World) -> None:
    world = own_world
    attested(world, validDays=300)
    world.cash("platform", "100000.00")
    world.cash("supplier", "100000.00")
    facility = open_facility(world, "merchant-credit")
    body = {"amount": cny("9999.99"), "style": "equal-instalment", "tenor": 3}
    quote = quoted(world, facility, body)
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    path = f"/v1/loans/{done['result']['loanId']}"
    today = datetime.date.fromisoformat(quote["date"])
    for instalment in quote["schedule"]:
        due = datetime.date.fromisoformat(instalment["date"])
        world.later((due - today).days * 86_400)
        today = due
        world["supplier"].command(f"{path}/repayments", {"amount": instalment["total"]})
        loan = world["supplier"].get(path).body
        paid = loan["entries"][-1]
        assert (paid["interest"], paid["principal"]) == (
            instalment["interest"],
            instalment["principal"],
        )
        assert loan["due"]["total"] == cny("0.00")
        assert loan["outstanding"] == instalment["outstanding"]
    assert loan["status"] == "repaid"


def test_a_purchase_is_repaid_in_instalments_exactly_by_its_quote(lending_world: World) -> None:
    world = lending_world
    facility = open_facility(world, "purchase-credit")
    body = {"amount": cny("777.77"), "style": "billing-cycle"}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    path = f"/v1/loans/{done['result']['loanId']}"
    bill = world["supplier"].get(path).body
    assert bill["effectiveAnnualRate"] == 0, "a bill that is paid in time"
    quote = world["platform"].get(f"{path}/instalments", months=3).body
    assert quote["firstDate"] == bill["lastDueDate"]
    assert len(quote["schedule"]) == 3
    for months in (4, 61, 0):
        answer = world.http.get(
            f"{path}/instalments?months={months}", headers=world["supplier"].headers
        )
        assert (answer.status_code, answer.json()["field"]) == (422, "months")
    stranger = world.http.get(f"{path}/instalments?months=3", headers=world["castor"].headers)
    assert stranger.status_code == 404
    world["supplier"].command(f"{path}/instalments", {"months": 3})
    loan = world["supplier"].get(path).body
    assert loan["schedule"] == quote["schedule"]
    assert loan["effectiveAnnualRate"] == quote["effectiveAnnualRate"] > 72_000
    again = world.http.get(f"{path}/instalments?months=3", headers=world["supplier"].headers)
    assert (again.status_code, again.json()["type"]) == (409, "urn:cession:problem:no-open-bill")


def test_a_quote_warns_of_all_that_would_stop_the_draw(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world, "tax-loan", limit="1000.00", annualRate=60_000)
    body = {"amount": cny("1000.00"), "style": "bullet", "tenor": 30}
    assert names(quoted(world, facility, body)) == ["TierMissing"]
    attested(world)
    assert names(quoted(world, facility, body)) == ["DocumentMissing"]
    proved(world, facility, "tax-loan")
    assert names(quoted(world, facility, body)) == []
    world["bank"].command(f"/v1/facilities/{facility}/suspension")
    larger = {**body, "amount": cny("1000.01")}
    quote = quoted(world, facility, larger, by="bank")
    assert names(quote) == ["draws-suspended", "limit-exceeded"]
    assert quote["warnings"][1]["detail"] == "the limit of the facility leaves 1000.00 CNY free"
    assert quote["totalRepaid"]["amount"] > "1000.00", "the figures are there all the same"
    deleted(world, "bank", f"/v1/facilities/{facility}/suspension")
    world["operator"].command("/v1/new-risk/stops", {"reason": "rehearsal"})
    assert names(quoted(world, facility, body)) == ["NewRiskStopped"]


def test_a_quote_on_a_claim_checks_it_only_if_it_is_named(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    body = {"amount": cny("800.01"), "tenor": 30}
    assert names(quoted(world, facility, body)) == []
    assert names(quoted(world, facility, body | {"collateralId": claim})) == ["CollateralTooSmall"]
    body = {"amount": cny("800.00"), "tenor": 30, "collateralId": claim}
    assert names(quoted(world, facility, body)) == []
    world["supplier"].command(f"/v1/facilities/{facility}/draws", body)
    assert names(quoted(world, facility, body)) == ["CollateralInUse"]


def test_a_quote_says_nothing_of_collateral_of_others(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    other = world.assigned(claim, "castor", "400.00")
    body = {"amount": cny("1.00"), "tenor": 30}
    quotes = [quoted(world, facility, body | {"collateralId": number}) for number in (other, 9_999)]
    assert [names(quote) for quote in quotes] == [["collateral-not-usable"]] * 2
    assert quotes[0]["warnings"] == quotes[1]["warnings"], "not even whether there is one"


def test_a_quote_warns_of_a_claim_that_is_due_too_late(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(days=370)
    body = {"amount": cny("1.00"), "tenor": 30, "collateralId": claim}
    assert names(quoted(world, facility, body)) == ["tenor-too-long"]


def test_a_quote_does_not_say_how_much_money_the_lender_has(own_world: World) -> None:
    world = own_world
    attested(world)
    facility = agreed_facility(world, "quarterly-loan", by="second-bank")
    body = {"amount": cny("100.00"), "style": "equal-instalment", "tenor": 12}
    (warning,) = quoted(world, facility, body)["warnings"]
    assert warning["name"] == "CannotFund"
    assert not any(character.isdigit() for character in warning["detail"] + warning["fix"])


def test_a_floating_draw_is_quoted_at_the_rate_of_today(own_world: World) -> None:
    world = own_world
    listed(world)
    proposal = world["bank"].post("/v1/facility-proposals", proposal_of(world)).body
    signed = world["supplier"].command(f"/v1/facility-proposals/{proposal['id']}/signature").body
    facility = int(signed["result"]["facilityId"])
    body = {"amount": cny("10000.00"), "tenor": 120}
    quote = quoted(world, facility, body)
    assert (quote["annualRate"], names(quote)) == (110_000, ["rate-missing"])
    published(world, 30_000, world.today() + datetime.timedelta(days=20))
    quote = quoted(world, facility, body)
    assert (quote["annualRate"], names(quote)) == (70_000, [])
    order = ordered(world, amount="20000.00")
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    draw = body | {"collateralId": order}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", draw).body
    loan = world["supplier"].get(f"/v1/loans/{done['result']['loanId']}").body
    assert loan["annualRate"] == quote["annualRate"]
    assert loan["schedule"] == quote["schedule"]


def test_a_quote_stores_nothing(world: World) -> None:
    facility = agreed_facility(world)
    before = world["auditor"].get("/v1/operations").body["items"][:1]
    quoted(world, facility, {"amount": cny("1.00"), "tenor": 30})
    assert world["auditor"].get("/v1/operations").body["items"][:1] == before
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["drawn"] == cny("0.00")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tenor": 361}, "tenor"),
        ({"tenor": 0}, "tenor"),
        ({"style": "equal-instalment", "tenor": 3}, "style"),
        ({"dueDayOfMonth": 1}, "dueDayOfMonth"),
        ({"amount": cny("0.00")}, "amount.amount"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, "amount.currency"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_impossible_draw_has_no_quote(world: World, change: Json, field: str) -> None:
    facility = agreed_facility(world)
    body = {"amount": cny("1.00"), "tenor": 30} | change
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/quotes", body)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_only_the_facilitys_parties_get_quotes(world: World) -> None:
    facility = agreed_facility(world)
    path, body = f"/v1/facilities/{facility}/quotes", {"amount": cny("1.00"), "tenor": 30}
    for name in ("supplier", "bank"):
        assert world[name].post(path, body).status == 200
    for name in ("castor", "buyer", "platform"):
        assert refused(world[name], path, body)["status"] == 404, name
    for name in ("auditor", "operator", "rater", "warehouse"):
        assert refused(world[name], path, body)["status"] == 403, name


def test_effective_rates_are_shown_with_products_proposals_and_facilities(world: World) -> None:
    terms = product(world, "receivables-finance")
    shortest, longest = terms["effectiveAnnualRates"]
    assert (shortest["style"], shortest["tenor"], longest["tenor"]) == ("bullet", 1, 360)
    day = 16_666.67 / 50_000_000  # 12 % of a year of 360 days, rounded
    assert shortest["effectiveAnnualRate"] == round(((1 + day) ** 365 - 1) * 1_000_000)
    body = {
        "productId": terms["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("1000.00"),
        "lastDate": FAR,
    }
    proposal = world["bank"].post("/v1/facility-proposals", body).body
    facility = agreed_facility(world, limit="1000.00")
    shown = world["supplier"].get(f"/v1/facilities/{facility}").body["effectiveAnnualRates"]
    assert shown == proposal["effectiveAnnualRates"]
    assert shown[1]["effectiveAnnualRate"] == quoted_rate(world, facility)
    listed = world["supplier"].get("/v1/facilities").body["items"][0]
    assert listed["effectiveAnnualRates"] == shown


def quoted_rate(world: World, facility: int) -> int:
    """The effective annual rate of a draw of the whole limit for the longest tenor."""
    body = {"amount": cny("1000.00"), "tenor": 360}
    return int(quoted(world, facility, body)["effectiveAnnualRate"])


def test_repaying_on_a_day_costs_what_the_quote_said(lending_world: World) -> None:
    world = lending_world
    facility = open_facility(world, "merchant-credit")
    amount = cny("9000.00")
    day = (world.today() + datetime.timedelta(days=10)).isoformat()
    body = {"amount": amount, "style": "bullet", "tenor": 45}
    quote = quoted(world, facility, body | {"repaidOn": day})
    by_day = {item["date"]: item for item in quote["payoffs"]}
    assert day in by_day
    last = quote["payoffs"][-1]
    assert last["date"] == quote["schedule"][-1]["date"]
    assert (last["payoff"]["total"], last["cost"]) == (quote["totalRepaid"], quote["totalCost"])
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    loan = done["result"]["loanId"]
    for date, item in by_day.items():
        path = f"/v1/loans/{loan}/repayments"
        then = world["supplier"].get(path, amount="9999.00", date=date).body
        assert then["parts"] == item["payoff"], date
    gone = {"repaidOn": (world.today() - datetime.timedelta(days=1)).isoformat()}
    assert refused_quote(world, facility, body | gone)["field"] == "repaidOn"
    late = {"repaidOn": (world.today() + datetime.timedelta(days=90)).isoformat()}
    problem = refused_quote(world, facility, body | late)
    assert (problem["field"], problem["detail"]) == (
        "repaidOn",
        f"the last due day is {last['date']}",
    )


def refused_quote(world: World, facility: int, body: Json) -> Json:
    """The problem document of a quote."""
    return refused(world["supplier"], f"/v1/facilities/{facility}/quotes", body)
