"""Court orders and holds in a real browser: one regulator issues, another one executes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.slices.conftest import kill
from tests.support.desk import Desk, press
from tests.support.served import served_world
from tests.support.wallets import location_number
from tests.support.world import World

DAY = 86_400
HASH = "0x" + "cd" * 32


@pytest.fixture(scope="module")
def world(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway of its own: an order waits for a day, so the clock moves."""
    folder = shutil.copytree(prepared, tmp_path_factory.mktemp("court") / "gateway")
    with served_world(Path(folder)) as world:
        yield world
        kill(world)


def issued(world: World, **order: object) -> int:
    """An order of the first regulator; its number."""
    body = {"orderHash": HASH} | order
    done = world["regulator"].command("/v1/orders-of-court", body).body
    return int(done["result"]["events"][0]["arguments"]["orderId"])


def registered(world: World, name: str) -> str:
    """A party that no other test uses; its id."""
    body = {
        "name": name,
        "legalId": {"scheme": "0088", "value": location_number()},
        "roles": ["supplier"],
    }
    return str(world["registrar"].command("/v1/parties", body).body["party"]["id"])


def main(page: Page) -> str:
    """What the page says once it is loaded."""
    page.wait_for_load_state()
    return page.locator("main").inner_text()


def test_another_regulator_executes_what_it_has_seen(desk: Desk) -> None:
    world = desk.world
    receivable, claim = world.confirmed()
    world.assigned(claim, "castor", "100.00")
    first = desk.signed_in("regulator")
    first.goto("/app/court/new")
    first.get_by_role("link", name="Move claims that a party holds").click()
    first.get_by_label("From", exact=True).select_option(world.parties["castor"])
    first.get_by_label("Receivable").fill(str(receivable))
    first.get_by_label("Amount").fill("150.00")
    first.get_by_label("To", exact=True).select_option(world.parties["buyer"])
    first.get_by_label("Hash of the court's document").fill(HASH)
    press(first, "Issue the order")
    first.goto("/app")
    waits = first.get_by_role("link", name="Court orders that wait")
    assert waits.locator("strong").inner_text() == "1"
    waits.click()
    first.get_by_role("link", name="Court order 1").click()
    assert "You issued it, so another regulator executes it." in main(first)
    expect(first.get_by_role("link", name="Execute the order")).to_have_count(0)

    second = desk.signed_in("second-regulator")
    second.goto("/app/court/1")
    assert "can execute it from" in main(second)
    expect(second.get_by_role("link", name="Execute the order")).to_have_count(0)
    world.later(DAY)
    second.reload()
    desk.check_accessibility(second)
    second.get_by_role("link", name="Execute the order").click()
    castor, buyer = (
        world["auditor"].get(f"/v1/parties/{world.parties[name]}").body["name"]
        for name in ("castor", "buyer")
    )
    words = f"{buyer} receives CN¥150.00 of what {castor} then holds of receivable {receivable}."
    assert words in main(second) and "This cannot be undone." in main(second)
    # What a regulator has not seen it does not execute: a part was taken after the look.
    world["second-regulator"].command("/v1/orders-of-court/1/execution", {"left": 150_00})
    second.get_by_role("button", name="Execute the order").click()
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("a part of the order was executed since")
    assert "CN¥50.00 is still to be taken" in main(second)
    world.assigned(claim, "castor", "60.00")
    press(second, "Execute the order")
    second.goto("/app/court/1")
    assert "executed" in main(second) and "Executed by" in main(second)
    expect(second.get_by_role("link", name="Cancel the order")).to_have_count(0)


def test_regulator_holds_a_party_and_another_one_confirms(desk: Desk) -> None:
    world = desk.world
    party = registered(world, "Rigel Forging")
    first = desk.signed_in("regulator")
    first.goto("/app/court/holds/new")
    first.get_by_label("Party", exact=True).select_option(party)
    first.get_by_label("Hash of the court's document").fill(HASH)
    press(first, "Hold the party")
    row = first.locator("tbody tr", has_text="Rigel Forging")
    assert "held, waits for another regulator" in row.inner_text()
    expect(row.get_by_role("link", name="End the hold of Rigel Forging")).to_have_count(1)
    expect(row.get_by_role("link", name="Confirm the hold")).to_have_count(0)

    number = issued(world, kind="freeze", partyId=party)
    second = desk.signed_in("second-regulator")
    second.goto("/app")
    second.get_by_role("link", name="Holds that no second regulator has confirmed").click()
    second.get_by_role("link", name="Confirm the hold of Rigel Forging").click()
    assert "Rigel Forging is frozen: it can neither move nor receive" in main(second)
    second.get_by_label("For the order").select_option(str(number))
    press(second, "Confirm the hold")
    assert "held for an order" in second.locator("tbody tr", has_text="Rigel").inner_text()
    second.goto(f"/app/court/{number}")
    assert "Rigel Forging" in second.get_by_role("region", name="Holds for").inner_text()
    second.get_by_role("link", name="Object to the order").click()
    press(second, "Cancel the order")
    second.goto(f"/app/court/{number}")
    assert "You objected." in main(second)
    first.goto(f"/app/court/{number}/cancellation")
    press(first, "Cancel the order")
    ended = world["auditor"].get("/v1/holds", limit=200).body["items"]
    assert [x["inForce"] for x in ended if x["partyId"] == party] == [False]


def test_who_only_reads_sees_the_order_in_chinese_and_no_command(desk: Desk) -> None:
    number = issued(desk.world, kind="freeze", partyId=desk.world.parties["pollux"])
    auditor = desk.signed_in("auditor", language="zh-CN", width=360, dark=True)
    for path in ("/app/court/holds", f"/app/court/{number}"):
        auditor.goto(path)
        expect(auditor.locator("main .btn-primary, main a[href*='/holds/']")).to_have_count(0)
        desk.check_width(auditor)
        desk.check_accessibility(auditor)
    supplier = desk.signed_in("supplier")
    answer = supplier.goto("/app/court")
    assert answer is not None and answer.status == 403
    expect(supplier.locator("nav.menu a[href='/app/court']")).to_have_count(0)
