"""Alerts through the API on a real chain: who hears of what, and what a reorganisation does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn, lent
from tests.support.officials import sent_by
from tests.support.world import World, caught_up, refused

PATH = "/v1/watch/alerts"
DAY = 86_400
SECONDS = 60.0


def alerts(world: World, *, by: str = "bank", **query: Any) -> list[Json]:
    """The alerts that a caller sees, the oldest first."""
    items: list[Json] = world[by].get(PATH, limit=200, **query).body["items"]
    return items


def told(
    world: World, when: Callable[[Json], bool], *, by: str = "bank", **query: Any
) -> list[Json]:
    """The alerts, once one of them is such; the gateway looks every few seconds."""
    end = time.monotonic() + SECONDS
    while True:
        items = alerts(world, by=by, **query)
        if any(when(item) for item in items):
            return items
        assert time.monotonic() < end, f"the alerts are {items}"
        time.sleep(0.2)


def rises(subject: str, level: str) -> Callable[[Json], bool]:
    """Whether an alert says that the level of such a subject is now this one."""
    return lambda item: (item["subject"], item["toLevel"]) == (subject, level)


def late_loan(world: World) -> tuple[int, int]:
    """A loan whose due day was forty days ago, and its facility."""
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, facility, claim, "800.00", tenor=30)
    world.later(70 * DAY)
    return loan, facility


def test_loan_that_falls_overdue_is_told_to_its_lender_and_those_who_see_all(
    own_world: World,
) -> None:
    world = own_world
    loan, _ = late_loan(world)
    items = told(world, rises("portfolio", "alarm"))
    (borrower,) = [item for item in items if item["subject"] == "borrower"]
    assert borrower["party"]["partyId"] == world.parties["supplier"]
    assert borrower["lender"]["partyId"] == world.parties["bank"]
    assert (borrower["fromLevel"], borrower["toLevel"]) == ("clear", "alarm")
    assert f"late-loan:loan:{loan}" in borrower["began"]
    (late,) = [signal for signal in borrower["signals"] if signal["kind"] == "late-loan"]
    assert (late["values"][0]["name"], late["values"][0]["unit"]) == ("daysLate", "days")
    assert late["reason"].startswith(f"Loan {loan} is overdue for")
    assert borrower["nextStep"].startswith("Suspend draws today")
    block = borrower["block"]
    known = world.server.node.ask("eth_getBlockByNumber", hex(block["blockNumber"]), False)
    assert (block["blockHash"], block["undone"]) == (known["hash"], False)
    assert borrower["afterReorganisation"] is False
    assert (borrower["acknowledgement"], borrower["proposalIds"]) == (None, [])
    assert {item["subject"] for item in items} == {"borrower", "debtor", "product", "portfolio"}

    for name in ("auditor", "operator", "regulator"):
        assert alerts(world, by=name) == items
        assert alerts(world, by=name, lenderPartyId=world.parties["bank"]) == items
        assert alerts(world, by=name, lenderPartyId=world.parties["platform"]) == []
        assert world[name].get(f"{PATH}/{borrower['id']}").body == borrower
    assert world["bank"].get(f"{PATH}/{borrower['id']}").body == borrower
    assert alerts(world, by="platform") == []
    for name, status in (("platform", 404), ("second-bank", 404), ("supplier", 403)):
        path = f"{PATH}/{borrower['id']}"
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == status, f"{name}: {answer.text}"
        assert refused(world[name], f"{path}/acknowledgement", {"note": "x"})["status"] == status
    answer = world.http.get(
        f"{PATH}?lenderPartyId={world.parties['bank']}", headers=world["platform"].headers
    )
    assert (answer.status_code, answer.json()["field"]) == (403, "lenderPartyId")

    # Pages and filters.
    page = world["bank"].get(PATH, limit=1).body
    assert (page["items"], page["nextCursor"]) == (items[:1], items[0]["id"])
    rest = world["bank"].get(PATH, after=page["nextCursor"], limit=200).body
    assert (rest["items"], rest["nextCursor"]) == (items[1:], None)
    assert alerts(world, after=items[-1]["id"]) == []
    assert [item["subject"] for item in alerts(world, subject="debtor")] == ["debtor"]
    assert alerts(world, partyId=world.parties["supplier"]) == [borrower]
    assert [item["subject"] for item in alerts(world, productId=borrower_product(items))] == [
        "product"
    ]

    # An acknowledgement: once, by the lender, with its note in the record.
    note = "called the borrower;\nit pays on Friday"
    path = f"{PATH}/{borrower['id']}/acknowledgement"
    seen = world["bank"].post(path, {"note": note})
    assert seen.status == 201
    assert seen.body["acknowledgement"]["note"] == note
    assert seen.body["acknowledgement"]["person"]
    assert world["auditor"].get(f"{PATH}/{borrower['id']}").body == seen.body
    assert refused(world["bank"], path, {"note": "again"})["type"].endswith(":alert-acknowledged")
    for name in ("auditor", "operator", "regulator"):
        assert refused(world[name], path, {"note": "x"})["type"].endswith(":role-missing")
    assert alerts(world, acknowledged=True) == [seen.body]
    assert len(alerts(world, acknowledged=False)) == len(items) - 1

    # A repaid loan is told as a fall, and nothing of what was told changes.
    payoff = world["bank"].get(f"/v1/loans/{loan}").body["payoff"]["total"]
    world.cash("supplier", "1000.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": payoff})
    world.later(DAY)
    after = told(world, rises("borrower", "clear"))
    assert after[0] == seen.body
    assert after[1 : len(items)] == items[1:]
    fall = next(item for item in after if rises("borrower", "clear")(item))
    assert (fall["fromLevel"], fall["signals"]) == ("alarm", [])
    assert f"late-loan:loan:{loan}" in [signal["id"] for signal in fall["ended"]]


def borrower_product(items: list[Json]) -> int:
    """The product whose level rose."""
    (number,) = [item["productId"] for item in items if item["subject"] == "product"]
    return int(number)


@pytest.fixture
def unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain that may still undo its newest blocks, assessed each minute."""
    monkeypatch.setenv("CESSION_FINALITY", "50")
    monkeypatch.setenv("CESSION_WATCH_MINUTES", "1")


