"""Findings through the API: what fires on real documents, and who sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.crosschecks import (
    PATH,
    backdated,
    copied,
    decided,
    filed,
    findings,
    grouped,
    lines,
    one_of,
    stored_twice,
)
from tests.support.world import World, caught_up, cny, refused

VIEWERS = ("bank", "platform", "auditor", "operator", "regulator")
OTHERS = ("supplier", "buyer", "rater", "warehouse", "registrar", "cash-issuer", "first-appraiser")


def test_several_kinds_fire_on_documents_and_ledger_and_honest_trade_does_not(
    own_world: World,
) -> None:
    world = own_world
    honest, _ = filed(world, "V-1", "2345.67", by="vega", lines=lines("paint", "2345.67"))
    (first, claim), (second, _) = copied(world)
    old = backdated(world)
    lots = stored_twice(world)
    usual = ("101.00", "112.10", "123.50", "134.90", "148.30", "160.70")
    for at, amount in enumerate(usual):
        filed(world, f"A-{at}", amount, by="altair", lines=lines(f"sand {at}", amount))
    large, large_claim = filed(
        world, "A-9", "9876.54", by="altair", lines=lines("resin", "9876.54")
    )
    for number, holder, amount in ((claim, "supplier", "50.00"), (large_claim, "altair", "50.00")):
        world.assigned(number, "bank", amount, by=holder)
    related, _ = filed(world, "C-1", "3210.98", by="castor", lines=lines("moulds", "3210.98"))
    assert not [i for i in findings(world) if i["kind"] == "common-control"]
    for name in ("castor", "buyer"):
        grouped(world, name, 9)

    items = findings(world)
    copy = one_of(items, "duplicate-invoice", first)
    assert copy["receivableIds"] == [first, second]
    assert (copy["status"], copy["lasts"], copy["explained"], copy["changed"]) == (
        *("open", True, False, False),
    )
    assert "Linghu Castings Co., Ltd. to Donghai Motors Co., Ltd." in copy["reason"]
    assert "party:" not in copy["reason"]
    assert {party["name"] for party in copy["parties"]} == {
        "Linghu Castings Co., Ltd.",
        "Donghai Motors Co., Ltd.",
    }
    assert {f"receivable:{first}", f"receivable:{second}"} <= set(copy["evidence"])
    assert copy["weight"] > 800_000

    date = one_of(items, "impossible-date", old)
    assert "days before its order" in date["reason"]
    assert any(entry.startswith("order:") for entry in date["evidence"])
    assert one_of(items, "unusual-amount", large)["receivableIds"] == [large]
    control = one_of(items, "common-control", related)
    assert "group:9 controls both" in control["reason"]
    (goods,) = [item for item in items if item["kind"] == "goods-counted-twice"]
    assert (goods["lotIds"], goods["receivableIds"]) == (sorted(lots), [])

    assert not [item for item in items if honest in item["receivableIds"]], "honest trade"
    weights = [item["weight"] for item in items]
    assert weights == sorted(weights, reverse=True)

    body = world["auditor"].get(PATH, limit=200).body
    assert {"tax", "register", "splits"} <= {entry["check"] for entry in body["leftOut"]}
    assert body["asOf"]["blockHash"].startswith("0x")
    _filters_hold(world, items, first)
    _pages_hold(world, items)
    _lasts_over_blocks(world, copy, control)


def _filters_hold(world: World, items: list[Json], receivable: int) -> None:
    def ids(**query: Any) -> list[str]:
        return [item["id"] for item in findings(world, **query)]

    def of(**query: Any) -> list[str]:
        (name, value) = next(iter(query.items()))
        return [item["id"] for item in items if item[name] == value]

    assert ids(kind="common-control") == of(kind="common-control") != []
    assert ids(kind="tax-mismatch") == []
    assert ids(minWeight=900_000) == [i["id"] for i in items if i["weight"] >= 900_000]
    assert ids(receivableId=receivable) == [
        item["id"] for item in items if receivable in item["receivableIds"]
    ]
    lot = next(item["lotIds"][0] for item in items if item["lotIds"])
    assert ids(lotId=lot) == [item["id"] for item in items if lot in item["lotIds"]]
    party = world.parties["pollux"]
    assert ids(partyId=party) == [
        item["id"] for item in items if party in [each["partyId"] for each in item["parties"]]
    ]
    assert ids(status="open") == [item["id"] for item in items]
    assert ids(status="dismissed") == []
    assert set(ids(explained=True)) >= {item["id"] for item in items}


def _pages_hold(world: World, items: list[Json]) -> None:
    pages = [
        world["auditor"].get(PATH, limit=2, offset=offset).body["items"]
        for offset in range(0, len(items), 2)
    ]
    assert [item["id"] for page in pages for item in page] == [item["id"] for item in items]
    assert world["auditor"].get(PATH, offset=len(items)).body["items"] == []


def _lasts_over_blocks(world: World, copy: Json, control: Json) -> None:
    """Further trade changes what is known of a finding, and not its name."""
    filed(world, "C-2", "6543.21", by="castor", lines=lines("other moulds", "6543.21"))
    items = findings(world)
    assert copy["id"] in {item["id"] for item in items}
    (grown,) = [item for item in items if item["id"] == control["id"]]
    assert len(grown["receivableIds"]) == len(control["receivableIds"]) + 1


@pytest.fixture
def limited_world(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[World]:
    """A gateway that knows the limit of a review."""
    request.getfixturevalue("prepared")
    monkeypatch.setenv("CESSION_REVIEW_LIMIT", "10000.00 CNY")
    yield request.getfixturevalue("own_world")


def test_invoices_split_below_the_limit_are_reported_where_the_limit_is_known(
    limited_world: World,
) -> None:
    world = limited_world
    parts = [
        filed(world, f"S-{at}", amount, lines=lines("frames", amount))[0]
        for at, amount in enumerate(("9100.10", "9310.20", "9540.30", "9780.40"))
    ]
    whole, _ = filed(world, "S-9", "4000.50", by="vega", lines=lines("paint", "4000.50"))
    items = findings(world)
    split = one_of(items, "split-invoice", parts[0])
    assert split["receivableIds"] == parts
    assert "10000.00" in split["reason"]
    assert not [item for item in items if whole in item["receivableIds"]]


def test_lender_sees_what_touches_what_it_holds_or_is_asked_to_buy(own_world: World) -> None:
    world = own_world
    (first, claim), (second, other) = copied(world)
    old = backdated(world)
    copy = one_of(findings(world), "duplicate-invoice", first)
    path = f"{PATH}/{copy['id']}"
    for name in ("bank", "second-bank"):
        assert findings(world, name) == []
        assert world.http.get(path, headers=world[name].headers).status_code == 404
        decision = {"decision": "dismissed", "reason": "not ours"}
        assert refused(world[name], f"{path}/decisions", decision)["status"] == 404

    world.assigned(other, "bank", "50.00")
    assert [item["id"] for item in findings(world, "bank")] == [copy["id"]]
    assert findings(world, "second-bank") == []
    body = {"claimId": claim, "value": cny("100.00"), "price": cny("97.00")}
    offer = world["second-bank"].post("/v1/offers", body).body["id"]
    assert [item["id"] for item in findings(world, "second-bank")] == [copy["id"]]
    assert world["second-bank"].get(path).body["finding"]["receivableIds"] == [first, second]
    world["second-bank"].delete(f"/v1/offers/{offer}")
    caught_up(world)
    assert findings(world, "second-bank") == []
    assert one_of(findings(world, "regulator"), "impossible-date", old)


def test_only_lenders_and_those_who_see_all_read_findings(world: World) -> None:
    for path in (PATH, f"{PATH}/{'0' * 32}"):
        for name in VIEWERS:
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == (200 if path == PATH else 404), f"{name}: {answer.text}"
        for name in OTHERS:
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == 403, f"{name}: {answer.text[:200]}"
            assert answer.json()["type"] == "urn:cession:problem:role-missing"
        assert world.http.get(path).status_code == 401
    body = {"decision": "dismissed", "reason": "no"}
    for name in OTHERS:
        assert refused(world[name], f"{PATH}/{'0' * 32}/decisions", body)["status"] == 403
    for name in VIEWERS:
        problem = refused(world[name], f"{PATH}/{'0' * 32}/decisions", body)
        assert (problem["status"], problem["type"]) == (404, "urn:cession:problem:finding-unknown")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=theft", "kind"),
        ("minWeight=1000001", "minWeight"),
        ("minWeight=-1", "minWeight"),
        ("status=closed", "status"),
        ("partyId=nobody", "partyId"),
        ("receivableId=0", "receivableId"),
        ("limit=201", "limit"),
        ("offset=-1", "offset"),
    ],
)
def test_bad_filters_are_refused_by_name(world: World, query: str, field: str) -> None:
    answer = world.http.get(f"{PATH}?{query}", headers=world["auditor"].headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert answer.json()["fix"]


def test_verification_counts_open_findings_for_those_who_may_see_them(own_world: World) -> None:
    world = own_world
    (first, claim), _ = copied(world)
    _, honest = filed(world, "V-1", "2345.67", by="vega", lines=lines("paint", "2345.67"))
    copy = one_of(findings(world), "duplicate-invoice", first)

    def counted(name: str, number: int = claim) -> Json | None:
        view: Json | None = world[name].get(f"/v1/verification/claims/{number}").body["findings"]
        return view

    for name in ("bank", "auditor", "operator", "regulator"):
        view = counted(name)
        assert view is not None
        assert view["open"] == 1
        assert view["asOf"]["blockHash"].startswith("0x")
    assert counted("supplier") is None
    clean = counted("bank", honest)
    assert clean is not None
    assert clean["open"] == 0
    decided(world, copy, "dismissed", by="auditor")
    view = counted("bank")
    assert view is not None
    assert view["open"] == 0


def test_invoices_that_nobody_owes_hide_no_copy(own_world: World) -> None:
    world = own_world
    (first, claim), (second, _) = (
        filed(world, number, "4321.17") for number in ("INV-7731", "LC-20418")
    )
    before = one_of(findings(world), "duplicate-invoice", first)
    for at, lot in enumerate(("steel", "steel", "steel", "sand", "sand", "sand")):
        filed(world, f"D-{at}", "4321.17", confirm=False, lines=lines(f"{lot} {at}", "4321.17"))
    third, _ = filed(world, "ZZ-9", "4321.17", confirm=False)
    items = findings(world, receivableId=first)
    copy = next(item for item in items if item["receivableIds"] == [first, second])
    assert (copy["id"], copy["weight"]) == (before["id"], before["weight"])
    verified = world["bank"].get(f"/v1/verification/claims/{claim}").body
    assert verified["findings"]["open"] >= 1
    suspected = next(item for item in findings(world) if third in item["receivableIds"])
    assert suspected["reason"].endswith("the buyer has not confirmed ZZ-9.")
    assert "the buyer has not confirmed" not in copy["reason"]
