"""The portfolio's figures through the API: whose they are, and what they say of real loans."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from app.domain.portfolio.shares import MILLION
from app.errors import BadInput
from app.oversight.portfolio import endpoints
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn, product
from tests.support.world import World, caught_up, cny

FIGURES = (
    *("roll-rates", "vintages", "expected-losses", "concentrations", "reserves"),
    "stress-test?largest=1",
)
VIEWERS = ("bank", "auditor", "operator", "regulator")
OTHERS = ("supplier", "buyer", "rater", "warehouse", "registrar", "cash-issuer", "first-appraiser")


def lent(world: World, amount: str = "800.00", *, by: str = "bank") -> int:
    """A loan on a claim on the buyer; its id."""
    facility = agreed_facility(world, by=by)
    _, claim = world.confirmed(amount="1000.00", days=40)
    return drawn(world, facility, claim, amount, tenor=30)


def only(body: Json) -> Json:
    """The figures of the single currency."""
    (part,) = body["currencies"]
    assert part["currency"] == "CNY"
    return dict(part)


def test_figures_of_a_loan_that_falls_overdue(own_world: World) -> None:
    world = own_world
    lent(world)
    world.server.node.advance_time(80 * 86_400)
    world["operator"].command(
        f"/v1/reserves/{product(world, 'receivables-finance')['id']}/cap",
        {"amount": cny("100000.00")},
    )
    caught_up(world)
    bank = world["bank"]

    rolls = only(bank.get("/v1/portfolio/roll-rates", months=3).body)
    assert rolls["leftOut"] == 0
    *months, together = rolls["months"]
    assert (len(months), together["fromDate"]) == (3, None)
    sources = [source for month in rolls["months"] for source in month["buckets"]]
    sums = {sum(target["rate"] for target in source["targets"]) for source in sources}
    assert sums == {0, MILLION}
    current = together["buckets"][0]
    assert current["bucket"] == "current"
    worse = [target for target in current["targets"][1:-1] if target["loans"]]
    assert [(target["loans"], target["amount"]) for target in worse] == [(1, cny("800.00"))]
    assert worse[0]["bucket"] in ("overdue-to-thirty-days", "overdue-to-sixty-days")

    vintages = only(bank.get("/v1/portfolio/vintages", overdueDays=0).body)["vintages"]
    assert [(vintage["loans"], vintage["drawn"]) for vintage in vintages] == [(1, cny("800.00"))]
    shares = [age["overdueShare"] for age in vintages[0]["ages"]]
    assert (shares[0], shares[-1], len(shares)) == (0, MILLION, 3)
    assert {age["defaultedShare"] for age in vintages[0]["ages"]} == {0}

    losses = only(bank.get("/v1/portfolio/expected-losses").body)
    assert (losses["lossSeverity"], losses["lossSeverityFrom"]) == (450_000, "assumed")
    (group,) = losses["groups"]
    assert (group["exposure"], group["inDefault"]) == (cny("800.00"), cny("0.00"))
    assert (group["rateFrom"], group["expectedLoss"]) == ("none", None)

    for by, name in (("borrower", "supplier"), ("debtor", "buyer")):
        figures = only(bank.get("/v1/portfolio/concentrations", by=by).body)
        assert (figures["herfindahlIndex"], figures["count"]) == (MILLION, 1)
        (item,) = figures["names"]
        assert item["party"]["partyId"] == world.parties[name]
        assert (item["amount"], item["share"]) == (cny("800.00"), MILLION)

    (need,) = bank.get("/v1/portfolio/reserves").body["products"]
    assert (need["reserveShare"], need["byVolume"]) == (5_000, cny("4.00"))
    assert (need["held"], need["shortfall"]) == (cny("4.00"), cny("0.00"))
    assert (need["lossRate"], need["byHistory"]) == (None, None)

    stress = bank.get(
        "/v1/portfolio/stress-test", partyId=world.parties["buyer"], delayDays=60
    ).body
    figures = only(stress)
    losses = {effect["shock"]: effect["loss"] for effect in figures["effects"]}
    assert losses["defaults"] == losses["delay"] == cny("360.00"), "45 % of it"
    assert losses["together"] == cny("720.00")
    assert (figures["reserveHeld"], figures["notReserved"]) == (cny("4.00"), cny("716.00"))
    buckets = {shift["bucket"]: shift for shift in figures["buckets"]}
    assert buckets["overdue-over-ninety-days"]["afterDelay"] == cny("800.00")
    assert buckets["overdue-over-ninety-days"]["today"] == cny("0.00")
    assert [item["party"]["partyId"] for item in figures["defaulting"]] == [world.parties["buyer"]]


def test_a_lender_sees_its_own_book_and_others_see_all_or_nothing(world: World) -> None:
    lent(world)
    for figure in FIGURES:
        path = f"/v1/portfolio/{figure}"
        for name in VIEWERS:
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 200, f"{name} {path}: {answer.text[:200]}"
        for name in OTHERS:
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 403, f"{name} {path}: {answer.text[:200]}"
            assert answer.json()["type"] == "urn:cession:problem:role-missing"
    own = world["bank"].get("/v1/portfolio/concentrations").body
    same = (
        world["auditor"]
        .get("/v1/portfolio/concentrations", lenderPartyId=world.parties["bank"])
        .body
    )
    assert only(own)["total"] == only(same)["total"]
    other = world["platform"]
    of_other = other.get("/v1/portfolio/concentrations").body
    assert only(own)["total"] not in [part["total"] for part in of_other["currencies"]]
    for name, party in (("platform", "bank"), ("bank", "platform")):
        answer = world.http.get(
            f"/v1/portfolio/vintages?lenderPartyId={world.parties[party]}",
            headers=world[name].headers,
        )
        assert answer.status_code == 403, answer.text
        assert answer.json()["field"] == "lenderPartyId"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("roll-rates?months=0", "months"),
        ("roll-rates?months=37", "months"),
        ("vintages?overdueDays=-1", "overdueDays"),
        ("vintages?maxMonths=61", "maxMonths"),
        ("expected-losses?by=colour", "by"),
        ("expected-losses?lossSeverity=1000001", "lossSeverity"),
        ("expected-losses?minLoans=0", "minLoans"),
        ("concentrations?largest=0", "largest"),
        ("concentrations?currency=cny", "currency"),
        ("concentrations?currency=XXX", "currency"),
        ("concentrations?format=pdf", "format"),
        ("reserves?lenderPartyId=nobody", "lenderPartyId"),
        ("stress-test", "pricesDown"),
        ("stress-test?salesDown=1000001", "salesDown"),
        ("stress-test?delayDays=366", "delayDays"),
        ("stress-test?partyId=nobody", "partyId"),
    ],
)
def test_bad_parameters_are_refused_by_name(world: World, query: str, field: str) -> None:
    answer = world.http.get(f"/v1/portfolio/{query}", headers=world["auditor"].headers)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["field"] == field
    assert problem["fix"]


@pytest.mark.parametrize("figure", FIGURES)
def test_tables_and_plots_come_as_files(world: World, figure: str) -> None:
    lent(world)
    join = "&" if "?" in figure else "?"

    def file(kind: str, name: str = "bank") -> Any:
        path = f"/v1/portfolio/{figure}{join}currency=CNY&format={kind}"
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == 200, answer.text
        assert f'.{kind}"' in answer.headers["content-disposition"]
        return answer

    rows = file("csv").text.splitlines()
    assert "currency" in rows[0]
    assert any("CNY" in row for row in rows[1:]) or figure == "roll-rates"
    book = openpyxl.load_workbook(io.BytesIO(file("xlsx").content))
    assert [cell.value for cell in book.worksheets[0][1]] == rows[0].split(",")
    assert len(book.worksheets) == (2 if figure.startswith("stress") else 1)
    root = ElementTree.fromstring(file("svg").text)
    assert root.tag.endswith("svg")
    assert "CNY" in "".join(root.itertext())


def test_a_plot_has_one_currency_with_loans(world: World) -> None:
    answer = world.http.get(
        "/v1/portfolio/vintages?format=svg&currency=USD", headers=world["bank"].headers
    )
    assert answer.status_code == 422, answer.text
    assert (answer.json()["field"], answer.json()["fix"]) == ("format", "ask for json, csv or xlsx")
    endpoints.require_single({"currencies": [{"currency": "CNY"}]})
    with pytest.raises(BadInput) as refusal:
        endpoints.require_single({"currencies": [{"currency": "CNY"}, {"currency": "USD"}]})
    assert refusal.value.problem()["field"] == "currency"
