"""Lists of receivables and claims: filters, orders, cursors and counts over HTTP."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.world import World, cny, invoice

#: The mark of their numbers, receivables and claims, and the ledger's day.
Filed = tuple[str, list[tuple[int, int]], datetime.date]
AMOUNTS = ("310.00", "305.50", "320.25", "305.50", "300.01")


def _filed(world: World, mark: str) -> list[tuple[int, int]]:
    """Confirmed debts whose numbers begin with a mark: receivables and claims."""
    pairs = []
    for place, amount in enumerate(AMOUNTS):
        terms: Json = {"number": f"{mark}-{place}", "amount": amount, "days": 40 + place % 3}
        document = world.upload(invoice(**terms))
        filed = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
        receivable = filed.body["result"]["receivableId"]
        confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
        pairs.append((receivable, confirmed.body["result"]["claimIds"][0]))
    return pairs


def _walked(world: World, name: str, path: str, **query: Any) -> list[Json]:
    items: list[Json] = []
    cursor: Json = {}
    while True:
        page = world[name].get(path, limit=2, **query, **cursor).body
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        cursor = {"cursor": page["nextCursor"]}


@pytest.fixture(scope="module")
def filed(world: World) -> Filed:
    mark, today = f"LIST{secrets.token_hex(4)}", ledger_today()
    return mark, _filed(world, mark), today


@pytest.mark.parametrize("path", ["/v1/receivables", "/v1/claims"])
@pytest.mark.parametrize(
    "sort", ["newest", "oldest", "due-soonest", "due-latest", "largest", "smallest"]
)
def test_pages_of_two_are_the_whole_list_in_its_order(
    world: World, filed: Filed, path: str, sort: str
) -> None:
    mark, pairs, _ = filed
    items = _walked(world, "supplier", path, text=mark.lower(), sort=sort, currency="CNY")
    money = "value" if path == "/v1/claims" else "faceAmount"
    keys = [(item["dueDate"], float(item[money]["amount"]), item["id"]) for item in items]
    numbers = {pair[1 if path == "/v1/claims" else 0] for pair in pairs}
    assert {item["id"] for item in items} == numbers
    assert len(items) == len(numbers)
    place = {"due": 0, "lar": 1, "sma": 1}.get(sort[:3], 2)
    descending = sort in ("newest", "due-latest", "largest")
    assert keys == sorted(keys, key=lambda key: (key[place], key[2]), reverse=descending)


@pytest.mark.parametrize("path", ["/v1/receivables", "/v1/claims"])
def test_filters_hold_together_and_the_count_is_of_all_pages(
    world: World, filed: Filed, path: str
) -> None:
    mark, pairs, today = filed
    day = today + datetime.timedelta(days=40)
    last = (day + datetime.timedelta(days=1)).isoformat()
    query: Json = {
        "text": mark,
        "status": "confirmed",
        "currency": "CNY",
        "amountFrom": "305.50",
        "amountTo": "320.24",
        "debtorPartyId": world.parties["buyer"],
        "dueTo": last,
        "total": True,
        "limit": 1,
    }
    place = 1 if path == "/v1/claims" else 0
    page = world["supplier"].get(path, **query).body
    assert page["total"] == {"count": 3, "more": False}
    assert page["items"][0]["id"] == pairs[3][place]
    assert "total" not in world["supplier"].get(path, text=mark).body
    query["dueFrom"] = last
    page = world["supplier"].get(path, **query).body
    assert [item["id"] for item in page["items"]] == [pairs[1][place]]
    query |= {"status": "settled"}
    assert world["supplier"].get(path, **query).body["items"] == []


def test_unpaid_debts_are_those_of_which_something_is_owed(world: World) -> None:
    first, _ = world.confirmed(amount="20.00", days=33)
    second, _ = world.confirmed(amount="30.00", days=32)
    waiting = world.requested(amount="40.00", days=32)
    world.cash("buyer", "25.00")

    def owed(by: str) -> set[int]:
        query = {"unpaid": True, "debtorPartyId": world.parties["buyer"], "limit": 200}
        return {item["id"] for item in world[by].get("/v1/receivables", **query).body["items"]}

    for by in ("buyer", "supplier", "auditor"):
        assert {first, second, waiting} & owed(by) == {first, second}, by
    world["buyer"].command(f"/v1/receivables/{first}/payments", {"amount": cny("20.00")})
    world["buyer"].command(f"/v1/receivables/{second}/payments", {"amount": cny("5.00")})
    assert {first, second, waiting} & owed("buyer") == {second}
    assert not {first, second} & owed("pollux"), "it is on no side of them"


def test_an_invoices_number_finds_nothing_for_a_holder_or_a_stranger(
    world: World, filed: Filed
) -> None:
    mark, pairs, _ = filed
    world.assigned(pairs[0][1], "castor", "5.00")
    assert world["castor"].get("/v1/receivables", limit=200).body["items"] != []
    for name in ("castor", "pollux"):
        for path in ("/v1/receivables", "/v1/claims"):
            assert world[name].get(path, text=mark).body["items"] == [], name
    for name in ("buyer", "auditor"):
        assert len(world[name].get("/v1/receivables", text=mark).body["items"]) == len(pairs)


def test_a_cursor_stays_right_while_newer_items_come(world: World) -> None:
    mark = f"GROW{secrets.token_hex(4)}"
    first = _filed(world, mark)
    page = world["supplier"].get("/v1/claims", text=mark, sort="due-soonest", limit=3).body
    _filed(world, mark + "B")
    rest = world["supplier"].get(
        "/v1/claims", text=mark, sort="due-soonest", limit=100, cursor=page["nextCursor"]
    )
    seen = [item["id"] for item in (*page["items"], *rest.body["items"])]
    assert len(seen) == len(set(seen))
    assert {claim for _, claim in first} <= set(seen)


@pytest.mark.parametrize("path", ["/v1/receivables", "/v1/claims"])
@pytest.mark.parametrize(
    ("query", "field", "name"),
    [
        ("sort=largest", "currency", "currency-missing"),
        ("amountFrom=1.00", "currency", "currency-missing"),
        ("amountFrom=1.001&currency=CNY", "amountFrom", "amount-invalid"),
        ("amountTo=-1.00&currency=CNY", "amountTo", "amount-out-of-range"),
        ("currency=XXX", "currency", "currency-unknown"),
        ("sort=due-soonest&cursor=5", "cursor", "cursor-invalid"),
        ("cursor=5.5", "cursor", "cursor-invalid"),
        ("cursor=9999999999999999999", "cursor", "cursor-invalid"),
        ("cursor=x", "cursor", "bad-input"),
        ("sort=cheapest", "sort", "bad-input"),
        ("text=-", "text", "bad-input"),
        ("text=a", "text", "bad-input"),
        ("debtorPartyId=nobody", "debtorPartyId", "party-unknown"),
    ],
)
def test_a_wrong_filter_is_refused_by_name(
    world: World, path: str, query: str, field: str, name: str
) -> None:
    answer = world.http.get(f"{path}?{query}", headers=world["auditor"].headers)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert (problem["field"], problem["type"]) == (field, f"urn:cession:problem:{name}")
    assert problem["fix"] or name == "bad-input"


def test_a_claim_says_when_its_debt_is_due(world: World) -> None:
    receivable, claim = world.confirmed(days=33)
    due = world["buyer"].get(f"/v1/receivables/{receivable}").body["dueDate"]
    assert world["buyer"].get(f"/v1/claims/{claim}").body["dueDate"] == due
    part = world.assigned(claim, "castor", "10.00")
    body = world["castor"].get(f"/v1/claims/{part}").body
    assert (body["dueDate"], body["value"]) == (due, cny("10.00"))
