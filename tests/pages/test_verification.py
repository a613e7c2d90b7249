"""A bank verifies in a real browser: by number, by QR code, by disclosed documents."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.support.desk import Desk


def test_bank_verifies_a_claim_and_scans_its_code(desk: Desk, tmp_path: Path) -> None:
    receivable, claim = desk.world.confirmed(amount="4321.00")
    page = desk.signed_in("bank")
    page.get_by_role("link", name="Verify").click()
    page.get_by_label("Number, or the address in a code").fill(str(claim))
    page.get_by_role("button", name="Verify", exact=True).click()
    page.get_by_text("Every check holds").wait_for()
    cards = page.locator(".cards h2")
    expect(cards).to_have_count(8)
    titles = cards.all_inner_texts()
    assert [title.split()[0] for title in titles] == [
        *("Documents", "Issue", "Confirmation", "Holder"),
        *("Liens", "Disputes", "Payments", "Registration"),
    ]
    page.get_by_text("The debtor signed these terms").click()
    expect(page.get_by_text("Signed digest")).to_be_visible()
    signed = page.locator("details", has_text="The debtor signed these terms")
    assert desk.world["buyer"].get("/v1/parties/me").body["name"] in signed.inner_text()
    desk.check_accessibility(page)
    code = tmp_path / "code.png"
    page.locator(".share img").screenshot(path=code, scale="css")
    page.goto("/app/verify")
    page.locator("#scan").set_input_files(code)
    page.wait_for_url(f"**/app/verify?**{claim}**")
    page.get_by_text("Every check holds").wait_for()
    desk.world["buyer"].command(f"/v1/receivables/{receivable}/dispute", {"statement": "cracked"})
    page.reload()
    expect(page.get_by_text("Not every check holds")).to_be_visible()
    disputes = page.locator(".cards section", has=page.get_by_role("heading", name="Disputes"))
    assert "does not hold" in disputes.inner_text()


def test_bank_verifies_disclosed_documents(desk: Desk, tmp_path: Path) -> None:
    receivable, claim = desk.world.confirmed(amount="88.00")
    supplier = desk.world["supplier"]
    stored = supplier.get(f"/v1/receivables/{receivable}").body["document"]["documentId"]
    pack = supplier.post(
        f"/v1/documents/{stored}/disclosure", {"fields": ["payableAmount", "currency"]}
    ).body
    file = tmp_path / "pack.json"
    file.write_text(json.dumps(pack))
    page = desk.signed_in("bank", language="zh-CN", width=360, dark=True)
    page.goto("/app/verify")
    desk.check_width(page)
    desk.check_accessibility(page)
    page.locator("#pack").set_input_files(file)
    page.locator("#claimId").fill(str(claim))
    page.get_by_role("button", name="核验单据").click()
    page.get_by_text("全部核验成立").wait_for()
    assert "88.00" in page.locator("main").inner_text()
    pack["fields"][0]["value"] = "99.00"
    file.write_text(json.dumps(pack))
    page.goto("/app/verify")
    page.locator("#pack").set_input_files(file)
    page.get_by_role("button", name="核验单据").click()
    page.get_by_text("并非全部核验成立").wait_for()
    file.write_text("{nonsense")
    page.goto("/app/verify")
    page.locator("#pack").set_input_files(file)
    page.get_by_role("button", name="核验单据").click()
    page.get_by_text("该文件不是披露字段包").wait_for()
