"""Holidays of the catalogue are on the ledger from the start, and due days move past them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from app import embedded
from app.domain.calendar import date_of, day_at
from app.places import CATALOGUE
from tests.support.days import ledger_today
from tests.support.lending import agreed_facility, drawn, product
from tests.support.served import served_world
from tests.support.world import World, cny

DAY = datetime.timedelta(days=1)


def today_of(world: World) -> datetime.date:
    """The ledger's day of the newest block."""
    block = world.server.node.ask("eth_getBlockByNumber", "latest", False)
    return date_of(day_at(int(block["timestamp"], 16)))


@pytest.fixture
def closed_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A gateway with holidays 30 to 32 days from today, which lends by business days."""
    catalogue = yaml.safe_load(CATALOGUE.read_text())
    today = ledger_today()
    catalogue["calendar"] = {
        "first": today.isoformat(),
        "last": (today + 70 * DAY).isoformat(),
        "weekends": False,
        "holidays": [(today + days * DAY).isoformat() for days in (30, 31, 32)],
    }
    (row,) = [item for item in catalogue["products"] if item["code"] == "receivables-finance"]
    row["business_days"] = True
    path = tmp_path / "products.yaml"
    path.write_text(yaml.safe_dump(catalogue, sort_keys=False))
    (tmp_path / "rules").symlink_to(CATALOGUE.parent / "rules")
    monkeypatch.setattr(embedded, "CATALOGUE", path)
    with served_world(tmp_path / "gateway") as world:
        world.cash("bank", "10000.00")
        yield world


def test_due_day_on_a_holiday_moves_with_its_interest(closed_world: World) -> None:
    world = closed_world
    assert product(world, "receivables-finance")["businessDays"] is True
    today = today_of(world)
    facility = agreed_facility(world)
    for tenor, due, interest in ((29, 29, "5.80"), (30, 33, "6.60"), (33, 33, "6.60")):
        _, claim = world.confirmed(amount="2000.00")
        loan = drawn(world, facility, claim, "1000.00", tenor=tenor)
        (instalment,) = world["supplier"].get(f"/v1/loans/{loan}").body["schedule"]
        assert instalment["date"] == (today + due * DAY).isoformat()
        assert instalment["interest"] == cny(interest)
