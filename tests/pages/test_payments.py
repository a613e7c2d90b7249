"""Payments outside the ledger in a real browser: a bank's file is read, recorded and reversed."""

from __future__ import annotations

import uuid
from pathlib import Path

from tests.support.bank_entries import loan_of, on_day
from tests.support.bank_files import entry, notification, uploaded
from tests.support.desk import Desk, finished, says
from tests.support.lending import agreed_facility, drawn, lent
from tests.support.world import cny


def test_lender_uploads_a_notification_records_and_reverses(desk: Desk, tmp_path: Path) -> None:
    _, loan, _ = lent(desk.world)
    mark, day = uuid.uuid4().hex[:20], loan_of(desk.world, loan)["startDate"]
    entries = (
        on_day(entry("120.00", reference=mark, remittance=f"LOAN-{loan}"), day),
        on_day(entry("5.00", reference=mark + "b", remittance="no loan named"), day),
    )
    file = tmp_path / "camt.xml"
    file.write_bytes(notification(*entries))
    page = desk.signed_in("bank")
    page.goto("/app/bank-entries")
    page.get_by_role("link", name="Upload a notification").click()
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="2 payments were stored").wait_for()
    says(page, "names no loan")
    desk.check_accessibility(page)
    page.get_by_role("link", name=mark, exact=True).click()
    says(page, "CN¥120.00")
    desk.check_accessibility(page)
    page.get_by_role("link", name="Record the repayment").click()
    page.get_by_role("button", name="Record").click()
    finished(page)
    assert loan_of(desk.world, loan)["outstanding"] == cny("380.00")
    page.goto("/app/bank-entries")
    row = page.locator("tbody tr", has=page.get_by_role("link", name=f"Loan {loan}")).first
    assert "recorded" in row.inner_text()
    desk.check_accessibility(page)
    row.get_by_role("link", name="Payment").click()
    page.get_by_role("link", name="Reverse the repayment").click()
    page.get_by_label("Reason").fill("returned by the bank, AC04")
    page.get_by_role("button", name="Reverse").click()
    finished(page)
    assert loan_of(desk.world, loan)["outstanding"] == cny("500.00")
    file.write_text("<nonsense")
    page.goto("/app/bank-entries/new")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("alert").wait_for()


def test_the_oldest_of_very_many_entries_has_its_page(desk: Desk) -> None:
    mark = uuid.uuid4().hex[:16]
    entries = (entry(f"{number}.00", reference=f"{mark}-{number}") for number in range(1, 206))
    items = uploaded(desk.world, notification(*entries))["items"]
    oldest = next(item for item in items if item["reference"] == f"{mark}-1")
    page = desk.signed_in("bank")
    page.goto(f"/app/bank-entries/{oldest['id']}")
    assert page.get_by_role("heading", level=1).inner_text() == f"Payment {mark}-1"
    page.goto(f"/app/bank-entries/{uuid.uuid4()}")
    assert "there is no entry" in page.locator("main").inner_text()


def test_pay_out_file_names_each_loan_once(desk: Desk) -> None:
    facility = agreed_facility(desk.world)
    _, claim = desk.world.confirmed(amount="1000.00", days=200)
    loan = drawn(desk.world, facility, claim, "500.00")
    page = desk.signed_in("bank", language="zh-CN", width=360, dark=True)
    page.goto("/app/bank-entries")
    desk.check_width(page)
    desk.check_accessibility(page)
    page.get_by_role("link", name="生成放款文件").click()
    desk.check_width(page)
    desk.check_accessibility(page)
    today = loan_of(desk.world, loan)["startDate"]
    page.locator("#account").fill("110105000000001")
    page.locator("#executionDate").fill(today)
    page.locator("#payOuts-0-account").fill("330106000000002")
    page.locator("#payOuts-0-loanId").fill(str(loan))
    with page.expect_download() as saved:
        page.locator("form[data-once] button.btn-primary").click()
    assert saved.value.suggested_filename.endswith(".xml")
    assert "pain.001" in saved.value.path().read_text()
    page.goto("/app/pay-outs")
    page.locator("#account").fill("110105000000001")
    page.locator("#executionDate").fill(today)
    page.locator("#payOuts-0-account").fill("330106000000003")
    page.locator("#payOuts-0-loanId").fill(str(loan))
    page.locator("form[data-once] button.btn-primary").click()
    page.get_by_role("alert").wait_for()
    assert page.locator("#payOuts-0-loanId").input_value() == str(loan)
