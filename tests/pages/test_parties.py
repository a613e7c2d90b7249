"""The directory of parties in a real browser: the registrar registers, changes and gives keys."""

from __future__ import annotations

import secrets
import time

from playwright.sync_api import Page, expect
from sqlalchemy import Connection

from app.domain.persons import WALLET_LABEL
from app.gateway.callers import add_key
from tests.pages.test_sessions import visitor
from tests.support.desk import Desk, press
from tests.support.names import body
from tests.support.visitor import Visitor, value_of
from tests.support.wallets import location_number

__all__ = ["visitor"]


def main(page: Page) -> str:
    """What the page says once it is loaded."""
    page.wait_for_load_state()
    return page.locator("main").inner_text()


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
    page.locator("dd code").last.wait_for()
    page.wait_for_load_state()  # until then another may be the last one
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


def test_registrar_sees_and_revokes_a_key_behind_hundreds_of_others(visitor: Visitor) -> None:
    """Sign-ins and revoked keys hide none."""
    world = visitor.world
    added = world["registrar"].command("/v1/parties", body(f"Khambalia {secrets.token_hex(3)}"))
    party = added.body["party"]["id"]
    path = f"/v1/parties/{party}/api-keys"
    new_key = world["registrar"].post(path, {"roles": ["supplier"], "label": "hidden"}).body

    def fill(connection: Connection) -> None:
        for place in range(230):
            label, end = (WALLET_LABEL, time.time() + 60) if place % 2 else (f"old-{place}", 1.0)
            add_key(connection, roles=["supplier"], label=label, party_id=party, expires_at=end)
        for place in range(210):
            add_key(connection, roles=["supplier"], label=f"new-{place}", party_id=party)

    world.server.gateway.storage.write_now(fill)
    visitor.sign_in("registrar")
    page = visitor.http.get(f"/app/parties/{party}").text
    assert f'href="/app/parties/{party}/keys/hidden/revocation"' in page
    assert "new-0" in page
    assert "old-0" in page
    assert WALLET_LABEL not in page
    path = f"/app/parties/{party}/keys/hidden/revocation"
    form = visitor.http.get(path, follow_redirects=True).text
    sent = {name: value_of(form, name) or "" for name in ("_key", "keyId")}
    assert sent["keyId"] == new_key["id"]
    assert visitor.post(path, sent, token=visitor.token("/app")).status_code == 303
    answer = world.http.get("/v1/caller", headers={"X-API-Key": new_key["apiKey"]})
    assert answer.status_code == 401


def test_pages_of_keys_tell_parties_of_similar_names_apart(visitor: Visitor) -> None:
    world, name = visitor.world, f"Deneb {secrets.token_hex(3)} Mill"
    parties = [
        world["registrar"].command("/v1/parties", body(each)).body["party"]
        for each in (name, name.replace("e", "\u0435"))
    ]
    party, account = parties[0]["id"], parties[0]["account"]
    key = {"roles": ["supplier"], "label": "erp"}
    world["registrar"].post(f"/v1/parties/{party}/api-keys", key)
    visitor.sign_in("registrar")
    new, revocation = (f"/app/parties/{party}/keys/{end}" for end in ("new", "erp/revocation"))
    for path in (new, revocation):
        assert account in visitor.http.get(path, follow_redirects=True).text.split("<h1")[1], path
    sent = {"_key": secrets.token_hex(8), "label": "desk", "roles.supplier": "true"}
    key_page = visitor.post(new, sent, token=visitor.token("/app")).text
    assert "ck_" in key_page
    assert account in key_page.split("<h1")[1]


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