@pytest.mark.usefixtures("unsure")
def test_reorganisation_that_undoes_a_dispute_is_told_as_a_fall(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00", days=200)
    drawn(world, facility, claim, "500.00")
    world.later(120)
    # The buyer disputes with a transaction of its own, which nobody sends again.
    account = world["auditor"].get(f"/v1/parties/{world.parties['buyer']}").body["account"]
    contracts = world.server.gateway.contracts
    data = contracts.encode("Receivables", "dispute", [receivable, "0x" + "ab" * 32])
    head = int(world.server.node.ask("eth_blockNumber"), 16)
    sent_by(world, account, contracts.address("Receivables"), data)
    world.later(120)
    before = told(world, rises("borrower", "warning"))
    rise = next(item for item in before if rises("borrower", "warning")(item))
    assert rise["began"] == [f"dispute:receivable:{receivable}"]

    depth = int(world.server.node.ask("eth_blockNumber"), 16) - head
    world.server.node.ask("anvil_reorg", depth, [])
    world.later(120)
    caught_up(world)
    after = told(world, rises("borrower", "clear"))
    fall = next(item for item in after if rises("borrower", "clear")(item))
    assert fall["afterReorganisation"] is True
    assert [signal["id"] for signal in fall["ended"]] == rise["began"]
    stood = next(item for item in after if item["id"] == rise["id"])
    assert stood["block"]["undone"] is True
    rise["block"]["undone"] = True
    assert stood == rise, "what was told stands, but for its block"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?after=-1", "after"),
        ("?after=9223372036854775808", "after"),
        ("?limit=201", "limit"),
        ("?minLevel=red", "minLevel"),
        ("?subject=loan", "subject"),
        ("?productId=0", "productId"),
        ("?acknowledged=perhaps", "acknowledged"),
        ("?partyId=nobody", "partyId"),
        ("?lenderPartyId=nobody", "lenderPartyId"),
        ("/0", "alertId"),
        ("/one", "alertId"),
    ],
)
def test_bad_parameters_are_refused_by_name(world: World, query: str, field: str) -> None:
    answer = world.http.get(PATH + query, headers=world["auditor"].headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert answer.json()["fix"]


@pytest.mark.parametrize(
    "body", [{}, {"note": ""}, {"note": "x" * 2001}, {"note": 7}, {"note": "a\u202eb"}]
)
def test_note_of_an_acknowledgement_is_a_text_of_some_length(world: World, body: Json) -> None:
    problem = refused(world["bank"], f"{PATH}/999999/acknowledgement", body)
    assert (problem["status"], problem["field"]) == (422, "note")


def test_unknown_alert_is_not_found(world: World) -> None:
    for name in ("bank", "auditor"):
        answer = world.http.get(f"{PATH}/999999", headers=world[name].headers)
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "urn:cession:problem:alert-unknown",
        )
    problem = refused(world["bank"], f"{PATH}/999999/acknowledgement", {"note": "x"})
    assert problem["type"] == "urn:cession:problem:alert-unknown"


def test_levels_come_as_tables_too(world: World) -> None:
    loan = lent(world)[1]
    for path in ("borrowers", "debtors", "products", "portfolio"):
        url = f"/v1/watch/{path}?format="
        csv = world.http.get(url + "csv", headers=world["bank"].headers)
        assert csv.headers["content-type"].startswith("text/csv")
        assert f"watch-{path}-block-" in csv.headers["content-disposition"]
        head = csv.text.lstrip("\ufeff").splitlines()[0]
        assert head == "name,level,loans,currency,principal,raised,nextStep,signals"
        book = world.http.get(url + "xlsx", headers=world["bank"].headers)
        assert book.content.startswith(b"PK")
        answer = world.http.get(url + "svg", headers=world["bank"].headers)
        assert (answer.status_code, answer.json()["field"]) == (422, "format")
    items = world["bank"].get("/v1/watch/borrowers", limit=200).body["items"]
    assert any(loan in item["loanIds"] for item in items)
    rows = world["bank"].text("/v1/watch/borrowers", format="csv", limit=200)
    for item in items:
        assert item["party"]["name"].split(",")[0] in rows
