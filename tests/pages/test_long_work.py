"""Work and choices that stand behind many newer items are shown all the same."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from functools import partial

import pytest

from app.domain.calendar import day_at
from app.pages import waiting
from app.storage import insert_many, run
from app.storage.tables.goods import prices
from app.storage.tables.parties import parties_directory
from tests.support.lending import agreed_facility, ordered
from tests.support.long_lists import Book, clear, fill
from tests.support.prices import confirmation, listed
from tests.support.registry import revoked
from tests.support.rows import row
from tests.support.visitor import Visitor
from tests.support.world import World

MANY = 205
_FIRST = 7_000_000_000  # numbers behind all of the chain


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The overview reads one item a page."""
    monkeypatch.setattr(waiting, "_LIMIT", 1)


def account(world: World, name: str) -> str:
    answer = world.http.get("/v1/caller", headers=world[name].headers)
    return str(answer.json()["account"]).lower()


def book(world: World, *, first: int, count: int, debtor: str, holder: str, days_ago: int) -> Book:
    gateway = world.server.gateway
    return Book(
        first=first,
        count=count,
        seller=account(world, "castor"),
        debtor=account(world, debtor),
        holder=account(world, holder),
        currency=gateway.token_of("CNY"),
        today=day_at(gateway.earliest(0), zone_offset=gateway.zone_offset) - days_ago,
    )


def seen(world: World, name: str, path: str) -> str:
    with Visitor(world) as visitor:
        entered = visitor.sign_in(name)
        assert entered.status_code == 303, entered.text
        answer = visitor.http.get(path, follow_redirects=True)
    assert answer.status_code == 200, answer.headers
    return answer.text


@pytest.mark.usefixtures("short_pages")
def test_work_behind_newer_items_that_are_done_is_listed(world: World) -> None:
    marks, party = secrets.token_hex(3), world.parties["altair"]
    path = f"/v1/parties/{party}/api-keys"
    made = [
        world["registrar"].post(path, {"roles": ["supplier"], "label": f"{marks}-{label}"}).body
        for label in ("waits", "done")
    ]
    world["operator"].post(f"{path}/{marks}-done/confirmation", {"keyId": made[1]["id"]})
    newest = world["operator"].get("/v1/api-keys", limit=1).body["items"][0]
    assert newest["state"] != "waiting"
    assert "API keys that wait for a second person" in seen(world, "operator", "/app")
    revoked(world, party, f"{marks}-waits")


@pytest.mark.usefixtures("short_pages")
def test_an_order_to_confirm_stands_behind_newer_ones(world: World) -> None:
    old, new = ordered(world), ordered(world)
    world["buyer"].command(f"/v1/orders/{new}/rejection", {"reason": "not ours"})
    page = seen(world, "buyer", "/app")
    assert "Orders to confirm or reject" in page
    assert 'href="/app/orders?status=requested"' in page
    shown = seen(world, "buyer", "/app/orders?status=requested")
    assert f'href="/app/orders/{old}"' in shown
    assert f'href="/app/orders/{new}"' not in shown
    world["buyer"].command(f"/v1/orders/{old}/rejection", {"reason": "not ours"})
    assert "Orders to confirm or reject" not in seen(world, "buyer", "/app")


@pytest.fixture
def debts(world: World) -> Iterator[None]:
    """Overdue debts of a buyer, and newer ones that are not due."""
    books = [
        book(world, first=_FIRST, count=20, debtor="buyer", holder="castor", days_ago=900),
        book(world, first=_FIRST + 20, count=20, debtor="buyer", holder="castor", days_ago=-1),
    ]
    fill(world.server.gateway.storage, books)
    yield
    clear(world.server.gateway.storage, books)


@pytest.mark.usefixtures("short_pages", "debts")
def test_overdue_debts_stand_behind_newer_ones(world: World) -> None:
    assert "Debts that are overdue" in seen(world, "buyer", "/app")


@pytest.fixture
def many_parties(world: World) -> Iterator[None]:
    """More parties than a page has, before all others in the directory."""
    gateway = world.server.gateway
    rows = [
        row(
            parties_directory,
            id=(number := f"00000000-0000-7000-8000-{place:012x}"),
            name=f"Party {place}",
            legal_id_scheme="0088",
            legal_id_encrypted=gateway.sealer.seal(number.encode(), about=number),
            account=f"0x{place:040x}",
            identity_hash=f"0x{place:064x}",
        )
        for place in range(1, MANY)
    ]
    storage = gateway.storage
    storage.write_now(partial(insert_many, table=parties_directory, rows=rows))
    yield
    query = "DELETE FROM parties_directory WHERE id < ?"
    storage.write_now(lambda c: run(c, query, ("00000000-0000-7000-9",)))


@pytest.mark.usefixtures("many_parties")
def test_a_warehouse_behind_a_page_of_parties_can_be_chosen(world: World) -> None:
    assert f'value="{world.parties["warehouse"]}"' in seen(
        world, "operator", "/app/breakers/liens/stop"
    )


@pytest.fixture
def many_prices(world: World) -> Iterator[None]:
    """A price in force of one item, and then a page of prices of another one."""
    listed(world, "GBP")
    new = {"item": "GBP", "currency": "CNY", "price": "9.1", "haircut": 20_000, "validHours": 96}
    world["first-appraiser"].command("/v1/prices", {"prices": [new]})
    confirmed = confirmation(world, item="GBP")
    world["second-appraiser"].command("/v1/prices/confirmations", confirmed)
    rows = [
        row(prices, position=2**62 + number, item="0x" + "cd" * 32, currency="CNY", value=1)
        for number in range(MANY)
    ]
    storage = world.server.gateway.storage
    storage.write_now(partial(insert_many, table=prices, rows=rows))
    yield
    query = "DELETE FROM prices WHERE position >= ?"
    storage.write_now(lambda c: run(c, query, (2**62,)))


@pytest.mark.usefixtures("many_prices")
def test_a_price_in_force_stands_behind_many_of_other_goods(world: World) -> None:
    items = world["bank"].get("/v1/prices", newest=True, limit=200).body["items"]
    assert [item["item"] for item in items].count("0x" + "cd" * 32) == 1
    assert [item["price"] for item in items if item["item"] == "GBP"] == ["9.1"]
    page = seen(world, "bank", "/app/prices")
    (line,) = re.findall(r"<tr>(?:(?!</tr>).)*item=GBP.*?</tr>", page, re.DOTALL)
    assert "9.1" in line
    assert "no price in force" not in line


@pytest.fixture
def many_liens(world: World) -> Iterator[None]:
    """A page of claims of a supplier that are larger than its free one, all under lien."""
    filled = book(world, first=_FIRST, count=MANY, debtor="buyer", holder="supplier", days_ago=-1)
    storage = world.server.gateway.storage
    fill(storage, [filled])
    query = "UPDATE claims SET lienholder = ?, value = value + 1000000000 WHERE claim_id >= ?"
    holder = account(world, "second-bank")
    storage.write_now(lambda c: run(c, query, (holder, _FIRST)))
    yield
    clear(storage, [filled])


@pytest.mark.usefixtures("many_liens")
def test_a_free_claim_behind_many_under_lien_may_secure_a_draw(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="900000.00", days=200)
    page = seen(world, "supplier", f"/app/facilities/{facility}/draws")
    assert f'<option value="{claim}">' in page
    assert f'<option value="{_FIRST}">' not in page
