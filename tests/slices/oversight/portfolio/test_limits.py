"""Limits of a lender's rule sets over HTTP, and what lenders state of themselves."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import openpyxl
import pytest

from app.storage import run
from tests.support.bodies import Json
from tests.support.days import day, ledger_today
from tests.support.lending import agreed_facility, drawn
from tests.support.world import World, caught_up, cny, refused

LIMITS, OWN = "/v1/portfolio/limits", "/v1/portfolio/own-funds"
LENDERS = ("bank", "platform", "second-bank")
SEE_ALL = ("auditor", "operator", "regulator")
OTHERS = ("supplier", "buyer", "rater", "warehouse", "registrar", "cash-issuer", "first-appraiser")


def statement(**changes: Any) -> Json:
    body: Json = {
        "lenderKind": "bank",
        "asOf": day(0),
        "netCapital": cny("10000.00"),
        "tierOneCapital": cny("8000.00"),
        "provisions": cny("0.00"),
        "source": "return of the quarter",
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def limits_of(world: World, name: str = "bank", **query: Any) -> Json:
    return world[name].get(LIMITS, **query).body


def only(body: Json, term: str, **values: Any) -> Json:
    """The single limit of a term with these values."""
    (found,) = (
        item
        for item in body["limits"]
        if item["term"] == term and all(item[name] == value for name, value in values.items())
    )
    return dict(found)


def test_limits_of_a_lender_with_a_loan_follow_what_it_states(own_world: World) -> None:
    world = own_world
    before = limits_of(world)
    assert {item["reason"] for item in before["limits"]} == {"nothing-lent"}
    assert {item["ruleSet"] for item in before["limits"]} == {"cn"}

    _, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "800.00", tenor=30)
    caught_up(world)
    unknown = limits_of(world)
    rate = only(unknown, "annual_rate.max")
    assert (rate["figure"], rate["max"], rate["used"]) == (72_000, 240_000, 300_000)
    assert (rate["verdict"], rate["loanId"], rate["enforcedBy"]) == ("kept", loan, "contract")
    assert "Supreme People's Court" in rate["source"]
    tenor = only(unknown, "tenor_days.warn")
    assert (tenor["figure"], tenor["max"], tenor["unit"]) == (30, 181, "days")
    assert tenor["enforcedBy"] == "gateway"
    borrower = only(unknown, "borrower_limit", currency="CNY")
    assert (borrower["amount"], borrower["maxAmount"]) == (cny("800.00"), cny("100000000.00"))
    assert (borrower["used"], borrower["verdict"]) == (8, "kept")
    assert borrower["party"]["partyId"] == world.parties["supplier"]
    kinds = {item["lenderKind"] for item in unknown["limits"]} - {None}
    assert kinds == {"bank", "factor", "micro-lender"}, "nobody knows yet what it is"
    for item in unknown["limits"]:
        if item["lenderKind"]:
            assert (item["verdict"], item["reason"]) == ("not-judged", "lender-kind-unknown")
            assert item["enforcedBy"] == "report"

    world["bank"].post(OWN, statement())
    stated = limits_of(world)
    assert {item["lenderKind"] for item in stated["limits"]} == {None, "bank"}
    single = only(stated, "single-name", of="net-capital")
    assert (single["amount"], single["ofAmount"]) == (cny("800.00"), cny("10000.00"))
    assert (single["figure"], single["used"], single["verdict"]) == (80_000, 800_000, "kept")
    assert single["party"]["partyId"] == world.parties["supplier"]
    group = only(stated, "group")
    assert (group["figure"], group["used"], group["verdict"]) == (100_000, 500_000, "kept")
    money = only(stated, "own-money")
    assert (money["figure"], money["of"], money["verdict"]) == (10_000_000, "lent", "kept")
    assert money["ownFigure"] == "tier-one-capital"
    reserve = only(stated, "reserve")
    # The product sets 0.5 % of each draw aside; 1.5 % are asked for.
    assert (reserve["amount"], reserve["figure"]) == (cny("4.00"), 5_000)
    assert (reserve["min"], reserve["used"]) == (15_000, 3_000_000)
    assert reserve["verdict"] == "broken"
    assert [item["netCapital"] for item in stated["ownFunds"]] == [cny("10000.00")]

    world["bank"].post(
        OWN, statement(netCapital=cny("7999.99"), provisions=cny("8.00"), tierOneCapital=None)
    )
    poorer = limits_of(world)
    broken = only(poorer, "single-name", of="net-capital")
    assert (broken["figure"], broken["verdict"]) == (100_000, "broken")
    assert only(poorer, "reserve")["verdict"] == "kept"
    missing = only(poorer, "group")
    assert (missing["verdict"], missing["reason"]) == ("not-judged", "figure-not-stated")

    world["bank"].post(OWN, statement(asOf=day(-1), netCapital=cny("1.00")))
    assert limits_of(world)["limits"] == poorer["limits"], "a figure of an earlier day"

    file = world.http.get(f"{LIMITS}?format=csv", headers=world["bank"].headers)
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert len(rows) == len(poorer["limits"])
    (row,) = (row for row in rows if row["term"] == "single-name" and row["of"] == "net-capital")
    assert (row["verdict"], row["amount"], row["ofAmount"]) == ("broken", "800.00", "7999.99")
    assert row["name"].startswith("Linghu")
    sheets = world.http.get(f"{LIMITS}?format=xlsx", headers=world["bank"].headers)
    book = openpyxl.load_workbook(io.BytesIO(sheets.content))
    assert book.sheetnames == ["limits", "own funds"]
    assert book["own funds"].max_row == 2


def test_a_factor_counts_the_claims_that_it_holds_by_their_debtor(own_world: World) -> None:
    world = own_world
    _, claim = world.confirmed(amount="1000.00", days=40)
    world.assigned(claim, "second-bank", "600.00")
    caught_up(world)
    own = {
        "lenderKind": "factor",
        "netCapital": None,
        "tierOneCapital": None,
        "netAssets": cny("60.00"),
        "riskAssets": cny("1200.00"),
        "provisions": cny("6.00"),
    }
    world["second-bank"].post(OWN, statement(**own))
    body = limits_of(world, "second-bank")
    debtor = only(body, "single-debtor")
    assert (debtor["amount"], debtor["figure"]) == (cny("600.00"), 500_000)
    assert (debtor["verdict"], debtor["party"]["partyId"]) == ("kept", world.parties["buyer"])
    assert only(body, "own-money")["verdict"] == only(body, "reserve")["verdict"] == "kept"
    less = {"netAssets": cny("59.99"), "riskAssets": cny("1199.99"), "provisions": cny("5.99")}
    world["second-bank"].post(OWN, statement(**own | less))
    body = limits_of(world, "second-bank")
    for term in ("single-debtor", "own-money", "reserve"):
        assert only(body, term)["verdict"] == "broken", term
    old = (ledger_today() - datetime.timedelta(days=400)).isoformat()
    world["platform"].post(OWN, statement(asOf=old))
    assert limits_of(world, "platform")["ownFunds"][0]["asOfDate"] == old


def test_each_role_sees_what_is_its_own(world: World) -> None:
    stated = world["second-bank"].post(OWN, statement(source="=1+1")).body
    assert stated["lenderPartyId"] == world.parties["second-bank"]
    party = f"lenderPartyId={world.parties['second-bank']}"
    for name in SEE_ALL:
        for path in (f"{LIMITS}?{party}", f"{OWN}?{party}", OWN):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 200, f"{name} {path}: {answer.text[:200]}"
        listed = world[name].get(OWN, lenderPartyId=world.parties["second-bank"]).body["items"]
        assert stated["id"] in [item["id"] for item in listed]
        bare = world.http.get(LIMITS, headers=world[name].headers)
        assert bare.status_code == 422, f"{name}: limits are of one lender"
        assert bare.json()["field"] == "lenderPartyId"
        assert refused(world[name], OWN, statement())["status"] == 403
    for name in LENDERS:
        for path in (LIMITS, OWN, f"{LIMITS}?lenderPartyId={world.parties[name]}"):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 200, f"{name} {path}: {answer.text[:200]}"
    for name in ("bank", "platform"):
        own = world[name].get(OWN).body["items"]
        assert stated["id"] not in [item["id"] for item in own]
        for path in (f"{LIMITS}?{party}", f"{OWN}?{party}"):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 403, answer.text
            assert answer.json()["field"] == "lenderPartyId"
    for name in OTHERS:
        for path in (LIMITS, OWN):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 403, f"{name} {path}: {answer.text[:200]}"
            assert answer.json()["type"] == "urn:cession:problem:role-missing"
        assert refused(world[name], OWN, statement())["status"] == 403, name
    for path in (LIMITS, OWN):
        assert world.http.get(path).status_code == 401


def test_figures_are_encrypted_in_the_store(world: World) -> None:
    secret = "4711.47"
    world["second-bank"].post(OWN, statement(netCapital=cny(secret), source="a quiet return"))
    storage = world.server.gateway.storage
    rows = storage.read_now(
        lambda connection: [tuple(row) for row in run(connection, "SELECT * FROM own_funds")]
    )
    assert rows
    for row in rows:
        assert b"quiet" not in b"".join(cell for cell in row if isinstance(cell, bytes))
        assert not any("471147" in str(cell) for cell in row)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lenderKind": "shop"}, "lenderKind"),
        ({"asOf": day(9)}, "asOf"),
        ({"asOf": "1969-12-31"}, "asOf"),
        ({"asOf": "soon"}, "asOf"),
        ({"netCapital": cny("-1.00")}, "netCapital.amount"),
        ({"netCapital": cny("1.001")}, "netCapital.amount"),
        ({"netCapital": cny("99999999999999999999.00")}, "netCapital.amount"),
        ({"tierOneCapital": {"amount": "1.00", "currency": "USD"}}, "tierOneCapital.currency"),
        ({"netCapital": {"amount": "1.00", "currency": "XXX"}}, "netCapital.currency"),
        ({"source": ""}, "source"),
        ({"source": "x" * 401}, "source"),
        ({"documentHash": "0x12"}, "documentHash"),
        ({"colour": "red"}, "colour"),
        ({"netCapital": None, "tierOneCapital": None, "provisions": None}, "netCapital"),
    ],
)
def test_a_bad_statement_names_its_field(world: World, change: Json, field: str) -> None:
    before = len(world["platform"].get(OWN).body["items"])
    problem = refused(world["platform"], OWN, statement(**change))
    assert problem["status"] == 422, problem
    assert problem["field"] == field
    assert len(world["platform"].get(OWN).body["items"]) == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limits?currency=cny", "currency"),
        ("limits?currency=XXX", "currency"),
        ("limits?format=svg", "format"),
        ("limits?lenderPartyId=nobody", "lenderPartyId"),
        ("own-funds?lenderPartyId=nobody", "lenderPartyId"),
        ("own-funds?limit=0", "limit"),
        ("own-funds?cursor=x", "cursor"),
    ],
)
def test_bad_parameters_are_refused_by_name(world: World, query: str, field: str) -> None:
    answer = world.http.get(f"/v1/portfolio/{query}", headers=world["auditor"].headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


def test_a_repeated_command_states_once_and_pages_go_on(world: World) -> None:
    body = statement(documentHash="0x" + "ab" * 32)
    headers = world["platform"].headers | {"Idempotency-Key": "own-funds-once"}
    answers = [world.http.post(OWN, json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    second = world["platform"].post(OWN, statement()).body
    page = world["platform"].get(OWN, limit=1).body
    assert [item["id"] for item in page["items"]] == [second["id"]]
    following = world["platform"].get(OWN, limit=1, cursor=page["nextCursor"]).body
    assert following["items"][0]["id"] == answers[0].json()["id"]
    assert following["items"][0]["documentHash"] == "0x" + "ab" * 32
