"""Lending through the API: facilities, draws, repayments, default; access and refusals."""

from __future__ import annotations

import datetime
import io
import uuid
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.lending import FAR, agreed_facility, drawn, product
from tests.support.proofs import accepted, tax_certificate
from tests.support.sheets import date_in, pairs
from tests.support.world import World, cny, refused


def test_the_catalogue_is_on_the_ledger_as_the_file_has_it(world: World) -> None:
    items = world["supplier"].get("/v1/products").body["items"]
    assert [item["code"] for item in items] == [
        *("receivables-finance", "order-finance", "entrusted-loan"),
        *("quarterly-loan", "receivables-line"),
        *("merchant-credit", "purchase-credit", "purchase-credit-weekly", "tax-loan"),
        *("cross-border", "warehouse-receipt-finance", "inbound-order-finance"),
        *("cloud-warehouse-finance", "floating-rate"),
    ]
    first = items[0]
    assert first["advanceRate"] == 800_000
    assert first["borrowerLimit"] == cny("50000000.00")
    assert first["open"] is True
    assert world["supplier"].get(f"/v1/products/{first['id']}").body["code"] == first["code"]


def test_a_loan_on_a_claim_is_drawn_repaid_in_part_and_by_the_debtors_payment(
    world: World,
) -> None:
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00")
    before = Decimal(world.balance("supplier"))
    loan = drawn(world, facility, claim, "800.00")
    assert Decimal(world.balance("supplier")) == before + 800
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert loan_view["outstanding"] == cny("800.00")
    assert loan_view["payoff"]["total"] == cny("800.00")
    assert [item["total"] for item in loan_view["schedule"]] == [cny("804.80")]
    assert loan_view["collateral"] == {"kind": "claim", "id": claim}
    claims = world["supplier"].get(f"/v1/claims/{claim}").body
    assert claims["lienholder"] is not None

    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    assert world["bank"].get(f"/v1/loans/{loan}").body["outstanding"] == cny("700.00")
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("1000.00")})
    world["supplier"].command(f"/v1/claims/{claim}/collection")
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert loan_view["status"] == "repaid"
    assert [entry["kind"] for entry in loan_view["entries"]] == ["drawn", "repaid", "repaid"]
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["outstanding"] == cny("0.00")
    assert Decimal(world.balance("supplier")) == before + 1000


def test_claim_under_lien_cannot_be_sold_or_encumbered_again(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    drawn(world, facility, claim, "10.00")
    body = {"amount": cny("10.00"), "tenor": 30, "collateralId": claim}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", body)
    assert "CollateralInUse" in str(problem)
    bank = {"lienholderPartyId": world.parties["bank"]}
    assert "Encumbered" in str(refused(world["supplier"], f"/v1/claims/{claim}/lien", bank))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"annualRate": 120_001}, "annualRate"),
        ({"annualRate": -1}, "annualRate"),
        ({"limit": cny("50000000.01")}, "limit"),
        ({"limit": {"amount": "1.00", "currency": "EUR"}}, "limit.currency"),
        ({"lastDate": "2020-01-01"}, "lastDate"),
        ({"borrowerPartyId": "nobody"}, "borrowerPartyId"),
        ({"entrusterPartyId": "SUPPLIER"}, "entrusterPartyId"),
        ({"productId": 0}, "productId"),
        ({"deposit": cny("100000.01")}, "deposit"),
    ],
)
def test_facility_outside_its_product_names_the_field(
    world: World, change: Json, field: str
) -> None:
    body = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("100000.00"),
        "lastDate": FAR,
    }
    if change.get("entrusterPartyId"):
        change = {"entrusterPartyId": world.parties["castor"]}
    problem = refused(world["bank"], "/v1/facility-proposals", body | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"amount": cny("80.01"), "tenor": 30}, "CollateralTooSmall"),
        ({"amount": cny("1.00"), "tenor": 361}, "TermOutOfRange"),
        ({"amount": cny("1.00"), "tenor": 3, "style": "equal-instalment"}, "StyleNotAllowed"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}, "tenor": 30}, "currency"),
        ({"amount": cny("0.00"), "tenor": 30}, "amount"),
        ({"amount": cny("1.00"), "tenor": -1}, "tenor"),
    ],
)
def test_invalid_draw_is_refused_and_changes_nothing(world: World, body: Json, word: str) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="100.00")
    path = f"/v1/facilities/{facility}/draws"
    assert word in str(refused(world["supplier"], path, body | {"collateralId": claim}))
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["drawn"] == cny("0.00")
    assert world["supplier"].get(f"/v1/claims/{claim}").body["lienholder"] is None


