"""History is complete by token, loan, order and campaign, up to any past day."""

from __future__ import annotations

import datetime

import pytest

from tests.support.bodies import Json
from tests.support.histories import PATH, names
from tests.support.lending import agreed_facility, attested, drawn, ordered
from tests.support.world import World, caught_up, cny

AHEAD = datetime.timedelta(hours=8)  # the ledger's day, of UTC
ONE_DAY = datetime.timedelta(days=1)


def problem(world: World, query: str, *, by: str = "auditor", status: int = 422) -> Json:
    answer = world.http.get(PATH + query, headers=world[by].headers)
    assert answer.status_code == status, answer.text
    history: Json = answer.json()
    return history


def test_history_of_a_claim_has_its_loan_lien_and_dispute(world: World) -> None:
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00")
    part = world.assigned(claim, "castor", "10.00")
    loan = drawn(world, facility, claim, "500.00")
    world["bank"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    reason = {"statement": "the castings have cracks"}
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute", reason)
    event_names = names(world, claim=claim)
    needed = ["ReceivableConfirmed", "Assigned", "Encumbered", "LoanDrawn", "LoanRepaid"]
    needed += ["LoanEnded", "Released", "ReceivableDisputed"]
    assert [item for item in needed if item not in event_names] == []
    whole = names(world, receivable=receivable)
    assert [item for item in needed if item not in whole] == []
    assert names(world, by="bank", claim=claim) == event_names
    # The debtor and another holder read the debt's story without the loan of others.
    for other in ("buyer", "castor"):
        event_names = names(world, by=other, claim=claim)
        assert "ReceivableDisputed" in event_names
        assert [item for item in event_names if item.startswith("Loan")] == []
    of_part = names(world, claim=part)
    assert "ReceivableDisputed" in of_part
    assert "LoanDrawn" in of_part, "drawn on its ancestor"


def test_history_of_a_loan_has_its_collateral_while_it_was_collateral(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "500.00")
    event_names = names(world, by="bank", loan=loan)
    assert event_names.count("LoanDrawn") == 1
    assert "Encumbered" in event_names
    assert "ReceivableConfirmed" not in event_names, "before the draw"
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    world.assigned(claim, "castor", "10.00")
    event_names = names(world, by="supplier", loan=loan)
    assert "Released" in event_names
    assert "Assigned" not in event_names, "after the last cent"
    assert names(world, by="bank", facility=facility).count("LoanDrawn") == 1
    assert "FacilityAgreed" in names(world, facility=facility)
    for name, query in (("castor", f"?loan={loan}"), ("buyer", f"?facility={facility}")):
        assert "unknown" in problem(world, query, by=name, status=404)["type"]


def test_history_of_an_order_has_its_loan_and_its_conversion(world: World) -> None:
    attested(world)
    facility = agreed_facility(world, "order-finance")
    order = ordered(world)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    loan = drawn(world, facility, order, "300.00")
    event_names = names(world, by="bank", order=order)
    assert event_names[:2] == ["OrderRequested", "OrderConfirmed"]
    assert {"OrderEncumbered", "LoanDrawn"} <= set(event_names)
    assert "OrderEncumbered" in names(world, loan=loan)
    problem(world, f"?order={order}", by="castor", status=404)


def test_filters_narrow_each_other(world: World) -> None:
    receivable, claim = world.confirmed()
    other, _ = world.confirmed()
    assert names(world, receivable=other, claim=claim) == []
    history = names(world, receivable=receivable, claim=claim, event="ReceivableConfirmed")
    assert history == ["ReceivableConfirmed"]
    buyer = world.parties["buyer"]
    event_names = names(world, receivable=receivable, party=buyer)
    assert event_names
    assert len(event_names) < len(names(world, receivable=receivable))


@pytest.mark.parametrize(
    ("query", "field", "fix"),
    [
        ("?contract=Receivable", "contract", "did you mean Receivables?"),
        ("?event=ReceivableConfirmd", "event", "did you mean ReceivableConfirmed?"),
        ("?contract=Campaigns&event=ReceivableConfirmed", "event", None),
        ("?fromBlock=5&fromDate=2026-01-01", "fromDate", "give one of fromBlock, fromDate"),
        ("?toBlock=5&asOf=2026-01-01", "asOf", "give one of toBlock, asOf"),
        ("?fromBlock=9&toBlock=8", "fromBlock", "begin at the last block or before it"),
        ("?asOf=2001-01-01", "asOf", "give a later day"),
        ("?asOf=2999-01-01", "asOf", "give an earlier day, or leave asOf out for the present"),
        ("?fromDate=2999-01-01", "fromDate", "give today or an earlier day"),
        ("?asOf=20260101", "asOf", None),
    ],
)
def test_history_refuses_a_filter_that_no_event_can_match(
    world: World, query: str, field: str, fix: str | None
) -> None:
    history = problem(world, query)
    assert history["field"] == field
    assert fix is None or history["fix"] == fix


def test_a_block_that_does_not_exist_is_refused(world: World) -> None:
    receivable, _ = world.confirmed()
    for path, field in (
        (f"{PATH}?toBlock=99999999", "toBlock"),
        (f"{PATH}?fromBlock=99999999", "fromBlock"),
        (f"{PATH}/receivables/{receivable}/balances?block=99999999", "block"),
    ):
        answer = world.http.get(path, headers=world["auditor"].headers)
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "urn:cession:problem:block-unknown"
        assert answer.json()["field"] == field
    path = f"{PATH}/receivables/{receivable}/balances"
    for query in ("", "?block=5&asOf=2026-01-01"):
        answer = world.http.get(path + query, headers=world["auditor"].headers)
        assert (answer.status_code, answer.json()["field"]) == (422, "asOf")


def test_a_past_day_is_its_last_block_in_the_ledgers_time_zone(own_world: World) -> None:
    """The ledger's midnight is eight hours before that of UTC: two days here, one day there."""
    world = own_world
    receivable, claim = world.confirmed()
    head = world.server.node.ask("eth_getBlockByNumber", "latest", False)
    confirmed_at = datetime.datetime.fromtimestamp(int(head["timestamp"], 16), datetime.UTC)
    day = (confirmed_at + AHEAD).date()
    midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC) + ONE_DAY - AHEAD
    until_after = midnight + datetime.timedelta(minutes=30) - confirmed_at
    world.later(int(until_after.total_seconds()))
    world.assigned(claim, "castor", "10.00")
    caught_up(world)
    path = f"{PATH}/receivables/{receivable}/balances"
    then = world["auditor"].get(path, asOf=day.isoformat()).body
    (held,) = then["claims"]
    assert (held["claimId"], held["value"]) == (claim, cny("1000.00"))
    assert held["owner"]["name"] == "Linghu Castings Co., Ltd."
    assert (then["status"], then["principalPaid"]) == ("confirmed", cny("0.00"))
    assert datetime.datetime.fromisoformat(then["asOf"]["at"]) < midnight
    assert then == world["auditor"].get(path, block=then["asOf"]["blockNumber"]).body
    body = world["auditor"].get(PATH, receivable=receivable, asOf=day.isoformat()).body
    assert body["asOf"] == then["asOf"]
    assert "Assigned" not in [item["event"] for item in body["items"]]
    tomorrow = (day + ONE_DAY).isoformat()
    later = world["auditor"].get(PATH, receivable=receivable, fromDate=tomorrow).body
    assert "Assigned" in [item["event"] for item in later["items"]]
    assert "ReceivableConfirmed" not in [item["event"] for item in later["items"]]
    answer = world.http.get(
        PATH, params={"receivable": receivable, "format": "csv"}, headers=world["auditor"].headers
    )
    assert f"-{tomorrow}.csv" in answer.headers["content-disposition"]
    answer = world.http.get(f"{path}?asOf={tomorrow}", headers=world["auditor"].headers)
    assert answer.json()["detail"] == f"asOf is {tomorrow}; that day is not over on the ledger"


