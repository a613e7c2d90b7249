"""Valuations through the API: from an appraiser's files to a price on the ledger."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from app.domain.csv_rows import TableInvalid
from app.goods.prices.valuation_files import read_sales
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.goods import issued
from tests.support.prices import confirmation
from tests.support.world import World, refused

GOODS = {"sku": "06901234567892", "grade": "A356.2", "unit": "KGM"}
SALES = "reference,date,kind,quantity,unit,price,currency"
MOVES = "sequence,movementId,lotNumber,date,kind,quantity,unit"


def sales_of(*rows: str) -> bytes:
    """A file of sales."""
    return "\n".join((SALES, *rows)).encode()


def steady(*, units: str = "10", price: str = "18.50", days: int = 90) -> bytes:
    """Sold every day up to yesterday, at one price."""
    return sales_of(*(f"S{n},{day(-n)},sale,{units},KGM,{price},CNY" for n in range(1, days + 1)))


def stock_of(*rows: str) -> bytes:
    """A movement file of these goods."""
    return "\n".join((MOVES, *rows)).encode()


def mostly_sold() -> bytes:
    """Movements of a lot of which two thirds left nine days ago."""
    return stock_of(f"1,m1,L1,{day(-95)},received,1200,KGM", f"2,m2,L1,{day(-9)},released,800,KGM")


def valued(
    world: World,
    sales: bytes,
    *,
    by: str = "first-appraiser",
    movements: bytes | None = None,
    post: bool = False,
    **form: Any,
) -> httpx.Response:
    """Requests a valuation and waits for it."""
    files = {"sales": ("sales.csv", sales, "text/csv")}
    if movements is not None:
        files["movements"] = ("moves.csv", movements, "text/csv")
    own = {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    data = {**GOODS, "currency": "CNY", **form}
    return world.http.post(
        "/v1/valuations",
        params={"post": "true"} if post else {},
        files=files,
        data={name: value for name, value in data.items() if value is not None},
        headers=world[by].headers | own,
    )


def test_valuation_explains_and_prices_goods_of_warehouse_receipts(own_world: World) -> None:
    world = own_world
    _, receipt = issued(world)
    listing = {"goods": [GOODS], "currency": "CNY", "maxJump": 50_000}
    world["operator"].command("/v1/price-items", listing | {"maxAgeSeconds": 30 * 86_400})
    answer = valued(world, steady(), movements=mostly_sold())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["value"], body["grade"], body["haircut"]) == ("18.5", "A", 500_000)
    assert (body["asOfDate"], body["operation"]) == (day(-1), None)
    figures = {figure["name"]: figure for figure in body["figures"]}
    assert figures["days_of_stock"]["inputs"]["stock"] == 400_000
    assert {"formula", "rule", "unit"} <= set(figures["gap"])
    assert world["bank"].get("/v1/prices").body["items"] == []

    posted = valued(world, steady(), movements=mostly_sold(), post=True).json()
    assert posted["operation"]["state"] in ("included", "final"), posted
    assert posted["evidence"] == body["evidence"]
    named = confirmation(world, item=posted["item"])
    world["second-appraiser"].command("/v1/prices/confirmations", named)
    (row, _) = world["bank"].get("/v1/prices", item=posted["item"]).body["items"]
    assert (row["price"], row["haircut"], row["inForce"]) == ("18.5", 500_000, True)
    assert (row["evidence"], row["validUntil"]) == (body["evidence"], body["price"]["validUntil"])
    checks = world["bank"].get(f"/v1/verification/warehouse-receipts/{receipt}").body["checks"]
    assert all(check["holds"] for check in checks), checks

    path = f"/v1/valuations/{body['evidence']}"
    for name, status in (
        *(("first-appraiser", 200), ("auditor", 200), ("regulator", 200)),
        *(("second-appraiser", 404), ("bank", 404), ("supplier", 404)),
    ):
        reply = world.http.get(path, headers=world[name].headers)
        assert reply.status_code == status, f"{name}: {reply.text[:200]}"
    assert world["auditor"].get(path).body["figures"] == body["figures"]
    # The same valuation again is no newer price.
    again = valued(world, steady(), movements=mostly_sold(), post=True)
    assert "PriceNotNewer" in again.text


def test_grade_of_a_valuation_falls_with_its_age(world: World) -> None:
    now = valued(world, steady(days=120), asOf=day(-1)).json()
    then = valued(world, sales_of(*steady(days=120).decode().splitlines()[16:]), asOf=day(-16))
    assert then.status_code == 201, then.text
    # C for want of any stock; a step is fourteen days.
    assert (now["grade"], now["price"]["haircut"]) == ("C", 650_000)
    assert (then.json()["grade"], then.json()["price"]["haircut"]) == ("C", 750_000)
    old = valued(world, sales_of(f"S,{day(-400)},sale,1,KGM,5.00,CNY"), asOf=day(-400))
    assert (old.status_code, old.json()["field"]) == (422, "asOf"), old.text


def test_post_is_refused_for_today_and_for_unlisted_goods(
    world: World,
) -> None:
    answer = valued(world, steady(), asOf=day(0), post=True)
    assert (answer.status_code, answer.json()["field"]) == (422, "asOf"), answer.text
    assert valued(world, steady(), asOf=day(0)).status_code == 201
    assert valued(world, steady(), asOf=day(5)).status_code == 422
    answer = valued(world, steady(), sku="never listed", post=True)
    assert "ItemUnknown" in answer.text


def test_valuation_is_refused_for_all_but_appraisers(world: World) -> None:
    for name in ("bank", "supplier", "operator", "auditor", "warehouse", "rater"):
        assert valued(world, steady(), by=name).status_code == 403, name


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("S,2026-03-01,sale,0,KGM,1.00,CNY", "quantity"),
        ("S,2026-03-01,sale,-1,KGM,1.00,CNY", "quantity"),
        ("S,2026-03-01,sale,1,H87,1.00,CNY", "unit"),
        ("S,2026-03-01,sale,1,KGM,0,CNY", "price"),
        ("S,2026-03-01,sale,1,KGM,-1,CNY", "price"),
        ("S,2026-03-01,sale,1,KGM,1e3,CNY", "price"),
        ("S,2026-03-01,sale,1,KGM,0.000000000001,CNY", "price"),
        ("S,2026-03-01,sale,1,KGM,999999999999999999,CNY", "price"),
        ("S,2026-03-01,sale,1,KGM,1.00,XXX", "currency"),
        ("S,2026-03-01,gift,1,KGM,1.00,CNY", "kind"),
        ("S,March,sale,1,KGM,1.00,CNY", "date"),
        (",2026-03-01,sale,1,KGM,1.00,CNY", "reference"),
        ("S\u200b,2026-03-01,sale,1,KGM,1.00,CNY", "reference"),
    ],
)
def test_invalid_sale_is_named_by_its_line(row: str, field: str) -> None:
    with pytest.raises(TableInvalid) as caught:
        read_sales(sales_of("OK,2026-03-01,sale,1,KGM,1.00,CNY", row), unit="KGM")
    assert [(finding.line, finding.field) for finding in caught.value.findings] == [(3, field)]


@pytest.mark.parametrize(
    ("sales", "movements", "form", "field", "line"),
    [
        (sales_of(f"S,{day(-2)},sale,1,KGM,1.00,USD"), None, {}, "sales", 2),
        (sales_of(f"S,{day(3)},sale,1,KGM,1.00,CNY"), None, {}, "sales", 2),
        (sales_of(*[f"S,{day(-2)},sale,1,KGM,1.00,CNY"] * 2), None, {}, "sales", 3),
        (sales_of(f"S,{day(-2)},return,1,KGM,1.00,CNY"), None, {}, "sales", None),
        (sales_of(f"S,{day(-300)},sale,1,KGM,1.00,CNY"), None, {}, "sales", None),
        (b"", None, {}, "sales", 1),
        (SALES.encode(), None, {}, "sales", 0),
        (steady().decode().encode("utf-16"), None, {}, "sales", 1),
        (steady(), b"nothing", {}, "movements", 1),
        (
            steady(),
            stock_of(f"1,a,L,{day(-9)},received,1,H87"),
            {},
            "movements",
            2,
        ),
        (steady(), stock_of(f"1,a,L,{day(-9)},released,1,KGM"), {}, "movements", None),
        (steady(), stock_of(f"1,a,L,{day(4)},received,1,KGM"), {}, "movements", 2),
        (steady(), None, {"unit": "kilo"}, "unit", None),
        (steady(), None, {"currency": "ZZZ"}, "currency", None),
        (steady(), None, {"grade": "é" * 9}, "goods.grade", None),
        (steady(), None, {"sku": ""}, "sku", None),
        (steady(), None, {"asOf": "soon"}, "asOf", None),
    ],
)
def test_files_are_refused_when_they_contradict_each_other(
    world: World,
    sales: bytes,
    movements: bytes | None,
    form: Json,
    field: str,
    line: int | None,
) -> None:
    answer = valued(world, sales, movements=movements, **form)
    problem = answer.json()
    assert (answer.status_code, problem["field"]) == (422, field), problem
    if line is not None:
        assert problem["errors"][0]["line"] == line, problem


def test_a_listing_takes_goods_by_name(world: World) -> None:
    guards = {"currency": "CNY", "maxJump": 1, "maxAgeSeconds": 60}
    for name in ("warehouse", "first-appraiser", "bank"):
        problem = refused(world[name], "/v1/price-items", guards | {"goods": [GOODS]})
        assert problem["status"] == 403
    assert refused(world["operator"], "/v1/price-items", guards)["field"] == "items"
    bad = guards | {"goods": [GOODS | {"grade": "é" * 9}]}
    assert refused(world["operator"], "/v1/price-items", bad)["field"] == "goods.0.grade"