def test_draw_without_the_required_collateral_names_the_field(world: World) -> None:
    facility = agreed_facility(world)
    body = {"amount": cny("1.00"), "tenor": 30}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", body)
    assert (problem["status"], problem["field"]) == (422, "collateralId")


def test_a_loan_without_a_tier_is_refused_by_the_ledger(world: World) -> None:
    facility = agreed_facility(world, "tax-loan", borrower="altair", annualRate=60_000)
    accepted(world, facility, tax_certificate(world, owner="altair"), owner="altair")
    body = {"amount": cny("1.00"), "tenor": 3, "style": "equal-instalment"}
    problem = refused(world["altair"], f"/v1/facilities/{facility}/draws", body)
    assert "TierMissing" in str(problem)


def test_facility_and_its_loans_are_visible_only_to_its_parties(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="100.00")
    loan = drawn(world, facility, claim, "10.00")
    proposal = (
        world["bank"]
        .post(
            "/v1/facility-proposals",
            {
                "productId": product(world, "receivables-finance")["id"],
                "borrowerPartyId": world.parties["supplier"],
                "annualRate": 72_000,
                "limit": cny("1.00"),
                "lastDate": FAR,
            },
        )
        .body
    )
    paths = (
        f"/v1/facilities/{facility}",
        f"/v1/loans/{loan}",
        f"/v1/facility-proposals/{proposal['id']}",
    )
    for path in paths:
        for name, status in (("castor", 404), ("buyer", 404), ("auditor", 200), ("bank", 200)):
            answer = world.http.get(path, headers=world[name].headers)
            assert answer.status_code == status, f"{name} {path}"
    for path in ("/v1/facilities", "/v1/loans", "/v1/facility-proposals"):
        assert world["castor"].get(path).body["items"] == []
    attempts: list[tuple[str, str, Json | None, int]] = [
        ("castor", f"/v1/facility-proposals/{proposal['id']}/signature", None, 404),
        ("castor", f"/v1/loans/{loan}/repayments", {"amount": cny("1.00")}, 404),
        ("castor", f"/v1/facilities/{facility}/draws", {"amount": cny("1.00")}, 404),
        ("castor", f"/v1/facilities/{facility}/deposits", {"amount": cny("1.00")}, 404),
        ("supplier", f"/v1/loans/{loan}/default", None, 403),
        ("supplier", f"/v1/loans/{loan}/loss", None, 403),
        ("supplier", f"/v1/loans/{loan}/write-off", None, 403),
        ("bank", f"/v1/facilities/{facility}/draws", {"amount": cny("1.00")}, 403),
        ("bank", f"/v1/loans/{loan}/instalments", {"months": 3}, 403),
    ]
    for name, path, body, status in attempts:
        assert refused(world[name], path, body)["status"] == status, f"{name} {path}"
    headers = world["castor"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    closed = world.http.delete(f"/v1/facilities/{facility}", headers=headers)
    assert closed.status_code == 404


def test_loan_shows_overdue_default_loss_and_recovery(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world)
    receivable, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, facility, claim, "800.00", tenor=30)
    assert "NotOverdue" in str(refused(world["bank"], f"/v1/loans/{loan}/overdue"))
    world.later(47 * 86_400)
    world["bank"].command(f"/v1/loans/{loan}/overdue")
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body
    assert loan_view["markedOverdue"] is True
    again = refused(world["bank"], f"/v1/loans/{loan}/overdue")
    assert again["contractError"]["contract"] == "Facilities"
    assert f"loan {loan} is running; this is not possible in its state" in again["detail"]
    assert loan_view["daysPastDue"] >= 16
    world["bank"].command(f"/v1/loans/{loan}/default")
    assert "CollateralNotExhausted" in str(refused(world["bank"], f"/v1/loans/{loan}/loss"))
    world["supplier"].command(f"/v1/receivables/{receivable}/default")
    world["bank"].command(f"/v1/loans/{loan}/loss")
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body
    assert loan_view["status"] == "defaulted"
    assert loan_view["loss"] == cny("800.00")
    assert loan_view["lossAbsorbed"] == cny("4.00"), "what the draw fed into the reserve"
    report = world["bank"].get("/v1/portfolio").body
    assert report["ageing"][0]["class"] == "defaulted"
    assert report["ageing"][0]["outstanding"] == cny("800.00")
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("1500.00")})
    world["supplier"].command(f"/v1/claims/{claim}/collection")
    loan_view = world["bank"].get(f"/v1/loans/{loan}").body
    assert loan_view["status"] == "repaid"
    kinds = [entry["kind"] for entry in loan_view["entries"]]
    assert kinds == ["drawn", "overdue", "defaulted", "loss", "repaid"]


