"""What people and machines do wrong: two tabs, large files, a chain that stops, odd names."""

from __future__ import annotations

import secrets
from pathlib import Path

from playwright.sync_api import Page, expect

from app.chain.nodes.engines import RunningNode
from tests.support.desk import Desk, finished
from tests.support.halting import halted
from tests.support.world import cny

HOSTILE = 'شركة النور <b>&amp;</b> "Sons" {name}'


def _assign(page: Page, claim: int, amount: str) -> None:
    page.goto(f"/app/claims/{claim}/assignments")
    page.get_by_label("Recipient of part 1").select_option("Castor Moulds Co., Ltd.")
    page.get_by_label("Amount of part 1").fill(amount)


def test_second_tab_is_refused_and_keeps_what_was_typed(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    first = desk.signed_in("supplier")
    second = first.context.new_page()
    _assign(first, claim, "700.00")
    _assign(second, claim, "800.00")
    first.get_by_role("button", name="Assign the parts").click()
    finished(first)
    second.get_by_role("button", name="Assign the parts").click()
    second.get_by_role("alert").wait_for()
    assert second.get_by_label("Amount of part 1").input_value() == "800.00"
    value = desk.world["supplier"].get(f"/v1/claims/{claim}").body["value"]
    assert value["amount"] == "300.00"


def test_file_of_thirty_megabytes_is_refused_before_and_after_it_is_sent(
    desk: Desk, tmp_path: Path
) -> None:
    large = tmp_path / "large.xml"
    large.write_bytes(b"<x>" + b" " * 30_000_000)
    page = desk.signed_in("supplier")
    page.goto("/app/documents/new")
    page.locator("#file").set_input_files(large)
    assert "large.xml" in page.locator("[data-progress]").inner_text()
    page.get_by_role("button", name="Upload", exact=True).click()
    assert page.url.endswith(page.evaluate("location.pathname + location.search"))
    assert desk.world["supplier"].get("/v1/documents").body["items"] is not None
    page.goto("/app/documents")
    assert "large.xml" not in page.locator("main").inner_text()


def test_chain_that_stops_while_a_page_waits_loses_nothing(desk: Desk) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    node = desk.world.server.node
    assert isinstance(node, RunningNode)
    page = desk.signed_in("supplier")
    _assign(page, claim, "250.00")
    with halted(node.process_id):
        page.get_by_role("button", name="Assign the parts").click(no_wait_after=True)
        page.wait_for_timeout(3000)
    page.wait_for_url("**/app/operations/*", timeout=90_000)
    page.locator("#operation .badge", has_text="final").first.wait_for(timeout=90_000)
    value = desk.world["supplier"].get(f"/v1/claims/{claim}").body["value"]
    assert value["amount"] == "750.00"


def test_names_with_markup_and_from_right_to_left_are_only_text(desk: Desk) -> None:
    world = desk.world
    number = f"9133{secrets.randbelow(10**10):010d}"
    party = world["registrar"].command(
        "/v1/parties",
        {
            "name": HOSTILE,
            "legalId": {"scheme": "LOCAL", "value": number},
            "roles": ["supplier"],
        },
    )
    identifier = party.body["party"]["id"]
    _, claim = world.confirmed(amount="100.00")
    world["supplier"].command(
        f"/v1/claims/{claim}/assignments",
        {"parts": [{"toPartyId": identifier, "amount": cny("40.00")}]},
    )
    page = desk.signed_in("supplier")
    page.goto(
        f"/app/claims?receivableId={world['supplier'].get(f'/v1/claims/{claim}').body['receivableId']}&underMyLien=false&burned=false&columns=claim,owner"
    )
    page.goto(f"/app/claims/{claim}/assignments")
    expect(page.locator("option", has_text="شركة النور")).not_to_have_count(0)
    expect(page.locator("main b")).to_have_count(0)
    page.goto(f"/app/search?q={'شركة'}")
    expect(page.locator("main b")).to_have_count(0)
    desk.check_accessibility(page)
