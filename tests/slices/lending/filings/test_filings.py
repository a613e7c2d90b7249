"""A lender exports the fields of a filing, and records its number, amendments and discharge."""

from __future__ import annotations

import csv
import datetime
import io
import secrets
from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.days import day, ledger_today
from tests.support.filings import register_number
from tests.support.lending import agreed_facility, attested, drawn, lent
from tests.support.proofs import proved
from tests.support.world import World, cny, invoice, refused


def filing(**changes: Any) -> Json:
    """A filing of today for a year."""
    body = {
        "number": register_number(),
        "date": day(0),
        "endDate": day(370),
        "securedAmount": cny("500.00"),
    }
    return body | changes


def recorded(world: World, path: str, *, by: str = "bank", **changes: Any) -> Json:
    """Records a filing, and reads it."""
    done = world[by].command(path, filing(**changes)).body
    assert done["state"] in ("included", "final"), done
    return world[by].get(f"/v1/filings/{done['result']['filingId']}").body


def warnings_of(world: World, loan: int) -> list[str]:
    """Names of the warnings on a loan."""
    return [item["name"] for item in world["bank"].get(f"/v1/loans/{loan}").body["warnings"]]


def test_a_loan_on_a_claim_warns_until_its_filing_is_recorded(world: World) -> None:
    _, loan, claim = lent(world)
    assert warnings_of(world, loan) == ["filing-missing"]
    filed = recorded(world, f"/v1/loans/{loan}/filings")
    assert filed["status"] == "standing"
    assert filed["registrant"]["partyId"] == world.parties["bank"]
    assert filed["grantor"]["partyId"] == world.parties["supplier"]
    assert [entry["kind"] for entry in filed["entries"]] == ["recorded"]
    details = world["bank"].get(f"/v1/loans/{loan}").body
    assert (details["warnings"], details["filings"][0]["number"]) == ([], filed["number"])
    verification = world["bank"].get(f"/v1/verification/claims/{claim}").body
    assert [item["number"] for item in verification["filings"]] == [filed["number"]]
    assert "filing-missing" not in [item["name"] for item in verification["warnings"]]


def test_a_loan_without_collateral_has_nothing_to_file(world: World) -> None:
    attested(world)
    facility = agreed_facility(world, "tax-loan", annualRate=60_000)
    proved(world, facility, "tax-loan")
    body = {"amount": cny("500.00"), "tenor": 182, "style": "bullet"}
    problem = refused(world["supplier"], f"/v1/facilities/{facility}/draws", body)
    assert "TermOutOfRange" in str(problem)  # 180 days are the most of the product
    body["tenor"] = 90
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    loan = done["result"]["loanId"]
    assert warnings_of(world, loan) == []
    problem = refused(world["bank"], f"/v1/loans/{loan}/filings", filing())
    assert problem["type"] == "urn:cession:problem:nothing-to-file"
    answer = world.http.get(f"/v1/loans/{loan}/filing", headers=world["bank"].headers)
    assert answer.status_code == 409


def test_the_fields_of_a_filing_name_parties_debt_and_invoice(world: World) -> None:
    _, loan, claim = lent(world)
    fields = world["bank"].get(f"/v1/loans/{loan}/filing").body
    assert fields["required"] is True
    assert "动产融资统一登记公示系统" in fields["register"]
    assert (fields["kind"], fields["securedAmount"]) == ("claim-lien", cny("500.00"))
    assert fields["registrant"]["legalId"] and fields["grantor"]["legalId"]
    (item,) = fields["property"]
    assert (item["kind"], item["id"]) == ("claim", claim)
    debt = world["auditor"].get(f"/v1/receivables/{item['receivableId']}").body
    document = world["supplier"].get(f"/v1/documents/{debt['document']['documentId']}").body
    assert item["invoiceNumber"] == document["invoice"]["number"]
    assert item["dueDate"] == debt["dueDate"]
    assert item["fingerprint"] == debt["fingerprint"]
    assert fields["months"] == 6
    assert fields["dueDate"] < fields["endDate"]


def test_no_cell_of_the_exported_file_is_a_formula(world: World) -> None:
    document = world.upload(
        invoice(amount="1000.00", days=200, number=f"=1+1-{secrets.token_hex(4)}")
    )
    requested = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = requested.body["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    claim = confirmed.body["result"]["claimIds"][0]
    loan = drawn(world, agreed_facility(world), claim, "500.00")
    file = world.http.get(f"/v1/loans/{loan}/filing?format=csv", headers=world["bank"].headers)
    assert file.status_code == 200
    assert file.headers["content-type"].startswith("text/csv")
    header, *lines = list(csv.reader(io.StringIO(file.text)))
    assert len(lines) == 1
    cells = dict(zip(header, lines[0], strict=True))
    assert cells["invoice number"].startswith("'=1+1-")
    assert (cells["secured amount"], cells["currency"]) == ("500.00", "CNY")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in lines[0])