def test_statement_shows_how_each_amount_is_calculated(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "800.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    path = f"/v1/loans/{loan}/statement"
    body = world["bank"].get(path).body
    assert [line["kind"] for line in body["lines"]] == ["drawn", "repaid"]
    assert body["lines"][1]["paid"]["principal"] == "100.00"
    assert body["lines"][1]["outstanding"] == "700.00"
    today = ledger_today()
    assert body["terms"]["style"] == "bullet"
    assert body["terms"]["startDate"] == body["lines"][0]["date"]
    assert body["terms"]["dueDates"] == [body["terms"]["dueDate"]]
    book = world.http.get(path, params={"format": "xlsx"}, headers=world["bank"].headers)
    sheets = openpyxl.load_workbook(io.BytesIO(book.content))
    sheet = sheets["statement"]
    assert sheet.freeze_panes == "A2"
    header = [cell.value for cell in sheet[1]]
    assert header[:4] == ["date", "what", "from", "amount (CNY)"]
    repaid = sheet[3]
    assert abs((date_in(repaid[0]) - today).days) <= 1
    assert repaid[1].value == "repaid"
    assert (repaid[14].value, repaid[14].number_format) == (700, "#,##0.00")
    terms = pairs(sheets["terms"])
    assert terms["annual rate"] == "7.2 %"
    assert terms["borrower"] == "Linghu Castings Co., Ltd."
    assert terms["repayment"] == "all at once"
    page = world.http.get(path, params={"format": "pdf"}, headers=world["bank"].headers)
    text = pypdf.PdfReader(io.BytesIO(page.content)).pages[0].extract_text()
    assert "700.00" in text
    assert "Linghu Castings" in text
    day = body["lines"][-1]["date"]
    name = f'attachment; filename="loan-{loan}-statement-Linghu-Castings-Co.-Ltd-{day}.pdf"'
    assert page.headers["content-disposition"] == name
    assert page.headers["content-type"] == "application/pdf"
    strange = world.http.get(path, headers=world["castor"].headers)
    assert strange.status_code == 404
    unknown = world.http.get(path, params={"format": "doc"}, headers=world["bank"].headers)
    assert (unknown.status_code, unknown.json()["field"]) == (422, "format")


def test_facility_account_is_available_as_spreadsheet_and_pdf(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "800.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    path = f"/v1/facilities/{facility}/statement"
    book = world.http.get(path, params={"format": "xlsx"}, headers=world["bank"].headers)
    sheets = openpyxl.load_workbook(io.BytesIO(book.content))
    assert sheets.sheetnames == ["account", "bills", "terms"]
    rows = list(sheets["account"].iter_rows(values_only=True))
    assert rows[0][:4] == ("date", "loan", "what", "paid by")
    assert [row[2] for row in rows[1:]] == ["drawn", "repaid"]
    assert (rows[2][1], rows[2][3], rows[2][-1]) == (loan, "Linghu Castings Co., Ltd.", 700)
    assert isinstance(rows[2][0], datetime.datetime)
    terms = pairs(sheets["terms"])
    assert (terms["limit"], terms["annual rate"]) == ("100,000.00 CNY", "7.2 %")
    name = book.headers["content-disposition"]
    assert name.startswith(f'attachment; filename="facility-{facility}-statement-Linghu-Castings')
    page = world.http.get(path, params={"format": "pdf"}, headers=world["bank"].headers)
    text = pypdf.PdfReader(io.BytesIO(page.content)).pages[0].extract_text()
    assert f"Statement of facility {facility}" in text
    assert "100,000.00 CNY" in text
    assert "700.00" in text
    assert world.http.get(path, headers=world["castor"].headers).status_code == 404
