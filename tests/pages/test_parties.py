"""The directory of parties in a real browser: the registrar registers, changes and gives keys."""

from __future__ import annotations

import secrets

from playwright.sync_api import Page, expect

from tests.support.desk import Desk
from tests.support.wallets import location_number


def main(page: Page) -> str:
    return page.locator("main").inner_text()


def press(page: Page, button: str) -> None:
    """Sends the form, and waits for the page that says what became of it."""
    place = page.url
    page.get_by_role("button", name=button).click()
    page.wait_for_url(lambda url: url != place)


def test_registrar_registers_a_party_and_gives_it_a_key_once(desk: Desk) -> None:
    name, number = f"Alhena {secrets.token_hex(3)}", location_number()
    page = desk.signed_in("registrar")
    page.goto("/app/parties/new")
    page.get_by_label("Legal name").fill(name)
    page.get_by_label("Kind of the legal id").fill("USCC")
    page.get_by_label("Legal id", exact=True).fill(number)
    page.get_by_label("Supplier").check()
    page.get_by_label("Last day of validity").fill("2040-01-31")
    page.get_by_role("button", name="Register the party").click()
    assert page.locator("#legalId-value-fault").inner_text()
    expect(page.get_by_label("Supplier")).to_be_checked()
    page.get_by_label("Kind of the legal id").fill("0088")
    press(page, "Register the party")

    page.goto(f"/app/parties?name={name[:9]}&role=supplier")
    page.get_by_role("link", name=name).click()
    shown = main(page)
    assert "valid" in shown and f"0088 {number}" in shown and "It has no key yet." in shown
    until = desk.world["auditor"].get("/v1/parties", name=name).body["items"][0]["validUntil"]
    zone = desk.world.server.gateway.zone_offset
    assert (int(until) + zone) % 86_400 == 0, "the whole of the last day counts"

    page.get_by_role("link", name="Change the roles").click()
    expect(page.get_by_label("Supplier")).to_be_checked()
    expect(page.get_by_label("Buyer")).not_to_be_checked()
    page.get_by_label("Buyer").check()
    press(page, "Change the roles")

    page.goto(f"/app/parties?name={name}&role=buyer")
    page.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Make an API key").click()
    page.get_by_label("Label").fill("erp")
    page.get_by_label("Buyer").check()
    page.get_by_role("button", name="Make the key").click()
    key = page.locator("dd code").last.inner_text()
    assert "It is shown this once." in main(page) and "It works at once." in main(page)
    desk.check_accessibility(page)
    caller = desk.world.http.get("/v1/caller", headers={"X-API-Key": key}).json()
    assert (caller["roles"], caller["label"]) == (["buyer"], "erp")
    page.go_back()
    page.wait_for_url("**/app/parties/*")
    assert key not in page.content() and "active" in main(page)
    page.get_by_role("link", name="Revoke the key erp").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.locator("tbody tr", has_text="erp")).to_contain_text("revoked")
    answer = desk.world.http.get("/v1/caller", headers={"X-API-Key": key})
    assert answer.status_code == 401


def test_who_only_reads_sees_a_party_in_chinese_and_no_command(desk: Desk) -> None:
    party = desk.world.parties["supplier"]
    page = desk.signed_in("auditor", language="zh-CN", width=360, dark=True)
    for path in ("/app/parties?role=supplier", f"/app/parties/{party}"):
        page.goto(path)
        expect(page.locator("main .btn-primary, main a[href$='/roles']")).to_have_count(0)
        expect(page.locator("main a[href*='/keys']")).to_have_count(0)
        desk.check_width(page)
        desk.check_accessibility(page)
    assert "Linghu Castings Co., Ltd." in main(page)
    page.goto(f"/app/parties/{party}/roles")
    page.locator("main form button.btn-primary").click()
    expect(page.get_by_role("alert")).to_be_visible()