def test_only_the_lender_exports_and_records(world: World) -> None:
    _, loan, _ = lent(world)
    for name, status in (("supplier", 403), ("castor", 404), ("auditor", 403), ("buyer", 404)):
        answer = world.http.get(f"/v1/loans/{loan}/filing", headers=world[name].headers)
        assert answer.status_code == status, name
        problem = refused(world[name], f"/v1/loans/{loan}/filings", filing())
        assert problem["status"] == status, name
    filed = recorded(world, f"/v1/loans/{loan}/filings")
    path = f"/v1/filings/{filed['id']}"
    change = filing()
    assert refused(world["supplier"], f"{path}/amendment", change)["status"] == 403
    assert refused(world["castor"], f"{path}/amendment", change)["status"] == 404
    end = {"number": register_number(), "date": day(0)}
    assert refused(world["supplier"], f"{path}/discharge", end)["status"] == 403
    for name, status in (("supplier", 200), ("auditor", 200), ("castor", 404), ("buyer", 404)):
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == status, name
        items = world[name].get("/v1/filings", subject="loan", subjectId=loan).body["items"]
        assert bool(items) == (status == 200), name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "rubbish"),
        ("number", "=cmd()"),
        ("number", "1234567890123456789"),
        ("number", "ABCDEFGHIJKLMNOPQRST"),
        ("endDate", day(90)),
        ("endDate", day(11_000)),
        ("endDate", day(-1)),
        ("securedAmount", cny("0.00")),
        ("securedAmount", {"amount": "1.00", "currency": "USD"}),
    ],
)
def test_a_filing_that_cannot_be_is_refused_by_its_field(
    world: World, field: str, value: Any
) -> None:
    loan = world.extra.get("loan to file") or lent(world)[1]
    world.extra["loan to file"] = loan
    problem = refused(world["bank"], f"/v1/loans/{loan}/filings", filing(**{field: value}))
    assert problem["status"] == 422, problem
    assert (
        problem["errors"][0]["field"].startswith(field)
        if "errors" in problem
        else (problem["field"].startswith(field))
    )


def test_a_filing_of_tomorrow_a_number_twice_and_a_second_filing_are_refused(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/filings"
    problem = refused(world["bank"], path, filing(date=day(2)))
    assert "FilingDayOutOfRange" in str(problem)
    filed = recorded(world, path)
    problem = refused(world["bank"], path, filing())
    assert "FilingStands" in str(problem)
    _, other, _ = lent(world)
    problem = refused(world["bank"], f"/v1/loans/{other}/filings", filing(number=filed["number"]))
    assert "FilingNumberUsed" in str(problem)
    assert filed["number"] in problem["detail"]


def test_a_filing_that_ends_before_the_loan_warns_until_it_is_extended(world: World) -> None:
    _, loan, _ = lent(world)
    today = ledger_today()
    # Filed long ago for the facility: six months are nearly over.
    filed = recorded(
        *(world, f"/v1/loans/{loan}/filings"),
        date=(today - datetime.timedelta(days=180)).isoformat(),
        endDate=day(10),
    )
    assert warnings_of(world, loan) == ["filing-ends-early"]
    done = world["bank"].command(f"/v1/filings/{filed['id']}/amendment", filing()).body
    assert done["state"] in ("included", "final")
    assert warnings_of(world, loan) == []
    entries = world["bank"].get(f"/v1/filings/{filed['id']}").body["entries"]
    assert [entry["kind"] for entry in entries] == ["recorded", "amended"]


def test_a_filing_is_discharged_once_the_loan_is_repaid(world: World) -> None:
    _, loan, _ = lent(world)
    filed = recorded(world, f"/v1/loans/{loan}/filings")
    path, end = (
        f"/v1/filings/{filed['id']}/discharge",
        {"number": register_number(), "date": day(0)},
    )
    problem = refused(world["bank"], path, end)
    assert "FilingNeeded" in str(problem)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    assert warnings_of(world, loan) == ["filing-to-discharge"]
    world["bank"].command(path, end)
    filing_view = world["supplier"].get(f"/v1/filings/{filed['id']}").body
    assert (filing_view["status"], filing_view["dischargedDate"]) == ("discharged", day(0))
    assert warnings_of(world, loan) == []


def test_an_assignee_files_for_its_claim(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "400.00")
    fields = world["castor"].get(f"/v1/claims/{part}/filing").body
    assert (fields["kind"], fields["securedAmount"]) == ("factoring", cny("400.00"))
    filed = recorded(world, f"/v1/claims/{part}/filings", by="castor", securedAmount=cny("400.00"))
    assert (filed["subject"], filed["subjectId"]) == ("claim", part)
    verification = world["bank"].get(f"/v1/verification/claims/{part}").body
    assert [item["number"] for item in verification["filings"]] == [filed["number"]]
    for name in ("bank", "supplier", "vega"):
        assert refused(world[name], f"/v1/claims/{part}/filings", filing())["status"] == 404


def test_two_registrants_with_one_number_are_warned_of(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "400.00")
    twice = register_number()
    recorded(world, f"/v1/claims/{part}/filings", by="castor", number=twice)
    _, loan, _ = lent(world)
    recorded(world, f"/v1/loans/{loan}/filings", number=twice)
    assert warnings_of(world, loan) == ["filing-number-of-another"]
