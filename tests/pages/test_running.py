"""What runs, in a real browser: health, the queue, relay accounts, keys, and who saw what."""

from __future__ import annotations

import secrets
import time
from functools import partial

from playwright.sync_api import expect

from app.gateway.callers import add_key
from tests.support.desk import Desk


def test_operator_sees_health_relays_and_keys(desk: Desk) -> None:
    desk.world.confirmed(amount="10.00")
    page = desk.signed_in("operator")
    page.get_by_role("link", name="Health", exact=True).click()
    relays = desk.world["operator"].get("/v1/relay-accounts").body["items"]
    table = page.locator("section", has=page.get_by_role("heading", name="Relay accounts"))
    works = page.get_by_text("the gateway can do its work")
    own = page.locator("section", has=page.get_by_role("heading", name="Own work"))
    webhooks = own.locator("tbody tr", has_text="Webhooks").get_by_text("works")
    shown = (works, webhooks, table.locator("tbody tr"))
    page.wait_for_load_state()
    end = time.monotonic() + 60
    # On a busy machine a check may fail, or the chain not answer in time, in one look.
    while not all(part.count() for part in shown) and time.monotonic() < end:
        page.wait_for_timeout(500)
        page.reload()
    expect(works).to_be_visible()
    expect(table.locator("tbody tr")).to_have_count(len(relays))
    checks = page.locator("section", has=page.get_by_role("heading", name="Checks"))
    chain = checks.locator("tbody tr", has_text="The node answers").inner_text()
    assert "holds" in chain
    assert "None" not in checks.inner_text(), "a figure that is not there is not shown"
    expect(webhooks).to_be_visible()
    desk.check_accessibility(page)
    newest = partial(add_key, roles=["supplier"], label=f"erp-{secrets.token_hex(4)}")
    supplier = desk.world.parties["supplier"]
    desk.world.server.gateway.storage.write_now(partial(newest, party_id=supplier))
    page.get_by_role("link", name="API keys").click()
    rows = page.locator("tbody tr", has_text="Linghu Castings Co., Ltd.")
    expect(rows.filter(has_text="active")).not_to_have_count(0)
    page.get_by_role("textbox", name="Label").fill("nobody's")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.goto(f"/app/running/keys?partyId={supplier}&sessions=false")
    expect(rows).not_to_have_count(0)
    expect(page.locator("tbody tr").filter(has_not_text="Linghu Castings")).to_have_count(0)
    desk.check_accessibility(page)
    for key in desk.world.callers.values():
        assert key.api_key not in page.content(), "a list of keys shows no key"


def test_owner_sees_in_chinese_who_saw_its_document(desk: Desk) -> None:
    receivable, _ = desk.world.confirmed(amount="20.00")
    stored = desk.world["supplier"].get(f"/v1/receivables/{receivable}").body["document"]
    desk.world["auditor"].get(f"/v1/documents/{stored['documentId']}")
    page = desk.signed_in("supplier", language="zh-CN", width=360, dark=True)
    page.goto(f"/app/running/access?subjectId={stored['documentId']}")
    assert "auditor" in page.locator("tbody tr").first.inner_text()
    desk.check_width(page)
    desk.check_accessibility(page)
    page.goto("/app/running/keys")
    expect(page.locator("tbody tr")).not_to_have_count(0)
    desk.check_width(page)
    desk.check_accessibility(page)


def test_health_in_chinese_fits_a_narrow_page(desk: Desk) -> None:
    page = desk.signed_in("auditor", language="zh-CN", width=360)
    page.goto("/app/running")
    assert page.get_by_role("heading", level=1).inner_text() == "运行状况"
    desk.check_width(page)
    desk.check_accessibility(page)