def test_history_begins_with_the_newest_where_that_is_asked(world: World) -> None:
    receivable, claim = world.confirmed()
    world.assigned(claim, "castor", "1.00")
    auditor = world["auditor"]
    oldest = auditor.get(PATH, receivable=receivable, limit=1000).body["items"]
    newest = list(auditor.pages(PATH, receivable=receivable, sort="newest", limit=2))
    assert len(newest) > 1
    turned = [item for page in newest for item in page["items"]]
    assert turned == oldest[::-1]
    exact = auditor.get(PATH, receivable=receivable, limit=len(oldest)).body
    assert exact["nextCursor"] is None, "nothing follows"


def test_history_of_a_transaction_and_of_a_block_is_what_the_caller_may_read(world: World) -> None:
    receivable, _ = world.confirmed()
    event = world["auditor"].get(PATH, receivable=receivable).body["items"][0]
    digest = event["transactionHash"]
    history = world["auditor"].get(PATH, transaction=digest.upper().replace("0X", "0x")).body
    assert event in history["items"]
    assert {item["transactionHash"] for item in history["items"]} == {digest}
    number = event["blockNumber"]
    block = world["auditor"].get(PATH, fromBlock=number, toBlock=number).body["items"]
    assert {item["blockNumber"] for item in block} == {number}
    assert world["castor"].get(PATH, transaction=digest).body["items"] == []
    assert event in world["supplier"].get(PATH, transaction=digest).body["items"]
    assert problem(world, "?transaction=0x12")["field"] == "transaction"


def test_page_of_json_has_a_lower_bound_than_a_file(world: World) -> None:
    assert problem(world, "?limit=1001")["field"] == "limit"
    assert problem(world, "?limit=10001&format=csv")["field"] == "limit"
    assert world["auditor"].text(PATH, limit=10_000, format="csv")
